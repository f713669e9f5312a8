"""Guarantees of every evaluator: what it cannot score is absent with a reason, order is irrelevant, no score is NaN."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from evaluators.checks import exact_device, floats, same_shape, tensor
from evaluators.errors import InvalidSamples
from evaluators.subsets import by_content
from evaluators.truth import Evaluation, Evaluator, Extractor, Metric, Run, Truth

Facts = dict[str, str | int | float]  # of a protocol

INCEPTION, CLIP = "inception", "clip"
PUBLISHED: dict[str, dict[str, str]] = {  # network -> what the literature calls these on it, and on nothing else
    INCEPTION: {
        "fd": "fid",
        "fd_infinity15": "fid_infinity15",
        "is": "is",
        "is_splits10": "is_splits10",
        "kid": "kid",
        "kid_subsets100x1000": "kid_subsets100x1000",
        "mind": "mind",
    },
    CLIP: {"cmmd": "cmmd"},
}

# `fid`: a reading of `fd`, no family of its own
ONLY_PUBLISHED = frozenset(PUBLISHED[INCEPTION].values()) - PUBLISHED[INCEPTION].keys()


def named(family: str, extractor: Extractor | None) -> str:
    """Return the metric's full name on an extractor's features: `fd-digits`; `fid` on Inception's alone."""
    if extractor is None:
        return family
    return PUBLISHED.get(extractor.name, {}).get(family) or f"{family}-{extractor.name}"


def embedded(samples: Tensor, truth: Truth) -> tuple[Tensor, Tensor, Facts]:
    """Return samples and reference as the extractor's features, or without one as they are, and the facts of both."""
    extractor = truth.extractor
    if extractor is None:
        return samples, truth.reference, {"n_samples": len(samples), "n_reference": len(truth.reference)}
    x, y = extractor.features(samples), extractor.features(truth.reference)
    return x, y, {"n_samples": len(x), "n_reference": len(y), "extractor": extractor.fingerprint}


def admitted(
    samples: object, truth: Truth, extractor: Extractor | None, by_channel: bool, in_order: bool = False
) -> tuple[Tensor, Truth]:
    """Return samples of the truth's shape and range, in an order determined by their content, and the truth.

    Raises InvalidSamples, where the reference is not what the truth and the extractor declare, too.
    """
    same_shape("samples", tensor("samples", samples).shape[1:], "reference", truth.shape)
    x = floats("samples", samples, limits=truth.limits)
    floats("reference", truth.reference, limits=truth.limits)
    if extractor is not None:
        floats("samples", x, limits=extractor.limits)
        if extractor.shape is not None:
            part = (1, *x.shape[2:]) if by_channel else x.shape[1:]
            same_shape(
                "a channel" if by_channel else "samples",
                part,
                f"what extractor {extractor.name} takes",
                extractor.shape,
            )
    device = exact_device(x.device)
    x = x.to(device).reshape(-1, *truth.shape)
    return x if in_order else by_content(x), truth.to(device)


@dataclass(frozen=True)
class Protected:
    """An evaluator's function, called so that whatever it cannot score is absent with a reason."""

    run: Run
    needs: tuple[str, ...]
    metrics: Mapping[str, Metric]
    on_features: bool = False
    by_channel: bool = False
    in_order: bool = False

    def __call__(self, samples: Tensor, truth: Truth, generator: torch.Generator) -> Evaluation:
        """Evaluate samples [N, *data]."""
        extractor = truth.extractor if self.on_features else None
        names = {
            named(family, extractor): metric for family, metric in self.metrics.items() if family not in ONLY_PUBLISHED
        }
        missing = [need for need in self.needs if getattr(truth, need) is None]
        if missing:
            reason = f"needs {' and '.join(missing)}, which this problem does not provide"
            return Evaluation({}, dict.fromkeys(names, reason), {})
        try:
            x, checked = admitted(samples, truth, extractor, self.by_channel, self.in_order)
            sizes = {name: metric.too_few(len(x), len(truth.reference)) for name, metric in names.items()}
            few = {name: reason for name, reason in sizes.items() if reason is not None}
            found = self.run(x, checked, generator) if len(few) < len(names) else Evaluation({}, few, {})
        except InvalidSamples as error:
            return Evaluation({}, dict.fromkeys(names, str(error)), {})
        except torch.linalg.LinAlgError as error:  # type: ignore[attr-defined, unused-ignore]
            return Evaluation({}, dict.fromkeys(names, f"a decomposition did not converge: {error}"), {})
        kept = {name: score for name, score in found.scores.items() if name not in few}
        scores = {name: score for name, score in kept.items() if math.isfinite(score.value)}
        lost = {name: f"came out as {kept[name].value}" for name in kept.keys() - scores.keys()}
        return Evaluation(scores, {**found.absent, **lost, **few}, found.protocol)


def evaluator(
    summary: str,
    needs: tuple[str, ...],
    metrics: Mapping[str, Metric],
    run: Run,
    *,
    on_features: bool = False,
    by_channel: bool = False,
    in_order: bool = False,
) -> Evaluator:
    """Build an evaluator whose `run` is protected; with `by_channel` the extractor gets each channel separately.

    `in_order` keeps the order of the samples, for versions as shipped elsewhere, which read a set as a list.
    """
    return Evaluator(summary, needs, metrics, Protected(run, needs, metrics, on_features, by_channel, in_order))
