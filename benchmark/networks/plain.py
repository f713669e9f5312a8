"""Plain modules made fit for stacks of members: torch's layers with hidden state are replaced by ones without."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from benchmark.networks.architecture import Shape
from benchmark.networks.base import Draw
from benchmark.networks.layers import BatchNorm, SpectralConvolution, SpectralLinear, dropout

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
DROPOUTS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)
PROBES = 4  # samples by which a critic's coupling is seen


class DrawnDropout(nn.Module):
    """Dropout by the draws of a member; `whole` drops channels rather than single values. Without draws, keep all."""

    def __init__(self, rate: float, purpose: str, *, whole: bool) -> None:
        super().__init__()
        self.keep, self.purpose, self.whole = 1.0 - rate, purpose, whole
        self.draw: Draw | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Drop values, or whole channels, of [B, C, ...] and scale the rest."""
        if not self.whole or self.draw is None:
            return dropout(x, self.keep, self.draw, self.purpose)
        kept = self.draw(self.purpose, x.shape[:2]) < self.keep
        return torch.where(kept.reshape(*x.shape[:2], *[1] * (x.dim() - 2)), x / self.keep, 0.0)


def with_pure_layers(module: nn.Module) -> nn.Module:
    """Return a module with torch's batch norm, dropout and spectral norm replaced; their weights are kept."""
    replaced = _pure(module, "whole")
    for name, child in list(replaced.named_modules()):
        for own, inner in list(child.named_children()):
            setattr(child, own, _pure(inner, f"{name}.{own}"))
    return replaced


def _pure(layer: nn.Module, name: str) -> nn.Module:
    if isinstance(layer, NORMS):
        return _batch_norm(layer)
    if isinstance(layer, DROPOUTS):
        return DrawnDropout(layer.p, name, whole=type(layer) is not nn.Dropout)
    if parametrize.is_parametrized(layer, "weight") and type(_parametrisation(layer)[0]).__name__ == "_SpectralNorm":
        return _spectral(layer)
    return layer


def _parametrisation(layer: nn.Module) -> Any:
    return layer.parametrizations.weight  # type: ignore[union-attr]


def _batch_norm(layer: nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d) -> nn.Module:
    pure = BatchNorm(layer.num_features, layer.eps)
    if layer.affine:
        pure.weight, pure.bias = layer.weight, layer.bias
    else:
        for parameter in pure.parameters():
            parameter.requires_grad_(False)
    return pure


def _spectral(layer: nn.Module) -> nn.Module:
    """Return a layer under `torch.nn.utils.parametrizations.spectral_norm` as one of ours."""
    pure: SpectralLinear | SpectralConvolution
    if isinstance(layer, nn.Linear):
        pure = SpectralLinear(layer.in_features, layer.out_features)
    elif isinstance(layer, nn.Conv2d) and layer.groups == 1 and layer.dilation == (1, 1):
        size, stride, padding = layer.kernel_size[0], layer.stride[0], int(layer.padding[0])
        pure = SpectralConvolution(layer.in_channels, layer.out_channels, size, stride, padding)
    else:
        raise ValueError(f"spectral norm is implemented for Linear and Conv2d, not for {type(layer).__name__}")
    with torch.no_grad():
        pure.weight.copy_(_parametrisation(layer).original)
    pure.bias = layer.bias  # type: ignore[assignment]
    return pure


def couples_batch(module: nn.Module, shape: Shape) -> bool:
    """Return whether a sample's output depends on the others of its batch, tried on a few samples.

    Raises ValueError where the module changes a buffer meanwhile: members would share it, and updates read it.
    """
    generator = torch.Generator().manual_seed(0)
    first, second = (torch.rand(PROBES, *shape, generator=generator) for _ in range(2))
    second[0] = first[0]
    buffers = {name: buffer.clone() for name, buffer in module.named_buffers()}
    with torch.no_grad():
        one, other = (_first_row(module(batch)) for batch in (first, second))
    for name, buffer in module.named_buffers():
        if name not in buffers or not torch.equal(buffer, buffers[name]):
            raise ValueError(
                f"the module changes its buffer {name!r} in forward; its output must depend only on its input"
            )
    return not torch.allclose(one, other, rtol=1e-4, atol=1e-6)


def _first_row(found: Tensor | tuple[Tensor, ...]) -> Tensor:
    return (found[0] if isinstance(found, tuple) else found)[0]
