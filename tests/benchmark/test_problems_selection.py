"""The data on which settings are chosen: like a problem's own, and nothing of what a leaderboard judges by."""

from __future__ import annotations

import os

import pytest
import torch

from benchmark.problems import PROBLEMS
from benchmark.runner.paths import cache_directory

FILES = {"mnist", "fashion-mnist", "stacked-mnist"}
GENERATED = sorted({"gaussian1d", "grid", "grid-unbalanced", "high-dim", "ring", "ring-wide", "spiral"})


def rows(points: torch.Tensor) -> set[bytes]:
    """Return points [N, *data] as a set."""
    return {point.numpy().tobytes() for point in points.contiguous()}


@pytest.mark.parametrize("name", GENERATED)
def test_generated_points_are_drawn_anew(name, tmp_path):
    """The same truth and as many points, but not one of them the same."""
    problem = PROBLEMS[name]
    data = problem.load(tmp_path)
    chosen = problem.selection(data)
    assert chosen.digest() != data.digest()
    assert chosen.training.shape == data.training.shape
    assert chosen.truth.reference.shape == data.truth.reference.shape
    common = rows(chosen.training) & rows(torch.cat([data.training, data.truth.reference]))
    assert len(common) <= (5_000 if name == "gaussian1d" else 0)  # float32 has few numbers on the line
    assert chosen.truth.sampler is not None
    assert chosen.digest() == problem.selection(problem.load(tmp_path)).digest()


def test_digits_are_chosen_on_training_images_alone():
    """Training images are split in two that share nothing; no test image is among them."""
    problem = PROBLEMS["digits"]
    data = problem.load(cache_directory())
    chosen = problem.selection(data)
    assert len(chosen.training) == len(data.training) * 4 // 5
    assert len(chosen.training) + len(chosen.truth.reference) == len(data.training)
    assert rows(chosen.training) | rows(chosen.truth.reference) == rows(data.training)
    assert not rows(chosen.training) & rows(chosen.truth.reference)
    assert not (rows(chosen.training) | rows(chosen.truth.reference)) & rows(data.truth.reference)
    assert chosen.truth.training is chosen.training


@pytest.mark.full
@pytest.mark.skipif("GAN_BENCH_DATA" not in os.environ, reason="there are no files")
@pytest.mark.parametrize("name", sorted(FILES))
def test_images_are_chosen_on_training_images_alone(name):
    """Of MNIST's kind: the judged images are as many as the test set's, and none of them is in it."""
    problem = PROBLEMS[name]
    data = problem.load(cache_directory())
    chosen = problem.selection(data)
    assert chosen.training.shape[0] == len(data.training) * 4 // 5
    assert chosen.truth.reference.shape == data.truth.reference.shape
    assert not rows(chosen.truth.reference) & rows(data.truth.reference)
    assert not rows(chosen.truth.reference) & rows(chosen.training)
    assert chosen.truth.extractor is data.truth.extractor
