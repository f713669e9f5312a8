"""Whatever the numbers, a public function gives finite values or one typed error that names an argument."""

from __future__ import annotations

import dataclasses
import math
import re

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import evaluators as ev
from tests.evaluators.builders import seeded

FUNCTIONS = {
    "authenticity": ev.authenticity,
    "classifier_two_sample": lambda x, y: ev.classifier_two_sample(x, y, seeded(), k=1),
    "copies": lambda x, y: ev.copies(x, y, x),
    "copying_z": lambda x, y: ev.copying_z(x, y, x),
    "duplicates": lambda x, y: ev.duplicates(x, y, seeded()),
    "energy_distance": ev.energy_distance,
    "frechet_distance": ev.frechet_distance,
    "frechet_infinity": lambda x, y: ev.frechet_infinity(x, y, seeded(), sizes=2),
    "gaussian_mmd2": lambda x, y: ev.gaussian_mmd2(x, y, 1.0),
    "improved_precision_recall": lambda x, y: ev.improved_precision_recall(x, y, k=1),
    "inception_score": lambda x, y: ev.inception_score(x),
    "kernel_distance": ev.kernel_distance,
    "kernel_distance_subsets": lambda x, y: ev.kernel_distance_subsets(x, y, seeded(), 2, 2),
    "kmeans_centroids": lambda x, y: float(ev.kmeans_centroids(x, 2, seeded()).abs().max()),
    "label_coverage": lambda x, y: ev.label_coverage(x),
    "modified_inception_score": lambda x, y: ev.modified_inception_score(x),
    "parzen_log_density": lambda x, y: float(ev.parzen_log_density(x, y, (1.0,)).min()),
    "precision_recall_density_coverage": lambda x, y: ev.precision_recall_density_coverage(x, y, k=1),
    "sliced_wasserstein": lambda x, y: ev.sliced_wasserstein(x, y, seeded(), count=3),
    "spread_ratio": lambda x, y: ev.spread_ratio(x, ev.Modes(y, 1.0, torch.full((len(y),), 1.0 / max(1, len(y))))),
    "wasserstein": ev.wasserstein,
}
NUMBERS = st.sampled_from([0.0, -0.0, 1.0, 0.5, -1.0, 1e-320, 1e-9, 1e19, -1e19, 1e21, math.nan, math.inf, -math.inf])
TAME = st.sampled_from([0.0, 1.0, 0.5, -1.0, 1e-320, 1e19, -1e19])


def rows(numbers):
    """Sets of up to six points in up to three dimensions."""
    return st.integers(1, 3).flatmap(
        lambda d: st.lists(st.lists(numbers, min_size=d, max_size=d), max_size=6).map(
            lambda values: torch.tensor(values, dtype=torch.float64).reshape(len(values), d)
        )
    )


def numbers_of(result):
    """All the numbers in a result."""
    if dataclasses.is_dataclass(result):
        return [n for field in dataclasses.fields(result) for n in numbers_of(getattr(result, field.name))]
    if isinstance(result, tuple):
        return [n for part in result for n in numbers_of(part)]
    return [] if result is None else [result]


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
@settings(max_examples=60, deadline=None)
@given(x=rows(NUMBERS) | rows(TAME), y=rows(NUMBERS) | rows(TAME))
def test_values_are_finite_or_the_error_is_typed(name, x, y):
    """Not-a-number, infinite, huge, denormal, constant, too few, of unequal width: never NaN, never another error."""
    try:
        found = numbers_of(FUNCTIONS[name](x, y))
    except ev.InvalidSamples as error:
        found, sentence = [], str(error)
    else:
        sentence = "samples: 1"
    assert all(math.isfinite(number) for number in found), found
    assert re.search(r"^[a-z_.]+:? .*\d", sentence), sentence
