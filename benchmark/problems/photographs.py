"""What problems of colour photographs share: images kept as bytes, and no classifier of their own."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from benchmark.problems.base import Budget, Problem
from benchmark.problems.data import Data, Source, as_floats
from benchmark.problems.images import USUAL
from benchmark.problems.judging import Judging
from evaluators import pixels_extractor
from evaluators.truth import Extractor, Truth

BLOCKS = 8  # per side, whose means the Fréchet distance is taken of
HELD_OUT = 10_000


def extract(data: Data, cache: Path) -> Extractor:
    """Return the block means, which see colour and composition and no detail."""
    return pixels_extractor(BLOCKS)


def photographs(name: str, source: Source, energy: float, about: str) -> Problem:
    """Return a problem of colour photographs in [0, 1], trained on as bytes that become floats in the batch.

    Bytes rather than mapped floats: a quarter of the memory on a GPU and of the disk, and the whole of CelebA stays in
    the page cache. There is no frozen classifier, so the Fréchet distance is one of block means; with
    --inception-weights it is the FID.
    """
    return Problem(
        name,
        source,
        Budget(100_000, USUAL, {"energy": energy}),
        Judging({"frechet": HELD_OUT, "transport": 1_000}, (f"fd-pixels{BLOCKS}", "sliced_w2_256"), extractor=extract),
        network="dcgan",
        about=about,
    )


def data_of(training: Tensor, test: Tensor) -> Data:
    """Return the data of images [N, 3, H, W] as bytes; the first 10,000 test images are the reference."""
    return Data(training, Truth(reference=as_floats(test[:HELD_OUT])))
