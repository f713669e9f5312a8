"""Optimisers: each equals its namesake in torch.optim, for every member with its own settings."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from benchmark.engine.optimisers import OPTIMISERS, SGD, Adam, AdamW, RMSProp, clipped, safe_root
from tests.benchmark.builders import group

ONE = torch.tensor(1.0, dtype=torch.float64)

CASES = {
    "sgd": (SGD(0.1), lambda p: torch.optim.SGD(p, 0.1)),
    "momentum": (SGD(0.1, momentum=0.9), lambda p: torch.optim.SGD(p, 0.1, momentum=0.9)),
    "nesterov": (
        SGD(0.1, momentum=0.9, nesterov=True),
        lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, nesterov=True),
    ),
    "rmsprop": (RMSProp(1e-2), lambda p: torch.optim.RMSprop(p, 1e-2)),
    "rmsprop with alpha": (RMSProp(1e-2, alpha=0.9), lambda p: torch.optim.RMSprop(p, 1e-2, alpha=0.9)),
    "adam": (Adam(1e-2, beta1=0.5), lambda p: torch.optim.Adam(p, 1e-2, betas=(0.5, 0.999))),
    "adam without momentum": (Adam(1e-2, beta1=0.0), lambda p: torch.optim.Adam(p, 1e-2, betas=(0.0, 0.999))),
    "adamw": (AdamW(1e-2, weight_decay=0.1), lambda p: torch.optim.AdamW(p, 1e-2, weight_decay=0.1)),
}


def gradient_of(parameters: torch.Tensor) -> torch.Tensor:
    """Return the gradient of a bumpy function of the parameters."""
    return torch.sin(3.0 * parameters) + parameters**3


def descend(optimiser, start, steps, dtype):
    """Run our own update on a stack [K, P]."""
    parameters = start.to(dtype)
    state = optimiser.initial(parameters)
    for count in range(1, steps + 1):
        gradient = gradient_of(parameters)
        parameters, state = optimiser.update(
            parameters, gradient, state, torch.tensor(count), ONE.to(dtype).view(1, 1), torch.sqrt
        )
    return parameters


def reference(build, start, steps):
    """Run torch's optimiser on one member [P]."""
    parameters = start.clone().requires_grad_()
    optimiser = build([parameters])
    for _ in range(steps):
        parameters.grad = gradient_of(parameters.detach())
        optimiser.step()
    return parameters.detach()


def test_the_table_of_optimisers_is_covered():
    """Every optimiser of the table has a case below."""
    assert {type(ours) for ours, _ in CASES.values()} == set(OPTIMISERS.values())


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_equals_torch_over_a_hundred_steps(name, dtype):
    """A hundred updates agree with torch.optim to 1e-6, in both formats."""
    ours, build = CASES[name]
    start = torch.randn(3, 5, generator=torch.Generator().manual_seed(1), dtype=dtype)
    expected = torch.stack([reference(build, row, 100) for row in start])
    assert torch.allclose(descend(ours, start, 100, dtype), expected, atol=1e-6, rtol=1e-6)


def test_members_may_have_their_own_settings():
    """A rate and betas per member give what each member alone gives."""
    start = torch.randn(2, 5, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    rates, betas = torch.tensor([[1e-2], [1e-3]]).double(), torch.tensor([[0.0], [0.9]]).double()
    both = dataclasses.replace(Adam(), learning_rate=rates, beta1=betas)
    alone = [
        descend(Adam(float(rate), beta1=float(beta)), start[row : row + 1], 50, torch.float64)
        for row, (rate, beta) in enumerate(zip(rates, betas, strict=True))
    ]
    assert torch.allclose(descend(both, start, 50, torch.float64), torch.cat(alone), atol=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_a_member_of_scale_zero_stands_still(name):
    """Scale 0 holds the parameters to the last bit, whatever the state."""
    ours, _ = CASES[name]
    start = torch.randn(1, 5, generator=torch.Generator().manual_seed(3))
    state = {key: torch.rand(1, 5) for key in ours.initial(start)}
    after, _ = ours.update(start, torch.ones(1, 5), state, torch.tensor(7), torch.zeros(1, 1), torch.sqrt)
    assert torch.equal(after, start)


@pytest.mark.parametrize("kind", [Adam, RMSProp])
def test_updates_are_differentiable_at_a_zero_second_moment(kind):
    """With the safe root the derivative of an update is finite where a gradient is exactly zero."""
    gradient = torch.zeros(1, 3, requires_grad=True)
    optimiser = kind(1e-2)
    start = torch.zeros(1, 3)
    after, _ = optimiser.update(start, gradient, optimiser.initial(start), torch.tensor(1), torch.ones(1, 1), safe_root)
    (slope,) = torch.autograd.grad(after.sum(), gradient)
    assert torch.isfinite(slope).all()


def test_gradients_are_clipped_member_by_member():
    """Each member's norm is bounded on its own, as torch's clip_grad_norm_ bounds one network's; short ones stay."""
    gradients = torch.tensor([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]], dtype=torch.float64)
    expected = gradients.clone()
    for row in expected:
        parameter = torch.nn.Parameter(torch.zeros(2, dtype=torch.float64))
        parameter.grad = row
        torch.nn.utils.clip_grad_norm_([parameter], 1.0)
    assert torch.allclose(clipped(gradients, 1.0), expected, atol=1e-12)
    assert torch.equal(clipped(gradients, 1.0)[1:], gradients[1:])


def test_members_may_have_their_own_clipping_bound():
    """A bound per member [K, 1] clips each row by its own."""
    gradients, bounds = torch.ones(2, 4, dtype=torch.float64), torch.tensor([[1.0], [0.1]], dtype=torch.float64)
    norms = clipped(gradients, bounds).norm(dim=1)
    assert torch.allclose(norms, bounds.squeeze(1), rtol=1e-5)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"optimiser": "sgd", "momentum": 0.9, "nesterov": True}, SGD(1e-3, momentum=0.9, nesterov=True)),
        ({"optimiser": "rmsprop", "alpha": 0.9, "epsilon": 1e-6}, RMSProp(1e-3, alpha=0.9, epsilon=1e-6)),
        ({"optimiser": "adamw", "weight_decay": 0.1}, AdamW(1e-3, beta1=0.5, weight_decay=0.1)),
    ],
    ids=["nesterov", "rmsprop", "adamw"],
)
def test_training_settings_reach_the_optimiser(changes, expected):
    """What the settings name is what both players get."""
    play = group(**changes).play
    assert play.critic_optimiser == play.generator_optimiser == expected
