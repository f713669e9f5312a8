"""Tables as text."""

import csv
import io
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.leaderboard import (
    RENDERINGS,
    Cell,
    Column,
    Row,
    Table,
    as_csv,
    as_json,
    latex,
    markdown,
    tables,
    terminal,
)
from benchmark.leaderboard.render_csv import safe
from benchmark.leaderboard.text import cell_text, number, readable
from benchmark.stats import mean_interval
from benchmark.store import End, Record, RecordedScore, identity_key


def cell(*values):
    """Build a cell of these values, seed by seed."""
    return Cell(dict(enumerate(values)), mean_interval(values), {} if values else {"no truth": 1})


def row(label, *cells, control=False, states=("ok", "ok", "ok")):
    """Build a row of three finished runs."""
    return Row(label, control, dict(enumerate(states)), cells)


TWO = (Column("fd", "lower"), Column("modes", "higher"))


def table(*rows, columns=TWO, baseline=None):
    """Build a table of rows on `ring`."""
    return Table("ring", "shared", {"budget": 10}, columns, rows, "fd", baseline, (), ("A note.",))


SMALL = table(
    row("oracle", cell(0.1, 0.1, 0.1), cell(8, 8, 8), control=True),
    row("ns", cell(1, 2, 3), cell(8, 8, 7)),
    row("wgan", cell(), cell(), states=("diverged", "diverged", "critic_won")),
)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ((1, 2, 3), "2.0 ± 2.5"),  # 4.30265 / sqrt 3 = 2.484
        ((100.01, 100.02), "100.015 ± 0.064"),  # 12.7062 * 0.005 = 0.0635
        ((12345, 13345), "12845 ± 6353"),
        ((5, 5, 5), "5.000 ± 0"),
        ((0.12345678,), "0.1235 (n=1)"),
        ((), "–"),
        ((1e-9, 3e-9), "2.000e-09 ± 1.3e-08"),
        ((0, 0), "0.000 ± 0 (n=2)"),
    ],
)
def test_a_mean_shows_the_digits_that_its_interval_supports(values, text):
    """The half-width has two digits and the mean as many decimals; n stands where it is not the row's."""
    finished = len(values) if len(values) > 1 and "n=2" not in text else 3
    assert cell_text(cell(*values), finished) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0.000"), (-2.5, "-2.500"), (123456.0, "123456"), (1e7, "1.000e+07"), (1e-5, "1.000e-05")]
)
def test_plain_numbers(value, text):
    """A number without an interval has four significant digits."""
    assert number(value) == text


def test_markdown_of_a_small_table():
    """The Markdown is, sign for sign, what a person would write."""
    assert markdown([SMALL]).splitlines() == [
        "### ring · shared track",
        "",
        "| objective | runs | failed | fd ↓ | modes ↑ |",
        "| :--- | ---: | ---: | ---: | ---: |",
        "| oracle (control) | 3/3 |  | 0.1000 ± 0 | 8.000 ± 0 |",
        "| ns | 3/3 |  | 2.0 ± 2.5 | 7.7 ± 1.4 |",
        "| wgan | 0/3 | 2 diverged, 1 critic won | – | – |",
        "",
        "- A note.",
    ]


def test_terminal_shows_the_same_cells():
    """Each cell of the Markdown stands in the terminal's table too, without colour codes."""
    shown = terminal([SMALL])
    for part in (
        "ring · shared track",
        "oracle (control)",
        "2.0 ± 2.5",
        "7.7 ± 1.4",
        "2 diverged, 1 critic won",
        "A note.",
    ):
        assert part in shown
    assert "\x1b" not in shown


def test_wide_tables_are_cut_into_blocks_and_lose_nothing():
    """Forty metrics on eighty columns come in blocks that repeat the labels and hold every value whole."""
    columns = tuple(Column(f"metric_{number:02d}", "lower") for number in range(40))
    wide = table(row("ns", *(cell(at + 0.5) for at in range(40))), columns=columns)
    shown = terminal([wide], width=80)
    assert max(len(line) for line in shown.splitlines()) <= 80
    assert shown.count("ring · shared track") > 3
    for at, column in enumerate(columns):
        assert f"{column.metric} ↓" in shown
        assert number(at + 0.5) in shown


def bold(*rows, direction="lower"):
    """Return the labels of the bold rows of a table with one column."""
    text = markdown([table(*rows, columns=(Column("fd", direction),))])
    assert ("Bold: the best mean over at least three runs" in text) == ("**" in text)
    return [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("|") and "**" in line]


BEST, NEAR, FAR = (row(name, cell(x, x + 0.1, x + 0.2)) for name, x in (("best", 1.0), ("near", 1.1), ("far", 5.0)))


def test_only_means_inside_the_best_ones_interval_are_bold():
    """Best with all whose mean lies in its interval, either way round; one run and a control never are."""
    others = [row("lucky", cell(0.0)), row("oracle", cell(0.5, 0.6, 0.7), control=True)]
    assert bold(BEST, NEAR, FAR, *others) == ["best", "near"]
    assert bold(BEST, NEAR, FAR, *others, direction="higher") == ["far"]
    assert bold(BEST, NEAR, FAR, direction="none") == []
    assert bold(BEST, others[0]) == bold(BEST, NEAR) == []


def test_noise_makes_no_row_bold():
    """A row whose wide interval reaches the best one's is not near it, nor is one of two runs, however low."""
    noisy = row("noisy", cell(1.0, 20.0, 90.0))  # 37 with an interval from -79 to 153
    assert bold(BEST, NEAR, FAR, noisy) == ["best", "near"]
    two = row("two", cell(0.0, 2.0), states=("ok", "ok"))  # 1 with an interval from -12 to 14
    assert bold(two, BEST, NEAR, FAR) == ["best", "near"]
    assert bold(two, BEST) == []


def test_csv_holds_every_number_in_full():
    """Reading the CSV back gives the exact means, bounds, counts and failures."""
    lines = list(csv.DictReader(io.StringIO(as_csv([SMALL]))))
    assert len(lines) == 6
    ns = next(line for line in lines if (line["row"], line["metric"]) == ("ns", "modes"))
    mean = SMALL.rows[1].cells[1].mean
    assert (float(ns["mean"]), float(ns["low"]), float(ns["high"])) == (
        mean.value,
        mean.interval.low,
        mean.interval.high,
    )
    wgan = next(line for line in lines if line["row"] == "wgan")
    assert (wgan["mean"], wgan["n"], wgan["runs"], wgan["diverged"], wgan["critic_won"]) == ("", "0", "3", "2", "1")


def test_csv_and_json_hold_the_interquartile_mean():
    """Of five runs the middle three, with an interval around it; of three all, without one; of none nothing."""
    five = row("five", cell(1, 2, 3, 4, 1000), cell(), states=("ok",) * 5)
    built = [table(five, row("three", cell(1, 2, 6), cell()))]
    first, none, three, _ = csv.DictReader(io.StringIO(as_csv(built)))
    assert float(first["iqm"]) == 3.0
    assert 1.0 <= float(first["iqm_low"]) < 3.0 < float(first["iqm_high"]) <= 1000.0
    assert (three["iqm"], three["iqm_low"], three["iqm_high"], none["iqm"]) == ("3.0", "", "", "")
    rows = json.loads(as_json(built))["tables"][0]["rows"]
    found = rows[0]["cells"][0]["iqm"]
    assert (found["value"], found["interval"]["kind"]) == (3.0, "bootstrap")
    assert repr(found["interval"]["low"]) == first["iqm_low"]
    assert rows[1]["cells"][0]["iqm"] == {"n": 3, "value": 3.0, "interval": None}


def test_csv_keeps_rows_that_have_no_metric():
    """A table in which everything failed still has its rows in the CSV."""
    (line,) = csv.DictReader(io.StringIO(as_csv([table(row("ns", states=("diverged",)), columns=())])))
    assert (line["row"], line["metric"], line["diverged"]) == ("ns", "", "1")


HOSTILE = [
    "a|b",
    "[red]x[/red]",
    "*b* _i_ `c`",
    "<script>alert(1)</script>",
    "\x1b[31mred",
    "a\nb",
    "=1+1",
    "\u202eevil",
    "[/]",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_foreign_names_stay_text(name):
    """A name with markup, escapes or line breaks is shown as it reads, and breaks no table."""
    hostile = table(row(name, cell(1, 2, 3), cell(8, 8, 8)))
    shown = terminal([hostile])
    assert readable(name) in shown
    assert "\x1b" not in shown
    written = markdown([hostile])
    (line,) = [line for line in written.splitlines() if "2.0 ± 2.5" in line]
    assert len(re.findall(r"(?<!\\)\|", line)) == 5
    assert "<script" not in written
    (first, *_) = list(csv.DictReader(io.StringIO(as_csv([hostile]))))
    assert first["row"].removeprefix("'") == name.replace("\ud800", "\\ud800")
    for write in RENDERINGS.values():
        write([hostile]).encode("utf-8")


@given(st.text(max_size=40))
@settings(max_examples=100)
def test_any_name_keeps_the_tables_whole(name):
    """Whatever a row is called, Markdown has one line for it and CSV cannot start a formula."""
    hostile = table(row(name, cell(1, 2, 3), cell(8, 8, 8)))
    assert len(markdown([hostile]).split("\n")) == 8
    assert not safe(name).startswith(("=", "+", "-", "@", "\t", "\r"))
    (first, *_) = list(csv.DictReader(io.StringIO(as_csv([hostile]), newline="")))
    assert first["row"].removeprefix("'") == name.replace("\0", "\\0").replace("\r", "\\r").removeprefix("'")
    assert all(sign.isprintable() or sign == "\n" for sign in terminal([hostile]))


def test_very_long_names_are_cut_for_reading_only():
    """A name of 100,000 characters is cut in tables for people and whole in the CSV."""
    name = "x" * 100_000
    long = table(row(name, cell(1, 2, 3), cell(8, 8, 8)))
    assert max(map(len, markdown([long]).splitlines())) < 300
    assert len(terminal([long])) < 5000
    assert name in as_csv([long])


def test_tables_render_from_records():
    """The path from a record to text works without a table made by hand."""
    identity = {"seed": 0}
    record = Record(
        key=identity_key(identity), kind="objective", problem="ring", row="ns", track="shared", seed=0,
        identity=identity, end=End(state="ok"), scores={"fd": RecordedScore(value=0.5, direction="lower")},
    )  # fmt: skip
    assert "| ns | 1/1 | 0.5000 |" in markdown(tables([record]))
    assert markdown([]) == terminal([]) == ""


def test_the_baseline_has_lines_of_its_own():
    """Below the table each objective stands against the baseline, and controls do not."""
    against = table(*SMALL.rows, row("hinge", cell(0.5, 1.5, 2.5), cell(8, 8, 8)), baseline="ns")
    lines = [line for line in markdown([against]).splitlines() if "paired" in line and line.startswith("|")]
    # All differences are -0.5: the sign test's p is 2 / 2**3, Holm over it and wgan's none leaves it.
    # Of nine pairs of runs hinge wins 3 + 2 + 1; the interval is tested with the statistics.
    (line,) = lines
    assert line.startswith("| hinge | -0.5000 | paired, n=3 | 0.25 | 1.00 | 0.67 \\[")
    assert line.endswith("| not enough seeds (needs 6) |")
    assert "against ns, fd ↓" in terminal([against], width=80)
    assert max(map(len, terminal([against], width=80).splitlines())) <= 80


def test_seconds_stand_beside_the_scores():
    """Where runs tell their seconds, their mean is the last column."""
    timed = Row("ns", False, {0: "ok", 1: "ok"}, (cell(1, 2),), {"seconds": mean_interval([2.0, 3.0])})
    shown = markdown([table(timed, columns=TWO[:1])]).splitlines()
    assert shown[2].endswith("| s / run |")
    assert shown[4].endswith("| 2.500 |")


def test_latex_of_a_small_table():
    """The LaTeX is, sign for sign, what a person would write."""
    hostile = r"50%_a&b\input{x}$#^~<|>"
    lines = latex([table(*SMALL.rows, row(hostile, cell(7), cell()))]).splitlines()
    assert lines[:7] == [
        r"\begin{table}",
        r"\centering",
        r"\caption{ring $\cdot$ shared track}",
        r"\begin{tabular}{lrrrr}",
        r"\toprule",
        r"objective & runs & failed & fd $\downarrow$ & modes $\uparrow$ \\",
        r"\midrule",
    ]
    assert r"ns & 3/3 &  & $2.0 \pm 2.5$ & $7.7 \pm 1.4$ \\" in lines
    escaped = r"50\%\_a\&b\textbackslash{}input\{x\}\$\#\textasciicircum{}\textasciitilde{}"
    assert any(line.startswith(escaped + r"\textless{}\textbar{}\textgreater{} & 3/3") for line in lines)
    assert lines[-1] == r"\end{table}"


@given(st.text(max_size=30))
@settings(max_examples=100)
def test_latex_cannot_be_left(name):
    """No name can run a command, open a group or start a comment."""
    text = latex([table(row(name, cell(1, 2, 3), cell(8, 8, 8)))])
    label = next(line for line in text.splitlines() if "2.0" in line).split(" & ")[0]
    known = "textbackslash|textasciicircum|textasciitilde|textless|textgreater|textbar|textquotedbl|textasciigrave|dots"
    rest = re.sub(rf"\\({known})\{{\}}|\\[{{}}$&#%_]|\{{[-\[\]]\}}|\$\\(pm|uparrow|downarrow|cdot)\$", "", label)
    assert not set(rest) & set("\\{}$&#%_^~")


def test_json_holds_every_seed():
    """The JSON names every seed's value, every failed seed and every absence, and is strict JSON."""
    (found,) = json.loads(as_json([SMALL]), parse_constant=pytest.fail)["tables"]
    _, ns, wgan = found["rows"]
    assert ns["cells"][0]["values"] == {"0": 1, "1": 2, "2": 3}
    assert ns["cells"][0]["mean"]["interval"]["kind"] == "Student t"
    assert wgan["states"] == {"0": "diverged", "1": "diverged", "2": "critic_won"}
    assert (wgan["runs"], wgan["finished"], wgan["cells"][0]["absent"]) == (3, 0, {"no truth": 1})


def test_every_rendering_takes_nothing_and_anything():
    """Each format writes no tables, a table without rows or columns, and a full one."""
    for write in RENDERINGS.values():
        for some in ([], [table(columns=())], [SMALL, SMALL]):
            assert isinstance(write(some), str)
