"""How the two players move in one iteration: small interchangeable functions of state and batch."""

from __future__ import annotations

from benchmark.engine.dynamics.base import Dynamics
from benchmark.engine.dynamics.consensus import Consensus
from benchmark.engine.dynamics.descent import Alternating, GeneratorAlone, Sequential, Simultaneous
from benchmark.engine.dynamics.extragradient import ExtraAdam, Extragradient
from benchmark.engine.dynamics.optimistic import Optimistic, OptimisticAdam
from benchmark.engine.dynamics.unrolled import Unrolled

DYNAMICS: dict[str, type[Dynamics]] = {
    "alternating": Alternating,
    "consensus": Consensus,
    "extra-adam": ExtraAdam,
    "extragradient": Extragradient,
    "optimistic": Optimistic,
    "optimistic-adam": OptimisticAdam,
    "sequential": Sequential,
    "simultaneous": Simultaneous,
    "unrolled": Unrolled,
}

__all__ = [
    "DYNAMICS",
    "Alternating",
    "Consensus",
    "Dynamics",
    "ExtraAdam",
    "Extragradient",
    "GeneratorAlone",
    "Optimistic",
    "OptimisticAdam",
    "Sequential",
    "Simultaneous",
    "Unrolled",
]
