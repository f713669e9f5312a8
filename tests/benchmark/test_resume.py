"""Stop and go on: a run that was killed, resumed and killed again ends with the uninterrupted run's bits."""

from __future__ import annotations

import os
import pickle
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path

import pytest
import torch

from benchmark import interrupts
from benchmark.engine import checkpoint
from benchmark.engine.loop import Position, advance
from benchmark.errors import Interrupted
from benchmark.problems import PROBLEMS
from benchmark.runner import train
from benchmark.runner.groups import Cohort
from benchmark.runner.plan import plan
from benchmark.runner.request import Request
from benchmark.runner.run import execute
from benchmark.store import read_all
from tests.benchmark.builders import group

ITERATIONS = 200  # the fewest that are straightened


class Silent:
    """Progress that shows nothing, and interrupts at given amounts of work."""

    def __init__(self, *stops: int) -> None:
        self.stops = list(stops)

    def loading(self, label):
        """Show nothing."""
        return nullcontext()

    def group(self, label, total, scores=0):
        """Stand in for a bar."""
        return self

    def note(self, text):
        """Say nothing."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def __call__(self, done):
        """Interrupt if the time has come."""
        if self.stops and done >= self.stops[0]:
            self.stops.pop(0)
            raise Interrupted(signal.SIGTERM)


def request(**changes) -> Request:
    """Ask for two seeds of NS on the ring, small."""
    return Request(**{"problems": ["ring"], "objectives": ["ns"], "seeds": [0, 1], "iterations": ITERATIONS} | changes)


def scores(root: Path):
    """Return the scores of every record by key; no file may be unreadable."""
    records, bad = read_all(root)
    assert not bad
    return {record.key: dict(record.scores) for record in records}


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    """Return the scores of the run that nobody interrupted."""
    root = tmp_path_factory.mktemp("uninterrupted")
    execute(request(), root, root / "cache", Silent())
    return scores(root)


@pytest.mark.parametrize("spec", ["ns", "began", "ns+history", "rsgan"])
def test_a_state_survives_its_checkpoint_to_the_last_bit(spec):
    """Six iterations, saved, loaded and six more equal twelve, for every kind of objective state."""
    whole = group(spec, iterations=12, data=torch.randn(64, 2))
    positions = list(advance(whole, whole.start()))
    content = checkpoint.pack(positions[5], "key", {"seconds": 1.0})
    middle, notes = checkpoint.unpack(content, "key", whole)
    assert notes == {"seconds": 1.0}
    resumed = list(advance(whole, middle.state, middle.iteration))[-1]
    assert resumed.iteration == 12
    assert torch.equal(resumed.state.players.generator, positions[-1].state.players.generator)
    assert torch.equal(resumed.state.players.critic, positions[-1].state.players.critic)


def test_an_interrupted_run_resumes_bit_for_bit(uninterrupted, tmp_path):
    """Interrupted at three points and resumed each time: the same metrics to the last bit, and the same curve."""
    for stop in (50, 60, 199):
        with pytest.raises(Interrupted):
            execute(request(), tmp_path, tmp_path / "cache", Silent(stop))
    execute(request(), tmp_path, tmp_path / "cache", Silent())
    assert scores(tmp_path) == uninterrupted
    assert not list(tmp_path.glob("groups/*/checkpoint.pt"))


def test_a_group_resumes_unchanged(tmp_path, uninterrupted):
    """A recorded member stays in its unfinished group, because the rounding depends on the group."""
    with pytest.raises(Interrupted):
        execute(request(), tmp_path, tmp_path / "cache", Silent(100))
    planned = plan(request(), tmp_path / "cache")
    first = next(run for run in planned.runs if run.experiment.objective is not None)
    other = tmp_path / "other"
    execute(request(), other, tmp_path / "cache", Silent())
    (source,) = other.glob(f"ring/ns/*-{first.key}")
    target = tmp_path / source.relative_to(other)
    target.mkdir(parents=True)
    (target / "record.json").write_bytes((source / "record.json").read_bytes())
    execute(request(), tmp_path, tmp_path / "cache", Silent())
    assert scores(tmp_path).items() >= uninterrupted.items()


def test_a_member_on_record_keeps_its_files(tmp_path):
    """Recorded alone between the group's interrupt and its end: no file of it changes, and its own record is given."""
    request_of = partial(request, iterations=30, pictures=True, log_to=("tests.benchmark.builders:Noted",))
    with pytest.raises(Interrupted):
        execute(request_of(seeds=[0, 1, 2]), tmp_path, tmp_path / "cache", Silent(10))
    assert len(execute(request_of(seeds=[0]), tmp_path, tmp_path / "cache", Silent()).records) == 4
    (alone,) = tmp_path.glob("ring/ns/0-*")
    before = {path: path.read_bytes() for path in alone.iterdir()}
    assert {path.name for path in before} == {"record.json", "curve.jsonl", "samples.npz", "picture.png", "heard"}
    found = execute(request_of(seeds=[0, 1, 2]), tmp_path, tmp_path / "cache", Silent()).records
    assert {path: path.read_bytes() for path in alone.iterdir()} == before
    assert {record.key: record for record in found} == {record.key: record for record in read_all(tmp_path)[0]}
    trained = {record.seed: record.group["members"] for record in found if record.kind == "objective"}
    assert trained == {0: 1, 1: 3, 2: 3}
    assert len(list(tmp_path.glob("ring/ns/*/picture.png"))) == 3


def test_what_another_process_records_meanwhile_keeps_its_files(tmp_path, monkeypatch):
    """Another process records a member while this one evaluates it: that record, curve and samples are unchanged."""
    alone, evaluate = tmp_path / "alone", train.evaluate_samples
    execute(request(seeds=[0], iterations=10), alone, tmp_path / "cache", Silent())
    (source,) = alone.glob("ring/ns/0-*")

    def evaluate_late(*given):
        shutil.copytree(source, tmp_path / "ring" / "ns" / source.name, dirs_exist_ok=True)
        return evaluate(*given)

    monkeypatch.setattr(train, "evaluate_samples", evaluate_late)
    found = execute(request(seeds=[0, 1], iterations=10), tmp_path, tmp_path / "cache", Silent()).records
    kept = {path.name: path.read_bytes() for path in (tmp_path / "ring" / "ns" / source.name).iterdir()}
    assert kept == {path.name: path.read_bytes() for path in source.iterdir()}
    assert {record.seed: record.group["members"] for record in found if record.kind == "objective"} == {0: 1, 1: 2}


def test_nothing_is_used_of_damaged_notes(tmp_path):
    """With invalid seconds, the group starts again without the rungs and the curve of the checkpoint."""
    asked = Request(problems=["ring"], objectives=["ns"], seeds=[0], iterations=400)
    with pytest.raises(Interrupted):
        execute(asked, tmp_path, tmp_path / "cache", Silent(300))
    (cohort,) = [Cohort((run,)) for run in plan(asked, tmp_path / "cache").runs if run.experiment.objective]
    data = PROBLEMS["ring"].load(tmp_path)
    whole = train.GroupTraining.begin(cohort, data, tmp_path, asked)
    assert (whole.position.iteration, list(whole.rungs)) == (300, [200])
    whole.seconds = -1.0
    whole.save()
    again = train.GroupTraining.begin(cohort, data, tmp_path, asked)
    assert (again.position.iteration, again.rungs, again.seconds, len(again.curves.points)) == (0, {}, 0.0, 1)


@pytest.mark.parametrize("damage", ["cut", "empty", "foreign", "hostile"])
def test_a_bad_checkpoint_costs_time_and_never_a_number(damage, tmp_path, uninterrupted):
    """A torn, empty, foreign or hostile checkpoint is left unread; the group starts again."""
    with pytest.raises(Interrupted):
        execute(request(), tmp_path, tmp_path / "cache", Silent(100))
    (path,) = tmp_path.glob("groups/*/checkpoint.pt")
    whole = path.read_bytes()
    mine = tmp_path / "executed"
    path.write_bytes(
        {
            "cut": whole[: len(whole) // 2],
            "empty": b"",
            "foreign": checkpoint.pack(Position(3, group().start(), None), "another", {}),
            "hostile": pickle.dumps(Hostile(mine)),
        }[damage]
    )
    execute(request(), tmp_path, tmp_path / "cache", Silent())
    assert not mine.exists()
    assert scores(tmp_path) == uninterrupted


class Hostile:
    """A pickle that would create a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


def start(root: Path) -> subprocess.Popen[bytes]:
    """Start the same run as a process of its own, with a checkpoint at every iteration."""
    words = ["run", "-o", "ns", "-p", "ring", "--seeds", "2", "--iterations", str(ITERATIONS), "--results", str(root)]
    return subprocess.Popen(
        [sys.executable, "-c", "from benchmark.cli import main; main()", *words, "--checkpoint-seconds", "0"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill_until_done(root: Path, kills: int, chance: random.Random) -> int:
    """Kill the run at random moments of its training, resuming each time; give the number of kills that hit."""
    hit = 0
    for _ in range(kills):
        process = start(root)
        begun = time.monotonic()
        while process.poll() is None and time.monotonic() - begun < 120 and not list(root.glob("groups/*/*")):
            time.sleep(0.05)
        time.sleep(chance.uniform(0.0, 4.0))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            hit += 1
        process.wait()
        read_all(root)
    assert start(root).wait(timeout=300) == 0
    return hit


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.full)])
@pytest.mark.timeout(1200)
def test_sigkill_at_random_moments(kills, tmp_path, uninterrupted):
    """Killed at random moments and resumed each time: bit-identical metrics, and no unreadable file ever."""
    hit = kill_until_done(tmp_path, kills, random.Random(kills))
    assert hit > 0
    assert scores(tmp_path) == uninterrupted


def test_a_swallowed_signal_stops_the_run_at_the_next_iteration(tmp_path, monkeypatch):
    """A running destructor swallows what the handler raises; training still stops, and can resume."""
    monkeypatch.setattr(interrupts, "_asked", [])
    saved = train.GroupTraining.save

    def save(self):
        saved(self)
        with suppress(Interrupted):
            interrupts.ask(signal.SIGTERM)

    monkeypatch.setattr(train.GroupTraining, "save", save)
    with pytest.raises(Interrupted):
        execute(request(seeds=[0], checkpoint_seconds=0.0), tmp_path, tmp_path / "cache", Silent())
    assert list(tmp_path.glob("groups/*/checkpoint.pt"))
    assert not list(tmp_path.glob("ring/ns/*/record.json"))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_leave_a_checkpoint(number, code, tmp_path):
    """SIGINT gives 130, SIGTERM 143, both with a checkpoint written."""
    words = ["run", "-o", "ns", "-p", "ring", "--seeds", "1", "--iterations", "100000", "--results", str(tmp_path)]
    process = subprocess.Popen(
        [sys.executable, "-c", "from benchmark.cli import main; main()", *words, "--checkpoint-seconds", "0"],
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    begun = time.monotonic()
    while not list(tmp_path.glob("groups/*/checkpoint.pt")) and time.monotonic() - begun < 120:
        time.sleep(0.1)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert len(err.decode().strip().splitlines()) == 1
    assert list(tmp_path.glob("groups/*/checkpoint.pt"))
