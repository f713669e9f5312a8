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
OLDER = ["ns+cr", "ns+fm", "ns+history", "ns+lecam", "ns+noise", "ns+topk", "ebgan+r1", "hinge+gp0"]
NEWER = ["ns+gn", "kl-wgan+sn", "wgan-gp+ln", "hinge+san", "ns+zcr", "hinge+projection", "ns+acgan", "ns+label"]


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """Both problems with their labels, and their training data."""
    cache = tmp_path_factory.mktemp("cache")
    data = {name: PROBLEMS[name].load(cache) for name in ("ring", "digits")}
    return {name: (PROBLEMS[name].fitted(read), read.training) for name, read in data.items()}


def trained(spec, problem, points, iterations):
    """Train four members and give their final state."""
    objective = parse(spec, scales=problem.budget.scales)
    varying = Varying({path: [value] * MEMBERS for path, value in float_fields(objective).items()}, {})
    group = form(problem, objective, problem.training, range(MEMBERS), points, iterations, varying)
    for position in advance(group, group.start()):
        state = position.state
    return state


@pytest.mark.parametrize("problem", ["ring", "digits"])
@pytest.mark.parametrize("spec", [*OBJECTIVES, *NEWER])
def test_every_objective_trains(spec, problem, known):
    """Three iterations leave every member alive."""
    state = trained(spec, *known[problem], 3)
    assert state.alive.all()
    assert state.players.generator.isfinite().all()


@pytest.mark.parametrize("spec", OLDER)
def test_every_older_wrapper_trains(spec, known):
    """So they do under the wrappers."""
    assert trained(spec, *known["ring"], 3).alive.all()


@pytest.mark.full
@pytest.mark.parametrize("problem", ["ring", "digits"])
@pytest.mark.parametrize("spec", [*OBJECTIVES, *NEWER])
def test_every_objective_trains_for_long(spec, problem, known):
    """Two thousand iterations run to their end; a member may die, which is a result, but not all of a sound game.

    OT-GAN's matchings take many times the rest of a step, so it gets fifty.
    """
    state = trained(spec, *known[problem], 50 if spec == "ot-gan" else 2_000)
    assert state.alive.any() or spec == "wasserstein"  # without a constraint the loss runs off to infinity
