"""What tests of real data share: where the data are, and small files in the same form."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import os
import pickle
import struct
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmark.problems import PROBLEMS
from benchmark.problems.files import CELEBA, CIFAR10, FILE_SETS, FileSet, MissingData, find
from benchmark.problems.images import extract
from evaluators.features.cache import classifier
from evaluators.features.mnist import FASHION, MNIST

NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def real(name: str, tmp_path: Path) -> Path:
    """Return the folder of a real data set, or skip and say why."""
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


def change(monkeypatch, name: str, *, files: FileSet | None = None, samples: int | None = None, **judging):
    """Put other files, fewer samples for every evaluator, or another judging into a problem of the table."""
    problem = PROBLEMS[name]
    if files is not None:
        problem = dataclasses.replace(problem, source=dataclasses.replace(problem.source, files=files))
    if samples is not None:
        judging["evaluators"] = dict.fromkeys(problem.judging.evaluators, samples)
    problem = dataclasses.replace(problem, judging=dataclasses.replace(problem.judging, **judging))
    monkeypatch.setitem(PROBLEMS, name, problem)


def quick_classifiers(monkeypatch):
    """Train the frozen classifiers for five steps only, without their stated accuracy."""
    for name, recipe in (("mnist", MNIST), ("stacked-mnist", MNIST), ("fashion-mnist", FASHION)):
        short = dataclasses.replace(recipe, steps=5)

        def quick(images, labels, cache, _, short=short):
            return classifier(short, images, labels, cache).extractor()

        change(monkeypatch, name, extractor=partial(extract, quick))


def small_cifar(root: Path, rows: int = 40) -> FileSet:
    """Write pickles in the form of CIFAR-10's Python version, and give their description."""
    rng = np.random.default_rng(1)
    folder = root / CIFAR10.folder
    folder.mkdir(parents=True)
    digests = {}
    for name in CIFAR10.sha256:
        batch = {"data": rng.integers(0, 256, (rows, 3072)).astype(np.uint8), "labels": [0] * rows}
        content = pickle.dumps(batch, protocol=2)
        (folder / name).write_bytes(content)
        digests[name] = hashlib.sha256(content).hexdigest()
    return dataclasses.replace(CIFAR10, sha256=digests)


def small_celeba(root: Path, counts: tuple[int, int, int] = (60, 3, 24)) -> FileSet:
    """Write JPEG files and a partition in CelebA's form, lines ending as in its file, and give the description."""
    rng = np.random.default_rng(2)
    folder = root / CELEBA.folder / CELEBA.images
    folder.mkdir(parents=True)
    lines = []
    for part, count in enumerate(counts):
        for _ in range(count):
            lines.append(f"{len(lines) + 1:06d}.jpg {part}\r\n")
            coarse = Image.fromarray(rng.integers(0, 256, (7, 6, 3)).astype(np.uint8))
            coarse.resize((178, 218)).save(folder / lines[-1].split()[0])
    partition = "".join(lines).encode()
    (folder.parent / "list_eval_partition.txt").write_bytes(partition)
    digest = hashlib.sha256(partition).hexdigest()
    return dataclasses.replace(CELEBA, sha256={"list_eval_partition.txt": digest})


def tfd_arrays(count: int = 400) -> dict[str, np.ndarray]:
    """Return arrays in the form of the Toronto Face Database: half unlabelled, the rest trains, validates and tests."""
    rng = np.random.default_rng(3)
    images = rng.integers(0, 256, (count, 48, 48)).astype(np.uint8)
    folds = np.zeros((count, 5), dtype=np.uint8)
    folds[count // 2 :] = rng.integers(1, 4, (count - count // 2, 5))
    return {"images": images, "folds": folds}


def small_photographs(monkeypatch, root: Path):
    """Let the problems of photographs and faces read a few made-up ones."""
    change(monkeypatch, "cifar10", files=small_cifar(root), samples=100)
    change(monkeypatch, "celeba", files=small_celeba(root), samples=100)
    change(monkeypatch, "tfd", samples=100)
    (root / "TFD").mkdir()
    np.savez(root / "TFD" / "TFD_48x48.npz", **tfd_arrays())


def small_images(monkeypatch, root: Path, train: int = 600, test: int = 200):
    """Let the image problems read a few random images, and judge few samples by quick classifiers."""
    known = small_files(root, train, test)
    for name, samples in (("mnist", 150), ("fashion-mnist", 150), ("stacked-mnist", 300)):
        change(monkeypatch, name, files=known, samples=samples)
    monkeypatch.setenv("GAN_BENCH_DATA", str(root))
    quick_classifiers(monkeypatch)
    monkeypatch.setattr("benchmark.runner.controls.MIXTURE_POINTS", 500)
