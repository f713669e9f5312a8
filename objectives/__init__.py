"""The catalogue of GAN objectives: name -> class, or a function that composes one."""

from __future__ import annotations

from collections.abc import Callable

from objectives.base import Critic, Game, Objective, Recommended
from objectives.classic import Minimax, NonSaturating
from objectives.compose import Penalised, Penalty, Wrapper
from objectives.energy import EBGAN, EBGANPullingAway
from objectives.penalties import R1, R2, NearData, OneCentred, OneSided, WassersteinDivergence, ZeroCentred

OBJECTIVES: dict[str, Callable[[], Objective]] = {
    "ebgan": EBGAN,
    "ebgan-pt": EBGANPullingAway,
    "minimax": Minimax,
    "ns": NonSaturating,
}

WRAPPERS: dict[str, type[Penalty] | type[Wrapper]] = {
    "div": WassersteinDivergence,
    "dragan": NearData,
    "gp": OneCentred,
    "gp0": ZeroCentred,
    "lp": OneSided,
    "r1": R1,
    "r2": R2,
}

AS_SHIPPED: dict[str, Callable[[], Objective]] = {}

__all__ = ["AS_SHIPPED", "OBJECTIVES", "WRAPPERS", "Critic", "Game", "Objective", "Penalised", "Penalty", "Recommended"]
