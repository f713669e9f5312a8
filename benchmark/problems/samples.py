"""A problem of samples or of a sampler, with the split, architecture, budget and evaluators that fit its shape."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmark.errors import UserError
from benchmark.networks import Perceptron, Shape
from benchmark.problems.base import Budget, Problem
from benchmark.problems.data import Data, Labels, as_floats
from benchmark.problems.generated import Generated, LogDensity, Sampler
from benchmark.problems.given import Given
from benchmark.problems.images import CONTROLS, USUAL
from benchmark.problems.judging import Judging
from benchmark.problems.mixtures import PLANE
from evaluators.transport import ASSIGNED
from evaluators.truth import Truth
from objectives.foundation.names import quote

FEWEST = 12  # samples, so that each part holds one at least
PARTS = ("train", "validation", "test")
LABELS = "labels"
COLOURS = (1, 3)  # channels of an image
ENERGY = 0.36  # of √d: about what pilots found on built-in problems of 64 to 12,288 numbers
LONGEST_NOISE = 64
MOST_CLASSES = 1_000


def from_samples(samples: Any, labels: Any = None, name: str | None = None) -> Problem:
    """Return the problem of samples, split in a fixed random order: five sixths for training, the rest halved.

    `samples` are points [N] or [N, D], grey images [N, H, W], or images [N, C, H, W] or [N, H, W, C] of bytes or of
    floats in [0, 1]. Without a name the problem is named by its content.
    """
    arrays = {"samples": samples} | ({} if labels is None else {LABELS: labels})
    return from_arrays(arrays, name)


def from_arrays(arrays: Mapping[str, Any], name: str | None = None) -> Problem:
    """Return the problem of named arrays: one of samples, or `train`, `test` and perhaps `validation`.

    Labels are `labels` for one array of samples, or `train_labels` and so on.
    """
    parts = _parts(arrays)
    for part, samples in parts.items():
        if samples.shape[1:] != parts["train"].shape[1:]:
            raise UserError(
                f"The samples of 'train' have the shape {list(parts['train'].shape[1:])}, those of {part!r} "
                f"{list(samples.shape[1:])}."
            )
    training, labels = parts["train"], _labels(arrays, {part: len(samples) for part, samples in parts.items()})
    truth = Truth(
        reference=as_floats(parts["test"]),
        validation=as_floats(parts["validation"]) if "validation" in parts else None,
        training=training if training.is_floating_point() else None,
    )
    data = Data(training, truth, copies(training, parts["test"]), labels=labels)
    return problem_of_data(data, name)


def problem_of_data(data: Data, name: str | None = None) -> Problem:
    """Return the problem of data with what fits their shape."""
    source = Given(data)
    kind = "images" if source.image else "points"
    name = name or f"{kind}-{data.digest()[:8]}"
    if source.image:
        evaluators = {"transport": 1_000} | ({"parzen": 1_000} if data.truth.validation is not None else {})
        headline = ("sliced_w2_256", "parzen") if "parzen" in evaluators else ("sliced_w2_256",)
        budget = Budget(50_000, USUAL, {"energy": energy(source.shape)})
        about = f"{len(data.training):,} images of {'x'.join(map(str, source.shape))} to train on."
        return Problem(name, source, budget, Judging(evaluators, headline), controls=CONTROLS, about=about)
    about = f"{len(data.training):,} points of {source.shape[0]} numbers to train on."
    deviation = float(as_floats(data.training).double().std())
    columns = ("sliced_w2_256",) + (("w1_n500",) if len(data.truth.reference) >= ASSIGNED else ())
    return _of_points(name, source, deviation, about, columns)


def from_sampler(
    sample: Sampler, *, log_density: LogDensity | None = None, name: str = "sampler", about: str = ""
) -> Problem:
    """Return the problem of an exact sampler `(count, generator) -> [count, D]`, and of its density where it is known.

    `log_density` maps points [N, D] to log p [N] in nats; with it `jsd_parzen` is also measured.
    """
    points = sample(1_000, torch.Generator().manual_seed(0))
    if not isinstance(points, Tensor) or points.dim() != 2 or len(points) != 1_000 or points.dtype != torch.float32:
        found = f"{points.dtype} {list(points.shape)}" if isinstance(points, Tensor) else type(points).__name__
        raise UserError(f"The sampler must return float32 points [count, D]; for count = 1000 it returned {found}.")
    source = Generated(sample, points.shape[1], log_density)
    headline = ("w1_n500", "sliced_w2_256") + (("jsd_parzen",) if log_density else ())
    return _of_points(name, source, float(points.double().std()), about, headline)


def _of_points(
    name: str, source: Given | Generated, deviation: float, about: str, headline: tuple[str, ...]
) -> Problem:
    size = source.shape[0]
    scale = float(f"{1.0 / deviation:.3g}") if deviation > 0.0 else 1.0
    own = Perceptron(inputs=min(max(size, 2), LONGEST_NOISE), units=128 if size <= 128 else 256, scale=scale)
    evaluators = {"transport": 2_500} | ({"density": 1_000} if "jsd_parzen" in headline else {})
    budget = Budget(5_000, PLANE, {"energy": energy(source.shape)})
    return Problem(name, source, budget, Judging(evaluators, headline), own={"mlp": own}, about=about)


def energy(shape: Shape) -> float:
    """Return the scale of energies ‖Dec(Enc(x)) - x‖ of samples of unit scale, which grow as √d."""
    return float(f"{ENERGY * math.sqrt(math.prod(shape)):.2g}")


def copies(training: Tensor, reference: Tensor) -> tuple[str, ...]:
    """Say how many held-out samples are exact copies of training samples, if any."""
    known = {row.numpy().tobytes() for row in training}
    count = sum(row.numpy().tobytes() in known for row in reference)
    if not count:
        return ()
    return (f"{count} of {len(reference)} held-out samples are exact copies of training samples.",)


def split(samples: Tensor) -> dict[str, Tensor]:
    """Split samples [N, *data] in one fixed random order: five sixths train, half of the others validate or test."""
    order = torch.randperm(len(samples), generator=torch.Generator().manual_seed(1998))
    cut = len(samples) * 5 // 6
    middle = cut + (len(samples) - cut) // 2
    shuffled = samples[order]
    return {"train": shuffled[:cut], "validation": shuffled[cut:middle], "test": shuffled[middle:]}


def _parts(arrays: Mapping[str, Any]) -> dict[str, Tensor]:
    if "train" in arrays:
        if "test" not in arrays:
            raise UserError("The array 'train' needs another one named 'test'.")
        return {part: as_samples(arrays[part], part) for part in PARTS if part in arrays}
    names = [name for name in arrays if not name.endswith(LABELS)]
    if len(names) != 1:
        raise UserError(
            "One array of samples is needed, or arrays named train, validation and test; there are "
            f"{', '.join(map(quote, names)) or 'none'}."
        )
    samples = as_samples(arrays[names[0]], names[0])
    if len(samples) < FEWEST:
        raise UserError(f"{len(samples)} samples are too few to split; {FEWEST} are needed.")
    return split(samples)


def _labels(arrays: Mapping[str, Any], sizes: Mapping[str, int]) -> Labels | None:
    """Return the labels as classes 0 to K - 1 in the order of their values; None where there are none."""
    if "train" in arrays:
        found = {part: f"{part}_{LABELS}" for part in ("train", "test")}
        present = [name for name in found.values() if name in arrays]
        if not present:
            return None
        if len(present) == 1:
            raise UserError(f"Labels are needed for both train and test, but there are only {present[0]!r}.")
        parts = {part: _classes(arrays[name], name, sizes[part]) for part, name in found.items()}
    elif LABELS in arrays:
        parts = split(_classes(arrays[LABELS], LABELS, sum(sizes.values())))
    else:
        return None
    values, classes = torch.unique(torch.cat([parts["train"], parts["test"]]), return_inverse=True)
    if len(values) > MOST_CLASSES:
        raise UserError(f"There are {len(values):,} different labels; at most {MOST_CLASSES:,} are allowed.")
    cut = len(parts["train"])
    return Labels(classes[:cut], classes[cut:], len(values))


def _classes(values: Any, name: str, size: int) -> Tensor:
    labels = torch.as_tensor(np.asarray(values))
    if labels.dim() != 1 or labels.is_floating_point() or labels.is_complex() or len(labels) != size:
        raise UserError(
            f"The array {quote(name)} must have a whole number for each of {size} samples, "
            f"not {labels.dtype} of shape {list(labels.shape)}."
        )
    return labels.long()


def as_samples(values: Any, name: str) -> Tensor:
    """Return an array as samples: float32 points [N, D], or images [N, C, H, W] of bytes or of floats in [0, 1]."""
    try:
        tensor = values.detach().cpu() if isinstance(values, Tensor) else torch.as_tensor(values)
    except (TypeError, ValueError, RuntimeError) as error:
        raise UserError(f"The array {quote(name)} of type {quote(type(values).__name__)} is not numeric.") from error
    if tensor.is_complex() or tensor.dtype == torch.bool or not 1 <= tensor.dim() <= 4 or not tensor.numel():
        raise UserError(
            f"The array {quote(name)} must be points [N, D] or images [N, C, H, W] or [N, H, W, C], "
            f"not {tensor.dtype} of shape {list(tensor.shape)}."
        )
    if tensor.dim() < 3:
        return _finite(tensor if tensor.dim() == 2 else tensor.unsqueeze(1), name)
    images = _channels_first(tensor, name)
    if images.dtype == torch.uint8:
        return images.contiguous()
    images = _finite(images, name)
    low, high = float(images.min()), float(images.max())
    if not 0.0 <= low <= high <= 1.0:
        raise UserError(
            f"The images of {quote(name)} are in [{low:g}, {high:g}]; they must be floats in [0, 1], or bytes (uint8)."
        )
    return images


def _finite(tensor: Tensor, name: str) -> Tensor:
    floats = tensor.to(torch.float32).contiguous()
    if not bool(torch.isfinite(floats).all()):
        raise UserError(f"The array {quote(name)} contains numbers that are not finite.")
    return floats


def _channels_first(images: Tensor, name: str) -> Tensor:
    """Return images as [N, C, H, W]; where both ends could be channels, the first ones are."""
    if images.dim() == 3:
        return images.unsqueeze(1)
    if images.shape[1] in COLOURS:
        return images
    if images.shape[3] in COLOURS:
        return images.permute(0, 3, 1, 2)
    raise UserError(
        f"The images of {quote(name)} have shape {list(images.shape)}; the second or last axis must be 1 or 3 channels."
    )
