"""What an objective is, and what its losses can access."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar

from torch import Tensor

from objectives.search import Searched
from objectives.traits import CriticKind as CriticKind
from objectives.traits import Traits, refuse_stray_traits

Part = TypeVar("Part")


NO_SECOND = "a loss uses a second batch; set second_batch=True in its traits"


class Critic(Protocol):
    """The critic as a loss sees it: fixed parameters, any batch."""

    def __call__(self, x: Tensor, /) -> Tensor:
        """Return the scores [B] of a batch [B, *data]."""
        ...

    def features(self, x: Tensor, /) -> Tensor:
        """Return the embedding [B, F] of a batch [B, *data]."""
        ...

    def logits(self, x: Tensor, /) -> Tensor:
        """Return the class logits [B, C] of a batch, if the objective has the critic classify."""
        ...

    @property
    def head(self) -> Tensor:
        """The weights [F] of the last layer of a critic of kind score: D(x) = head · features(x) + a bias."""
        ...


class Game(Protocol):
    """The rest of the game: random draws, the objective's state, progress, the generator, both players' parameters.

    A draw depends only on (seed, purpose, iteration): drawing twice for the same purpose in one update gives the same
    numbers.
    """

    @property
    def state(self) -> Mapping[str, Tensor]:
        """The objective's own state, as returned by `initial_state` or `next_state`."""
        ...

    @property
    def progress(self) -> Tensor:
        """Share of the budget already spent, a scalar in [0, 1]."""
        ...

    @property
    def critic_parameters(self) -> Tensor:
        """All parameters of the critic in one vector [P]."""
        ...

    @property
    def generator_parameters(self) -> Tensor:
        """All parameters of the generator in one vector [P]."""
        ...

    @property
    def noise(self) -> Tensor:
        """The noise [B, Z] of the generated batch: `fake` is `generator(noise)`."""
        ...

    def generator(self, noise: Tensor, /) -> Tensor:
        """Return the generator's samples [B, *data] for noise [B, Z]."""
        ...

    @property
    def labels(self) -> Tensor:
        """The one-hot labels [B, C] of the batch; row i of real and row i of fake have the same class."""
        ...

    @property
    def second_real(self) -> Tensor:
        """A second, independent batch of real samples, for objectives that state `second_batch=True`."""
        ...

    @property
    def second_fake(self) -> Tensor:
        """A second, independent batch of generated samples, likewise."""
        ...

    def uniform(self, purpose: str, shape: Sequence[int]) -> Tensor:
        """Draw from U[0, 1)."""
        ...

    def normal(self, purpose: str, shape: Sequence[int]) -> Tensor:
        """Draw from N(0, 1)."""
        ...


class Optimum(NamedTuple):
    """The optimal critic for two known distributions, and its loss."""

    scores: Tensor  # D*(x) at each point of the support [K]
    loss: Tensor  # the critic's loss there, by the definition of the divergence
    state: Mapping[str, Tensor] = {}  # entries of the objective's state at which the critic is optimal


@dataclass(frozen=True)
class Objective:
    """The two losses of a game, written for one member; the fields are the hyper-parameters.

    `real` and `fake` are batches [B, *data]; both losses are scalars to be minimised. Losses never detach:
    the engine decides which player moves. A high score says "real"; a high energy says "fake".
    """

    revision: ClassVar[int] = 0  # raised when the same settings no longer give the same numbers
    searched: ClassVar[Mapping[str, Searched]] = {}  # the fields that are tuned, and their ranges

    @cached_property
    def traits(self) -> Traits:
        """What the engine and the laws must know about the game; write `traits = Traits(pairs=True)` in your class."""
        return Traits()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        refuse_stray_traits(cls, Traits)

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        """Return the critic's loss, a scalar."""
        raise _lacking(self, "critic_loss")

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        """Return the generator's loss, a scalar."""
        raise _lacking(self, "generator_loss")

    def initial_state(self, game: Game) -> Mapping[str, Tensor]:
        """Return the objective's own state before the first update; most have none."""
        return {}

    def next_state(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Mapping[str, Tensor]:
        """Return the state after a critic update, from that update's batch and the critic before it."""
        return game.state

    def constrain(self, critic_parameters: Tensor) -> Tensor:
        """Project the critic's parameters [P] after each of its updates; most objectives do not change them."""
        return critic_parameters

    def optimum(self, p: Tensor, q: Tensor) -> Optimum | None:
        """Return the optimal critic for real weights p [K] and fake weights q [K] on one support; None if unknown."""
        return None


def _lacking(objective: Objective, method: str) -> NotImplementedError:
    name = type(objective).__name__
    return NotImplementedError(f"{name} needs a method {method}(self, critic, real, fake, game) that returns a scalar")


def float_fields(value: Any, prefix: str = "") -> dict[str, float]:
    """List the float hyper-parameters of an objective by path, nested parts included: `penalty.gamma`."""
    found: dict[str, float] = {}
    for field in dataclasses.fields(value):
        path, content = prefix + field.name, getattr(value, field.name)
        if not field.compare:
            continue  # not part of the game
        if isinstance(content, float) or (type(content) is int and isinstance(field.default, float)):
            found[path] = float(content)
        elif dataclasses.is_dataclass(content):
            found |= float_fields(content, path + ".")
    return found


def bind(value: Part, settings: Mapping[str, Tensor], prefix: str = "") -> Part:
    """Copy an objective with some float fields replaced by tensors, by path, without validating them again."""
    getattr(value, "traits", None)  # computed while the fields are numbers; the copy keeps the result
    bound = copy.copy(value)
    for field in dataclasses.fields(value):  # type: ignore[arg-type]
        path, content = prefix + field.name, getattr(value, field.name)
        if not field.compare:
            continue
        if path in settings:
            object.__setattr__(bound, field.name, settings[path])
        elif dataclasses.is_dataclass(content):
            object.__setattr__(bound, field.name, bind(content, settings, path + "."))
    return bound
