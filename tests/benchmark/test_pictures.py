"""A picture beside each record."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from benchmark.runner.pictures import PICTURE, draw_pictures
from benchmark.store import directory_of
from tests.benchmark.cli_builders import type_in
from tests.benchmark.report_builders import SCRIPT, record, write

__all__ = ["type_in"]

CURVE = [{"iteration": at, "critic_loss": 1 / at, "generator_loss": float("nan"), "coverage": at / 9} for at in (1, 9)]


@pytest.mark.parametrize("shape", [(50, 2), (50, 64), (50, 3, 8, 8), (1, 2), (50, 1), (50, 7)])
@pytest.mark.parametrize("curve", [CURVE, []], ids=["curve", "control"])
def test_every_kind_of_sample_has_a_picture(tmp_path, shape, curve):
    """Points, images, colour, and what is neither; names with markup or maths; other programs can read it."""
    made = record(SCRIPT + r"$\frac{$", 0, 0.5)
    write(tmp_path, made)
    samples = np.random.default_rng(0).random((1, *shape))
    samples[0, 0] = np.nan if shape == (50, 2) else 0.0
    (path,) = draw_pictures(tmp_path, [made], samples, [curve])
    with Image.open(path) as image:
        assert image.format == "PNG"
        assert image.convert("L").getextrema()[0] < 100
    assert path == directory_of(tmp_path, made) / PICTURE


def test_a_picture_that_cannot_be_drawn_fails_nothing(tmp_path, caplog):
    """Where a file stands in the directory's place, a warning says so, once."""
    made = record("ns", 0, 0.5)
    directory_of(tmp_path, made).parent.mkdir(parents=True)
    directory_of(tmp_path, made).write_text("")
    assert draw_pictures(tmp_path, [made] * 2, np.zeros((2, 5, 2)), [[], []]) == []
    assert len(caplog.records) == 1


def test_run_leaves_pictures(type_in, tmp_path):
    """Every run, controls too, has its picture; `--no-pictures` draws none."""
    words = ("run", "--objective", "ns", "--problem", "ring", "--seeds", "1", "--iterations", "5")
    assert type_in(*words, "--results", tmp_path / "a")[0] == 0
    assert {path.parent.parent.name for path in (tmp_path / "a").rglob(PICTURE)} == {"ns", "oracle", "untrained", "gmm"}
    assert type_in(*words, "--no-pictures", "--results", tmp_path / "b")[0] == 0
    assert not list((tmp_path / "b").rglob(PICTURE))
