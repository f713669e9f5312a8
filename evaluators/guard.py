"""What every evaluator promises: unmet needs and unusable samples become absences, and no score is NaN."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

import torch
from torch import Tensor

from evaluators.errors import InvalidSamples
from evaluators.truth import Evaluation, Evaluator, Extractor, Metric, Run, Truth

INCEPTION = "inception"
PUBLISHED = {  # what the literature calls these on the FID Inception network, and on nothing else
    "fd": "fid",
    "fd_infinity15": "fid_infinity15",
    "is": "is",
    "is_splits10": "is_splits10",
    "kid": "kid",
    "kid_subsets100x1000": "kid_subsets100x1000",
}


ONLY_PUBLISHED = frozenset(PUBLISHED.values()) - PUBLISHED.keys()  # `fid`: a reading of `fd`, no family of its own


def named(family: str, extractor: Extractor | None) -> str:
    """Return the metric's full name on an extractor's features: `fd-digits`; `fid` on Inception's alone."""
    if extractor is None:
        return family
    if extractor.name == INCEPTION and family in PUBLISHED:
        return PUBLISHED[family]
    return f"{family}-{extractor.name}"


def protect(
    run: Run,
    needs: tuple[str, ...],
    families: tuple[str, ...],
    on_features: bool,
    samples: Tensor,
    truth: Truth,
    generator: torch.Generator,
) -> Evaluation:
    """Run an evaluator so that whatever it cannot judge is absent with a reason."""
    names = [
        named(family, truth.extractor if on_features else None) for family in families if family not in ONLY_PUBLISHED
    ]
    missing = [need for need in needs if getattr(truth, need) is None]
    if missing:
        reason = f"needs {' and '.join(missing)}, which this truth does not have"
        return Evaluation({}, dict.fromkeys(names, reason), {})
    try:
        found = run(samples, truth, generator)
    except InvalidSamples as error:
        return Evaluation({}, dict.fromkeys(names, str(error)), {})
    except torch.linalg.LinAlgError as error:  # type: ignore[attr-defined, unused-ignore]
        return Evaluation({}, dict.fromkeys(names, f"a decomposition did not converge: {error}"), {})
    scores = {name: score for name, score in found.scores.items() if math.isfinite(score.value)}
    lost = {name: f"came out as {found.scores[name].value}" for name in found.scores.keys() - scores.keys()}
    return Evaluation(scores, {**found.absent, **lost}, found.protocol)


def evaluator(
    summary: str,
    needs: tuple[str, ...],
    metrics: Mapping[str, Metric],
    run: Run,
    *,
    on_features: bool = False,
) -> Evaluator:
    """Build an evaluator whose `run` is protected."""
    return Evaluator(summary, needs, metrics, partial(protect, run, needs, tuple(metrics), on_features))
