"""Every dynamics of the table satisfies the laws of the engine and has the stated cost."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmark.engine import checkpoint
from benchmark.engine.dynamics import DYNAMICS, Consensus
from benchmark.engine.loop import advance, feed
from benchmark.engine.play import Play
from benchmark.engine.program import straighten
from tests.benchmark.builders import POINTS, play
from tests.benchmark.builders_of_teams import rows, team

SPECS = ["ns+r1:gamma=1", "began", "wgan:bound=0.3", "hinge+lecam"]  # a penalty, states, a constraint


@pytest.mark.parametrize("name", DYNAMICS)
@pytest.mark.parametrize("spec", SPECS)
def test_a_member_does_not_depend_on_its_group(name, spec):
    """It is the same alone and in a group, to rounding in float64."""
    together, _ = play(team(name, spec), stop=3)
    alone, _ = play(team(name, spec, seeds=[1]), stop=3)
    assert together.alive.all()
    assert torch.allclose(rows(together)[1], rows(alone)[0], atol=1e-10, rtol=1e-8)


def with_settings(members, rate, gamma):
    """Return a group whose members have their own critic's learning rate [K, 1] and weight of R1 [K]."""
    optimiser = dataclasses.replace(members.play.critic_optimiser, learning_rate=rate)
    changed = dataclasses.replace(members.play, critic_optimiser=optimiser, settings={"penalty.gamma": gamma})
    return dataclasses.replace(members, play=changed)


@pytest.mark.parametrize("name", DYNAMICS)
def test_members_may_have_their_own_settings(name):
    """A learning rate and a penalty's weight per member give what each member alone gives."""
    rates = torch.tensor([[1e-3], [3e-2], [1e-2]], dtype=torch.float64)
    gammas = torch.tensor([0.1, 3.0, 1.0], dtype=torch.float64)
    together, _ = play(with_settings(team(name, "ns+r1"), rates, gammas), stop=3)
    alone, _ = play(with_settings(team(name, "ns+r1", [1]), 3e-2, gammas[1:2]), stop=3)
    assert torch.allclose(rows(together)[1], rows(alone)[0], atol=1e-10, rtol=1e-8)


@pytest.mark.parametrize(
    ("name", "seeds"), [*((name, [0, 1, 2]) for name in DYNAMICS), ("consensus", [1]), ("unrolled", [1])]
)
def test_the_straightened_step_equals_the_step(name, seeds):
    """Tracing changes no number beyond rounding, with penalties, averages, clipping and schedules on."""
    members = team(name, "ns+lecam+r1", seeds, ema_decay=0.9, clip_norm=0.1, learning_rate_schedule="exponential")
    batches = list(feed(members, 0, 3))
    slow = fast = members.start()
    step = straighten(members.step, fast, batches[0])
    for batch in batches:
        (slow, slow_terms), (fast, fast_terms) = members.step(slow, batch), step(fast, batch)
    assert torch.allclose(rows(slow), rows(fast), atol=1e-12)
    assert (slow.critic.updates, slow.generator.updates) == (fast.critic.updates, fast.generator.updates)
    assert all(torch.allclose(a, b, atol=1e-12) for a, b in zip(slow_terms, fast_terms, strict=True))


@pytest.mark.parametrize("name", DYNAMICS)
def test_a_rerun_is_the_same_to_the_last_bit(name):
    """Two runs in float32 are bit-identical."""
    first, second = (play(team(name, data=POINTS.float()), stop=3)[0] for _ in range(2))
    assert torch.equal(rows(first), rows(second))


@pytest.mark.parametrize("name", DYNAMICS)
@pytest.mark.parametrize("player", ["critic", "generator"])
def test_a_broken_member_is_frozen_and_the_others_go_on(name, player):
    """A member that turns non-finite stays where it was, its average too; the others do not notice."""
    members = team(name, "wgan:bound=0.3", data=POINTS.float(), ema_decay=0.9)
    healthy, _ = play(members, stop=2)
    parameters = getattr(healthy.players, player).clone()
    parameters[1] = float("inf")
    state = healthy.at(**{player: parameters})
    state, _ = play(members, state, start=2, stop=3)
    after, _ = play(members, state, start=3, stop=6)
    expected, _ = play(members, healthy, start=2, stop=6)
    assert (after.alive.tolist(), after.ended.tolist()) == ([True, False, True], [-1, 2, -1])
    assert torch.equal(after.players.critic[1], state.players.critic[1])
    assert torch.equal(after.players.generator[1], state.players.generator[1])
    assert torch.equal(after.average["generator"][1], state.average["generator"][1])
    assert torch.equal(rows(after)[[0, 2]], rows(expected)[[0, 2]])


@pytest.mark.parametrize("name", DYNAMICS)
def test_costs_are_what_is_evaluated(name, monkeypatch):
    """Every gradient of a player counts once, and twice more where it is differentiated; every round drawn is used."""
    seen = {"critic_gradients": 0, "generator_gradients": 0, "rounds": set()}
    grad, round_ = torch.autograd.grad, Play.round

    def counted(outputs, inputs, **options):
        times = 3 if options.get("create_graph") else 1
        if not isinstance(inputs, tuple):  # a tuple is the pass back through both gradients, counted with them
            critic = inputs.shape[1] == members.play.losses.critic.size
            seen["critic_gradients" if critic else "generator_gradients"] += times
        return grad(outputs, inputs, **options)

    def numbered(self, batch, number):
        seen["rounds"].add(number)
        return round_(self, batch, number)

    members = team(name)
    monkeypatch.setattr(torch.autograd, "grad", counted)
    monkeypatch.setattr(Play, "round", numbered)
    state, _ = members.step(members.start(), next(feed(members, 0, 1)))
    dynamics = members.dynamics
    assert seen == {
        "critic_gradients": dynamics.cost.critic_gradients,
        "generator_gradients": dynamics.cost.generator_gradients,
        "rounds": set(range(dynamics.cost.batches)),
    }
    moved = int(state.critic.updates), int(state.generator.updates)
    assert moved == (dynamics.cost.critic_updates, dynamics.cost.generator_updates)


def arithmetic(name, **changes):
    """Count the operations of the matrix products in one iteration."""
    members = team(name, seeds=[0], **changes)
    batch, state = next(feed(members, 0, 1)), members.start()
    with FlopCounterMode(display=False) as counter:
        members.step(state, batch)
    return counter.get_total_flops()


def test_a_differentiated_gradient_is_the_work_of_three():
    """Consensus takes thrice the products of the plain field; another unrolled step those of three critic steps."""
    assert arithmetic("consensus") == pytest.approx(3.0 * arithmetic("simultaneous"), rel=0.05)
    unrolled = arithmetic("unrolled", unroll_steps=3) - arithmetic("unrolled", unroll_steps=2)
    plain = arithmetic("alternating", critic_steps=3) - arithmetic("alternating", critic_steps=2)
    assert unrolled == pytest.approx(3.0 * plain, rel=0.05)


@pytest.mark.parametrize("name", [name for name, kind in DYNAMICS.items() if kind.optimiser is not None])
def test_dynamics_of_one_optimiser_refuse_the_others(name):
    """Dynamics defined for Adam raise an error for another optimiser."""
    with pytest.raises(ValueError, match="needs the optimiser 'adam'"):
        team(name, optimiser="sgd")


def test_traced_counters_stay_apart():
    """With three critic updates an iteration, a traced step counts both players rightly, and Adam with them."""
    members = team("alternating", critic_steps=3)
    batches = list(feed(members, 0, 3))
    step, state = straighten(members.step, members.start(), batches[0]), members.start()
    for batch in batches:
        state, _ = step(state, batch)
    assert (int(state.critic.updates), int(state.generator.updates)) == (9, 3)


def test_members_may_have_their_own_weight_of_consensus():
    """A γ per member gives what each member alone gives."""
    members = team("consensus", seeds=[0, 1])
    weights = torch.tensor([[0.1], [2.0]], dtype=torch.float64)
    together, _ = play(dataclasses.replace(members, dynamics=Consensus(weights)), stop=3)
    alone, _ = play(team("consensus", seeds=[1], consensus_gamma=2.0), stop=3)
    assert torch.allclose(rows(together)[1], rows(alone)[0], atol=1e-12)


@pytest.mark.parametrize("name", ["extra-adam", "optimistic", "optimistic-adam"])
def test_what_dynamics_remember_survives_a_checkpoint(name):
    """Two iterations, saved, loaded and two more equal four to the last bit, memory and average included."""
    members = team(name, "began", iterations=4, data=POINTS.float(), ema_decay=0.9)
    positions = list(advance(members, members.start()))
    middle, _ = checkpoint.unpack(checkpoint.pack(positions[1], "key", {}), "key", members)
    resumed = list(advance(members, middle.state, middle.iteration))[-1]
    assert torch.equal(rows(resumed.state), rows(positions[-1].state))
