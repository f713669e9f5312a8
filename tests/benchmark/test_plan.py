"""What a plan makes of a request before anything is trained."""

from __future__ import annotations

import pytest

from benchmark.engine.group import dynamics_for
from benchmark.runner.plan import plan
from benchmark.runner.request import Request
from objectives import OBJECTIVES


@pytest.mark.parametrize("track", ["shared", "paper"])
def test_every_objective_has_the_problems_budget_and_stands_in_one_table(track, tmp_path):
    """Costs of 1 to 6 gradients an iteration all fit the budget, none could take another iteration, one table holds."""
    request = Request(objectives=tuple(OBJECTIVES), problems=("ring",), seeds=(0,), track=track)
    experiments = [run.experiment for run in plan(request, tmp_path).runs if run.experiment.objective is not None]
    assert len(experiments) == len(OBJECTIVES)
    (budget,) = {experiment.comparable["gradient_evaluations"] for experiment in experiments}
    assert budget == experiments[0].problem.budget.gradient_evaluations
    costs = [dynamics_for(experiment.training, experiment.objective).cost.gradients for experiment in experiments]
    assert len(set(costs)) > 1
    for experiment, cost in zip(experiments, costs, strict=True):
        assert experiment.iterations * cost <= budget < (experiment.iterations + 1) * cost


@pytest.mark.parametrize(
    ("name", "typed", "known"),
    [
        ("optimiser", "Adam", "adam"),
        ("optimiser", "RMSProp", "rmsprop"),
        ("dynamics", "Simultaneous", "simultaneous"),
        ("learning_rate_schedule", "Linear", "linear"),
    ],
)
def test_a_setting_that_names_something_is_blind_to_case(name, typed, known, tmp_path):
    """`Adam` is `adam`: one run, one key, one label."""
    one, other = (
        plan(Request(objectives=["ns"], problems=["ring"], seeds=[0], overrides={name: value}), tmp_path).runs[0]
        for value in (typed, known)
    )
    assert (one.key, one.experiment.row) == (other.key, other.experiment.row)
    assert getattr(one.experiment.training, name) == known
