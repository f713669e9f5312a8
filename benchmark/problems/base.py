"""What a problem is: data, what is known of its truth, networks, shared settings, budget, evaluators."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn

from benchmark.networks import CriticNetwork
from evaluators.truth import Truth
from objectives.base import CriticKind


@dataclass(frozen=True)
class Noise:
    """The generator's input distribution: N(0, I), or uniform on [-bound, bound] per coordinate."""

    dimension: int
    kind: Literal["normal", "uniform"] = "normal"
    bound: float = 1.0


@dataclass(frozen=True)
class Training:
    """The settings of both players that a problem shares among objectives; `--set` changes them by name."""

    optimiser: str = "adam"
    generator_learning_rate: float = 1e-3
    critic_learning_rate: float = 1e-3
    beta1: float = 0.5
    beta2: float = 0.999
    momentum: float = 0.0  # of SGD
    dynamics: str = "alternating"
    critic_steps: int = 1
    batch: int = 128

    def __post_init__(self) -> None:
        for name in ("generator_learning_rate", "critic_learning_rate"):
            if not 0.0 <= getattr(self, name) < float("inf"):
                raise ValueError(f"{name} must be a finite number, 0 or more, got {getattr(self, name)!r}")
        for name in ("beta1", "beta2", "momentum"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise ValueError(f"{name} must lie in [0, 1), got {getattr(self, name)!r}")
        for name in ("critic_steps", "batch"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)!r}")


@dataclass(frozen=True)
class Data:
    """A problem's data: the tensor that members train on, and the truth that evaluators see."""

    training: Tensor  # [N, *data]
    truth: Truth

    def digest(self) -> str:
        """Hash the training data and the held-out reference: two runs compare only where both agree."""
        digest = hashlib.sha256()
        for tensor in (self.training, self.truth.reference):
            digest.update(repr((tuple(tensor.shape), tensor.dtype)).encode())
            digest.update(tensor.contiguous().numpy().tobytes())
        return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Problem:
    """One problem; subclasses are frozen dataclasses whose docstring says what it is and what its pilot found."""

    name: ClassVar[str]
    network: ClassVar[str] = "mlp"
    noise: ClassVar[Noise]
    training: ClassVar[Training]
    gradient_evaluations: ClassVar[int]  # the budget: gradients of one player on one batch
    group_size: ClassVar[Mapping[str, int]] = {"cpu": 16, "cuda": 64, "mps": 16}  # members that train together
    scales: ClassVar[Mapping[str, float]] = {}  # settings in the problem's own units, such as the energy's
    evaluators: ClassVar[Mapping[str, int]]  # evaluator -> number of generator samples
    headline: ClassVar[tuple[str, ...]]  # the leaderboard's columns; the first one ranks

    def load(self, cache: Path) -> Data:
        """Make or read the data; frozen classifiers are kept under `cache`."""
        raise NotImplementedError

    def generator(self) -> nn.Module:
        """Build a generator with fresh weights."""
        raise NotImplementedError

    def critic(self, kind: CriticKind) -> CriticNetwork:
        """Build a critic of a kind with fresh weights; all kinds have comparable capacity."""
        raise NotImplementedError

    def oracle(self, count: int, data: Data, generator: torch.Generator) -> Tensor:
        """Draw the oracle: fresh exact samples where the truth has a sampler, else training samples."""
        if data.truth.sampler is not None:
            return data.truth.sampler(count, generator)
        rows = torch.randperm(len(data.training), generator=generator)[:count]
        return data.training[rows]
