"""Every objective trains in the engine: four seeds as one program, each with its settings as member values."""

from __future__ import annotations

import pytest

from benchmark.engine.group import Varying, form
from benchmark.engine.loop import advance
from benchmark.problems import PROBLEMS
from objectives import OBJECTIVES
from objectives.base import float_fields
from objectives.spec import parse

MEMBERS = 4
WRAPPED = [
    "ns+cr",
    "ns+fm",
    "ns+history",
    "ns+lecam",
    "ns+noise",
    "ns+topk",
    "ns+gn",
    "kl-wgan+sn",
    "ebgan+r1",
    "hinge+gp0",
]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """The training data of both problems."""
    cache = tmp_path_factory.mktemp("cache")
    return {name: PROBLEMS[name].load(cache).training for name in ("ring", "digits")}


def trained(spec, problem, points, iterations):
    """Train four members and give their final state."""
    objective = parse(spec, scales=problem.budget.scales)
    varying = Varying({path: [value] * MEMBERS for path, value in float_fields(objective).items()}, {})
    group = form(problem, objective, problem.training, range(MEMBERS), points, iterations, varying)
    for position in advance(group, group.start()):
        state = position.state
    return state


@pytest.mark.parametrize(
    ("spec", "problem"),
    [*((spec, "ring") for spec in (*OBJECTIVES, *WRAPPED)), *((spec, "digits") for spec in OBJECTIVES)],
)
def test_every_objective_trains(spec, problem, data):
    """Twenty iterations leave every member alive."""
    state = trained(spec, PROBLEMS[problem], data[problem], 20)
    assert state.alive.all()
    assert state.players.generator.isfinite().all()


@pytest.mark.full
@pytest.mark.parametrize("problem", ["ring", "digits"])
@pytest.mark.parametrize("spec", OBJECTIVES)
def test_every_objective_trains_for_long(spec, problem, data):
    """Two thousand iterations run to their end; a member may die, which is a result, but not all of a sound game."""
    state = trained(spec, PROBLEMS[problem], data[problem], 2_000)
    assert state.alive.any() or spec == "wasserstein"  # without a constraint the loss runs off to infinity
