"""Conditional networks: any generator and any critic of scores, given one-hot labels [B, C].

A label enters a network at its first layer, like a further input: a generator's noise is z and y concatenated, a
critic's input gets one more map per class, or the label is multiplied with the critic's last features.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from benchmark.errors import UserError
from benchmark.networks.base import CriticNetwork, CriticOutput, Draw
from benchmark.networks.layers import Spectral
from objectives.traits import Conditioning


def conditional_generator(network: nn.Module, noise: int, classes: int) -> nn.Module:
    """Widen a generator's first linear layer to noise of `noise` values and a label, and return the generator.

    The weights for the noise are kept; those for the classes are drawn with the same spread.
    """
    for path, layer in network.named_modules():
        if isinstance(layer, nn.Linear) and layer.in_features == noise:
            put(network, path, widen(layer, classes))
            return network
    raise UserError("Labels need a generator that begins with a linear layer on its noise; this one does not.")


def put(network: nn.Module, path: str, layer: nn.Module) -> None:
    """Replace the layer at a path."""
    owner, _, name = path.rpartition(".")
    setattr(network.get_submodule(owner), name, layer)


def widen(plain: nn.Linear, classes: int) -> nn.Linear:
    """Return a linear layer that takes a label in addition to its input."""
    layer = nn.Linear(plain.in_features + classes, plain.out_features, bias=plain.bias is not None)
    weight = plain.weight.detach()
    added = torch.randn(plain.out_features, classes) * weight.std()
    layer.weight = nn.Parameter(torch.cat([weight, added], 1))
    layer.bias = plain.bias
    return layer


class Joined(nn.Module):
    """A critic's first layer with a bias for each class, which is equivalent to a label as a further input.

    The critic around it sets the label for one pass.
    """

    def __init__(self, plain: nn.Linear | nn.Conv2d | Spectral, classes: int) -> None:
        super().__init__()
        self.plain = plain
        self.classes = nn.Linear(classes, len(plain.weight), bias=False)
        nn.init.normal_(self.classes.weight, 0.0, float(plain.weight.detach().std()))
        self.labels: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Apply the layer to [B, *data] and add each sample's class bias."""
        out: Tensor = self.plain(x)
        added: Tensor = self.classes(self.labels)
        return out + added.reshape(*added.shape, *[1] * (out.dim() - 2))


class ConditionalCritic(CriticNetwork):
    """A critic of scores that takes labels too.

    input       the label joins the first layer
    projection  D(x, y) = D(x) + V_y · h(x)  (Miyato & Koyama, 2018, arXiv:1802.05637), h the features
    classifier  a linear head on h gives logits of the classes
    """

    def __init__(self, network: CriticNetwork, conditioning: Conditioning, classes: int) -> None:
        super().__init__()
        self.network, self.conditioning = network, conditioning
        self.draws, self.couples_batch = network.draws, network.couples_batch
        self.shared_mask = network.shared_mask
        self.joined: list[Joined] = []  # not a submodule here: the network contains it
        if conditioning == "input":
            self.joined = [_join_first(network, classes)]
        else:
            self.classes = nn.Linear(_features_of(network), classes, bias=conditioning == "classifier")

    def forward(self, x: Tensor, draw: Draw | None = None, labels: Tensor | None = None) -> CriticOutput:
        """Return the output for samples [B, *data] with one-hot labels [B, C]."""
        for layer in self.joined:
            layer.labels = labels
        try:
            output: CriticOutput = self.network(x) if draw is None else self.network(x, draw)
        finally:
            for layer in self.joined:
                layer.labels = None
        if self.conditioning == "input" or output.scores is None or labels is None:
            return output
        by_class: Tensor = self.classes(output.features)
        if self.conditioning == "classifier":
            return output._replace(logits=by_class)
        return output._replace(scores=output.scores + (by_class * labels).sum(-1))


def _join_first(network: nn.Module, classes: int) -> Joined:
    """Replace a critic's first layer with weights by a joined layer."""
    for path, layer in network.named_modules():  # in the order in which they were made, which is that of the pass
        if isinstance(layer, nn.Linear | nn.Conv2d | Spectral):
            joined = Joined(layer, classes)
            put(network, path, joined)
            return joined
    raise UserError("Labels need a linear or convolutional first layer, which this critic does not have.")


def _features_of(network: nn.Module) -> int:
    """Return the number of features that a critic scores by one layer."""
    for name, layer in network.named_modules():
        if name.rpartition(".")[2] == "score" and isinstance(getattr(layer, "weight", None), Tensor):
            return int(layer.weight.shape[1])
    raise UserError("Class scores need a critic whose scores are one linear layer of its features, named score.")
