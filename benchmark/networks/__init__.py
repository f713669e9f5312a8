"""Networks: plain modules that work under `vmap`, one member at a time; and the table of architectures."""

from __future__ import annotations

from benchmark.networks.architecture import Architecture, Shape
from benchmark.networks.base import CriticNetwork, CriticOutput, Draw, Noise
from benchmark.networks.convolutional import DCGAN, Convolutional, InfoGAN
from benchmark.networks.grid import EBGAN2017
from benchmark.networks.maxpool import MaxPool
from benchmark.networks.mlp import MLPAutoencoder, MLPCritic, MLPEmbedding, MLPGenerator
from benchmark.networks.named import architecture_of, canonical_name
from benchmark.networks.perceptrons import MLP, Goodfellow2014, Perceptron
from benchmark.networks.planar import PacGAN, Unrolled, UnrolledPaper, Welfert2023
from benchmark.networks.residual import SNGAN

# Architectures by the name that `--network` takes; a problem takes those that fit its samples. Problems of points and
# digits mean a `Perceptron` of their own by `mlp`.
NETWORKS: dict[str, Architecture] = {
    "conv": Convolutional(),
    "conv-maxpool": MaxPool(),
    "dcgan": DCGAN(),
    "dcgan-mbd": DCGAN(batch_layer="discrimination"),
    "dcgan-mbstd": DCGAN(batch_layer="deviation"),
    "ebgan2017": EBGAN2017(),
    "goodfellow2014": Goodfellow2014(),
    "infogan": InfoGAN(),
    "infogan-bn": InfoGAN(normalise=True),
    "mlp": MLP(),
    "pacgan": PacGAN(),
    "sngan": SNGAN(),
    "unrolled": Unrolled(),
    "unrolled-paper": UnrolledPaper(),
    "welfert2023": Welfert2023(),
}

__all__ = [
    "NETWORKS",
    "Architecture",
    "CriticNetwork",
    "CriticOutput",
    "Draw",
    "MLPAutoencoder",
    "MLPCritic",
    "MLPEmbedding",
    "MLPGenerator",
    "Noise",
    "Perceptron",
    "Shape",
    "architecture_of",
    "canonical_name",
]
