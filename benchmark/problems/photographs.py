"""What problems of colour photographs share: images kept as bytes, and no classifier of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from benchmark.problems.base import Data, as_floats
from benchmark.problems.images import Images
from evaluators import pixels_extractor
from evaluators.truth import Truth

BLOCKS = 8  # per side, whose means the Fréchet distance is taken of
HELD_OUT = 10_000


@dataclass(frozen=True)
class Photographs(Images):
    """Colour photographs in [0, 1], trained on as bytes that become floats in the batch.

    Bytes rather than mapped floats: a quarter of the memory on a GPU and of the disk, and the whole of CelebA stays in
    the page cache. There is no frozen classifier, so the Fréchet distance is one of block means, which sees colour
    and composition and no detail; with --inception-weights it is the FID.
    """

    gradient_evaluations: ClassVar[int] = 100_000
    evaluators: ClassVar[Mapping[str, int]] = {"frechet": HELD_OUT, "transport": 1_000}
    headline: ClassVar[tuple[str, ...]] = (f"fd-pixels{BLOCKS}", "sliced_w2_256")

    network: str = "dcgan"

    def data_of(self, training: Tensor, test: Tensor, notes: tuple[str, ...] = ()) -> Data:
        """Return the data of images [N, 3, H, W] as bytes; the first 10,000 test images are the reference."""
        reference = as_floats(test[:HELD_OUT])
        return Data(training, Truth(reference=reference, extractor=pixels_extractor(BLOCKS)), notes)
