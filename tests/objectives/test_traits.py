"""Traits: what a game promises and needs, and how both combine."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
import torch

from objectives import OBJECTIVES, WRAPPERS, Added, NonSaturating, Objective, Penalised, Penalty, Traits, example_of
from objectives.base import bind
from objectives.spec import parse


def test_penalties_need_what_they_need_and_promise_no_more_than_the_game():
    """A need of either part is a need of the game, a promise holds where both keep it."""
    game = parse("rsgan+r1+lecam+history+clip").traits
    assert (game.pairs, game.sample_gradients, game.sees_parameters, game.constrains) == (True, True, True, True)
    assert not game.shift_invariant  # LeCam looks at the scores themselves
    assert parse("rsgan+r1").traits.shift_invariant
    assert not parse("ns+fm").traits.separable


def test_what_is_added_with_the_defaults_changes_nothing():
    """`Added()` is neutral for every game of the catalogue."""
    for make in OBJECTIVES.values():
        traits = make().traits
        assert traits.combined(Added()) == traits


@pytest.mark.parametrize("name", [*OBJECTIVES, *map(example_of, WRAPPERS)])
def test_traits_are_answered_once_and_kept_when_settings_become_tensors(name):
    """A loss may read a trait while its settings are tensors under `vmap`, where no `if` could answer."""
    game = parse(name)
    bound = bind(game, {"smoothing": torch.tensor(0.1), "objective.smoothing": torch.tensor(0.1)})
    assert bound.traits is game.traits


def test_a_trait_stated_by_itself_is_refused():
    """Nothing would read it, so the class cannot be made."""
    with pytest.raises(TypeError, match=r"Mine states 'pairs' as an attribute; write traits = Traits\(pairs=\.\.\.\)"):

        class Mine(Objective):
            pairs = True

    with pytest.raises(TypeError, match=r"write traits = Added\(bounds=\.\.\.\)"):

        class Term(Penalty):
            bounds = True


@dataclass(frozen=True)
class Bounding(Penalty):
    """A penalty that states one trait."""

    traits = Added(bounds=True)


def test_a_users_trait_takes_one_line():
    """A penalty of a user that bounds the critic bounds the game; a subclass restates with `replace`."""

    @dataclass(frozen=True)
    class Free(NonSaturating):
        traits = Traits(unbounded="a test")

    @dataclass(frozen=True)
    class Paired(Free):
        traits = replace(Free.traits, pairs=True)

    assert Free().traits.unbounded == "a test"
    assert Paired().traits == Traits(unbounded="a test", pairs=True)
    assert not Penalised(Free(), Bounding()).traits.unbounded
