"""What a plan makes of a request before anything is trained."""

from __future__ import annotations

import dataclasses

import pytest

from benchmark.engine.group import dynamics_for
from benchmark.errors import UserError
from benchmark.problems import PROBLEMS
from benchmark.runner.plan import plan
from benchmark.runner.request import Request, parse_budget
from benchmark.store import identity_key
from objectives import OBJECTIVES


@pytest.mark.parametrize("track", ["shared", "paper"])
def test_every_objective_has_the_problems_budget_and_stands_in_one_table(track, tmp_path):
    """Costs of 1 to 6 gradients an iteration all fit the budget, none could take another iteration, one table holds."""
    request = Request(objectives=tuple(OBJECTIVES), problems=("ring",), seeds=(0,), track=track)
    experiments = [run.experiment for run in plan(request, tmp_path).runs if run.experiment.objective is not None]
    assert len(experiments) == len(OBJECTIVES)
    (budget,) = {experiment.comparable["gradient_evaluations"] for experiment in experiments}
    assert budget == experiments[0].problem.budget.quick
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


@pytest.mark.parametrize(
    ("budget", "evaluations"), [("quick", 5_000), ("full", 20_000), (" FULL", 20_000), ("1234", 1_234)]
)
def test_a_budget_is_a_word_or_a_number(budget, evaluations, tmp_path):
    """A run spends the problem's first look, its whole budget, or a number, in whole iterations of its own cost."""
    ring = PROBLEMS["ring"]
    known = dataclasses.replace(ring, budget=dataclasses.replace(ring.budget, gradient_evaluations=20_000, first=5_000))
    asked = Request(problems=[known], objectives=["ns", "wgan"], seeds=[0], budget=parse_budget(budget))
    experiments = {run.experiment.row: run.experiment for run in plan(asked, tmp_path).runs}
    assert [experiments[row].iterations for row in ("ns", "wgan")] == [evaluations // 2] * 2
    assert experiments["ns"].comparable["gradient_evaluations"] == evaluations


@pytest.mark.parametrize("text", ["", "0", "-5", "1e4", "most", "9" * 30])
def test_what_is_no_budget_is_one_sentence(text):
    """A budget that is neither word nor number is a mistake."""
    with pytest.raises(UserError, match="A budget must be quick, full or a number"):
        parse_budget(text)


def test_an_experiment_without_a_seed_is_one_run(tmp_path):
    """Where numbers do not depend on the seed, the identity leaves it out, and all seeds are one run."""
    request = Request(problems=["ring"], objectives=["ns"], seeds=(0, 1, 2), iterations=2)
    experiment = next(run.experiment for run in plan(request, tmp_path).runs if run.experiment.row == "gmm")
    assert [run.identity["seed"] for run in experiment.runs(request.seeds)] == [0, 1, 2]
    (run,) = dataclasses.replace(experiment, seeded=False).runs(request.seeds)
    assert "seed" not in run.identity
    assert run.key == identity_key(experiment.facts)
