"""Where settings come from: inside their ranges, the same for the same search, in one sequence whatever its length."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.problems import PROBLEMS
from benchmark.tune.sampling import Ranked, ask, seed_of
from benchmark.tune.space import MOST_BETA1, contains, shared_space, space_of, start_of
from objectives.foundation.settings import text_of
from objectives.search import Choice, Span, decades
from objectives.spec import parse

pytest.importorskip("optuna", reason="Optuna is an extra: pip install optuna")

RING = PROBLEMS["ring"]
SAMPLERS = ("random", "tpe", "qmc")
SPECS = ("ns", "began", "wgan-gp", "ebgan-pt", "ns+r1:gamma=1+noise", "mmd-fixed")


def space(spec="wgan-gp", ranges="wide"):
    """Return the space of an objective on the ring."""
    return space_of(RING, parse(spec, scales=RING.budget.scales), ranges)


def past(points):
    """Rank points by their order."""
    return [Ranked(point, float(rank)) for rank, point in enumerate(points)]


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("ranges", ["default", "wide", "narrow"])
@pytest.mark.parametrize("spec", SPECS)
@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_drawn_values_are_in_their_range(spec, ranges, sampler, seed):
    """Every preset, every sampler, before and after trials, and the text reads back to the value."""
    where = space(spec, ranges)
    first = ask(where, [], 4, sampler, seed)
    for point in first + ask(where, past(first), 3, sampler, seed):
        assert list(point) == list(where)
        for name, value in point.items():
            assert contains(where[name], value)
            assert float(text_of(value)) == value


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_same_search_draws_the_same(sampler):
    """Settings follow from the seed and the previous trials; another seed draws others."""
    known = past(ask(space(), [], 8, "random", 1))
    assert ask(space(), known, 5, sampler, 7) == ask(space(), known, 5, sampler, 7)
    assert ask(space(), known, 5, sampler, 7) != ask(space(), known, 5, sampler, 8)


@pytest.mark.parametrize("sampler", ["random", "qmc"])
def test_a_longer_search_begins_like_a_shorter_one(sampler):
    """Sequences that do not depend on results are one sequence."""
    assert ask(space(), [], 20, sampler, 3)[:6] == ask(space(), [], 6, sampler, 3)


def test_tpe_learns():
    """If small learning rates are the best, it draws smaller ones than chance."""
    drawn = sorted(ask(space("ns"), [], 30, "random", 0), key=lambda point: point["learning_rate"])
    learnt = ask(space("ns"), past(drawn), 20, "tpe", 0)
    blind = ask(space("ns"), [], 20, "random", 5)
    middle = [sorted(point["learning_rate"] for point in points)[10] for points in (learnt, blind)]
    assert middle[0] < middle[1] / 3


def test_qmc_spreads_evenly():
    """Of 16 Sobol points each sixteenth of the logarithmic range holds one, which chance does not do."""
    rates = [point["learning_rate"] for point in ask(space("ns"), [], 16, "qmc", 2)]
    span = decades(-5, -2)
    cells = {sum(rate >= span.low * (span.high / span.low) ** (edge / 16) for edge in range(1, 16)) for rate in rates}
    assert len(cells) == 16


def test_the_studys_training_ranges():
    """Lucic et al. (2018), params.py of google/compare_gan v1: what every model of the study shares."""
    assert shared_space(RING.training, "wide") == {
        "learning_rate": Span(1e-5, 1e-2, log=True),
        "beta1": Span(0.0, MOST_BETA1),
        "critic_steps": Choice((1, 5)),
    }
    assert pytest.approx(1.0, abs=2e-3) == MOST_BETA1
    assert shared_space(RING.training, "narrow") == {
        "learning_rate": Span(1e-4, 1e-3, log=True),
        "beta1": Choice((0.5,)),
        "critic_steps": Choice((1,)),
    }


def test_critic_steps_are_drawn_by_choice_between_the_ends():
    """The study declares a range from 1 to 5, and its code draws 1 or 5, about as often."""
    steps = [point["critic_steps"] for point in ask(space(), [], 200, "random", 0)]
    assert set(steps) == {1, 5}
    assert 70 <= steps.count(5) <= 130


def test_all_objectives_share_the_ranges_of_training():
    """What is no field of the objective has one range for all of them."""
    shared = shared_space(RING.training, "default")
    for spec in ("ns", "began", "wgan-gp"):
        assert {name: domain for name, domain in space(spec, "default").items() if name in shared} == shared
    assert "critic_steps" not in space("mmd-fixed", "default")
    assert "critic_learning_rate" not in space("mmd-fixed", "default")


def test_own_fields_are_named_as_set_takes_them():
    """A part's field carries the part's name; EBGAN's margin is around the problem's."""
    assert space("ns+r1:gamma=1+lecam")["r1.gamma"] == Span(0.1, 100.0, log=True)
    assert "lecam.weight" in space("ns+r1:gamma=1+lecam")
    digits = PROBLEMS["digits"]
    margin = space_of(digits, parse("ebgan", scales=digits.budget.scales), "wide")["ebgan.margin"]
    assert (margin.low, margin.high) == pytest.approx((0.3, 30.0))


def test_the_default_is_a_point_only_if_it_is_in_the_space():
    """The ring's two learning rates differ but the study has one, so its default is no point."""
    objective = parse("wgan-gp")
    assert start_of(space(ranges="default"), objective, RING.training)["gp.weight"] == 10.0
    assert start_of(space(ranges="wide"), objective, RING.training) == {}
    digits = PROBLEMS["digits"]
    where = space_of(digits, objective, "wide")
    assert start_of(where, objective, digits.training)["learning_rate"] == 1e-3
    assert start_of(space_of(digits, objective, "narrow"), objective, digits.training)["learning_rate"] == 1e-3


def test_seeds_follow_from_facts():
    """Another objective, another search."""
    assert seed_of(0, "ring", "ns") == seed_of(0, "ring", "ns")
    assert len({seed_of(0, "ring", "ns"), seed_of(0, "ring", "wgan"), seed_of(1, "ring", "ns")}) == 3
    assert 0 <= seed_of("anything") < 2**32
