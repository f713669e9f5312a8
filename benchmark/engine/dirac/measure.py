"""What the engine's own step does to the Dirac-GAN: paths from a start, and the multipliers at a small radius."""

from __future__ import annotations

import torch
from torch import Tensor

from benchmark.engine.group import Group, form
from benchmark.engine.loop import advance, feed
from benchmark.engine.state import State
from benchmark.problems import Training
from benchmark.problems.dirac import DIRAC
from objectives.spec import parse

SPARE = 0.05


def game(spec: str, training: Training, points: Tensor, iterations: int) -> tuple[Group, State]:
    """Form a group with one member at each point [K, 2], (θ, ψ), in the points' number format."""
    data = points.new_zeros(1, 1)
    group = form(DIRAC, parse(spec), training, range(len(points)), data, iterations)
    state = group.start()
    return group, state.at(generator=points[:, :1].clone(), critic=points[:, 1:].clone())


def path(spec: str, training: Training, steps: int, start: tuple[float, float] = (1.0, 1.0)) -> Tensor:
    """Return the points [steps + 1, 2] that one member visits."""
    group, state = game(spec, training, torch.tensor([start], dtype=torch.float64), steps)
    visited = [position.state for position in advance(group, state)]
    return torch.cat([_point(at)[:, :2] for at in (state, *visited)])


def multipliers(spec: str, training: Training, radius: float = 1e-3) -> Tensor:
    """Return the eigenvalues of one iteration at equilibrium by central differences, the dynamics' state included.

    Each coordinate is one pair of members, started at plus and minus the radius; all of them take one step together.
    """
    group, state = game(spec, training, torch.zeros(1, 2, dtype=torch.float64), 1)
    size = _point(state).shape[1]
    offsets = radius * torch.cat([torch.eye(size, dtype=torch.float64), -torch.eye(size, dtype=torch.float64)])
    group, state = game(spec, training, offsets[:, :2], 1)
    if state.memory:
        memory = {"critic": offsets[:, 3:].clone(), "generator": offsets[:, 2:3].clone()}
        state = state._replace(memory=memory)
    after, _ = group.step(state, next(feed(group, 0, 1)))
    ahead, behind = _point(after).split(size)
    found: Tensor = torch.linalg.eigvals(((ahead - behind) / (2.0 * radius)).T)
    return found


def behaviour(radii: Tensor) -> str:
    """Classify a path by its radii [T]: the mean of its last fifth compared with that of its third.

    The fifth in between lets a slow orbit complete; 5 % is the margin for the rest.
    """
    fifth = len(radii) // 5
    before, last = float(radii[2 * fifth : 3 * fifth].mean()), float(radii[-fifth:].mean())
    if last < (1.0 - SPARE) * before:
        return "converges"
    return "spirals out" if last > (1.0 + SPARE) * before else "orbits"


def _point(state: State) -> Tensor:
    """Return a member's whole state [K, 2] or [K, 4]: θ, ψ and the dynamics' memory of each."""
    remembered = [state.memory[player] for player in ("generator", "critic") if player in state.memory]
    return torch.cat([state.players.generator, state.players.critic, *remembered], dim=1)
