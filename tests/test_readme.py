"""The README is true: its commands run, its objective trains, its table is what the program prints."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from benchmark.cli.app import main

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
COMMANDS = [
    line.partition("#")[0].strip()
    for language, block in BLOCKS
    if language == "sh"
    for line in block.splitlines()
    if line.startswith("gan-bench")
]
(OBJECTIVE,) = (block for language, block in BLOCKS if language == "python" and "MyLoss" in block)


@pytest.fixture
def type_in(tmp_path, monkeypatch, capsys):
    """Return a function that types a command in a folder with the README's objective, and returns what it did."""
    (tmp_path / "mine.py").write_text(OBJECTIVE)
    shutil.copytree(ROOT / "results" / "standard", tmp_path / "results" / "standard")
    monkeypatch.chdir(tmp_path)

    def typed(command: str):
        words = shlex.split(command)
        if words[1] in ("run", "tune"):
            words += ["--iterations", "5", "--seeds", "2"]
        monkeypatch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as left:
            main()
        return left.value.code, *capsys.readouterr()

    return typed


def test_every_command_runs(type_in):
    """The commands as written and in their order, with fewer iterations and seeds, exit with 0 and print something."""
    assert len(COMMANDS) > 10
    for command in COMMANDS:
        code, out, err = type_in(command)
        assert not code, f"{command}: {err}"
        assert out.strip(), command


def test_the_set_up_is_two_commands():
    """`make run` and `make test` exist."""
    makefile = (Path(__file__).resolve().parents[1] / "Makefile").read_text()
    for target in ("run", "test"):
        assert f"make {target}" in README
        assert f"\n{target}:" in makefile


def test_nothing_is_left_to_fill_in():
    """No place is left open."""
    assert "TABLE" not in README
    assert "SPEED" not in README


def test_the_overall_table_is_the_published_one():
    """Every row of the first table stands so in the published leaderboard, in the same order."""
    published = (ROOT / "results" / "standard" / "leaderboard.md").read_text().splitlines()
    start = published.index("### Overall · shared track")
    table = [line for line in README.partition("## Two commands")[0].splitlines() if line.count("|") == 8]
    places = [published.index(line, start) for line in table if "---" not in line]
    assert len(places) > 10
    assert places == sorted(places)
