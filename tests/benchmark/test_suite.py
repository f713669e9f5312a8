"""Suites: the content of a file, options that override it, and errors in one sentence."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.errors import UserError
from benchmark.reproduce.target import Target
from benchmark.runner.suite import Suite, suite_names, suite_of
from benchmark.toml_file import read_toml
from objectives import AS_SHIPPED, OBJECTIVES
from objectives.spec import parse
from tests.benchmark.cli_builders import is_one_sentence, type_in

__all__ = ["type_in"]

MINE = """
title = "mine"
problems = ["ring"]
objectives = ["hinge"]
seeds = "2"
iterations = 3
[settings]
batch = 16
"""

WRONG = {
    "no objectives": ('problems = ["ring"]', "'objectives' is missing"),
    "unknown entry": (MINE.replace("title", "titel"), "no entry 'titel'"),
    "not TOML": ("= 3", "is not TOML"),
    "not text": (b"\xff\xfe", "is not TOML"),
    "wrong type": (MINE.replace("iterations = 3", 'iterations = "many"'), "'iterations'"),
    "no iterations": (MINE.replace("iterations = 3", "iterations = 0"), "'iterations'"),
    "no problems": (MINE.replace('["ring"]', "[]"), "'problems'"),
    "too large": ("#" * 1_000_001, "larger than"),
    "unknown track": (MINE + '\n[track]\nname = "own"', "'track'"),
}


@pytest.mark.parametrize("name", suite_names())
def test_every_suite_can_be_read(name):
    """The suites that come with the program name objectives and seeds that exist."""
    suite = suite_of(name)
    assert suite.title
    assert suite.seed_list
    assert all(parse(game) for game in suite.games)


def test_the_standard_suite_is_the_whole_catalogue():
    """The published leaderboard leaves no objective out but the one whose steps take many times as long."""
    assert set(OBJECTIVES) - set(suite_of("standard").games) == {"ot-gan"}


def test_the_suite_of_deviations_is_complete():
    """Every version as shipped elsewhere runs, and so does the objective it is named after."""
    named = {shipped.instead_of for shipped in AS_SHIPPED.values()}
    assert set(suite_of("as-shipped").games) == {*AS_SHIPPED, *named}


def test_a_suite_runs_and_options_override_it(type_in, tmp_path):
    """The file applies where no option does."""
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    code, out, _ = type_in("run", "--suite", path, "--results", tmp_path / "runs", "--seeds", "3", "--no-pictures")
    assert code in (0, 3)
    assert "hinge @batch=16" in out
    assert "12 new runs" in out  # three seeds of the objective and of three controls


def test_a_request_replaces_what_it_names():
    """A suite's request has its fields, and those of the caller before them."""
    suite = Suite(problems=("ring",), objectives=("ns",), seeds="3:5", iterations=7, settings={"batch": 16})
    asked = suite.request(seeds=(9,), iterations=None, budget=50)
    assert (asked.problems, asked.seeds, asked.iterations, asked.budget) == (("ring",), (9,), None, 50)
    assert suite.request().overrides == {"batch": "16"}
    assert suite.request().iterations == 7


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_one_sentence(type_in, tmp_path, case):
    """Every fault names the file and the place, and exits with 2."""
    content, expected = WRONG[case]
    path = tmp_path / "wrong.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    code, out, err = type_in("run", "--suite", path)
    assert is_one_sentence(code, out, err), err
    assert expected in err


@pytest.mark.parametrize(
    "words",
    [("run", "--suite", "standart"), ("run",), ("run", "--suite", "nowhere.toml"), ("run", "-o", "ns", "--seeds", "")],
)
def test_an_unknown_suite_is_one_sentence(type_in, words):
    """The error suggests known names or a path."""
    assert is_one_sentence(*type_in(*words))


def test_a_pipe_is_no_suite(tmp_path):
    """A pipe without a writer is refused, not waited for."""
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(UserError, match=r"pipe\.toml' is no regular file"):
        read_toml(tmp_path / "pipe.toml", Suite)


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"problems = [{text}]\nrows = [{text}]".encode()),
    st.sampled_from([Suite, Target]),
)
def test_any_bytes_are_a_suite_or_a_sentence(tmp_path_factory, content, model):
    """Nothing in a file leads to anything but a suite, a target or a UserError."""
    path = tmp_path_factory.mktemp("suites") / "any.toml"
    path.write_bytes(content)
    try:
        seen: object = read_toml(path, model)
    except UserError as error:
        seen = error
    assert isinstance(seen, model) or str(seen).isprintable()
