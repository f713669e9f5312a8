"""Evaluators that a user adds to those of a problem."""

from __future__ import annotations

import pytest

from benchmark.problems import PROBLEMS
from benchmark.runner.paths import RESULTS
from benchmark.runner.suite import suite_of
from benchmark.store import read_all
from evaluators import EVALUATORS
from tests.benchmark.cli_builders import is_one_sentence, type_in

__all__ = ["type_in"]


@pytest.fixture(autouse=True)
def away(tmp_path, monkeypatch):
    """Records go to a directory of the test's own."""
    monkeypatch.chdir(tmp_path)


SMALL = ("run", "-o", "ns", "-p", "digits", "--seeds", "2", "--iterations", "5", "--no-pictures")


def test_added_evaluators_are_scored_and_shown(type_in, tmp_path):
    """Their metrics are in every record and in a separate table from runs without them."""
    code, out, _ = type_in(*SMALL, "--evaluator", "manifold", "--evaluator", "labels")
    assert code == 0
    records, _ = read_all(tmp_path / RESULTS)
    assert len(records) == 10
    expected = {f"{family}-digits" for name in ("manifold", "labels") for family in EVALUATORS[name].metrics}
    for record in records:
        assert expected <= record.scores.keys() | record.absent.keys()
        assert set(record.headline) == expected | set(PROBLEMS["digits"].judging.headline)
    assert "recall_k5-digits" in out
    type_in(*SMALL)
    _, out, _ = type_in("leaderboard")
    assert "This problem has other tables, which are not comparable with this one" in out
    assert len(read_all(tmp_path / RESULTS)[0]) == 2 * len(records)


def test_an_inapplicable_evaluator_gives_a_reason(type_in):
    """The ring has no classes: the metrics are absent with a reason, and nothing fails."""
    words = ["ring" if word == "digits" else word for word in SMALL]
    code, out, _ = type_in(*words, "--evaluator", "labels")
    assert code == 0
    assert "which this problem does not provide" in out


def test_adding_an_evaluator_of_the_problem_changes_nothing(type_in):
    """`--evaluator frechet` on digits, which has it, finds the run on record."""
    type_in(*SMALL)
    _, out, _ = type_in(*SMALL, "--evaluator", "frechet")
    assert "0 new runs" in out


def test_a_misspelt_evaluator_is_one_sentence_and_suites_have_evaluators(type_in, tmp_path):
    """The nearest name is suggested; a suite's file lists evaluators as the option does."""
    code, out, err = type_in(*SMALL, "--evaluator", "manifolt")
    assert is_one_sentence(code, out, err)
    assert "manifold" in err
    suite = tmp_path / "mine.toml"
    suite.write_text(
        'problems = ["digits"]\nobjectives = ["ns"]\nseeds = "1"\niterations = 5\nevaluators = ["manifold"]\n'
    )
    assert suite_of(str(suite)).evaluators == ("manifold",)
    code, out, _ = type_in("run", "--suite", suite, "--no-pictures")
    assert code == 0
    assert "recall_k5-digits" in out


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=lambda problem: problem.name)
def test_every_problem_takes_every_evaluator(problem):
    """All of them at once, each on as many samples as the problem's most demanding one, its own as they are."""
    judged = problem.judged_by(tuple(EVALUATORS))
    assert set(judged.judging.counts) == set(EVALUATORS)
    assert judged.judging.counts | problem.judging.evaluators == judged.judging.counts
    assert judged.name == problem.name
