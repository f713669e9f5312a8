"""`gan-bench tune` from end to end: equal budgets, what no trial saw, and the same search after a kill."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import nullcontext, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from benchmark import api
from benchmark.cli.app import main
from benchmark.errors import Interrupted, UserError
from benchmark.leaderboard import tables
from benchmark.report.searches import searches
from benchmark.runner.paths import cache_directory
from benchmark.runner.request import Request
from benchmark.store import Kept, read_all
from benchmark.tune.tune import TRIALS, tune
from benchmark.tune.tuning import SELECTION_SEED, Tuning
from tests.benchmark.cli_builders import is_one_sentence

pytest.importorskip("optuna", reason="Optuna is an extra: pip install optuna")

PROGRAM = (sys.executable, "-c", "from benchmark.cli import main; main()")
OBJECTIVES = ("ns", "wgan-gp", "mmd-fixed")
TRIALS_EACH, ITERATIONS, SEEDS = 5, 12, 2
SMALL = ("--trials", TRIALS_EACH, "--iterations", ITERATIONS, "--seeds", SEEDS)


def typed(*words):
    """Type a command line and give its exit code, stdout and stderr; also before any test."""
    out, err = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["gan-bench", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            main()
    return left.value.code or 0, out.getvalue(), err.getvalue()


@pytest.fixture(scope="module")
def tuned(tmp_path_factory):
    """Tune three objectives once; give the results directory, the output and the JSON."""
    root = tmp_path_factory.mktemp("tuned")
    objectives = [word for one in OBJECTIVES for word in ("-o", one)]
    code, out, err = typed("tune", *objectives, *SMALL, "--results", root / "runs", "--json", root / "tune.json")
    assert code == 0, err
    return root / "runs", out, json.loads((root / "tune.json").read_text())


def records_of(root: Path):
    """Return all records of a directory, none of them unreadable."""
    records, bad = read_all(root)
    assert not bad
    return records


def test_every_objective_has_the_same_budget(tuned):
    """As many trials and seeds, and each run spends the budget to within one of its own iterations."""
    root, _, _ = tuned
    trials = records_of(root / TRIALS)
    assert Counter(record.row for record in trials) == dict.fromkeys(OBJECTIVES, TRIALS_EACH * 2)
    report = [record for record in records_of(root) if record.kind == "objective"]
    assert Counter(record.row for record in report) == dict.fromkeys(OBJECTIVES, SEEDS)
    budget = 2 * ITERATIONS  # the ring's shared settings take one gradient of each player an iteration
    for record in trials + report:
        compute = record.compute
        dearest = compute["gradient_evaluations"] // record.identity["iterations"]
        assert budget - dearest < compute["gradient_evaluations"] <= budget
        assert record.comparable["gradient_evaluations"] == budget
    assert {record.identity["training"]["critic_steps"] for record in trials} == {1, 5}


def test_settings_and_seeds_train_together(tuned):
    """Members of one group differ in settings, not only in seed."""
    root, _, _ = tuned
    together = [record for record in records_of(root / TRIALS) if record.group["members"] > 2]
    assert len(together) > len(OBJECTIVES) * TRIALS_EACH
    rates = {record.identity["training"]["generator_learning_rate"] for record in together}
    assert len(rates) > 2


def test_the_report_shares_no_seeds_and_no_data_with_trials(tuned):
    """Trials and the leaderboard have no seed and no data in common."""
    root, _, _ = tuned
    trials, report = records_of(root / TRIALS), records_of(root)
    assert not {record.seed for record in trials} & {record.seed for record in report}
    assert min(record.seed for record in trials) == SELECTION_SEED
    digests = [{record.identity["data"] for record in some} for some in (trials, report)]
    assert [len(found) for found in digests] == [1, 1]
    assert digests[0] != digests[1]


def test_the_leaderboard_is_of_the_tuned_track(tuned):
    """One table with its controls, its rows by the objectives' names, and no trial among them."""
    root, out, content = tuned
    code, table, _ = typed("leaderboard", "--results", root)
    assert code == 0
    assert "ring · tuned track" in table
    assert table.split("\n\n")[0] in out
    rows = content["tables"][0]["rows"]
    assert {row["label"] for row in rows} == {*OBJECTIVES, "gmm", "oracle", "untrained"}
    search = content["tables"][0]["comparable"]["search"]
    assert search == {
        "trials": TRIALS_EACH,
        "sampler": "random",
        "ranges": "default",
        "selection_seeds": 2,
        "metric": "modes_quarter",
    }


def test_the_report_shows_how_settings_were_found(tuned):
    """It lists every search of the table, and ignores a torn file."""
    root, _, content = tuned
    (root / TRIALS / "searches" / "torn.json").write_text('{"problem": "ring", "sea')
    code, _, err = typed("report", "--results", root, "--output", root.parent / "report.html")
    (root / TRIALS / "searches" / "torn.json").unlink()
    assert code == 0, err
    text = (root.parent / "report.html").read_text()
    told = text.partition("How the settings were tuned")[2].partition("</table>")[0]
    for finding in content["findings"]:
        best = finding["trials"][finding["best"]]["settings"]
        assert (", ".join(f"{name}={value}" for name, value in best.items()) or "shared settings") in told


def test_default_rows_and_other_budgets_have_separate_tables(tuned, tmp_path):
    """The shared track and a search of another size are not compared with this search."""
    root, _, _ = tuned
    other = tmp_path / "runs"
    for record in records_of(root):
        place = Path(record.problem) / record.row / f"{record.seed}-{record.key}" / "record.json"
        (other / place).parent.mkdir(parents=True, exist_ok=True)
        (other / place).write_bytes((root / place).read_bytes())
    typed("run", "-o", "ns", "-p", "ring", "--iterations", ITERATIONS, "--seeds", SEEDS, "--results", other)
    few = ("--trials", 1, "--iterations", ITERATIONS, "--seeds", SEEDS)
    code, out, _ = typed("tune", "-o", "ns", *few, "--results", other)
    assert code == 0
    _, out, _ = typed("leaderboard", "--results", other)
    assert "ring · shared track" in out
    assert "ring · tuned track · search.trials = 1" in out
    assert f"ring · tuned track · search.trials = {TRIALS_EACH}" in out


def test_trials_can_have_another_budget(tmp_path):
    """Trials and reported runs have their budgets, both are named, and the printed command repeats a run."""
    budgets = ("--trial-budget", 12, "--budget", 48)
    words = ("tune", "-o", "wgan-gp", "--trials", 2, *budgets, "--seeds", SEEDS)
    code, _, err = typed(*words, "--results", tmp_path / "runs", "--json", tmp_path / "tune.json")
    assert code == 0, err
    spent = {record.compute["gradient_evaluations"] for record in records_of(tmp_path / "runs" / TRIALS)}
    assert spent == {12}
    games = [record for record in records_of(tmp_path / "runs") if record.kind != "control"]
    assert {record.compute["gradient_evaluations"] for record in games} == {48}
    assert {record.comparable["search"]["trial_gradient_evaluations"] for record in games} == {12}
    assert "--budget 48" in json.loads((tmp_path / "tune.json").read_text())["findings"][0]["command"]
    (table,) = tables(games)
    assert [line.objective for line in searches(Kept(tmp_path / "runs"), table).lines] == ["wgan-gp"]


def test_trial_zero_is_the_default(tuned):
    """The problem's shared settings and the objective's own, under no override."""
    root, _, content = tuned
    by_key = {record.key: record for record in records_of(root / TRIALS)}
    for finding in content["findings"]:
        first = finding["trials"][0]
        assert first["settings"] == {}
        for run in first["runs"].values():
            training = by_key[run["key"]].identity["training"]
            assert (training["generator_learning_rate"], training["critic_learning_rate"]) == (2e-4, 2e-3)
            assert (training["beta1"], training["critic_steps"]) == (0.5, 1)


def test_reported_runs_have_the_best_settings(tuned):
    """They are those of the best trial in the identity, and in the printed command."""
    root, out, content = tuned
    assert [finding["objective"] for finding in content["findings"]] == list(OBJECTIVES)
    for finding in content["findings"]:
        assert len(finding["trials"]) == TRIALS_EACH
        assert [one["k"] for one in finding["curve"]] == list(range(1, TRIALS_EACH + 1))
        best = finding["trials"][finding["best"]]
        row = [record for record in records_of(root) if record.row == finding["objective"]]
        for record in row:
            assert record.identity["search"]["trial"] == finding["best"]
            for name, text in best["settings"].items():
                if name in record.identity["training"]:
                    assert record.identity["training"][name] == float(text)
                assert f"--set {name}={text}" in finding["command"]
                assert f"{name}={text}" in out
    searches = sorted((root / TRIALS / "searches").glob("*.json"))
    assert len(searches) == len(OBJECTIVES)
    assert {json.loads(path.read_text())["objective"] for path in searches} == set(OBJECTIVES)


class Stopped:
    """Progress that shows nothing, and interrupts when a number of groups has been begun."""

    def __init__(self, groups: int | None = None) -> None:
        self.left = groups

    def loading(self, label):
        """Show nothing."""
        return nullcontext()

    def group(self, label, total, scores=0):
        """Stand in for a bar."""
        if self.left is not None:
            self.left -= 1
        return self

    def note(self, text):
        """Say nothing."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def __call__(self, done):
        """Interrupt in the middle of the last group."""
        if self.left == 0 and done > 1:
            raise Interrupted(signal.SIGTERM)


def tuning(sampler, trials=9):
    """Ask for a small search of one objective."""
    request = Request(problems=["ring"], objectives=["wgan-gp"], seeds=[0], iterations=4)
    return Tuning(request, trials=trials, sampler=sampler, selection_seeds=1)


def found(tuned_one):
    """Return all that a search found: every trial's settings and scores, and the report's."""
    (finding,) = tuned_one.findings
    trials = [(one.number, dict(one.overrides), [record.scores for record in one.records]) for one in finding.trials]
    return trials, finding.best.number, finding.curve, [record.scores for record in tuned_one.records]


@pytest.mark.parametrize("sampler", ["random", "tpe", "qmc"])
def test_an_interrupted_search_repeats_its_trials(sampler, tmp_path):
    """Stopped in the first wave, and after it, it ends with the trials and the best of an uninterrupted one."""
    cache = cache_directory()
    whole = tune(tuning(sampler), tmp_path / "whole", cache, Stopped())
    stops = 0
    for groups in (2, 2):
        try:
            tune(tuning(sampler), tmp_path / "parts", cache, Stopped(groups))
        except Interrupted:
            stops += 1
    assert stops
    resumed = tune(tuning(sampler), tmp_path / "parts", cache, Stopped())
    assert found(resumed) == found(whole)
    assert len(records_of(tmp_path / "parts" / TRIALS)) == len(records_of(tmp_path / "whole" / TRIALS))


def test_a_killed_search_resumes(tmp_path):
    """After a SIGKILL the same command runs only what is missing, with the result of an undisturbed one."""
    small = ["--trials", "6", "--iterations", "60", "--seeds", "1", "--group-size", "2"]
    words = ["tune", "-o", "ns", "--sampler", "tpe", *small]
    process = subprocess.Popen([*PROGRAM, *words, "--results", tmp_path / "killed"], stderr=subprocess.DEVNULL)
    while not list((tmp_path / "killed").glob("tune/ring/*/[0-9]*/record.json")) and process.poll() is None:
        time.sleep(0.02)
    process.kill()
    process.wait()
    kept = {record.key: record.environment for record in records_of(tmp_path / "killed" / TRIALS)}
    assert kept
    for name in ("killed", "whole"):
        code, _, err = typed(*words, "--results", tmp_path / name)
        assert code == 0, err
    killed, whole = (
        {record.key: record.scores for part in (name, f"{name}/{TRIALS}") for record in records_of(tmp_path / part)}
        for name in ("killed", "whole")
    )
    assert killed == whole
    assert kept.keys() <= killed.keys()


@pytest.mark.full
@pytest.mark.xdist_group("ray")
@pytest.mark.timeout(600)
def test_ray_workers_make_the_same_trials(tmp_path):
    """A worker plans its wave again, and the last runs too; by Ray or in this process, the search is the same."""
    pytest.importorskip("ray", reason="Ray is an extra: pip install ray")
    words = ["tune", "-o", "wgan-gp", "--sampler", "tpe", "--trials", "10", "--iterations", "12", "--seeds", "1"]
    for executor in ("serial", "ray"):
        code, _, err = typed(*words, "--executor", executor, "--results", tmp_path / executor)
        assert code == 0, err
    serial, by_ray = (
        {record.key: record.scores for part in (name, f"{name}/{TRIALS}") for record in records_of(tmp_path / part)}
        for name in ("serial", "ray")
    )
    assert serial == by_ray


def test_python_finds_what_the_command_found(tuned):
    """The same arguments, the same findings, and nothing is run again."""
    root, _, content = tuned
    before = {path: path.stat().st_mtime_ns for path in root.rglob("record.json")}
    result = api.tune(list(OBJECTIVES), trials=TRIALS_EACH, iterations=ITERATIONS, seeds=SEEDS, results=root)
    assert [json.loads(json.dumps(finding.plain())) for finding in result.findings] == content["findings"]
    assert {record.track for record in result.records if record.kind == "objective"} == {"tuned"}
    assert {path: path.stat().st_mtime_ns for path in root.rglob("record.json")} == before
    with pytest.raises(UserError, match="at least"):
        api.tune(["ns"], trials=0, results=root)


HALF_FAILS = """
from dataclasses import dataclass
import torch
from objectives import NonSaturating
from objectives.search import Searched, Span

@dataclass(frozen=True)
class Fragile(NonSaturating):
    searched = {"tau": Searched(Span(0.0, 1.0), Span(0.4, 0.6), "mine")}
    tau: float = 0.1

    def critic_loss(self, critic, real, fake, game):
        broken = torch.where(torch.as_tensor(self.tau) > 0.5, float("nan"), 1.0)
        return broken * super().critic_loss(critic, real, fake, game)
"""


def test_failed_trials_are_the_worst_and_counted(tmp_path):
    """An objective that fails in half of its space: every trial is recorded, and no failed one is chosen."""
    (tmp_path / "fragile.py").write_text(HALF_FAILS)
    request = Request(problems=["ring"], objectives=[f"{tmp_path / 'fragile.py'}:Fragile"], seeds=[0], iterations=8)
    asked = Tuning(request, trials=12, sampler="tpe", selection_seeds=1)
    (finding,) = tune(asked, tmp_path / "runs", cache_directory(), Stopped()).findings
    assert len(finding.trials) == 12
    broken = [trial for trial in finding.trials if float(trial.overrides.get("Fragile.tau", 0.1)) > 0.5]
    assert broken
    assert [trial for trial in finding.trials if trial.failed] == broken
    assert finding.sensitivity.failed.count == len(broken)
    assert finding.best not in broken
    assert finding.sensitivity.correlations["Fragile.tau"] < 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-o", "nss"), "Did you mean"),
        (("-o", "ns", "-p", "rings"), "Did you mean 'ring'"),
        (("-o", "ns", "--metric", "hq_4std"), "Did you mean 'hq_3std'"),
        (("-o", "ns", "--seeds", "1000000:1000002"), "1000000"),
        (("-o", "ns", "--trial-budget", "5", "--iterations", "5"), "either iterations or a trial budget"),
        (("-o", "ns", "--budget", "5", "--iterations", "5"), "either a budget or a number of iterations"),
        (("-o", "ns", "--trial-budget", "some"), "'some'"),
        (("-o", ""), "must not be empty"),
    ],
)
def test_mistakes_are_one_sentence(words, said, tmp_path):
    """Errors come before anything is trained or written."""
    code, out, err = typed("tune", *words, "--results", tmp_path / "runs")
    assert is_one_sentence(code, out, err)
    assert said in err
    assert not (tmp_path / "runs").exists()


def test_without_optuna_one_sentence_says_what_to_install(monkeypatch, tmp_path):
    """The package is named, with exit code 2."""
    monkeypatch.setitem(sys.modules, "optuna", None)
    code, out, err = typed("tune", "-o", "ns", "--results", tmp_path / "runs")
    assert is_one_sentence(code, out, err)
    assert "pip install optuna" in err
