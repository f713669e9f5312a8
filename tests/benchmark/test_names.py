"""Names as people type them."""

import time

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from benchmark.engine.host import resolve_device
from benchmark.errors import UnknownName, UserError
from objectives.foundation.names import quote, resolve, unknown_name

KNOWN = ["ns", "minimax", "hinge", "wgan-gp", "r3gan"]


@pytest.mark.parametrize(
    ("typed", "meant"), [("ns", "ns"), ("NS", "ns"), ("WGAN_GP", "wgan-gp"), ("wgan-gp", "wgan-gp"), ("Hinge", "hinge")]
)
def test_case_and_underscores_do_not_matter(typed, meant):
    """A known name is found however its letters and dashes are typed."""
    assert resolve(typed, KNOWN, "objective") == meant


def test_unknown_name_says_what_is_near():
    """The message names the value, the nearest known name and all known names, in one line."""
    with pytest.raises(UnknownName) as caught:
        resolve("hing", KNOWN, "objective")
    assert str(caught.value) == (
        "Unknown objective 'hing'. Did you mean 'hinge'? Known: hinge, minimax, ns, r3gan, wgan-gp."
    )


def test_nothing_near_suggests_nothing():
    """A name like no other gets no suggestion."""
    with pytest.raises(UserError, match=r"^Unknown problem 'zzzz'\. Known: grid, ring\.$"):
        resolve("zzzz", ["ring", "grid"], "problem")


def test_exact_name_wins_over_a_folded_one():
    """Two names that differ only in case are both reachable, and a third spelling is told of both."""
    known = ["MMD", "mmd"]
    assert [resolve(name, known, "objective") for name in known] == known
    with pytest.raises(UnknownName, match="Did you mean 'MMD' or 'mmd'"):
        resolve("Mmd", known, "objective")


def test_long_lists_are_cut():
    """Of many known names twenty are listed and the rest counted."""
    with pytest.raises(UnknownName, match="and 80 more") as caught:
        resolve("zzz", [f"name{number:03d}" for number in range(100)], "metric")
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("name", ["", "\x1b[31mred\nline", "x" * 100_000, "\ud800", "İ" * 70])
def test_hostile_names_are_shown_harmless_and_short(name):
    """Any text is quoted on one printable line of bounded length, at once."""
    start = time.perf_counter()
    with pytest.raises(UnknownName) as caught:
        resolve(name, KNOWN, "objective")
    assert time.perf_counter() - start < 1.0
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 700


@pytest.mark.parametrize("typed", ["NS", "Wgan_GP", "WGAN-GP", "Hing"])
def test_an_objective_is_suggested_however_its_letters_are_typed(typed):
    """The look-up of objectives ignores case and `_` against `-`, at least in what it suggests."""
    meant = {"ns": "ns", "wgan-gp": "wgan-gp", "hing": "hinge"}[typed.casefold().replace("_", "-")]
    assert f"Did you mean '{meant}'" in str(unknown_name("objective", typed, KNOWN))


@pytest.mark.parametrize(("typed", "kind"), [("cuda", "CUDA"), ("CUDA:1", "CUDA"), ("mps", "MPS")])
def test_a_device_that_torch_does_not_see_is_no_unknown_name(monkeypatch, typed, kind):
    """The word is right and the machine lacks it; a slip is still a slip."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(
        UserError, match=rf"^torch finds no {kind} device, so '{typed}' cannot be used\. Available: cpu\.$"
    ):
        resolve_device(typed)
    with pytest.raises(UnknownName, match="Unknown device 'cudda'"):
        resolve_device("cudda")


def test_nothing_known():
    """An empty table says so."""
    with pytest.raises(UnknownName, match=r"Unknown target 'x'\. Known: none\."):
        resolve("x", [], "target")


@given(st.text())
def test_shown_is_printable(text):
    """Whatever the text, what is shown of it prints."""
    assert quote(text).isprintable()
