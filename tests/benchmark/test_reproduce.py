"""Targets: their data, the four verdicts, and every smoke tier through the command line."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from benchmark.reproduce import along
from benchmark.reproduce.conclusion import conclusion
from benchmark.reproduce.densities import Drawn, abscissae, density, jensen_shannon
from benchmark.reproduce.grid import drawn
from benchmark.reproduce.histogram import BINS, histograms, outlines
from benchmark.reproduce.last import conclusions
from benchmark.reproduce.place import Place
from benchmark.reproduce.runs import iterations_of, request_for
from benchmark.reproduce.target import (
    Claim,
    Stated,
    TargetColumn,
    cells_of,
    deviations_of_claim,
    target_names,
    target_of,
)
from benchmark.reproduce.verdict import Measured, judge, judge_claim
from benchmark.runner.plan import plan
from tests.benchmark.cli_builders import is_one_sentence, type_in

__all__ = ["type_in"]

TEN = TargetColumn(name="c", tolerance=10.0, because="ten")
VALUES = {0: 100.0, 1: 101.0, 2: 102.0}  # 101 ± 2.484


@pytest.mark.parametrize("name", target_names())
def test_a_target_says_what_it_is(name):
    """Every target has a title, a source, an explanation, a smoke and a full tier, and a reason for each tolerance."""
    target = target_of(name)
    assert "arXiv:" in target.paper
    assert len(target.about) > 200
    assert {"smoke", "cpu", "full"} == set(target.tiers)
    for column in target.columns:
        assert column.because or column.tolerance is None
        assert column.tolerance is not None or column.because or target.deviations or column.deviations or column.metric


@pytest.mark.parametrize("name", target_names())
def test_a_smoke_tier_never_claims_the_papers_number(name):
    """A reduced protocol is not the paper's: it must say so."""
    assert target_of(name).tier("smoke").deviations


@pytest.mark.parametrize("name", target_names())
def test_smoke(type_in, tmp_path, name):
    """Every target runs from end to end; nothing of a reduced run agrees but what depends on no budget."""
    out_file = tmp_path / "out.json"
    code, out, err = type_in("reproduce", name, "--tier", "smoke", "--results", tmp_path, "--json", out_file)
    assert code == 0, err
    seen = json.loads(out_file.read_text())
    exact = {column.name for column in target_of(name).columns if column.exact}
    assert seen["cells"]
    for cell in seen["cells"]:
        assert cell["verdict"] in ("not comparable", "not run") or (
            cell["verdict"] == "agrees" and cell["column"] in exact
        )
        assert all(math.isfinite(value) for value in cell["values"].values())
    assert (tmp_path / f"{name}-smoke.md").read_text().startswith("# ")
    assert "verdict" in out


def test_a_target_resumes(type_in, tmp_path):
    """A second time nothing is run again, and the page is the same."""
    words = ("reproduce", "theis2016", "--tier", "smoke", "--results", tmp_path)
    _, first, _ = type_in(*words)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("record.json")}
    code, second, _ = type_in(*words)
    assert (code, second) == (0, first)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("record.json")} == before


@pytest.mark.parametrize(
    ("stated", "values", "word"),
    [
        (Stated(value=101.0), VALUES, "agrees"),
        (Stated(value=108.0), VALUES, "agrees"),  # |d| + h = 7 + 2.48
        (Stated(value=110.0), VALUES, "not comparable"),  # 9 ± 2.48 straddles 10
        (Stated(value=120.0), VALUES, "differs"),
        (Stated(value=120.0, error=20.0), VALUES, "not comparable"),
        (Stated(value=101.0, error=1.0), {0: 101.0}, "not comparable"),  # one seed has no interval
        (Stated(value=101.0), {0: 101.0}, "not comparable"),
        (Stated(value=105.5, single=True), VALUES, "agrees"),  # 4.5 ± 4.97
        (Stated(value=106.5, single=True), VALUES, "not comparable"),  # 5.5 ± 4.97
        (Stated(value="many"), VALUES, "not comparable"),
        (None, VALUES, "not comparable"),
        (Stated(value=101.0), {}, "not run"),
    ],
)
def test_numbers(stated, values, word):
    """The three answers about a number follow from d, h and the tolerance."""
    assert judge(stated, Measured(values), TEN, ()).word == word


def test_a_difference_is_told():
    """By how much, with its uncertainty: h² = (t s/√n)² + (1.96 SE)²."""
    verdict = judge(Stated(value=150.0, error=2.0), Measured(VALUES), TEN, ())
    half = math.hypot(stats.t.ppf(0.975, 2) * 1.0 / math.sqrt(3.0), stats.norm.ppf(0.975) * 2.0)
    assert verdict.word == "differs"
    assert f"{-49:+.3g} ± {half:.2g}" in verdict.reason


def test_deviations_and_words():
    """A deviation forbids both agreement and difference; a word must be the paper's."""
    assert judge(Stated(value=500.0), Measured(VALUES), TEN, ("less",)).word == "not comparable"
    assert judge(Stated(value="yes"), Measured(word="yes"), TEN, ()).word == "agrees"
    assert judge(Stated(value="yes"), Measured(word="no"), TEN, ()).word == "differs"
    assert judge(Stated(value=1.0), Measured(word="yes"), TEN, ()).word == "not comparable"


def test_what_is_exact_needs_no_interval():
    """A quadrature is one number, and is judged as it stands."""
    exact = TargetColumn(name="c", tolerance=10.0, because="ten", exact=True)
    assert judge(Stated(value=105.0), Measured({0: 101.0}), exact, ()).word == "agrees"
    assert judge(Stated(value=125.0), Measured({0: 101.0}), exact, ()).word == "differs"


@pytest.mark.parametrize("values", [{}, VALUES])
def test_failed_runs_are_no_agreement(values):
    """A mean over the survivors is not the paper's number, however close it comes."""
    measured = Measured(values, failed=["collapsed", "critic_won"])
    verdict = judge(Stated(value=101.0), measured, TEN, ())
    assert verdict.word == "not comparable"
    assert f"2 of {2 + len(values)} runs gave no value (collapsed, critic won)" in verdict.reason
    claim = Claim(text="t", larger=("a", "c"), smaller=("b", "c"))
    assert judge_claim(claim, measured, Measured({0: 1.0, 1: 1.1}), ()).word == "not comparable"


@pytest.mark.parametrize("paired", [True, False])
def test_claims(paired):
    """An order is shown, refuted, or left open."""
    claim = Claim(text="t", larger=("a", "c"), smaller=("b", "c"), paired=paired)
    high, low = Measured({0: 5.0, 1: 5.1, 2: 5.2}), Measured({0: 1.0, 1: 1.1, 2: 1.0})
    unclear = Measured({0: 0.0, 1: 9.0, 2: 4.0})
    assert judge_claim(claim, high, low, ()).word == "agrees"
    assert judge_claim(claim, low, high, ()).word == "differs"
    assert judge_claim(claim, unclear, low, ()).word == "not comparable"
    assert judge_claim(claim, high, Measured(absent="no data"), ()).word == "not run"
    assert judge_claim(claim, high, low, ("less",)).word == "not comparable"


@pytest.mark.parametrize(
    ("paired", "seeds", "word"), [(True, 5, "not comparable"), (True, 6, "agrees"), (False, 4, "agrees")]
)
def test_a_claim_over_runs_that_do_not_vary_is_left_to_the_exact_test(paired, seeds, word):
    """8 modes against 3 on every seed: 2^-4 is not below 0.05, 2^-5 and 2 / C(8, 4) are."""
    claim = Claim(text="t", larger=("a", "c"), smaller=("b", "c"), paired=paired)
    eight, three = (Measured(dict.fromkeys(range(seeds), value)) for value in (8.0, 3.0))
    assert judge_claim(claim, eight, three, ()).word == word
    assert judge_claim(claim, three, eight, ()).word == ("differs" if word == "agrees" else word)


MINE = """
title = "mine"
paper = "nobody"
about = "nothing"
measure = "dirac"
[tiers.cpu]
expected = "1 s"
steps = 100
[[columns]]
name = "converges"
metric = "converges"
[[rows]]
name = "minimax"
objective = "minimax"
[rows.paper]
converges = { value = "converges" }
"""

WRONG = {
    "no such objective": ('"minimax"\n[', '"minmax"\n[', "minimax"),
    "no such setting": ("[rows.paper]", "[rows.settings]\nbach = 1\n[rows.paper]", "batch"),
    "no such dynamics": ("[rows.paper]", '[rows.settings]\ndynamics = "static"\n[rows.paper]', "dynamics"),
    "a setting of another type": ("[rows.paper]", '[rows.settings]\nbatch = "many"\n[rows.paper]', "settings"),
    "no such column": ("converges = {", "spirals = {", "spirals"),
    "no objective": ('objective = "minimax"', "", "has no 'objective'"),
    "no metric": ('metric = "converges"', "", "has no 'metric'"),
    "weights": ("[rows.paper]", "[[rows.p]]\n[rows.paper]", "rows"),
    "infinite": ("[rows.paper]", "slope = inf\n[rows.paper]", "slope"),
    "no local theory": (
        "[rows.paper]",
        'slope = 0.5\n[rows.settings]\noptimiser = "adam"\ndynamics = "extra-adam"\n[rows.paper]',
        "extra-adam",
    ),
    "a silent stand-in": ("steps = 100", 'problems = { ring = "grid" }', "deviation"),
    "no row to be held against": ('objective = "minimax"', 'objective = "minimax"\nagainst = "ns"', "against"),
    "epochs without a curve": ('objective = "minimax"', 'objective = "minimax"\nepochs = 3', "no curve"),
    "a tier of no cell": ("steps = 100", 'cells = [["minimax", "spirals"]]', "not a cell"),
    "a curve of no column": (
        "[tiers.cpu]",
        '[curve]\ncolumn = "MNIST"\nlabel = "nats"\nepoch = 1\nepochs = [1]\n[tiers.cpu]',
        "not a column",
    ),
    "no classifier": ('measure = "dirac"', 'measure = "grid"', "grid"),
}


@pytest.fixture
def mine(tmp_path):
    """Return a function that writes a target with one thing changed."""

    def written(old="", new=""):
        path = tmp_path / "mine.toml"
        path.write_text(MINE.replace(old, new))
        return path

    return written


def test_a_difference_exits_with_4(type_in, mine, tmp_path):
    """A cell that differs is an exit code, and the page names it."""
    code, out, _ = type_in("reproduce", mine(), "--results", tmp_path)
    assert code == 4
    assert "differs: does not converge, not converges" in out


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_target_is_one_sentence(type_in, mine, tmp_path, case):
    """Whatever is wrong with a user's target is said in one sentence."""
    old, new, expected = WRONG[case]
    code, _, err = type_in("reproduce", mine(old, new), "--results", tmp_path)
    assert code == 2
    assert "Traceback" not in err
    assert expected in err.splitlines()[-1]


@pytest.mark.parametrize(
    "words", [("reproduce", "goodfelow2014"), ("reproduce", "theis2016", "--tier", "fast"), ("reproduce", "no.toml")]
)
def test_slips(type_in, words):
    """A slip is one sentence."""
    assert is_one_sentence(*type_in(*words))


def test_a_tier_is_known_in_any_case(type_in, tmp_path):
    """What `CPU` runs is what `cpu` runs."""
    code, _, _ = type_in("reproduce", "goodfellow2014-theory", "--tier", "SMOKE", "--results", tmp_path)
    assert code == 0
    assert "agrees" in (tmp_path / "goodfellow2014-theory-smoke.md").read_text()


@pytest.mark.full
def test_every_cell_that_runs_can_be_planned(monkeypatch, tmp_path):
    """The full tiers name problems, networks, objectives and settings that exist: plan them without training."""
    from benchmark.problems import Data
    from benchmark.problems.files import MissingData

    planned = 0
    for name in target_names():
        target = target_of(name)
        if target.measure != "runs":
            continue
        place = Place(tmp_path, tmp_path, progress=None)  # type: ignore[arg-type]
        for row, column in cells_of(target):
            request = request_for(row, column, target, target.tier("full"), place)
            if request is not None:
                try:
                    assert isinstance(next(iter(plan(request, tmp_path).data.values())), Data)
                    planned += 1
                except MissingData:
                    pass
    assert planned > 10


def test_known_densities():
    """The generator that stands still draws the mixture whose density is integrated; JSD agrees with scipy's."""
    p, q = [[0.3, -2.0, 0.5], [0.7, 2.0, 1.0]], [[1.0, 1.0, 1.0]]
    noise = torch.randn(20_000, 2, generator=torch.Generator().manual_seed(0))
    points = Drawn(p)(noise).detach().flatten().double().numpy()

    def distribution(x):
        return sum(w * stats.norm.cdf(x, m, s) for w, m, s in p)

    assert stats.kstest(points, distribution).pvalue > 0.01
    x = abscissae(p, q)
    assert float(torch.trapezoid(density(p, x), x)) == pytest.approx(1.0, abs=1e-9)

    def relative(a, b):
        def integrand(x):
            at, of = (sum(w * stats.norm.pdf(x, m, s) for w, m, s in parts) for parts in (a, b))
            return at * np.log(2 * at / (at + of))

        return integrate.quad(integrand, -12, 12, limit=200)[0]

    expected = (relative(p, q) + relative(q, p)) / 2
    assert jensen_shannon(density(p, x), density(q, x), x) == pytest.approx(expected, abs=1e-8)


def test_a_grid_is_drawn_without_repetition():
    """Points are distinct, within the grid, the same each time, and all of it where it is small."""
    grid = {"a": [1, 2, 3], "b": [True, False]}
    assert drawn(grid, 4) == drawn(grid, 4)
    points = [tuple(point.values()) for point in drawn(grid, 100)]
    assert sorted(points) == sorted((a, b) for a in grid["a"] for b in grid["b"])


def test_a_claim_of_ours_is_about_its_tiers_budget():
    """A tier's deviation leaves the paper's claim open; ours is judged there, and on no other shortened tier."""
    target = target_of("welfert2023")
    papers, ours = target.claims
    assert deviations_of_claim(target, target.tier("cpu"), papers) == target.tier("cpu").deviations
    assert deviations_of_claim(target, target.tier("cpu"), ours) == ()
    assert deviations_of_claim(target, target.tier("smoke"), ours) == target.tier("smoke").deviations
    assert deviations_of_claim(target, target.tier("full"), papers) == ()


def test_the_alpha_gans_table_is_the_papers_layout():
    """Rows and columns are the exponents, only stated cells are run, and each is the game of both exponents."""
    target, tier = target_of("welfert2023"), target_of("welfert2023").tier("full")
    row = next(one for one in target.rows if one.name == "alpha_G = 1.1")
    column = next(one for one in target.columns if one.name == "alpha_D = .7")
    request = request_for(row, column, target, tier, Place(Path(), Path(), progress=None))
    assert request.overrides == {"batch": "128", "critic_alpha": "0.7", "generator_alpha": "1.1"}
    assert (request.objectives, request.network) == (("alpha:saturating=true",), "welfert2023")
    (problem,) = request.problems
    assert (problem.source.points, problem.judging.evaluators) == (50_000, {"modes": 25_000})
    assert request.iterations == 400 * -(-50_000 // 128)
    assert row.paper.keys() == {f"alpha_D = {alpha}" for alpha in (".5", ".6", ".7", ".8", ".9", "1")}


def test_runs_are_counted_by_what_they_reach(type_in, tmp_path):
    """A column may ask whether a metric has a value: each run gives 0 or 100 per cent."""
    out_file = tmp_path / "out.json"
    code, _, err = type_in("reproduce", "welfert2023", "--tier", "smoke", "--results", tmp_path, "--json", out_file)
    assert code == 0, err
    seen = json.loads(out_file.read_text())
    values = [value for cell in seen["cells"] for value in cell["values"].values()]
    assert len(values) == 4
    assert set(values) <= {0.0, 100.0}
    assert seen["seconds"] > 0


def test_targets_are_listed_with_their_last_verdicts(type_in, tmp_path):
    """A directory's own reproductions come first, then published ones; a target without either is not run."""
    facts = {"verdicts": {"agrees": 3, "not run": 1}, "seconds": 5400.0, "claims": []}
    (tmp_path / "welfert2023-cpu.json").write_text(json.dumps(facts))
    (tmp_path / "metz2017-cpu.json").write_text("[]")
    code, out, _ = type_in("reproduce", "--results", tmp_path)
    assert code == 0
    lines = {line.split()[0]: line for line in out.splitlines() if line.strip()}
    assert "3 agree, 1 not run" in lines["welfert2023"]
    assert lines["welfert2023"].endswith("1.5 h")
    assert "not run" in lines["metz2017"]
    assert "cpu (published)" in lines["theis2016"]
    assert "not run: " in lines["metz2017"]


def test_a_conclusion_has_the_main_number_and_the_papers():
    """The headline cell with both values and its verdict, the stated values that agree, and the judged claims."""
    target = target_of("goodfellow2014")
    cell = {"row": "Adversarial nets", "column": "MNIST", "word": None, "failed": [], "reason": "100 epochs"}
    cell |= {"values": {"0": 161.0, "1": 163.0}, "paper": 225.0, "paper_error": 2.0, "verdict": "not comparable"}
    claims = [{"text": "a is larger", "verdict": "agrees", "reason": "by 3"}, {"text": "b", "verdict": "not run"}]
    facts = {"verdicts": {"agrees": 1, "not comparable": 1}, "cells": [cell], "claims": claims}
    number = "Adversarial nets, MNIST: 162 ± 13 nats, where the paper has 225 ± 2 nats: not comparable (100 epochs)"
    assert conclusion(target, facts) == f"{number}; a is larger: agrees (by 3)"
    others = [{**cell, "row": f"row {at}", "verdict": word} for at, word in enumerate(("agrees", "differs", "agrees"))]
    unstated = {**cell, "row": "ours", "paper": None, "verdict": "agrees"}
    assert "2 of 3 stated values agree" in conclusion(target, {**facts, "cells": [cell, *others, unstated]})
    assert conclusion(target, {"verdicts": {"agrees": 2}, "cells": [{"row": []}]}) == "2 agree"


def test_every_published_reproduction_has_its_main_number():
    """Its headline cells are in the published JSON, and the line ends with a verdict on them or on a claim."""
    folder = Path(__file__).parents[2] / "results" / "reproduce"
    published = sorted(path.stem.removesuffix("-cpu") for path in folder.glob("*-cpu.json"))
    assert len(published) >= 4
    for name in published:
        target, (*_, (_, facts)) = target_of(name), conclusions(folder, name)
        line = conclusion(target, facts)
        assert target.headline or any(claim["verdict"] in ("agrees", "differs") for claim in facts["claims"])
        for row, column in target.headline:
            assert f"{row}, {column}: " in line
        assert any(word in line for word in ("agree", "differs", "not comparable"))


def test_a_page_begins_with_the_papers_table(type_in, mine, tmp_path):
    """The paper's rows and columns hold its values and ours."""
    type_in("reproduce", mine(), "--results", tmp_path)
    lines = (tmp_path / "mine-cpu.md").read_text().splitlines()
    at = lines.index("Each cell shows the paper's value / ours.")
    assert lines[at + 2] == "|  | converges |"
    assert lines[at + 4] == "| minimax | converges / does not converge |"


def test_a_page_has_the_papers_tables(type_in, tmp_path):
    """Columns are grouped by table, with the rows for which it has a value; cells that are not run have a reason."""
    code, _, err = type_in("reproduce", "metz2017", "--tier", "smoke", "--results", tmp_path)
    assert code == 0, err
    lines = (tmp_path / "metz2017-smoke.md").read_text().splitlines()
    at = lines.index("Stacked MNIST:")
    assert lines[at + 2].count("|") == 6
    assert lines[at + 4].startswith("| 0 steps | 30.6 ± 20.73 (from memory) / – |")
    assert "- Not run: every row in stacked MNIST modes, D = G/4" in "\n".join(lines)


def test_a_metric_that_some_runs_lack_is_no_mean_over_the_others(type_in, tmp_path):
    """After three iterations some supports are undefined; their runs are counted, not dropped."""
    out_file = tmp_path / "out.json"
    type_in("reproduce", "arora2018", "--tier", "smoke", "--results", tmp_path, "--json", out_file)
    cells = json.loads(out_file.read_text())["cells"]
    partly = [cell for cell in cells if cell["failed"] == ["metric undefined"]]
    assert partly
    for cell in partly:
        assert cell["reason"] == "1 of 2 runs gave no value (metric undefined)"


def test_outlines_are_the_histograms():
    """The outline of a row holds the shares of its bars, each at both ends of its bin."""
    values = {"one": [0.0, 1.0, 1.0], "two": [0.5, 0.6, 0.7, 1.0]}
    for line in outlines(values):
        assert sum(y for _, y in line.points) == pytest.approx(2 * 100.0)
    assert outlines({"one": [1.0]}) == []


def test_what_is_read_off_a_curve():
    """The best and the last mean, when the paper's number is reached, and a change's effect paired by seed."""
    target = target_of("goodfellow2014")
    base = {1: {0: -60.0, 1: -58.0}, 25: {0: 226.0, 1: 230.0}, 50: {0: 200.0, 1: 210.0}}
    changed = {1: {0: -60.0, 1: -58.0}, 25: {0: 230.0, 1: 236.0}}
    courses = {"Adversarial nets": base, "Gaussian noise (ours)": changed}
    scores, ends, effects = along.exhibits(courses, target)
    assert scores.lines[0] == ["epochs", "1", "25", "50"]
    assert ends.lines[1] == ["Adversarial nets", "228.0", "25", "205.0", "50", "225.0", "epoch 25"]
    assert effects.lines[1][0] == "Gaussian noise (ours)"
    assert effects.lines[1][2] == f"+5 ± {stats.t.ppf(0.975, 1):.2g}"  # 4 and 6: s / sqrt(n) = 1
    assert effects.lines[1][3] == "–"
    drawn = along.plot(courses, target)
    assert drawn.marks == [("last 205.0", 50, 205.0), ("best 228.0", 25, 228.0)]
    assert drawn.levels == {"Adversarial nets, paper": 225.0}
    assert [line.points for line in drawn.lines if line.name == "Adversarial nets" and not line.faint] == [
        [(1, -59.0), (25, 228.0), (50, 205.0)]
    ]
    assert along.plot({"Adversarial nets": {}}, target) is None


def test_a_row_may_be_trained_for_fewer_epochs():
    """A variant ends with its own epochs where the tier trains more, at the tier's epochs where it trains fewer."""
    target = target_of("goodfellow2014")
    row = next(row for row in target.rows if row.against)
    mnist = target.columns[0]
    assert iterations_of(row, mnist, target, target.tier("cpu")) == row.epochs * 500
    assert iterations_of(row, mnist, target, target.tier("smoke")) == target.tier("smoke").iterations


def test_a_column_may_be_trained_for_fewer_iterations():
    """PacGAN trains on stacked MNIST for 50 epochs of 128,000 stacks in batches of 64, on the plane for longer."""
    target = target_of("pacgan2018")
    row, full = target.rows[0], target.tier("full")
    asked = {column.name: iterations_of(row, column, target, full) for column in target.columns}
    assert asked["stacked MNIST modes"] == 50 * 128_000 // 64
    assert asked["ring modes"] == 400 * 100_000 // 100


def test_a_page_shows_its_curve(type_in, tmp_path):
    """The curve of a target lies beside its page, which names it, on light and on dark ground."""
    code, _, err = type_in("reproduce", "goodfellow2014", "--tier", "smoke", "--results", tmp_path)
    assert code == 0, err
    page = (tmp_path / "goodfellow2014-smoke.md").read_text()
    assert "(goodfellow2014-smoke-epochs.svg)" in page
    assert "scored again" not in page
    for name in ("goodfellow2014-smoke-epochs.svg", "goodfellow2014-smoke-epochs-dark.svg"):
        content = (tmp_path / name).read_text()
        assert "Adversarial nets, paper" in content
    records = [json.loads(path.read_text()) for path in tmp_path.glob("digits/ns*/*/record.json")]
    assert [[rung["iteration"] for rung in record["rungs"]] for record in records] == [[10, 20, 30]] * 2
    effects = {records[0]["key"]: {"score": 220.0, "other noise": -1.5}, "unknown": {"score": 1.0}}
    (tmp_path / "rescored.json").write_text(json.dumps(effects))
    code, _, err = type_in("reproduce", "goodfellow2014", "--tier", "smoke", "--results", tmp_path)
    assert code == 0, err
    page = (tmp_path / "goodfellow2014-smoke.md").read_text()
    assert "scored again" in page
    assert "| other noise | -1.5 |" in page


def test_histograms():
    """Every value is in one bar, and bars are to one scale."""
    lines = histograms({"one": [0.0, 1.0, 1.0], "two": [0.5, 0.6, 0.7, 1.0]})
    counts = [[int(cell.split()[1]) if cell else 0 for cell in line[2:]] for line in lines[1:]]
    assert len(counts) == BINS
    assert np.sum(counts, axis=0).tolist() == [3, 4]
    assert histograms({"one": [1.0]}) == []


def test_a_page_is_kept_where_nothing_can_be_run(type_in, tmp_path, monkeypatch):
    """Without the data of runs made elsewhere, a published page is not replaced by one of empty cells."""
    monkeypatch.delenv("GAN_BENCH_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    page = tmp_path / "goodfellow2014-cpu.md"
    page.write_text("published")
    code, out, err = type_in("reproduce", "goodfellow2014", "--results", tmp_path)
    assert code == 0
    assert "No cell was run" in " ".join(err.split())
    assert "not run" in out
    assert page.read_text() == "published"
    assert not page.with_suffix(".json").exists()
    page.unlink()
    assert type_in("reproduce", "goodfellow2014", "--results", tmp_path)[0] == 0
    assert "not run" in page.read_text()
