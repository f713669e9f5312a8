"""GAN objectives: `objectives.table` lists them, and every name of it can be imported from here.

The table loads on first use, so that what needs the bottom floor alone does not wait for torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from objectives.loop import TrainingLosses as TrainingLosses
    from objectives.loop import losses as losses
    from objectives.table import *  # noqa: F403

LOOP = ("TrainingLosses", "losses")  # built on the table, so they cannot stand in it


def __getattr__(name: str) -> Any:
    if name.startswith("__") and name != "__all__":
        raise AttributeError(name)
    return getattr(import_module("objectives.loop" if name in LOOP else "objectives.table"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *LOOP, *import_module("objectives.table").__all__])
