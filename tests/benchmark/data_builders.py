"""What tests of real data share: where the data are, and small files in the same form."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import os
import struct
from pathlib import Path

import numpy as np
import pytest

from benchmark.problems.files import FILE_SETS, FileSet, MissingData, find
from benchmark.problems.images import FashionMnist, Grey, Mnist
from benchmark.problems.stacked import StackedMnist
from evaluators.features.cache import classifier
from evaluators.features.mnist import FASHION, MNIST

NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def real(name: str, tmp_path: Path) -> Path:
    """Give the folder of a real data set, or skip and say why."""
    try:
        return find(FILE_SETS[name], None, tmp_path)
    except MissingData:
        pytest.skip(f"no {name}: GAN_BENCH_DATA is {os.environ.get('GAN_BENCH_DATA', 'not set')}")


def idx(values: np.ndarray) -> bytes:
    """Write an array of bytes in the IDX form."""
    return bytes((0, 0, 8, values.ndim)) + struct.pack(f">{values.ndim}I", *values.shape) + values.tobytes()


def small_files(root: Path, train: int = 12, test: int = 5) -> FileSet:
    """Write a small data set in MNIST's form, half of it compressed, and give its description."""
    rng = np.random.default_rng(0)
    shapes = [(train, 28, 28), (train,), (test, 28, 28), (test,)]
    folder = root / "Small" / "raw"
    folder.mkdir(parents=True)
    digests = {}
    for number, (name, shape) in enumerate(zip(NAMES, shapes, strict=True)):
        high = 256 if len(shape) == 3 else 10
        raw = idx(rng.integers(0, high, shape).astype(np.uint8))
        digests[name] = hashlib.sha256(raw).hexdigest()
        if number % 2:
            (folder / name).write_bytes(raw)
        else:
            (folder / f"{name}.gz").write_bytes(gzip.compress(raw))
    return FileSet("Small", "Small/raw", digests)


def quick_classifiers(monkeypatch):
    """Train the frozen classifiers for five steps only, without their stated accuracy."""

    def quick(recipe):
        short = dataclasses.replace(recipe, steps=5)
        return staticmethod(lambda images, labels, cache, _: classifier(short, images, labels, cache).extractor())

    for problem, recipe in ((Mnist, MNIST), (FashionMnist, FASHION)):
        monkeypatch.setattr(problem, "extract", quick(recipe))


def small_images(monkeypatch, root: Path, train: int = 600, test: int = 200):
    """Let the image problems read a few random images, and judge few samples by quick classifiers."""
    known = small_files(root, train, test)
    for problem in (Mnist, FashionMnist):
        monkeypatch.setattr(problem, "files", known)
    monkeypatch.setattr(Grey, "evaluators", dict.fromkeys(Grey.evaluators, 150))
    monkeypatch.setattr(StackedMnist, "evaluators", dict.fromkeys(StackedMnist.evaluators, 300))
    monkeypatch.setenv("GAN_BENCH_DATA", str(root))
    quick_classifiers(monkeypatch)
    monkeypatch.setattr("benchmark.runner.controls.MIXTURE_POINTS", 500)
