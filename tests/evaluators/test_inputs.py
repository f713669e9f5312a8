"""Every evaluator and public metric gets the same tensors whatever the form of its input, or explains what is wrong."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators import (
    EVALUATORS,
    InvalidSamples,
    Moments,
    Truth,
    frechet_distance,
    frechet_distance_of_moments,
    parzen_score,
    precision_recall_density_coverage,
)
from evaluators.checks import UNIT
from tests.evaluators.builders import normal, seeded
from tests.evaluators.test_hostile import FUNCTIONS

NAMES = sorted(EVALUATORS)
LAYOUTS = [lambda x: x, lambda x: x.flatten(1), lambda x: x.movedim(1, -1), lambda x: x[..., :1]]


def judged(name, samples, truth):
    """Run one evaluator."""
    return EVALUATORS[name].run(samples, truth, seeded())


def values(found):
    """Return the scores alone."""
    return {name: score.value for name, score in found.scores.items()}


@pytest.mark.parametrize("name", NAMES)
def test_a_set_has_no_order(truths, name):
    """Samples sorted by their content, class by class, or shuffled are one set, to the bit."""
    for samples, truth in truths.values():
        in_order = samples[samples.flatten(1).sum(1).argsort()]
        mixed = samples[torch.randperm(len(samples), generator=seeded(3))]
        assert judged(name, in_order, truth) == judged(name, mixed, truth)


@pytest.mark.parametrize("name", NAMES)
def test_arrays_and_bytes_are_taken_for_what_they_are(truths, name):
    """A NumPy array scores as its tensor, and bytes as k/255, wherever images in [0, 1] are meant."""
    samples, truth = truths["digits"]
    images = (255.0 * samples).round().to(torch.uint8)
    expected = judged(name, images.float() / 255.0, truth)
    assert judged(name, images, truth) == expected
    assert judged(name, images.numpy(), truth) == expected
    assert judged(name, (images.float() / 255.0).numpy(), truth) == expected


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda x: 2.0 * x - 1.0, r"must be in \[0, 1\], got values from -1 to 1"),
        (lambda x: 255.0 * x, r"must be in \[0, 1\], got values from 0 to 255"),
        (
            lambda x: x.movedim(1, -1),
            r"\[N, 8, 8, 3\] but reference \[N, 3, 8, 8\]; the same axes in another",
        ),
        (lambda x: (255.0 * x).long(), "must be a dense floating-point tensor, got torch.int64"),
        (lambda x: x.tolist(), "must be a floating-point tensor or NumPy array, got list"),
        (lambda x: x.numpy().astype(complex), "got an array of complex128"),
        (lambda x: x.to_sparse(), "must be a dense floating-point tensor"),
        (lambda x: x * math.nan, "has 100 of 100 samples that are not finite"),
    ],
    ids=["-1..1", "0..255", "NHWC", "integers", "list", "complex", "sparse", "nan"],
)
def test_what_is_not_meant_is_one_sentence(truths, name, spoil, words):
    """Another range, layout or type: no score, and one sentence with what was seen, from every evaluator."""
    samples, truth = truths["stacks"]
    found = judged(name, spoil(samples), truth)
    assert not found.scores
    needs = [need for need in EVALUATORS[name].needs if getattr(truth, need) is None]
    with pytest.raises(InvalidSamples, match=words if not needs else "needs"):
        raise InvalidSamples(next(iter(found.absent.values())))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_garbage_gives_no_score(truths, name, data):
    """Sizes 0 to 5, any type, range and layout, NaN: never an error that escapes, never a score, always a reason."""
    samples, truth = truths[data.draw(st.sampled_from(sorted(truths)))]
    n = data.draw(st.integers(0, 5))
    x = samples[torch.randperm(len(samples), generator=seeded(data.draw(st.integers(0, 99))))[:n]]
    kind = data.draw(st.sampled_from([torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.uint8]))
    x = (x * data.draw(st.sampled_from([1.0, -1.0, 255.0, 1e30, math.nan, math.inf]))).to(kind)
    x = data.draw(
        st.sampled_from([lambda x: x, lambda x: x.flatten(1), lambda x: x.movedim(1, -1), lambda x: x[..., :1]])
    )(x)
    found = judged(name, data.draw(st.sampled_from([lambda x: x, lambda x: x.float().numpy()]))(x), truth)
    assert not found.scores
    assert found.absent
    assert all(len(reason) > 10 for reason in found.absent.values())


@pytest.mark.parametrize("name", NAMES)
def test_every_metric_declares_what_it_needs(truths, name):
    """One sample fewer than declared, or one of the reference: absent with both numbers; as many: the usual."""
    for samples, truth in truths.values():
        scores = judged(name, samples, truth).scores
        for full, metric in ((full, EVALUATORS[name].metrics[full.split("-")[0]]) for full in scores):
            assert 1 < metric.samples <= len(samples)
            assert str(metric.samples) in judged(name, samples[: metric.samples - 1], truth).absent[full]
            if metric.reference:
                small = dataclasses.replace(truth, reference=truth.reference[: metric.reference - 1])
                assert f"got {metric.reference - 1}" in judged(name, samples, small).absent[full]


def test_a_density_of_a_set_against_itself_is_one():
    """Each point lies in k balls: the k-th neighbour's ball ends at it, by both distances, whatever their rounding."""
    for n, d in ((1000, 16), (700, 3), (400, 200)):
        x = normal(n, d, n)
        found = precision_recall_density_coverage(x, x.clone())
        assert dataclasses.astuple(found) == (1.0, 1.0, 1.0, 1.0)
        moved = precision_recall_density_coverage(x + 1000.0, x + 1000.0)
        assert moved.density == 1.0


MU, SIGMA = np.zeros(3, dtype=np.float32), np.diag([1.0, 2.0, 3.0]).astype(np.float32)


def test_published_statistics_are_taken():
    """Mu and sigma as files hold them, NumPy in float32, give the distance of their Gaussians."""
    first, second = Moments.of_statistics(50_000, MU, SIGMA), Moments.of_statistics(10_000, MU + 1.0, SIGMA)
    assert frechet_distance_of_moments(first, second) == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("mean", "covariance", "words"),
    [
        (MU, np.diag([1.0, -2.0, 3.0]), r"has the negative eigenvalue -2\b"),
        (MU, SIGMA + np.triu(np.ones((3, 3)), 1), "is not symmetric, off by"),
        (MU, SIGMA[:2], r"got \[3\] and \[2, 3\]"),
        (MU[:2], SIGMA, r"got \[2\] and \[3, 3\]"),
        (MU[None], SIGMA, r"got \[1, 3\] and \[3, 3\]"),
        (MU, SIGMA * np.nan, "9 of 12 values of the mean and the covariance are not finite"),
        (MU.astype(int), SIGMA, "must be a floating-point tensor or NumPy array, got an array of int64"),
    ],
)
def test_statistics_that_no_sample_could_have_are_refused(mean, covariance, words):
    """Asymmetric, indefinite, misshaped, not finite: one sentence each, on either side."""
    right = Moments.of_statistics(100, MU, SIGMA)
    for pair in ((lambda wrong: (wrong, right)), (lambda wrong: (right, wrong))):
        with pytest.raises(InvalidSamples, match=words):
            frechet_distance_of_moments(*pair(Moments.of_statistics(100, mean, covariance)))


def test_sets_of_one_size_in_two_layouts_are_refused():
    """NHWC against NCHW, which once was a distance of 19."""
    x = torch.rand(50, 3, 8, 8, generator=seeded())
    with pytest.raises(InvalidSamples, match=r"first has the shape \[N, 3, 8, 8\] but second \[N, 8, 8, 3\]"):
        frechet_distance(x, x.permute(0, 2, 3, 1))
    assert frechet_distance(x, x.flatten(1)) == pytest.approx(0.0, abs=1e-9)


def test_bytes_are_images_in_the_public_parzen_score(digit_images):
    """The same score for k/255 and for the bytes k."""
    images = (255.0 * digit_images[0].float()).round().to(torch.uint8)
    parts = images[:100], images[100:200], images[200:300]
    as_bytes = parzen_score(*parts, seeded())
    assert as_bytes == parzen_score(*(part.float() / 255.0 for part in parts), seeded())


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_public_metrics_take_arrays(name):
    """A NumPy array is as good as its tensor."""
    x = (normal(12, 2) % 1.0).numpy()
    x /= x.sum(1, keepdims=True)  # rows of probabilities, for those that want them
    tensors = torch.from_numpy(x.copy()), torch.from_numpy(x[::-1].copy())
    assert FUNCTIONS[name](*tensors) == FUNCTIONS[name](x, x[::-1])


def test_a_truth_of_bytes_or_arrays_is_converted(digit_images):
    """A reference of bytes is images in [0, 1]; sets of two shapes are refused at once."""
    images = (255.0 * digit_images[0][:40]).round().to(torch.uint8)
    truth = Truth(reference=images, validation=images.numpy(), limits=UNIT)
    assert truth.reference.dtype == truth.validation.dtype == torch.float32
    with pytest.raises(InvalidSamples, match=r"training has the shape \[N, 5\] but reference \[N, 1, 8, 8\]"):
        Truth(reference=images, training=torch.rand(9, 5), limits=UNIT)


def test_an_extractor_says_what_it_takes(digits):
    """Its shape and range stand beside its name."""
    assert (digits.shape, digits.limits) == ((1, 8, 8), UNIT)
