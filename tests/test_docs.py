"""The documentation is true: its commands run, its Python runs, what cannot run here at least names what exists."""

from __future__ import annotations

import doctest
import re
import shlex
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
import typer

from benchmark import api
from benchmark.cli.app import app, main
from tests.prose import DOCS, ROOT, blocks_of

PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md") if "generated" not in path.parts)
SHORT = {
    "run": ["--iterations", "5", "--seeds", "2"],
    "tune": ["--trials", "2", "--iterations", "5", "--seeds", "2"],
    "follow": ["--budget", "60", "--points", "3", "--seeds", "1"],
}
RUNNING = ("sh", "python", "pycon", "toml")
SHOWN = ("console", "bash", "text")  # needs a GPU, a cluster, a network, or minutes
FILE = re.compile(r"# (\S+\.(?:py|toml))\n")
SOME_FAILED = 3  # five iterations are too few for some objectives


@pytest.fixture
def reader(tmp_path, monkeypatch, capsys):
    """Return somebody who does what a page says, block by block, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)  # a notebook imports what lies beside it
    monkeypatch.delitem(sys.modules, "mine", raising=False)
    whole = api.run
    monkeypatch.setattr(api, "run", lambda *names, **options: whole(*names, **(options | {"iterations": 5})))
    names: dict[str, object] = {}

    def does(language: str, block: str) -> None:
        named = FILE.match(block)
        if named:
            Path(named[1]).write_text(block)
        elif language == "python":
            exec(compile(block, "a block of the page", "exec"), names)
        elif language == "toml":
            tomllib.loads(block)
        elif language == "pycon":
            _doctest(block)
        else:
            _type_in(block, monkeypatch, capsys)

    return does


def _doctest(block: str) -> None:
    test = doctest.DocTestParser().get_doctest(block, {}, "a block of the page", None, None)
    told: list[str] = []
    assert not doctest.DocTestRunner(verbose=False).run(test, out=told.append).failed, "".join(told)


def _type_in(block, monkeypatch, capsys) -> None:
    for line in filter(None, block.splitlines()):
        words = shlex.split(line, comments=True)
        assert words[0] == "gan-bench", line
        monkeypatch.setattr(sys, "argv", [*words, *SHORT.get(words[1], [])])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        assert left.value.code in (None, 0, SOME_FAILED), f"{line}: {err}"
        assert out.strip(), line


def _runs(page: str) -> list[tuple[str, str]]:
    return [(language, block) for language, block in blocks_of(DOCS / page) if language in RUNNING]


@pytest.mark.parametrize("page", [page for page in PAGES if _runs(page)])
def test_a_page_can_be_followed(page, reader):
    """All that a page says to type works, in its order, starting from an empty folder."""
    if page == "how-to/tune.md" and find_spec("optuna") is None:
        pytest.skip("needs optuna: the extra `tune`")
    for language, block in _runs(page):
        reader(language, block)


def test_a_training_loop_is_short():
    """The example of a DCGAN with losses of ours is at most 30 lines."""
    _, block = blocks_of(DOCS / "how-to" / "own-training-loop.md")[0]
    assert len([line for line in block.splitlines() if line.strip()]) <= 30


@pytest.mark.parametrize("page", PAGES)
def test_no_block_escapes(page):
    """A block either runs here, is one that is only shown, or is a directive."""
    for language, _ in blocks_of(DOCS / page):
        assert language in (*RUNNING, *SHOWN) or language.startswith("{"), language


def test_commands_that_are_only_shown_exist():
    """Their options are those of the program."""
    program = typer.main.get_command(app)
    commands = program.commands
    shown = [block for page in PAGES for language, block in blocks_of(DOCS / page) if language in ("console", "bash")]
    lines = [line for block in shown for line in block.splitlines() if "gan-bench " in line and "pip " not in line]
    assert len(lines) >= 8
    for line in lines:
        words = shlex.split(line.partition("gan-bench ")[2], comments=True)
        command = program if words[0].startswith("-") else commands[words[0]]
        if words[0] == "data":
            command = command.commands[words[1]]
        known = {option for one in command.params for option in (*one.opts, *one.secondary_opts)}
        assert {word for word in words if word.startswith("-")} <= known, line


def test_the_citation_is_of_this_version():
    """CITATION.cff has the version and the licence of the project."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = (ROOT / "CITATION.cff").read_text().splitlines()
    for line in (
        "cff-version: 1.2.0",
        f"title: {project['name']}",
        f"version: {project['version']}",
        f"license: {project['license']}",
    ):
        assert line in lines


@pytest.mark.parametrize("page", PAGES)
def test_extras_are_installed_from_a_checkout(page):
    """The project is on no index, so its name alone finds nothing there."""
    assert not re.search(r"pip install [\"']?gan-bench\b", (DOCS / page).read_text())
