"""The report from end to end, without a browser."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from benchmark.leaderboard import tables
from benchmark.leaderboard.front import front
from benchmark.report import page
from benchmark.report.curves import _ticks
from benchmark.report.scale import Scale
from benchmark.store import Kept, directory_of, read_all, write_record
from tests.benchmark.cli_builders import HOSTILE, is_one_sentence, type_in
from tests.benchmark.leaderboard_builders import climbs, controls, runs
from tests.benchmark.report_builders import SCRIPT, Reader, record, stored, write

__all__ = ["type_in"]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Return a directory of records."""
    return stored(tmp_path_factory.mktemp("report") / "runs")


@pytest.fixture(scope="module")
def text(root):
    """Return the page of these records."""
    return page(read_all(root)[0], Kept(root))


@pytest.fixture(scope="module")
def read(text):
    """Return the page as a browser reads it."""
    return Reader(text)


def test_the_command_writes_one_file(type_in, root, tmp_path):
    """One HTML file, what it holds said in a line, and the same in JSON."""
    code, out, err = type_in(
        "report", "--results", root, "--output", tmp_path / "a.html", "--json", tmp_path / "a.json"
    )
    assert (code, err) == (0, "")
    assert "48 runs" in out
    assert (tmp_path / "a.html").read_text().startswith("<!doctype html>")
    assert json.loads((tmp_path / "a.json").read_text())["records"] == 48


def test_the_browser_is_opened_on_request(type_in, root, tmp_path, monkeypatch):
    """`--open` hands the file to the browser; that there is none is said and no failure."""
    asked = []
    monkeypatch.setattr("webbrowser.open", lambda address: bool(asked.append(address)))
    code, _, err = type_in("report", "--results", root, "--output", tmp_path / "a.html", "--open")
    assert code == 0
    assert asked == [(tmp_path / "a.html").as_uri()]
    assert "could not open a browser" in err


@pytest.mark.parametrize(
    "words",
    [
        ("--problem", "plain"),
        ("--baseline", "nss"),
        ("--output", "a.pdf"),
        *((option, name) for option in ("--problem", "--baseline") for name in HOSTILE),
        *(("--output", name) for name in HOSTILE if "\0" not in name),  # no shell can pass that
    ],
)
def test_mistakes_are_one_sentence(type_in, root, words):
    """Nothing wrong gives a traceback."""
    assert is_one_sentence(*type_in("report", *words, "--results", root))


def test_the_page_is_a_function_of_the_records(root, text):
    """The same records give the same bytes."""
    assert page(read_all(root)[0], Kept(root)) == text


def test_nothing_is_fetched_and_only_our_script_runs(read):
    """No element names anything outside the page, the policy allows nothing, no attribute holds script or style."""
    policy = next(given["content"] for tag, given in read.elements if given.get("http-equiv"))
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "unsafe" not in policy
    for tag, given in read.elements:
        assert tag not in ("link", "iframe", "object", "embed", "base", "form")
        assert given.get("href", "#").startswith("#")
        assert given.get("src", "data:").startswith("data:image/png;base64,") or "src" not in given
        assert not any(name.startswith("on") or name == "style" for name in given)


def test_a_script_in_a_name_stays_text(read, text):
    """An objective's name with markup adds no element, and the JSON does not end its own."""
    assert [tag for tag, _ in read.elements].count("script") == 2
    assert any(SCRIPT in cell for table in read.tables for line in table for cell in line)
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1]
    assert SCRIPT in {row["label"] for table in json.loads(data)["tables"] for row in table["rows"]}


def test_the_data_are_every_seed(root, text):
    """The JSON in the page holds the value of every finished run and the end of every run."""
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])
    records = read_all(root)[0]
    found = {
        (table["caption"].split(" ")[0], row["label"], seed): (state, row["values"][0].get(seed))
        for table in data["tables"]
        for row in table["rows"]
        for seed, state in row["states"].items()
    }
    assert found == {
        (one.problem, one.row, str(one.seed)): (
            one.end.state,
            pytest.approx(one.scores["coverage"].value) if one.scores else None,
        )
        for one in records
    }


def test_tables_tell_quality_failures_and_order(read):
    """Means with half-widths, runs finished, failures by type, and good before ns in the overall order."""
    board = {line[0]: line for line in read.table("finished of all")}
    assert board["good"][1].startswith("0.815 ± 0.021")  # t[3, 0.975] 3.1824 * 0.012910 / 2 = 0.02054
    assert board["bad"][2:4] == ["3/4", "1 diverged"]
    assert board["broken"][2:4] == ["0/4", "4 collapsed"]
    assert list(board)[-1] == "broken"
    places = [line[1] for line in read.table("Chance of place 1")[1:]]
    assert places == ["good", "ns", SCRIPT, "bad", "broken"]
    failures = {line[0]: line for line in read.table("Failure rate")}
    assert failures["broken"][-1].startswith("100% [")
    assert set(failures) == {"Objective", "bad", "broken"}


def test_every_chart_has_its_table(read, text):
    """Curves, quality against seconds and the dots of every seed stand in tables too."""
    assert [line[0] for line in read.table("Gradient evaluations")][1:] == ["good", "ns", SCRIPT, "bad"]
    seeds = read.table("seed 3")
    assert next(line for line in seeds if line[0] == "good")[2:] == ["0.8000", "0.8100", "0.8200", "0.8300"]
    assert next(line for line in seeds if line[0] == "bad")[3] == "diverged"
    curve = next(table for table in read.tables if table[0][-1] == "100")
    ends = {line[0]: line[-1] for line in curve}
    assert ends["good"] == "0.8150 [0.8000, 0.8300]"
    assert text.count("during training</h3>") == 6  # coverage and two losses, twice


def test_curves_run_over_the_budget(tmp_path):
    """A row that pays one gradient for an iteration ends where one that pays five ends: at the budget, in its frame."""
    for row, iterations in (("control", 100), ("ns", 50), ("wgan", 20)):
        write(tmp_path, record(row, 0, 0.5, iterations=iterations))
    text = page(read_all(tmp_path)[0], Kept(tmp_path))
    ends = {tuple(_last(path)) for path in re.findall(r'class="line" d="([^"]*)"', text)}
    assert {x for x, _ in ends} == {218}
    assert "100 gradient evaluations</text>" in text
    assert "iterations</text>" not in text
    table = next(table for table in Reader(text).tables if table[0][-1] == "100" and len(table) == 4)
    assert table[0][1:] == ["20", "40", "60", "80", "100"]
    assert all(line[-1] == "0.5000 [0.5000, 0.5000]" for line in table[1:])


def test_a_curve_of_unknown_cost_is_not_drawn(tmp_path):
    """Where a record does not tell what an iteration costs, a place on the axis would be made up."""
    made = record("ns", 0, 0.5)
    write(tmp_path, replace(made, compute={}))
    assert "during training" not in page(read_all(tmp_path)[0], Kept(tmp_path))


def test_labels_of_the_axis_stand_beside_the_lines(text):
    """No curve passes through the text of a tick: the labels end before the field begins."""
    ticks = re.findall(r'<text class="tick" x="(\d+)" y="\d+" text-anchor="end">[-\d.e]+</text>', text)
    starts = re.findall(r'class="line" d="M(\d+) ', text)
    assert ticks
    assert starts
    assert max(map(int, ticks)) < min(map(int, starts))


def test_an_axis_has_two_labels():
    """One round value alone gives no scale: a loss between -4 and 4 has its ±2 beside the 0."""
    assert _ticks(Scale(-4.0, 4.0)) == [-2.0, 0.0, 2.0]
    assert _ticks(Scale(-0.3, 8.3)) == [0.0, 5.0]


def test_cost_is_readable_with_many_rows(tmp_path):
    """Means over decades have a logarithmic axis whose intervals do not decide it; every point tells its row."""
    for number in range(30):
        for seed in range(2):
            value = 1.2**number * (1 + seed)
            made = record(f"objective{number}", seed, value, seconds=1.0 + number)
            write(tmp_path, made)
    text = page(read_all(tmp_path)[0], Kept(tmp_path))
    assert "coverage ↑, logarithmic</text>" in text
    assert len(re.findall(r"<circle [^>]*><title>objective\d+: ", text)) == 30
    names = re.findall(r'<text x="(\d+)" y="(\d+)" text-anchor="start">(objective\d+)', text)
    assert len(names) > 8
    assert all(int(x) + 7.6 * len(name) <= 624 and int(y) >= 28 for x, y, name in names)


def _last(path):
    """Follow a line's relative steps to its end."""
    start, _, steps = path.removeprefix("M").partition("l")
    moves = [int(number) for number in re.findall(r"-?\d+", steps)]
    x, y = map(int, start.split())
    return x + sum(moves[::2]), y + sum(moves[1::2])


def test_samples_are_drawn(read):
    """Points on the oracle's contours for one problem, sheets of images with nearest neighbours for the other."""
    labels = [given.get("aria-label", "") for tag, given in read.elements if tag == "svg"]
    assert sum("good, seed" in label and "300 samples" in label for label in labels) == 1
    maps = [label for label in labels if label.startswith(("good: 3 of", "bad: 1 of"))]
    assert [label[:18] for label in maps] == ["good: 3 of 3 modes", "bad: 1 of 3 modes,"]
    assert all(int(re.search(r"(\d+)% elsewhere", label)[1]) < 4 for label in maps)  # exp(-9/2) = 1.1 % of 300
    images = [given["alt"] for tag, given in read.elements if tag == "img"]
    assert sum(alt.startswith("40 samples of good") for alt in images) == 1
    assert sum(alt.startswith("nearest neighbours: 40 samples of good") for alt in images) == 1
    assert not any("neighbours" in alt and "oracle" in alt for alt in images)


def test_how_numbers_were_made_is_told(text):
    """Protocol, sample sizes, digests, versions and hardware."""
    for fact in ("n_samples 2500, floor 0.25", "a" * 16, "a processor", "2.14", "Student-t"):
        assert fact in text


def test_records_alone_suffice(tmp_path):
    """Without curves, samples, headline or a second seed there is still a page."""
    made = record("ns", 0, 0.5)
    write(tmp_path, made)
    for path in (*tmp_path.rglob("curve.jsonl"), *tmp_path.rglob("samples.npz")):
        path.unlink()
    text = page([made], Kept(tmp_path))
    assert "No ranking" in text
    assert "All 1 runs finished" in text


@pytest.mark.parametrize("content", [b"", b"torn", b"PK\x03\x04torn"])
def test_torn_files_cost_only_their_picture(tmp_path, content):
    """Samples and curves that cannot be read are left out."""
    made = record("ns", 0, 0.5)
    write(tmp_path, made, [[0.0, 0.0]])
    for name in ("curve.jsonl", "samples.npz"):
        next(tmp_path.rglob(name)).write_bytes(content)
    assert "ns" in page([made], Kept(tmp_path))


def test_the_report_does_not_import_torch():
    """The page is made from files alone."""
    code = "import sys, benchmark.report; assert not {'torch', 'pandas', 'matplotlib.pyplot'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_large_report_is_quick_and_small(tmp_path):
    """600 runs of 200 rows with curves and samples: under 2 s of processor time and 1.6 MB; 8 MB for 3,000 runs."""
    samples = [[(at * 37 % 101) / 50, (at * 53 % 97) / 50] for at in range(500)]
    records = []
    for number in range(600):
        problem, row, seed = f"problem{number // 60}", f"objective{number % 60 // 3}", number % 3
        made = record(row, seed, number % 83 / 83, problem=problem, metrics=8)
        records.append(made)
        directory = directory_of(tmp_path, made)
        directory.mkdir(parents=True)
        lines = (json.dumps({"iteration": at, "coverage": at / 20, "critic_loss": 1 / at}) for at in range(1, 21))
        (directory / "curve.jsonl").write_text("\n".join(lines))
        np.savez_compressed(directory / "samples.npz", samples=samples)
    start = time.process_time()
    text = page(records, Kept(tmp_path))
    assert time.process_time() - start < 2.0
    assert len(text.encode()) < 1.6e6
    assert text.count("<small>500 samples") == 200  # however large the report is


def test_the_page_opens_with_the_conclusion_and_the_map(tmp_path):
    """Sentences, the share of each row in its colour with its failures, and how far the problems agree."""
    for problem in ("ring", "grid"):
        for made in controls(problem):
            write_record(tmp_path, made)
        for at in range(6):
            values = [1.0 + at / 4, 1.1 + at / 4, None if at == 5 else 1.2 + at / 4]
            for made in runs(f"row{at}", values, problem=problem):
                write_record(tmp_path, made)
    text = page(read_all(tmp_path)[0], Kept(tmp_path), "row1")
    read = Reader(text)
    assert "By wins, row0 is first among 6 objectives over 2 problems (3 seeds)" in text
    heat = {line[0]: line[1:] for line in read.table("all problems")}
    assert heat["row0"] == ["72", "72", "72"]  # 1 - log2 of 1, 1.1 and 1.2 over 4, less a quarter
    assert heat["row5"][1].endswith("×1")
    assert any(given.get("class") == "num h14" for tag, given in read.elements if tag == "td")
    tau = {line[0]: line[1:] for line in read.table("Kendall's tau")}
    assert tau["ring"] == ["1.00 [1.00, 1.00]", ""]
    assert text.index("By wins, row0") < text.index("Overall order")


def test_a_ladder_is_drawn_with_its_table(tmp_path):
    """Shares at every rung, as a chart and in numbers."""
    for made in [*climbs("ns", [8.0, 4.0, 2.0], [8.0, 4.0, 2.0]), *climbs("a", [8.0, 2.0, 1.0]), *controls()]:
        write_record(tmp_path, made)
    text = page(read_all(tmp_path)[0], Kept(tmp_path))
    table = next(one for one in Reader(text).tables if one[0] == ["objective", "2,000", "4,000", "8,000"])
    assert table[1:] == [["a", "0.00", "0.50", "0.75"], ["ns", "0.00 ± 0.00", "0.25 ± 0.00", "0.50 ± 0.00"]]
    assert text.count('class="l l') == 4  # two rows by their shares and by their places
    assert "Share and place against the budget" in text


def test_the_front_is_named(root, text):
    """The rows that none beats in quality and seconds: good costs 1.8 s, ns 1.5, the hostile one 1.4, bad 1.3."""
    (table, *_) = tables(read_all(root)[0])
    assert front(table) == ["bad", SCRIPT, "ns", "good"]
    assert "No objective is both better and faster than these: bad, " in text
    assert text.count('class="front"') == 8  # two problems
