"""`gan-bench leaderboard` from end to end, on records made by hand."""

from __future__ import annotations

import csv
import gc
import io
import json
import re

import pytest

from benchmark.leaderboard import RENDERINGS
from tests.benchmark.cli_builders import HOSTILE, is_one_sentence, store, stored, type_in

__all__ = ["type_in"]


@pytest.fixture
def root(tmp_path):
    """Return a directory of records."""
    return stored(tmp_path / "runs")


def test_the_table_is_ordered_with_controls(type_in, root):
    """The best row stands first, by the headline metric alone."""
    code, out, err = type_in("leaderboard", "--results", root)
    assert (code, err) == (0, "")
    assert out.index("\noracle (control)") < out.index("\ngood ") < out.index("\nns ")
    assert "reverse_kl" not in out
    assert "\x1b" not in out


@pytest.mark.parametrize("form", RENDERINGS)
def test_every_format_has_every_row(type_in, root, form):
    """Terminal text, Markdown, CSV, LaTeX and JSON hold the same rows."""
    code, out, _ = type_in("leaderboard", "--format", form, "--results", root)
    assert code == 0
    assert all(row in out for row in ("good", "ns", "oracle"))
    if form == "csv":
        assert {line["row"] for line in csv.DictReader(io.StringIO(out))} >= {"good", "ns", "oracle"}
    if form == "json":
        assert json.loads(out)["tables"][0]["rows"][0]["label"] == "oracle"


def test_the_order_over_all_tables_follows_them(type_in, root):
    """Terminal and Markdown end with the objectives' places and who has none; JSON holds them; CSV and LaTeX do not."""
    store(root, "ns", [0.5, 0.4], problem="grid")
    store(root, "good", [0.7, 0.6], problem="grid")
    store(root, "late", [0.9])
    _, out, _ = type_in("leaderboard", "--results", root)
    overall = out[out.index("Overall · shared track") :]
    assert re.findall(r"^(good|ns|late|oracle) +(\d)", overall, re.MULTILINE) == [("good", "1"), ("ns", "2")]
    assert "late (no run with hq_3std in grid · shared track and in 1 more)" in " ".join(overall.split())
    _, out, _ = type_in("leaderboard", "--format", "md", "--results", root)
    assert out.index("### ring") < out.index("### Overall · shared track") < out.index("| good | 1 | 1 to 1 | 0.75 |")
    (order,) = json.loads(type_in("leaderboard", "--format", "json", "--results", root)[1])["rankings"]
    assert {label: rank["place"] for label, rank in order["ranks"].items()} == {"good": 1.0, "ns": 2.0}
    assert list(order["unranked"]) == ["late"]
    for form in ("csv", "latex"):
        assert "Overall" not in type_in("leaderboard", "--format", form, "--results", root)[1]


def test_metrics_can_be_chosen(type_in, root):
    """One metric, another, or all; what orders the rows is shown too."""
    assert "reverse_kl" in type_in("leaderboard", "--metric", "all", "--results", root)[1]
    _, out, _ = type_in("leaderboard", "--metric", "reverse_kl", "--results", root)
    assert "reverse_kl" in out
    assert "hq_3std" not in out
    _, out, _ = type_in("leaderboard", "--sort", "reverse_kl", "--results", root)
    assert "reverse_kl ↓" in out
    assert "hq_3std ↑" in out


def test_the_baseline_can_be_chosen(type_in, root):
    """Differences are against the row asked for."""
    assert "against ns" in type_in("leaderboard", "--results", root)[1]
    assert "against good" in type_in("leaderboard", "--baseline", "good", "--results", root)[1]


def test_one_problem_alone(type_in, root):
    """`--problem` leaves the others out."""
    store(root, "ns", [0.5], problem="grid")
    assert "grid" in type_in("leaderboard", "--results", root)[1]
    assert "grid" not in type_in("leaderboard", "--problem", "ring", "--results", root)[1]


@pytest.mark.parametrize(
    ("name", "form"), [("a.md", "md"), ("a.csv", "csv"), ("a.tex", "latex"), ("a.json", "json"), ("a.txt", "table")]
)
def test_a_stale_file_is_told(type_in, root, tmp_path, name, form):
    """What was just generated is current; a missing file, an edit or a new record makes it stale: exit code 4."""
    file = tmp_path / name
    check = ("leaderboard", "--results", root, "--check", file)
    assert type_in(*check)[0] == 4
    file.write_text(type_in("leaderboard", "--format", form, "--results", root)[1])
    assert type_in(*check) == (0, "", "")
    store(root, "new", [0.1, 0.2])
    code, out, err = type_in(*check)
    assert (code, out) == (4, "")
    assert err.count("\n") == 1
    assert "is stale: line" in err


def test_the_format_of_a_checked_file_can_be_told(type_in, root, tmp_path):
    """`--format` comes before the suffix."""
    (tmp_path / "table").write_text(type_in("leaderboard", "--format", "md", "--results", root)[1])
    assert type_in("leaderboard", "--format", "md", "--check", tmp_path / "table", "--results", root)[0] == 0


def test_json_holds_every_seed(type_in, root, tmp_path):
    """The file for machines has each value beside its seed."""
    type_in("leaderboard", "--results", root, "--json", tmp_path / "a.json")
    found = json.loads((tmp_path / "a.json").read_text())
    assert found["command"] == "leaderboard"
    rows = {row["label"]: row for row in found["tables"][0]["rows"]}
    assert rows["good"]["cells"][0]["values"]["3"] == 0.8


def test_bad_files_are_left_out_by_name(type_in, root):
    """A torn record is named on stderr, its name harmless, and the rest is shown."""
    bad = root / "ring" / "\x1b[31m" / "0-00000000000000000000"
    good = next((root / "ring" / "ns").iterdir())
    bad = bad.with_name("0-" + good.name.split("-")[1][::-1])
    bad.mkdir(parents=True)
    (bad / "record.json").write_text("{")
    code, out, err = type_in("leaderboard", "--results", root)
    assert code == 0
    assert "good" in out
    assert "skipped" in err
    assert "\x1b" not in err


@pytest.mark.parametrize(
    "words",
    [
        ("--problem", "rong"),
        ("--metric", "fid"),
        ("--sort", "fid"),
        ("--baseline", "nss"),
        ("--format", "pdf"),
        *(
            (option, name)
            for option in ("--problem", "--metric", "--sort", "--baseline", "--format")
            for name in HOSTILE
        ),
    ],
)
def test_mistakes_are_one_sentence(type_in, root, tmp_path, words):
    """Nothing wrong gives a traceback, and nothing is written."""
    assert is_one_sentence(*type_in("leaderboard", *words, "--results", root, "--json", tmp_path / "a.json"))
    assert not (tmp_path / "a.json").exists()


@pytest.mark.parametrize("results", ["x" * 5000, "\udcff", "nothing\x1b[31m"])
def test_a_hostile_directory_is_one_sentence(type_in, results):
    """A directory that cannot be is the user's mistake."""
    assert is_one_sentence(*type_in("leaderboard", "--results", results))


def test_a_check_of_what_is_no_text_is_one_sentence(type_in, root, tmp_path):
    """A directory cannot be stale."""
    assert is_one_sentence(*type_in("leaderboard", "--check", tmp_path, "--results", root))


def test_the_garbage_collector_is_left_as_it_was(type_in, root):
    """Who calls the command from Python keeps a collecting interpreter."""
    type_in("leaderboard", "--results", root)
    assert gc.isenabled()


@pytest.mark.parametrize("command", [("leaderboard",), ("compare", "good", "ns"), ("report",)])
def test_a_problem_without_records_is_not_called_unknown(type_in, root, tmp_path, command):
    """A problem that exists but has no run here is told apart from a slip, with the directory and what is there."""
    given = [*command, "--problem", "Grid", "--results", root]
    if command != ("report",):
        given += ["--with", stored(tmp_path / "more")]
    code, out, err = type_in(*given)
    assert is_one_sentence(code, out, err)
    assert "There is no record of 'grid' in " in err
    assert str(root) in err
    assert err.endswith("On record: ring.\n")
    assert "Did you mean 'ring'?" in type_in("leaderboard", "--problem", "rung", "--results", root)[2]
