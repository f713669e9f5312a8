"""A frozen classifier, trained by a deterministic recipe, cached by its fingerprint.

Two machines must reach the same weights, although their BLAS libraries sum in different orders. So training runs in
float64 on one thread from a hand-seeded generator of uniform numbers, and every step ends by rounding weights and
momenta to a grid of 2⁻²⁰: differences of 1e-16 vanish each step and never grow.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from evaluators.checks import UNIT, points, same_shape, tensor
from evaluators.errors import InvalidSamples
from evaluators.features.digest import LEVELS, data_digest
from evaluators.features.memory import Memory, Outputs
from evaluators.truth import Extractor

GRID = 2.0**20
BLOCK = 500  # samples classified at a time

Weights = dict[str, Tensor]
Network = Callable[[Mapping[str, Tensor], Tensor], tuple[Tensor, Tensor]]  # weights, [B, *data] -> features, logits


@dataclass(frozen=True)
class Recipe:
    """Everything that determines a classifier's weights, besides the training data."""

    name: str
    shape: tuple[int, ...]  # of one image
    layers: Mapping[str, tuple[int, ...]]  # name -> shape of its weight matrix [out, in, ...]; biases go with them
    network: Network
    transform: str  # what the network does to its input, in words
    steps: int
    batch: int | None  # None: all images at every step
    learning_rate: float
    momentum: float = 0.9
    weight_decay: float = 1e-4
    seed: int = 2014


def initial_weights(recipe: Recipe, generator: torch.Generator) -> Weights:
    """Draw U(-b, b) with b = √(6/fan_in) (He et al., 2015, arXiv:1502.01852), biases zero."""
    weights = {}
    for name, shape in recipe.layers.items():
        bound = (6.0 / torch.Size(shape[1:]).numel()) ** 0.5
        uniform = torch.rand(shape, generator=generator, dtype=torch.float64)
        weights[f"{name}.weight"] = on_grid(bound * (2.0 * uniform - 1.0))
        weights[f"{name}.bias"] = torch.zeros(shape[0], dtype=torch.float64)
    return weights


def on_grid(values: Tensor) -> Tensor:
    """Round to multiples of 2⁻²⁰."""
    return (values * GRID).round() / GRID


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one thread, and restore the number of threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def batches(n: int, recipe: Recipe, generator: torch.Generator) -> Iterator[Tensor]:
    """Return the indices of every step's batch, shuffled anew in every epoch."""
    size = n if recipe.batch is None else min(recipe.batch, n)
    per_epoch, order = n // size, torch.arange(n)
    for step in range(recipe.steps):
        if size < n and step % per_epoch == 0:
            order = torch.randperm(n, generator=generator)
        start = step % per_epoch * size
        yield order[start : start + size]


def train(recipe: Recipe, images: Tensor, labels: Tensor) -> Weights:
    """Minimise the cross-entropy by momentum descent, the learning rate falling to zero along a cosine."""
    generator = torch.Generator().manual_seed(recipe.seed)
    weights = initial_weights(recipe, generator)
    momenta = {name: torch.zeros_like(value) for name, value in weights.items()}
    with one_thread(), torch.enable_grad():
        for step, chosen in enumerate(batches(len(images), recipe, generator)):
            rate = recipe.learning_rate * (1.0 + math.cos(math.pi * step / recipe.steps)) / 2.0
            leaves = {name: value.clone().requires_grad_() for name, value in weights.items()}
            _, logits = recipe.network(leaves, images[chosen].double())
            gradients = torch.autograd.grad(cross_entropy(logits, labels[chosen]), list(leaves.values()))
            for (name, value), gradient in zip(weights.items(), gradients, strict=True):
                pull = gradient + recipe.weight_decay * value
                momenta[name] = on_grid(recipe.momentum * momenta[name] + pull)
                weights[name] = on_grid(value - rate * momenta[name])
    return weights


def fingerprint(recipe: Recipe, weights: Mapping[str, Tensor]) -> str:
    """Hash the weights, the input transform and the dtype."""
    digest = hashlib.sha256(f"{recipe.name} {recipe.shape} {recipe.transform} float64".encode())
    for name in sorted(weights):
        digest.update(f" {name} {tuple(weights[name].shape)} ".encode())
        digest.update((weights[name] * GRID).round().to(torch.int64).numpy().tobytes())  # equal for 0.0 and -0.0
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Classifier:
    """A recipe with its trained weights."""

    recipe: Recipe
    weights: Mapping[str, Tensor]
    tested: tuple[str, float] | None = None  # the digest of test data, and the accuracy on them
    memory: Memory = field(default_factory=Memory)

    def shaped(self, name: str, images: Tensor) -> Tensor:
        """Return images in [0, 1] as [N, *shape] in float64, flattened ones too, or raise an error."""
        same_shape(name, tensor(name, images).shape[1:], f"what extractor {self.recipe.name} takes", self.recipe.shape)
        return points(name, images, limits=UNIT).reshape(-1, *self.recipe.shape)

    def outputs(self, images: Tensor) -> Outputs:
        """Return the features [N, d] and logits [N, C] of images, in float64."""
        return self.memory.outputs(self.shaped("samples", images), self._outputs)

    def _outputs(self, x: Tensor) -> Outputs:
        """Apply the network, block by block."""
        weights = {name: value.to(x.device) for name, value in self.weights.items()}
        with torch.no_grad():
            blocks = [self.recipe.network(weights, block) for block in torch.split(x, BLOCK)]
        return torch.cat([features for features, _ in blocks]), torch.cat([logits for _, logits in blocks])

    def features(self, images: Tensor) -> Tensor:
        """Return the features [N, d]."""
        return self.outputs(images)[0]

    def probabilities(self, images: Tensor) -> Tensor:
        """Return the class probabilities [N, C]."""
        return self.outputs(images)[1].softmax(1)

    def accuracy(self, images: Tensor, labels: Tensor) -> float:
        """Return the share of images that the classifier labels correctly."""
        if self.tested is not None and self.tested[0] == data_digest(images, labels):
            return self.tested[1]
        return float((self.outputs(images)[1].argmax(1) == labels.to(images.device)).double().mean())

    def extractor(self, held_out: tuple[Tensor, Tensor] | None = None) -> Extractor:
        """Return the extractor, with its accuracy on held-out images and labels."""
        return Extractor(
            name=self.recipe.name,
            fingerprint=fingerprint(self.recipe, self.weights),
            features=self.features,
            probabilities=self.probabilities,
            accuracy=None if held_out is None else self.accuracy(*held_out),
            shape=self.recipe.shape,
            limits=UNIT,
        )


def checked_training_set(recipe: Recipe, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Demand images in [0, 1] of the recipe's shape and one integer label each, of the classes it has."""
    x = Classifier(recipe, {}).shaped("images", images).cpu()
    x = (x * LEVELS).round() / LEVELS
    classes = list(recipe.layers.values())[-1][0]
    y = labels.detach().cpu().long()
    if y.shape != (len(x),):
        raise InvalidSamples(f"labels must have shape [{len(x)}] as images do, got {list(y.shape)}")
    if int(y.min()) < 0 or int(y.max()) >= classes:
        raise InvalidSamples(f"labels must be in 0 .. {classes - 1}, got {int(y.min())} .. {int(y.max())}")
    return x, y
