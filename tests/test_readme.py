"""The README is true: its commands run, its objective trains, its table is what the program prints."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest
from first_screen import FIGURE, PUBLISHED, readme_part, shown

from benchmark.cli.app import main
from benchmark.figures import heat_maps
from benchmark.figures.heat_map import draw_heat_map
from benchmark.figures.style import THEMES, encode

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


def test_the_first_screen_is_what_the_published_records_say():
    """The answers to a practitioner's questions are those that the program draws from the records today."""
    assert readme_part() in README, "write it anew: python docs/_ext/first_screen.py"
    assert README.index(readme_part()) < 400


def test_the_seconds_are_those_of_the_measured_costs():
    """Milliseconds times 20,000 evaluations, for the baseline on every problem; every objective has them."""
    built, _ = shown()
    assert all(table.costs for table in built)
    (answer,) = [line for line in README.splitlines() if line.startswith("- **What does it cost?**")]
    problems = json.loads((PUBLISHED / "cost.json").read_text())["problems"]
    assert len(problems) == 3
    for problem, facts in problems.items():
        assert f"{20 * facts['rows']['ns']['milliseconds']:.3g} s on {problem}" in answer


def test_the_readme_is_short():
    """What takes more lines than this belongs into docs/."""
    assert len(README.splitlines()) <= 120


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_the_figure_is_what_the_published_records_say(theme):
    """Every word and number of the figure, in the order in which they are drawn, is that of one drawn today."""

    def texts(svg: str) -> list[str]:
        return re.findall(r"<text[^>]*>([^<]*)</text>", svg)

    built, ranking = shown()
    (found,) = heat_maps(built, [ranking])
    drawn = encode(draw_heat_map(found, theme), "svg", "")
    published = (PUBLISHED / f"{FIGURE}{theme.suffix}.svg").read_text()
    assert texts(published) == texts(drawn.decode()), "draw it anew: gan-bench publish results/standard"
    assert len(texts(published)) > 60
