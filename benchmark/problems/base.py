"""What a problem is: a value of four parts, its data, architecture, budget and evaluation."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import nn

from benchmark.errors import UserError
from benchmark.networks import NETWORKS, Architecture, CriticNetwork, Noise, Shape, architecture_of, canonical_name
from benchmark.networks.flattened import FlatCritic, FlatGenerator
from benchmark.networks.outside import is_outside_network, network_name, outside_architecture
from benchmark.networks.virtual import VirtuallyNormalised, has_batch_norm
from benchmark.problems.data import Data, Labels, Source
from benchmark.problems.judging import Judging
from benchmark.problems.pixels import pixel_means
from benchmark.problems.training import Training
from evaluators.checks import UNIT
from evaluators.outside import named_evaluator
from evaluators.truth import Evaluator
from objectives.base import CriticKind
from objectives.foundation.names import quote
from objectives.foundation.settings import read_word


@dataclass(frozen=True)
class Budget:
    """What every objective gets on a problem: a number of gradient evaluations, and shared settings."""

    gradient_evaluations: int  # gradients of one player on one batch
    training: Training  # settings of both players, on the problem's own architecture
    scales: Mapping[str, float] = field(default_factory=dict)  # settings in the problem's units, such as the energy's
    first: int | None = None  # gradients of the quick budget, a rung of the whole one; None: the whole

    @property
    def quick(self) -> int:
        """Return the gradients of the quick budget."""
        return self.first or self.gradient_evaluations


@dataclass(frozen=True)
class Problem:
    """One problem, a value: `dataclasses.replace` returns another problem."""

    name: str
    source: Source
    budget: Budget
    judging: Judging
    own: Mapping[str, Architecture] = field(default_factory=dict)  # added to the table's architectures
    network: str = "mlp"  # the architecture's name, which enters the identity
    about: str = ""  # a sentence on what it is, then optionally an empty line and the results of its pilot
    controls: tuple[str, ...] = ("gmm", "oracle", "untrained")  # the rows that every table contains
    unranked: str = ""  # why it has no leaderboard, if it has none
    critic_kinds: tuple[CriticKind, ...] = ("score", "energy", "embedding")  # that it can build
    data_directory: Path | None = None  # searched first
    origin: Mapping[str, str] = field(default_factory=dict)  # of a user-defined one: what else enters the identity
    pixel_means: tuple[float, ...] = field(default=(), repr=False)  # of the training images, once they are known
    labels: Labels | None = field(default=None, repr=False, compare=False)  # of the data, once they are known

    @property
    def summary(self) -> str:
        """Return the first line of what it is."""
        return inspect.cleandoc(self.about).partition("\n")[0]

    @property
    def details(self) -> str:
        """Return the description after the first line, such as the results of its pilot."""
        return inspect.cleandoc(self.about).partition("\n")[2].strip("\n")

    @property
    def architectures(self) -> dict[str, Architecture]:
        """Return the available architectures: those of the table that fit, and the problem's own."""
        shape = self.source.image or self.source.shape
        return {name: one for name, one in NETWORKS.items() if one.fits(shape)} | dict(self.own)

    @property
    def architecture(self) -> Architecture:
        """Return the chosen architecture."""
        return architecture_of(self.network, self.architectures)

    @property
    def training(self) -> Training:
        """Return the settings of both players that objectives share; a paper's architecture brings its paper's."""
        return dataclasses.replace(self.budget.training, **self.architecture.training)

    @property
    def noise(self) -> Noise:
        """Return the generator's input distribution."""
        return self.architecture.noise

    @property
    def group_size(self) -> Mapping[str, int]:
        """Return the number of members that train together, by kind of device."""
        return self.architecture.group_size

    def configured(self, network: str | Architecture | None = None, data_directory: Path | None = None) -> Problem:
        """Return the problem with another architecture, or another directory to search for data first."""
        problem = self if network is None else self._on(network)
        return dataclasses.replace(problem, data_directory=data_directory)

    def _on(self, network: str | Architecture) -> Problem:
        known = self.architectures
        if isinstance(network, Architecture) or is_outside_network(network, [*NETWORKS, *known]):
            architecture = network if isinstance(network, Architecture) else outside_architecture(network)
            if not architecture.fits(self.source.image or self.source.shape):
                raise self._unfit(network_name(architecture), known)
            name = network_name(architecture)
            return dataclasses.replace(self, network=name, own={**self.own, name: architecture})
        name = read_word(network).name
        if name in NETWORKS and name not in known:
            raise self._unfit(name, known)
        chosen = dataclasses.replace(self, network=canonical_name(network, known, f"network of {self.name}"))
        if chosen.architecture.vbn and not has_batch_norm(chosen._plain_generator("meta")):
            raise UserError(f"The generator of {quote(name)} has no batch norm for vbn to replace.")
        return chosen

    def _unfit(self, name: str, known: Iterable[str]) -> UserError:
        return UserError(
            f"The network {quote(name)} does not fit the samples of {quote(self.name)}, "
            f"{self._form()}; use one of {', '.join(sorted(known))}."
        )

    def _form(self) -> str:
        shape = self.source.image
        return f"images of {'x'.join(map(str, shape))}" if shape else f"points of {self.source.shape[0]} numbers"

    def judged_by(self, further: Sequence[str | Evaluator]) -> Problem:
        """Return the problem with further evaluators; what one cannot compute is recorded as absent, with a reason."""
        named = dict(named_evaluator(one) for one in further)
        kept = {name: one for name, one in named.items() if name not in self.judging.evaluators}
        return dataclasses.replace(self, judging=dataclasses.replace(self.judging, further=kept))

    def load(self, cache: Path) -> Data:
        """Generate or read the data; frozen classifiers are cached in `cache`."""
        data = self.source.load(cache, self.data_directory)
        truth = data.truth if self.source.image is None else dataclasses.replace(data.truth, limits=UNIT)
        if self.judging.extractor is not None:
            truth = dataclasses.replace(truth, extractor=self.judging.extractor(data, cache))
        notes = tuple(f"{self.name}: {note}" for note in (*data.notes, *self.judging.notes))
        return dataclasses.replace(data, truth=truth, notes=notes)

    def fitted(self, data: Data) -> Problem:
        """Return the problem with the labels, and the pixels' means, where a generator's output bias may start."""
        if self.source.image is None:
            return dataclasses.replace(self, labels=data.labels)
        means = pixel_means(data.training).flatten().repeat(self.source.stack)
        return dataclasses.replace(self, labels=data.labels, pixel_means=tuple(means.tolist()))

    def selection(self, data: Data) -> Data:
        """Return other data for choosing settings: nothing of it is what a leaderboard scores samples by."""
        return self.source.selection(data)

    def generator(self) -> nn.Module:
        """Build a generator with fresh weights."""
        network, shape = self._plain_generator(), self._form_of_network()
        if self.architecture.vbn:
            network = VirtuallyNormalised(network, self.noise)
        return network if shape == self.source.shape else FlatGenerator(network)

    def _plain_generator(self, device: str | None = None) -> nn.Module:
        shape = self._form_of_network()
        means = torch.tensor(self.pixel_means, dtype=torch.float64).view(shape) if self.pixel_means else None
        with torch.device(device) if device else nullcontext():
            return self.architecture.generator(shape, means)

    def critic(self, kind: CriticKind, packing: int = 1) -> CriticNetwork:
        """Build a critic with fresh weights that scores `packing` points at a time; all kinds have similar capacity.

        The points of a pack are joined along the first axis, which for images is the channels.
        """
        shape = self._form_of_network()
        packed = (packing * shape[0], *shape[1:])
        network = self.architecture.critic(kind, packed)
        return network if shape == self.source.shape else FlatCritic(network, packed)

    def _form_of_network(self) -> Shape:
        """Return the shape that the architecture works in: flat images have the image's, if it is for images."""
        if self.architecture.samples == "images" and self.source.image is not None:
            return self.source.image
        return self.source.shape


__all__ = ["Budget", "Problem"]
