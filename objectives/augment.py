"""Differentiable augmentation of everything the critic sees, for images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from objectives.base import Critic, Game
from objectives.compose import Wrapper, one_batch, only_once
from objectives.traits import Traits


def recolour(images: Tensor, brightness: Tensor, saturation: Tensor, contrast: Tensor) -> Tensor:
    """Shift the brightness by up to ½, then scale saturation by up to 2 and contrast by ½ to 3/2.

    Args:
        images: Images [B, C, H, W] in [-1, 1].
        brightness: Draws [B] from U[0, 1).
        saturation: Draws [B] likewise.
        contrast: Draws [B] likewise.
    """
    shape = (-1, 1, 1, 1)
    images = images + (brightness.reshape(shape) - 0.5)
    grey = images.mean(1, keepdim=True)
    images = (images - grey) * (2.0 * saturation.reshape(shape)) + grey
    mean = images.mean((1, 2, 3), keepdim=True)
    return (images - mean) * (contrast.reshape(shape) + 0.5) + mean


def translate(images: Tensor, uniform: Tensor, dim: int) -> Tensor:
    """Shift each image [C, H, W] of a batch along `dim` by up to an eighth of its side, filling with zeros."""
    side = images.shape[dim]
    reach = side // 8
    shift = (uniform * (2 * reach + 1)).floor().long() - reach
    index = torch.arange(side, device=images.device) + shift[:, None]
    shape = [images.shape[0], 1, 1, 1]
    shape[dim] = side
    inside = ((index >= 0) & (index < side)).reshape(shape)
    moved = images.gather(dim, index.clamp(0, side - 1).reshape(shape).expand(images.shape))
    return moved * inside


def cut_out(images: Tensor, row: Tensor, column: Tensor) -> Tensor:
    """Set a square of half the side to zero in each image, its centre drawn over the whole image."""
    rows, columns = (_away(images.shape[dim], uniform) for dim, uniform in ((2, row), (3, column)))
    return images * (rows[:, None, :, None] | columns[:, None, None, :])


def _away(side: int, uniform: Tensor) -> Tensor:
    """Return a mask [B, side] of the positions outside a segment of half the side with a random centre."""
    size = side // 2
    start = (uniform * (side + 1 - size % 2)).floor().long() - size // 2
    position = torch.arange(side, device=uniform.device) - start[:, None]
    return (position < 0) | (position >= size)


@dataclass(frozen=True)
class DifferentiablyAugmented(Wrapper):
    """Differentiable augmentation, DiffAugment (Zhao et al., 2020, arXiv:2006.10738).

    both players see  T(x) and T(G(z))     T: random colour, translation by up to 1/8 of a side, cutout of ½ a side

    The transforms, their order and their ranges are those of the authors' PyTorch code, which takes images in [-1, 1];
    ours are in [0, 1] and are converted there and back. Data other than images are not changed, and problems of points
    do not accept this wrapper.
    """

    colour: bool = True  # brightness, saturation and contrast
    translation: bool = True  # filled with zeros, mid-grey
    cutout: bool = True  # a square of mid-grey

    def __post_init__(self) -> None:
        super().__post_init__()
        only_once(self, self.objective)
        one_batch(self)

    @cached_property
    def traits(self) -> Traits:
        """State that it needs images, and that augmented distributions are compared."""
        return replace(self.objective.traits, images=True, separable=False, divergence=None)

    def augment(self, x: Tensor, game: Game, purpose: str) -> Tensor:
        """Return T(x) of a batch [B, C, H, W] of images in [0, 1]; the images of a pack [B, m, C, H, W] one by one."""
        if x.dim() < 4:
            return x
        images = 2.0 * x.flatten(0, -4) - 1.0

        def draw(what: str) -> Tensor:
            return game.uniform(f"{purpose} {what}", (images.shape[0],))

        if self.colour:
            images = recolour(images, draw("brightness"), draw("saturation"), draw("contrast"))
        if self.translation:
            images = translate(translate(images, draw("rows"), 2), draw("columns"), 3)
        if self.cutout:
            images = cut_out(images, draw("cut row"), draw("cut column"))
        return ((images + 1.0) / 2.0).reshape(x.shape)

    def _both(self, real: Tensor, fake: Tensor, game: Game) -> tuple[Tensor, Tensor]:
        return self.augment(real, game, "diffaug real"), self.augment(fake, game, "diffaug fake")

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return self.objective.critic_loss(critic, *self._both(real, fake, game), game)

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return self.objective.generator_loss(critic, *self._both(real, fake, game), game)

    def next_state(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Mapping[str, Tensor]:
        return self.objective.next_state(critic, *self._both(real, fake, game), game)
