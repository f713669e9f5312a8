"""Numbers of papers: read with care, shown beside ours in every form, and counted in nothing."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re

import pytest

from benchmark.errors import UserError
from benchmark.leaderboard import (
    RENDERINGS,
    Published,
    as_csv,
    latex,
    markdown,
    rankings,
    read_published,
    tables,
    terminal,
    with_published,
)
from benchmark.report import page
from benchmark.store import Kept
from tests.benchmark.cli_builders import HOSTILE, is_one_sentence, store, stored, type_in
from tests.benchmark.test_leaderboard import HAND_MADE

__all__ = ["type_in"]

FILE = """
[[published]]
problem = "ring"
row = "ns"
metric = "fd"
value = 225
error = 2
error_kind = "standard error over test points"
source = "Goodfellow et al., 2014, arXiv:1406.2661, table 1"
note = "sigma of one run"

[[published]]
problem = "ring"
row = "vae"
metric = "modes"
value = 0.00001
source = "a paper"
note = "another budget"
"""
NUMBERS = (
    Published(
        "ring",
        "ns",
        "fd",
        225.0,
        "Goodfellow et al., 2014, arXiv:1406.2661, table 1",
        "sigma of one run",
        2.0,
        "standard error over test points",
    ),
    Published("ring", "vae", "modes", 1e-5, "a paper", "another budget"),
)


@pytest.fixture
def file(tmp_path):
    """Write a good file."""
    path = tmp_path / "papers.toml"
    path.write_text(FILE)
    return path


def test_a_file_is_read_as_it_is_written(file):
    """Both numbers, whole numbers as floats, what may be left out absent."""
    assert read_published(file) == NUMBERS


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[published]\n", "is not TOML"),
        ("", "the entry 'published' is missing"),
        ("published = 3\n", "'published': Input should be a valid list, got '3'"),
        (FILE + "[other]\n", "there is no entry 'other'; there are published"),
        (FILE.replace('source = "a paper"\n', ""), "the entry 'published.1.source' is missing"),
        (FILE.replace('metric = "fd"', 'metrik = "fd"'), "no entry 'metrik' in published.0.*Did you mean 'metric'"),
        (FILE.replace('metric = "fd"', 'Metric = "fd"'), "no entry 'Metric' in published.0; there are problem, row"),
        (FILE.replace("225", '"225"'), "'published.0.value': Input should be a valid number, got '225'"),
        (FILE.replace("225", "nan"), "should be a finite number, got 'nan'"),
        (FILE.replace("225", "true"), "should be a valid number, got 'True'"),
        (FILE.replace("225", "9" * 400), "'published.0.value': "),
        (FILE.replace("error = 2", "error = -2"), "'published.0.error': .* greater than or equal to 0, got '-2'"),
        (FILE.replace("error = 2\n", ""), "both error and error_kind"),
        (FILE.replace('"a paper"', '" "'), "'published.1.source': .* at least 1 character"),
        (FILE.replace('"a paper"', "7"), "'published.1.source': Input should be a valid string, got '7'"),
        ("#" * 1_000_001, "larger than 1,000,000 bytes"),
        ("a = " + "[" * 100_000, "is not TOML"),
    ],
    ids=lambda text: text[-40:],
)
def test_a_wrong_file_is_one_sentence(tmp_path, text, said):
    """The block, the field and the value are named."""
    path = tmp_path / "papers.toml"
    path.write_text(text)
    with pytest.raises(UserError, match=said) as raised:
        read_published(path)
    assert str(raised.value).isprintable()


def test_they_rank_nothing_and_enter_no_mean():
    """All but the column is what it was: order, means, notes, emphasis, the order over all tables."""
    plain = tables(HAND_MADE)
    shown = with_published(plain, [dataclasses.replace(NUMBERS[0], value=-1e9)])
    assert [dataclasses.replace(table, published=()) for table in shown] == plain
    assert rankings(shown) == rankings(plain)
    assert len(markdown(shown).splitlines()) == len(markdown(plain).splitlines()) + 2  # two notes
    for before, after in zip(markdown(plain).splitlines()[2:10], markdown(shown).splitlines()[2:10], strict=True):
        assert after.startswith(before)


def test_the_column_is_marked_and_every_number_has_its_source():
    """Only the paper's row holds the number; the notes say what it is, from where, and which row was not run."""
    shown = with_published(tables(HAND_MADE), NUMBERS)
    lines = markdown(shown).splitlines()
    assert lines[2].endswith("| s / run | published, other protocol |")
    cells = {line.split(" | ")[0].strip("| "): line.split(" | ")[-1].strip("| ") for line in lines[4:10]}
    assert cells["ns"] == r"fd 225 ± 2 \[1\]"
    assert set(cells.values()) == {r"fd 225 ± 2 \[1\]", ""}
    notes = terminal(shown, width=2000)
    assert "come from other protocols; they are never ranked or averaged." in notes
    assert (
        "[1] ns, fd 225 ± 2 (standard error over test points): "
        "Goodfellow et al., 2014, arXiv:1406.2661, table 1; sigma of one run\n"
    ) in notes
    assert "[2] vae (not run here), modes 1e-05: a paper; another budget\n" in notes
    assert r"fd 225 $\pm$ 2 {[}1{]} \\" in latex(shown)


def test_other_problems_have_no_column():
    """A number belongs to its problem; without one nothing changes in any form."""
    plain = tables(HAND_MADE)
    shown = with_published(plain, [dataclasses.replace(NUMBERS[0], problem="grid")])
    assert all(write(shown) == write(plain) for write in RENDERINGS.values())


def test_csv_has_lines_and_columns_of_their_own():
    """The mean's columns are empty on a paper's line, and a paper's columns on ours."""
    lines = list(csv.DictReader(io.StringIO(as_csv(with_published(tables(HAND_MADE), NUMBERS)))))
    papers = [line for line in lines if line["published"]]
    assert [(line["row"], line["metric"], line["direction"], line["published"]) for line in papers] == [
        ("ns", "fd", "lower", "225.0"),
        ("vae", "modes", "higher", "1e-05"),
    ]
    assert (papers[0]["published_error"], papers[0]["published_error_kind"]) == ("2.0", NUMBERS[0].error_kind)
    assert (papers[1]["published_error"], papers[1]["published_source"]) == ("", "a paper")
    assert {line[name] for line in papers for name in ("mean", "low", "n", "runs", "control")} == {""}
    assert len(lines) - len(papers) == 12
    assert "published" not in as_csv(tables(HAND_MADE)).splitlines()[0]


@pytest.mark.parametrize(
    "name", ["a|b", "<script>alert(1)</script>", "=1+1", *(text for text in HOSTILE if text.strip())]
)
def test_foreign_text_stays_text(name, tmp_path):
    """A hostile source, note, metric or kind breaks no form, and no page."""
    hostile = [Published("ring", "ns", name, 1.0, name, name, 1.0, name)]
    shown = with_published(tables(HAND_MADE), hostile)
    for write in RENDERINGS.values():
        write(shown).encode("utf-8", "strict") if "\udcff" not in name else write(shown)
    assert "\x1b" not in terminal(shown) + markdown(shown) + latex(shown)
    assert "<script" not in markdown(shown)
    heads = [len(re.findall(r"(?<!\\)\|", line)) for line in markdown(shown).splitlines() if line.startswith("|")]
    assert len(set(heads[:8])) == 1
    first = next(line for line in csv.DictReader(io.StringIO(as_csv(shown), newline="")) if line["published"])
    assert not first["published_source"].startswith("=")
    written = page(HAND_MADE, Kept(tmp_path), published=hostile)
    assert written.count("<script") == 2


def test_the_report_shows_them_in_a_column(tmp_path):
    """The page has the marked heading, the number in its row, and the notes below."""
    written = page(HAND_MADE, Kept(tmp_path), published=NUMBERS)
    assert '<span class="by">published, other protocol</span>' in written
    (row,) = re.findall(r'<tr data-row="ns".*?</tr>', written, re.DOTALL)
    assert row.count("<td>fd 225 ± 2 [1]</td>") == 1
    assert "Goodfellow et al., 2014" in written
    assert "Published" not in page(HAND_MADE, Kept(tmp_path))


def test_the_commands_show_them_on_request(type_in, file, tmp_path):
    """Only with the option; problems without a record are named on standard error."""
    root = stored(tmp_path / "runs")
    words = ("leaderboard", "--results", root)
    assert "published" not in type_in(*words)[1]
    code, out, err = type_in(*words, "--published", file)
    assert (code, err) == (0, "")
    assert "published, other protocol" in out
    found = json.loads(type_in(*words, "--published", file, "--format", "json")[1])["tables"][0]["published"]
    assert [one["value"] for one in found] == [225.0, 1e-5]
    code, out, _ = type_in("report", "--results", root, "--published", file, "--output", tmp_path / "a.html")
    assert code == 0
    assert "fd 225 ± 2 [1]" in (tmp_path / "a.html").read_text()
    store(root, "ns", [0.5], problem="grid")
    file.write_text(FILE.replace('problem = "ring"', 'problem = "rign"'))
    assert "there are no records of 'rign'" in type_in(*words, "--published", file)[2]
    assert type_in(*words, "--published", file, "--problem", "grid")[2] == ""


@pytest.mark.parametrize("command", ["leaderboard", "report"])
@pytest.mark.parametrize("name", ["absent.toml", ".", *(name for name in HOSTILE if "\0" not in name)])
def test_a_file_that_is_none_is_one_sentence(type_in, tmp_path, command, name):
    """Exit code 2."""
    root = stored(tmp_path / "runs")
    assert is_one_sentence(*type_in(command, "--results", root, "--published", name))
