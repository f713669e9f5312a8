"""Networks of images for samples that are stored flat, such as 8x8 digits of 64 values."""

from __future__ import annotations

from torch import Tensor, nn

from benchmark.networks.architecture import Shape
from benchmark.networks.base import CriticNetwork, CriticOutput, Draw


class FlatGenerator(nn.Module):
    """Flatten the images [B, C, H, W] that a generator makes to [B, C·H·W]."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, noise: Tensor) -> Tensor:
        """Map noise [B, Z] to flat images [B, C·H·W]."""
        images: Tensor = self.network(noise)
        return images.flatten(1)


class FlatCritic(CriticNetwork):
    """Give a critic of images the samples [B, C·H·W] as [B, C, H, W]."""

    def __init__(self, network: CriticNetwork, shape: Shape) -> None:
        super().__init__()
        self.network, self.shape = network, shape
        self.draws, self.couples_batch = network.draws, network.couples_batch
        self.shared_mask = network.shared_mask

    def forward(self, x: Tensor, draw: Draw | None = None) -> CriticOutput:
        """Return the network's output for flat images [B, C·H·W]."""
        images = x.unflatten(-1, self.shape)
        output: CriticOutput = self.network(images) if draw is None else self.network(images, draw)
        return output
