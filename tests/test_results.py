"""What is published under results/ is what its records say, and the program would make the same runs today."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmark.cli.leaderboard import SUFFIXES
from benchmark.cli.reproduce import DIFFERS
from benchmark.leaderboard import rankings, tables
from benchmark.reproduce.rescored import RESCORED
from benchmark.runner.plan import plan
from benchmark.runner.request import Request
from benchmark.runner.suite import suite_of
from benchmark.store import PACK, read_all
from tests.benchmark.cli_builders import type_in

__all__ = ["type_in"]

RESULTS = Path(__file__).resolve().parents[1] / "results"
PUBLISHED = sorted(path.parent for path in RESULTS.glob(f"*/{PACK}"))


@pytest.mark.parametrize("folder", PUBLISHED, ids=lambda folder: folder.name)
def test_generated_files_are_current(type_in, folder):
    """The tables beside published records are those that the records give."""
    for file in sorted(folder.iterdir()):
        if file.suffix in SUFFIXES and file.name.startswith("leaderboard"):
            code, _, err = type_in("leaderboard", "--results", folder, "--check", file)
            assert code == 0, err


@pytest.mark.parametrize("folder", PUBLISHED, ids=lambda folder: folder.name)
def test_published_records_are_whole(folder):
    """Every line can be read, and none tells of the machine's user or directories."""
    records, bad = read_all(folder)
    assert records
    assert not bad
    content = (folder / PACK).read_text()
    assert "/home/" not in content
    assert "/root/" not in content


@pytest.mark.parametrize(
    ("folder", "track", "protocol", "budget"), [("standard", "shared", 2, "full"), ("paper", "paper", 1, "quick")]
)
def test_keys_are_as_published(folder, track, protocol, budget, tmp_path, monkeypatch):
    """Every published run has the key that the program would give it now, under the protocol it was run by."""
    monkeypatch.setattr("benchmark.runner.experiment.PROTOCOL", protocol)
    suite = suite_of("standard")
    request = Request(suite.problems, suite.games, suite.seed_list, track=track, budget=budget)
    planned = {run.key for run in plan(request, tmp_path).runs}
    published = {record.key for record in read_all(RESULTS / folder)[0]}
    assert published <= planned


def test_the_standard_suite_is_published_whole(tmp_path):
    """No run of the suite is missing: its command finds everything on record."""
    suite = suite_of("standard")
    planned = plan(Request(suite.problems, suite.games, suite.seed_list, budget=suite.budget), tmp_path).runs
    assert {run.key for run in planned} == {record.key for record in read_all(RESULTS / "standard")[0]}


@pytest.mark.parametrize("folder", ["standard", "paper"])
def test_one_order_over_all_problems(folder):
    """The standard suite ranks every game that has two runs or more on each problem: all of them, and no control."""
    records, _ = read_all(RESULTS / folder)
    (ranking,) = rankings(tables(records))
    assert len(ranking.tables) == 3
    games = {record.row for record in records if record.track} - {"mmd-fixed", "drifting"}
    assert set(ranking.ranks) == games
    assert not ranking.unranked


@pytest.mark.full
@pytest.mark.timeout(3600)  # training a critic takes minutes, more on a shared machine
@pytest.mark.parametrize("page", sorted((RESULTS / "reproduce").glob("*-*.md")), ids=lambda page: page.stem)
def test_reproductions_are_current(type_in, tmp_path, page):
    """A target reproduced again from the published records gives the published page."""
    for name in {PACK, RESCORED} & {path.name for path in (RESULTS / "reproduce").iterdir()}:
        shutil.copy(RESULTS / "reproduce" / name, tmp_path / name)
    name, _, tier = page.stem.rpartition("-")
    code, _, err = type_in("reproduce", name, "--tier", tier, "--results", tmp_path)
    assert code in (0, DIFFERS), err
    assert (tmp_path / page.name).read_text() == page.read_text()
