"""Progress: what is loaded, trained and scored, how far it is, and for how long; in bars, and in sentences."""

from __future__ import annotations

import io
import itertools
import re

import numpy as np
import pytest
from rich.console import Console

from benchmark import api
from benchmark.cli.progress import LiveProgress
from benchmark.runner import progress as module
from benchmark.runner.progress import Sentences, step_of


@pytest.fixture
def clock(monkeypatch):
    """A clock that moves by three seconds at each look."""
    ticks = itertools.count(0.0, 3.0)
    monkeypatch.setattr(module.time, "monotonic", lambda: next(ticks))


def test_sentences_report_iterations_scores_and_seconds(clock):
    """There is one every six seconds: iterations, then scored members; then the total time."""
    said = []
    progress = Sentences(said.append, 6.0)
    with progress.loading("mnist"):
        pass
    with progress.group("mnist · ns x 2", 12, 2) as report:
        for done in (2, 4, 8, 10, 11, 12):
            report(done)
    assert said == [
        "mnist: data loaded in 3.0 s",
        "mnist · ns x 2: 4 of 10 after 6 s",
        "mnist · ns x 2: scoring 1 of 2 after 12 s",
        "mnist · ns x 2: done in 21.0 s",
    ]


def test_a_control_has_no_training():
    """Its draws and scores are counted as they are."""
    assert step_of(3, 10, 0) == "3 of 10"
    assert [step_of(done, 12, 2) for done in (0, 9, 10, 11, 12)] == [
        "0 of 10",
        "9 of 10",
        "scoring 1 of 2",
        "scoring 2 of 2",
        "scoring 2 of 2",
    ]


def screen(monkeypatch, terminal):
    """Return live progress on a screen of ours, and what is written to it."""
    written = io.StringIO()
    monkeypatch.setattr(
        "benchmark.cli.progress.Console",
        lambda stderr: Console(file=written, force_terminal=terminal, width=100, color_system=None),
    )
    return LiveProgress(), written


def test_the_live_display_shows_loading_and_scoring(monkeypatch):
    """Both have bars with their names; what is too short to notice has none."""
    live, written = screen(monkeypatch, terminal=True)
    with live:
        with live.loading("mnist"):
            live._bars.refresh()
        with live.group("mnist · ns x 2", 12, 2) as report:
            for done in (5, 10, 12):
                report(done)
                live._bars.refresh()
    shown = [re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", line).strip() for line in written.getvalue().splitlines()]
    assert any(line.startswith("mnist · data") for line in shown)
    assert any(line.startswith("mnist · ns x 2 · scoring") and "10/12" in line for line in shown)
    assert not any("data" in line for line in shown[-2:])
    assert any(line.startswith("mnist · ns x 2 ") and "12/12" in line for line in shown[-2:])


def test_a_log_has_sentences(monkeypatch):
    """Where standard error is no terminal, no bar is drawn."""
    live, written = screen(monkeypatch, terminal=False)
    with live, live.loading("ring"), live.group("ring · ns x 1", 3, 1) as report:
        report(3)
        live.note("A note.")
    assert re.sub(r"in \d\.\d s", "in a moment", written.getvalue()).splitlines() == [
        "A note.",
        "ring · ns x 1: done in a moment",
    ]


def test_samples_made_elsewhere_are_scored_with_progress(tmp_path, monkeypatch):
    """Loading is shown, and the controls that are drawn."""
    monkeypatch.setattr("benchmark.runner.paths.user_cache_path", lambda *args, **words: tmp_path)
    said = []
    samples = np.random.default_rng(0).normal(size=(2_500, 2)).astype(np.float32)
    api.score(samples, problem="ring", progress=said.append, results=tmp_path / "runs")
    assert {text.partition(":")[0] for text in said} >= {"ring · oracle x 1", "ring · untrained x 1"}
