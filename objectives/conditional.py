"""Conditional games: both players know the class of each sample.

A generated batch has the same labels, row by row, as the real batch it is compared with, so all points between the two
have one class. Labels of samples to be scored are drawn with the class frequencies of the training data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

from torch import Tensor
from torch.nn.functional import log_softmax

from objectives.base import Critic, Game
from objectives.compose import Penalty, Wrapper
from objectives.ranges import not_negative
from objectives.search import Searched
from objectives.search import weight as around
from objectives.traits import Added, Traits


@dataclass(frozen=True)
class Conditional(Wrapper):
    """Base class of wrappers that give labels to both players and change no loss."""

    def __post_init__(self) -> None:
        super().__post_init__()
        inner = self.objective.traits
        if inner.critic_kind != "score":
            raise ValueError(f"labels need a critic of kind score, but this objective's is '{inner.critic_kind}'")
        if inner.conditioning:
            raise ValueError("labels can enter the critic in only one way; use one of projection, acgan and label")
        if inner.second_batch or inner.detaches:
            raise ValueError("labels need a loss of one batch per side without stopped gradients")


@dataclass(frozen=True)
class Projection(Conditional):
    """Projection discriminator (Miyato & Koyama, 2018, arXiv:1802.05637).

    both players see the critic  D(x, y) = D(x) + V_y · h(x)     h: its last hidden layer, V_y a vector for each class

    The generator gets the label in addition to its noise.
    """

    @cached_property
    def traits(self) -> Traits:
        """State how labels enter, and that conditional distributions are compared."""
        return replace(self.objective.traits, conditioning="projection", pairs=True, divergence=None)


@dataclass(frozen=True)
class LabelInput(Conditional):
    """Conditional GAN, labels joined to both inputs (Mirza & Osindero, 2014, arXiv:1411.1784).

    both players see the critic  D(x, y)     y joins x in its first layer, and z in the generator's

    A one-hot label as a further input of a layer is equivalent to one bias per class, which is how it is built.
    """

    @cached_property
    def traits(self) -> Traits:
        """State how labels enter, and that conditional distributions are compared."""
        return replace(self.objective.traits, conditioning="input", pairs=True, divergence=None)


@dataclass(frozen=True)
class AuxiliaryClassifier(Penalty):
    """Auxiliary classifier, AC-GAN (Odena et al., 2017, arXiv:1610.09585).

    critic     + w (E CE(C(x), y) + E CE(C(G(z, y)), y))     C: a linear head on the critic's last hidden layer
    generator  + w E CE(C(G(z, y)), y)

    CE is the cross-entropy of the class. The scores stay unconditional; the generator gets the label with its noise.
    """

    traits = Added(critics=("score",), conditioning="classifier", pairs=True)
    searched: ClassVar[Mapping[str, Searched]] = {"weight": around(1.0)}

    weight: float = 1.0  # w ≥ 0, the paper's

    def __post_init__(self) -> None:
        not_negative(weight=self.weight)

    def error(self, critic: Critic, x: Tensor, game: Game) -> Tensor:
        """Return the mean cross-entropy of the classes of a batch."""
        return -(game.labels * log_softmax(critic.logits(x), 1)).sum(1).mean()

    def critic_term(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return self.weight * (self.error(critic, real, game) + self.error(critic, fake, game))

    def generator_term(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return self.weight * self.error(critic, fake, game)
