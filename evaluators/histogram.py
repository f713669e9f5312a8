"""Divergences of observed counts from known weights over K bins, with the bias of a finite sample.

A perfect sampler of N samples shows a reverse KL of about (K - 1)/2N, because the plug-in entropy is that much too
low (Miller, 1955): the floor is reported, and the corrected form subtracts it with the number of bins seen.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from evaluators.checks import not_negative
from evaluators.errors import InvalidSamples


def frequencies(counts: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Return p̂ = counts/N and the weights, both [K] in float64, or say what is wrong with them."""
    if counts.shape != weights.shape or counts.ndim != 1:
        raise InvalidSamples(f"counts has shape {list(counts.shape)} but weights has {list(weights.shape)}")
    total = float(counts.sum())
    if not 0.0 < total < math.inf or bool((counts < 0).any()):
        raise InvalidSamples(f"counts must not be negative and must have a positive sum, got a sum of {total:g}")
    return counts.detach().double() / total, weights.detach().double().to(counts.device)


def relative_entropy(p: Tensor, q: Tensor) -> float:
    """KL(p ‖ q) = Σ p log p/q in nats, with 0 log 0 = 0."""
    return not_negative("the divergence", float(torch.special.xlogy(p, p / q).sum()))


def reverse_kl(counts: Tensor, weights: Tensor) -> float:
    """KL(p̂ ‖ w) in nats: finite whatever is missing, at most -log of the smallest weight."""
    return relative_entropy(*frequencies(counts, weights))


def corrected(counts: Tensor, weights: Tensor) -> float:
    """KL(p̂ ‖ w) - (bins seen - 1)/2N: mean 0 for a perfect sampler, hence negative at times."""
    seen, total = int((counts > 0).sum()), float(counts.sum())
    return reverse_kl(counts, weights) - (seen - 1) / (2.0 * total)


def jensen_shannon(counts: Tensor, weights: Tensor) -> float:
    """½ KL(p̂ ‖ m) + ½ KL(w ‖ m) with m = (p̂ + w)/2, in nats, at most log 2."""
    p, w = frequencies(counts, weights)
    m = (p + w) / 2.0
    seen = m > 0.0
    half = relative_entropy(p[seen], m[seen]) + relative_entropy(w[seen], m[seen])
    return min(half / 2.0, math.log(2.0))


def kl_floor(bins: int, n: int) -> float:
    """Expected reverse KL of a perfect sampler of n samples over K bins: (K - 1)/2N."""
    return (bins - 1) / (2.0 * n)
