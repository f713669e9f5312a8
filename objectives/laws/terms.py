"""Laws on what is added to a game: gradient penalties at known slopes and points, other terms by formula."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from objectives.base import Objective
from objectives.compose import Penalty, parts
from objectives.laws.closed_forms import mean
from objectives.laws.penalty_forms import ADDED, MOMENT, SLOPES, THETA
from objectives.laws.result import LawResult, absent
from objectives.laws.stage import LineCritic, StageGame, gradient_of
from objectives.penalties import GradientPenalty
from objectives.stabilisers import PullingAway

SHAPES = ((7,), (2, 3, 3))  # a flat sample, an image
REAL, FAKE = (0.6131, -1.4142, 2.3), (-0.5113, 0.8017, -3.1)  # samples of one coordinate


class Even(StageGame):
    """A game at a fixed moment whose uniform draws are all ½ and whose normal draws are all 1."""

    @staticmethod
    def of_moment(fake: Tensor | None = None) -> Even:
        """Make the game that the formulas are written for; the generator is the identity."""
        numbers = {name: torch.tensor(value, dtype=torch.float64) for name, value in MOMENT.items()}
        theta = {player: torch.tensor([value], dtype=torch.float64) for player, value in THETA.items()}
        noise = torch.zeros(0, 1) if fake is None else fake
        moment = torch.tensor(0.3, dtype=torch.float64)
        return Even(numbers, moment, theta["critic"], theta["generator"], still=True, noise=noise)

    def normal(self, purpose: str, shape: Sequence[int]) -> Tensor:
        return torch.ones(tuple(shape), dtype=self.progress.dtype)


def column(scores: Sequence[float]) -> Tensor:
    """Make samples [B, 1] of one coordinate."""
    return torch.tensor(scores, dtype=torch.float64)[:, None]


class LinearCritic:
    """D(x) = w · x on flattened samples: the slope is ‖w‖ everywhere."""

    def __init__(self, weights: Tensor) -> None:
        self.weights = weights

    def __call__(self, x: Tensor, /) -> Tensor:
        return x.flatten(1) @ self.weights

    def features(self, x: Tensor, /) -> Tensor:
        return x.flatten(1)

    def logits(self, x: Tensor, /) -> Tensor:
        return x.flatten(1)

    @property
    def head(self) -> Tensor:
        """Return w."""
        return self.weights


class Bowl:
    """D(x) = ‖x‖²/2, whose slope ‖x‖ reveals the points at which it was taken."""

    def __call__(self, x: Tensor, /) -> Tensor:
        return x.flatten(1).square().sum(1) / 2.0

    def features(self, x: Tensor, /) -> Tensor:
        return x.flatten(1)

    def logits(self, x: Tensor, /) -> Tensor:
        return x.flatten(1)

    @property
    def head(self) -> Tensor:
        """Raise an error: a bowl is not a linear map."""
        raise ValueError("a bowl has no last layer")


def slope(objective: Objective) -> LawResult:
    """A gradient penalty costs what its paper says at its points, with a finite gradient at a constant critic."""
    name = "slope"
    expected = "the paper's cost at slope ‖w‖ for D(x) = w·x on flat and 4-D samples, and at |x| for D(x) = x²/2"
    penalties = [part for part in parts(objective) if isinstance(part, GradientPenalty)]
    if not penalties:
        return absent(name, expected, "no gradient penalty that states its cost")
    found = [one for penalty in penalties for one in (*_linear(penalty), *_curved(penalty))]
    worst, where = max(found)
    alone = [type(penalty).__name__ for penalty in penalties if type(penalty) not in SLOPES]
    held = f"; {' and '.join(alone)} compared only with its own cost, since no formula is known here" if alone else ""
    return LawResult(name, expected, f"relative difference {worst:.1e}, {where}{held}", worst < 1e-9)


def _linear(penalty: GradientPenalty) -> Iterator[tuple[float, str]]:
    """Compare the term at a linear critic; its gradient must be finite, at w = 0 too."""
    for shape in SHAPES:
        for norm in (0.0, 0.5, 1.0, 2.5):
            seen, wanted, gradient = _at_slope(penalty, shape, norm)
            gap = abs(seen - wanted) / max(1.0, abs(wanted))
            whole = gradient.isfinite().all() and gap < float("inf")
            yield gap if whole else float("inf"), f"{seen:g}, stated {wanted:g} for ‖w‖ = {norm:g} on {shape}"


def _at_slope(penalty: GradientPenalty, shape: tuple[int, ...], norm: float) -> tuple[float, float, Tensor]:
    """Return the term for a linear critic of that slope, the paper's cost, and the term's gradient at w."""
    source = torch.Generator().manual_seed(0)
    real, fake = (torch.randn(8, *shape, generator=source, dtype=torch.float64) for _ in range(2))
    direction = torch.randn(real[0].numel(), generator=source, dtype=torch.float64)
    weights = (norm * direction / torch.linalg.vector_norm(direction)).requires_grad_()
    game = Even.of_moment()
    term = penalty.critic_term(LinearCritic(weights), real, fake, game)
    form = SLOPES.get(type(penalty))
    if form is None:
        stated = penalty.cost(torch.tensor(norm**2, dtype=torch.float64)).item()
    else:
        stated = form.cost(penalty, norm)
    return term.item(), stated * len(penalty.points(real, fake, game)), gradient_of(term, weights)


def _curved(penalty: GradientPenalty) -> Iterator[tuple[float, str]]:
    """Compare the term at D(x) = x²/2, where it costs |x| at each of its points."""
    form = SLOPES.get(type(penalty))
    if form is None:
        return
    seen = penalty.critic_term(Bowl(), column(REAL), column(FAKE), Even.of_moment()).item()
    wanted = sum(mean(form.cost(penalty, abs(x)) for x in batch) for batch in form.points(penalty, REAL, FAKE))
    gap = abs(seen - wanted) / max(1.0, abs(wanted))
    yield gap if gap < float("inf") else float("inf"), f"{seen:g}, stated {wanted:g} for D(x) = x²/2"


def added(objective: Objective) -> LawResult:
    """Every other term that a wrapper adds to a loss is that of the paper's formula, implemented again."""
    name, expected = "added term", "the terms that the paper's formula adds to both losses, to 1e-9"
    terms = [part for part in parts(objective) if type(part) in ADDED and isinstance(part, Penalty)]
    if not terms:
        return absent(name, expected, "no added term with a formula here, apart from gradient penalties")
    worst, where = 0.0, ""
    for penalty in terms:
        for player, wanted in zip(("critic", "generator"), ADDED[type(penalty)](penalty, REAL, FAKE), strict=True):
            term = getattr(penalty, f"{player}_term")(
                LineCritic(), column(REAL), column(FAKE), Even.of_moment(column(FAKE))
            )
            seen = 0.0 if term is None else term.item()
            gap = abs(seen - wanted) / max(1.0, abs(wanted))
            if not gap <= worst:
                worst, where = gap, f" ({type(penalty).__name__} adds {seen:g} instead of {wanted:g} to the {player}'s)"
    return LawResult(name, expected, f"relative difference {worst:.1e}{where}", worst < 1e-9)


def pulling_away(objective: Objective) -> LawResult:
    """The pulling-away term is 0 for orthogonal codes, 1 for parallel and opposite ones, ¼ at 60°."""
    name, expected = "pulling away", "0, 1, 1 and 1/4 for codes at 90°, 0°, 180° and 60°, of any length"
    terms = [part for part in parts(objective) if isinstance(part, PullingAway)]
    if not terms:
        return absent(name, expected, "no pulling-away term")
    angles = torch.deg2rad(torch.tensor([90.0, 0.0, 180.0, 60.0], dtype=torch.float64))
    seen = [terms[0].pull(_codes_at(angle)).item() for angle in angles]
    gap = max(abs(a - b) for a, b in zip(seen, (0.0, 1.0, 1.0, 0.25), strict=True))
    return LawResult(name, expected, ", ".join(f"{value:.3f}" for value in seen), gap < 1e-9)


def _codes_at(angle: Tensor) -> Tensor:
    """Return two codes of lengths 1 and 3 at an angle."""
    return torch.stack([torch.tensor([1.0, 0.0], dtype=torch.float64), 3.0 * torch.stack([angle.cos(), angle.sin()])])
