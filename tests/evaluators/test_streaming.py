"""Streamed distances are those of the whole sets, however the sets are cut and merged."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators import (
    FrechetDistance,
    InvalidSamples,
    KernelDistance,
    Moments,
    feature_moments,
    frechet_distance,
    kernel_distance,
    pixels_extractor,
)

SOURCE = torch.Generator().manual_seed(0)
REAL, FAKE = torch.randn(60, 3, generator=SOURCE), 1.0 + torch.randn(50, 3, generator=SOURCE)


def cut(rows, places):
    """Cut a set into batches, empty ones left out."""
    ends = sorted({0, *(place % len(rows) for place in places), len(rows)})
    return [rows[start:end] for start, end in pairwise(ends)]


@pytest.mark.parametrize(("kind", "whole"), [(FrechetDistance, frechet_distance), (KernelDistance, kernel_distance)])
@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 100), max_size=6), st.lists(st.integers(0, 100), max_size=6), st.integers(0, 6))
def test_batches_and_parts_give_the_whole(kind, whole, real_places, fake_places, at):
    """Two objects share the batches and are merged; one may have none of a side."""
    first, second = kind(), kind()
    for rows, places, real in ((REAL, real_places, True), (FAKE, fake_places, False)):
        for number, batch in enumerate(cut(rows, places)):
            (first if number < at else second).update(batch, real=real)
    first.merge(second)
    found, expected = first.compute(), whole(FAKE, REAL)
    if kind is KernelDistance:
        assert first.memory == 4 * (REAL.numel() + FAKE.numel())
        found, expected = found.value, expected.value
    assert found == pytest.approx(expected, rel=1e-9)


def test_features_come_from_a_function_an_extractor_or_the_batch():
    """NumPy arrays and images too; a batch may be used again by its loop."""
    images, others = torch.rand(30, 1, 2, 2), torch.rand(30, 1, 2, 2)
    expected = frechet_distance(images.flatten(1), others.flatten(1))
    for features in (None, pixels_extractor(), lambda batch: torch.as_tensor(batch).flatten(1)):
        distance = FrechetDistance(features)
        distance.update(images.numpy())
        distance.update(others, real=True)
        assert distance.compute() == pytest.approx(expected, rel=1e-9)
    kernel, batch = KernelDistance(), FAKE.clone()
    kernel.update(batch)
    batch.zero_()
    assert kernel.fake[0].equal(FAKE)


def test_given_moments_stand_for_the_real_side():
    """They count once when parts are merged, and must be the same."""
    moments = feature_moments(REAL)
    first, second = (FrechetDistance(reference=moments) for _ in range(2))
    first.update(FAKE[:20])
    second.update(FAKE[20:])
    first.merge(second)
    assert first.compute() == pytest.approx(frechet_distance(FAKE, REAL), rel=1e-9)
    with pytest.raises(InvalidSamples, match="accepts no real batch"):
        first.update(REAL, real=True)
    with pytest.raises(InvalidSamples, match="different real samples"):
        first.merge(FrechetDistance(reference=feature_moments(FAKE)))
    with pytest.raises(InvalidSamples, match="different real samples"):  # of one mean
        first.merge(FrechetDistance(reference=Moments(moments.n, moments.mean, 2 * moments.scatter)))
    with pytest.raises(InvalidSamples, match="only one of the two"):
        first.merge(FrechetDistance())


@pytest.mark.parametrize("kind", [FrechetDistance, KernelDistance])
@pytest.mark.parametrize("real", [True, False])
def test_parts_of_other_features_are_not_merged(kind, real):
    """Other dimensions on either side, and features of another kind; what was there is left as it was."""
    distance, narrow = kind(), kind()
    distance.update(FAKE)
    distance.update(REAL, real=True)
    before = distance.compute()
    narrow.update(REAL[:, :2], real=real)
    with pytest.raises(InvalidSamples, match=r"(3 and 2 features|have 3 and 2 dimensions)"):
        distance.merge(narrow)
    with pytest.raises(InvalidSamples, match=r"(2 features|have 3 and 2 dimensions)"):
        distance.update(FAKE[:, :2], real=real)
    half = kind()
    half.update(FAKE)
    half.real = narrow.real if real else half.real
    half.fake = half.fake if real else narrow.fake
    one_side = kind()
    one_side.update(REAL, real=not real)
    with pytest.raises(InvalidSamples, match=r"(features|dimensions)"):
        one_side.merge(half)
    for other in (pixels_extractor(), lambda batch: batch):
        with pytest.raises(InvalidSamples, match="compare different features"):
            distance.merge(kind(other))
    assert distance.compute() == before


@pytest.mark.parametrize("kind", [FrechetDistance, KernelDistance])
def test_what_cannot_be_judged_is_one_sentence(kind):
    """A side without samples, other features, NaN."""
    distance = kind()
    with pytest.raises(InvalidSamples, match="no real batch was given yet"):
        distance.compute()
    distance.update(REAL, real=True)
    with pytest.raises(InvalidSamples, match="no generated batch was given yet"):
        distance.compute()
    with pytest.raises(InvalidSamples, match="not finite"):
        distance.update(torch.full((4, 3), torch.nan))
    with pytest.raises(InvalidSamples, match=r"(2 features|have 3 and 2 dimensions)"):
        distance.update(REAL[:, :2], real=True)
