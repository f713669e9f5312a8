"""Dirac-GAN: D(x) = -ψx, the data at 0, the generator at θ; the game's field against closed forms.

Provenance: papers.md section 10 (Mescheder et al., 2018, and their code's notebook), with f(t) = -log(1 + exp(-t)).
Their critic is high on fakes, ours on real data, hence the minus. The last four fields are derived by hand.
"""

from __future__ import annotations

import cmath
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from objectives.laws.terms import LinearCritic
from objectives.spec import parse
from tests.objectives.builders import game_at


def slope(t):
    """Return f'(t) = σ(-t)."""
    return 1 / (1 + math.exp(t))


def sign(value):
    """Return the sign of a number, 1 for 0."""
    return math.copysign(1.0, value)


FIELDS = {  # theta, psi -> theta', psi'
    "minimax": lambda t, p: (-p * slope(t * p), t * slope(t * p)),
    "ns": lambda t, p: (-p * slope(-t * p), t * slope(t * p)),
    "wasserstein": lambda t, p: (-p, t),
    "hinge:margin=10": lambda t, p: (-p, t),
    "wgan-gp:weight=0.35,target=0.5": lambda t, p: (-p, t - 0.7 * (abs(p) - 0.5) * sign(p)),
    "ns+r1:gamma=0.3": lambda t, p: (-p * slope(-t * p), t * slope(t * p) - 0.3 * p),
    "ns+r2:gamma=0.3": lambda t, p: (-p * slope(-t * p), t * slope(t * p) - 0.3 * p),
    "ns+gp0:weight=0.15": lambda t, p: (-p * slope(-t * p), t * slope(t * p) - 0.3 * p),
    "rsgan": lambda t, p: (-p * slope(-t * p), t * slope(t * p)),  # the data's score is 0, so it is the NS game
    "r3gan:gamma=0.3": lambda t, p: (-p * slope(-t * p), t * slope(t * p) - 0.6 * p),
    "lsgan": lambda t, p: (-p * (t * p + 1), -p * t * t),
    "fgan-pearson": lambda t, p: (-p * (1 - t * p / 2), t * (1 - t * p / 2)),
}


def field(objective, position):
    """Return (θ', ψ') = -(dL_G/dθ, dL_D/dψ) at a position [2], differentiably."""
    theta, psi = position[0], position[1]
    critic = LinearCritic(-psi[None])
    real, fake = torch.zeros(1, 1, dtype=torch.float64), theta.reshape(1, 1)
    critic_loss = objective.critic_loss(critic, real, fake, game_at())
    generator_loss = objective.generator_loss(critic, real, fake, game_at())
    by_theta = torch.autograd.grad(generator_loss, theta, create_graph=True)[0]
    by_psi = torch.autograd.grad(critic_loss, psi, create_graph=True)[0]
    return -torch.stack([by_theta, by_psi])


@pytest.mark.parametrize("spec", FIELDS)
@settings(max_examples=25, deadline=None)
@given(theta=st.floats(-2, 2), psi=st.floats(-2, 2).filter(lambda value: abs(value) > 1e-3))
def test_the_field_is_the_closed_form(spec, theta, psi):
    """Both players' descent directions equal the published field."""
    position = torch.tensor([theta, psi], dtype=torch.float64, requires_grad=True)
    seen = field(parse(spec), position).tolist()
    assert seen == pytest.approx(FIELDS[spec](theta, psi), rel=1e-12, abs=1e-12)


def penalised(gamma):
    """Return -γ/2 ± √(γ²/4 - f'(0)²), Mescheder et al., with the square that R3GAN's appendix drops."""
    root = cmath.sqrt(gamma**2 / 4 - 0.25)
    return [-gamma / 2 - root, -gamma / 2 + root]


EIGENVALUES = {
    "minimax": [-0.5j, 0.5j],
    "ns": [-0.5j, 0.5j],
    "rsgan": [-0.5j, 0.5j],
    "wasserstein": [-1j, 1j],
    "hinge": [-1j, 1j],
    "ns+r1:gamma=0.3": [-0.15 - 0.47697j, -0.15 + 0.47697j],
    "ns+r2:gamma=0.3": [-0.15 - 0.47697j, -0.15 + 0.47697j],
    "ns+r1:gamma=2": [-1.86603, -0.13397],
    "r3gan:gamma=0.3": penalised(0.6),
}


@pytest.mark.parametrize("spec", EIGENVALUES)
def test_the_eigenvalues_at_the_equilibrium(spec):
    """The linearised game at (0, 0) has the published eigenvalues."""
    at_rest = torch.zeros(2, dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(lambda position: field(parse(spec), position), at_rest)
    seen = sorted(torch.linalg.eigvals(jacobian).tolist(), key=lambda value: (round(value.real, 6), value.imag))
    assert seen == pytest.approx(EIGENVALUES[spec], abs=1e-5)
