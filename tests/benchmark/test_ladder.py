"""The ladder: a rung is the end of a shorter run to the bit, unless the game looks at its progress."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from benchmark.engine.loop import TRACE_FROM, feed
from benchmark.errors import Interrupted
from benchmark.runner.ladder import rungs_noted, rungs_of
from benchmark.runner.request import Request
from benchmark.runner.run import execute
from benchmark.store import read_all
from objectives import OBJECTIVES, WRAPPERS
from objectives.spec import parse
from tests.benchmark.builders import POINTS, group
from tests.benchmark.test_resume import Silent

OF_OTHER_DATA = {"acgan", "diffaug", "label", "projection"}  # of classes and of images, which bare points are not
WRAPPED = [f"{'hinge' if name == 'san' else 'ns'}+{name}" for name in WRAPPERS if name not in OF_OTHER_DATA]


@pytest.mark.parametrize(
    ("budget", "cost", "rungs"),
    [
        (80_000, 2, {2_500: 5_000, 5_000: 10_000, 10_000: 20_000, 20_000: 40_000}),
        (80_000, 6, {833: 5_000, 1_666: 10_000, 3_333: 20_000, 6_666: 40_000}),
        (2_000, 2, {250: 500, 500: 1_000}),
        (600, 2, {}),
    ],
)
def test_rungs_are_where_runs_of_their_budget_end(budget, cost, rungs):
    """A rung's iteration is its budget over the cost, and there is none where runs are not traced."""
    assert rungs_of(budget, cost) == rungs
    assert all(iteration >= TRACE_FROM for iteration in rungs)


@pytest.mark.parametrize("spec", [*OBJECTIVES, *WRAPPED])
def test_what_looks_at_progress_is_known(spec):
    """The same iteration of a long and of a short run is the same to the bit, but for games that see progress."""
    ends = []
    for iterations in (8, 16):
        members = group(spec, seeds=[0, 1], data=POINTS.float(), iterations=iterations)
        state = members.start()
        for batch in feed(members, 0, 4):
            state, _ = members.step(state, batch)
        ends.append(torch.cat([state.critic.parameters, state.generator.parameters], dim=1))
    assert torch.equal(*ends) != parse(spec).traits.sees_progress


def objectives_under(root):
    """Return the records of objectives by row and seed."""
    records, bad = read_all(root)
    assert not bad
    return {(record.row, record.seed): record for record in records if record.kind == "objective"}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Run 800 iterations, interrupted at a rung and resumed, and the 400 of the rung in the middle."""
    roots = {name: tmp_path_factory.mktemp(name) for name in ("long", "short")}
    asked = Request(problems=["ring"], objectives=["ns", "began", "wgan-gp"], seeds=[0, 1], iterations=800)
    with pytest.raises(Interrupted):
        execute(asked, roots["long"], roots["long"] / "cache", Silent(200))
    execute(asked, roots["long"], roots["long"] / "cache", Silent())
    execute(dataclasses.replace(asked, iterations=400), roots["short"], roots["short"] / "cache", Silent())
    return {name: objectives_under(root) for name, root in roots.items()}


@pytest.mark.xdist_group("ladder")
def test_a_rung_equals_the_shorter_run(runs):
    """Scores, absences, end state and budget of a rung are those of a run with that budget, to the bit."""
    assert len(runs["long"]) == 6
    for row, record in runs["long"].items():
        short = runs["short"][row]
        (rung,) = (one for one in record.rungs if one.iteration == 400)
        assert (rung.scores, rung.absent, rung.end) == (short.scores, short.absent, short.end)
        assert rung.gradient_evaluations == short.comparable["gradient_evaluations"]
        assert [one.iteration for one in record.rungs] == [200, 400, 800]
        assert [one.iteration for one in short.rungs] == [200, 400]


def test_rungs_can_be_requested(tmp_path):
    """A run is scored at the requested iterations instead of fractions, and at its end."""
    asked = Request(problems=["ring"], objectives=["ns"], seeds=[0], iterations=300, rungs=(30, 250, 400))
    with pytest.raises(Interrupted):
        execute(asked, tmp_path, tmp_path / "cache", Silent(200))
    execute(asked, tmp_path, tmp_path / "cache", Silent())
    (record,) = objectives_under(tmp_path).values()
    assert [(one.iteration, one.gradient_evaluations) for one in record.rungs] == [(30, 60), (250, 500), (300, 600)]
    assert all(one.scores for one in record.rungs)


@pytest.mark.xdist_group("ladder")
def test_noted_rungs_are_those_below_the_checkpoint(runs):
    """Notes that lack a rung, name another or hold too few members are refused."""
    row = list(runs["long"].values())[:2]
    noted = [[dataclasses.asdict(record.rungs[at]) for record in row] for at in (0, 1)]
    ladder = {record.iteration: record.gradient_evaluations for record in row[0].rungs[:2]}
    assert list(rungs_noted(noted, 2, ladder, 500)) == [200, 400]
    assert list(rungs_noted(noted[:1], 2, ladder, 400)) == [200]  # interrupted before it was judged
    for wrong in (noted[:1], noted[1:], [[]], "rungs", [noted[0], noted[0]], None):
        with pytest.raises(ValueError, match="rung"):
            rungs_noted(wrong, 2, ladder, 500)
    with pytest.raises(ValueError, match="rung"):
        rungs_noted(noted, 2, ladder, 300)


def test_a_game_that_sees_progress_is_no_shorter_game_on_its_way(tmp_path):
    """Half-decayed noise is not the noise at the end of half the budget; constant noise is."""
    games = ["ns+noise", "ns+noise:decay=no"]
    execute(Request(problems=["ring"], objectives=games, seeds=[0], iterations=400), tmp_path, tmp_path / "c", Silent())
    found = {row: record.rungs for (row, _), record in objectives_under(tmp_path).items()}
    assert {row: len(rungs) for row, rungs in found.items()} == {"ns+noise": 0, "ns+noise:decay=false": 2}
