"""Laws on what a name claims: the paper's formula, the divergence at the optimal critic, the constraint, the state."""

from __future__ import annotations

import torch
from torch import Tensor

from objectives.base import Objective
from objectives.compose import parts
from objectives.divergence import FGAN
from objectives.laws.closed_forms import CLOSED_FORMS, Losses
from objectives.laws.result import LawResult, absent
from objectives.laws.stage import LineCritic, gradient_of, line_game

SCORES = (  # crooked numbers, for at a margin that somebody sets the slope is not defined
    *((0.0, 0.0), (0.7071, 0.7071), (0.6131, -0.5113), (-3.2317, 2.1273)),
    *((2.5419, 9.5391), (30.017, -30.017), (-30.017, 30.017)),
)
P = (5, 2, 2, 1)  # counts of each point among ten real samples,
Q = (1, 4, 2, 3)  # and among ten fakes; one point has p = q


def base_of(objective: Objective) -> Objective:
    """Give the innermost objective of a game."""
    base = parts(objective)[0]
    assert isinstance(base, Objective)
    return base


def closed_form(objective: Objective, claimed: Objective | None = None) -> LawResult:
    """Both losses and their gradients by score are those of the paper's formula, written a second time.

    Args:
        objective: The game; its innermost objective is compared.
        claimed: The game whose name it bears, if that is another one.
    """
    name, expected = "closed form", "the paper's losses and gradients at fixed scores, to 1e-5"
    base, truth = base_of(objective), base_of(claimed or objective)
    form = CLOSED_FORMS.get(type(truth))
    if form is None:
        return absent(name, expected, "no closed form of the scores alone is known here")
    low, high = truth.score_range
    worst, where = 0.0, ""
    for r, f in ((abs(r), abs(f)) if low >= 0.0 else (r, f) for r, f in SCORES):
        steady = not isinstance(truth, FGAN) or max(abs(r), abs(f)) < 10.0  # 1 - exp T loses its digits beyond
        if steady and low <= min(r, f) and max(r, f) <= high:
            gap = _gap(_seen_at(base, r, f), _expected_at(form, truth, r, f))
            if not gap <= worst:
                worst, where = gap, f" (D(x) = {r:g}, D(G(z)) = {f:g})"
    return LawResult(name, expected, f"relative difference {worst:.1e}{where}", worst < 1e-5)


def _seen_at(objective: Objective, r: float, f: float) -> list[float]:
    """Give both losses and their derivatives by all real and by all fake scores, two samples a side."""
    scores = torch.tensor([r, f], dtype=torch.float64, requires_grad=True)
    real, fake = scores[0].expand(2, 1), scores[1].expand(2, 1)
    seen: list[float] = []
    for player in (objective.critic_loss, objective.generator_loss):
        loss = player(LineCritic(), real, fake, line_game(objective))
        seen += [loss.item(), *gradient_of(loss, scores).tolist()]
    return seen


def _expected_at(form: object, truth: Objective, r: float, f: float) -> list[float]:
    """Give the same from the closed form, derivatives by central differences."""
    assert callable(form)
    step = 1e-6
    here: Losses = form(truth, r, f)
    by_r = [
        (up - down) / (2 * step) for up, down in zip(form(truth, r + step, f), form(truth, r - step, f), strict=True)
    ]
    by_f = [
        (up - down) / (2 * step) for up, down in zip(form(truth, r, f + step), form(truth, r, f - step), strict=True)
    ]
    return [here[0], by_r[0], by_f[0], here[1], by_r[1], by_f[1]]


def _gap(seen: list[float], wanted: list[float]) -> float:
    """Give the largest relative difference; differences of a loss are known to its own rounding over the step only."""
    noise = 1e-9 * max(abs(wanted[0]), abs(wanted[3]))
    gaps = [max(0.0, abs(a - b) - noise) / max(1.0, abs(b)) for a, b in zip(seen, wanted, strict=True)]
    return max(gaps)


def optimum(objective: Objective, claimed: Objective | None = None) -> LawResult:
    """With the optimal critic on a discrete support the loss is the stated divergence, and no other critic does better.

    Args:
        objective: The game; its innermost objective is asked.
        claimed: The game whose name it bears, if that is another one.
    """
    base = base_of(objective)
    name, expected = "optimum", base.divergence or "a stated divergence at the optimal critic"
    p, q = (torch.tensor(counts, dtype=torch.float64) / 10.0 for counts in (P, Q))
    best = base_of(claimed or objective).optimum(p, q)
    if best is None:
        return absent(name, expected, "no optimal critic is stated")
    loss = _discrete_loss(base, best.scores)
    source = torch.Generator().manual_seed(0)
    moves = [size * torch.randn(4, generator=source, dtype=torch.float64) for size in (0.05, 0.5) for _ in range(20)]
    gain = max((loss - _discrete_loss(base, _inside(base, best.scores + move))).item() for move in moves)
    gap = (loss - best.loss).abs().item()
    seen = f"{loss.item():.6f}, stated {best.loss.item():.6f}; the best of 40 other critics gains {gain:.1e}"
    return LawResult(name, expected, seen, gap < 1e-6 and gain < 1e-9)


def _inside(objective: Objective, scores: Tensor) -> Tensor:
    return scores.clamp(*objective.score_range)


def _discrete_loss(objective: Objective, scores: Tensor) -> Tensor:
    """Give the critic's loss where each of four points has its own score, expectations being exact batch means."""
    real, fake = (scores.repeat_interleave(torch.tensor(counts))[:, None] for counts in (P, Q))
    return objective.critic_loss(LineCritic(), real, fake, line_game(objective))


def state(objective: Objective) -> LawResult:
    """The state keeps its shape, stays finite, and stays in its declared range under extreme scores."""
    ranges = objective.state_range
    name = "state"
    expected = (
        "; ".join(f"{key} in [{low:g}, {high:g}]" for key, (low, high) in ranges.items()) or "finite, same shapes"
    )
    game = line_game(objective)
    if not game.state:
        return absent(name, expected, "it has no state")
    first = {key: value.shape for key, value in game.state.items()}
    low, high = (max(-1e3, objective.score_range[0]), min(1e3, objective.score_range[1]))
    for update in range(1200):
        extremes = (low, high) if update % 1000 < 500 else (high, low)
        real, fake = (torch.full((2 * objective.packing, 1), score, dtype=torch.float64) for score in extremes)
        after = objective.next_state(LineCritic(objective.packing), real, fake, game)
        game = type(game)(after, game.progress, game.critic_parameters, game.generator_parameters)
        for key, value in after.items():
            bottom, top = ranges.get(key, (-1e30, 1e30))
            if key not in first or value.shape != first[key] or not bool(((bottom <= value) & (value <= top)).all()):
                return LawResult(name, expected, f"{key} = {value.tolist()} after {update + 1} updates", False)
    return LawResult(name, expected, "as expected through 1200 extreme updates", set(game.state) == set(first))


def constraint(objective: Objective) -> LawResult:
    """`constrain` leaves the critic alone, or projects it where the objective says that it is constrained."""
    name = "constraint"
    theta = torch.linspace(-3.0, 3.0, 13, dtype=torch.float64)
    once = objective.constrain(theta)
    twice = objective.constrain(once)
    if not objective.constrains:
        moved = (once - theta).abs().max().item()
        return LawResult(name, "parameters left alone", f"moved by {moved:g}", moved == 0.0)
    seen = f"within ±{once.abs().max().item():g}; a second projection moves by {(twice - once).abs().max().item():g}"
    return LawResult(name, "a projection", seen, torch.equal(once, twice) and not torch.equal(once, theta))
