"""Wrappers that change what the game sees: noise on the samples, packs of samples, only the best samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import torch
from torch import Tensor

from objectives.base import Critic, Game
from objectives.compose import Scores, Wrapper, one_batch, only_once
from objectives.ranges import not_negative
from objectives.search import OURS, SCALE, Searched, Span
from objectives.traits import Traits


@dataclass(frozen=True)
class InstanceNoise(Wrapper):
    """Instance noise (Sønderby et al., 2017, arXiv:1610.04490).

    both players see  x + s(t) n  and  G(z) + s(t) n'     n ~ N(0, 1),  s(t) = s (1 - t), or s if it does not decay

    t is the share of the budget spent. Linear decay is the paper's; s is in units of the data.
    """

    searched: ClassVar[Mapping[str, Searched]] = {"std": SCALE}

    std: float = 0.1  # s ≥ 0, in units of the data; ours
    decay: bool = True  # falls linearly to 0 over the budget

    def __post_init__(self) -> None:
        super().__post_init__()
        only_once(self, self.objective)
        one_batch(self)
        not_negative(std=self.std)

    @cached_property
    def traits(self) -> Traits:
        """State that its draws have the shape of the batch, that it may decay, and that noisy data are compared."""
        inner = self.objective.traits
        sees_progress = self.decay or inner.sees_progress
        return replace(inner, separable=False, divergence=None, sees_progress=sees_progress)

    def noisy(self, x: Tensor, game: Game, purpose: str) -> Tensor:
        """Add the current noise to a batch [B, *data]."""
        std = self.std * (1.0 - game.progress) if self.decay else self.std
        return x + std * game.normal(purpose, x.shape)

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return self.objective.critic_loss(critic, *self._both(real, fake, game), game)

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return self.objective.generator_loss(critic, *self._both(real, fake, game), game)

    def next_state(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> dict[str, Tensor]:
        return dict(self.objective.next_state(critic, *self._both(real, fake, game), game))

    def _both(self, real: Tensor, fake: Tensor, game: Game) -> tuple[Tensor, Tensor]:
        return self.noisy(real, game, "instance noise real"), self.noisy(fake, game, "instance noise fake")


class PackCritic:
    """A critic of packs [B, m, *data], built from one that takes the points of B packs as rows [m·B, *data].

    The engine scores the tensor objects `real` and `fake` in one pass, so their packs are mapped back to those objects.
    """

    def __init__(self, critic: Critic, *known: tuple[Tensor, Tensor]) -> None:
        self._critic = critic
        self._known = known  # (packs, the points they were made of)

    def _points(self, packs: Tensor) -> Tensor:
        return next((points for seen, points in self._known if seen is packs), packs.flatten(0, 1))

    def __call__(self, x: Tensor, /) -> Tensor:
        return self._critic(self._points(x))

    def features(self, x: Tensor, /) -> Tensor:
        return self._critic.features(self._points(x))

    def logits(self, x: Tensor, /) -> Tensor:
        return self._critic.logits(self._points(x))

    @property
    def head(self) -> Tensor:
        return self._critic.head


@dataclass(frozen=True)
class Packed(Wrapper):
    """Packing (Lin et al., 2018, arXiv:1712.04086).

    the critic judges packs of m points of one side, D(x_1, …, x_m); the batch size counts packs

    The points of pack i are the rows m·i … m·i + m - 1. Everything inside works on packs: a gradient penalty takes the
    gradient of a whole pack and draws one ε for each.
    """

    m: int = 2  # points in a pack, 1 to 64; the paper shows 2, 3 and 4

    def __post_init__(self) -> None:
        super().__post_init__()
        one_batch(self)
        if not 1 <= self.m <= 64:
            raise ValueError(f"m must be between 1 and 64, got '{self.m}'")
        if self.objective.traits.conditioning:
            raise ValueError("a pack contains points of several classes, but this objective needs one class per sample")
        if not self.objective.traits.trains_critic:
            raise ValueError("packing changes the critic's input, but this objective has no critic")

    @cached_property
    def traits(self) -> Traits:
        """State the size of a pack, and that the distributions of packs are compared."""
        return replace(self.objective.traits, packing=self.m, divergence=None)

    def packed(self, critic: Critic, real: Tensor, fake: Tensor) -> tuple[Critic, Tensor, Tensor]:
        """Return the critic and both batches as the inner objective sees them, packs being samples."""
        if real.shape[0] % self.m:
            raise ValueError(f"a batch of '{real.shape[0]}' points cannot be divided into packs of {self.m}")
        real_packs, fake_packs = (x.reshape(x.shape[0] // self.m, self.m, *x.shape[1:]) for x in (real, fake))
        return PackCritic(critic, (real_packs, real), (fake_packs, fake)), real_packs, fake_packs

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return self.objective.critic_loss(*self.packed(critic, real, fake), game)

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return self.objective.generator_loss(*self.packed(critic, real, fake), game)

    def next_state(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> dict[str, Tensor]:
        return dict(self.objective.next_state(*self.packed(critic, real, fake), game))


@dataclass(frozen=True)
class TopK(Wrapper):
    """Top-k training of the generator (Sinha et al., 2020, arXiv:2002.06224).

    generator  1/k Σ over the k fakes that the critic finds most real     k = ⌈B · max(ν, ν^(t/τ))⌉

    t is the share of the budget spent: from the whole batch, k falls geometrically to ν B at t = τ. The paper
    multiplies k by 0.99 per epoch until ν B; the schedule over the budget is ours. It needs a generator loss that is a
    mean over samples.
    """

    searched: ClassVar[Mapping[str, Searched]] = {"share": Searched(Span(0.1, 1.0), Span(0.3, 0.9), OURS)}

    share: float = 0.5  # ν in (0, 1], the share of the batch that remains; the paper's
    reached: float = 0.5  # τ in (0, 1], the share of the budget at which it is reached; ours

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (0.0 < self.share <= 1.0 and 0.0 < self.reached <= 1.0):
            raise ValueError(f"share and reached must be in (0, 1], got '{self.share}' and '{self.reached}'")
        inner = self.objective.traits
        if not inner.separable or inner.critic_kind not in ("score", "energy"):
            raise ValueError("top-k needs a generator loss that is a mean over scores, and must come before noise")

    @cached_property
    def traits(self) -> Traits:
        """State that the whole batch decides which samples count, and progress how many."""
        return replace(self.objective.traits, separable=False, sees_progress=True)

    def kept(self, count: int, progress: Tensor) -> Tensor:
        """Return the current k for a batch of `count`."""
        exponent = (progress / self.reached).clamp_max(1.0)
        return (count * self.share**exponent - 1e-6).ceil()  # the margin: 64 · ½ may come out as 32.000001

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        real_scores, fake_scores = critic(real), critic(fake)

        def loss_of_one(real_score: Tensor, fake_score: Tensor) -> Tensor:
            return self.objective.generator_loss(Scores(), real_score[None], fake_score[None], game)

        losses = torch.func.vmap(loss_of_one)(real_scores, fake_scores)
        realness = -fake_scores if self.traits.critic_kind == "energy" else fake_scores
        rank = realness.argsort(descending=True).argsort()
        k = self.kept(fake_scores.shape[0], game.progress)
        return (losses * (rank < k)).sum() / k
