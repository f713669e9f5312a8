"""Trained generators beside their records: tensors and nothing else, so that loading one can execute nothing."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from benchmark.engine import streams
from benchmark.engine.group import Group, draw_noise
from benchmark.engine.state import State
from benchmark.errors import UserError
from benchmark.names import shown
from benchmark.networks import Noise
from benchmark.problems import problem_of
from benchmark.store import Record, directory_of, write_atomically

GENERATOR = "generator.pt"


@dataclass(frozen=True)
class TrainedGenerator:
    """A generator as training left it: its moving average where the run kept one.

    A network with batch norm has no statistics of its own: those of the batch that it is given count.
    """

    network: nn.Module  # noise [B, Z] -> samples [B, *data]
    noise: Noise

    def sample(self, count: int, seed: int = 0) -> Tensor:
        """Draw samples [count, *data]."""
        key = streams.fold(streams.root((seed,)), "samples of a kept generator")
        noise = draw_noise(self.noise, key, count)[0].to(next(self.network.parameters()).dtype)
        with torch.no_grad():
            samples: Tensor = self.network(noise)
        return samples


def keep_generator(directory: Path, group: Group, state: State, member: int) -> None:
    """Write a member's weights beside its record."""
    named = group.play.losses.generator.named(group.generators(state)[member].detach().cpu())
    content = io.BytesIO()
    torch.save({name: weight.clone() for name, weight in named.items()}, content)
    write_atomically(directory / GENERATOR, content.getvalue())


def kept_generator(record: Record, root: Path) -> TrainedGenerator:
    """Build a run's network and read its weights. Raises UserError where there are none, or they do not fit."""
    path = directory_of(root, record) / GENERATOR
    problem = problem_of(record.problem).configured(str(record.identity.get("network")))
    network = problem.generator()
    try:
        network.load_state_dict(torch.load(path, weights_only=True))
    except FileNotFoundError:
        raise UserError(f"There is no {shown(str(path))}; run with --keep-generators keeps it.") from None
    except Exception as error:  # a damaged file fails in as many ways as there are bytes
        raise UserError(f"The file {shown(str(path))} holds no generator of {shown(record.problem)}.") from error
    return TrainedGenerator(network, problem.noise)
