"""Layer normalisation of a critic that was built without it, from the same initial weights."""

from __future__ import annotations

from torch import Tensor, nn

from benchmark.networks.base import CriticNetwork
from benchmark.networks.layers import BatchNorm, MinibatchDiscrimination, Spectral, couples
from benchmark.networks.players import Critic


class Normalised(nn.Module):
    """A given linear or convolutional layer, its outputs normalised over the units of each sample.

    a = W x;  y = g (a - m) / sqrt(v + 1e-5) + b, with m and v the mean and the variance of one sample's a

    A unit of a linear layer has its own g and b, and so has a channel of a convolution, whose m and v are taken over
    channels and places (Ba et al., 2016, arXiv:1607.06450; the channels and 1e-5 are those of the code of WGAN-GP's
    authors, igul222/improved_wgan_training).
    """

    def __init__(self, plain: nn.Linear | nn.Conv2d | nn.ConvTranspose2d | Spectral) -> None:
        super().__init__()
        self.plain = plain
        self.norm = nn.GroupNorm(1, _units_of(plain))

    def forward(self, x: Tensor) -> Tensor:
        """Apply the layer to [B, *in] and normalise its outputs [B, *out] per sample."""
        normalised: Tensor = self.norm(self.plain(x))
        return normalised


def normalise_layers(critic: CriticNetwork) -> CriticNetwork:
    """Replace a critic's batch norm by layer norm, or add it after the hidden layers, and return the critic.

    A critic without batch norm has it after every linear and convolutional layer but those of `outputs`.
    """
    critics = [one for one in critic.modules() if isinstance(one, CriticNetwork)]
    if any(isinstance(layer, BatchNorm) for layer in critic.modules()):
        _replace(critic)
        for one in reversed(critics):  # the innermost first
            if isinstance(one, Critic):
                one.probe()
            else:
                inner = any(other.couples_batch for other in one.children() if isinstance(other, CriticNetwork))
                one.couples_batch = inner or couples(one)
    else:
        _add(critic, {id(layer) for one in critics for layer in one.outputs})
    return critic


def _replace(network: nn.Module) -> None:
    for name, layer in network.named_children():
        if isinstance(layer, BatchNorm):
            setattr(network, name, nn.GroupNorm(1, len(layer.weight)))
        else:
            _replace(layer)


def _add(network: nn.Module, outputs: set[int]) -> None:
    for name, layer in network.named_children():
        if id(layer) in outputs or isinstance(layer, MinibatchDiscrimination):
            continue
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d | Spectral):
            setattr(network, name, Normalised(layer))
        else:
            _add(layer, outputs)


def _units_of(layer: nn.Linear | nn.Conv2d | nn.ConvTranspose2d | Spectral) -> int:
    return layer.out_channels if isinstance(layer, nn.ConvTranspose2d) else len(layer.weight)
