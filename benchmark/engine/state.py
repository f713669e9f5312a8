"""What a group carries from one iteration to the next, and what an iteration reports: trees of tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from torch import Tensor

from benchmark.engine.game import Players
from benchmark.engine.optimisers import OptimiserState


class Player(NamedTuple):
    """One player of every member: its parameters, its optimiser's state, and the updates so far."""

    parameters: Tensor  # [K, P]
    optimiser: OptimiserState
    updates: Tensor  # scalar


class State(NamedTuple):
    """A group's state; the first axis of every tensor is the member, except for the players' counters."""

    critic: Player
    generator: Player
    objective: Mapping[str, Tensor]  # the objective's own state
    memory: Mapping[str, Tensor]  # of the dynamics, such as the past gradient
    average: Mapping[str, Tensor]  # the generator's moving average, where it is on
    alive: Tensor  # [K], False from the first non-finite loss or gradient on
    ended: Tensor  # [K], the iteration at which a member became non-finite, or -1

    @property
    def players(self) -> Players:
        """Return what the losses see of it."""
        return Players(self.critic.parameters, self.generator.parameters, self.objective)

    def at(self, *, critic: Tensor | None = None, generator: Tensor | None = None) -> State:
        """Return the state with other parameters [K, P] of one player or both."""
        changed = {"critic": critic, "generator": generator}
        players = {
            name: getattr(self, name)._replace(parameters=value) for name, value in changed.items() if value is not None
        }
        return self._replace(**players)


class Batch(NamedTuple):
    """What one iteration consumes: R rounds of index batches and noise, and one key per member."""

    indices: Tensor  # [R, K, B]
    noise: Tensor  # [R, K, B, Z]
    key: Tensor  # [K]
    iteration: Tensor  # scalar
    second: Mapping[str, Tensor]  # indices and noise of the second batches likewise, where they are asked for


class Terms(NamedTuple):
    """What one iteration reports, each [K]; the last critic step's where there are several."""

    critic_loss: Tensor
    generator_loss: Tensor
    critic_gradient: Tensor  # Euclidean norm, before clipping
    generator_gradient: Tensor
    real_score: Tensor  # mean over the batch
    fake_score: Tensor


Settings = Mapping[str, Tensor]  # per-member hyper-parameters by path, each [K]
