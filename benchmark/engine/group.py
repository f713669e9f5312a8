"""A group: members that differ in seed and float settings only, trained as one stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import NamedTuple, cast

import torch
from torch import Tensor
from torch.utils._pytree import tree_map

from benchmark.engine import streams
from benchmark.engine.dynamics import DYNAMICS, Dynamics, GeneratorAlone
from benchmark.engine.fit import check_fit, critic_for, generator_for, labels_for
from benchmark.engine.flat import FlatNetwork
from benchmark.engine.game import Losses, Players, with_labels
from benchmark.engine.optimisers import OPTIMISERS, Optimiser
from benchmark.engine.play import Play, number_format, over_members
from benchmark.engine.schedules import SCHEDULES, Constant, Schedule, Schedules
from benchmark.engine.state import Batch, Player, Settings, State, Terms
from benchmark.errors import UserError
from benchmark.networks.layers import couples, fixed_statistics
from benchmark.problems import Noise, Problem, Training
from objectives import Objective
from objectives.foundation.names import resolve

# The settings of training that may differ between members of one group.
VARYING = (
    "generator_learning_rate", "critic_learning_rate", "momentum", "alpha", "beta1", "beta2", "epsilon", "weight_decay"
)  # fmt: skip
SAMPLES_AT_ONCE = 1_000  # of each member; sampling more takes several passes
STATISTICS = 256  # noise vectors whose batch statistics are used in sampling
# Noise drawn ahead at a time, on other devices and on CUDA; drawing by position makes the numbers independent of it.
BLOCK_ELEMENTS = (1 << 20, 1 << 26)


class Varying(NamedTuple):
    """Hyper-parameters in which the members of a group differ, one number per member."""

    objective: Mapping[str, Sequence[float]]  # by path, see `objectives.base.float_fields`
    training: Mapping[str, Sequence[float]]  # by name, of VARYING


@dataclass(frozen=True)
class Group:
    """A game for K members, ready to train: its losses, its dynamics, and its random streams."""

    play: Play
    dynamics: Dynamics
    noise: Noise
    batch: int
    seeds: tuple[int, ...]
    roots: Tensor  # [K], the keys of the seeds

    def start(self) -> State:
        """Return the state before the first iteration."""
        play, device = self.play, self.roots.device
        critic = play.losses.critic.initial(self.seeds, "critic").to(device, play.dtype)
        generator = play.losses.generator.initial(self.seeds, "generator").to(device, play.dtype)
        key = streams.fold(self.roots, "initial state")
        function = over_members(play.losses.initial_state, play.members)
        players = Players(critic, generator, {})
        counter = torch.zeros((), dtype=torch.int64, device=device)
        state = State(
            critic=Player(critic, play.critic_optimiser.initial(critic), counter),
            generator=Player(generator, play.generator_optimiser.initial(generator), counter),
            objective=function(players, key, play.settings),
            memory=self.dynamics.memory(players),
            average={"generator": generator} if self.averages else {},
            alive=torch.ones(play.members, dtype=torch.bool, device=device),
            ended=torch.full((play.members,), -1, dtype=torch.int64, device=device),
        )
        # Tracing distinguishes inputs by identity, so no tensor may appear twice.
        return cast(State, tree_map(torch.clone, state))

    @property
    def averages(self) -> bool:
        """Return whether what is sampled is the generator's moving average."""
        return self.play.ema_decay is not None

    def batches(self, start: int, stop: int) -> Batch:
        """Draw the batches of iterations [start, stop), stacked on a leading axis."""
        return self.draw(torch.tensor(start, device=self.roots.device), stop - start)

    def draw(self, first: Tensor, count: int) -> Batch:
        """Draw the batches of `count` iterations from the first one's number, a scalar tensor on the group's device."""
        rounds, device = self.dynamics.cost.batches, self.roots.device
        numbers = (first * rounds + torch.arange(count * rounds, device=device)).view(-1, rounds, 1)
        indices, noise = self._rounds(numbers, "")
        second = {}
        if self.play.losses.objective.traits.second_batch:
            second = dict(zip(("indices", "noise"), self._rounds(numbers, "second "), strict=True))
        iterations = first + torch.arange(count, device=device)
        draws = streams.fold(streams.fold(self.roots, "draws"), iterations.unsqueeze(1))
        return Batch(indices, noise, draws, iterations, second)

    def _rounds(self, numbers: Tensor, which: str) -> tuple[Tensor, Tensor]:
        """Draw the rows of the data and the noise that rounds consume."""
        data_keys, noise_keys = (
            streams.fold(streams.fold(self.roots, which + what), numbers) for what in ("data", "noise")
        )
        indices = streams.integers(data_keys, (self.batch * self.play.stack,), len(self.play.data))
        return indices, draw_noise(self.noise, noise_keys, self.batch).to(self.play.dtype)

    @property
    def block(self) -> int:
        """Return the number of iterations to draw ahead."""
        per_iteration = self.dynamics.cost.batches * self.play.members * self.batch * self.noise.dimension
        return max(1, min(64, BLOCK_ELEMENTS[self.roots.device.type == "cuda"] // per_iteration))

    def step(self, state: State, batch: Batch) -> tuple[State, Terms]:
        """Advance by one iteration: a pure function of tensor trees."""
        return self.dynamics.advance(self.play, state, batch)

    def generators(self, state: State) -> Tensor:
        """Return the parameters [K, P] of the generators that are scored: moving averages where there are any."""
        return state.average.get("generator", state.generator.parameters)

    def sample(self, state: State, count: int) -> Tensor:
        """Draw samples [K, count, *data] on each member's evaluation stream, in blocks of a bounded size.

        They come from the generator's moving average if there is one. Batch norm uses the statistics of one fixed
        noise batch, so that a sample does not depend on its block.
        """
        noise = self._inputs("evaluation", count)
        network, generator = self.play.losses.generator, self.generators(state)
        if couples(network.module):
            return self._sample_by_statistics(generator, noise)
        function = over_members(lambda p, z: cast(Tensor, network(p, z)), self.play.members)
        with torch.no_grad():
            return torch.cat([function(generator, part) for part in noise.split(SAMPLES_AT_ONCE, dim=1)], dim=1)

    def labels(self, purpose: str, count: int) -> Tensor | None:
        """Draw the labels [K, count, C] of samples with the frequencies of the data; None if the game has none."""
        if self.play.labels is None:
            return None
        return draw_labels(self.play.labels, self.roots, purpose, count)

    def _inputs(self, purpose: str, count: int) -> Tensor:
        """Draw the inputs of generators: noise [K, count, Z], followed by labels if they take any."""
        noise = draw_noise(self.noise.fresh, streams.fold(self.roots, purpose), count).to(self.play.dtype)
        return with_labels(noise, self.labels(purpose, count))

    def _sample_by_statistics(self, generator: Tensor, noise: Tensor) -> Tensor:
        network = self.play.losses.generator
        fixed = self._inputs("statistics", STATISTICS)

        def sampled(parameters: Tensor, first: Tensor, z: Tensor) -> Tensor:
            with fixed_statistics(network.module):
                network(parameters, first)
                return cast(Tensor, network(parameters, z))

        function = over_members(sampled, self.play.members)
        with torch.no_grad():
            return torch.cat([function(generator, fixed, part) for part in noise.split(SAMPLES_AT_ONCE, dim=1)], dim=1)


def draw_labels(labels: Tensor, roots: Tensor, purpose: str, count: int) -> Tensor:
    """Draw labels [K, count, C] from those of the data [N, C], by each member's root [K]."""
    rows = streams.integers(streams.fold(roots, f"{purpose} labels"), (count,), len(labels))
    return labels.index_select(0, rows.flatten()).view(*rows.shape, -1)


def draw_noise(noise: Noise, keys: Tensor, count: int) -> Tensor:
    """Draw noise [*keys.shape, count, Z], from a fixed pool if the noise has one."""
    shape: tuple[int, ...] = (count, noise.dimension)
    if noise.pool:
        pool = keys.new_full((), streams.code("pool"))  # filled on the device: a recorded block cannot copy to it
        keys, shape = streams.fold(pool, streams.integers(keys, (count,), noise.pool)), (noise.dimension,)
    if noise.kind == "normal":
        return streams.normal(keys, shape)
    return noise.bound * (2.0 * streams.uniform(keys, shape) - 1.0)


def optimiser_for(training: Training, player: str, varying: Settings) -> Optimiser:
    """Build a player's optimiser with its settings; those that vary over members become tensors [K, 1]."""
    kind = OPTIMISERS[training.optimiser]
    named = {name: name for name in (field.name for field in fields(kind)) if hasattr(training, name)}
    named["learning_rate"] = f"{player}_learning_rate"
    settings = {name: getattr(training, source) for name, source in named.items()}
    settings |= {name: varying[source].unsqueeze(1) for name, source in named.items() if source in varying}
    return kind(**settings)


def schedules_for(training: Training) -> Schedules:
    """Build the schedules of the optimiser's fields; constant fields need none."""
    schedules: dict[str, Schedule] = {}
    for name in ("learning_rate", "momentum"):
        kind = SCHEDULES[resolve(getattr(training, f"{name}_schedule"), SCHEDULES, f"{name}_schedule")]
        known = [field.name for field in fields(kind)]
        if missing := [field for field in known if not hasattr(training, f"{name}_{field}")]:
            raise UserError(f"A {name} cannot follow the schedule {kind.__name__.lower()!r}: no {name}_{missing[0]}.")
        if kind is not Constant:
            schedules[name] = kind(**{field: getattr(training, f"{name}_{field}") for field in known})
    if "momentum" in schedules and training.optimiser != "sgd":
        raise UserError(f"Momentum schedules need the optimiser 'sgd', not {training.optimiser!r}.")
    return schedules


def dynamics_for(training: Training, objective: Objective) -> Dynamics:
    """Build the dynamics with their settings; without a critic to train, only the generator is updated."""
    if not objective.traits.trains_critic:
        return GeneratorAlone()
    kind = DYNAMICS[training.dynamics]
    if kind.looks_ahead and objective.traits.detaches:
        raise UserError(
            f"The dynamics {training.dynamics!r} differentiate through updates, but this objective stops gradients; "
            "use 'alternating'."
        )
    if kind.optimiser not in (None, training.optimiser):
        needed = f"needs the optimiser {kind.optimiser!r}, not {training.optimiser!r}"
        raise UserError(f"The dynamics {training.dynamics!r} {needed}.")
    known = {field.name for field in fields(kind)}
    return kind(**{name: value for name, value in vars(training).items() if name in known})


def stacked(rows: Mapping[str, Sequence[float]], data: Tensor) -> Settings:
    """Return hyper-parameters, a number per member, as tensors [K] on the data's device."""
    return {name: torch.tensor(row, dtype=number_format(data), device=data.device) for name, row in rows.items()}


def form(
    problem: Problem,
    objective: Objective,
    training: Training,
    seeds: Sequence[int],
    data: Tensor,
    iterations: int,
    varying: Varying | None = None,
) -> Group:
    """Form the group of the given seeds; `data` [N, *data] determines the device and the number format.

    `varying` has the hyper-parameters in which members differ; the others are those of `objective` and `training`.
    """
    check_fit(problem, objective, data)
    varying = varying or Varying({}, {})
    of_training = stacked(varying.training, data)
    losses = Losses(
        objective,
        critic=FlatNetwork.of(partial(critic_for, problem, objective)),
        generator=FlatNetwork.of(partial(generator_for, problem, objective)),
    )
    play = Play(
        losses=losses,
        critic_optimiser=optimiser_for(training, "critic", of_training),
        generator_optimiser=optimiser_for(training, "generator", of_training),
        data=data,
        settings=stacked(varying.objective, data),
        members=len(seeds),
        iterations=iterations,
        schedules=schedules_for(training),
        clip_norm=training.clip_norm or None,
        ema_decay=training.ema_decay or None,
        stack=problem.source.stack,
        labels=labels_for(problem, objective, data),
    )
    return Group(
        play=play,
        dynamics=dynamics_for(training, objective),
        noise=problem.noise,
        batch=training.batch * objective.traits.packing,
        seeds=tuple(seeds),
        roots=streams.root(seeds, data.device),
    )
