"""Layers that torch lacks or that its own versions make unfit: all are pure and work under `vmap`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, linear

from benchmark.networks.base import Draw


def couples(module: nn.Module) -> bool:
    """Return whether a module holds a layer whose output at one sample depends on the others."""
    return any(
        isinstance(layer, (BatchNorm, MinibatchDiscrimination, MinibatchDeviation)) for layer in module.modules()
    )


def dropout(x: Tensor, keep: float, draw: Draw | None, purpose: str) -> Tensor:
    """Keep each value with probability `keep` and scale it by 1/keep; without draws keep all."""
    if draw is None:
        return x
    return torch.where(draw(purpose, x.shape) < keep, x / keep, 0.0)


def member_state(value: Tensor) -> nn.Parameter:
    """Return a tensor that a layer keeps for each member and that gradients do not train, such as spectral norm's u.

    It is a parameter because members share a module's buffers, whereas each has its own vector of parameters.
    """
    return nn.Parameter(value, requires_grad=False)


class Maxout(nn.Module):
    """Map [B, in] to the largest of `pieces` linear maps per unit (Goodfellow et al., 2013, arXiv:1302.4389)."""

    def __init__(self, fan_in: int, units: int, pieces: int) -> None:
        super().__init__()
        self.pieces = pieces
        self.linear = nn.Linear(fan_in, units * pieces)

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, in] to [B, units]."""
        maps: Tensor = self.linear(x)
        largest: Tensor = maps.unflatten(-1, (-1, self.pieces)).amax(-1)
        return largest


class BatchNorm(nn.Module):
    """Normalise [B, C, ...] per channel by the batch's own mean and variance (Ioffe & Szegedy, 2015, arXiv:1502.03167).

    There are no running averages: in sampling the statistics are those of a fixed noise batch, see `fixed_statistics`.
    """

    def __init__(self, channels: int, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.epsilon = epsilon
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.keeps = False
        self.kept: tuple[Tensor, Tensor] | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Normalise [B, C, ...] per channel."""
        form = (1, -1, *[1] * (x.dim() - 2))
        if self.kept is None:
            axes = (0, *range(2, x.dim()))
            mean = x.mean(axes)
            variance = (x - mean.view(form)).square().mean(axes)
        else:
            mean, variance = self.kept
        if self.keeps:
            self.kept = mean, variance
        scale = self.weight * torch.rsqrt(variance + self.epsilon)
        return (x - mean.view(form)) * scale.view(form) + self.bias.view(form)


@contextmanager
def fixed_statistics(module: nn.Module) -> Iterator[None]:
    """Let the first batch that a module sees set the statistics of all that follow."""
    layers = [layer for layer in module.modules() if isinstance(layer, BatchNorm)]
    for layer in layers:
        layer.keeps = True
    try:
        yield
    finally:
        for layer in layers:
            layer.keeps, layer.kept = False, None


class Spectral(nn.Module):
    """A layer whose weight is divided by its largest singular value (Miyato et al., 2018, arXiv:1802.05957).

    σ = uᵀ W v with v = Wᵀu / ‖Wᵀu‖. The vector u, `direction`, is state, not a weight: one power iteration after each
    update changes it, and losses only read it.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight.detach())
        self.bias = nn.Parameter(bias.detach()) if bias is not None else None
        direction = torch.randn(len(self.matrix(weight)))
        for _ in range(15):
            direction = self.power_iteration(self.weight.detach(), direction)
        self.direction = member_state(direction)

    def matrix(self, weight: Tensor) -> Tensor:
        """Return the weight as a matrix of one row for each output channel."""
        return weight.flatten(1)

    def power_iteration(self, weight: Tensor, direction: Tensor) -> Tensor:
        """Return u after one power iteration, u ← W Wᵀu / ‖W Wᵀu‖."""
        matrix = self.matrix(weight)
        u = matrix @ (matrix.T @ direction)
        length: Tensor = torch.linalg.vector_norm(u)
        return u / (length + 1e-12)

    def normalised(self) -> Tensor:
        """Return W / σ."""
        matrix, u = self.matrix(self.weight), self.direction.detach()
        v = (matrix.T @ u).detach()
        v = v / (torch.linalg.vector_norm(v) + 1e-12)
        sigma: Tensor = (u * (matrix @ v)).sum()
        return self.weight / (sigma + 1e-12)


class SpectralLinear(Spectral):
    """A linear layer under spectral normalisation."""

    def __init__(self, fan_in: int, fan_out: int) -> None:
        plain = nn.Linear(fan_in, fan_out)
        super().__init__(plain.weight, plain.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, in] to [B, out]."""
        return linear(x, self.normalised(), self.bias)


class SpectralConvolution(Spectral):
    """A convolution under spectral normalisation of its weight as a matrix [out, in·k·k]."""

    def __init__(self, fan_in: int, fan_out: int, kernel: int, stride: int = 1, padding: int = 0) -> None:
        plain = nn.Conv2d(fan_in, fan_out, kernel)
        super().__init__(plain.weight, plain.bias)
        self.stride, self.padding = stride, padding

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, in, H, W] to [B, out, H', W']."""
        return conv2d(x, self.normalised(), self.bias, self.stride, self.padding)


class MinibatchDiscrimination(nn.Module):
    """Append to features [B, F] how close each sample is to the others of its batch (Salimans et al., 2016).

    M_i = f(x_i) T;  o_b(x_i) = Σ_{j≠i} exp(-‖M_ib - M_jb‖₁)  (arXiv:1606.03498; the authors' code leaves out j = i).
    """

    def __init__(self, features: int, kernels: int = 50, size: int = 5) -> None:
        super().__init__()
        self.kernels = kernels
        self.tensor = nn.Parameter(torch.randn(features, kernels * size) * 0.05)

    def forward(self, x: Tensor) -> Tensor:
        """Map features [B, F] to [B, F + kernels]."""
        m = (x @ self.tensor).unflatten(-1, (self.kernels, -1))
        near = torch.exp(-(m.unsqueeze(0) - m.unsqueeze(1)).abs().sum(-1))
        return torch.cat([x, near.sum(1) - 1.0], dim=1)  # a sample's nearness to itself is 1


class MinibatchDeviation(nn.Module):
    """Append to features [B, F] their mean standard deviation in the batch (Karras et al., 2018, arXiv:1710.10196)."""

    def forward(self, x: Tensor) -> Tensor:
        """Map features [B, F] to [B, F + 1]."""
        deviation = torch.sqrt((x - x.mean(0)).square().mean(0) + 1e-8).mean()
        return torch.cat([x, deviation.expand(x.shape[0], 1)], dim=1)
