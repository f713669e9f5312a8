"""Where hyper-parameters are searched: the study's table, and every field either searched or fixed on purpose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objectives import OBJECTIVES, WRAPPERS
from objectives.base import Objective
from objectives.compose import Penalty, parts
from objectives.search import DIGITS, Choice, Searched, Span, decades
from objectives.settings import own_fields
from objectives.spec import parse

# What no search touches: another value is another game, or another augmentation, clock or memory.
FIXED = {"a", "b", "c", "k", "smoothing", "target", "power", "spread", "decay", "std of Consistency", "reached"}

PARTS = {type(part): part for make in OBJECTIVES.values() for part in parts(make())}
PARTS |= {kind: kind() if issubclass(kind, Penalty) else kind(Objective()) for kind in WRAPPERS.values()}

# Lucic et al. (2018), params.py of google/compare_gan v1: what each model adds to the training settings.
STUDY = [
    ("wgan", "bound", decades(-3, 0), decades(-2, 0)),
    ("wgan-gp", "weight", decades(-1, 2), decades(-1, 1)),
    ("dragan", "weight", decades(-1, 2), decades(-1, 1)),
    ("began", "rate", decades(-4, -2), Choice((1e-3,))),
    ("began", "gamma", Span(0.0, 1.0), Span(0.6, 0.9)),
]


@pytest.mark.parametrize(("spec", "field", "wide", "narrow"), STUDY)
def test_the_studys_ranges(spec, field, wide, narrow):
    """Objectives of the 2018 study are searched over its ranges."""
    declared = [part.searched[field] for part in parts(parse(spec)) if field in part.searched]
    assert [(one.wide, one.narrow) for one in declared] == [(wide, narrow)]


@pytest.mark.parametrize("spec", ["ns", "minimax", "lsgan"])
def test_models_that_add_nothing_in_the_study_add_nothing_here(spec):
    """These three are searched over the training settings alone."""
    assert not any(part.searched for part in parts(parse(spec)))


@pytest.mark.parametrize("part", PARTS.values(), ids=[kind.__name__ for kind in PARTS])
def test_every_float_field_is_searched_or_fixed(part):
    """A new field has to say which of the two it is, and only fields that exist are searched."""
    floats = {name for name, field in own_fields(part).items() if isinstance(field.default, float)}
    fixed = {name for name in floats if name in FIXED or f"{name} of {type(part).__name__}" in FIXED}
    assert floats - fixed == set(part.searched)


@pytest.mark.parametrize("part", PARTS.values(), ids=[kind.__name__ for kind in PARTS])
def test_the_default_lies_in_the_wide_span_and_the_ends_are_valid(part):
    """The search starts inside what it searches, and no end of a span is refused by the objective."""
    for name, searched in part.searched.items():
        start = getattr(part, name)
        for ranges in ("wide", "narrow"):
            domain = searched.domain(ranges, start)
            ends = domain.options if isinstance(domain, Choice) else (domain.low, domain.high)
            for end in ends:
                type(part)(**{"objective": part.objective} if hasattr(part, "objective") else {}, **{name: end})
            assert ranges == "narrow" or domain.low <= start <= domain.high


def test_relative_spans_follow_the_value_at_which_the_search_starts():
    """EBGAN's margin is in units of the problem's energy, so its span is too."""
    searched = parts(parse("ebgan"))[0].searched["margin"]
    assert searched.domain("wide", 3.0) == Span(3.0 * 0.1, 30.0, log=True)
    assert searched.domain("wide", 0.0) == searched.wide  # nothing to be in units of


@given(
    low=st.floats(1e-6, 10.0),
    width=st.floats(1.001, 1e4),
    share=st.floats(0.0, 1.0),
)
def test_rounding_stays_within_the_span(low, width, share):
    """A value rounded to a few digits never leaves its span and moves by less than a thousandth."""
    span = Span(low, low * width, log=True)
    value = min(span.high, low + share * (span.high - low))
    rounded = span.rounded(value)
    assert span.low <= rounded <= span.high
    assert rounded == pytest.approx(value, rel=10.0 ** (1 - DIGITS))


@pytest.mark.parametrize(("low", "high", "log"), [(1.0, 1.0, False), (2.0, 1.0, False), (0.0, 1.0, True)])
def test_a_span_that_is_none_is_refused(low, high, log):
    """Empty spans, and logarithms of zero."""
    with pytest.raises(ValueError, match="a span needs"):
        Span(low, high, log)


def test_an_outside_objective_may_declare_its_own(tmp_path):
    """A search space is a class variable like any other: nothing has to be registered."""
    (tmp_path / "mine.py").write_text(
        "from dataclasses import dataclass\n"
        "from objectives import NonSaturating\n"
        "from objectives.search import Searched, Span\n"
        "@dataclass(frozen=True)\n"
        "class Mine(NonSaturating):\n"
        "    searched = {'tau': Searched(Span(0.0, 1.0), Span(0.4, 0.6), 'mine')}\n"
        "    tau: float = 0.5\n"
    )
    declared = parts(parse(f"{tmp_path / 'mine.py'}:Mine"))[0].searched
    assert isinstance(declared["tau"], Searched)
