"""Shared by all networks with published weights: the file, checked before it is opened, and the images' conversion.

Images in [0, 1] become bytes, as in the image files scored in the literature; grey ones are repeated over three
channels.
"""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from evaluators.checks import UNIT, floats
from evaluators.errors import InvalidSamples
from evaluators.features.memory import Memory, Outputs
from evaluators.truth import Extractor

BLOCK = 32


@dataclass(frozen=True)
class Frozen:
    """A network [B, 3, H, W] of bytes -> features and logits, and the outputs it gave last."""

    name: str
    network: nn.Module
    memory: Memory = field(default_factory=Memory)

    def outputs(self, images: Tensor) -> Outputs:
        """Return the features [N, d] and the logits [N, C] of images, in float64."""
        return self.memory.outputs(as_bytes(images, self.name), self._outputs)

    def _outputs(self, x: Tensor) -> Outputs:
        with torch.no_grad():
            network = self.network.to(x.device)
            blocks = [network(block) for block in torch.split(x, BLOCK)]
        return torch.cat([a for a, _ in blocks]).double(), torch.cat([b for _, b in blocks]).double()

    def features(self, images: Tensor) -> Tensor:
        """Return the features [N, d]."""
        return self.outputs(images)[0]

    def probabilities(self, images: Tensor) -> Tensor:
        """Return the class probabilities [N, C]."""
        return self.outputs(images)[1].softmax(1)

    def extractor(self, digest: str, transform: str, classes: bool) -> Extractor:
        """Return the extractor, its fingerprint made of the file's hash and of what is done to images."""
        fingerprint = hashlib.sha256(f"{digest} {transform}".encode()).hexdigest()[:16]
        probabilities = self.probabilities if classes else None
        return Extractor(self.name, fingerprint, self.features, probabilities, limits=UNIT)


def as_bytes(images: Tensor, name: str) -> Tensor:
    """Turn images [N, 1 or 3, H, W] in [0, 1] into bytes [N, 3, H, W], rounding to the nearest."""
    images = floats("samples", images, limits=UNIT)
    if images.ndim != 4 or images.shape[1] not in (1, 3):
        raise InvalidSamples(f"samples must have shape [N, 1 or 3, H, W], got {list(images.shape)}")
    if images.shape[1] == 1:
        size = "x".join(str(side) for side in images.shape[2:])
        warnings.warn(
            f"{name} was trained on large colour photographs: its features of grey {size} images rank models poorly; "
            "a classifier trained on the data itself is more informative",
            stacklevel=2,
        )
    return (images * 255.0).round().to(torch.uint8).expand(-1, 3, -1, -1).contiguous()


def checked(weights: Path, published: str, name: str) -> str:
    """Return the SHA-256 of a file, which must begin as the published one; an empty one allows any file.

    It is checked before the file is opened as weights: unpickling executes what a file holds.
    """
    if not weights.is_file():
        raise InvalidSamples(f"There is no weights file {str(weights)!r}")
    with weights.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not digest.startswith(published):
        raise InvalidSamples(
            f"The weights {str(weights)!r} have the SHA-256 {digest[:16]}.., but that of {name} begins with "
            f"{published[:16]}"
        )
    return digest
