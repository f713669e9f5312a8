"""Random streams: every draw is a pure function of (seed, purpose, iteration), whatever group it runs in.

A stream is the SplitMix64 sequence (Steele, Lea & Flood, 2014, doi:10.1145/2660193.2660195) read by position: the n-th
value of the stream with key k is mix(k + n γ). Reading by position is what lets one expression draw for all members at
once, makes resuming free of generator states, and works under `vmap`, whose own randomness depends on the group.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

import torch
from torch import Tensor

# What draws, each from a stream of its own; `{}` stands for a number or a name. An objective's own draws bear the names
# that it gives them, within their round.
PURPOSES = {
    "layout": "weights that are thrown away: a network is built once to see its parameters",
    "critic": "the critic's initial weights",
    "generator": "the generator's initial weights",
    "initial state": "the objective's state before the first update",
    "data": "rows of the training data, of each round of each iteration",
    "noise": "the generator's noise, likewise",
    "pool": "fixed noise vectors, from which a network may draw its noise",
    "second data": "further rows, if an objective needs a second batch",
    "second noise": "further noise, likewise",
    "draws": "the key of an iteration, for what follows",
    "round {}": "the key of one of its rounds",
    "critic {}": "the critic's dropout on one batch of a round",
    "evaluation": "the noise of the samples to be scored",
    "{} labels": "the labels of those samples, where a game is conditional",
    "check": "weights of a network that is held to its contract",
    "statistics": "the noise of the batch whose statistics batch norm uses in sampling",
    "samples to be judged": "which samples an evaluator gets, where it takes fewer",
    "evaluator {}": "an evaluator's own draws",
    "control {}": "a control's own draws",
    "samples of a kept generator": "the noise of further samples",
    "noise of a Jacobian": "the noise where a kept generator is differentiated",
}


def _signed(value: int) -> int:
    """Read an unsigned 64-bit number as the signed one that torch stores."""
    return value - (1 << 64) if value >= 1 << 63 else value


GAMMA = _signed(0x9E3779B97F4A7C15)  # SplitMix64's increment, 2^64 over the golden ratio
_MIX1, _MIX2 = _signed(0xBF58476D1CE4E5B9), _signed(0x94D049BB133111EB)


def _shift(value: Tensor, places: int) -> Tensor:
    """Shift right and fill with zeros; torch's own shift repeats the sign."""
    return (value >> places) & ((1 << (64 - places)) - 1)


def mix(value: Tensor) -> Tensor:
    """Scramble 64-bit integers one to one (SplitMix64's finaliser; products wrap around)."""
    value = (value ^ _shift(value, 30)) * _MIX1
    value = (value ^ _shift(value, 27)) * _MIX2
    return value ^ _shift(value, 31)


def code(purpose: str | int) -> int:
    """Turn a purpose into 64 bits: the first eight bytes of its SHA-256."""
    return int.from_bytes(hashlib.sha256(str(purpose).encode()).digest()[:8], "little", signed=True)


def root(seeds: Sequence[int], device: torch.device | str = "cpu") -> Tensor:
    """Return the key of each member's seed [K]."""
    return torch.tensor([code(f"seed {seed}") for seed in seeds], dtype=torch.int64, device=device)


def fold(key: Tensor, purpose: str | Tensor) -> Tensor:
    """Derive the key of a purpose, or of an iteration number, from a key."""
    return mix(key ^ code(purpose)) if isinstance(purpose, str) else mix(mix(key) + GAMMA * (purpose + 1))


def bits(key: Tensor, shape: Sequence[int]) -> Tensor:
    """Draw 64 random bits [*key.shape, *shape]."""
    position = torch.arange(1, math.prod(shape) + 1, device=key.device, dtype=torch.int64)
    return mix(key.unsqueeze(-1) + GAMMA * position).reshape(*key.shape, *shape)


def uniform(key: Tensor, shape: Sequence[int], dtype: torch.dtype = torch.float32) -> Tensor:
    """Draw from U[0, 1) with as many bits as the type's mantissa holds, so that 1 never appears."""
    mantissa = 53 if dtype == torch.float64 else 24
    return _shift(bits(key, shape), 64 - mantissa).to(dtype) * 2.0**-mantissa


def normal(key: Tensor, shape: Sequence[int], dtype: torch.dtype = torch.float32) -> Tensor:
    """Draw from N(0, 1) by Box and Muller's transform: √(-2 log(1-u)) (cos 2πv, sin 2πv)."""
    count = math.prod(shape)
    u, v = uniform(key, (2, (count + 1) // 2), dtype).unbind(key.dim())
    radius, angle = torch.sqrt(-2.0 * torch.log1p(-u)), (2.0 * math.pi) * v
    pairs = torch.cat([radius * angle.cos(), radius * angle.sin()], dim=-1)
    return pairs[..., :count].reshape(*key.shape, *shape)


def integers(key: Tensor, shape: Sequence[int], high: int) -> Tensor:
    """Draw integers in [0, high); the modulo's bias is below high / 2^63."""
    return _shift(bits(key, shape), 1) % high


def generator(seed: int, purpose: str) -> torch.Generator:
    """Return a torch generator of the CPU for work outside the step, such as initial weights and evaluation."""
    return torch.Generator().manual_seed(int(fold(root([seed]), purpose).item()) & ((1 << 63) - 1))
