"""GAN objectives, listed in `objectives.table`; all its names can be imported from here.

The table loads on first use, so importing `objectives.foundation` alone does not load torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from objectives.loop import TrainingLosses as TrainingLosses
    from objectives.loop import losses as losses
    from objectives.table import *  # noqa: F403

LOOP = ("TrainingLosses", "losses")  # built on the table, so they cannot be part of it


def __getattr__(name: str) -> Any:
    if name.startswith("__") and name != "__all__":
        raise AttributeError(name)
    return getattr(import_module("objectives.loop" if name in LOOP else "objectives.table"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *LOOP, *import_module("objectives.table").__all__])
