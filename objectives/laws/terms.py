"""Laws on the parts of a game: gradient penalties at known slopes, the pulling-away term at known angles."""

from __future__ import annotations

import torch
from torch import Tensor

from objectives.base import Objective
from objectives.compose import parts
from objectives.laws.result import LawResult, absent
from objectives.laws.stage import StageGame, gradient_of, line_game
from objectives.penalties import GradientPenalty
from objectives.stabilisers import PullingAway

SHAPES = ((7,), (2, 3, 3))  # a flat sample, an image


class LinearCritic:
    """D(x) = w · x on flattened samples: the slope is ‖w‖ everywhere."""

    def __init__(self, weights: Tensor) -> None:
        self.weights = weights

    def __call__(self, x: Tensor, /) -> Tensor:
        return x.flatten(1) @ self.weights

    def features(self, x: Tensor, /) -> Tensor:
        return x.flatten(1) * self.weights


def slope(objective: Objective) -> LawResult:
    """A gradient penalty costs its stated cost for a linear critic, flat and 4-D, and bears a constant critic."""
    name, expected = "slope", "cost(‖w‖) for D(x) = w·x on flat and 4-D samples, a finite gradient at w = 0"
    penalties = [part for part in parts(objective) if isinstance(part, GradientPenalty)]
    if not penalties:
        return absent(name, expected, "no gradient penalty that states its cost")
    worst, where = 0.0, "at each"
    for penalty in penalties:
        for shape in SHAPES:
            for norm in (0.0, 0.5, 1.0, 2.5):
                seen, wanted, gradient = _at_slope(penalty, shape, norm)
                gap = abs(seen - wanted) / max(1.0, abs(wanted))
                if not (gap <= worst and gradient.isfinite().all()):
                    worst = gap if gradient.isfinite().all() else float("inf")
                    where = f"{seen:g} instead of {wanted:g} for ‖w‖ = {norm:g} on samples of shape {shape}"
    return LawResult(name, expected, f"relative difference {worst:.1e}, {where}", worst < 1e-9)


def _at_slope(penalty: GradientPenalty, shape: tuple[int, ...], norm: float) -> tuple[float, float, Tensor]:
    """Give the term for a linear critic of that slope, the stated cost, and the term's gradient by w."""
    source = torch.Generator().manual_seed(0)
    real, fake = (torch.randn(8, *shape, generator=source, dtype=torch.float64) for _ in range(2))
    direction = torch.randn(real[0].numel(), generator=source, dtype=torch.float64)
    weights = (norm * direction / torch.linalg.vector_norm(direction)).requires_grad_()
    game: StageGame = line_game(Objective())
    term = penalty.critic_term(LinearCritic(weights), real, fake, game)
    stated = penalty.cost(torch.tensor(norm**2, dtype=torch.float64)) * len(penalty.points(real, fake, game))
    return term.item(), stated.item(), gradient_of(term, weights)


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
    """Give two codes of lengths 1 and 3 at an angle."""
    return torch.stack([torch.tensor([1.0, 0.0], dtype=torch.float64), 3.0 * torch.stack([angle.cos(), angle.sin()])])
