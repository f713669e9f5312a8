"""Trackers follow whole runs, and none can break one."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from benchmark.errors import UserError
from benchmark.runner.request import Request
from benchmark.runner.run import execute
from benchmark.runner.trackers import Started, Trackers, tracker_of
from benchmark.store import directory_of, read_all
from tests.benchmark.cli_builders import is_one_sentence, type_in
from tests.benchmark.report_builders import record

__all__ = ["type_in"]

HEARD = """
class Listener:
    heard = []

    def start(self, run):
        self.run = run
        self.heard.append((run.seed, "start"))

    def step(self, iteration, values):
        self.heard.append((self.run.seed, "step", iteration, sorted(values)))

    def samples(self, samples):
        self.heard.append((self.run.seed, "samples", samples.shape))

    def evaluation(self, scores):
        self.heard.append((self.run.seed, "evaluation", sorted(scores)))

    def end(self, record):
        self.heard.append((self.run.seed, "end", record and record.end.state))
"""
METHODS = ("start", "step", "samples", "evaluation", "end")


class Silent:
    """No progress."""

    def loading(self, label):
        """Show nothing."""
        return nullcontext()

    def group(self, label, total, scores=0):
        """Show nothing."""
        return nullcontext(lambda done: None)

    def note(self, text):
        """Say nothing."""


def started(directory):
    """Build the start of a run."""
    return Started("ring", "ns", 0, "0" * 16, Path(directory), {})


def module(folder, monkeypatch, text=HEARD, name="listening"):
    """Write a module with a tracker and give its class."""
    (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(folder))
    return __import__(name).Listener


def train(root, *names, pictures=False):
    """Train two seeds of ns on ring for 20 iterations."""
    request = Request(
        problems=["ring"], objectives=["ns"], seeds=(0, 1), iterations=20, log_to=names, pictures=pictures
    )
    return execute(request, root, root / "cache", Silent()).records


def test_a_tracker_gets_all_calls_in_order(tmp_path, monkeypatch):
    """Start, twenty steps, samples, evaluation, end, separately for each member."""
    listener = module(tmp_path, monkeypatch, name="hearing")
    train(tmp_path / "runs", "hearing:Listener")
    own = [event[1:] for event in listener.heard if event[0] == 1]
    assert [event[0] for event in own] == ["start", *["step"] * 20, "samples", "evaluation", "end"]
    assert [event[1] for event in own if event[0] == "step"] == list(range(1, 21))
    assert "critic_loss" in own[1][2]
    assert own[-3][1] == (1000, 2)
    assert "hq_3std" in own[-2][1]
    assert own[-1] == ("end", "ok")


@pytest.mark.parametrize("method", METHODS)
def test_a_failing_tracker_fails_no_run_and_warns_once(tmp_path, monkeypatch, caplog, method):
    """Whichever method raises, in whichever member: the records are those of a run without it."""

    class Failing(module(tmp_path, monkeypatch, name=f"failing_{method}")):
        pass

    def fail(self, *told):
        raise RuntimeError("the server is gone")

    setattr(Failing, method, fail)
    monkeypatch.setattr("benchmark.runner.trackers.tracker_of", lambda name: Failing)
    with caplog.at_level(logging.WARNING):
        trackers = Trackers(["a"], [started(tmp_path), started(tmp_path)])
        with trackers:
            for iteration in (1, 2):
                trackers.step(iteration, {"critic_loss": [0.5, float("nan")]})
            trackers.finish(0, np.zeros((5, 2)), record("ns", 0, 0.5))
            trackers.finish(1, np.zeros((5, 2)), record("ns", 1, 0.5))
    assert [entry.message.count("the server is gone") for entry in caplog.records] == [1]


def test_a_run_with_a_failing_tracker_has_the_same_records(tmp_path, monkeypatch, caplog):
    """The scores with and without it are the same bits."""
    text = HEARD.replace('self.heard.append((self.run.seed, "step", iteration, sorted(values)))', "raise OSError")
    module(tmp_path, monkeypatch, text, name="broken_listener")
    with_it = train(tmp_path / "a", "broken_listener:Listener")
    without = train(tmp_path / "b")
    assert [one.scores for one in with_it] == [one.scores for one in without]
    assert sum("is disabled" in entry.message for entry in caplog.records) == 1


def test_values_that_are_not_finite_are_left_out(tmp_path, monkeypatch):
    """A member that diverged reports no NaN."""
    listener = module(tmp_path, monkeypatch, name="finite")
    with Trackers(["finite:Listener"], [started(tmp_path)]) as trackers:
        trackers.step(1, {"critic_loss": [float("nan")], "generator_loss": [1.0]})
    assert listener.heard[-1] == (0, "step", 1, ["generator_loss"])


def test_an_interrupt_ends_the_tracker_and_is_passed_on(tmp_path, monkeypatch):
    """The tracker ends without a record, and the interrupt is raised again."""
    listener = module(tmp_path, monkeypatch, name="interrupted")
    with pytest.raises(KeyboardInterrupt), Trackers(["interrupted:Listener"], [started(tmp_path)]):
        raise KeyboardInterrupt
    assert listener.heard[-1] == (0, "end", None)


@pytest.mark.parametrize("name", ["tensorbord", "no_such_module:Tracker", "nothing.py:Tracker", "math:Tracker"])
def test_unknown_trackers_are_one_sentence(type_in, tmp_path, name):
    """The error comes before anything is trained."""
    words = ("--objective", "ns", "--problem", "ring", "--log-to", name, "--results", tmp_path / "runs")
    assert is_one_sentence(*type_in("run", *words))
    assert not (tmp_path / "runs").exists()


def test_a_missing_package_is_named(monkeypatch):
    """Without the package, the error says what to install."""
    monkeypatch.setattr("benchmark.runner.trackers.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install tensorboard\."):
        tracker_of("tensorboard")


@pytest.mark.skipif(find_spec("tensorboard") is None, reason="needs the extra tensorboard")
@pytest.mark.filterwarnings("default")  # TensorBoard's own
def test_tensorboard_holds_the_scores(tmp_path):
    """What TensorBoard reads back are the record's scores and the curve's points."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    train(tmp_path, "tensorboard")
    made = next(one for one in read_all(tmp_path)[0] if one.row == "ns")
    read = EventAccumulator(str(next(tmp_path.glob(f"ring/ns/{made.seed}-*/tensorboard")))).Reload()
    assert read.Scalars("final/hq_3std")[0].value == pytest.approx(made.scores["hq_3std"].value)
    assert [point.step for point in read.Scalars("training/critic_loss")] == list(range(1, 21))
    assert "samples/0" in read.Tags()["histograms"]


@pytest.mark.skipif(find_spec("wandb") is None, reason="needs the extra wandb")
def test_weights_and_biases_writes_files_offline(tmp_path, monkeypatch):
    """Without a server each run leaves a transaction log beside its record, which `wandb sync` can send."""
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    train(tmp_path, "wandb")
    for made in (one for one in read_all(tmp_path)[0] if one.kind == "objective"):
        (log,) = directory_of(tmp_path, made).glob("wandb/offline-run-*/run-*.wandb")
        assert made.key in log.name
        assert log.stat().st_size > 1000


@pytest.mark.skipif(find_spec("mlflow") is None, reason="needs the extra mlflow")
def test_mlflow_holds_the_scores(tmp_path, monkeypatch):
    """Without a server MLflow's files hold each run under its key, with its curve, scores, settings and end."""
    from mlflow import MlflowClient

    monkeypatch.setenv("MLFLOW_TRACKING_URI", (tmp_path / "mlruns").as_uri())
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    train(tmp_path / "runs", "mlflow")
    client = MlflowClient()
    made = {one.key: one for one in read_all(tmp_path / "runs")[0] if one.kind == "objective"}
    found = client.search_runs([client.get_experiment_by_name("gan-bench").experiment_id])
    assert {run.data.tags["gan_bench.key"] for run in found} == set(made)
    for run in found:
        record = made[run.data.tags["gan_bench.key"]]
        assert run.data.tags["end"] == record.end.state
        assert run.data.params["problem"] == "ring"
        assert run.data.metrics["final/modes"] == record.scores["modes"].value
        assert len(client.get_metric_history(run.info.run_id, "training/critic_loss")) > 1
