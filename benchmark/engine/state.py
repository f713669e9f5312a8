"""What a group carries from one iteration to the next, and what an iteration reports: trees of tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from torch import Tensor

from benchmark.engine.game import Players
from benchmark.engine.optimisers import Moments


class State(NamedTuple):
    """A group's state; the first axis of every tensor is the member, but for the two counters."""

    players: Players
    critic_moments: Moments
    generator_moments: Moments
    critic_updates: Tensor  # scalar, this group's updates so far
    generator_updates: Tensor
    memory: Mapping[str, Tensor]  # of the dynamics, such as the past gradient
    average: Mapping[str, Tensor]  # the generator's moving average, where it is on
    alive: Tensor  # [K], False from the first non-finite loss or gradient on
    ended: Tensor  # [K], the iteration at which a member left the living, or -1


class Batch(NamedTuple):
    """What one iteration consumes: R rounds of index batches and noise, and one key per member."""

    indices: Tensor  # [R, K, B]
    noise: Tensor  # [R, K, B, Z]
    key: Tensor  # [K]
    iteration: Tensor  # scalar


class Terms(NamedTuple):
    """What one iteration reports, each [K]; the last critic step's where there are several."""

    critic_loss: Tensor
    generator_loss: Tensor
    critic_gradient: Tensor  # Euclidean norm, before clipping
    generator_gradient: Tensor
    real_score: Tensor  # mean over the batch
    fake_score: Tensor


Settings = Mapping[str, Tensor]  # per-member hyper-parameters by path, each [K]
