"""The list of what `evaluators` offers, for autodoc to describe."""

from __future__ import annotations

import inspect

import evaluators


def evaluators_rst() -> str:
    """Write a directive for each public function and class of evaluators."""
    blocks = []
    for name in evaluators.__all__:
        value = getattr(evaluators, name)
        if inspect.isfunction(value):
            blocks.append(f".. autofunction:: evaluators.{name}")
        elif inspect.isclass(value):
            blocks.append(f".. autoclass:: evaluators.{name}\n   :members:")
    return "\n\n".join(blocks) + "\n"
