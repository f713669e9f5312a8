"""Published networks that judge images, each from a file of its weights: nothing is downloaded.

inception         the Inception network of the FID            2,048 features, and classes
dinov2            DINOv2 ViT-L/14 (Stein et al., 2023)        1,024
dinov2-vit-s-14   the same, small; dinov2-vit-b-14 base       384, 768
clip              CLIP ViT-L/14 of 336 pixels, of the CMMD    768
vgg16             VGG16, second hidden layer after its ReLU   4,096

`inception` and `vgg16` are torch-fidelity's, their resizing included. `dinov2` and `clip` are resized as their metrics
were published, bicubically with antialiasing to 224 (dgm-eval) and 336 pixels (the CMMD's code), which torch-fidelity
does not do. A file whose hash is published must have it; DINOv2's are not, so any file that fits is taken, as tensors
alone, and the fingerprint in each record identifies it.
"""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from evaluators.errors import InvalidSamples
from evaluators.features.frozen import Frozen, checked
from evaluators.features.inception_network import inception_extractor
from evaluators.features.vision_transformer import VisionTransformer
from evaluators.guard import CLIP, INCEPTION
from evaluators.truth import Extractor

Colours = tuple[float, float, float]
Weights = dict[str, Tensor]
IMAGENET: tuple[Colours, Colours] = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
OF_CLIP: tuple[Colours, Colours] = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))
CLIP_SHA256 = "3035c92b350959924f9f00213499208652fc7ea050643e8b385c2dac08641f02"  # in OpenAI's address of the file
VGG_SHA256 = "397923af"  # the first digits, from torchvision's name vgg16-397923af.pth
CLIP_WIDTH, CLIP_SIDE = 768, 336


class Resized(nn.Module):
    """A network behind the resizing and the colours it was trained with; it has no classes."""

    def __init__(self, network: nn.Module, side: int, colours: tuple[Colours, Colours]) -> None:
        super().__init__()
        self.network, self.side = network, side
        self.register_buffer("mean", torch.tensor(colours[0]).view(3, 1, 1))
        self.register_buffer("deviation", torch.tensor(colours[1]).view(3, 1, 1))

    mean: Tensor
    deviation: Tensor

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Map bytes [B, 3, H, W] to features [B, d] and no logits [B, 0]."""
        x = interpolate(images.float() / 255.0, size=(self.side, self.side), mode="bicubic", antialias=True)
        features: Tensor = self.network((x.clamp(0.0, 1.0) - self.mean) / self.deviation)
        return features, features[:, :0]


class WithoutClasses(nn.Module):
    """A network of torch-fidelity, which takes bytes and returns a tuple of one feature."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Map bytes [B, 3, H, W] to features [B, d] and no logits [B, 0]."""
        (features,) = self.network(images)
        return features, features[:, :0]


def tensors(path: Path, name: str, archive: bool = False) -> Weights:
    """Read the tensors of a file and nothing else; of an archive of TorchScript too, once its hash is known."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of reading an archive, which torch deprecates
            try:
                found = torch.load(path, map_location="cpu", weights_only=True)
            except RuntimeError:
                if not archive:
                    raise
                found = torch.jit.load(path, map_location="cpu").state_dict()
    except (RuntimeError, OSError, EOFError, ValueError, KeyError, pickle.UnpicklingError) as error:
        reason = " ".join(str(error).split())[:100]
        raise InvalidSamples(f"The file {str(path)!r} does not contain weights of {name}: {reason}") from error
    if not isinstance(found, dict) or not all(isinstance(value, Tensor) for value in found.values()):
        raise InvalidSamples(f"The file {str(path)!r} does not contain weights of {name}: it is not a dict of tensors")
    return found


def unfit(path: Path, name: str, error: Exception) -> InvalidSamples:
    """Return the error of weights of another architecture."""
    reason = " ".join(str(error).split())[:200]
    return InvalidSamples(f"The weights {str(path)!r} are of a network other than {name}: {reason}")


def dinov2(name: str, d: int, depth: int, heads: int, path: Path) -> Extractor:
    """Load a vision transformer of DINOv2."""
    digest = checked(path, "", name)
    network = VisionTransformer(d, depth, heads)
    try:
        network.load_state_dict(tensors(path, name))
    except RuntimeError as error:
        raise unfit(path, name, error) from error
    model = Resized(network.eval().requires_grad_(False), 224, IMAGENET)
    return Frozen(name, model).extractor(digest, "bytes, bicubic antialiased 224, float32", classes=False)


def clip(path: Path) -> Extractor:
    """Load CLIP's image encoder, as torch-fidelity builds it."""
    from torch_fidelity.feature_extractor_clip import build_model

    digest = checked(path, CLIP_SHA256, CLIP)
    try:
        network = build_model(tensors(path, CLIP, archive=True), torch.float32).visual
        if (network.output_dim, network.input_resolution) != (CLIP_WIDTH, CLIP_SIDE):
            raise ValueError(f"{network.output_dim} features of {network.input_resolution} pixels")
    except (RuntimeError, KeyError, ValueError) as error:
        raise unfit(path, CLIP, error) from error
    model = Resized(network, CLIP_SIDE, OF_CLIP)
    return Frozen(CLIP, model).extractor(digest, "bytes, bicubic antialiased 336, float32", classes=False)


def vgg16(path: Path) -> Extractor:
    """Load VGG16, as torch-fidelity builds it."""
    from torch_fidelity.feature_extractor_vgg16 import FeatureExtractorVGG16

    digest = checked(path, VGG_SHA256, "vgg16")
    tensors(path, "vgg16")
    try:
        network = FeatureExtractorVGG16("vgg16", ["fc2_relu"], feature_extractor_weights_path=str(path))
    except RuntimeError as error:
        raise unfit(path, "vgg16", error) from error
    model = WithoutClasses(network)
    return Frozen("vgg16", model).extractor(digest, "bytes, bilinear 224 as TensorFlow 1, float32", classes=False)


NETWORKS: dict[str, Callable[[Path], Extractor]] = {
    CLIP: clip,
    "dinov2": partial(dinov2, "dinov2", 1024, 24, 16),
    "dinov2-vit-b-14": partial(dinov2, "dinov2-vit-b-14", 768, 12, 12),
    "dinov2-vit-s-14": partial(dinov2, "dinov2-vit-s-14", 384, 12, 6),
    INCEPTION: inception_extractor,
    "vgg16": vgg16,
}


def network_extractor(name: str, weights: Path | str) -> Extractor:
    """Return the extractor of a published network from the file of its weights.

    Raises InvalidSamples for a file that is not there, has not the published hash, or holds another network, and
    a ValueError for a name that is not in `NETWORKS`.
    """
    if name not in NETWORKS:
        from objectives.foundation.names import unknown_name  # evaluators stand alone until somebody mistypes

        raise unknown_name("network", name, NETWORKS)
    return NETWORKS[name](Path(weights))
