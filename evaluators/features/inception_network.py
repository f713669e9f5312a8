"""The Inception network of the FID, as torch-fidelity ships it: only on its features are metrics called `fid` and `is`.

Weights come from `weights`, or are downloaded once from torch-fidelity's address; either way their SHA-256 must begin
as the file's published name says. Images in [0, 1] become bytes; grey ones are repeated over three channels.
"""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from evaluators.checks import UNIT, floats
from evaluators.errors import InvalidSamples
from evaluators.features.memory import Memory, Outputs
from evaluators.guard import INCEPTION
from evaluators.offline import OFFLINE, offline
from evaluators.truth import Extractor

PUBLISHED_SHA256 = "6726825d"  # the first digits, from the name weights-inception-2015-12-05-6726825d.pth
BLOCK = 32


@dataclass(frozen=True)
class Inception:
    """The network, and the outputs it gave last."""

    network: torch.nn.Module
    memory: Memory = field(default_factory=Memory)

    def outputs(self, images: Tensor) -> Outputs:
        """Return the pool features [N, 2048] and the logits without bias [N, 1008]."""
        return self.memory.outputs(as_bytes(images), self._outputs)

    def _outputs(self, x: Tensor) -> Outputs:
        with torch.no_grad():
            network = self.network.to(x.device)
            blocks = [network(block) for block in torch.split(x, BLOCK)]
        return torch.cat([a for a, _ in blocks]).double(), torch.cat([b for _, b in blocks]).double()

    def features(self, images: Tensor) -> Tensor:
        """Return the features [N, 2048]."""
        return self.outputs(images)[0]

    def probabilities(self, images: Tensor) -> Tensor:
        """Return the class probabilities [N, 1008]."""
        return self.outputs(images)[1].softmax(1)


def as_bytes(images: Tensor) -> Tensor:
    """Turn images [N, 1 or 3, H, W] in [0, 1] into bytes [N, 3, H, W], rounding to the nearest."""
    images = floats("samples", images, limits=UNIT)
    if images.ndim != 4 or images.shape[1] not in (1, 3):
        raise InvalidSamples(f"samples must have shape [N, 1 or 3, H, W], got {list(images.shape)}")
    if images.shape[1] == 1:
        size = "x".join(str(side) for side in images.shape[2:])
        warnings.warn(
            f"Inception saw colour photographs of 299x299: its features of grey {size} images rank models poorly; "
            "a classifier of the data itself says more",
            stacklevel=2,
        )
    return (images * 255.0).round().to(torch.uint8).expand(-1, 3, -1, -1).contiguous()


def downloaded() -> Path:
    """Return the path of torch-fidelity's weights in torch's cache, fetching them if they are not there.

    Raises InvalidSamples where downloads are forbidden or fail.
    """
    from torch_fidelity.feature_extractor_inceptionv3 import URL_INCEPTION_V3

    path = Path(str(torch.hub.get_dir()), "checkpoints", str(URL_INCEPTION_V3).rsplit("/", 1)[-1])
    if path.exists():
        return path
    place = f"put the file {path.name} into {str(path.parent)!r}"
    if offline():
        raise InvalidSamples(f"weights: {OFFLINE} forbids downloads; {place}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(URL_INCEPTION_V3, str(path), hash_prefix=PUBLISHED_SHA256, progress=False)
    except (OSError, RuntimeError) as error:  # the latter for content of another hash
        raise InvalidSamples(f"weights: cannot download {URL_INCEPTION_V3}: {error}; {place}") from error
    return path


def inception_extractor(weights: Path | None = None) -> Extractor:
    """Load the network from a weights file, or download them; other weights than the published are refused."""
    from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

    path = Path(weights) if weights is not None else downloaded()
    if not path.is_file():
        raise InvalidSamples(f"weights: there is no file {str(path)!r}")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    # Checked before loading: torch-fidelity unpickles whatever the file holds.
    if not digest.startswith(PUBLISHED_SHA256):
        raise InvalidSamples(
            f"weights: {str(path)!r} has the SHA-256 {digest[:16]}.., those of the FID begin with {PUBLISHED_SHA256}"
        )
    network = FeatureExtractorInceptionV3(
        "inception-v3-compat", ["2048", "logits_unbiased"], feature_extractor_weights_path=str(path)
    )
    transform = "bytes, bilinear 299 as TensorFlow 1, float32"
    fingerprint = hashlib.sha256(f"{digest} {transform}".encode()).hexdigest()[:16]
    model = Inception(network)
    return Extractor(INCEPTION, fingerprint, model.features, model.probabilities, limits=UNIT)
