"""Networks: plain modules that work under `vmap`, one member at a time."""

from __future__ import annotations

from benchmark.networks.base import CriticNetwork, Draw, Judgement, Noise
from benchmark.networks.convolutional import DCGAN, Convolutional, InfoGAN
from benchmark.networks.mlp import MLPAutoencoder, MLPCritic, MLPEmbedding, MLPGenerator
from benchmark.networks.pair import Pair
from benchmark.networks.perceptrons import MLP, Goodfellow2014

# Pairs for images, by the name that `--network` takes.
NETWORKS: dict[str, Pair] = {
    "conv": Convolutional(),
    "dcgan": DCGAN(),
    "goodfellow2014": Goodfellow2014(),
    "infogan": InfoGAN(),
    "infogan-bn": InfoGAN(normalise=True),
    "mlp": MLP(),
}

__all__ = [
    "NETWORKS",
    "CriticNetwork",
    "Draw",
    "Judgement",
    "MLPAutoencoder",
    "MLPCritic",
    "MLPEmbedding",
    "MLPGenerator",
    "Noise",
    "Pair",
]
