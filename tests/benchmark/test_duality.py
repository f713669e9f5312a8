"""The duality gap is zero at a known equilibrium, and agrees with theory elsewhere."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import norm
from torch import nn

from benchmark.engine.duality import duality_gap
from benchmark.engine.group import form
from benchmark.errors import UserError
from benchmark.networks.outside import given_network
from benchmark.problems import PROBLEMS, Training, from_sampler
from objectives.spec import parse

NOISE = 1


class Shift(nn.Module):
    """The generator z + b."""

    def __init__(self) -> None:
        super().__init__()
        self.by = nn.Parameter(torch.zeros(1))

    def forward(self, z):
        """Move the noise."""
        return z + self.by


class Pair:
    """A shift against a small perceptron."""

    noise = NOISE

    def generator(self, shape):
        """Build a shift."""
        return Shift()

    def critic(self, shape):
        """Build a perceptron."""
        return nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 1))


def standard(count, generator):
    """Draw from N(0, 1)."""
    return torch.randn(count, 1, generator=generator)


def gap_at(spec, shift, steps=400):
    """Return the gap where the generator gives N(shift, 1) and the critic gives 0 everywhere."""
    problem = from_sampler(standard, name="line").configured(given_network(Pair()))
    data = problem.load(None)
    training = Training(generator_learning_rate=1e-2, critic_learning_rate=1e-2, batch=256)
    group = form(problem, parse(spec), training, (0, 1), data.training, 10)
    state = group.start()
    state = state.at(generator=torch.full_like(state.generator.parameters, shift))
    state = state.at(critic=torch.zeros_like(state.critic.parameters))
    critic = state.critic.parameters.clone()
    critic[:, :64] = torch.randn(2, 64, generator=torch.Generator().manual_seed(1))  # hidden units that can learn
    return duality_gap(group, state.at(critic=critic), data.truth.reference, steps)


def jensen_shannon(shift):
    """Return JSD(N(0, 1), N(shift, 1)) by quadrature."""

    def integrand(x, mean, other):
        p, q = norm.pdf(x, mean), norm.pdf(x, other)
        return p * np.log(2.0 * p / (p + q)) if p > 0.0 else 0.0

    return sum(quad(integrand, -10, 10 + shift, args=pair)[0] / 2.0 for pair in ((0.0, shift), (shift, 0.0)))


@pytest.mark.parametrize("spec", ["minimax", "ns", "lsgan", "hinge", "rsgan"])
def test_the_gap_is_zero_at_the_known_equilibrium(spec):
    """Real and generated samples have the same distribution, and the critic is constant."""
    found = gap_at(spec, 0.0)
    # The critic of the least-squares game starts from D = 0, and its best constant is 1/2, worth 1/4.
    expected = 0.25 if spec == "lsgan" else 0.0
    assert found.total.numpy() == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("shift", [1.0, 3.0])
def test_away_from_it_the_critics_regret_is_twice_the_divergence(shift):
    """The critic of zero everywhere knows nothing: it could win 2 JSD, and the generator has nothing to win."""
    found = gap_at("minimax", shift)
    assert found.critic.numpy() == pytest.approx(2.0 * jensen_shannon(shift), abs=0.04)
    assert found.generator.abs().max() < 1e-6
    assert found.total.numpy() == pytest.approx(found.critic.numpy())


def test_a_bad_point_is_far_from_zero():
    """Ten deviations apart: log 4 in the game of 2014, and 2 with the hinge, whose two parts are 1 each at D = 0."""
    assert gap_at("minimax", 10.0).total.numpy() == pytest.approx(math.log(4.0), abs=0.02)
    assert gap_at("hinge", 10.0).total.numpy() == pytest.approx(2.0, abs=0.02)


@pytest.mark.parametrize(("spec", "why"), [("mmd-fixed", "trains no critic"), ("hinge+projection", "takes labels")])
def test_games_without_a_gap_are_refused(spec, why):
    """They have no critic, or take labels."""
    problem = PROBLEMS["ring"]
    data = problem.load(None)
    group = form(problem.fitted(data), parse(spec), problem.training, (0,), data.training, 1)
    with pytest.raises(UserError, match=f"no duality gap of a game that {why}"):
        duality_gap(group, group.start(), data.truth.reference)
