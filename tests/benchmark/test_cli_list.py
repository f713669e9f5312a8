"""`gan-bench list` from end to end."""

from __future__ import annotations

import json
import os
import shutil

import pytest
import typer

from benchmark.cli.app import app
from benchmark.networks import NETWORKS
from benchmark.problems import ALL_PROBLEMS
from benchmark.reproduce.target import target_names
from benchmark.runner.suite import suite_names
from benchmark.runner.trackers import TRACKERS
from evaluators import EVALUATORS
from objectives import AS_SHIPPED, OBJECTIVES, WRAPPERS
from tests.benchmark.cli_builders import HOSTILE, is_one_sentence, type_in

__all__ = ["type_in"]

SECTIONS = {
    "objectives": OBJECTIVES,
    "problems": ALL_PROBLEMS,
    "networks": NETWORKS,
    "evaluators": EVALUATORS,
    "wrappers": WRAPPERS,
    "as-shipped": AS_SHIPPED,
    "suites": suite_names(),
    "targets": target_names(),
    "trackers": TRACKERS,
}


def test_objectives_are_listed_with_authors_year_and_arxiv(type_in):
    """Each objective has one line with what it is, who wrote it, when, and where."""
    code, out, err = type_in("list", "objectives")
    assert (code, err) == (0, "")
    lines = {line.split()[0]: line.split() for line in out.splitlines()[2:]}
    assert set(lines) == set(OBJECTIVES)
    assert lines["hinge"] == ["hinge", "Hinge", "loss", "Lim", "&", "Ye", "2017", "1705.02894", "game"]
    assert all(2014 <= int(line[-3]) <= 2026 for name, line in lines.items() if not name.startswith("fgan-"))
    assert lines["wgan-gp"][-1] == "wasserstein+gp"
    assert lines["fgan-js"][-2:] == ["=", "minimax"]
    assert lines["drifting"][-1] == "control"


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_names_all_there_is(type_in, section):
    """One line per entry, and the count in the heading."""
    _, out, _ = type_in("list", section)
    heading, _, *lines = out.splitlines()
    assert heading.partition(":")[0] == f"{section} ({len(SECTIONS[section])})"
    assert [line.split()[0] for line in lines] == list(SECTIONS[section])


def test_without_a_section_all_are_listed(type_in):
    """The whole list has the sections in order."""
    _, out, _ = type_in("list")
    assert [line.split(" (")[0] for line in out.splitlines() if line and line[0] != " "] == list(SECTIONS)


@pytest.mark.parametrize("columns", [20, 60, 80, 120])
def test_on_a_terminal_lines_fit(type_in, monkeypatch, columns):
    """Long text wraps where it stands, and in a narrow terminal below the name; no word is lost."""
    _, piped, _ = type_in("list", "objectives")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setattr(shutil, "get_terminal_size", lambda fallback=None: os.terminal_size((columns, 24)))
    _, out, _ = type_in("list", "objectives")
    longest = max(map(len, " ".join(piped.split()).split(" ")))
    assert max(map(len, out.splitlines())) <= max(columns, 4 + max(24, longest))
    assert sorted(out.replace(",", "").split()) == sorted(piped.replace(",", "").split())
    assert "\x1b" not in out


def test_json_holds_the_same(type_in, tmp_path):
    """The file has every entry by section."""
    type_in("list", "--json", tmp_path / "list.json")
    found = json.loads((tmp_path / "list.json").read_text())
    assert found["command"] == "list"
    assert [row["name"] for row in found["objectives"]] == list(OBJECTIVES)
    assert found["as_shipped"][0]["breaks"] == "state"


@pytest.mark.parametrize("name", ["objectivs", *HOSTILE])
def test_an_unknown_section_is_one_sentence(type_in, tmp_path, name):
    """A wrong word is answered with the known ones, and nothing is written."""
    assert is_one_sentence(*type_in("list", name, "--json", tmp_path / "list.json"))
    assert not list(tmp_path.iterdir())


def test_an_unwritable_json_is_one_sentence(type_in, tmp_path):
    """A file in the place of a directory is the user's mistake."""
    (tmp_path / "file").write_text("")
    assert is_one_sentence(*type_in("list", "--json", tmp_path / "file" / "list.json"))
    assert is_one_sentence(*type_in("list", "--json", "x" * 5000))


def test_help_tells_each_command_whole(type_in, monkeypatch):
    """On a screen of 80 columns no command's line is cut."""
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = type_in("--help")
    assert code == 0
    lines = out[out.index("Commands:") :].splitlines()[1:]
    assert len(lines) == len(typer.main.get_command(app).commands)
    assert all(line.endswith(".") and "..." not in line for line in lines)
