"""Modes of stacked digits: three channels, each classified, make C³ modes (Metz et al., 2017, arXiv:1611.02163).

The papers count a mode at one sample. A classifier that errs on 1 % of the channels then finds 561 modes in 26,000
samples of 100; at a quarter of the expected count it finds 100. Both counts are given, and N with them.
"""

from __future__ import annotations

import torch
from torch import Tensor

from evaluators.errors import InvalidSamples
from evaluators.guard import evaluator, named
from evaluators.histogram import corrected, kl_floor, reverse_kl
from evaluators.truth import Evaluation, Metric, Score, Truth

CHANNELS = 3
QUARTER = 0.25


def stacked_labels(images: Tensor, truth: Truth) -> tuple[Tensor, int]:
    """Classify every channel of images [N, 3, H, W]: mode numbers [N] and their number C³."""
    extractor = truth.extractor
    assert extractor is not None
    if extractor.probabilities is None:
        raise InvalidSamples(f"the extractor '{extractor.name}' has no classes")
    if images.ndim != 4 or images.shape[1] != CHANNELS:
        raise InvalidSamples(f"samples must have shape [N, {CHANNELS}, H, W], got {list(images.shape)}")
    p = extractor.probabilities(images.flatten(0, 1)[:, None])
    classes = p.shape[1]
    digits = p.argmax(1).reshape(-1, CHANNELS)
    return (digits[:, 0] * classes + digits[:, 1]) * classes + digits[:, 2], classes**CHANNELS


def count_modes(labels: Tensor, modes: int, share: float) -> int:
    """Count the modes holding at least one sample and at least this share of N/modes."""
    counts = torch.bincount(labels, minlength=modes)
    return int((counts >= max(1.0, share * len(labels) / modes)).sum())


def run(samples: Tensor, truth: Truth, _: torch.Generator) -> Evaluation:
    """Score stacked digits by the modes that a classifier of single digits finds in them."""
    labels, modes = stacked_labels(samples, truth)
    assert truth.extractor is not None
    counts = torch.bincount(labels, minlength=modes)
    weights = torch.full_like(counts, 1.0 / modes, dtype=torch.float64)
    values = {
        "stacked_modes": float(count_modes(labels, modes, 0.0)),
        "stacked_modes_quarter": float(count_modes(labels, modes, QUARTER)),
        "stacked_reverse_kl": reverse_kl(counts, weights),
        "stacked_reverse_kl_corrected": corrected(counts, weights),
    }
    protocol: dict[str, str | int | float] = {
        "n_samples": len(labels),
        "n_modes": modes,
        "weights": "uniform",
        "stacked_reverse_kl_floor": kl_floor(modes, len(labels)),
        "extractor": truth.extractor.fingerprint,
    }
    if truth.extractor.accuracy is not None:
        protocol["classifier_accuracy"] = truth.extractor.accuracy
    return Evaluation({named(family, truth.extractor): Score(v) for family, v in values.items()}, {}, protocol)


METRICS = {
    "stacked_modes": Metric("higher", "modes of stacked digits with at least 1 sample (the papers' rule)", reference=0),
    "stacked_modes_quarter": Metric(
        "higher", "modes of stacked digits with at least 25 % of the expected samples", reference=0
    ),
    "stacked_reverse_kl": Metric("lower", "KL(mode frequencies, uniform) of stacked digits, nats", reference=0),
    "stacked_reverse_kl_corrected": Metric("lower", "stacked_reverse_kl minus Miller-Madow bias, nats", reference=0),
}
EVALUATOR = evaluator(
    "modes of stacked digits, by a frozen classifier",
    ("extractor",),
    METRICS,
    run,
    on_features=True,
    by_channel=True,
)
