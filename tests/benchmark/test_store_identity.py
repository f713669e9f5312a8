"""The key of a run."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.store import canonical_json, identity_key

numbers = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False))
plain = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4)),
    max_leaves=10,
)


def test_golden_key():
    """The key is the first 16 digits of the SHA-256 of a text written by hand."""
    identity = {"seed": 3, "objective": {"name": "ns", "smoothing": 0.0}, "lr": 1e-3, "tags": ("é", True, None)}
    by_hand = rb'{"lr":0.001,"objective":{"name":"ns","smoothing":0},"seed":3,"tags":["\u00e9",true,null]}'
    assert canonical_json(identity).encode() == by_hand
    assert identity_key(identity) == hashlib.sha256(by_hand).hexdigest()[:16]
    # printf '%s' '{"a":1}' | sha256sum
    assert identity_key({"a": 1.0}) == "015abd7f5cc57a2d"


@given(plain)
def test_text_reads_back_as_the_same_value(value):
    """Canonical JSON loses nothing but the difference between equal numbers."""
    assert json.loads(canonical_json(value)) == value


@given(st.dictionaries(st.text(), plain, max_size=5), st.randoms())
def test_order_of_entries_does_not_matter(identity, order):
    """The same entries in another order have the same key."""
    names = list(identity)
    order.shuffle(names)
    assert identity_key({name: identity[name] for name in names}) == identity_key(identity)


@given(numbers, numbers)
def test_equal_numbers_and_only_they_are_written_alike(left, right):
    """Two numbers have one text exactly if they are equal, whatever their types."""
    assert (canonical_json(left) == canonical_json(right)) == (left == right)


@pytest.mark.parametrize(
    ("left", "right"), [(0.0, -0.0), (10, 10.0), (2**60, 2.0**60), (1e300, int(1e300)), ([1], (1.0,))]
)
def test_equal_values_are_written_alike(left, right):
    """Signs of zero, integral floats and tuples do not change a key."""
    assert canonical_json(left) == canonical_json(right)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": [float("-inf")]}])
def test_values_without_a_text_are_refused(value):
    """NaN and infinities have no key."""
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(value)


@pytest.mark.parametrize("value", [{1: "a"}, {"a": {1, 2}}, object(), b"x"])
def test_what_json_cannot_hold_is_refused(value):
    """Numbers as names, sets and objects are refused rather than guessed at."""
    with pytest.raises(TypeError, match="JSON"):
        canonical_json(value)
