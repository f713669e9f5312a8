"""Problems of images that are files: MNIST and Fashion-MNIST, with a choice of networks."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor, nn

from benchmark.networks import NETWORKS, CriticNetwork, Noise, Pair, canonical_name, pair_of
from benchmark.problems.base import Data, Problem, Training
from benchmark.problems.files import FASHION_MNIST, MNIST, FileSet, find
from benchmark.problems.idx import labelled
from evaluators import fashion_extractor, mnist_extractor
from evaluators.truth import Extractor, Truth
from objectives.base import CriticKind

BLOCK = 4_096  # images of bytes whose pixels are summed at a time


def pixel_means(images: Tensor) -> Tensor:
    """Return the mean of images [N, C, H, W] in float64, of bytes over 255; a block at a time where they are bytes."""
    if images.is_floating_point():
        return images.double().mean(0)
    sums = [block.sum(0, dtype=torch.int64) for block in images.split(BLOCK)]
    return torch.stack(sums).sum(0).double() / (255.0 * len(images))


@dataclass(frozen=True)
class Images(Problem):
    """Images [C, H, W] in [0, 1] whose networks are chosen by name.

    The settings are the usual ones, Adam at 2e-4 with β1 0.5 (DCGAN's) on batches of 64; no pilot chose them.
    """

    shape: ClassVar[tuple[int, ...]]
    shared: ClassVar[Training] = Training(batch=64, generator_learning_rate=2e-4, critic_learning_rate=2e-4)

    network: str = "mlp"
    data_directory: Path | None = None
    pixel_means: tuple[float, ...] = dataclasses.field(default=(), repr=False)

    @property
    def pair(self) -> Pair:
        """Return the pair of networks."""
        return pair_of(self.network, NETWORKS)

    @property
    def noise(self) -> Noise:
        """Return the generator's input distribution, which is part of the pair."""
        return self.pair.noise

    @property
    def group_size(self) -> Mapping[str, int]:
        """Return the number of members that train together, by kind of device."""
        return self.pair.group_size

    @property
    def networks(self) -> tuple[str, ...]:
        """List the pairs of networks that may be chosen."""
        return tuple(NETWORKS)

    def configured(self, network: str | None = None, data_directory: Path | None = None) -> Problem:
        """Return the problem on another pair of networks, its data looked for in a directory first."""
        chosen = canonical_name(self.network if network is None else network, NETWORKS, f"network of {self.name}")
        return dataclasses.replace(self, network=chosen, data_directory=data_directory)

    def fitted(self, data: Data) -> Problem:
        """Return the problem with the pixels' means, from which a generator's output bias may start."""
        means = pixel_means(data.training).repeat(self.stack, 1, 1)
        return dataclasses.replace(self, pixel_means=tuple(means.flatten().tolist()))

    def generator(self) -> nn.Module:
        """Build a generator of images."""
        means = torch.tensor(self.pixel_means, dtype=torch.float64) if self.pixel_means else None
        return self.pair.generator(self.shape, means)

    def critic(self, kind: CriticKind, packing: int = 1) -> CriticNetwork:
        """Build a critic of the kind asked for; a pack's images are its channels."""
        return self.pair.critic(kind, (packing * self.shape[0], *self.shape[1:]))


Classifying = Callable[[Tensor, Tensor, Path | None, tuple[Tensor, Tensor] | None], Extractor | None]


def split(files: FileSet, chosen: Path | None, cache: Path, extract: Classifying) -> tuple[Tensor, Truth]:
    """Read a data set in MNIST's form: all 60,000 training images, and the truth of the 2014 paper's split."""
    folder = find(files, chosen, cache)
    train, test = labelled(files, folder, "train"), labelled(files, folder, "t10k")
    extractor = extract(train.images, train.labels, cache, (test.images, test.labels))
    cut = len(train.images) * 5 // 6  # 50,000 of 60,000; the others validate
    truth = Truth(
        reference=test.images,
        validation=train.images[cut:],
        training=train.images[:cut],
        extractor=extractor,
    )
    return train.images, truth


@dataclass(frozen=True)
class Grey(Images):
    """Grey images of 28x28 pixels in MNIST's form: 50,000 train, 10,000 validate, 10,000 test.

    The Parzen row follows the 2014 protocol: 10,000 samples, sigma by the first 1,000 validation images.
    """

    shape: ClassVar[tuple[int, ...]] = (1, 28, 28)
    gradient_evaluations: ClassVar[int] = 50_000
    evaluators: ClassVar[Mapping[str, int]] = {"frechet": 10_000, "inception": 10_000, "parzen": 10_000}
    controls: ClassVar[tuple[str, ...]] = ("gmm", "kmeans", "oracle", "untrained")
    files: ClassVar[FileSet]
    extract: ClassVar[Classifying]

    def load(self, cache: Path) -> Data:
        """Read and split the files; the classifier is trained once, in about a minute, and kept."""
        _, truth = split(self.files, self.data_directory, cache, type(self).extract)
        assert truth.training is not None
        return Data(truth.training, truth)


@dataclass(frozen=True)
class Mnist(Grey):
    """MNIST's handwritten digits (LeCun, Cortes & Burges, 1998), split as in 2014: 50,000 / 10,000 / 10,000."""

    name: ClassVar[str] = "mnist"
    files: ClassVar[FileSet] = MNIST
    extract: ClassVar[Classifying] = staticmethod(partial(mnist_extractor))
    headline: ClassVar[tuple[str, ...]] = ("fd-mnist", "is-mnist", "parzen")
    scales: ClassVar[Mapping[str, float]] = {"energy": 7.0}


@dataclass(frozen=True)
class FashionMnist(Grey):
    """Zalando's articles of clothing (Xiao, Rasul & Vollgraf, 2017, arXiv:1708.07747): 50,000 / 10,000 / 10,000."""

    name: ClassVar[str] = "fashion-mnist"
    files: ClassVar[FileSet] = FASHION_MNIST
    extract: ClassVar[Classifying] = staticmethod(partial(fashion_extractor))
    headline: ClassVar[tuple[str, ...]] = ("fd-fashion", "is-fashion", "parzen")
    scales: ClassVar[Mapping[str, float]] = {"energy": 10.0}
