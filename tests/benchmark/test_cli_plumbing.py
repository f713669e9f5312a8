"""What every command line has: versions, completion, a plan before the work, and results for machines."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version

import pytest

from tests.benchmark.cli_builders import is_one_sentence, type_in
from tests.benchmark.store_builders import files_below

__all__ = ["type_in"]

RUN = ("run", "-o", "ns", "-p", "ring", "--seeds", "2", "--iterations", "6", "--no-pictures", "--device", "cpu")
PROGRAM = [sys.executable, "-c", "import sys; sys.argv[0] = 'gan-bench'; from benchmark.cli import main; main()"]


def test_the_version_names_what_a_fault_report_needs(type_in):
    """gan-bench, Python, torch and the device, in one line."""
    code, out, _ = type_in("--version")
    assert code == 0
    assert out.count("\n") == 1
    for part in (f"gan-bench {version('gan-bench')}", f"torch {version('torch')}", "Python 3.", "device "):
        assert part in out


@pytest.mark.parametrize(("word", "found"), [("repo", "report"), ("leader", "leaderboard")])
def test_commands_are_completed(word, found):
    """What bash asks for is answered."""
    asked = {"_GAN_BENCH_COMPLETE": "complete_bash", "COMP_WORDS": f"gan-bench {word}", "COMP_CWORD": "1"}
    done = subprocess.run(PROGRAM, env={**os.environ, **asked}, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [found]


def test_options_and_their_choices_are_completed():
    """Options of `run` and what they may be, wherever they are declared."""
    for words, found in (("--checkp", "--checkpoint-seconds"), ("--executor r", "ray"), ("--track sh", "shared")):
        asked = {"_GAN_BENCH_COMPLETE": "complete_bash", "COMP_WORDS": f"gan-bench run {words}"}
        place = {"COMP_CWORD": str(1 + len(words.split()))}
        done = subprocess.run(PROGRAM, env=os.environ | asked | place, capture_output=True, text=True, check=True)
        assert done.stdout.split() == [found]


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_completion_installs(tmp_path):
    """`--install-completion` leaves a script that bash can read, and a line that reads it."""
    line = f'{PROGRAM[0]} -c "{PROGRAM[2]}" --install-completion; true'
    environment = {**os.environ, "HOME": str(tmp_path)}
    subprocess.run(["bash", "-c", line], env=environment, capture_output=True, text=True, check=True)
    (script,) = (tmp_path / ".bash_completions").iterdir()
    assert script.name in (tmp_path / ".bashrc").read_text()
    subprocess.run(["bash", "-n", script], check=True)


def test_a_dry_run_tells_the_plan_and_does_nothing(type_in, tmp_path):
    """Runs, groups and what is found; seconds once this device has records; nothing is written."""
    root = tmp_path / "runs"
    code, out, _ = type_in(*RUN, "--dry-run", "--results", root)
    assert code == 0
    assert "8 runs, 0 on record, 8 to run in 4 groups; there is no time estimate without" in out
    assert not root.exists()
    assert type_in(*RUN, "--results", root)[0] in (0, 3)
    before = files_below(root)
    more = ("--dry-run", "--results", root, "--json", tmp_path / "plan.json")
    code, out, _ = type_in(*RUN, "-o", "hinge", *more)
    assert code == 0
    assert files_below(root) == before
    assert "10 runs, 8 on record, 2 to run in 1 groups, about " in out
    plan = json.loads((tmp_path / "plan.json").read_text())
    assert plan["command"] == "run --dry-run"
    assert {line["row"]: line["found"] for line in plan["lines"]} == {
        "ns": 2,
        "hinge": 0,
        "gmm": 2,
        "oracle": 2,
        "untrained": 2,
    }
    assert plan["seconds"] > 0


def test_run_writes_its_result_for_machines(type_in, tmp_path):
    """`run --json` holds the counts and the leaderboard that was printed."""
    code, _, _ = type_in(*RUN, "--results", tmp_path / "runs", "--json", tmp_path / "run.json")
    assert code in (0, 3)
    found = json.loads((tmp_path / "run.json").read_text())
    assert (found["made"], found["found"], found["unfinished"], found["faults"]) == (8, 0, 0, [])
    assert {row["label"] for row in found["leaderboard"]["tables"][0]["rows"]} >= {"ns", "oracle"}


def test_every_command_that_prints_a_table_writes_it_for_machines(type_in):
    """`--json` is an option of each of them."""
    for command in ("run", "list", "show", "check", "leaderboard", "compare", "report", "reproduce", "tune", "figure"):
        assert "--json" in type_in(command, "--help")[1], command
    assert "--json" in type_in("data", "list", "--help")[1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--address", "auto"), "--address is an option of Ray; add --executor ray."),
        (("--max-retries", "5"), "--max-retries is an option of Ray"),
        (("--gpus-per-group", "0.5"), "--gpus-per-group is an option of Ray"),
        (("--cpus-per-group", "inf", "--executor", "ray"), "must be finite, not inf"),
        (("--sweep", "batch=8,08"), "The sweep of 'batch' contains a value twice: '8, 08'."),
        (("--sweep", "learning_rate=1e-3,0.001"), "contains a value twice"),
    ],
)
def test_options_that_would_be_ignored_are_a_mistake(type_in, tmp_path, words, sentence):
    """An option without effect, and a value spelt twice, end the command before anything is written."""
    code, out, err = type_in(*RUN, *words, "--results", tmp_path / "runs")
    assert is_one_sentence(code, out, err)
    assert sentence in err
    assert not (tmp_path / "runs").exists()
