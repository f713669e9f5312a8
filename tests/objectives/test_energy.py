"""Energies: BEGAN's balance and the pulling-away term."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from objectives import BEGAN
from objectives.laws import LAWS
from objectives.laws.stage import LineCritic
from objectives.spec import parse
from objectives.stabilisers import pulling_away
from tests.objectives.builders import column, game_at


def scalar(value):
    """Make a scalar in float64."""
    return torch.tensor(value, dtype=torch.float64)


def test_began_by_hand():
    """L_D = e(x) - k e(G), k ← k + λ(γ e(x) - e(G)): with e = 2 and 0.5, k = 0.4, γ = 0.5, λ = 0.1."""
    objective, game = BEGAN(gamma=0.5, rate=0.1), game_at(state={"k": scalar(0.4)})
    real, fake = column(1.0, 3.0), column(0.25, 0.75)
    assert objective.critic_loss(LineCritic(), real, fake, game).item() == pytest.approx(2 - 0.4 * 0.5)
    assert objective.generator_loss(LineCritic(), real, fake, game).item() == pytest.approx(0.5)
    assert objective.next_state(LineCritic(), real, fake, game)["k"].item() == pytest.approx(0.4 + 0.1 * (1 - 0.5))


def test_began_has_no_lower_bound():
    """With k > 0 steeper energies earn ever more; it says so, and a penalty on the slope ends it."""
    game = game_at(state={"k": scalar(0.5)})
    real, fake = column(-1.0, -1.0, -1.0, 1.0), column(-1.0, 1.0, 1.0, 1.0)
    found = [BEGAN().critic_loss(LineCritic(scale=s, offset=1.0), real, fake, game).item() for s in (1.0, 1e2, 1e4)]
    assert found == sorted(found, reverse=True)
    assert found[-1] < -1e3
    told = LAWS["bounded"](BEGAN())
    assert told.passed is None
    assert "k > 0" in told.seen
    assert LAWS["bounded"](parse("began+r1")).passed


@settings(max_examples=50, deadline=None)
@given(k=st.floats(0, 1), real=st.floats(0, 1e6), fake=st.floats(0, 1e6))
def test_k_never_leaves_its_range(k, real, fake):
    """K stays in [0, 1] whatever the energies, as in the paper and unlike compare_gan."""
    after = BEGAN().next_state(LineCritic(), column(real), column(fake), game_at(state={"k": scalar(k)}))["k"]
    assert 0 <= after <= 1


def test_k_starts_at_zero():
    """k₀ = 0, the paper's."""
    assert BEGAN().initial_state(game_at())["k"] == 0


@pytest.mark.parametrize(
    ("degrees", "stated"), [(0, 1.0), (60, 0.25), (90, 0.0), (120, 0.25), (180, 1.0)]
)  # cos², by hand
def test_pulling_away_at_an_angle(degrees, stated):
    """Two codes at an angle cost its squared cosine, whatever their lengths."""
    angle = math.radians(degrees)
    codes = torch.tensor([[2.0, 0.0], [0.5 * math.cos(angle), 0.5 * math.sin(angle)]], dtype=torch.float64)
    assert pulling_away(codes).item() == pytest.approx(stated, abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), count=st.integers(2, 8))
def test_pulling_away_is_the_mean_over_ordered_pairs(seed, count):
    """The term equals the paper's double sum, written as a loop, and lies in [0, 1]."""
    codes = torch.randn(count, 5, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    pairs = [(a, b) for i, a in enumerate(codes) for j, b in enumerate(codes) if i != j]
    stated = sum((a @ b / (a.norm() * b.norm())) ** 2 for a, b in pairs) / (count * (count - 1))
    torch.testing.assert_close(pulling_away(codes), stated)
    assert 0 <= pulling_away(codes) <= 1


def test_a_single_code_has_no_pairs():
    """A batch of one is refused with one sentence."""
    with pytest.raises(ValueError, match="at least 2, got '1'"):
        pulling_away(torch.ones(1, 3))
