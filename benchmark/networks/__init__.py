"""Networks: plain modules that work under `vmap`, one member at a time."""

from __future__ import annotations

from benchmark.networks.base import CriticNetwork, Draw, Judgement, Noise
from benchmark.networks.convolutional import DCGAN, Convolutional, InfoGAN
from benchmark.networks.grid import EBGAN2017
from benchmark.networks.mlp import MLPAutoencoder, MLPCritic, MLPEmbedding, MLPGenerator
from benchmark.networks.named import canonical_name, pair_of
from benchmark.networks.pair import Pair
from benchmark.networks.perceptrons import MLP, Goodfellow2014
from benchmark.networks.planar import PacGAN, Unrolled, UnrolledPaper
from benchmark.networks.residual import SNGAN

# Pairs for images, by the name that `--network` takes.
NETWORKS: dict[str, Pair] = {
    "conv": Convolutional(),
    "dcgan": DCGAN(),
    "dcgan-mbd": DCGAN(batch_layer="discrimination"),
    "dcgan-mbstd": DCGAN(batch_layer="deviation"),
    "ebgan2017": EBGAN2017(),
    "goodfellow2014": Goodfellow2014(),
    "infogan": InfoGAN(),
    "infogan-bn": InfoGAN(normalise=True),
    "mlp": MLP(),
    "sngan": SNGAN(),
}

# Pairs for points in the plane, beside each problem's own `mlp`.
PLANE_NETWORKS: dict[str, Pair] = {
    "pacgan": PacGAN(),
    "unrolled": Unrolled(),
    "unrolled-paper": UnrolledPaper(),
}

__all__ = [
    "NETWORKS",
    "PLANE_NETWORKS",
    "CriticNetwork",
    "Draw",
    "Judgement",
    "MLPAutoencoder",
    "MLPCritic",
    "MLPEmbedding",
    "MLPGenerator",
    "Noise",
    "Pair",
    "canonical_name",
    "pair_of",
]
