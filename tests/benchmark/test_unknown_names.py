"""The error for a misspelt name lists the known names, and what may be given instead of one."""

from __future__ import annotations

import pytest

from tests.benchmark.cli_builders import type_in

__all__ = ["type_in"]


@pytest.mark.parametrize(
    ("words", "alternatives"),
    [
        (("-p", "ringg"), "folder:PATH, data.npz or file.py:MyProblem"),
        (("-p", "ring", "--network", "mlpp"), "file.py:MyPair"),
        (("-p", "ring", "--evaluator", "manifo"), "file.py:my_metric"),
        (("-p", "ring", "--log-to", "wand"), "file.py:MyTracker"),
    ],
    ids=lambda value: value[-1] if isinstance(value, tuple) else "",
)
def test_an_unknown_name_mentions_files(words, alternatives, type_in, tmp_path):
    """Problems, networks, evaluators and trackers may come from a file."""
    code, _, err = type_in("run", "-o", "ns", *words, "--results", tmp_path)
    assert code == 2
    assert "Did you mean" in err
    assert err.endswith(f"; or {alternatives}.\n")
