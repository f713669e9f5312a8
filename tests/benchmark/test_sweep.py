"""Sweeps: one setting at several values, from the command line, a suite and the records."""

from __future__ import annotations

import dataclasses
import json
import re
from types import SimpleNamespace

import pytest

from benchmark.errors import UserError
from benchmark.figures.style import THEMES
from benchmark.figures.sweep_plot import draw_sweeps
from benchmark.leaderboard import Sweep, sweep_text, sweeps, tables
from benchmark.report.sweep import sweep_charts
from benchmark.runner.groups import pack
from benchmark.runner.plan import plan
from benchmark.runner.request import Request
from benchmark.runner.suite import suite_of
from benchmark.runner.sweep import MOST_SETTINGS, parse_sweeps, settings_of
from benchmark.store import End, RecordedScore, identity_key
from tests.benchmark.cli_builders import type_in
from tests.benchmark.store_builders import record

__all__ = ["type_in"]


def test_values_and_their_combinations():
    """Each `--sweep` names one setting; several are combined."""
    sweep = parse_sweeps(["r1.gamma=0.1, 1,10", "batch=32,64"])
    assert sweep == {"r1.gamma": ("0.1", "1", "10"), "batch": ("32", "64")}
    assert len(settings_of(sweep)) == 6
    assert settings_of(sweep)[1] == {"r1.gamma": "0.1", "batch": "64"}
    assert settings_of({}) == [{}]


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        (["gamma"], "one setting and its values"),
        (["gamma="], "one setting and its values"),
        (["=1,2"], "one setting and its values"),
        (["gamma=1,,2"], "one setting and its values"),
        (["gamma=1,batch=2"], "repeat --sweep"),
        (["gamma=1,1"], "a value twice"),
        (["gamma=1", "gamma=2"], "swept twice"),
        ([f"gamma={','.join(map(str, range(40)))}", f"batch={','.join(map(str, range(1, 41)))}"], f"{MOST_SETTINGS:,}"),
    ],
)
def test_an_invalid_sweep_is_one_sentence(texts, why):
    """The error shows a valid sweep."""
    with pytest.raises(UserError, match=why):
        parse_sweeps(texts)


def test_all_values_and_seeds_train_as_one_program(tmp_path):
    """A float setting varies within a group; what sets what the sweep sets, or what nothing has, is a mistake."""
    asked = {"problems": ["ring"], "objectives": ["ns+r1", "ns"], "seeds": [0, 1], "iterations": 10}
    request = Request(**asked, sweep={"r1.gamma": ("0.5", "2", "8")})
    planned = plan(request, tmp_path)
    rows = {run.experiment.row for run in planned.runs if run.experiment.objective is not None}
    assert rows == {"ns", "ns+r1:gamma=0.5", "ns+r1:gamma=2", "ns+r1:gamma=8"}
    swept = [run for run in planned.runs if "r1" in run.experiment.row]
    (group,) = pack(dataclasses.replace(planned, runs=tuple(swept)), {}, tmp_path)
    assert len(group.runs) == 6
    with pytest.raises(UserError, match="both set and swept"):
        Request(**asked, sweep={"batch": ("2",)}, overrides={"batch": "3"})
    with pytest.raises(UserError, match=r"r1\.gama"):
        plan(Request(**asked, sweep={"r1.gama": ("1", "2")}), tmp_path)


def test_a_suite_may_sweep(tmp_path):
    """The table `[sweep]` holds what `--sweep` takes."""
    head = 'problems = ["ring"]\nobjectives = ["ns+r1"]\n'
    (tmp_path / "mine.toml").write_text(head + '[sweep]\n"r1.gamma" = [0.1, 1, 10]\nbatch = [32, 64]\n')
    assert suite_of(str(tmp_path / "mine.toml")).swept == {"r1.gamma": ("0.1", "1", "10"), "batch": ("32", "64")}
    (tmp_path / "mine.toml").write_text(head + '[sweep]\n"r1.gamma" = []\n')
    with pytest.raises(UserError, match="at least 1"):
        suite_of(str(tmp_path / "mine.toml"))


def swept_records(scores):
    """Make records of R1 at several gammas, with the scores given by gamma."""
    found = []
    for at, (gamma, value) in enumerate(scores.items()):
        for seed in range(4):
            own = {
                "seed": seed,
                "objective": {"class": "NonSaturating", "wrappers": [{"class": "R1", "gamma": gamma}]},
                "training": {"generator_learning_rate": 0.1, "critic_learning_rate": 0.1, "batch": 64},
            }
            facts = {"identity": own, "key": identity_key(own), "headline": ("modes",), "end": End("ok", 10)}
            facts["scores"] = {"modes": RecordedScore(value + 0.01 * (seed * (at + 1) % 5), direction="higher")}
            found.append(record(seed, f"ns+r1:gamma={gamma:g}", **facts))
    return found


def test_the_best_value_is_named_in_a_sentence():
    """The best by the ranking metric has its interval; the others have the verdict against it."""
    (table,) = tables(swept_records({0.1: 2.0, 1.0: 8.01, 10.0: 8.0, 100.0: 1.0}))
    (found,) = sweeps(table, "r1.gamma")
    assert sweeps(table, "gamma") == [found] == sweeps(table)
    assert [value for value, _ in found.points] == [0.1, 1.0, 10.0, 100.0]
    assert (found.game, found.setting) == ("ns+r1", "gamma")
    text = sweep_text(table, found)
    assert "modes is best at 1, 8.0" in text
    assert text.startswith("ring · shared track")
    assert text.endswith("; worse at 0.1 and 100 and not shown to differ at 10.")
    assert sweeps(table, "batch") == []
    axes = draw_sweeps(table, THEMES["light"]).axes[0]
    assert axes.get_xscale() == "log"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0.1", "1", "10", "100"]


def two_penalties():
    """Make records of R1 at three gammas beside R2 at one, and of R2 at three beside R1 at one."""
    found = []
    for r1, r2 in [(1, 5), (2, 5), (3, 5), (7, 1), (7, 2), (7, 3)]:
        parts = [{"class": "R1", "gamma": float(r1)}, {"class": "R2", "gamma": float(r2)}]
        own = {"seed": 0, "objective": {"class": "NonSaturating", "wrappers": parts}, "training": {"batch": 64}}
        facts = {"identity": own, "key": identity_key(own), "headline": ("modes",), "end": End("ok", 10)}
        facts["scores"] = {"modes": RecordedScore(float(r1 + r2), direction="higher")}
        found.append(record(0, f"ns+r1:gamma={r1}+r2:gamma={r2}", **facts))
    return found


def test_settings_with_one_name_are_distinguished():
    """`r1.gamma` is not `r2.gamma`; `gamma` is both; what the rows have in common names the game."""
    (table,) = tables(two_penalties())
    assert {one.game for one in sweeps(table, "gamma")} == {"ns+r1+r2:gamma=5", "ns+r1:gamma=7+r2"}
    assert [one.game for one in sweeps(table, "r1.gamma")] == ["ns+r1+r2:gamma=5"]
    assert [one.game for one in sweeps(table, "r2.gamma")] == ["ns+r1:gamma=7+r2"]
    assert sweeps(table, "gp.gamma") == sweeps(table, "nothing.gamma") == []


@pytest.mark.parametrize(
    ("labels", "game"),
    [
        (["ns @batch=32", "ns @batch=64", "ns"], "ns"),
        (["ns @learning_rate=0.1,batch=32", "ns @learning_rate=0.1,batch=64"], "ns @learning_rate=0.1"),
        (["r3gan:r1.gamma=0.5", "r3gan:r1.gamma=1"], "r3gan"),
        (["a+b:x=1e+20,y=2", "a+b:x=1,y=2", "a+b:y=2"], "a+b:y=2"),
    ],
)
def test_the_game_of_a_sweep_is_what_its_labels_share(labels, game):
    """The setting that differs is removed, wherever it is."""
    points = tuple((float(at), SimpleNamespace(label=label)) for at, label in enumerate(labels))
    assert Sweep("x", points).game == game


def test_the_report_draws_each_sweep():
    """Runs, means and a table of its values, on a logarithmic axis where they span a decade; the sentence above."""
    (table,) = tables(swept_records({0.1: 2.0, 1.0: 8.01, 10.0: 8.0, 100.0: 1.0}))
    (chart,) = sweep_charts(table)
    (found,) = sweeps(table)
    assert chart.said == sweep_text(table, found)
    assert [value for value, _ in chart.lines] == ["0.1", "1", "10", "100"]
    assert chart.drawing.count("<circle") == 4
    assert chart.drawing.count("h0") == 16  # runs
    assert "gamma, logarithmic" in chart.drawing
    places = [float(x) for x in re.findall(r'<circle cx="(\d+)"', chart.drawing)]
    assert places[1] - places[0] == pytest.approx(places[3] - places[2], abs=2)
    assert not sweep_charts(tables(swept_records({0.1: 2.0, 1.0: 8.0}))[0])
    (linear,) = sweep_charts(tables(swept_records({1.0: 2.0, 2.0: 8.01, 4.0: 8.0}))[0])
    assert "logarithmic" not in linear.drawing


def test_two_values_are_no_sweep():
    """Rows that differ in two settings, or are two, are compared and not swept."""
    (table,) = tables(swept_records({0.1: 2.0, 1.0: 8.0}))
    assert sweeps(table) == []
    assert draw_sweeps(table, THEMES["dark"]) is None


def test_a_sweep_is_run_compared_and_drawn(type_in, tmp_path):
    """From `run --sweep` to a sentence, its JSON and a figure."""
    root = tmp_path / "runs"
    words = ("run", "-o", "ns+r1", "-p", "ring", "--seeds", "2", "--iterations", "8", "--no-pictures")
    code, out, _ = type_in(*words, "--sweep", "r1.gamma=0.5,2,8", "--results", root)
    assert code in (0, 3)
    assert all(f"ns+r1:gamma={value}" in out for value in ("0.5", "2", "8"))
    code, out, err = type_in("compare", "--sweep", "r1.gamma", "--results", root, "--json", tmp_path / "sweep.json")
    assert code == 0, err
    assert out.startswith("ring · shared track: ns+r1, gamma at 3 values from 0.5 to 8.")
    (found,) = json.loads((tmp_path / "sweep.json").read_text())["sweeps"]
    assert found["sentence"] == out.strip()
    assert type_in("report", "--results", root, "--output", tmp_path / "report.html")[0] == 0
    assert '<svg class="sweep"' in (tmp_path / "report.html").read_text()
    assert type_in("figure", "sweep", "--results", root, "--output", tmp_path / "figures")[0] == 0
    assert len(list((tmp_path / "figures").glob("sweep-*"))) == 2
    code, _, err = type_in("compare", "--sweep", "margin", "--results", root)
    assert code == 2
    assert "gan-bench run --sweep margin=0.1,1,10" in err
