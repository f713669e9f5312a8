"""All evaluators at once: samples and a reference in, every score that they allow out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

import evaluators
from evaluators.checks import UNIT, tensor
from evaluators.features.pixels import pixels_extractor
from evaluators.truth import Evaluation, Evaluator, Extractor, Score, Truth


def evaluate(
    samples: Tensor,
    reference: Tensor | Truth,
    names: Sequence[str] | None = None,
    *,
    features: Extractor | None = None,
    training: Tensor | None = None,
    seed: int = 0,
) -> Evaluation:
    """Return the scores of samples [N, *data] by several evaluators, and why others are absent.

    Args:
        samples: A tensor or a NumPy array.
        reference: Held-out real samples [M, *data], or a `Truth` that knows more of them. Where they are bytes, both
            sets are images, of bytes or in [0, 1].
        names: Evaluators (`manifold`) and metrics (`fd`); without them all evaluators that the truth allows.
        features: The extractor of features and classes; without it a truth's own, else the values themselves.
        training: The real samples that the generator was trained on, for questions of memory.
        seed: Of subsets, directions and splits.
    """
    if isinstance(reference, Truth):
        truth = reference
    else:
        images = tensor("reference", reference).dtype == torch.uint8
        truth = Truth(reference, limits=UNIT if images else None)
    extractor = features or truth.extractor or pixels_extractor()
    truth = replace(truth, extractor=extractor, training=truth.training if training is None else training)
    asked, metrics = resolved(names)
    if names is None:
        asked = {
            name: one for name, one in asked.items() if all(getattr(truth, need) is not None for need in one.needs)
        }
    scores: dict[str, Score] = {}
    absent: dict[str, str] = {}
    protocol: dict[str, str | int | float] = {}
    for name, evaluator in asked.items():
        found = evaluator.run(samples, truth, torch.Generator().manual_seed(seed))
        scores |= {metric: score for metric, score in found.scores.items() if wanted(metric, metrics[name])}
        absent |= {metric: why for metric, why in found.absent.items() if wanted(metric, metrics[name])}
        protocol |= {f"{name}.{fact}": value for fact, value in found.protocol.items()}
    return Evaluation(scores, absent, protocol)


def resolved(names: Sequence[str] | None) -> tuple[dict[str, Evaluator], Mapping[str, set[str]]]:
    """Return the evaluators for the names, and the requested metrics of each; without names, all of them."""
    table = evaluators.EVALUATORS
    if names is None:
        return dict(table), {name: set() for name in table}
    owners = {metric: name for name, one in table.items() for metric in one.metrics}
    asked: dict[str, Evaluator] = {}
    metrics: dict[str, set[str]] = {}
    for name in names:
        owner = name if name in table else owners.get(name) or owners.get(name.partition("-")[0])
        if owner is None:
            from objectives.foundation.names import unknown_name  # evaluators stand alone until somebody mistypes

            raise unknown_name("evaluator or metric", name, [*table, *owners])
        whole = name in table or (owner in asked and not metrics[owner])
        asked[owner] = table[owner]
        metrics[owner] = set() if whole else metrics.get(owner, set()) | {name}
    return asked, metrics


def wanted(metric: str, names: set[str]) -> bool:
    """Return whether a metric is among names, by its own or its family's; without names all are."""
    return not names or metric in names or metric.partition("-")[0] in names
