"""Laws on losses that read features and stop gradients: SAN's slices and OT-GAN's matchings."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from objectives.base import Objective
from objectives.compose import parts
from objectives.laws.feature_forms import Vectors, slicing, transport
from objectives.laws.result import LawResult, absent
from objectives.laws.stage import gradients_of, line_game
from objectives.margin import Hinge
from objectives.slicing import Sliced
from objectives.transport import OptimalTransport

STEP = 1e-6  # of central differences
Form = Callable[[Sequence[Vectors], Sequence[Vectors]], tuple[float, float]]


@dataclasses.dataclass
class FeatureCritic:
    """A critic whose samples are already features, with its own last layer."""

    head: Tensor

    def __call__(self, x: Tensor, /) -> Tensor:
        return x @ self.head

    def features(self, x: Tensor, /) -> Tensor:
        return x

    def logits(self, x: Tensor, /) -> Tensor:
        return x


def draw(*shape: int, seed: int) -> Tensor:
    """Draw features that need gradients, spread over both sides of a margin."""
    source = torch.Generator().manual_seed(seed)
    return (3.0 * torch.randn(*shape, generator=source, dtype=torch.float64)).requires_grad_()


def slices(objective: Objective) -> LawResult:
    """SAN's losses and gradients are those of the paper: the hinge moves features and scale, the rest the direction."""
    name, expected = "slicing", "the paper's losses and their gradients at features and last layer, to 1e-6"
    found = [part for part in parts(objective) if isinstance(part, Sliced)]
    if not found:
        return absent(name, expected, "not SAN")
    real, fake, head = draw(3, 2, seed=1), draw(3, 2, seed=2), draw(1, 2, seed=3)
    inner = found[0].objective
    assert isinstance(inner, Hinge)
    critic, game = FeatureCritic(head[0]), line_game(objective, real=real, fake=fake)
    losses = [player(critic, real, fake, game) for player in (found[0].critic_loss, found[0].generator_loss)]
    worst = _worst(losses, [real, fake, head], lambda moving, held: slicing(inner.margin, moving, held))
    return LawResult(name, expected, f"relative difference {worst:.1e}", worst < 1e-6)


def transports(objective: Objective) -> LawResult:
    """OT-GAN's losses and gradients are those of the matchings that Sinkhorn's iterations give, held fixed."""
    name, expected = "transport", "the paper's losses and their gradients at the features of all four batches, to 1e-6"
    base = parts(objective)[0]
    if not isinstance(base, OptimalTransport):
        return absent(name, expected, "not OT-GAN")
    soft = dataclasses.replace(base, sharpness=min(base.sharpness, 20.0))  # so that floats can represent the plans
    x, x2, g, g2 = (draw(3, 2, seed=seed) for seed in range(4))
    game = dataclasses.replace(line_game(soft, real=x, fake=g), second=(x2, g2))
    critic = FeatureCritic(torch.ones(2, dtype=torch.float64))
    losses = [player(critic, x, g, game) for player in (soft.critic_loss, soft.generator_loss)]
    worst = _worst(losses, [x, x2, g, g2], lambda moving, held: transport(soft, moving, held))
    return LawResult(name, expected, f"relative difference {worst:.1e}", worst < 1e-6)


def _worst(losses: Sequence[Tensor], inputs: Sequence[Tensor], form: Form) -> float:
    """Return the largest difference of losses and gradients from a form's, with stopped values held fixed."""
    held = [value.tolist() for value in inputs]
    gaps = [abs(loss.item() - stated) for loss, stated in zip(losses, form(held, held), strict=True)]
    seen = [gradients_of(loss, inputs) for loss in losses]
    for index, value in enumerate(inputs):
        for position in range(value.numel()):
            ends = []
            for side in (STEP, -STEP):
                moved = value.detach().clone()
                moved.view(-1)[position] += side
                ends.append(form([*held[:index], moved.tolist(), *held[index + 1 :]], held))
            for player in (0, 1):
                slope = (ends[0][player] - ends[1][player]) / (2.0 * STEP)
                gaps.append(abs(seen[player][index].flatten()[position].item() - slope))
    return max(gaps)
