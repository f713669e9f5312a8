"""`gan-bench compare` from end to end, on records made by hand."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.benchmark.cli_builders import HOSTILE, is_one_sentence, store, stored, type_in

__all__ = ["type_in"]


@pytest.fixture
def root(tmp_path):
    """Return a directory of records."""
    return stored(tmp_path / "runs")


def test_a_verdict_in_words_with_its_numbers(type_in, root):
    """The better row is called better, with the difference of the means and both failure rates."""
    code, out, err = type_in("compare", "good", "ns", "--results", root)
    assert (code, err) == (0, "")
    assert "good is better than ns" in out
    assert "paired difference: 0.3017" in out  # 4.84 / 6 - 3.03 / 6
    assert "ns failed 0 of 6 runs" in out
    assert "ns is worse than good" in type_in("compare", "ns", "good", "--results", root)[1]


def test_curves_stand_side_by_side(type_in, root):
    """Medians of the compared metric over the iterations, a column for each row."""
    _, out, _ = type_in("compare", "good", "ns", "--results", root)
    heading, *lines = out[out.index("iteration") :].splitlines()
    assert heading.split() == ["iteration", "good", "ns"]
    assert len(lines) == 10
    assert lines[-1].split()[:2] == ["100", "0.8050"]
    assert "iteration" not in type_in("compare", "good", "ns", "--no-curves", "--results", root)[1]


def test_losses_are_shown_where_the_metric_was_not_watched(type_in, root):
    """A metric that was measured at the end alone has no curve."""
    _, out, _ = type_in("compare", "good", "ns", "--metric", "reverse_kl", "--results", root)
    assert "reverse_kl: good is better" in out
    assert "critic_loss: median" in out
    assert "generator_loss: 0.5000 in every run at every iteration" in out


def test_several_rows_are_corrected_together(type_in, root, tmp_path):
    """The first row is held against each other one, and p grows with their number."""
    store(root, "alike", [0.51, 0.50, 0.49, 0.50, 0.52, 0.48])
    type_in("compare", "good", "ns", "--results", root, "--json", tmp_path / "one.json")
    _, out, _ = type_in("compare", "good", "ns", "alike", "--results", root, "--json", tmp_path / "two.json")
    assert "good is better than ns" in out
    assert "good is better than alike" in out
    assert out.count("iteration ") == 1
    one, two = (
        json.loads((tmp_path / name).read_text())["comparisons"][0]["p_corrected"] for name in ("one.json", "two.json")
    )
    assert two > one


def test_one_problem_alone(type_in, root):
    """`--problem` leaves the others out."""
    store(root, "ns", [0.5, 0.6, 0.7], problem="grid")
    store(root, "good", [0.5, 0.6, 0.7], problem="grid")
    assert type_in("compare", "good", "ns", "--results", root, "--no-curves")[1].count("good failed") == 2
    _, out, _ = type_in("compare", "good", "ns", "--problem", "grid", "--results", root)
    assert "ring" not in out
    assert "not enough seeds" in out


@pytest.mark.parametrize(
    "words",
    [("good",), ("good", "nss"), ("good", "good"), ("good", "ns", "--metric", "fid"), ("good", "ns", "-p", "rong")]
    + [("good", name) for name in HOSTILE]
    + [("good", "ns", "--metric", name) for name in HOSTILE],
)
def test_mistakes_are_one_sentence(type_in, root, tmp_path, words):
    """Nothing wrong gives a traceback, and nothing is written."""
    assert is_one_sentence(*type_in("compare", *words, "--results", root, "--json", tmp_path / "a.json"))
    assert not (tmp_path / "a.json").exists()


def test_the_nearest_row_is_offered(type_in, root):
    """An unknown row is answered with the nearest and the known ones."""
    _, _, err = type_in("compare", "goood", "ns", "--results", root)
    assert "Did you mean 'good'? Known: good, ns, oracle." in err


@pytest.mark.parametrize("typed", ["hinge", "Hinge", "rsgan+r1+r2"])
def test_a_game_without_records_is_not_called_unknown(type_in, root, typed):
    """What exists but did not run here is told apart from a slip, with the directory and what is there."""
    label = {"rsgan+r1+r2": "r3gan"}.get(typed, "hinge")
    for words in (("compare", "ns", typed), ("leaderboard", "--baseline", typed), ("report", "--baseline", typed)):
        code, out, err = type_in(*words, "--results", root)
        assert is_one_sentence(code, out, err)
        assert f"There is no record of '{label}' in {str(root)!r}. On record: good, ns, oracle." in err
        assert "Unknown" not in err


@pytest.mark.parametrize("spelt", ["rsgan+r1+r2", "rsgan+r2+r1", "R3GAN"])
def test_a_row_is_found_by_any_spelling_of_its_game(type_in, root, spelt):
    """What the table calls r3gan may be written as the parts that it is made of."""
    store(root, "r3gan", [0.7, 0.72, 0.69, 0.71])
    assert "r3gan is better than ns" in type_in("compare", spelt, "ns", "--results", root)[1]
    assert "against r3gan" in type_in("leaderboard", "--baseline", spelt, "--results", root)[1]


def test_changed_training_settings_stay_behind_the_spelling(type_in, root):
    """A label's part after the @ is no part of the game."""
    store(root, "r3gan @batch=64", [0.7, 0.72, 0.69, 0.71])
    assert "r3gan @batch=64 is better" in type_in("compare", "rsgan+r1+r2 @batch=64", "ns", "--results", root)[1]
    assert is_one_sentence(*type_in("compare", "rsgan+r1+r2", "ns", "--results", root))


def test_no_records_are_one_sentence(type_in, tmp_path):
    """An empty directory says how to fill it."""
    code, out, err = type_in("compare", "a", "b", "--results", tmp_path)
    assert is_one_sentence(code, out, err)
    assert "gan-bench run" in err


@pytest.mark.parametrize("command", [("compare", "good", "ns"), ("leaderboard",)])
def test_records_are_read_without_torch(root, command):
    """Neither command imports torch, pandas or scikit-learn."""
    code = (
        f"import sys; sys.argv = ['gan-bench', *{command!r}, '--results', {str(root)!r}]\n"
        "from benchmark.cli import main\n"
        "try: main()\n"
        "except SystemExit as left: assert not left.code\n"
        "assert not {'torch', 'pandas', 'sklearn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, capture_output=True)
