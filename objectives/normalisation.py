"""Wrappers that normalise the critic: by its gradient, by the spectral norm of its layers, or layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from objectives.base import Critic, Game
from objectives.compose import Wrapper, only_once
from objectives.penalties import root
from objectives.traits import Traits


class NormalisedCritic:
    """The critic D / (‖∇D‖ + |D|), each sample by its own gradient."""

    def __init__(self, critic: Critic) -> None:
        self._critic = critic

    def __call__(self, x: Tensor, /) -> Tensor:
        def total(points: Tensor) -> tuple[Tensor, Tensor]:
            scores = self._critic(points)
            return scores.sum(), scores

        gradient, scores = torch.func.grad(total, has_aux=True)(x)
        normalised: Tensor = scores / (root(gradient.flatten(1).square().sum(1)) + scores.abs())
        return normalised

    def features(self, x: Tensor, /) -> Tensor:
        return self._critic.features(x)

    def logits(self, x: Tensor, /) -> Tensor:
        return self._critic.logits(x)

    @property
    def head(self) -> Tensor:
        raise ValueError("a critic normalised by its gradient is not a linear map of its features")


@dataclass(frozen=True)
class GradientNormalised(Wrapper):
    """Gradient normalisation, GN-GAN (Wu et al., 2021, arXiv:2109.02235).

    both players see the critic  D̂(x) = D(x) / (‖∇D(x)‖ + |D(x)|)

    D̂ is in [-1, 1] and is 1-Lipschitz where D is piecewise linear.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        only_once(self, self.objective)
        if (kind := self.objective.traits.critic_kind) != "score":
            raise ValueError(f"gn normalises scores and needs a critic of kind score, but this objective's is '{kind}'")

    @cached_property
    def traits(self) -> Traits:
        """State that the scores are bounded and that they depend on gradients at single samples."""
        return replace(
            self.objective.traits,
            sample_gradients=True,
            separable=False,
            shift_invariant=False,
            unbounded="",
            divergence=None,
        )

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return self.objective.critic_loss(NormalisedCritic(critic), real, fake, game)

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return self.objective.generator_loss(NormalisedCritic(critic), real, fake, game)

    def next_state(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Mapping[str, Tensor]:
        return self.objective.next_state(NormalisedCritic(critic), real, fake, game)


@dataclass(frozen=True)
class NormalisedLayers(Wrapper):
    """Base class of wrappers that change the critic's layers but no loss."""

    def __post_init__(self) -> None:
        super().__post_init__()
        only_once(self, self.objective)
        if not self.objective.traits.trains_critic:
            raise ValueError("sn and ln normalise the critic, but this objective has no critic")
        if self.objective.traits.critic_norm:
            raise ValueError("sn and ln exclude each other: layer norm cancels the scale that spectral norm divides by")


@dataclass(frozen=True)
class SpectrallyNormalised(NormalisedLayers):
    """Spectral normalisation of the critic (Miyato et al., 2018, arXiv:1802.05957).

    every weight W of the critic becomes  W / σ(W)     σ: the largest singular value, by one power iteration per update

    The losses are unchanged; the critic of any architecture is built with normalised layers, from the same initial
    weights. A convolution's W is its kernel as a matrix with one row per output channel, as in the paper.
    """

    @cached_property
    def traits(self) -> Traits:
        """State that the engine builds the critic with normalised layers, which bounds what it can earn."""
        inner = self.objective.traits
        why = "the critic is bounded by the norm of its layers, which the laws do not apply"
        return replace(inner, critic_norm="spectral", unbounded=inner.unbounded and why, divergence=None)


@dataclass(frozen=True)
class LayerNormalised(NormalisedLayers):
    """Layer normalisation of the critic (Ba et al., 2016, arXiv:1607.06450).

    the values a of a layer at one sample become  g (a - m) / sqrt(v + 1e-5) + b     m, v: their mean and variance

    g and b are trained, one of each per unit or channel. The losses are unchanged. Layer norm replaces batch norm where
    the critic has it, as Gulrajani et al. (2017, arXiv:1704.00028) recommend with their gradient penalty, since it does
    not couple the samples of a batch; in any other critic it follows each hidden layer, as in the original paper. The
    decoder of an energy and the initial weights are unchanged.
    """

    @cached_property
    def traits(self) -> Traits:
        """State that the engine builds the critic with layer norm; the optimal critic's divergence does not change."""
        return replace(self.objective.traits, critic_norm="layer")
