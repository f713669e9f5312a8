"""The Inception network of the FID, as torch-fidelity ships it: only on its features are metrics called `fid` and `is`.

Weights come from `weights`, or are downloaded once from torch-fidelity's address; either way their SHA-256 must begin
as the file's published name says.
"""

from __future__ import annotations

from pathlib import Path

import torch

from evaluators.errors import InvalidSamples
from evaluators.features.frozen import Frozen, checked
from evaluators.guard import INCEPTION
from evaluators.offline import OFFLINE, offline
from evaluators.truth import Extractor

PUBLISHED_SHA256 = "6726825d"  # the first digits, from the name weights-inception-2015-12-05-6726825d.pth


def downloaded() -> Path:
    """Return the path of torch-fidelity's weights in torch's cache, fetching them if they are not there.

    Raises InvalidSamples where downloads are forbidden or fail.
    """
    from torch_fidelity.feature_extractor_inceptionv3 import URL_INCEPTION_V3

    path = Path(str(torch.hub.get_dir()), "checkpoints", str(URL_INCEPTION_V3).rsplit("/", 1)[-1])
    if path.exists():
        return path
    place = f"put {path.name} into {str(path.parent)!r}"
    if offline():
        raise InvalidSamples(f"Cannot download weights because {OFFLINE} is set; {place}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(URL_INCEPTION_V3, str(path), hash_prefix=PUBLISHED_SHA256, progress=False)
    except (OSError, RuntimeError) as error:  # the latter for content of another hash
        raise InvalidSamples(f"Cannot download the weights {URL_INCEPTION_V3}: {error}; {place}") from error
    return path


def inception_extractor(weights: Path | None = None) -> Extractor:
    """Load the network from a weights file, or download it; only the published weights are accepted."""
    from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

    path = Path(weights) if weights is not None else downloaded()
    digest = checked(path, PUBLISHED_SHA256, "the FID")
    network = FeatureExtractorInceptionV3(
        "inception-v3-compat", ["2048", "logits_unbiased"], feature_extractor_weights_path=str(path)
    )
    return Frozen(INCEPTION, network).extractor(digest, "bytes, bilinear 299 as TensorFlow 1, float32", classes=True)
