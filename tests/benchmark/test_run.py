"""`gan-bench run` and `leaderboard` from end to end, as a user types them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.cli.app import main
from benchmark.store import read_all, read_curve

SMALL = ("--problem", "ring", "--seeds", "2", "--iterations", "20")


@pytest.fixture
def type_in(monkeypatch, capsys, tmp_path):
    """Return a function that types a command line and returns its exit code, stdout and stderr."""

    def typed(*words: str, results: Path | None = None):
        monkeypatch.setattr(sys, "argv", ["gan-bench", *words, "--results", str(results or tmp_path / "runs")])
        with pytest.raises(SystemExit) as left:
            main()
        out = capsys.readouterr()
        return left.value.code, out.out, out.err

    return typed


def scores(root: Path) -> dict[str, object]:
    """Return every record's scores by key."""
    records, bad = read_all(root)
    assert not bad
    return {record.key: dict(record.scores) for record in records}


def test_a_run_prints_a_table_with_controls_and_intervals(type_in, tmp_path):
    """The default path ends with a table that holds the objective and the three control rows."""
    code, out, _ = type_in("run", "--objective", "ns", *SMALL)
    assert code == 0
    for row in ("ns", "oracle (control)", "untrained (control)", "gmm (control)"):
        assert row in out
    assert "2/2" in out
    assert "±" in out
    assert str(tmp_path) in out


def test_a_second_identical_command_runs_nothing(type_in):
    """What is on record is found, and the table is the same."""
    _, first, _ = type_in("run", "--objective", "ns", *SMALL)
    _, second, _ = type_in("run", "--objective", "ns", *SMALL)
    assert "8 new runs, 0 on record" in first
    assert "0 new runs, 8 on record" in second
    assert first.split("new runs")[0].rsplit("\n", 1)[0] == second.split("new runs")[0].rsplit("\n", 1)[0]


def test_the_same_command_twice_gives_the_same_bits(type_in, tmp_path):
    """With the store removed between, every metric of every run is bit-identical."""
    command = ("run", "-o", "ns", "-o", "ebgan", "--seeds", "2", "--iterations", "250", "--problem", "ring")
    type_in(*command, results=tmp_path / "one")
    type_in(*command, results=tmp_path / "two")
    assert scores(tmp_path / "one") == scores(tmp_path / "two")
    assert len(scores(tmp_path / "one")) == 10


def test_several_objectives_and_seed_ranges(type_in, tmp_path):
    """Objectives repeat, seeds may be a range, and more seeds later add to what is there."""
    code, out, _ = type_in("run", "-o", "minimax", "-o", "ebgan", "-p", "grid", "--seeds", "3:5", "--iterations", "5")
    assert code == 0
    assert "minimax" in out
    assert "ebgan" in out
    assert {record.seed for record in read_all(tmp_path / "runs")[0]} == {3, 4}
    _, out, _ = type_in("run", "-o", "minimax", "-o", "ebgan", "-p", "grid", "--seeds", "3:6", "--iterations", "5")
    assert "5 new runs, 10 on record" in out


def test_settings_enter_the_identity_and_the_label(type_in, tmp_path):
    """`--set` changes the objective's or the training's field; the row has it, and the runs are different runs."""
    type_in("run", "-o", "ebgan", "--set", "margin=2", *SMALL)
    type_in("run", "-o", "ebgan", "--set", "critic_steps=2", *SMALL)
    labels = {record.row for record in read_all(tmp_path / "runs")[0] if record.kind == "objective"}
    assert labels == {"ebgan:margin=2", "ebgan @critic_steps=2"} or len(labels) == 2
    assert any("margin=2" in label for label in labels)
    assert any("critic_steps=2" in label for label in labels)


def test_the_problem_sets_the_margin_to_its_own_scale(type_in, tmp_path):
    """EBGAN's margin on the ring is the ring's, unless the user sets it."""
    type_in("run", "-o", "ebgan", *SMALL)
    (record, *_) = (record for record in read_all(tmp_path / "runs")[0] if record.kind == "objective")
    assert '"margin": 1' in json.dumps(record.identity["objective"])


def test_the_paper_track_uses_each_papers_settings(type_in, tmp_path):
    """On the paper track WGAN-GP trains with its paper's settings, in a table of its own beside the controls."""
    type_in("run", "-o", "wgan-gp", "--track", "paper", *SMALL)
    records = [record for record in read_all(tmp_path / "runs")[0] if record.kind == "objective"]
    assert {record.track for record in records} == {"paper"}
    training = records[0].identity["training"]
    stated = {"critic_steps": 5, "generator_learning_rate": 1e-4, "beta1": 0.0, "beta2": 0.9, "batch": 64}
    assert {name: training[name] for name in stated} == stated
    type_in("run", "-o", "wgan-gp", *SMALL)
    _, table, _ = type_in("leaderboard")
    assert "paper track" in table
    assert "shared track" in table
    assert table.count("oracle (control)") == 2


def test_real_data_runs_end_to_end(type_in):
    """`digits` gives the Fréchet distance, the inception-type score and the Parzen estimate by their own names."""
    code, out, _ = type_in("run", "-o", "ns", "-p", "digits", "--seeds", "2", "--iterations", "30")
    assert code == 0
    for metric in ("fd-digits", "is-digits", "parzen"):
        assert metric in out


def test_a_run_writes_its_curve_and_samples(type_in, tmp_path):
    """The curve ends at the budget."""
    type_in("run", "-o", "ns", *SMALL)
    (directory, _) = sorted((tmp_path / "runs" / "ring" / "ns").iterdir())
    assert {path.name for path in directory.iterdir()} >= {"record.json", "curve.jsonl", "samples.npz"}
    curve = read_curve(directory / "curve.jsonl")
    assert curve.bad_lines == 0
    assert [point["iteration"] for point in curve.points] == list(range(21))
    assert set(curve.points[1]) >= {"critic_loss", "generator_loss", "critic_gradient", "real_score"}


def test_a_diverging_objective_is_a_result(type_in):
    """A learning rate that blows up gives exit code 3 and a table that counts the failures."""
    code, out, err = type_in(
        "run", "-o", "wasserstein", "--set", "learning_rate=1e30", "--set", "optimiser=sgd", *SMALL
    )
    assert code == 3
    assert "diverged" in out
    assert "2 of 8 runs failed" in err


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("-o", "hing"), ("hing", "hinge")),
        (("-o", "ns", "-p", "rong"), ("'rong'", "'ring'")),
        (("-o", "ns", "--set", "margn=2"), ("margn",)),
        (("-o", "ebgan", "--set", "margin=two"), ("two",)),
        (("-o", "ebgan:margin=-1"), ("margin", "-1")),
        (("-o", "ns", "--set", "beta1=2"), ("beta1", "2")),
        (("-o", "ns", "--set", "optimiser=adm"), ("adm", "adam")),
        (("-o", "ns", "--set", "dynamics=alternate"), ("alternate", "alternating")),
        (("-o", "ns", "--seeds", "five"), ("five",)),
        (("-o", "ns", "--seeds", "4:4"), ("4:4",)),
        (("-o", "ns", "--device", "abacus"), ("abacus",)),
    ],
)
def test_a_mistake_gets_one_sentence(type_in, tmp_path, words, parts):
    """Exit code 2, one sentence with the value and the nearest name, nothing written."""
    code, out, err = type_in("run", *words)
    assert code == 2
    assert out == ""
    assert err.startswith("gan-bench: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    for part in parts:
        assert part in err
    assert not (tmp_path / "runs").exists()


def test_an_unwritable_results_directory_is_refused_first(type_in, tmp_path):
    """A results path below a plain file is refused with one sentence."""
    (tmp_path / "file").write_text("")
    code, _, err = type_in("run", "-o", "ns", *SMALL, results=tmp_path / "file" / "runs")
    assert code == 2
    assert err.count("\n") == 1
    assert "Cannot write results" in err


def test_the_leaderboard_is_built_from_records_alone(type_in, tmp_path):
    """`leaderboard` prints the run's own table, and Markdown and CSV of the same numbers."""
    type_in("run", "-o", "ns", *SMALL)
    _, table, _ = type_in("leaderboard")
    _, markdown, _ = type_in("leaderboard", "--format", "md")
    _, csv, _ = type_in("leaderboard", "--format", "csv")
    assert "oracle (control)" in table
    assert "| ns |" in markdown
    assert csv.startswith("problem,")


def test_a_leaderboard_needs_records(type_in):
    """Without records, one sentence explains how to make some, with exit code 2."""
    code, _, err = type_in("leaderboard")
    assert code == 2
    assert "no records" in err


def test_list_names_everything(capsys, monkeypatch):
    """`gan-bench list` gives objectives, problems and evaluators a line each."""
    monkeypatch.setattr(sys, "argv", ["gan-bench", "list"])
    with pytest.raises(SystemExit):
        main()
    out = capsys.readouterr().out
    for name in ("ns", "ebgan", "ring", "digits", "parzen"):
        assert f"  {name}" in out


def test_help_starts_quickly_without_torch():
    """`gan-bench --help` imports neither torch nor pandas."""
    code = (
        "import sys; sys.argv = ['gan-bench', 'run', '--help']\n"
        "from benchmark.cli import main\n"
        "try: main()\n"
        "except SystemExit as left: assert not left.code\n"
        "assert not {'torch', 'pandas', 'sklearn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, capture_output=True)


@pytest.mark.full
@pytest.mark.parametrize("problem", ["ring", "grid"])
def test_training_is_between_untrained_and_oracle(type_in, tmp_path, problem):
    """After the whole budget NS has more modes than the untrained generator and fewer than the truth."""
    type_in("run", "-o", "ns", "-p", problem)
    means = {}
    for row in ("untrained", "ns", "oracle"):
        records = [record for record in read_all(tmp_path / "runs")[0] if record.row == row]
        means[row] = sum(record.scores["modes_quarter"].value for record in records) / len(records)
    assert means["untrained"] < means["ns"] < means["oracle"]
    if problem == "ring":
        found = sorted(r.scores["modes"].value for r in read_all(tmp_path / "runs")[0] if r.row == "ns")
        assert found[len(found) // 2] == 8
