"""Laws on what a name claims: the paper's formula, the divergence at the optimal critic, the constraint, the state."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import torch
from torch import Tensor

from objectives.base import Objective
from objectives.compose import parts
from objectives.divergence import FGAN
from objectives.laws.closed_forms import CLOSED_FORMS, STATES, ClosedForm, Scores
from objectives.laws.penalty_forms import CONSTRAINTS, NEXT
from objectives.laws.result import LawResult, absent
from objectives.laws.stage import LineCritic, gradients_of, line_game
from objectives.laws.terms import FAKE, REAL, Even, column

SCORES = (  # of two real and two fake samples; irregular numbers, since no slope is defined exactly at a margin
    *(((0.0, 0.0), (0.0, 0.0)), ((0.7071, 0.7071), (0.7071, 0.7071))),
    *(((0.6131, -1.4142), (-0.5113, 0.8017)), ((-3.2317, 0.3319), (2.1273, -1.7391))),
    *(((2.5419, 1.1031), (9.5391, 3.3301)), ((30.017, 2.2001), (-29.013, -1.3007))),
    ((-30.017, -2.2001), (29.013, 1.3007)),
)
P = (5, 2, 2, 1)  # counts of each point among ten real samples,
Q = (1, 4, 2, 3)  # and among ten fakes; one point has p = q


def base_of(objective: Objective) -> Objective:
    """Return the innermost objective of a game."""
    base = parts(objective)[0]
    assert isinstance(base, Objective)
    return base


def closed_form(objective: Objective, claimed: Objective | None = None) -> LawResult:
    """Both losses and their gradients at the scores are those of the paper's formula, implemented again.

    Args:
        objective: The game; its innermost objective is compared.
        claimed: The game it claims to be, if that is another one.
    """
    name, expected = "closed form", "the paper's losses and gradients at fixed scores, to 1e-5"
    base, truth = base_of(objective), base_of(claimed or objective)
    form = CLOSED_FORMS.get(type(truth))
    if form is None:
        return absent(name, expected, f"no formula for {type(truth).__name__} is known here: its values are untested")
    worst, where = 0.0, ""
    for sides in SCORES:
        positive = truth.traits.score_range[0] >= 0.0
        real, fake = ([abs(score) if positive else score for score in side] for side in sides)
        if _is_fit(truth, [*real, *fake]):
            gap = _gap(_seen_at(base, truth, real, fake), _expected_at(form, truth, real, fake))
            if not gap <= worst:
                worst, where = gap, f" (D(x) = {_listed(real)}, D(G(z)) = {_listed(fake)})"
    return LawResult(name, expected, f"relative difference {worst:.1e}{where}", worst < 1e-5)


def _is_fit(truth: Objective, scores: Scores) -> bool:
    """Return whether the formula can be differenced at these scores."""
    if isinstance(truth, FGAN) and max(map(abs, scores)) >= 10.0:
        return False  # 1 - exp T loses precision beyond
    if truth.traits.critic_kind in ("embedding", "none") and len(set(scores)) < len(scores):
        return False  # a distance has no slope at 0
    low, high = truth.traits.score_range
    return low <= min(scores) and max(scores) <= high


def _listed(scores: Scores) -> str:
    return " and ".join(f"{score:g}" for score in scores)


def _seen_at(objective: Objective, truth: Objective, r: Scores, f: Scores) -> list[float]:
    """Return both losses and their derivatives at every score."""
    real, fake = (column(side).requires_grad_() for side in (r, f))
    game = line_game(objective, real=real, fake=fake)
    set_state = {key: torch.tensor(value, dtype=torch.float64) for key, value in STATES.get(type(truth), {}).items()}
    game = Even(**vars(dataclasses.replace(game, state={**game.state, **set_state}, still=True)))
    seen: list[float] = []
    for player in (objective.critic_loss, objective.generator_loss):
        loss = player(LineCritic(), real, fake, game)
        seen += [loss.item(), *torch.cat(gradients_of(loss, [real, fake])).flatten().tolist()]
    return seen


def _expected_at(form: ClosedForm, truth: Objective, r: Scores, f: Scores) -> list[float]:
    """Return the same from the closed form, derivatives by central differences."""
    step, scores = 1e-6, [*r, *f]
    held = {"held": (r, f)} if truth.traits.detaches else {}  # where stopped values are taken

    def losses(index: int, move: float) -> tuple[float, float]:
        there = [score + move * (position == index) for position, score in enumerate(scores)]
        return form(truth, there[: len(r)], there[len(r) :], **held)

    ends = [(losses(index, step), losses(index, -step)) for index in range(len(scores))]
    expected: list[float] = []
    for player, loss in enumerate(form(truth, r, f)):
        expected += [loss, *((up[player] - down[player]) / (2.0 * step) for up, down in ends)]
    return expected


def _gap(seen: list[float], wanted: list[float]) -> float:
    """Return the largest relative difference; those of a loss are accurate to its rounding over the step."""
    noise = 1e-9 * max(abs(wanted[0]), abs(wanted[len(wanted) // 2]))
    gaps = [max(0.0, abs(a - b) - noise) / max(1.0, abs(b)) for a, b in zip(seen, wanted, strict=True)]
    return max(gaps) if all(gap == gap for gap in gaps) else float("inf")


def optimum(objective: Objective, claimed: Objective | None = None) -> LawResult:
    """With the optimal critic on a discrete support the loss is the stated divergence, and no other critic does better.

    Args:
        objective: The game; its innermost objective is tested.
        claimed: The game it claims to be, if that is another one.
    """
    base = base_of(objective)
    name, expected = "optimum", base.traits.divergence or "the loss stated for the optimal critic"
    p, q = (torch.tensor(counts, dtype=torch.float64) / 10.0 for counts in (P, Q))
    best = base_of(claimed or objective).optimum(p, q)
    if best is None:
        return absent(name, expected, "no optimal critic is known")
    loss = _discrete_loss(base, best.scores, best.state)
    source = torch.Generator().manual_seed(0)
    moves = [size * torch.randn(4, generator=source, dtype=torch.float64) for size in (0.05, 0.5) for _ in range(20)]
    gain = max((loss - _discrete_loss(base, _inside(base, best.scores + move), best.state)).item() for move in moves)
    gap = (loss - best.loss).abs().item()
    seen = f"{loss.item():.6f}, stated {best.loss.item():.6f}; the best of 40 other critics gains {gain:.1e}"
    return LawResult(name, expected, seen, gap < 1e-6 and gain < 1e-9)


def _inside(objective: Objective, scores: Tensor) -> Tensor:
    return scores.clamp(*objective.traits.score_range)


def _discrete_loss(objective: Objective, scores: Tensor, state: Mapping[str, Tensor]) -> Tensor:
    """Return the critic's loss where each of four points has its own score, expectations being exact batch means."""
    real, fake = (scores.repeat_interleave(torch.tensor(counts))[:, None] for counts in (P, Q))
    game = line_game(objective, real=real, fake=fake)
    game = dataclasses.replace(game, state={**game.state, **state})
    return objective.critic_loss(LineCritic(), real, fake, game)


def state(objective: Objective) -> LawResult:
    """The state moves as the paper says, keeps its shape, and stays in its declared range under extreme scores."""
    ranges = objective.traits.state_range
    name = "state"
    expected = (
        "; ".join(f"{key} in [{low:g}, {high:g}]" for key, (low, high) in ranges.items()) or "finite, same shapes"
    )
    game = line_game(objective)
    if not game.state:
        return absent(name, expected, "it has no state")
    for part in parts(objective):
        if type(part) in NEXT:
            moves = part.next_state(LineCritic(), column(REAL), column(FAKE), Even.of_moment())
            for key, wanted in NEXT[type(part)](part, REAL, FAKE).items():
                if not abs(moves[key].item() - wanted) < 1e-9:
                    return LawResult(name, expected, f"{key} becomes {moves[key].item():g}, not {wanted:g}", False)
    if turned := _turned_signs(objective):
        return LawResult(name, expected, turned, False)
    first = {key: value.shape for key, value in game.state.items()}
    low, high = (max(-1e3, objective.traits.score_range[0]), min(1e3, objective.traits.score_range[1]))
    for update in range(1200):
        extremes = (low, high) if update % 1000 < 500 else (high, low)
        real, fake = (torch.full((2 * objective.traits.packing, 1), score, dtype=torch.float64) for score in extremes)
        after = objective.next_state(LineCritic(objective.traits.packing), real, fake, game)
        game = dataclasses.replace(game, state=after)
        for key, value in after.items():
            bottom, top = ranges.get(key, (-1e30, 1e30))
            if key not in first or value.shape != first[key] or not bool(((bottom <= value) & (value <= top)).all()):
                return LawResult(name, expected, f"{key} = {value.tolist()} after {update + 1} updates", False)
    return LawResult(name, expected, "as expected over 1,200 extreme updates", set(game.state) == set(first))


def _turned_signs(objective: Objective) -> str:
    """Describe a state entry that responds to higher scores of one side otherwise than declared; empty if none does.

    Tested at positive scores in any order; an entry at the edge of its range may stay constant.
    """
    game, rows = line_game(objective), 2 * objective.traits.packing
    unit = min(1.0, objective.traits.score_range[1] / 4.0)

    def entries(real_score: float, fake_score: float) -> Mapping[str, Tensor]:
        real, fake = (torch.full((rows, 1), score * unit, dtype=torch.float64) for score in (real_score, fake_score))
        return objective.next_state(LineCritic(objective.traits.packing), real, fake, game)

    for side, (name, real_step, fake_step) in enumerate((("D(x)", 0.5, 0.0), ("D(G(z))", 0.0, 0.5))):
        for key, signs in objective.traits.state_signs.items():
            moves = [
                (entries(r + real_step, f + fake_step)[key] - entries(r, f)[key]).sum().item()
                for r, f in ((1.5, 1.5), (3.0, 0.5), (0.5, 3.0))
            ]
            seen = {(move > 0.0) - (move < 0.0) for move in moves} - {0} or {0}
            if seen != {signs[side]}:
                words = {-1: "falls", 0: "stays constant", 1: "rises"}
                return f"{key} changes by {max(moves, key=abs):g} with higher {name}; declared: it {words[signs[side]]}"
    return ""


def constraint(objective: Objective) -> LawResult:
    """`constrain` leaves the critic unchanged, or is a projection if the objective declares a constraint."""
    name = "constraint"
    line = torch.linspace(-3.0, 3.0, 13, dtype=torch.float64)
    theta = torch.cat([line * size for size in (1.0, 1e3, 1e6)])  # beyond any bound that may be set
    once = objective.constrain(theta)
    twice = objective.constrain(once)
    if not objective.traits.constrains:
        moved = (once - theta).abs().max().item()
        return LawResult(name, "parameters left unchanged", f"changed by {moved:g}", moved == 0.0)
    expected, stated = "a projection", once
    constraining = [part for part in parts(objective) if part.traits.constrains]
    if all(type(part) in CONSTRAINTS for part in constraining):
        expected, values = "the paper's projection", theta.tolist()
        for part in constraining:
            values = [CONSTRAINTS[type(part)](part, value) for value in values]
        stated = torch.tensor(values, dtype=torch.float64)
    seen = f"from {once.min().item():g} to {once.max().item():g}; again moves by {(twice - once).abs().max().item():g}"
    as_stated = torch.allclose(once, stated, rtol=1e-12, atol=0.0)
    return LawResult(name, expected, seen, as_stated and torch.equal(once, twice) and not torch.equal(once, theta))
