"""Critics normalised by their gradient, augmented images, and stopped gradients."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch

from objectives import DifferentiablyAugmented, Hinge, NonSaturating, Traits, stop_gradient
from objectives.augment import cut_out, recolour, translate
from objectives.laws import LAWS
from objectives.laws.stage import LineCritic
from objectives.laws.terms import Bowl, LinearCritic
from objectives.normalisation import NormalisedCritic
from objectives.slicing import Sliced
from objectives.spec import parse
from tests.objectives.builders import column, game_at


def test_gradient_normalisation_by_hand():
    """D = w·x gives D/(‖w‖ + |D|); D = ‖x‖²/2 gives ‖x‖/(2 + ‖x‖)."""
    x = torch.tensor([[3.0, 4.0], [0.0, -1.0]], dtype=torch.float64)
    linear = NormalisedCritic(LinearCritic(torch.tensor([1.0, 2.0], dtype=torch.float64)))
    torch.testing.assert_close(linear(x), torch.tensor([11 / (5**0.5 + 11), -2 / (5**0.5 + 2)], dtype=torch.float64))
    torch.testing.assert_close(NormalisedCritic(Bowl())(x), torch.tensor([5 / 7, 1 / 3], dtype=torch.float64))


def test_a_normalised_critic_cannot_be_scaled_and_is_bounded():
    """c·D normalises to the same, and no score leaves [-1, 1]; a critic that is 0 scores 0."""
    x = 100.0 * torch.randn(8, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    weights = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
    scores = NormalisedCritic(LinearCritic(weights))(x)
    torch.testing.assert_close(NormalisedCritic(LinearCritic(1e6 * weights))(x), scores)
    assert scores.abs().max() <= 1.0
    assert NormalisedCritic(LinearCritic(0.0 * weights))(x).abs().max() == 0.0


def test_both_losses_see_the_normalised_critic():
    """The wrapped losses are the plain ones on normalised scores x/(1 + |x|)."""
    real, fake = column(3.0, -1.0), column(0.5, -4.0)
    for loss in ("critic_loss", "generator_loss"):
        wrapped = getattr(parse("hinge+gn"), loss)(LineCritic(), real, fake, game_at())
        stated = getattr(Hinge(), loss)(LineCritic(), real / (1 + real.abs()), fake / (1 + fake.abs()), game_at())
        torch.testing.assert_close(wrapped, stated)


@pytest.mark.parametrize(
    "spec", ["ebgan+gn", "mmd+gn", "mmd-fixed+sn", "drifting+ln", "ns+gn+gn", "ns+gn+topk", "ns+sn+ln", "ns+ln+ln"]
)
def test_wrappers_that_do_not_fit_are_refused(spec):
    """Energies and embeddings have no score to normalise, and a normalised score is no function of a score alone."""
    with pytest.raises(ValueError, match=r"normalise|appears twice|top-k needs|exclude each other"):
        parse(spec)


def test_slices_of_the_wasserstein_loss_are_that_loss():
    """Both of SAN's terms on it have its gradient, so `wasserstein+san` would be a second name for one game."""
    drawn = torch.Generator().manual_seed(0)
    features, head = (torch.randn(*size, generator=drawn, dtype=torch.float64) for size in ((8, 5), (5,)))
    features.requires_grad_()
    head.requires_grad_()
    plain = torch.autograd.grad((features @ head).mean(), (features, head))
    sliced = torch.autograd.grad(sum(one.mean() for one in Sliced(Hinge()).scores(features, head)), (features, head))
    torch.testing.assert_close(sliced, plain)


IMAGES = torch.rand(64, 3, 16, 16, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def uniform(seed):
    """Draw 64 uniform numbers."""
    return torch.rand(64, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_colours_move_by_what_is_drawn():
    """Draws of ½ change nothing but the contrast's ½ + ½; 0 and 1 are the ends of each range."""
    half = torch.full((64,), 0.5, dtype=torch.float64)
    torch.testing.assert_close(recolour(IMAGES, half, half, half), IMAGES)
    torch.testing.assert_close(recolour(IMAGES, half + 0.5, half, half), IMAGES + 0.5)
    grey = recolour(IMAGES, half, 0.0 * half, half)
    torch.testing.assert_close(grey, IMAGES.mean(1, keepdim=True).expand_as(IMAGES))


def test_translation_moves_whole_images_and_zeros_in():
    """A shift by -2, 0 and 2 of 16 columns; what moves in is zero."""
    moved = translate(IMAGES[:3], torch.tensor([0.0, 0.5, 0.999]), 3)
    assert moved[0, :, :, 2:].equal(IMAGES[0, :, :, :-2])
    assert moved[0, :, :, :2].abs().max() == 0.0
    assert moved[1].equal(IMAGES[1])
    assert moved[2, :, :, :-2].equal(IMAGES[2, :, :, 2:])


def test_cutout_takes_a_quarter_at_most():
    """The square has half the side; at an edge part of it lies outside."""
    cut = (cut_out(torch.ones_like(IMAGES), uniform(1), uniform(2)) == 0.0).double().mean((1, 2, 3))
    assert cut.max().item() == pytest.approx(0.25)
    assert 0.25 / 4 <= cut.min().item() < 0.25
    whole = cut_out(torch.ones_like(IMAGES), torch.full((64,), 0.5), torch.full((64,), 0.5))
    assert whole[0, 0].sum() == 256 - 64


def test_augmentation_is_differentiable_and_leaves_points_alone():
    """The gradient passes to every image; points of the plane stay as they are."""
    wrapped, images = DifferentiablyAugmented(NonSaturating()), IMAGES.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(wrapped.augment(images, game_at(), "any").sum(), images)
    assert (gradient.abs().flatten(1).sum(1) > 0.0).all()
    assert wrapped.augment(column(1.0, 2.0), game_at(), "any").equal(column(1.0, 2.0))


def test_packs_of_images_are_augmented_one_by_one():
    """Packing changes what a sample is, not what an image is."""
    wrapped = DifferentiablyAugmented(NonSaturating())
    plain = wrapped.augment(IMAGES, game_at(), "any")
    packed = wrapped.augment(IMAGES.reshape(32, 2, 3, 16, 16), game_at(), "any")
    torch.testing.assert_close(packed, plain.reshape(packed.shape), rtol=0, atol=0)


@dataclass(frozen=True)
class Stopping(NonSaturating):
    """A critic's loss whose fakes are stopped."""

    def critic_loss(self, critic, real, fake, game):
        """Stop the fakes."""
        return super().critic_loss(critic, real, stop_gradient(fake), game)


@dataclass(frozen=True)
class Stated(Stopping):
    """The same, and it says so."""

    traits = Traits(detaches=True)


def test_a_stopped_gradient_has_to_be_stated():
    """Stated, the gradient is that of finite differences with the stopped values held; unstated it is refused."""
    assert LAWS["differentiable"](Stopping()).passed is False
    assert "detaches=True" in LAWS["differentiable"](Stopping()).seen
    assert LAWS["differentiable"](Stated()).passed
    assert LAWS["unrolled"](Stated()).passed is None
