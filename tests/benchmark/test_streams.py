"""Random streams: what a draw depends on, and whether it is random."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from benchmark.engine import streams

# The first outputs of SplitMix64 from state 1234567, as its public reference code prints them.
SPLITMIX64 = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]


def test_bits_are_splitmix64():
    """A stream is SplitMix64's sequence from the key."""
    drawn = streams.bits(torch.tensor(1234567), (5,))
    assert [int(value) % 2**64 for value in drawn] == SPLITMIX64


@given(seeds=st.lists(st.integers(0, 10**9), min_size=1, max_size=5, unique=True))
def test_draws_do_not_depend_on_the_group(seeds):
    """A member's draws are the same alone and in any group."""
    together = streams.normal(streams.root(seeds), (3, 2))
    alone = torch.cat([streams.normal(streams.root([seed]), (3, 2)) for seed in seeds])
    assert torch.equal(together, alone)


def test_draws_are_the_same_under_vmap():
    """Mapping over keys gives what drawing for all keys at once gives."""
    keys = streams.root(range(4))
    mapped = torch.func.vmap(lambda key: streams.uniform(key, (7,)))(keys)
    assert torch.equal(mapped, streams.uniform(keys, (7,)))


def test_purposes_and_iterations_give_other_numbers():
    """No two of purpose, iteration and seed share a stream."""
    keys = [
        streams.fold(streams.fold(streams.root([seed]), purpose), torch.tensor(iteration))
        for seed in range(3)
        for purpose in ("data", "noise")
        for iteration in range(3)
    ]
    assert len({int(key) for key in keys}) == 18


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_uniform_draws_are_uniform_and_below_one(dtype):
    """U[0, 1) passes Kolmogorov and Smirnov's test and never reaches 1."""
    drawn = streams.uniform(streams.root([3]), (100_000,), dtype).flatten()
    assert stats.kstest(drawn.numpy(), "uniform").pvalue > 1e-3
    assert float(drawn.min()) >= 0.0
    assert float(drawn.max()) < 1.0


def test_the_largest_uniform_draw_is_below_one():
    """All bits set still rounds to less than 1 in either format."""
    for dtype, mantissa in ((torch.float32, 24), (torch.float64, 53)):
        largest = torch.tensor(2**mantissa - 1).to(dtype) * 2.0**-mantissa
        assert float(largest) < 1.0


@pytest.mark.parametrize("count", [99_999, 100_000])
def test_normal_draws_are_normal(count):
    """N(0, 1) passes Kolmogorov and Smirnov's test, for odd counts too."""
    drawn = streams.normal(streams.root([4]), (count,)).flatten()
    assert drawn.shape == (count,)
    assert stats.kstest(drawn.numpy(), "norm").pvalue > 1e-3


def test_normal_draws_of_both_formats_agree():
    """float32 and float64 members see the same noise up to float32's rounding."""
    key = streams.root([5])
    single, double = streams.uniform(key, (1000,)), streams.uniform(key, (1000,), torch.float64)
    assert torch.allclose(single.double(), double, atol=2.0**-24)


def test_integers_are_uniform():
    """Indices pass the chi-square test."""
    drawn = streams.integers(streams.root([6]), (100_000,), 10).flatten()
    assert stats.chisquare(torch.bincount(drawn, minlength=10).numpy()).pvalue > 1e-3


def test_streams_of_neighbouring_seeds_are_uncorrelated():
    """Seeds 0 to 9 give normal draws whose correlations are those of independent samples."""
    drawn = streams.normal(streams.root(range(10)), (20_000,))
    off_diagonal = torch.corrcoef(drawn) - torch.eye(10)
    assert float(off_diagonal.abs().max()) < 5.0 / 20_000**0.5


def purposes_in(path):
    """List the purposes that a file's calls of `fold`, `generator` and `initial` name, f-strings with {} for a part."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr not in ("fold", "generator", "initial") or len(node.args) < 2:
            continue
        purpose = node.args[1]
        if isinstance(purpose, ast.Constant) and isinstance(purpose.value, str):
            yield purpose.value
        elif isinstance(purpose, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in purpose.values)


def test_every_purpose_is_listed():
    """No stream is drawn from under a purpose that the list does not have, and the list has no other."""
    files = (Path(streams.__file__).parents[1]).rglob("*.py")
    found = {purpose for path in files for purpose in purposes_in(path)}
    assert found <= streams.PURPOSES.keys()
    assert streams.PURPOSES.keys() - found == {
        "data",
        "noise",
        "second data",
        "second noise",
        "evaluation",
        "pool",
        "samples of a kept generator",
    }  # put together, or passed on
