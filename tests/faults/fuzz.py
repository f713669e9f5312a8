"""Random inputs made from what could go wrong: the same ones every time, so that a finding can be looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from benchmark.errors import UserError

AMOUNTS = (
    1,
    pytest.param(10, marks=[pytest.mark.full, pytest.mark.timeout(1200)]),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("x" * 500),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def fuzzed(examples: int) -> settings:
    """Set how many inputs a test makes, and that they are the same ones every time."""
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    return settings(max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=quiet)


def answered(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return a function's answer, or None where it says in one sentence what is wrong; any other failure passes."""
    try:
        return function(*arguments)
    except ValueError as error:
        sentence, kind = str(error), type(error)
    assert kind in (ValueError, UnicodeDecodeError) or issubclass(kind, UserError), sentence
    assert sentence.strip()
    assert "Traceback" not in sentence
    return None
