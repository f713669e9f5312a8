"""Laws of the values: which direction is better, and the values and scaling that a metric declares."""

from __future__ import annotations

import dataclasses
import math
import statistics

from torch import Tensor

from evaluators.laws.finding import LawFinding, finding
from evaluators.laws.inputs import metrics_by_name
from evaluators.laws.purity import noise
from evaluators.laws.stage import Stage, exact_points, nearest_mode, ring, seeded, stages
from evaluators.truth import Evaluator, Modes, Truth

FACTOR, SHIFT = 2.0, -0.25  # of all values, where a metric says how it scales; of [0, 1] it makes [-0.25, 1.75]
EQUAL = 1e-6
DRAWS, SMALL_SET, ERRORS = 40, 60, 4.0  # sets, samples in each, and standard errors that a mean may be off
UNBIASED = "the mean over many small sets is the metric's declared limit"
LOSS = 0.25  # of a score, that dropping half of the modes costs what sees coverage
NEAR = 0.15  # of the way from perfection to a disjoint law: what a perfect sampler of 520 may be off


def direction(evaluator: Evaluator) -> LawFinding:
    """Fresh samples of the truth itself score better than those of a disjoint law."""
    tried, wrong = 0, []
    for stage in (stage for stage in stages() if stage.serves(evaluator)):
        right, far = stage.run(evaluator, stage.exact), stage.run(evaluator, stage.disjoint)
        for name, metric in metrics_by_name(evaluator, right).items():
            if metric is None or metric.direction == "none" or not (name in right.scores and name in far.scores):
                continue
            tried += 1
            better, worse = right.scores[name].value, far.scores[name].value
            if (better >= worse) if metric.direction == "lower" else (better <= worse):
                wrong.append(
                    f"{name} ({metric.direction} is better): {better:.4g} for the truth, {worse:.4g} far from it"
                )
    return finding("direction", "samples of the truth score better than samples far from it", tried, wrong)


def itself(evaluator: Evaluator) -> LawFinding:
    """The reference judged as samples has the value that the metric declares."""
    tried, wrong = 0, []
    for stage in (stage for stage in stages() if stage.serves(evaluator)):
        found = stage.run(evaluator, stage.truth.reference.clone())
        for name, metric in metrics_by_name(evaluator, found).items():
            if metric is None or metric.of_itself is None or name not in found.scores:
                continue
            tried += 1
            if abs(found.scores[name].value - metric.of_itself) > EQUAL:
                wrong.append(f"{name} of the reference is {found.scores[name].value:.6g}, not {metric.of_itself:g}")
    return finding("itself", "the reference itself has the value that a metric declares for it", tried, wrong)


def perfect(evaluator: Evaluator) -> LawFinding:
    """Fresh samples of the truth lie near the limit that the metric declares of a perfect sampler."""
    tried, wrong = 0, []
    for stage in (stage for stage in stages() if stage.serves(evaluator)):
        right, far = stage.run(evaluator, stage.exact), stage.run(evaluator, stage.disjoint)
        for name, metric in metrics_by_name(evaluator, right).items():
            if metric is None or metric.ideal is None or name not in right.scores:
                continue
            tried += 1
            score = right.scores[name]
            way = abs(far.scores[name].value - metric.ideal) if name in far.scores else 1.0
            if abs(score.value - metric.ideal) > max(NEAR * way, 5.0 * (score.standard_error or 0.0)):
                wrong.append(f"{name} of fresh samples is {score.value:.4g}, but its limit is {metric.ideal:g}")
    return finding("perfect", "fresh samples of the truth score near the limit that a metric declares", tried, wrong)


def moved(x: Tensor | None, factor: float, shift: float) -> Tensor | None:
    """Return factor · x + shift."""
    return None if x is None else factor * x + shift


def moved_truth(truth: Truth, factor: float, shift: float) -> Truth:
    """Return the truth of data that are scaled and shifted, without what would have to be moved with them."""
    modes = truth.modes and Modes(factor * truth.modes.centres + shift, factor * truth.modes.std, truth.modes.weights)
    reference = moved(truth.reference, factor, shift)
    assert reference is not None
    return dataclasses.replace(
        truth,
        reference=reference,
        validation=moved(truth.validation, factor, shift),
        training=moved(truth.training, factor, shift),
        modes=modes,
        log_density=None,
        sampler=None,
        support=None,
    )


def scale(evaluator: Evaluator) -> LawFinding:
    """Where all values are multiplied by s and shifted, a metric of degree p is multiplied by s^p."""
    tried, wrong = 0, []
    for stage in (stage for stage in stages() if stage.truth.limits is None):
        truth = moved_truth(stage.truth, FACTOR, SHIFT)
        other = Stage("moved", truth, FACTOR * stage.exact + SHIFT, stage.disjoint)
        if not other.serves(evaluator):
            continue
        known, found = stage.run(evaluator, stage.exact).scores, other.run(evaluator, other.exact)
        allowed = noise(stage, evaluator, known)
        for name, metric in metrics_by_name(evaluator, found).items():
            if metric is None or metric.degree is None or not (name in found.scores and name in known):
                continue
            tried += 1
            times = FACTOR**metric.degree
            value, expected = found.scores[name].value, times * known[name].value
            if abs(value - expected) > times * allowed[name]:
                wrong.append(f"{name} of values times {FACTOR:g} is {value:.6g}, not {expected:.6g}")
    return finding(
        "scale", "scaling by s and shifting multiply a metric by s^degree, with the degree it declares", tried, wrong
    )


def unbiased(evaluator: Evaluator) -> LawFinding:
    """Over many small sets of fresh samples, and as many small references, a metric's mean is its declared limit."""
    values: dict[str, list[float]] = {}
    ideals: dict[str, float] = {}
    (stage,) = (stage for stage in stages() if stage.truth.sampler is not None)
    if not any(metric.unbiased for metric in evaluator.metrics.values()):
        return finding("unbiased", UNBIASED, 0, [])
    for draw in range(DRAWS):
        samples, reference = (exact_points(SMALL_SET, seeded(DRAWS * part + draw)) for part in (1, 2))
        found = stage.run(evaluator, samples, draw, dataclasses.replace(stage.truth, reference=reference))
        for name, metric in metrics_by_name(evaluator, found).items():
            if metric is not None and metric.unbiased and metric.ideal is not None and name in found.scores:
                values.setdefault(name, []).append(found.scores[name].value)
                ideals[name] = metric.ideal
    wrong = []
    for name, row in values.items():
        middle, error = statistics.fmean(row), statistics.stdev(row) / math.sqrt(len(row))
        if abs(middle - ideals[name]) > ERRORS * error:
            wrong.append(f"the mean of {name} is {middle:.3g} ± {error:.2g}, not {ideals[name]:g}")
    return finding("unbiased", UNBIASED, len(values), wrong)


def dropped(evaluator: Evaluator) -> LawFinding:
    """Without half of the truth's modes what sees coverage gets worse, and what sees quality alone does not."""
    tried, wrong = 0, []
    (stage,) = (stage for stage in stages() if stage.truth.sampler is not None)
    kept = stage.exact[nearest_mode(stage.exact).argmax(1) < len(ring().weights) // 2]
    whole, half = stage.run(evaluator, stage.exact[: len(kept)]), stage.run(evaluator, kept)
    for name, metric in metrics_by_name(evaluator, whole).items():
        if metric is None or metric.dropped is None or not (name in whole.scores and name in half.scores):
            continue
        tried += 1
        before, after = whole.scores[name].value, half.scores[name].value
        loss = (after - before if metric.direction == "lower" else before - after) / max(abs(before), abs(after), 1e-9)
        if (loss > LOSS) != (metric.dropped == "worse"):
            wrong.append(
                f"{name} should be {metric.dropped} without half of the modes: {before:.4g} became {after:.4g}"
            )
    return finding(
        "dropped", "without half of the modes, metrics of coverage get worse, those of quality do not", tried, wrong
    )
