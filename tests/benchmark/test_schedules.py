"""Schedules and the generator's average: equal to torch's and to loops written by hand."""

from __future__ import annotations

import pytest
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from benchmark.engine.optimisers import SGD
from benchmark.engine.schedules import SCHEDULES, Constant, Exponential, Linear
from benchmark.problems import Training
from tests.benchmark.builders import group, play


def values(schedule, initial, count):
    """Return what the first updates get."""
    return [float(schedule(initial, torch.tensor(done))) for done in range(count)]


def torch_rates(build, initial, count):
    """Return the learning rates of a torch scheduler."""
    optimiser = torch.optim.SGD([torch.zeros(1)], initial)
    scheduler, found = build(optimiser), []
    for _ in range(count):
        found.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step()
    return found


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_starts_at_the_initial_value(name):
    """The first update uses the value that the settings name."""
    assert values(SCHEDULES[name](), 0.1, 1) == [0.1]


def test_exponential_equals_torch():
    """Division by d at each update is ExponentialLR with 1/d."""
    expected = torch_rates(lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 1 / 1.03), 0.1, 100)
    assert values(Exponential(decay=1.03, floor=0.0), 0.1, 100) == pytest.approx(expected, rel=1e-12)


def test_linear_equals_torch():
    """The ramp to a tenth over 40 updates is LinearLR's."""
    expected = torch_rates(lambda o: torch.optim.lr_scheduler.LinearLR(o, 1.0, 0.1, 40), 0.5, 100)
    assert values(Linear(final=0.05, start=0, stop=40), 0.5, 100) == pytest.approx(expected, rel=1e-12)


def test_exponential_is_the_2014_papers():
    """Its code divides by 1.000004 after every minibatch down to 1e-6; the rate halves every 173,287 updates."""
    schedule, rate = Exponential(), 0.1
    for done in range(1, 1001):
        rate = max(rate / 1.000004, 1e-6)
        if done % 250 == 0:
            assert float(schedule(0.1, torch.tensor(done))) == pytest.approx(rate, rel=1e-9)
    assert float(schedule(0.1, torch.tensor(173_287))) == pytest.approx(0.05, rel=1e-5)
    assert float(schedule(0.1, torch.tensor(10_000_000))) == 1e-6


def test_the_floor_raises_no_rate():
    """A rate below the floor, such as 0 for a player that stands still, stays as it is."""
    assert values(Exponential(), 0.0, 3) == [0.0] * 3
    rates = torch.tensor([[0.1], [0.0]], dtype=torch.float64)
    assert Exponential()(rates, torch.tensor(10**8)).flatten().tolist() == [1e-6, 0.0]


def test_momentum_ramps_between_two_counts():
    """From 0.5 to 0.7 between updates 10 and 20, constant before and after."""
    found = values(Linear(final=0.7, start=10, stop=20), 0.5, 31)
    assert found[:11] == [0.5] * 11
    assert found[15] == pytest.approx(0.6)
    assert found[20:] == pytest.approx([0.7] * 11)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_scheduled_optimiser_equals_torch(dtype):
    """A hundred updates with a falling rate and a rising momentum agree with torch.optim.SGD to 1e-6."""
    schedules = {"learning_rate": Exponential(decay=1.01, floor=0.05), "momentum": Linear(0.7, 10, 50)}
    ours, scale = SGD(0.1, momentum=0.5), torch.ones(1, 1, dtype=dtype)
    start = torch.linspace(-1.0, 1.0, 5, dtype=dtype)
    parameter = start.clone().requires_grad_()
    optimiser = torch.optim.SGD([parameter], 0.1, momentum=0.5)
    found, moments = start.unsqueeze(0), ours.initial(start.unsqueeze(0))
    for done in range(100):
        for group_ in optimiser.param_groups:
            group_["lr"] = max(0.1 / 1.01**done, 0.05)
            group_["momentum"] = 0.5 + 0.2 * min(max((done - 10) / 40, 0.0), 1.0)
        parameter.grad = torch.sin(3.0 * parameter.detach())
        optimiser.step()
        count = torch.tensor(done)
        now = ours.after(count, schedules, dtype)
        found, moments = now.update(found, torch.sin(3.0 * found), moments, count + 1, scale, torch.sqrt)
    assert torch.allclose(found[0], parameter.detach(), atol=1e-6)


def test_each_player_follows_its_own_updates():
    """With two critic updates an iteration, the critic's rate has fallen twice as often."""
    rate = {"learning_rate_schedule": "linear", "learning_rate_start": 2, "learning_rate_stop": 3}
    members = group(optimiser="sgd", critic_steps=2, **rate)
    states = [members.start()]
    for stop in (1, 2, 3, 4):
        states.append(play(members, states[-1], start=stop - 1, stop=stop)[0])
    critics, generators = ([getattr(s.players, name) for s in states] for name in ("critic", "generator"))
    assert not torch.equal(critics[1], critics[2])  # its third update, at done = 2, is the last of the full rate
    assert torch.equal(critics[2], critics[3])
    assert not torch.equal(generators[2], generators[3])
    assert torch.equal(generators[3], generators[4])


@pytest.mark.parametrize(
    "changes",
    [
        {"momentum_schedule": "exponential", "optimiser": "sgd"},
        {"momentum_schedule": "linear", "optimiser": "adam"},
        {"learning_rate_schedule": "cosine"},
    ],
    ids=["no such ramp", "no momentum", "unknown"],
)
def test_invalid_schedules_are_refused(changes):
    """A schedule that does not fit its optimiser or its value is a user error when the group is formed."""
    with pytest.raises(ValueError, match="schedule"):
        group(**changes)


@pytest.mark.parametrize(
    "changes",
    [{"learning_rate_start": 5, "learning_rate_stop": 5}, {"ema_decay": 1.0}, {"clip_norm": -1.0}, {"unroll_steps": 0}],
    ids=lambda changes: next(iter(changes)),
)
def test_settings_out_of_range_are_refused(changes):
    """Impossible values are refused where they are named."""
    with pytest.raises(ValueError, match=next(iter(changes))):
        Training(**changes)


def test_what_is_constant_costs_nothing():
    """Settings without a schedule, clipping or an average leave the step without their operations."""
    members = group()
    assert (dict(members.play.schedules), members.play.clip_norm, members.play.ema_decay) == ({}, None, None)
    assert not members.averages
    assert not members.start().average
    assert Constant()(0.1, torch.tensor(5)) == 0.1


def test_the_average_equals_torchs():
    """The generator's average over ten updates is that of torch.optim.swa_utils, and it is what is sampled."""
    members = group(ema_decay=0.8, optimiser="sgd", generator_learning_rate=0.5)
    state = members.start()
    carrier = torch.nn.Linear(state.players.generator.shape[1], 1, bias=False).double()
    averaged = AveragedModel(carrier, multi_avg_fn=get_ema_multi_avg_fn(0.8))
    for iteration in range(11):
        with torch.no_grad():
            carrier.weight.copy_(state.players.generator[1:2])
        averaged.update_parameters(carrier)
        if iteration < 10:
            state, _ = play(members, state, start=iteration, stop=iteration + 1)
    assert torch.allclose(state.average["generator"][1], averaged.module.weight[0], atol=1e-12)
    plain = state.at(generator=state.average["generator"])._replace(average={})
    assert members.averages
    assert torch.equal(members.sample(state, 5), members.sample(plain, 5))
    assert not torch.equal(members.sample(state, 5), members.sample(state._replace(average={}), 5))
