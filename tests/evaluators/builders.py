"""Builders of samples and truths for the tests of the evaluators."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from evaluators import Modes
from evaluators.features import NETWORKS, inception_network, networks
from evaluators.features.vision_transformer import VisionTransformer


def seeded(seed: int = 0) -> torch.Generator:
    """A generator of its own for every draw."""
    return torch.Generator().manual_seed(seed)


def normal(n: int, d: int, seed: int = 0) -> Tensor:
    """Standard normal samples [n, d] in float64."""
    return torch.randn(n, d, generator=seeded(seed), dtype=torch.float64)


def ring(std: float = 0.01, modes: int = 8, d: int = 2) -> Modes:
    """Eight Gaussians on a circle of radius 1, in the first two of d dimensions."""
    angles = torch.arange(modes, dtype=torch.float64) * (2.0 * torch.pi / modes)
    centres = torch.zeros(modes, d, dtype=torch.float64)
    centres[:, 0], centres[:, 1] = angles.cos(), angles.sin()
    return Modes(centres, std, torch.full((modes,), 1.0 / modes, dtype=torch.float64))


def draw(modes: Modes, n: int, seed: int = 0) -> Tensor:
    """Exact samples of a mixture."""
    which = torch.multinomial(modes.weights, n, replacement=True, generator=seeded(seed))
    return modes.centres[which] + modes.std * normal(n, modes.centres.shape[1], seed + 1)


class Stub(torch.nn.Module):
    """A network of Inception's interface: bytes in, features and logits out."""

    def __init__(self, *_, **__):
        super().__init__()
        self.calls = 0

    def forward(self, x):
        """Return two moments per channel as features, and ten logits."""
        assert x.dtype == torch.uint8
        self.calls += 1
        x = x.float() / 255.0
        features = torch.cat([x.mean((2, 3)), x.std((2, 3))], 1)
        return features, features @ torch.linspace(-3, 3, 60).reshape(6, 10)


def stub_inception(folder, monkeypatch):
    """Write a weights file whose hash is accepted, put a stub in the network's place, and give the file's path."""
    weights = folder / "weights.pth"
    weights.write_bytes(b"weights")
    monkeypatch.setattr(inception_network, "PUBLISHED_SHA256", "9")  # sha256(b"weights") = 9b45..
    monkeypatch.setattr("torch_fidelity.feature_extractor_inceptionv3.FeatureExtractorInceptionV3", Stub)
    return weights


def tiny_dinov2(folder, monkeypatch):
    """Write random weights of a small DINOv2, put its sizes in the large one's place, and give the file's path."""
    monkeypatch.setitem(NETWORKS, "dinov2", partial(networks.dinov2, "dinov2", 8, 2, 2))
    torch.manual_seed(0)
    network = VisionTransformer(8, 2, 2)
    for weight in network.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    path = folder / "dinov2.pth"
    torch.save(network.state_dict(), path)
    return path


def tiny_clip(folder, monkeypatch):
    """Write random weights of a small CLIP, put its sizes in the large one's place, and give file and tensors."""
    from torch_fidelity.feature_extractor_clip import CLIPVisual

    for name, value in {"CLIP_SHA256": "", "CLIP_WIDTH": 16, "CLIP_SIDE": 28}.items():
        monkeypatch.setattr(networks, name, value)
    torch.manual_seed(0)
    state = CLIPVisual(16, 28, 1, 64, 14).state_dict() | {"text_projection": torch.zeros(8, 16)}
    path = folder / "clip.pt"
    torch.save(state, path)
    return path, state
