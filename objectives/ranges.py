"""Checks of hyper-parameters when an objective is built, each failing with one sentence."""

from __future__ import annotations

import math


def positive(**fields: float) -> None:
    """Require every named value to be finite and above 0."""
    for name, value in fields.items():
        if not 0.0 < value < math.inf:
            raise ValueError(f"{name} must be positive and finite, got '{value}'")


def not_negative(**fields: float) -> None:
    """Require every named value to be finite and at least 0."""
    for name, value in fields.items():
        if not 0.0 <= value < math.inf:
            raise ValueError(f"{name} must be finite and not negative, got '{value}'")


def finite(**fields: float) -> None:
    """Require every named value to be finite."""
    for name, value in fields.items():
        if not math.isfinite(value):
            raise ValueError(f"{name} must be finite, got '{value}'")


def within(low: float, high: float, **fields: float) -> None:
    """Require every named value to lie in [low, high)."""
    for name, value in fields.items():
        if not low <= value < high:
            raise ValueError(f"{name} must be in [{low:g}, {high:g}), got '{value}'")
