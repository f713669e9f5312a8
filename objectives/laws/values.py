"""Laws on what the losses are: scalars, finite over the declared range, invariant to order and shift as declared."""

from __future__ import annotations

import dataclasses
import itertools
import math

import torch
from torch import Tensor

from objectives.base import Objective
from objectives.laws.result import LawResult, absent
from objectives.laws.stage import LineCritic, Stage, gradients_of, line_game

SCORES = (-2.0, -0.5, -0.25, 0.0, 0.25, 0.5, 2.0)  # where losses with targets of any sign pull both ways
SURE = 95.0  # of critics that are sure: σ(-95) is subnormal in float32, and its inverse infinite
SHARES = tuple(share / 10 for share in range(1, 11))  # of the budget
PARTS = ("critic_loss", "generator_loss", "the critic's gradient", "the generator's gradient", "next_state")
STEEP = (1e10, 1e12)  # slopes of a critic, steep enough for a penalty of weight 1e-9 to dominate


def scalar(objective: Objective) -> LawResult:
    """Both losses are finite scalars of the data's precision, the same each time."""
    name, expected = "scalar", "two finite scalars, the same each time"
    for dtype in (torch.float32, torch.float64):
        stage = Stage.of(objective, dtype=dtype)
        for player in (stage.critic_loss, stage.generator_loss):
            loss, again = (player(stage.critic_parameters, stage.generator_parameters) for _ in range(2))
            if loss.shape != () or loss.dtype != dtype or not loss.isfinite() or not torch.equal(loss, again):
                seen = f"{player.__name__} of shape {tuple(loss.shape)}, {loss.dtype}, {loss.tolist()}"
                return LawResult(name, expected, seen, False)
    return LawResult(name, expected, "as expected in float32 and float64", True)


def finite(objective: Objective) -> LawResult:
    """Values and gradients are finite in float32 over the whole declared range of scores."""
    low, high = objective.traits.score_range
    name, expected = "finite", f"finite values and gradients for scores from {low:g} to {high:g} in float32"
    grid = sorted({low, *(score for score in (-SURE, -1.0, 0.0, 0.25, 1.0, SURE) if low <= score <= high), high})
    for real_score, fake_score in itertools.product(grid, repeat=2):
        for loss, gradients in _at_scores(objective, real_score, fake_score):
            if not (loss.isfinite() and all(gradient.isfinite().all() for gradient in gradients)):
                seen = f"loss {loss.item():g} or its gradient at D(x) = {real_score:g}, D(G(z)) = {fake_score:g}"
                return LawResult(name, expected, seen, False)
    return LawResult(name, expected, f"finite at {len(grid) ** 2} pairs of scores", True)


def _at_scores(objective: Objective, real_score: float, fake_score: float) -> list[tuple[Tensor, list[Tensor]]]:
    """Return both losses, and their gradients by score, where the first coordinate is the score."""
    rows = 2 * objective.traits.packing
    real = torch.full((rows, 1), real_score).requires_grad_()
    fake = torch.full((rows, 1), fake_score).requires_grad_()
    game = line_game(objective, torch.float32, real, fake)
    critic = LineCritic(objective.traits.packing, dtype=torch.float32)
    losses = [player(critic, real, fake, game) for player in (objective.critic_loss, objective.generator_loss)]
    return [(loss.detach(), gradients_of(loss, [real, fake])) for loss in losses]


def opposed(objective: Objective) -> LawResult:
    """At some score the critic pushes real and fake apart, and the generator pushes its samples the other way.

    A loss with the wrong sign on one side, the most common mistake, does so at no score.
    """
    name, expected = "opposed", "at some score ∂L_D/∂D(x) and ∂L_G/∂D(G(z)) agree in sign, ∂L_D/∂D(G(z)) differs"
    if objective.traits.critic_kind not in ("score", "energy"):
        return absent(name, expected, "the critic has no scores")
    low, high = objective.traits.score_range
    grid = [score for score in SCORES if low <= score <= high]
    pulls = {(score, score): _pulls(objective, score, score) for score in grid}
    if not all(any(felt) for felt in zip(*pulls.values(), strict=True)):  # losses of differences are flat here
        pulls |= {pair: _pulls(objective, *pair) for pair in itertools.permutations(grid, 2)}
    if not any(own for _, _, own in pulls.values()):
        return absent(name, expected, "the generator's loss does not depend on scores")
    at = [pair for pair, (real, fake, own) in pulls.items() if real * fake <= 0.0 < real * own]
    seen = f"at D(x) = {at[0][0]:g}, D(G(z)) = {at[0][1]:g}" if at else f"at none of {len(pulls)} pairs of scores"
    return LawResult(name, expected, seen, bool(at))


def _pulls(objective: Objective, real_score: float, fake_score: float) -> tuple[float, float, float]:
    """Return ∂L_D/∂D(x), ∂L_D/∂D(G(z)) and ∂L_G/∂D(G(z)), each summed over its batch."""
    (_, (real, fake)), (_, (_, own)) = _at_scores(objective, real_score, fake_score)
    return float(real.sum()), float(fake.sum()), float(own.sum())


def order(objective: Objective) -> LawResult:
    """The order of the batch does not matter; the pairing of real with fake matters only where it is declared."""
    name = "order"
    expected = "equal losses when the batch is reordered" + (" row by row" if objective.traits.pairs else "")
    stage = dataclasses.replace(Stage.of(objective), still=True)
    count = stage.real.shape[0] // objective.traits.packing
    turned = _pack_rows(torch.arange(count).roll(1), objective.traits.packing)
    other = turned if objective.traits.pairs else _pack_rows(torch.arange(count).flip(0), objective.traits.packing)
    moved = dataclasses.replace(stage, real=stage.real[turned], noise=stage.noise[other])
    players = stage.critic_parameters, stage.generator_parameters
    gaps = [
        (before(*players) - after(*players)).abs().item()
        for before, after in (
            (stage.critic_loss, moved.critic_loss),
            (stage.generator_loss, moved.generator_loss),
        )
    ]
    return LawResult(name, expected, f"they differ by {max(gaps):.1e}", max(gaps) < 1e-9)


def _pack_rows(packs: Tensor, packing: int) -> Tensor:
    return (packs[:, None] * packing + torch.arange(packing)).flatten()


def shift(objective: Objective) -> LawResult:
    """A constant added to all scores changes a gradient, or none, as the objective declares."""
    declared = objective.traits.shift_invariant
    name, expected = "shift", f"{'no' if declared else 'some'} gradient changes when 10 is added to all scores"
    if objective.traits.critic_kind == "none" or (objective.traits.critic_kind != "score" and not declared):
        return absent(name, expected, "applies to scores, or where it is declared")
    stage = Stage.of(objective)
    moved = dataclasses.replace(stage, shift=10.0)
    pairs = zip(stage.gradients(), moved.gradients(), strict=True)
    gap = max((before - after).abs().max().item() for before, after in pairs)
    return LawResult(name, expected, f"the gradients differ by {gap:.1e}", (gap < 1e-8) == declared)


def progress(objective: Objective) -> LawResult:
    """Only an objective that declares it sees the share of the budget spent: other runs have rungs of the budget."""
    name, expected = "progress", "the same losses, gradients and state whatever share of the budget is spent"
    if objective.traits.sees_progress:
        return absent(name, expected, "declared: sees_progress")
    stage = Stage.of(objective)
    first = _parts(dataclasses.replace(stage, progress=0.0))
    for at in SHARES:
        for part, here, there in zip(PARTS, first, _parts(dataclasses.replace(stage, progress=at)), strict=True):
            if not torch.equal(here, there):
                seen = f"{part} at progress {at:g} differs from that at 0; set sees_progress=True in its traits"
                return LawResult(name, expected, seen, False)
    return LawResult(name, expected, "the same at eleven shares from 0 to 1", True)


def _parts(stage: Stage) -> list[Tensor]:
    """Return what progress may change, in the order of PARTS."""
    players = stage.critic_parameters, stage.generator_parameters
    state = stage.aged(1).state
    flat = torch.cat([torch.zeros(0), *(state[name].flatten() for name in sorted(state))])
    return [stage.critic_loss(*players), stage.generator_loss(*players), *stage.gradients(), flat]


def bounded(objective: Objective) -> LawResult:
    """No critic lowers its loss without limit where real and fake share their support."""
    name, expected = "bounded", "a critic's loss that stops falling, however steep the critic"
    if objective.traits.unbounded or not objective.traits.trains_critic:
        why = f"declared unbounded: {objective.traits.unbounded}" if objective.traits.unbounded else "no critic"
        return absent(name, expected, why)
    low, high = objective.traits.score_range
    steepest = high if low >= 0.0 else min(-low, high)
    for slopes in (STEEP, (steepest / 10.0, steepest)):  # no loss promises a number beyond its range of scores
        found = [[_loss_of_slope(objective, sign * slope) for slope in slopes] for sign in (1.0, -1.0)]
        if not any(math.isnan(loss) for pair in found for loss in pair):
            break
    holds = all(far >= near - 1e-6 * min(max(1.0, abs(near)), 1e300) for near, far in found)  # false of nan
    seen = ", ".join(f"{near:.4g} and {far:.4g}" for near, far in found)
    at = " and ".join(f"±{slope:g}" for slope in slopes)
    return LawResult(name, expected, f"at slopes {at} the loss is {seen}", holds)


def _loss_of_slope(objective: Objective, slope: float) -> float:
    """Return the critic's loss for D(x) = slope · x on overlapping points, constrained; energies stay positive."""
    offset = 1.0 if objective.traits.score_range[0] >= 0.0 else 0.0
    steep = abs(slope) / 2.0 if offset else slope
    theta = objective.constrain(torch.tensor([steep], dtype=torch.float64))
    sign = -1.0 if offset and slope < 0.0 else 1.0
    real = sign * torch.tensor([1.0, 1.0, 1.0, -1.0], dtype=torch.float64)
    fake = sign * torch.tensor([1.0, -1.0, -1.0, -1.0], dtype=torch.float64)
    real, fake = (x.repeat_interleave(objective.traits.packing)[:, None] for x in (real, fake))
    critic = LineCritic(objective.traits.packing, scale=theta, offset=offset)
    return objective.critic_loss(critic, real, fake, line_game(objective, real=real, fake=fake)).item()
