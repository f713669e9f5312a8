"""Networks that know a sample's class: any generator and any critic of scores, given labels as rows [B, C] of 0 and 1.

A label joins a network at its first layer, as if it stood beside the input: a generator's noise is z and y side by
side, a critic's input is joined by one more map for each class, or the label meets the critic's last features.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from benchmark.networks.base import CriticNetwork, CriticOutput, Draw
from benchmark.networks.layers import Spectral
from objectives.traits import Conditioning


def conditional_generator(network: nn.Module, noise: int, classes: int) -> nn.Module:
    """Widen a generator's first linear layer to noise of `noise` values and a label, and return the generator.

    The weights for the noise stay; those for the classes are drawn as widely as they are.
    """
    for path, layer in network.named_modules():
        if isinstance(layer, nn.Linear) and layer.in_features == noise:
            put(network, path, widen(layer, classes))
            return network
    raise TypeError("a conditional generator begins with a linear layer on its noise, and this one does not")


def put(network: nn.Module, path: str, layer: nn.Module) -> None:
    """Put a layer in the place of the one at a path."""
    owner, _, name = path.rpartition(".")
    setattr(network.get_submodule(owner), name, layer)


def widen(plain: nn.Linear, classes: int) -> nn.Linear:
    """Return a linear layer that takes a label beside its input."""
    layer = nn.Linear(plain.in_features + classes, plain.out_features, bias=plain.bias is not None)
    weight = plain.weight.detach()
    added = torch.randn(plain.out_features, classes) * weight.std()
    layer.weight = nn.Parameter(torch.cat([weight, added], 1))
    layer.bias = plain.bias
    return layer


class Joined(nn.Module):
    """A critic's first layer with a bias of its own for each class: what a label beside the input comes to.

    The label is set by the critic around it for the length of one pass.
    """

    def __init__(self, plain: nn.Linear | nn.Conv2d | Spectral, classes: int) -> None:
        super().__init__()
        self.plain = plain
        self.classes = nn.Linear(classes, len(plain.weight), bias=False)
        nn.init.normal_(self.classes.weight, 0.0, float(plain.weight.detach().std()))
        self.labels: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
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
        self.joined: list[Joined] = []  # not a submodule of its own: the network holds it
        if conditioning == "input":
            self.joined = [_join_first(network, classes)]
        else:
            self.classes = nn.Linear(_features_of(network), classes, bias=conditioning == "classifier")

    def forward(self, x: Tensor, draw: Draw | None = None, labels: Tensor | None = None) -> CriticOutput:
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
    """Put a joined layer in the place of a critic's first layer with weights."""
    for path, layer in network.named_modules():  # in the order in which they were made, which is that of the pass
        if isinstance(layer, nn.Linear | nn.Conv2d | Spectral):
            joined = Joined(layer, classes)
            put(network, path, joined)
            return joined
    raise TypeError("a label joins a linear or convolutional first layer, and this critic has none")


def _features_of(network: nn.Module) -> int:
    """Return the number of features that a critic scores by one layer."""
    for name, layer in network.named_modules():
        if name.rpartition(".")[2] == "score" and isinstance(getattr(layer, "weight", None), Tensor):
            return int(layer.weight.shape[1])
    raise TypeError("a head for classes needs a critic that scores its features by one linear layer, named score")
