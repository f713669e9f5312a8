"""What an objective needs of a user's modules and batches, and what a loss must return; each fault is one sentence."""

from __future__ import annotations

import warnings
from typing import Any

from torch import Tensor, nn

from objectives.base import Objective
from objectives.foundation.errors import UserError
from objectives.identity import spelling
from objectives.module_critic import shape_of
from objectives.modules import couples_batch

COUPLED = (
    "uses the critic's gradient at each sample, but this critic's batch norm couples the samples of a batch, "
    "so the gradient also depends on the other samples"
)


def check_critic(objective: Objective, critic: nn.Module | None) -> None:
    """Raise UserError unless an objective can train a critic; warn of batch norm under a gradient penalty."""
    name, traits = spelling(objective), objective.traits
    if critic is None:
        if traits.trains_critic:
            raise UserError(f"{name} trains a critic; pass losses(..., critic=module)")
        return
    if traits.critic_norm == "spectral" and not has_spectral_norm(critic):
        raise UserError(
            f"{name} needs a critic with spectral norm; "
            "wrap its layers in torch.nn.utils.parametrizations.spectral_norm"
        )
    if traits.critic_norm == "layer" and not has_layer_norm(critic):
        raise UserError(
            f"{name} needs a critic with layer norm; put torch.nn.LayerNorm(units), or torch.nn.GroupNorm(1, channels) "
            "of images, after its hidden layers"
        )
    if traits.sample_gradients and couples_batch(critic):
        warnings.warn(f"{name} {COUPLED}", UserWarning, stacklevel=3)


def has_spectral_norm(module: nn.Module) -> bool:
    """Return whether a layer is under torch's spectral norm, of either kind."""
    return any(
        "spectralnorm" in type(part).__name__.casefold().replace("_", "")
        for layer in module.modules()
        for part in (layer, *layer._forward_pre_hooks.values())
    )


def has_layer_norm(module: nn.Module) -> bool:
    """Return whether a layer normalises each sample over all its units."""
    return any(
        isinstance(layer, nn.LayerNorm) or (isinstance(layer, nn.GroupNorm) and layer.num_groups == 1)
        for layer in module.modules()
    )


def check_batches(real: Tensor, fake: Tensor, *, images: bool) -> None:
    """Raise UserError for batches that cannot be compared."""
    if real.shape != fake.shape or not real.is_floating_point():
        what = f"{list(real.shape)} of {real.dtype} and {list(fake.shape)} of {fake.dtype}"
        raise UserError(f"real and fake must be floating-point batches of the same shape, got {what}")
    if images and (real.dim() != 4 or bool((real < 0.0).any())):
        what = f"{list(real.shape)} from {float(real.detach().min()):g}"
        raise UserError(f"diffaug needs images [B, C, H, W] in [0, 1], got {what}")


def scalar(loss: Any, method: str) -> Tensor:
    """Return a loss that is a scalar tensor; raise UserError for anything else."""
    if not isinstance(loss, Tensor) or loss.dim() != 0:
        raise UserError(f"{method} must return a scalar tensor, not {shape_of(loss)}")
    return loss
