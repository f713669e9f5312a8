"""A picture beside each record."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from benchmark.runner.pictures import picture_or_none
from benchmark.store import PICTURE
from tests.benchmark.cli_builders import type_in
from tests.benchmark.report_builders import SCRIPT, record

__all__ = ["type_in"]

CURVE = [{"iteration": at, "critic_loss": 1 / at, "generator_loss": float("nan"), "coverage": at / 9} for at in (1, 9)]


@pytest.mark.parametrize("shape", [(50, 2), (50, 64), (50, 3, 8, 8), (1, 2), (50, 1), (50, 7)])
@pytest.mark.parametrize("curve", [CURVE, []], ids=["curve", "control"])
@pytest.mark.parametrize("truth", [True, False], ids=["with the truth", "alone"])
def test_every_kind_of_sample_has_a_picture(shape, curve, truth):
    """Points, images, colour, and what is neither; names with markup or maths; other programs can read it."""
    made = record(SCRIPT + r"$\frac{$", 0, 0.5)
    samples = np.random.default_rng(0).random(shape)
    samples[0] = np.nan if shape == (50, 2) else 0.0
    content = picture_or_none(made, samples, curve, np.random.default_rng(1).random(shape) if truth else None)
    with Image.open(io.BytesIO(content)) as image:
        assert image.format == "PNG"
        assert image.convert("L").getextrema()[0] < 100
        assert image.width == (1 + truth + 2 * bool(curve)) * 268 + 12


def test_a_picture_that_cannot_be_drawn_fails_nothing(caplog):
    """Where drawing fails, a warning says so."""
    assert picture_or_none(record("ns", 0, 0.5), np.zeros(()), []) is None
    assert "No picture of 'ns', seed 0" in caplog.text


def test_run_leaves_pictures(type_in, tmp_path):
    """Every run, controls too, has its picture; `--no-pictures` draws none."""
    words = ("run", "--objective", "ns", "--problem", "ring", "--seeds", "1", "--iterations", "5")
    assert type_in(*words, "--results", tmp_path / "a")[0] == 0
    assert {path.parent.parent.name for path in (tmp_path / "a").rglob(PICTURE)} == {"ns", "oracle", "untrained", "gmm"}
    assert type_in(*words, "--no-pictures", "--results", tmp_path / "b")[0] == 0
    assert not list((tmp_path / "b").rglob(PICTURE))
