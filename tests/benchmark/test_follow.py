"""`gan-bench follow`: its table, and the agreement of two orders."""

from __future__ import annotations

import json
import math

import pytest

from benchmark.runner.follow import Followed
from tests.benchmark.cli_builders import is_one_sentence, type_in

__all__ = ["type_in"]


def seen(losses, truths):
    """Return what would have been seen of seeds with these losses and distances."""
    seeds = tuple(range(len(losses)))
    return Followed("grid", "ns", seeds, (10, 20, 30), losses, {"w1_n500": truths}, {})


def test_agreement_is_kendalls_tau_of_each_seed():
    """A loss that rises as the distance falls: 1; one that falls with it: -1; a point without a number is left out."""
    falling = (3.0, 2.0, 1.0)
    found = seen(((0.1, 0.2, 0.3), (0.3, 0.2, 0.1), (0.1, math.nan, 0.3)), (falling, falling, falling))
    mean = found.agreement("w1_n500")
    assert (mean.n, mean.value) == (3, pytest.approx((1.0 - 1.0 + 1.0) / 3))
    nothing = seen(((0.5, 0.5, 0.5),), (falling,)).agreement("w1_n500")
    assert (nothing.n, nothing.value) == (0, None)


def test_a_game_is_followed(type_in, tmp_path):
    """Means of the loss and both distances at each point, the agreement, and the gap, in words and as JSON."""
    file = tmp_path / "followed.json"
    typed = f"follow -o ns -p gaussian1d --seeds 2 --budget 60 --points 3 --gap 2 --json {file}"
    code, out, err = type_in(*typed.split())
    assert code == 0, err
    assert "gaussian1d · ns: Kendall's tau of -critic loss and w1_n500" in out
    assert "duality gap total" in out
    (found,) = json.loads(file.read_text())["followed"]
    assert found["gradient_evaluations"] == [20, 40, 60]
    assert [len(row) for row in found["critic_loss"]] == [3, 3]
    assert all(0.0 < value < 10.0 for row in found["truth"]["w1_n500"] for value in row)
    assert all(0.0 < value <= math.log(2.0) + 0.05 for row in found["truth"]["jsd_parzen"] for value in row)
    assert [len(found["gap"][part]) for part in ("total", "critic", "generator")] == [2, 2, 2]


def test_a_problem_without_a_density_is_refused(type_in):
    """One sentence, before any training."""
    code, out, err = type_in("follow", "-o", "ns", "-p", "digits", "--budget", "60")
    assert is_one_sentence(code, out, err)
    assert "The density of 'digits' is not known" in err
