"""Laws that every evaluator of the table keeps."""

from __future__ import annotations

import dataclasses
import math
import re

import pytest

import evaluators
from evaluators import EVALUATORS, METRICS, Truth, metric
from evaluators.guard import ONLY_PUBLISHED
from evaluators.truth import Evaluation
from tests.evaluators.builders import seeded

NAMES = sorted(EVALUATORS)
ELSEWHERE = {"support"}  # whose truth none here has; test_support.py does


def every_result(truths, name):
    """Run one evaluator on every truth."""
    return [EVALUATORS[name].run(samples, truth, seeded()) for samples, truth in truths.values()]


def families(found: Evaluation):
    """Strip the extractors from the names."""
    return {full.split("-")[0] for full in [*found.scores, *found.absent]}


@pytest.mark.parametrize("name", NAMES)
def test_every_metric_is_scored_or_absent_with_a_reason(truths, name):
    """The families of the table come back, each as a finite float or with a reason, and nothing else."""
    results = every_result(truths, name)
    assert any(found.scores for found in results) or name in ELSEWHERE
    for found in results:
        assert families(found) == set(EVALUATORS[name].metrics) - ONLY_PUBLISHED
        assert not found.scores.keys() & found.absent.keys()
        assert all(type(score.value) is float and math.isfinite(score.value) for score in found.scores.values())
        errors = [score.standard_error for score in found.scores.values() if score.standard_error is not None]
        assert all(type(error) is float and error >= 0.0 for error in errors)
        assert all(len(reason) > 10 for reason in found.absent.values())
        assert all(type(value) in (str, int, float) for value in found.protocol.values())


@pytest.mark.parametrize("name", NAMES)
def test_a_collapsed_generator_is_judged_without_nan(truths, name):
    """All samples at one point: finite numbers or reasons."""
    for samples, truth in truths.values():
        found = EVALUATORS[name].run(samples[:1].expand(200, *samples.shape[1:]), truth, seeded())
        assert all(math.isfinite(score.value) for score in found.scores.values())


@pytest.mark.parametrize("name", NAMES)
def test_unmet_needs_are_named(truths, name):
    """A truth without what an evaluator needs makes all its metrics absent, and says what is missing."""
    samples, _ = truths["ring"]
    found = EVALUATORS[name].run(samples, Truth(reference=samples), seeded())
    for need in EVALUATORS[name].needs:
        assert not found.scores
        assert all(need in reason for reason in found.absent.values())


def test_needs_are_fields_of_truth():
    """Every declared need can be met."""
    fields = {field.name for field in dataclasses.fields(Truth)}
    assert all(set(evaluator.needs) <= fields for evaluator in EVALUATORS.values())


def test_the_table_is_sorted_and_families_are_unique():
    """The table and `__all__` are in order, and no two evaluators share a family."""
    assert list(EVALUATORS) == NAMES
    assert len(METRICS) == sum(len(evaluator.metrics) for evaluator in EVALUATORS.values())
    assert evaluators.__all__ == sorted(
        evaluators.__all__, key=lambda name: (not name.isupper(), name[0].islower(), name)
    )
    assert all(hasattr(evaluators, name) for name in evaluators.__all__)


@pytest.mark.parametrize("family", sorted(METRICS))
def test_every_family_says_how_to_read_it(family):
    """A direction, one line of meaning, and a name that an extractor's name can follow."""
    assert metric(family) == metric(f"{family}-digits") == METRICS[family]
    assert METRICS[family].direction in ("higher", "lower", "none")
    assert "\n" not in METRICS[family].summary
    assert re.fullmatch(r"[a-z][a-z0-9_]*", family) or re.fullmatch(r"[a-z][a-z0-9_]*x[0-9]+", family)


def test_an_unknown_metric_is_an_error_with_the_known_ones():
    """A name that no evaluator gives is refused."""
    with pytest.raises(ValueError, match=r"Unknown metric 'fod-digits'. Known: .*fd"):
        metric("fod-digits")
