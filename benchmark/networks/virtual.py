"""Virtual batch normalisation: a generator's batch statistics come from a reference batch of noise that stays fixed."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from benchmark.networks.base import Noise
from benchmark.networks.layers import BatchNorm, member_state

REFERENCE = 64  # noise vectors of the reference batch


class VirtualBatchNorm(nn.Module):
    """Normalise [R + B, C, ...] by the statistics of its first R rows, the reference, and of each row itself.

    With m_r, s_r the reference's means of x and of x² per channel, and m_x, s_x those of one row:

    m = (m_x + R m_r) / (R + 1);  v = (s_x + R s_r) / (R + 1) - m²;  y = w (x - m) / sqrt(v + ε) + b

    The reference's own rows are normalised by m_r and s_r (Salimans et al., 2016, arXiv:1606.03498; the authors' code).
    """

    def __init__(self, plain: BatchNorm, reference: int) -> None:
        super().__init__()
        self.weight, self.bias, self.epsilon, self.reference = plain.weight, plain.bias, plain.epsilon, reference

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the reference rows and the batch, [R + B, C, ...], per channel."""
        axes = tuple(range(2, x.dim()))
        means = x.mean(axes, keepdim=True) if axes else x  # of each row [R + B, C, 1, 1]
        squares = x.square().mean(axes, keepdim=True) if axes else x.square()
        count = self.reference
        mean, square = means[:count].mean(0, keepdim=True), squares[:count].mean(0, keepdim=True)
        own = 1.0 / (count + 1.0)
        mean = torch.cat([mean.expand_as(means[:count]), own * means[count:] + (1.0 - own) * mean])
        square = torch.cat([square.expand_as(squares[:count]), own * squares[count:] + (1.0 - own) * square])
        form = (1, -1, *[1] * len(axes))
        variance = (square - mean.square()).clamp(min=0.0)
        scaled = (x - mean) * torch.rsqrt(variance + self.epsilon)
        return scaled * self.weight.view(form) + self.bias.view(form)


class VirtuallyNormalised(nn.Module):
    """A generator that sees its reference batch before every batch: samples do not depend on one another.

    The reference is drawn with the initial weights, so it is the seed's; no gradient reaches it, though
    AdamW's decay does.
    """

    def __init__(self, network: nn.Module, noise: Noise, count: int = REFERENCE) -> None:
        super().__init__()
        self.network = _replaced(network, count)
        drawn = torch.randn(count, noise.dimension)
        if noise.kind == "uniform":
            drawn = noise.bound * (2.0 * torch.rand(count, noise.dimension) - 1.0)
        self.reference = member_state(drawn)

    def forward(self, noise: Tensor) -> Tensor:
        """Map noise [B, Z], and labels if any, to samples [B, *data]; the reference has each class in turn."""
        reference, classes = self.reference.detach(), noise.shape[1] - self.reference.shape[1]
        if classes:
            turn = torch.arange(len(reference), device=noise.device) % classes
            reference = torch.cat([reference, one_hot(turn, classes).to(noise.dtype)], 1)
        samples: Tensor = self.network(torch.cat([reference, noise]))
        return samples[len(reference) :]


def has_batch_norm(network: nn.Module) -> bool:
    """Return whether there is a layer that virtual batch normalisation would replace."""
    return any(isinstance(layer, BatchNorm) for layer in network.modules())


def _replaced(network: nn.Module, count: int) -> nn.Module:
    """Put virtual batch norm in the place of every batch norm of a network, and return the network."""
    for name, layer in network.named_children():
        if isinstance(layer, BatchNorm):
            setattr(network, name, VirtualBatchNorm(layer, count))
        else:
            _replaced(layer, count)
    return network
