"""What people type, made at random: an answer or one sentence, never a traceback."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import benchmark.runner.run
from benchmark.problems import PROBLEMS
from benchmark.problems.base import Training
from benchmark.runner.entry import entry_of
from benchmark.runner.request import Request, parse_seeds, parse_settings
from benchmark.runner.suite import suite_of
from objectives import AS_SHIPPED, OBJECTIVES, WRAPPERS
from objectives.base import float_fields
from objectives.spec import parse, spelling
from tests.faults.fuzz import AMOUNTS, JSON, answered, fuzzed

ODD = """
    1 0 -1 0.5 1. .5 2 17 1e5 1e400 1e-400 -1e400 nan inf -inf 1e308 1e-320 0x10 1_000 ٣ 1e +1 --1 1,2 true None 1/0 1+1
"""
NUMBERS = st.sampled_from([*ODD.split(), "", " ", "9" * 400])
SEEDS = st.text(alphabet="0123456789:,- +e.\n٣²x", max_size=12) | st.lists(
    st.tuples(st.integers(0, 999), st.sampled_from([",", ":"])).map(lambda pair: f"{pair[0]}{pair[1]}"), max_size=5
).map(lambda parts: "".join(parts)[:-1])
WORDS = st.sampled_from([*OBJECTIVES, *WRAPPERS, *AS_SHIPPED, "ns", "hing", "", " ", "NS", "../x", "a:b", "x.py:A"])
FIELD_NAMES = sorted(
    {path.rpartition(".")[2] for name in OBJECTIVES for path in float_fields(parse(name))}
    | set(Training.__dataclass_fields__)
    | {"learning_rate", "gamma", "r1.gamma", "objective", "penalty", "__class__", "margn", ""}
)
SETTINGS = st.tuples(st.sampled_from(FIELD_NAMES), NUMBERS | st.text(max_size=5)).map("=".join)
PARTS = st.tuples(WORDS, st.lists(SETTINGS, max_size=2)).map(
    lambda part: part[0] + (":" + ",".join(part[1]) if part[1] else "")
)
SPECS = st.lists(PARTS, min_size=1, max_size=3).map("+".join) | st.text(alphabet="ns+r1:gamma=,.e0/ \0\n", max_size=30)


@pytest.mark.parametrize("times", AMOUNTS)
def test_seeds(times, tally):
    """The grammar of seeds gives distinct whole numbers, or one sentence."""

    @fuzzed(2_000 * times)
    @given(SEEDS)
    def tried(text):
        tally.input()
        seeds = answered(parse_seeds, text)
        if seeds is not None:
            assert len(set(seeds)) == len(seeds) > 0
            assert all(type(seed) is int and seed >= 0 for seed in seeds)

    tried()


@pytest.mark.parametrize("times", AMOUNTS)
def test_spellings(times, tally):
    """A spelling gives a game of finite settings whose own spelling is read to the same game, or one sentence."""

    @fuzzed(1_800 * times)
    @given(SPECS)
    def tried(spec):
        tally.input()
        game = answered(parse, spec)
        if game is not None:
            assert all(math.isfinite(value) for value in float_fields(game).values())
            assert parse(spelling(game)) == game

    tried()


@pytest.mark.parametrize("times", AMOUNTS)
def test_settings(times, tally):
    """`--set` changes a game and its training to finite settings, or is one sentence."""
    asked = Request(problems=["ring"], objectives=["ebgan"], seeds=[0])

    def drafted(texts, spec):
        return entry_of(PROBLEMS["ring"], spec, replace(asked, overrides=parse_settings(texts)))

    @fuzzed(1_300 * times)
    @given(
        st.lists(SETTINGS | st.text(max_size=8), min_size=1, max_size=3), st.sampled_from(["ebgan", "ns+r1", "wgan"])
    )
    def tried(texts, spec):
        tally.input()
        entry = answered(drafted, texts, spec)
        if entry is not None:
            numbers = [value for value in vars(entry.training).values() if isinstance(value, float)]
            assert all(math.isfinite(value) for value in [*numbers, *float_fields(entry.objective).values()])

    tried()


@pytest.mark.parametrize("times", AMOUNTS)
def test_suites(times, tmp_path, tally):
    """A TOML file of any content is a suite or one sentence."""
    texts = st.lists(st.sampled_from(["ring", "ns", "*", "", "ns+r1:gamma=1e400", "rong", "\x1b[31m"]), max_size=3)
    names = st.sampled_from(
        ["title", "problems", "objectives", "seeds", "track", "settings", "iterations", "network", "x"]
    )
    values = texts.map(json.dumps) | JSON.map(lambda value: json.dumps(value)) | st.text(max_size=8)
    entries = st.lists(
        st.tuples(names, values).map(" = ".join), max_size=5, unique_by=lambda line: line.split(" = ")[0]
    )
    path = tmp_path / "suite.toml"

    @fuzzed(600 * times)
    @given(entries.map("\n".join) | st.text(max_size=40) | st.binary(max_size=40))
    def tried(content):
        tally.input()
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
        suite = answered(suite_of, str(path))
        if suite is not None:
            answered(lambda: (suite.games, suite.seed_list, suite.overrides))

    tried()


@pytest.mark.parametrize("times", AMOUNTS)
def test_command_lines(times, tmp_path, monkeypatch, type_in, tally):
    """A command line gets an answer, or one sentence and exit code 2; no traceback, nothing outside the results."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(benchmark.runner.run, "pack", lambda *_: [])  # everything but the training itself
    options = st.lists(
        st.sampled_from(["--seeds", "--set", "-p", "--iterations", "--track", "--group-size", "--metric", "--sort"])
        | st.sampled_from(["--results", "--format", "--device", "--threads", "--check", "--suite", "--log-to", "-o"])
        | SPECS
        | SETTINGS
        | NUMBERS,
        max_size=5,
    )
    commands = st.sampled_from(
        ["run", "leaderboard", "compare", "report", "show", "list", "check", "data", "", "--help"]
    )
    unsafe = ("--output", "--json", "--picture", "--data-dir")

    @fuzzed(150 * times)
    @given(commands, options)
    def tried(command, words):
        tally.input()
        words = [word for word in words if "\0" not in word]  # no shell can pass it
        if (command == "data" and "fetch" in words) or command == "check" or any(word in unsafe for word in words):
            words = []
        code, out, err = type_in(command, *words)
        assert code in (0, 2, 3), err
        assert "Traceback" not in err + out
        assert {path.name for path in tmp_path.iterdir()} <= {"results"} | {word.split("/")[0] for word in words}

    tried()
