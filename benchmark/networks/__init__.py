"""Networks: plain modules that work under `vmap`, one member at a time."""

from __future__ import annotations

from benchmark.networks.base import CriticNetwork, Judgement
from benchmark.networks.mlp import MLPAutoencoder, MLPCritic, MLPEmbedding, MLPGenerator

__all__ = ["CriticNetwork", "Judgement", "MLPAutoencoder", "MLPCritic", "MLPEmbedding", "MLPGenerator"]
