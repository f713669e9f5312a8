"""The traits of a game: what the engine, the laws and a reader must know about it besides its losses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Literal

CriticKind = Literal["score", "energy", "embedding", "none"]  # none: the objective never calls its critic

# How a game uses labels: not at all, as an input of the critic, by projection on its features, by a classifier head.
Conditioning = Literal["", "input", "projection", "classifier"]

CriticNorm = Literal["", "spectral", "layer"]  # how the layers of the critic are normalised


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
    generator_steps: int | None = None
    batch: int | None = None


@dataclass(frozen=True)
class Traits:
    """What is true of a game; an objective states what differs from the defaults: `traits = Traits(pairs=True)`."""

    critic_kind: CriticKind = "score"
    score_range: tuple[float, float] = (-1e4, 1e4)  # losses and gradients are finite within, in float32
    shift_invariant: bool = False  # adding a constant to all scores changes no gradient
    packing: int = 1  # m points in one critic input: [m·B, *data] -> [B], pack i in rows m·i to m·i + m - 1
    separable: bool = True  # the generator's loss is a mean over its samples, or over pairs
    pairs: bool = False  # real and fake samples meet row by row, so their common order matters
    sample_gradients: bool = False  # takes ∇D at single samples: wrong if the critic couples its batch
    sees_parameters: bool = False  # a loss reads the players' parameter vectors from the game
    sees_progress: bool = False  # a loss changes with the share of the budget spent; such a run has no ladder
    constrains: bool = False  # `constrain` moves the critic's parameters
    unbounded: str = ""  # why a critic can push its own loss to -∞ where p and q share their support; empty: none can
    divergence: str | None = None  # what the optimal critic measures, in words
    state_range: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # where a state entry must stay
    state_signs: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # response to higher D(x) and D(G(z))
    detaches: bool = False  # a loss stops gradients, so no dynamics may differentiate through an update
    critic_norm: CriticNorm = ""  # how the engine normalises the layers of the critic that it builds
    images: bool = False  # needs images [C, H, W]
    conditioning: Conditioning = ""  # how labels enter the critic; where they do, the generator gets them too
    second_batch: bool = False  # asks for `game.second_real` and `game.second_fake`
    recommended: Recommended = Recommended()  # the training settings of its paper

    @property
    def trains_critic(self) -> bool:
        """Return whether there is a critic to train."""
        return self.critic_kind != "none"

    def combined(self, added: Added) -> Traits:
        """Return the traits with an addition: guarantees hold if both give them, requirements add up."""
        return replace(
            self,
            shift_invariant=self.shift_invariant and added.shift_invariant,
            separable=self.separable and added.separable,
            pairs=self.pairs or added.pairs,
            sample_gradients=self.sample_gradients or added.sample_gradients,
            sees_parameters=self.sees_parameters or added.sees_parameters,
            sees_progress=self.sees_progress or added.sees_progress,
            constrains=self.constrains or added.constrains,
            conditioning=self.conditioning or added.conditioning,
            unbounded="" if added.bounds else self.unbounded,
            state_range={**self.state_range, **added.state_range},
            state_signs={**self.state_signs, **added.state_signs},
        )


@dataclass(frozen=True)
class Added:
    """What a penalty adds to a game; with the defaults it changes no trait."""

    critics: tuple[CriticKind, ...] = ("score", "energy")  # the critics it makes sense for
    shift_invariant: bool = True  # adding a constant to all scores changes no gradient
    separable: bool = True  # leaves the generator's loss a mean over its samples
    pairs: bool = False  # compares real and fake samples row by row
    sample_gradients: bool = False  # takes ∇D at single samples
    sees_parameters: bool = False  # a term reads the players' parameter vectors from the game
    sees_progress: bool = False  # a term changes with the share of the budget spent
    constrains: bool = False  # `constrain` moves the critic's parameters
    conditioning: Conditioning = ""  # how labels enter the critic, and with it the generator
    bounds: bool = False  # keeps a critic's loss from -∞ where the loss alone does not
    state_range: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # where a state entry must stay
    state_signs: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # how it moves, see `Traits`


def refuse_stray_traits(cls: type, kind: type[Traits | Added]) -> None:
    """Reject a class that states a trait as an attribute of its own, which nothing would read."""
    if stray := [name for name in (each.name for each in fields(kind)) if name in vars(cls)]:
        stated = ", ".join(f"{name}=..." for name in stray)
        raise TypeError(f"{cls.__name__} states '{stray[0]}' as an attribute; write traits = {kind.__name__}({stated})")
