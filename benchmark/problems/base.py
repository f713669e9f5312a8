"""What a problem is: data, what is known of its truth, networks, shared settings, budget, evaluators."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor, nn

from benchmark.names import resolve
from benchmark.networks import CriticNetwork, Noise, Pair
from evaluators import EVALUATORS
from evaluators.truth import Truth
from objectives.base import CriticKind

SELECTION = 1_000_000  # seeds of the data on which settings are chosen start here


@dataclass(frozen=True)
class Training:
    """The settings of both players that a problem shares among objectives; `--set` changes them by name."""

    optimiser: str = "adam"  # or adamw, rmsprop, sgd; of both players
    generator_learning_rate: float = 1e-3  # at the start of its schedule
    critic_learning_rate: float = 1e-3  # likewise
    beta1: float = 0.5  # of Adam and AdamW
    beta2: float = 0.999  # of Adam and AdamW
    epsilon: float = 1e-8  # of Adam, AdamW and RMSProp
    momentum: float = 0.0  # of SGD
    nesterov: bool = False  # of SGD
    alpha: float = 0.99  # of RMSProp
    weight_decay: float = 0.01  # of AdamW
    learning_rate_schedule: str = "constant"  # or exponential, linear: of both players, each over its own updates
    learning_rate_decay: float = 1.000004  # of exponential: divides at each update
    learning_rate_floor: float = 1e-6  # of exponential
    learning_rate_final: float = 0.0  # of linear
    learning_rate_start: int = 0  # of linear, in updates
    learning_rate_stop: int = 10_000  # of linear, in updates
    momentum_schedule: str = "constant"  # or linear; of SGD
    momentum_final: float = 0.7  # of linear
    momentum_start: int = 0  # of linear, in updates
    momentum_stop: int = 10_000  # of linear, in updates
    clip_norm: float = 0.0  # largest Euclidean norm of a player's gradient; 0 does not clip
    ema_decay: float = 0.0  # of the generator's moving average, which is then what is scored; 0 keeps none
    dynamics: str = "alternating"  # how the two players move
    critic_steps: int = 1  # for one of the generator, where they take turns
    unroll_steps: int = 5  # of unrolled
    consensus_gamma: float = 10.0  # of consensus
    batch: int = 128  # real samples, and as many generated ones

    def __post_init__(self) -> None:
        not_negative = ("generator_learning_rate", "critic_learning_rate", "learning_rate_final", "learning_rate_floor")
        for name in (*not_negative, "epsilon", "weight_decay", "clip_norm", "consensus_gamma"):
            if not 0.0 <= getattr(self, name) < float("inf"):
                raise ValueError(f"{name} must be a finite number, 0 or more, got {getattr(self, name)!r}")
        for name in ("beta1", "beta2", "momentum", "alpha", "momentum_final", "ema_decay"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise ValueError(f"{name} must lie in [0, 1), got {getattr(self, name)!r}")
        for name in ("critic_steps", "unroll_steps", "batch", "learning_rate_decay"):
            if not 1 <= getattr(self, name) < float("inf"):
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)!r}")
        for name in ("learning_rate", "momentum"):
            start, stop = getattr(self, f"{name}_start"), getattr(self, f"{name}_stop")
            if not 0 <= start < stop:
                raise ValueError(f"{name}_start must be 0 or more and below {name}_stop, got {start!r} and {stop!r}")


def as_floats(values: Tensor) -> Tensor:
    """Return floats as they are, and bytes over 255: images too large to be kept as floats become such in the batch."""
    return values if values.is_floating_point() else values.float().div_(255.0)


@dataclass(frozen=True)
class Data:
    """A problem's data: the tensor that members train on, and the truth that evaluators see."""

    training: Tensor  # [N, *data]: floats, or bytes where floats would be too large, see `as_floats`
    truth: Truth
    notes: tuple[str, ...] = ()  # what a user should know of how they were read

    def digest(self) -> str:
        """Hash the training data and the held-out reference: two runs compare only where both agree."""
        digest = hashlib.sha256()
        for tensor in (self.training, self.truth.reference):
            digest.update(repr((tuple(tensor.shape), tensor.dtype)).encode())
            digest.update(tensor.contiguous().numpy().data.cast("B"))  # no copy: it may be of gigabytes
        return digest.hexdigest()[:16]


def fifths(points: Tensor) -> tuple[Tensor, Tensor]:
    """Split points [N, *data] into four fifths and one, in one random order, the same for everyone."""
    order = torch.randperm(len(points), generator=torch.Generator().manual_seed(SELECTION))
    cut = len(points) * 4 // 5
    return points[order[:cut]], points[order[cut:]]


@dataclass(frozen=True)
class Problem:
    """One problem; subclasses are frozen dataclasses whose docstring says what it is and what its pilot found."""

    shared: ClassVar[Training]  # settings of both players for every objective, on the problem's own networks
    gradient_evaluations: ClassVar[int]  # the budget: gradients of one player on one batch
    stack: ClassVar[int] = 1  # rows of the training data that make one sample
    evaluators: ClassVar[Mapping[str, int]]  # evaluator -> number of generator samples
    watched: ClassVar[tuple[str, ...]] = ()  # evaluators cheap enough to be run along the way
    headline: ClassVar[tuple[str, ...]]  # the leaderboard's columns; the first one ranks
    critic_kinds: ClassVar[tuple[CriticKind, ...]] = ("score", "energy", "embedding")  # that it can build
    controls: ClassVar[tuple[str, ...]] = ("gmm", "oracle", "untrained")  # the rows that every table carries

    further: tuple[str, ...] = field(default=(), kw_only=True)  # evaluators that a user asked for besides

    @property
    def name(self) -> str:
        """Return the name, which is the key in the table of problems."""
        raise NotImplementedError

    @property
    def network(self) -> str:
        """Return the name of the pair of networks, which enters the identity."""
        return "mlp"

    @property
    def judges(self) -> dict[str, int]:
        """Return all evaluators of a run with their numbers of samples; what a user asked for sees the largest one."""
        most = max(self.evaluators.values(), default=0)
        return dict(self.evaluators) | dict.fromkeys(self.further, most)

    @property
    def pair(self) -> Pair | None:
        """Return the pair of networks chosen by name, or None where the problem builds its own."""
        return None

    @property
    def training(self) -> Training:
        """Return the settings of both players that objectives share; a paper's pair brings its paper's."""
        return dataclasses.replace(self.shared, **(self.pair.training if self.pair else {}))

    @property
    def noise(self) -> Noise:
        """Return the generator's input distribution."""
        raise NotImplementedError

    @property
    def group_size(self) -> Mapping[str, int]:
        """Return the number of members that train together, by kind of device."""
        return {"cpu": 16, "cuda": 64, "mps": 16}

    @property
    def scales(self) -> Mapping[str, float]:
        """Return settings in the problem's own units, such as the energy's."""
        return {}

    @property
    def networks(self) -> tuple[str, ...]:
        """List the pairs of networks that may be chosen."""
        return (self.network,)

    def configured(self, network: str | None = None, data_directory: Path | None = None) -> Problem:
        """Return the problem on another pair of networks, its data looked for in a directory first."""
        if network is not None:
            resolve(network, self.networks, f"network of {self.name}")
        return self

    def judged_by(self, further: Sequence[str]) -> Problem:
        """Return the problem with further evaluators; what one cannot judge it says in its scores' place."""
        names = dict.fromkeys(resolve(name, EVALUATORS, "evaluator") for name in further)
        return dataclasses.replace(self, further=tuple(name for name in names if name not in self.evaluators))

    def fitted(self, data: Data) -> Problem:
        """Return the problem with what its networks take from the data, such as the pixels' means."""
        return self

    def load(self, cache: Path) -> Data:
        """Make or read the data; frozen classifiers are kept under `cache`."""
        raise NotImplementedError

    def selection(self, data: Data) -> Data:
        """Return other data for choosing settings: nothing of it is what a leaderboard judges by.

        Here, for finite data: four fifths of the training set in a fixed random order to train on, the rest to be
        judged by, at most as many as the test set has. The test set itself plays no part.
        """
        training, held_out = fifths(data.training)
        known = training if data.truth.training is not None else None
        reference = as_floats(held_out[: len(data.truth.reference)])
        truth = dataclasses.replace(data.truth, training=known, reference=reference, sampler=None)
        return Data(training, truth)  # the notes are told of the data themselves

    def generator(self) -> nn.Module:
        """Build a generator with fresh weights."""
        raise NotImplementedError

    def critic(self, kind: CriticKind, packing: int = 1) -> CriticNetwork:
        """Build a critic with fresh weights that judges `packing` points at a time; all kinds have like capacity."""
        raise NotImplementedError

    def oracle(self, count: int, data: Data, generator: torch.Generator) -> Tensor:
        """Draw the oracle: fresh exact samples where the truth has a sampler, else training samples."""
        if data.truth.sampler is not None:
            return data.truth.sampler(count, generator)
        rows = torch.randperm(len(data.training), generator=generator)[:count]
        return as_floats(data.training[rows])
