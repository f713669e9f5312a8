"""How a run can end, in the words of the module that decides it."""

from __future__ import annotations

import inspect

from markup import prose

from benchmark.engine import health


def ends_part() -> str:
    """Write the end states with their thresholds."""
    return prose((inspect.getdoc(health) or "").partition("\n")[2])
