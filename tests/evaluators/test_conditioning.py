"""Conditioning of a generator's Jacobian against closed forms and torch's own Jacobian."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from evaluators import InvalidSamples, jacobian_conditioning
from tests.evaluators.builders import normal


def test_of_a_linear_map_it_is_that_of_its_matrix():
    """Closed form: G(z) = Az has κ = (σ₁/σ_k)² everywhere, and no deviation; the singular values are prescribed."""
    left, right = torch.linalg.qr(normal(7, 3, 1))[0], torch.linalg.qr(normal(3, 3, 2))[0]
    matrix = left @ torch.diag(torch.tensor([5.0, 2.0, 0.5]).double()) @ right.T
    found = jacobian_conditioning(lambda z: (z @ matrix.T).unflatten(1, (7, 1)), normal(30, 3))
    assert found.mean == pytest.approx(2.0 * math.log(10.0), rel=1e-12)
    assert found.standard_deviation == pytest.approx(0.0, abs=1e-12)
    assert found.singular == 0


def test_of_a_map_onto_fewer_values_the_vanishing_eigenvalues_are_left_out():
    """Three noise dimensions on two values: the two nonzero singular values, 3 and 1."""
    found = jacobian_conditioning(lambda z: torch.stack([3.0 * z[:, 0], z[:, 1] + 0.0 * z[:, 2]], 1), normal(30, 3))
    assert found.mean == pytest.approx(2.0 * math.log(3.0))


def test_mean_and_deviation_of_a_curved_map():
    """Closed form: G(z) = (z₁, e^z₂) has log κ = 2|z₂|: mean 2√(2/π), deviation 2√(1 - 2/π)."""
    z = normal(20_000, 2)
    found = jacobian_conditioning(lambda z: torch.stack([z[:, 0], z[:, 1].exp()], 1), z)
    assert torch.allclose(found.values, 2.0 * z[:, 1].abs())
    assert found.mean == pytest.approx(2.0 * math.sqrt(2.0 / math.pi), rel=0.02)
    assert found.standard_deviation == pytest.approx(2.0 * math.sqrt(1.0 - 2.0 / math.pi), rel=0.02)


def test_a_network_agrees_with_torchs_own_jacobian():
    """Oracle: torch.autograd.functional.jacobian (reverse mode) and torch.linalg.cond of JᵀJ, sample by sample."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 9)).double()
    z = normal(25, 4)
    found = jacobian_conditioning(network, z)
    for value, one in zip(found.values, z, strict=True):
        by_rows = torch.autograd.functional.jacobian(network, one)
        assert float(value.exp()) == pytest.approx(float(torch.linalg.cond(by_rows.T @ by_rows)), rel=1e-8)


def test_the_metric_tensor_of_single_precision_would_lose_it():
    """σ from 1 to 1e-5: κ = 1e10 is found; JᵀJ in float32, as compare_gan forms it, gives another number."""
    scales = torch.tensor([1.0, 1e-2, 1e-5]).double()
    turned = torch.linalg.qr(normal(6, 3, 1))[0] @ torch.diag(scales) @ torch.linalg.qr(normal(3, 3, 2))[0].T
    found = jacobian_conditioning(lambda z: z @ turned.T, normal(30, 3))
    assert found.mean == pytest.approx(math.log(1e10), rel=1e-6)
    single = turned.float()
    assert abs(math.log(float(torch.linalg.cond(single.T @ single))) - math.log(1e10)) > 0.5


def test_what_has_no_conditioning_is_named():
    """A constant, one dead direction, a batch that is coupled, too little noise, and values without a derivative."""
    z = normal(30, 2)
    refused = {
        "singular at 30 of 30": lambda z: 0.0 * z + 1.0,
        "Jacobian is singular": lambda z: torch.stack([z[:, 0], z[:, 0]], 1),
        "couples its batch: with 29 others": lambda z: z - z.mean(0),
        "not finite": lambda z: (z - z.detach()).sqrt(),
    }
    for reason, network in refused.items():
        with pytest.raises(InvalidSamples, match=reason):
            jacobian_conditioning(network, z)
    with pytest.raises(InvalidSamples, match="noise has 19 samples; at least 20"):
        jacobian_conditioning(lambda z: z, z[:19])
    half = jacobian_conditioning(lambda z: torch.stack([z[:, 0], z[:, 1].relu()], 1), z)
    assert half.singular == int((z[:, 1] < 0).sum()) > 0
    assert half.mean == pytest.approx(0.0)
