"""Composition: what can wrap an objective, and how composed games are taken apart and reassembled.

In Python `Penalised(Hinge(), R1(1.0))`; on the command line `hinge+r1:gamma=1`. A wrapper applies to everything on its
left: `ns+noise+r1` penalises the critic on clean data, `ns+r1+noise` on noisy data. Adjacent penalties commute. Packing
changes what one sample is, so it is always outermost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar, TypeAlias

from torch import Tensor

from objectives.base import Critic, Game, Objective
from objectives.search import Searched
from objectives.traits import Added, Recommended, Traits, refuse_stray_traits


@dataclass(frozen=True)
class Penalty:
    """A term added to an objective's losses, a constraint on its critic, or both; the fields are hyper-parameters."""

    revision: ClassVar[int] = 0  # raised when the same settings no longer give the same numbers
    searched: ClassVar[Mapping[str, Searched]] = {}  # the fields that are tuned, and their ranges

    @cached_property
    def traits(self) -> Added:
        """What it adds to a game; write `traits = Added(sample_gradients=True)` in your class."""
        return Added()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        refuse_stray_traits(cls, Added)

    def critic_term(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor | None:
        """Return the term added to the critic's loss, a scalar, or None."""
        return None

    def generator_term(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor | None:
        """Return the term added to the generator's loss, a scalar, or None."""
        return None

    def initial_state(self, game: Game) -> Mapping[str, Tensor]:
        """Return the penalty's own entries of the state before the first update."""
        return {}

    def next_state(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Mapping[str, Tensor]:
        """Return the penalty's own entries after a critic update, and no others."""
        return {}

    def constrain(self, critic_parameters: Tensor) -> Tensor:
        """Project the critic's parameters [P] after each of its updates."""
        return critic_parameters


Part: TypeAlias = Objective | Penalty


@dataclass(frozen=True)
class Wrapper(Objective):
    """An objective around another one; whatever it does not change is delegated to the inner objective."""

    objective: Objective

    def __post_init__(self) -> None:
        if self.objective.traits.packing > 1:
            raise ValueError("packing changes what one sample is, so pac must be the last wrapper")

    @cached_property
    def traits(self) -> Traits:
        """Return the inner objective's traits; a wrapper replaces those it changes."""
        return self.objective.traits

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return self.objective.critic_loss(critic, real, fake, game)

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return self.objective.generator_loss(critic, real, fake, game)

    def initial_state(self, game: Game) -> Mapping[str, Tensor]:
        return self.objective.initial_state(game)

    def next_state(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Mapping[str, Tensor]:
        return self.objective.next_state(critic, real, fake, game)

    def constrain(self, critic_parameters: Tensor) -> Tensor:
        return self.objective.constrain(critic_parameters)


@dataclass(frozen=True)
class Penalised(Wrapper):
    """An objective with one penalty.

    critic     L_D + penalty's critic term
    generator  L_G + penalty's generator term
    """

    penalty: Penalty
    paper: Recommended | None = field(default=None, compare=False, repr=False)  # settings of a named composition

    def __post_init__(self) -> None:
        super().__post_init__()
        name, kind = type(self.penalty).__name__, self.objective.traits.critic_kind
        if kind not in self.penalty.traits.critics:
            wanted = " or ".join(self.penalty.traits.critics)
            raise ValueError(f"{name} needs a critic of kind {wanted}, but this objective's is '{kind}'")
        only_once(self.penalty, self.objective)
        if self.objective.traits.conditioning and self.penalty.traits.conditioning:
            raise ValueError("labels can enter the critic in only one way; use one of projection, acgan and label")

    @cached_property
    def traits(self) -> Traits:
        """Combine both; the optimal critic's divergence is known only if the critic's loss is unchanged."""
        traits = self.objective.traits.combined(self.penalty.traits)
        measures_game = traits.critic_kind == "embedding"  # there the divergence is the generator's loss
        if measures_game or not leaves_the_critic_alone(self.penalty):
            traits = replace(traits, divergence=None)
        return traits if self.paper is None else replace(traits, recommended=self.paper)

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        loss = self.objective.critic_loss(critic, real, fake, game)
        term = self.penalty.critic_term(critic, real, fake, game)
        return loss if term is None else loss + term

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        loss = self.objective.generator_loss(critic, real, fake, game)
        term = self.penalty.generator_term(critic, real, fake, game)
        return loss if term is None else loss + term

    def initial_state(self, game: Game) -> Mapping[str, Tensor]:
        return {**self.objective.initial_state(game), **self.penalty.initial_state(game)}

    def next_state(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Mapping[str, Tensor]:
        inner = self.objective.next_state(critic, real, fake, game)
        return {**inner, **self.penalty.next_state(critic, real, fake, game)}

    def constrain(self, critic_parameters: Tensor) -> Tensor:
        return self.penalty.constrain(self.objective.constrain(critic_parameters))


@dataclass(frozen=True)
class Composition:
    """A named game that is a loss with its penalties: their values, the paper's settings, and the docstring.

    Calling it builds the game: `r3gan()`.
    """

    parts: tuple[Part, ...]
    recommended: Recommended | None  # None: those of the loss alone
    doc: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "__doc__", self.doc)  # where `help` and the documentation look

    def __call__(self) -> Objective:
        return assemble(self.parts, self.recommended)


def leaves_the_critic_alone(penalty: Penalty) -> bool:
    """Return whether a penalty neither adds to the critic's loss nor constrains the critic."""
    return type(penalty).critic_term is Penalty.critic_term and not penalty.traits.constrains


def only_once(part: Part, objective: Objective) -> None:
    """Raise an error for a part that the objective already has: both would share draws and state."""
    if any(type(other) is type(part) for other in parts(objective)):
        raise ValueError(f"{type(part).__name__} appears twice in one game; give it only once")


def one_batch(wrapper: Wrapper) -> None:
    """Raise an error for an inner objective that needs second batches, which this wrapper would not change."""
    if wrapper.objective.traits.second_batch:
        inner = type(wrapper.objective).__name__
        raise ValueError(f"{type(wrapper).__name__} changes only one batch per side, but {inner} needs two")


class Scores:
    """The critic of a game whose samples are already scores."""

    def __call__(self, x: Tensor, /) -> Tensor:
        return x

    def features(self, x: Tensor, /) -> Tensor:
        raise ValueError("this wrapper needs a loss that depends only on scores, but the inner one reads features")

    def logits(self, x: Tensor, /) -> Tensor:
        raise ValueError("this wrapper needs a loss that depends only on scores, but the inner one classifies")

    @property
    def head(self) -> Tensor:
        raise ValueError("this wrapper needs a loss that depends only on scores, but the inner one reads the head")


def parts(objective: Objective) -> tuple[Part, ...]:
    """Take a game apart, the innermost objective first."""
    if isinstance(objective, Penalised):
        return (*parts(objective.objective), objective.penalty)
    if isinstance(objective, Wrapper):
        return (*parts(objective.objective), objective)
    return (objective,)


def arrange(pieces: Iterable[Part]) -> tuple[Part, ...]:
    """Put the parts of a game into canonical order: adjacent penalties by name, packing outermost."""
    base, *wrappers = pieces
    ordered: list[Part] = []
    run: list[Part] = []
    for part in sorted(wrappers, key=lambda part: isinstance(part, Wrapper) and part.traits.packing > 1):
        if isinstance(part, Penalty):
            run.append(part)
        else:
            ordered += [*sorted(run, key=lambda part: type(part).__qualname__), part]
            run = []
    return (base, *ordered, *sorted(run, key=lambda part: type(part).__qualname__))


def assemble(pieces: Iterable[Part], paper: Recommended | None = None) -> Objective:
    """Put a game together from its parts, the innermost objective first."""
    game, *wrappers = pieces
    if not isinstance(game, Objective):
        raise ValueError(f"{type(game).__name__} is a penalty; it needs an objective to its left")
    for part in wrappers:
        if isinstance(part, Penalty):
            game = Penalised(game, part, paper=paper)
        elif isinstance(part, Wrapper):
            game = replace(part, objective=game)
        else:
            raise ValueError(f"{type(part).__name__} is an objective and cannot wrap another one")
    return game
