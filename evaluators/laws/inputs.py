"""Laws of input and output: a metric has a number or a reason, and invalid samples have no number."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from evaluators.guard import ONLY_PUBLISHED
from evaluators.laws.finding import LawFinding, finding
from evaluators.laws.stage import Stage, stages
from evaluators.truth import Evaluation, Evaluator, Metric, Score


def metrics_by_name(evaluator: Evaluator, found: Evaluation) -> dict[str, Metric | None]:
    """Return the declared metric behind every name that came back; None where others alone are declared.

    A user's function declares none: its metrics have its direction, and may speak of a single sample.
    """
    names = [*found.scores, *found.absent]
    if not evaluator.metrics:
        return dict.fromkeys(names, Metric(getattr(evaluator.run, "better", "none"), "", samples=1, reference=0))
    published = {name: name for name in ONLY_PUBLISHED}
    return {name: evaluator.metrics.get(published.get(name, name.split("-", 1)[0])) for name in names}


def faults_of(evaluator: Evaluator, found: Evaluation) -> list[str]:
    """Return what is wrong with the form of an evaluation."""
    faults = [f"{name} is not declared" for name, metric in metrics_by_name(evaluator, found).items() if metric is None]
    numbers = [(name, number) for name, score in found.scores.items() for number in (score.value, score.standard_error)]
    faults += [
        f"{name} came out as {number!r}"
        for name, number in numbers
        if number is not None and (type(number) is not float or not math.isfinite(number))
    ]
    faults += [f"{name} is absent without a reason" for name, reason in found.absent.items() if not reason.strip()]
    faults += [f"{name} is both scored and absent" for name in found.scores.keys() & found.absent.keys()]
    back = {name.split("-", 1)[0] for name in (*found.scores, *found.absent)}
    faults += [f"{family} has no number and no reason" for family in evaluator.metrics.keys() - back - ONLY_PUBLISHED]
    return faults


def form(evaluator: Evaluator) -> LawFinding:
    """Every declared metric comes back as one finite float or with a reason, and some metric somewhere as a float."""
    expected = "each declared metric is one finite float or absent with a reason, and some truth yields numbers"
    results = [stage.run(evaluator, samples) for stage in stages() for samples in (stage.exact, stage.disjoint)]
    wrong = [fault for found in results for fault in faults_of(evaluator, found)]
    if not any(found.scores for found in results):
        reason = next((reason for found in results for reason in found.absent.values()), "no metric is declared")
        wrong.append(f"no truth yields a number: {reason}")
    return finding("form", expected, len(results), wrong)


def few(evaluator: Evaluator) -> LawFinding:
    """With one sample fewer than a metric declares, or one of the reference, it is absent."""
    tried, wrong = 0, []
    for stage in (stage for stage in stages() if stage.serves(evaluator)):
        known = metrics_by_name(evaluator, stage.run(evaluator, stage.exact))
        for least in sorted({metric.samples for metric in known.values() if metric is not None}):
            scores = stage.run(evaluator, stage.exact[: max(0, least - 1)]).scores
            tried += 1
            wrong += [
                f"{name} of {max(0, least - 1)} samples is {scores[name].value:.4g}"
                for name, metric in known.items()
                if metric is not None and metric.samples == least and name in scores
            ]
        for least in sorted({metric.reference for metric in known.values() if metric is not None and metric.reference}):
            small = dataclasses.replace(stage.truth, reference=stage.truth.reference[: least - 1])
            scores = stage.run(evaluator, stage.exact, truth=small).scores
            tried += 1
            wrong += [
                f"{name} with {least - 1} of the reference is {scores[name].value:.4g}"
                for name, metric in known.items()
                if metric is not None and metric.reference == least and name in scores
            ]
    return finding("few", "a metric is absent with fewer samples or a smaller reference than it declares", tried, wrong)


def one_nan(x: Tensor) -> Tensor:
    """Return samples, one of them with a NaN."""
    spoilt = x.clone()
    spoilt.view(-1)[1] = math.nan
    return spoilt


GARBAGE: dict[str, Callable[[Tensor], object]] = {
    "samples with one NaN": one_nan,
    "infinite samples": lambda x: x / 0.0,
    "no samples": lambda x: x[:0],
    "integers": lambda x: (255.0 * x).long(),
    "samples with one value missing": lambda x: x.flatten(1)[:, 1:],
    "a list": lambda x: x.tolist(),
}
OF_IMAGES: dict[str, Callable[[Tensor], object]] = {
    "channels last": lambda x: x.movedim(1, -1),
    "values from -1 to 1": lambda x: 2.0 * x - 1.0,
    "values from 0 to 255": lambda x: 255.0 * x,
}


def garbage(evaluator: Evaluator) -> LawFinding:
    """NaN, another shape, layout, range or type give no score and no exception."""
    tried, wrong = 0, []
    for stage in (stage for stage in stages() if stage.serves(evaluator)):
        for what, spoil in (GARBAGE | (OF_IMAGES if stage.truth.limits else {})).items():
            tried += 1
            scores = _scores(stage, evaluator, spoil(stage.exact))
            if isinstance(scores, str):
                wrong.append(f"{what} raise {scores}")
            elif scores:
                name, score = next(iter(scores.items()))
                wrong.append(f"{what} score {name} = {score.value:.4g}")
    return finding("garbage", "NaN, another shape, layout, range or type: no score and no exception", tried, wrong)


def _scores(stage: Stage, evaluator: Evaluator, samples: object) -> Mapping[str, Score] | str:
    try:
        return stage.run(evaluator, samples).scores
    except Exception as error:
        return f"{type(error).__name__}: {' '.join(str(error).split())[:100]}"


def arrays(evaluator: Evaluator) -> LawFinding:
    """NumPy arrays score as their tensors, and bytes as images k/255."""
    tried, wrong = 0, []
    for stage in (stage for stage in stages() if stage.serves(evaluator)):
        forms: dict[str, object] = {"a NumPy array": stage.exact.numpy()}
        if stage.truth.limits:
            forms["bytes"] = (255.0 * stage.exact).round().to(torch.uint8)
        known = stage.run(evaluator, stage.exact).scores
        for what, samples in forms.items():
            tried += 1
            scores = _scores(stage, evaluator, samples)
            if scores != known:
                wrong.append(f"{what}: {scores if isinstance(scores, str) else 'other scores'}")
    return finding("arrays", "NumPy arrays score as their tensors, bytes as images k/255", tried, wrong)
