"""Trained generators saved with their records: only tensors, so that loading cannot execute code."""

from __future__ import annotations

import copy
import io
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from benchmark.engine import streams
from benchmark.engine.game import with_labels
from benchmark.engine.group import STATISTICS, Group, draw_labels, draw_noise
from benchmark.engine.state import State
from benchmark.errors import UnknownName, UserError
from benchmark.networks import Noise
from benchmark.networks.conditional import conditional_generator
from benchmark.networks.layers import couples, fixed_statistics
from benchmark.problems import Problem, problem_of
from benchmark.store import GENERATOR, RECORD, Record, directory_of, read_record, read_regular
from evaluators import Conditioning, ObservedGenerator, jacobian_conditioning
from objectives.foundation.names import quote

DRAWN = "samples of a kept generator"  # the purpose of noise and labels
NOISE = 64  # vectors that a Jacobian is taken at: the batch of compare_gan


class AsScored(nn.Module):
    """A network whose batch norm uses the statistics of the noise batch used when its samples were scored."""

    def __init__(self, network: nn.Module, first: Tensor) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("first", first)

    first: Tensor

    def forward(self, noise: Tensor) -> Tensor:
        """Map noise [B, Z], followed by labels if it takes any, to samples [B, *data], each independently."""
        with fixed_statistics(self.network):
            self.network(self.first)
            samples: Tensor = self.network(noise)
        return samples


@dataclass(frozen=True)
class TrainedGenerator:
    """A generator as it was scored: the moving average if the run had one, batch norm with fixed statistics."""

    network: nn.Module  # noise [B, Z] -> samples [B, *data]; of a conditional game noise and labels [B, Z + C]
    noise: Noise
    known: Tensor | None = None  # one-hot labels [N, C] of the data, from which labels are drawn

    @property
    def classes(self) -> int:
        """Return the number of classes to choose from; 0 if the generator takes no labels."""
        return 0 if self.known is None else self.known.shape[1]

    def observed(self, sigma: float) -> ObservedGenerator:
        """Return the model whose likelihood can be estimated.

        Raises UserError if the noise is not normal or the generator takes labels.
        """
        if self.known is not None:
            raise UserError("The likelihood is defined only for generators without labels; this one takes labels.")
        if self.noise.kind != "normal":
            raise UserError(f"The likelihood needs standard normal noise; this generator's is {self.noise.kind}.")
        return ObservedGenerator(self.network, self.noise.dimension, sigma)

    def conditioning(self, count: int = NOISE, seed: int = 0) -> Conditioning:
        """Return how the Jacobian is conditioned, in float64: the mean and deviation of log κ over noise vectors.

        Raises UserError for a generator that takes labels.
        """
        if self.known is not None:
            raise UserError("The conditioning is defined only for generators without labels; this one takes labels.")
        key = streams.fold(streams.root((seed,)), "noise of a Jacobian")
        network = copy.deepcopy(self.network).double()
        return jacobian_conditioning(network, draw_noise(self.noise, key, count)[0].double())

    def sample(self, count: int, seed: int = 0, labels: int | Tensor | None = None) -> Tensor:
        """Draw samples [count, *data].

        Args:
            count: Number of samples.
            seed: Of the noise and the labels.
            labels: The class of all samples, or of each [count], 0 to `classes` - 1; by default classes are drawn with
                their frequencies in the data.

        Raises UserError for labels that the generator does not take.
        """
        root = streams.root((seed,))
        noise = draw_noise(self.noise, streams.fold(root, DRAWN), count)[0].to(next(self.network.parameters()).dtype)
        drawn = self._labels(root, count, labels)
        with torch.no_grad():
            samples: Tensor = self.network(with_labels(noise, None if drawn is None else drawn.to(noise.dtype)))
        return samples

    def _labels(self, root: Tensor, count: int, given: int | Tensor | None) -> Tensor | None:
        if self.known is None:
            if given is not None:
                raise UserError("This generator takes no labels; only generators of conditional objectives do.")
            return None
        if given is None:
            return draw_labels(self.known, root, DRAWN, count)[0]
        labels = torch.as_tensor(given)
        if labels.is_floating_point() or labels.shape not in ((), (count,)):
            raise UserError(f"labels must be one class or {count} of them, not {list(labels.shape)} of {labels.dtype}.")
        if len(wrong := labels[(labels < 0) | (labels >= self.classes)].flatten()):
            raise UserError(f"Labels must be 0 to {self.classes - 1}, got {int(wrong[0])}.")
        return nn.functional.one_hot(labels.long().expand(count), self.classes)


def generator_bytes(group: Group, state: State, member: int) -> bytes:
    """Return the content of the file of a member's weights."""
    named = group.play.losses.generator.named(group.generators(state)[member].detach().cpu())
    content = io.BytesIO()
    torch.save({name: weight.clone() for name, weight in named.items()}, content)
    return content.getvalue()


def _problem(record: Record, given: object) -> Problem:
    try:
        problem = problem_of(record.problem if given is None else given)
    except UnknownName:
        raise UserError(
            f"The problem {quote(record.problem)} is identified only by its content; pass its data as problem=..."
        ) from None
    if problem.name != record.problem:
        raise UserError(f"The run belongs to the problem {quote(record.problem)}, not to {quote(problem.name)}.")
    return problem.configured(str(record.identity.get("network")))


def _known_labels(record: Record, problem: Problem, cache: Path) -> Tensor | None:
    """Return the one-hot labels [N, C] of a problem's data if the run's generator takes labels, else None."""
    classes = record.identity.get("classes")
    if not classes:
        return None
    labels = problem.source.load(cache, problem.data_directory).labels
    if labels is None or labels.classes != classes:
        raise UserError(
            f"The generator of {quote(record.row)} takes labels of {classes} classes, and the data of "
            f"{quote(problem.name)} have {labels.classes if labels else 'none'}."
        )
    return nn.functional.one_hot(labels.training, labels.classes)


def kept_generator(record: Record, root: Path, cache: Path, given: object = None) -> TrainedGenerator:
    """Build a run's network and read its weights; `given` is required if the problem is named by its content.

    Raises UserError if there are no weights or they do not fit.
    """
    return generator_of(record, directory_of(root, record) / GENERATOR, cache, given)


def generator_at(path: Path, cache: Path) -> tuple[Record, TrainedGenerator]:
    """Return the record of a kept generator's file, and the generator; raises UserError if there is none."""
    record = read_record(path.parent / RECORD)
    if not isinstance(record, Record):
        raise UserError(f"The record of {quote(path)} cannot be read: {record.reason}.")
    return record, generator_of(record, path, cache)


def generator_of(record: Record, path: Path, cache: Path, given: object = None) -> TrainedGenerator:
    """Build a run's network and read its weights from a file."""
    if record.kind != "objective":
        raise UserError(f"The {record.kind} {quote(record.row)} was not trained and has no generator.")
    problem = _problem(record, given)
    known = _known_labels(record, problem, cache)
    network = problem.generator()
    if known is not None:
        network = conditional_generator(network, problem.noise.dimension, known.shape[1])
    try:
        network.load_state_dict(torch.load(io.BytesIO(read_regular(path)), weights_only=True))
    except FileNotFoundError:
        raise UserError(f"There is no {quote(path)}; use run with --keep-generators to save it.") from None
    except OSError as error:
        raise UserError(f"Cannot read the generator {quote(path)}: {error.strerror or error}.") from error
    except Exception as error:  # torch raises many types for a damaged file
        raise UserError(f"The file {quote(path)} contains no generator of {quote(record.problem)}.") from error
    if couples(network):
        key = streams.root((record.seed,))
        first = draw_noise(problem.noise.fresh, streams.fold(key, "statistics"), STATISTICS)[0]
        if known is not None:
            first = with_labels(first, draw_labels(known, key, "statistics", STATISTICS)[0])
        network = AsScored(network, first.to(next(network.parameters()).dtype))
    return TrainedGenerator(network, problem.noise.fresh, known)
