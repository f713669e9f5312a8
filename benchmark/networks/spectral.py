"""Spectral normalisation of a network that was built without it, from the same initial weights."""

from __future__ import annotations

from typing import Any, TypeVar

from torch import Tensor, nn
from torch.nn.functional import conv2d, conv_transpose2d, linear

from benchmark.networks.layers import MinibatchDiscrimination, Spectral

Network = TypeVar("Network", bound=nn.Module)


class NormalisedLinear(Spectral):
    """A given linear layer under spectral normalisation."""

    def __init__(self, plain: nn.Linear) -> None:
        super().__init__(plain.weight, plain.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, in] to [B, out]."""
        return linear(x, self.normalised(), self.bias)


class NormalisedConvolution(Spectral):
    """A given convolution, or its transpose, under spectral normalisation as a matrix of output channels."""

    def __init__(self, plain: nn.Conv2d | nn.ConvTranspose2d) -> None:
        self.transposed = isinstance(plain, nn.ConvTranspose2d)
        super().__init__(plain.weight, plain.bias)
        self.settings: dict[str, Any] = {"stride": plain.stride, "padding": plain.padding}
        if self.transposed:
            self.settings["output_padding"] = plain.output_padding

    def matrix(self, weight: Tensor) -> Tensor:
        """Return the weight as a matrix with one row per output channel."""
        return (weight.transpose(0, 1) if self.transposed else weight).flatten(1)

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, in, H, W] to [B, out, H', W']."""
        apply = conv_transpose2d if self.transposed else conv2d
        return apply(x, self.normalised(), self.bias, **self.settings)


def normalise_spectrally(network: Network) -> Network:
    """Put every linear and convolutional layer of a network under spectral normalisation, and return the network.

    Layers that are normalised already, batch norm and minibatch discrimination are unchanged.
    """
    for name, layer in network.named_children():
        if isinstance(layer, nn.Linear):
            setattr(network, name, NormalisedLinear(layer))
        elif isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            setattr(network, name, NormalisedConvolution(layer))
        elif not isinstance(layer, Spectral | MinibatchDiscrimination):
            normalise_spectrally(layer)
    return network
