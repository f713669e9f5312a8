"""The README is true: its commands run, its objective trains, its table is what the program prints."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

from benchmark.cli.app import main

README = (Path(__file__).resolve().parents[1] / "README.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
COMMANDS = [
    line.partition("#")[0].strip()
    for language, block in BLOCKS
    if language == "sh"
    for line in block.splitlines()
    if line.startswith("gan-bench")
]
(OBJECTIVE,) = (block for language, block in BLOCKS if language == "python" and "MyLoss" in block)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Give a folder with the README's objective, where the records of all commands gather."""
    path = tmp_path_factory.mktemp("readme")
    (path / "mine.py").write_text(OBJECTIVE)
    return path


@pytest.mark.xdist_group("readme")
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_runs(command, folder, monkeypatch, capsys):
    """Each command as written, with fewer iterations and seeds, exits with 0 and prints something."""
    monkeypatch.chdir(folder)
    words = shlex.split(command)
    if words[1] == "run":
        words += ["--iterations", "5", "--seeds", "2"]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as left:
        main()
    out, err = capsys.readouterr()
    assert not left.value.code, err
    assert out.strip()


def test_the_set_up_is_two_commands():
    """`make run` and `make test` exist."""
    makefile = (Path(__file__).resolve().parents[1] / "Makefile").read_text()
    for target in ("run", "test"):
        assert f"make {target}" in README
        assert f"\n{target}:" in makefile


def test_nothing_is_left_to_fill_in():
    """The tables hold numbers."""
    assert "TABLE" not in README
    assert "SPEED" not in README
    assert README.count("±") > 10
