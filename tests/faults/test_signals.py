"""Signals at every phase of a run: exit code, one line, nothing half-written, and a resume to the same bits."""

from __future__ import annotations

import signal

import pytest

from tests.faults.processes import typed
from tests.faults.stores import ONE, is_whole, numbers

# Where the process sends itself the signal, and at which call; two objectives, two seeds, three controls.
PHASES = {
    "planning": ("signal_at", "benchmark.runner.run:plan"),
    "data loading": ("signal_at", "benchmark.problems.generated:Generated.load"),
    "trial": ("signal_at", "benchmark.engine.trial:_play"),
    "reading the store": ("signal_at", "benchmark.runner.run:read_all"),
    "forming the group": ("signal_at", "benchmark.runner.train:form"),
    "writing the manifest": ("signal_at", "os:fsync"),
    "first step": ("signal_at_iteration", 1),
    "mid-training": ("signal_at_iteration", 13),
    "evaluation": ("signal_at", "benchmark.runner.train:evaluate_samples", 2),
    "drawing a picture": ("signal_at", "benchmark.runner.train:picture_or_none"),
    "writing samples": ("signal_at", "benchmark.store.placing:write_synced", 2),
    "writing a record": ("signal_at", "benchmark.store.placing:write_synced", 4),
    "renaming a run": ("signal_at", "benchmark.store.placing:move_in", 2),
    "after renaming a run": ("signal_at", "benchmark.store.placing:sync_directory", 4),
    "printing": ("signal_at", "benchmark.cli.run:emit_tables"),
}


def before(phase: str, number: int) -> list[object]:
    """Return the preparation that sends a signal in a phase."""
    name, place, *call = PHASES[phase]
    return [name, number, place] if name == "signal_at_iteration" else [name, place, number, *call]


def cases() -> list[object]:
    """Pair every phase with SIGKILL and one of the polite signals; with the other one in the full tests."""
    listed = []
    for position, phase in enumerate(PHASES):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            left_out = number == (signal.SIGINT, signal.SIGTERM)[position % 2]
            marks = pytest.mark.full if left_out else ()
            listed.append(pytest.param(phase, number, marks=marks, id=f"{phase}-{number.name}"))
    return listed


@pytest.mark.parametrize(("phase", "number"), cases())
def test_a_signal_loses_nothing(phase, number, half, whole, tmp_path, tally):
    """The run ends as the signal says, what lay there stays, and the same command goes on to the uninterrupted bits."""
    words = [*ONE, "-o", "ns", "-o", "hinge", "--results", half]
    with tally.kept(half):
        done = typed(words, tmp_path, before(phase, number))
    tally.kill()
    assert done.code == 128 + number, done.err
    if number != signal.SIGKILL:
        assert done.line == "gan-bench: interrupted; repeat the command to resume."
        assert is_whole(half)
    with tally.kept(half):
        again = typed(words, tmp_path)
    assert again.code == 0, again.err
    assert numbers(half) == numbers(whole)
    assert not list(half.glob("groups/*/checkpoint.pt"))


@pytest.mark.parametrize("phase", ["mid-training", "evaluation", "writing a record"])
def test_what_was_trained_is_not_trained_again(phase, half, tmp_path, tally):
    """After an interrupt the checkpoint holds all iterations done, also where only the evaluation was left."""
    words = [*ONE, "-o", "ns", "-o", "hinge", "--results", half]
    assert typed(words, tmp_path, before(phase, signal.SIGTERM)).code == 143
    tally.kill()
    assert len(list(half.glob("groups/*/checkpoint.pt"))) == 1
    # Iteration 5 is trained only by a run that does not go on from a later one; else the second signal never comes.
    assert typed(words, tmp_path, ["signal_at_iteration", signal.SIGTERM, 5]).code == 0
