"""Trained generators beside their records: tensors and nothing else, so that loading one can execute nothing."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from benchmark.engine import streams
from benchmark.engine.group import STATISTICS, Group, draw_noise
from benchmark.engine.state import State
from benchmark.errors import UnknownName, UserError
from benchmark.networks import Noise
from benchmark.networks.layers import couples, fixed_statistics
from benchmark.problems import Problem, problem_of
from benchmark.store import GENERATOR, Record, directory_of, read_regular
from evaluators import ObservedGenerator
from objectives.foundation.names import quote


class AsScored(nn.Module):
    """A network with batch norm under the statistics of the noise batch that its samples were scored by."""

    def __init__(self, network: nn.Module, first: Tensor) -> None:
        super().__init__()
        self.network, self.first = network, first

    def forward(self, noise: Tensor) -> Tensor:
        """Map noise [B, Z] to samples [B, *data], each by itself."""
        with fixed_statistics(self.network):
            self.network(self.first)
            samples: Tensor = self.network(noise)
        return samples


@dataclass(frozen=True)
class TrainedGenerator:
    """A generator as it was scored: its moving average where the run kept one, batch norm by fixed statistics."""

    network: nn.Module  # noise [B, Z] -> samples [B, *data]
    noise: Noise

    def observed(self, sigma: float) -> ObservedGenerator:
        """Return the model whose likelihood can be estimated. Raises UserError where the noise is not normal."""
        if self.noise.kind != "normal":
            raise UserError(f"The likelihood needs standard normal noise, and this generator's is {self.noise.kind}.")
        return ObservedGenerator(self.network, self.noise.dimension, sigma)

    def sample(self, count: int, seed: int = 0) -> Tensor:
        """Draw samples [count, *data]."""
        key = streams.fold(streams.root((seed,)), "samples of a kept generator")
        noise = draw_noise(self.noise, key, count)[0].to(next(self.network.parameters()).dtype)
        with torch.no_grad():
            samples: Tensor = self.network(noise)
        return samples


def generator_bytes(group: Group, state: State, member: int) -> bytes:
    """Return a member's weights as a file holds them."""
    named = group.play.losses.generator.named(group.generators(state)[member].detach().cpu())
    content = io.BytesIO()
    torch.save({name: weight.clone() for name, weight in named.items()}, content)
    return content.getvalue()


def _problem(record: Record, given: object) -> Problem:
    try:
        problem = problem_of(record.problem if given is None else given)
    except UnknownName:
        raise UserError(
            f"The problem {quote(record.problem)} is known by its content alone; give its data, as problem=..."
        ) from None
    if problem.name != record.problem:
        raise UserError(f"The run is of the problem {quote(record.problem)}, not of {quote(problem.name)}.")
    return problem.configured(str(record.identity.get("network")))


def kept_generator(record: Record, root: Path, given: object = None) -> TrainedGenerator:
    """Build a run's network and read its weights; a problem that is named by its content must be given.

    Raises UserError where there are none, or they do not fit.
    """
    if record.kind != "objective":
        raise UserError(f"The {record.kind} {quote(record.row)} was not trained and has no generator to keep.")
    path = directory_of(root, record) / GENERATOR
    problem = _problem(record, given)
    if record.identity.get("classes"):
        raise UserError(f"The generator of {quote(record.row)} takes labels, and is kept without them.")
    network = problem.generator()
    try:
        network.load_state_dict(torch.load(io.BytesIO(read_regular(path)), weights_only=True))
    except FileNotFoundError:
        raise UserError(f"There is no {quote(str(path))}; run with --keep-generators keeps it.") from None
    except Exception as error:  # a damaged file fails in as many ways as there are bytes
        raise UserError(f"The file {quote(str(path))} holds no generator of {quote(record.problem)}.") from error
    if couples(network):
        first = draw_noise(problem.noise, streams.fold(streams.root((record.seed,)), "statistics"), STATISTICS)[0]
        network = AsScored(network, first.to(next(network.parameters()).dtype))
    return TrainedGenerator(network, problem.noise)
