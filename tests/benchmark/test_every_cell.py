"""Every cell of the report's and of the terminal's tables is what `cells_by_hand` works out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from benchmark.leaderboard import ranking_terminal, rankings, tables, terminal
from benchmark.report import page
from benchmark.store import Kept
from tests.benchmark.cells_by_hand import (
    DIFFERENCES,
    HEADINGS,
    ORDER,
    RANKED,
    RECORDS,
    RUNS,
    cell,
    failed,
    order,
    plain,
    runs,
    seconds,
    values,
    verdict,
)
from tests.benchmark.report_builders import Reader


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """Return the page as a browser reads it."""
    return Reader(page(RECORDS, Kept(tmp_path_factory.mktemp("page"))))


@pytest.fixture(scope="module")
def printed():
    """Return the terminal's text, each line's cells joined by one blank, empty ones left out."""
    text = terminal(tables(RECORDS), width=1000)
    return [" ".join(line.split()) for line in text.splitlines()]


SIGNS = {"better": "▲ ", "worse": "▼ "}


def test_the_reports_table(read):
    """Means, half-widths, counts, failures, seconds and verdicts of all rows, best first."""
    head, *lines = read.table("finished of all")
    assert [name.split("dots")[0] for name in head] == [
        "objective",
        "fd ↓",
        "modes ↑",
        "runsfinished of all",
        "failed",
        "s / run",
        "against ns",
    ]
    expected = [
        [
            f"{row} control" if row == "oracle" else row,
            cell(row, "fd"),
            cell(row, "modes"),
            runs(row),
            failed(row),
            seconds(row),
            "–"
            if row in ("oracle", "ns")
            else {"better": "▲ ", "worse": "▼ "}.get(verdict(row)[0], "") + verdict(row)[0],
        ]
        for row in ORDER
    ]
    assert lines == expected


def test_the_terminals_table(printed):
    """The same cells, and the failures in a column of their own."""
    head = printed.index("objective runs failed fd ↓ modes ↑ s / run")
    expected = [
        [f"{row} (control)" if row == "oracle" else row, runs(row), failed(row), cell(row, "fd"), cell(row, "modes")]
        for row in ORDER
    ]
    assert printed[head + 2 : head + 8] == [
        " ".join([*filter(None, cells), seconds(cells[0].split()[0])]) for cells in expected
    ]


def test_the_differences(read, printed):
    """Difference, interval, test, Holm's p, correlation, chance with Newcombe's interval, verdict, in both forms."""
    head, *lines = read.table("p (Holm)")
    signed = [[*line[:-1], SIGNS.get(line[-1], "") + line[-1]] for line in DIFFERENCES]
    assert (head, lines) == (HEADINGS, signed)
    at = printed.index(" ".join(HEADINGS))
    assert printed[at + 2 : at + 6] == [" ".join(line) for line in DIFFERENCES]


def test_every_seeds_value(read):
    """A value for each finished run, the end of each failed one, a dash where nothing ran or was measured."""

    def shown(row, metric, seed):
        run = RUNS[row][seed] if seed < len(RUNS[row]) else None
        if run is None or (run[0] == "ok" and seed not in values(row, metric)):
            return "–"
        return plain(values(row, metric)[seed]) if run[0] == "ok" else run[0]

    head, *lines = read.table("seed 3")
    assert head == ["Objective", "Metric", *(f"seed {seed}" for seed in range(5))]
    assert lines == [
        [row, metric, *(shown(row, metric, seed) for seed in range(5))] for metric in ("fd", "modes") for row in ORDER
    ]


def test_quality_against_seconds(read):
    """Each row that has both: seconds, mean gradient evaluations, quality."""
    rows = [row for row in ORDER if seconds(row) != "–" and values(row, "fd")]
    gradients = {row: f"{np.mean([100 + seed for seed in range(len(RUNS[row]))]):.0f}" for row in rows}
    assert read.table("Gradient evaluations")[1:] == [
        [row, seconds(row), gradients[row], cell(row, "fd")] for row in rows
    ]


def test_the_failures(read):
    """Counts by type and Wilson's interval, the most failures first."""
    head, *lines = read.table("Failure rate")
    states = ["ok", "diverged", "critic won", "collapsed", "stalled"]
    assert head == ["Objective", "Ends", *states, "Failure rate [Wilson 95 %]"]
    expected = []
    for row in ("broken", "wgan"):
        ends = [run[0].replace("_", " ") for run in RUNS[row]]
        wrong = sum(end != "ok" for end in ends)
        bounds = stats.binomtest(wrong, len(ends)).proportion_ci(0.95, method="wilson")
        rate = f"{100 * wrong / len(ends):.0f}% [{100 * bounds.low:.0f}%, {100 * bounds.high:.0f}%]"
        expected.append([row, "", *(str(ends.count(state) or "–") for state in states), rate])
    assert lines == expected


def test_the_order(read):
    """Place, interval and wins are those of another bootstrap; the chance of the first place is within its noise."""
    known = order()
    best_first = sorted(RANKED, key=lambda row: known[row][0])
    (_, *lines) = read.table("Chance of place 1")
    assert [line[1] for line in lines] == best_first
    text = ranking_terminal(rankings(tables(RECORDS)), width=1000)
    printed = {line.split()[0]: line.split()[1:] for line in text.splitlines() if line}
    for line in lines:
        place, low, high, wins, first = known[line[1]]
        assert line[0] == f"{place:g}"
        assert line[3] == f"{low:g} to {high:g}"
        assert float(line[4].removesuffix(" %")) == pytest.approx(100 * wins, abs=0.501)
        assert float(line[5].removesuffix(" %")) == pytest.approx(100 * first, abs=5)  # 3 deviations of two bootstraps
        assert printed[line[1]][:4] == [f"{place:g}", f"{low:g}", "to", f"{high:g}"]
        assert float(printed[line[1]][4]) == pytest.approx(wins, abs=0.00501)
        assert float(printed[line[1]][5]) == pytest.approx(first, abs=0.05)
    assert "lone (only one run in plane · shared track)" in text
