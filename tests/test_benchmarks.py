"""The programs that measure speed: they run from the checkout, and at full size no promised ratio is missed."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys

import pytest

from benchmark.leaderboard import read_costs
from benchmark.reproduce.rescored import read
from benchmark.runner.request import Request
from benchmark.runner.run import execute
from benchmarks import cost, engine, evaluators, rescore
from benchmarks.evaluator_memory import memory_lines
from tests.benchmark.test_resume import Silent
from tests.prose import ROOT


@pytest.mark.parametrize("program", ["cost", "engine", "groups", "evaluators"])
def test_a_program_starts_as_a_script(program, tmp_path):
    """From any folder, `evaluators.py` included, which bears the name of a package."""
    script = ROOT / "benchmarks" / f"{program}.py"
    done = subprocess.run([sys.executable, script, "--help"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "--rounds" in done.stdout


def test_the_engine_is_timed_against_a_plain_loop():
    """One small case gives the milliseconds of both sides and their ratio."""
    line = engine.line(1, 2, 8, 8, rounds=1, iterations=2)
    plain, ours, ratio = re.search(r"(\d+\.\d+) +(\d+\.\d+) +(\d+\.\d)x", line).groups()
    assert float(ratio) == pytest.approx(float(plain) / float(ours), rel=0.1, abs=0.1)


def test_costs_are_measured_and_found(tmp_path, capsys, monkeypatch):
    """Each objective of a suite has its milliseconds, and the whole run of a row its seconds."""
    monkeypatch.setattr(cost, "ROUND", 0.0)
    suite = 'problems = ["ring"]\nobjectives = ["ns", "mmd-fixed"]\nseeds = "2"\niterations = 400\n'
    (tmp_path / "suite.toml").write_text(suite)
    cost.main([str(tmp_path), "--suite", str(tmp_path / "suite.toml"), "--rounds", "2", "--whole", "ns"])
    found = read_costs(tmp_path)
    facts = json.loads((tmp_path / "cost.json").read_text())
    assert found.track == "shared"
    assert found.networks == {"ring": "mlp"}
    assert found.milliseconds["ring"].keys() == {"ns", "mmd-fixed"}
    assert min(found.milliseconds["ring"].values()) > 0
    ns = facts["problems"]["ring"]["rows"]["ns"]
    assert ns["smallest"] <= ns["milliseconds"] <= ns["largest"]
    assert 1e3 * facts["whole_runs"]["ring"]["ns"] > 800 * ns["smallest"] / 2  # 400 iterations of two evaluations
    assert "s for a whole run" in capsys.readouterr().out


def test_a_kept_generator_is_scored_again(tmp_path, capsys, monkeypatch):
    """Each change has its effect in nats, and the divisor's is near the one that theory gives."""
    asked = Request(["digits"], ["ns"], [0], iterations=5, keep_generators=True, network="mlp")
    execute(asked, tmp_path, tmp_path / "cache", Silent())
    monkeypatch.setattr(sys, "argv", ["rescore", str(tmp_path), "--problem", "digits", "--centres", "60"])
    rescore.main()
    printed = capsys.readouterr().out
    found = dict(re.findall(r"^(.*): ([+-]\d+\.\d\d) nats \(", printed, re.MULTILINE))
    assert len(found) == 5
    assert float(found["pixels divided by 256, not 255"]) == pytest.approx(64 * math.log(256 / 255), abs=0.2)
    assert float(found["a tenth of the centres"]) != 0.0
    (written,) = read(tmp_path).values()
    assert {what: f"{value:+.2f}" for what, value in written.items() if what in found} == found
    rescore.main()  # from the file, without scoring
    assert capsys.readouterr().out == printed


def test_the_table_of_evaluators_prints(capsys, monkeypatch):
    """A trial size runs every case of one name and ends with verdicts."""
    monkeypatch.setattr(evaluators, "on_one_core", lambda: None)
    evaluators.main(["--scale", "0.02", "--rounds", "1", "--only", "frechet"])
    printed = capsys.readouterr().out
    assert printed.count("torch-fidelity") == 4
    assert re.search(r"promised 3: (kept|MISSED)", printed)


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_the_promises_are_kept_at_full_size():
    """`python benchmarks/evaluators.py` in one interleaved run: no promise is missed."""
    pytest.importorskip("prdc")
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "evaluators.py"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert "MISSED" not in done.stdout, done.stdout
    errors = [float(e) for e in re.findall(r"relative error of ours: (\S+)", done.stdout)]
    assert len(errors) == 2
    assert max(errors) <= 1e-9


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_memory_stays_below_a_quarter_of_prdc():
    """The growth of the peak at 10,000 x 512, each in a process of its own."""
    pytest.importorskip("prdc")
    assert "kept" in memory_lines(1.0)[-1]
