"""Laws on gradients: they equal finite differences, also through a step and under vmap, and reach every parameter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from objectives.base import Objective, bind, float_fields
from objectives.laws.result import LawResult, absent
from objectives.laws.stage import Stage, TinyCritic, generated, gradient_of
from objectives.stop import record, replay

STEP = 1e-5  # of the central differences: truncation 1e-10, rounding 1e-11


def differentiable(objective: Objective) -> LawResult:
    """Gradients at both players' parameters equal finite differences: no loss detaches anything without stating it.

    What an objective stops with `stop_gradient`, and declares, is held fixed in the differences too.
    """
    name, expected = "differentiable", "gradients of both players' parameters equal to finite differences, to 1e-6"
    if objective.traits.detaches:
        expected += ", with stopped values held fixed"
    worst, where = 0.0, "nowhere"
    for seed in range(2):
        stage = Stage.of(objective, seed)
        split = stage.critic_parameters.numel()
        both = torch.cat([stage.critic_parameters, stage.generator_parameters]).requires_grad_()
        ways = torch.randn(2, both.numel(), generator=torch.Generator().manual_seed(seed), dtype=both.dtype)
        for player in (stage.critic_loss, stage.generator_loss):
            stopped: list[Tensor] = []
            with record(stopped):
                gradient = gradient_of(player(both[:split], both[split:]), both)
            if stopped and not objective.traits.detaches:
                return LawResult(name, expected, "gradients are stopped, but traits do not state detaches=True", False)
            for mask, side in ((torch.arange(both.numel()) < split, "critic"), (None, "both players")):
                for way in ways:
                    way = way if mask is None else way * mask
                    up, down = both.detach() + STEP * way, both.detach() - STEP * way
                    slope = (_held(player, up, split, stopped) - _held(player, down, split, stopped)) / (2.0 * STEP)
                    gap = ((gradient @ way - slope).abs() / slope.abs().clamp_min(1.0)).item()
                    if not gap <= worst:
                        worst, where = gap, f"{player.__name__} at the parameters of {side}"
    return LawResult(name, expected, f"{worst:.1e} at most, in {where}", worst < 1e-6)


def _held(player: Callable[[Tensor, Tensor], Tensor], both: Tensor, split: int, stopped: list[Tensor]) -> Tensor:
    """Return a loss with the stopped values held fixed."""
    with replay(stopped):
        return player(both[:split], both[split:])


def reaches(objective: Objective) -> LawResult:
    """Every parameter of each player gets a gradient of its loss, except the last bias of a shift-invariant one."""
    blind = objective.traits.shift_invariant and not objective.traits.sees_parameters
    left_alone = TinyCritic.outputs(objective.traits.critic_kind, objective.traits.packing) if blind else 0
    name, expected = "reaches", f"gradients at all parameters{' except the last bias' if left_alone else ''}"
    of_critic, of_generator = _largest_gradients(objective)
    if objective.traits.trains_critic:
        split = of_critic.numel() - left_alone
        alone = of_critic[split:].abs().max().item() if left_alone else 0.0
        missed = int((of_critic[:split].abs() < 1e-12).sum())
    else:
        missed, alone = 0, of_critic.abs().max().item()
    missed_by_generator = int((of_generator.abs() < 1e-12).sum())
    seen = f"{missed} parameters of the critic and {missed_by_generator} of the generator get no gradient"
    return LawResult(name, expected, seen, missed == 0 and missed_by_generator == 0 and alone < 1e-9)


def _largest_gradients(objective: Objective) -> tuple[Tensor, Tensor]:
    """Return the largest gradient of each parameter over scores of several sizes.

    At a single size a hinge may be linear throughout, or zero: its last bias then has no gradient, and rightly so.
    """
    stage = Stage.of(objective)
    sizes = [stage, *(replace(stage, critic_parameters=size * stage.critic_parameters) for size in (0.2, 5.0, 30.0))]
    by_player = zip(*(one.gradients() for one in sizes), strict=True)
    of_critic, of_generator = (torch.stack(found).abs().nan_to_num(0.0).amax(0) for found in by_player)
    return of_critic, of_generator


def unrolled(objective: Objective) -> LawResult:
    """The generator's gradient through one step of the critic equals finite differences."""
    name, expected = "unrolled", "a gradient through a critic's step equal to finite differences, to 1e-5"
    if not objective.traits.trains_critic:
        return absent(name, expected, "the critic does not move")
    if objective.traits.detaches:
        return absent(name, expected, "gradients are stopped, so dynamics may not differentiate through a step")
    stage = Stage.of(objective)

    def after_a_step(generator: Tensor) -> Tensor:
        critic = stage.critic_parameters.detach().requires_grad_()
        (move,) = torch.autograd.grad(stage.critic_loss(critic, generator), critic, create_graph=True)
        return stage.generator_loss(critic - 0.01 * move, generator)

    generator = stage.generator_parameters.detach().requires_grad_()
    way = torch.randn(generator.numel(), generator=torch.Generator().manual_seed(0), dtype=generator.dtype)
    seen = gradient_of(after_a_step(generator), generator) @ way
    ends = [after_a_step(generator.detach() + side * STEP * way) for side in (1.0, -1.0)]
    slope = (ends[0] - ends[1]) / (2.0 * STEP)
    gap = ((seen - slope).abs() / slope.abs().clamp_min(1.0)).item()
    return LawResult(name, expected, f"relative difference {gap:.1e}", gap < 1e-5)


def vmapped(objective: Objective) -> LawResult:
    """Three members with different settings give the same under vmap as one after another, to 1e-6."""
    name = "vmap"
    expected = "losses, next state and constraint equal under vmap and in a loop, to 1e-6, with settings per member"
    stages = [Stage.of(objective, seed) for seed in range(3)]
    tensors = [torch.stack(each) for each in zip(*map(_tensors_of, stages), strict=True)]
    states = {key: torch.stack([stage.state[key] for stage in stages]) for key in stages[0].state}
    shares = torch.tensor([1.0, 0.9, 0.8], dtype=torch.float64)
    settings = {path: value * shares for path, value in float_fields(objective).items()}

    def update(players: list[Tensor], state: dict[str, Tensor], setting: dict[str, Tensor]) -> Tensor:
        second = (players[4], players[5]) if len(players) > 4 else None
        stage = Stage(bind(objective, setting), players[0], players[1], players[2], players[3], state, second)
        both = [stage.critic_loss(players[0], players[1]), stage.generator_loss(players[0], players[1])]
        fake, game = generated(players[1], players[3]), stage.game(players[0], players[1])
        after = stage.objective.next_state(stage.critic(players[0]), players[2], fake, game)
        moved = [after[key] for key in sorted(after)]
        return torch.cat([each.flatten() for each in (*both, *moved, stage.objective.constrain(players[0]))])

    apart = ""
    try:
        together = torch.func.vmap(update)(tensors, states, settings)
    except Exception:
        settings, apart = {}, ", with equal settings; members with different ones cannot be stacked"
        try:
            together = torch.func.vmap(update)(tensors, states, settings)
        except Exception as error:
            why = " ".join(str(error).split())[:120]
            return absent(name, expected, f"cannot be vmapped, so it runs one member at a time ({why})")
    worst = 0.0
    for index in range(3):
        mine = ({key: value[index] for key, value in each.items()} for each in (states, settings))
        alone = update([value[index] for value in tensors], *mine)
        worst = max(worst, ((together[index] - alone).abs() / alone.abs().clamp_min(1.0)).max().item())
    return LawResult(name, expected, f"{worst:.1e} at most{apart}", worst < 1e-6)


def _tensors_of(stage: Stage) -> list[Tensor]:
    """List a member's own tensors: both players, its batch, and its second batch if there is one."""
    return [stage.critic_parameters, stage.generator_parameters, stage.real, stage.noise, *(stage.second or ())]
