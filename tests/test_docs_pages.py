"""The pages that the program writes of itself: nothing is left out, nothing in a text is read as markup."""

from __future__ import annotations

import dataclasses
import re

import pytest
import typer
from command_page import commands_page
from docstrings import as_rst
from markup import escaped, is_formula, linked, paragraphs, prose, table
from metric_page import CONTROLS, _row
from objective_pages import laws_table, objective_page, objectives_table, picture_of, wrappers_page
from problem_pages import problem_page, problems_table
from python_page import evaluators_rst
from results_page import results_page
from screenshots import lacking
from shipped_page import SUITE, shipped_page
from suite_page import suites_table, targets_page
from training_page import CHOICES, training_part

import evaluators
from benchmark import api
from benchmark.cli.app import app
from benchmark.problems import ALL_PROBLEMS, Training
from benchmark.reproduce.target import target_names
from benchmark.runner.suite import suite_names
from objectives import AS_SHIPPED, OBJECTIVES, WRAPPERS
from objectives.describe import equation_of
from objectives.laws import LAWS


def test_every_letter_of_a_text_is_shown():
    """Signs of Markdown are escaped, code stays code, arXiv numbers become links."""
    assert escaped("a_b *c* [d](e) <f> |g|") == r"a\_b \*c\* \[d\](e) \<f\> \|g\|"
    assert linked("`a_b` of x_y (arXiv:1701.00160).") == (
        r"`a_b` of x\_y ([arXiv:1701.00160](https://arxiv.org/abs/1701.00160))."
    )
    assert table(("a",), [("two\nlines",)]).splitlines() == ["| a |", "| --- |", "| two lines |"]


def test_equations_stay_as_they_were_typed():
    """Columns held apart and lines without a stop are equations; sentences and lists are not."""
    text = "critic     E D(x)\ngenerator  -E D(G(z))\n\nA sentence about x_y.\n\nThree ways:\n- one;\n- two."
    assert [is_formula(part) for part in paragraphs(text)] == [True, False, False]
    assert prose(text) == (
        "```text\ncritic     E D(x)\ngenerator  -E D(G(z))\n```\n\n"
        "A sentence about x\\_y.\n\nThree ways:\n\n- one;\n- two.\n"
    )
    assert as_rst("Give |x|.\n\nx = 1,  y = 2\n\nArgs:\n    x: A *star*.") == (
        "Give \\|x\\|.\n\n::\n\n    x = 1,  y = 2\n\nArgs:\n    x: A \\*star\\*.\n"
    )


@pytest.mark.parametrize("name", OBJECTIVES)
def test_an_objectives_page_holds_its_docstring(name):
    """Every line of its equation, and every setting."""
    page = objective_page(name, None)
    for part in paragraphs(equation_of(OBJECTIVES[name])):
        assert not is_formula(part) or part in page


def test_curves_are_drawn_where_there_are_scores():
    """The picture is a PNG, and its name changes with what it shows."""
    picture = picture_of("ns")
    assert picture is not None
    assert picture.draw().startswith(b"\x89PNG")
    assert picture.name in objective_page("ns", picture)
    assert picture_of("mmd") is None


def test_nothing_is_left_out():
    """Objectives, wrappers, laws, problems, suites, targets, commands with all their options, public functions."""
    whole = objectives_table() + wrappers_page() + laws_table() + problems_table() + suites_table() + targets_page()
    for name in (*OBJECTIVES, *LAWS, *ALL_PROBLEMS, *suite_names(), *target_names()):
        assert f"[{name}]" in whole or f"`{name}`" in whole or f"## {name}" in whole, name
    for name in WRAPPERS:
        assert f"## +{name}\n" in whole
    page = commands_page()
    for name, command in typer.main.get_command(app).commands.items():
        assert f"## {name}" in page
        for one in getattr(command, "params", []):
            assert all(option in page for option in one.opts if option.startswith("--")), one.opts
    assert all(f"evaluators.{name}\n" in evaluators_rst() for name in ("Truth", "frechet_distance", "wasserstein"))


def test_every_choice_of_training_is_told():
    """Each setting, and each name that a setting takes."""
    page = training_part()
    for field in dataclasses.fields(Training):
        assert f"| `{field.name}` |" in page
    headings = re.findall(r"^### (.*)$", page, re.MULTILINE)
    names = {name for heading in headings for name in heading.split(", ")}
    assert names == {name for _, known in CHOICES.values() for name in known}


def test_without_a_browser_it_is_said_what_is_lacking(monkeypatch):
    """Pictures are taken only where there is Chromium."""
    monkeypatch.setenv("PATH", "")
    assert lacking() == "Chromium"


def test_a_metric_without_a_number_says_so():
    """A control that gave no score is absent; a metric that was not measured has a dash."""
    metric = evaluators.METRICS["fd"]
    assert _row("fd", metric, None)[3:] == ("–",) * len(CONTROLS)


def test_a_problem_of_files_has_a_page_without_its_files():
    """What a problem says of itself needs no data."""
    page = problem_page("cifar10")
    assert page.startswith("# cifar10\n")
    assert "What the controls score" not in page


def test_deviations_carry_their_cost_where_it_was_measured(tmp_path):
    """With runs on record a version stands beside the game whose name it bears, with a verdict; without, no number."""
    empty = shipped_page(tmp_path / "nowhere")
    assert SUITE in empty
    assert "finished" not in empty
    api.run(
        ["ns", "ns+r1", "as-shipped/mimicry-ns", "as-shipped/gan-stability-r1"],
        problems=["ring"],
        seeds=2,
        iterations=5,
        pictures=False,
        results=tmp_path,
    )
    page = shipped_page(tmp_path)
    for name in ("as-shipped/mimicry-ns", "as-shipped/gan-stability-r1"):
        section = page.partition(f"## {name.removeprefix('as-shipped/')}\n")[2].partition("\n## ")[0]
        assert f"| `{name}` | 2/2 |" in section
        assert f"| `{AS_SHIPPED[name].instead_of}` | 2/2 |" in section
        assert "By `modes_quarter` on `ring`:" in section


def test_what_is_published_is_shown(tmp_path):
    """The README first, then every other file; pictures are found from docs/, links to files are text."""
    root = tmp_path / "results"
    (root / "standard" / "runs").mkdir(parents=True)
    (root / "README.md").write_text("# Results\n\nSee [the table](standard/board.md) and [a paper](https://a.b).\n")
    (root / "standard" / "board.md").write_text("## Board\n\n![curve](curve.png)\n\n| a |\n| --- |\n| 1 |\n")
    (root / "standard" / "runs" / "hidden.md").write_text("hidden")
    assert results_page(root) == (
        "See the table and [a paper](https://a.b).\n\n## `standard/board.md`\n\n"
        "### Board\n\n![curve](../results/standard/curve.png)\n\n| a |\n| --- |\n| 1 |\n"
    )
