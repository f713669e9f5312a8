"""Distances of samples that come in batches: `update(batch)`, `merge(other)`, `compute()`; no sample is kept.

Two parts of a set, in two processes or on two days, are merged to what one pass over the whole set gives, to rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import torch
from torch import Tensor

from evaluators.checks import floats
from evaluators.discrepancy import kernel_distance
from evaluators.errors import InvalidSamples
from evaluators.frechet import frechet_distance_of_moments
from evaluators.moments import Moments, feature_moments, merge_moments, same_dimension
from evaluators.truth import Extractor, Score

Features: TypeAlias = (
    Callable[[Tensor], Tensor] | Extractor | None
)  # [N, *data] -> [N, d]; None: the samples are features


def features_of(batch: Tensor, features: Features) -> Tensor:
    """Return the features [N, d] of a batch."""
    found = features.features if isinstance(features, Extractor) else features
    with torch.no_grad():
        return floats("batch", batch if found is None else found(batch)).flatten(1)


def same_features(first: Features, second: Features) -> None:
    """Demand features of one kind to be merged; two functions of the caller's own cannot be told apart."""
    one, two = (getattr(features, "fingerprint", features is None) for features in (first, second))
    if one != two:
        raise InvalidSamples("the two distances compare different features")


class FrechetDistance:
    """The Fréchet distance over batches (Heusel et al., 2017, arXiv:1706.08500): FID on Inception's features.

    It keeps two means and scatters, 8 (d + d²) bytes each: 67 MB per side for 2,048 features, whatever the number of
    samples.

    Args:
        features: What maps a batch [N, *data] to features [N, d]; without it batches are features.
        reference: The moments of the real samples, where they are known; else pass the real batches to `update`.
    """

    def __init__(self, features: Features = None, reference: Moments | None = None) -> None:
        self.features = features
        self.real, self.fake = reference, None
        self._given = reference is not None

    real: Moments | None
    fake: Moments | None

    def update(self, batch: Tensor, *, real: bool = False) -> None:
        """Take a batch of generated samples, or of real ones."""
        if real and self._given:
            raise InvalidSamples("this distance was given the moments of the real samples, so it accepts no real batch")
        moments = feature_moments(features_of(batch, self.features))
        for known in filter(None, (self.real, self.fake)):
            same_dimension(known, moments)
        if real:
            self.real = together(self.real, moments)
        else:
            self.fake = together(self.fake, moments)

    def merge(self, other: FrechetDistance) -> None:
        """Take all that another one took; a given reference must be the same and counts once."""
        same_features(self.features, other.features)
        if self._given != other._given:
            raise InvalidSamples("only one of the two distances was given the moments of its real samples")
        if self._given:
            assert self.real is not None
            assert other.real is not None
            mine, theirs = ((one.mean, one.scatter) for one in (self.real, other.real))
            if self.real.n != other.real.n or not all(map(torch.equal, mine, theirs)):
                raise InvalidSamples("the two distances were given different real samples")
        real = self.real if self._given else together(self.real, other.real)
        fake = together(self.fake, other.fake)
        if real is not None and fake is not None:
            same_dimension(real, fake)
        self.real, self.fake = real, fake  # both or neither

    def compute(self) -> float:
        """Return the distance of all batches so far."""
        if self.real is None or self.fake is None:
            raise InvalidSamples(f"no {'real' if self.real is None else 'generated'} batch was given yet")
        return frechet_distance_of_moments(self.fake, self.real)


def together(first: Moments | None, second: Moments | None) -> Moments | None:
    """Return the moments of two sets, either of which may have no sample yet."""
    if first is None or second is None:
        return first or second
    return merge_moments(first, second)


class KernelDistance:
    """The kernel distance over batches (Bińkowski et al., 2018, arXiv:1801.01401): KID on Inception's features.

    Its pairs need every feature again, so all features are kept, on the CPU and in the type that they come in: 4 N d
    bytes in float32, 410 MB for 50,000 samples of 2,048 features. `compute` takes N² kernel values in blocks, and twice
    that memory for features in float64.

    Args:
        features: What maps a batch [N, *data] to features [N, d]; without it batches are features.
    """

    def __init__(self, features: Features = None) -> None:
        self.features = features
        self.real: list[Tensor] = []
        self.fake: list[Tensor] = []

    def update(self, batch: Tensor, *, real: bool = False) -> None:
        """Take a batch of generated samples, or of real ones."""
        kept = self.real if real else self.fake
        found = features_of(batch, self.features).cpu().clone()  # a loop may use its batch again
        other = next(iter(self.real + self.fake), found)
        if other.shape[1] != found.shape[1]:
            raise InvalidSamples(f"a batch has {found.shape[1]} features, but earlier ones had {other.shape[1]}")
        kept.append(found)

    def merge(self, other: KernelDistance) -> None:
        """Take all that another one took."""
        same_features(self.features, other.features)
        widths = {block.shape[1]: None for one in (self, other) for block in one.real + one.fake}
        if len(widths) > 1:
            raise InvalidSamples(f"the two distances have {' and '.join(map(str, widths))} features")
        self.real += other.real
        self.fake += other.fake

    @property
    def memory(self) -> int:
        """Return the bytes of the features kept."""
        return sum(block.numel() * block.element_size() for block in self.real + self.fake)

    def compute(self) -> Score:
        """Return the distance of all batches so far, with its standard error."""
        for side, blocks in (("real", self.real), ("generated", self.fake)):
            if not blocks:
                raise InvalidSamples(f"no {side} batch was given yet")
        return kernel_distance(torch.cat(self.fake), torch.cat(self.real))
