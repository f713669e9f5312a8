"""What an objective is, and what its losses may look at."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple, Protocol, TypeVar

from torch import Tensor

from objectives.search import Searched

CriticKind = Literal["score", "energy", "embedding", "none"]  # none: the objective never calls its critic
Part = TypeVar("Part")


class Critic(Protocol):
    """The critic as a loss sees it: fixed parameters, any batch."""

    def __call__(self, x: Tensor, /) -> Tensor:
        """Return the scores [B] of a batch [B, *data]."""
        ...

    def features(self, x: Tensor, /) -> Tensor:
        """Return the embedding [B, F] of a batch [B, *data]."""
        ...


class Game(Protocol):
    """The rest of the game: random draws, the objective's own state, progress, both players' parameters.

    A draw depends on (seed, purpose, iteration) alone: the same purpose asked twice in one update gives the same
    numbers.
    """

    @property
    def state(self) -> Mapping[str, Tensor]:
        """The objective's own state, as `initial_state` and `next_state` made it."""
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

    def uniform(self, purpose: str, shape: Sequence[int]) -> Tensor:
        """Draw from U[0, 1)."""
        ...

    def normal(self, purpose: str, shape: Sequence[int]) -> Tensor:
        """Draw from N(0, 1)."""
        ...


@dataclass(frozen=True)
class Recommended:
    """The training settings of an objective's own paper; None where the paper leaves the choice open."""

    optimiser: str | None = None
    generator_learning_rate: float | None = None
    critic_learning_rate: float | None = None
    beta1: float | None = None
    beta2: float | None = None
    momentum: float | None = None
    critic_steps: int | None = None
    batch: int | None = None


class Optimum(NamedTuple):
    """The best critic against two known distributions, and what it earns."""

    scores: Tensor  # D*(x) at each point of the support [K]
    loss: Tensor  # the critic's loss there, by the definition of the divergence


@dataclass(frozen=True)
class Objective:
    """Two losses of one game, written for one member; the fields are the hyper-parameters.

    `real` and `fake` are batches [B, *data]; both losses are scalars to be minimised. Losses never detach:
    which player moves is the engine's business. A high score says "real"; a high energy says "fake".
    """

    critic_kind: ClassVar[CriticKind] = "score"
    score_range: ClassVar[tuple[float, float]] = (-1e4, 1e4)  # losses and gradients are finite within
    shift_invariant: ClassVar[bool] = False  # adding a constant to all scores changes no gradient
    recommended: ClassVar[Recommended] = Recommended()
    trains_critic: ClassVar[bool] = True  # False: no critic update is needed, the loss never calls the critic
    packing: ClassVar[int] = 1  # m points in one critic input: [m·B, *data] -> [B], pack i in rows m·i to m·i + m - 1
    separable: ClassVar[bool] = True  # the generator's loss is a mean over its samples, or over pairs
    pairs: ClassVar[bool] = False  # real and fake samples meet row by row, so their common order matters
    sample_gradients: ClassVar[bool] = False  # takes ∇D at single samples: wrong if the critic couples its batch
    sees_parameters: ClassVar[bool] = False  # a loss reads the players' parameter vectors off the game
    constrains: ClassVar[bool] = False  # `constrain` moves the critic's parameters
    bounded: ClassVar[bool] = True  # no critic can push its own loss to -∞ while p and q share their support
    unbounded_since: ClassVar[str] = "it needs a constraint on its critic"  # why one can, where it is not bounded
    divergence: ClassVar[str | None] = None  # what the optimal critic measures, in words
    revision: ClassVar[int] = 0  # raised when the same settings give other numbers than before
    state_range: ClassVar[Mapping[str, tuple[float, float]]] = {}  # where a state entry must stay
    searched: ClassVar[Mapping[str, Searched]] = {}  # the fields that are tuned, and over what

    def answer(self, name: str, value: object) -> None:
        """Answer a question about the game (a class variable elsewhere) for this instance, whose fields are frozen."""
        object.__setattr__(self, name, value)

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
        """Project the critic's parameters [P] after each of its updates; most objectives leave them alone."""
        return critic_parameters

    def optimum(self, p: Tensor, q: Tensor) -> Optimum | None:
        """Return the optimal critic for real weights p [K] and fake weights q [K] on one support, where it is known."""
        return None


def _lacking(objective: Objective, method: str) -> NotImplementedError:
    name = type(objective).__name__
    return NotImplementedError(f"{name} lacks a method, {method}(self, critic, real, fake, game), that gives a scalar")


def float_fields(value: Any, prefix: str = "") -> dict[str, float]:
    """List the float hyper-parameters of an objective by path, nested parts included: `penalty.gamma`."""
    found: dict[str, float] = {}
    for field in dataclasses.fields(value):
        path, content = prefix + field.name, getattr(value, field.name)
        if not field.compare:
            continue  # no part of the game
        if isinstance(content, float) or (type(content) is int and isinstance(field.default, float)):
            found[path] = float(content)
        elif dataclasses.is_dataclass(content):
            found |= float_fields(content, path + ".")
    return found


def bind(value: Part, settings: Mapping[str, Tensor], prefix: str = "") -> Part:
    """Copy an objective with some float fields replaced by tensors, by path, without validating them again."""
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
