"""Dynamics: each is its paper's algorithm, by other implementations and by differences."""

from __future__ import annotations

import pytest
import torch

from benchmark.engine.loop import feed
from tests.benchmark.builders import POINTS, play
from tests.benchmark.builders_of_teams import rows, team


def look_ahead(members, state, batch, generator, steps):
    """Return the generator's loss [K] against the critic after k updates, with no graph between them."""
    play_, round_, progress = members.play, members.play.round(batch, 0), members.play.progress(batch)
    state = state.at(generator=generator)
    for _ in range(steps):
        move = play_.critic_gradient(state.players, round_, progress)
        state = state._replace(critic=play_.descend("critic", state.critic, move.gradient, state.alive))
    return play_.generator_loss(state.players, round_, progress)


@pytest.mark.parametrize("optimiser", ["sgd", "adam", "rmsprop"])
def test_unrolling_differentiates_through_the_critics_updates(optimiser):
    """The generator's gradient is the slope of its loss against the critic three updates on, by central differences."""
    rates = {"critic_learning_rate": 0.05, "generator_learning_rate": 1e-3, "epsilon": 1e-3, "momentum": 0.3}
    members = team("unrolled", optimiser=optimiser, unroll_steps=3, **rates)
    state, _ = play(members, stop=3)
    batch = list(feed(members, 0, 4))[3]
    round_, progress = members.play.round(batch, 0), members.play.progress(batch)
    with torch.enable_grad():
        first, answer = members.dynamics._look_ahead(members.play, state, round_, progress)
    assert torch.equal(first.gradient, members.play.critic_gradient(state.players, round_, progress).gradient)
    towards = torch.randn(state.players.generator.shape, generator=torch.Generator().manual_seed(1)).double()
    ends = [look_ahead(members, state, batch, state.players.generator + s * 1e-6 * towards, 3) for s in (1, -1)]
    measured, expected = (ends[0] - ends[1]) / 2e-6, (answer.gradient * towards).sum(dim=1)
    assert torch.allclose(measured, expected, rtol=1e-4, atol=1e-7)
    plain = members.play.generator_gradient(state.players, round_, progress).gradient
    assert not torch.allclose(plain, answer.gradient, rtol=1e-3)


@pytest.mark.parametrize("optimiser", ["adam", "adamw", "rmsprop", "sgd"])
def test_unrolling_from_the_first_step_is_finite(optimiser):
    """Where gradients and second moments are exactly zero (dead units) the derivative of the update stays finite."""
    state, _ = play(team("unrolled", optimiser=optimiser, data=POINTS.float()), stop=2)
    assert state.alive.all()


def reference(name, members, count):
    """Play a group by its paper's algorithm with plain Adam steps on one member: another implementation."""
    beta1, beta2, rate, epsilon = 0.5, 0.999, 1e-3, 1e-8
    state = members.start()
    point = torch.cat([state.players.critic, state.players.generator], dim=1)
    size, mean, square, t = state.players.critic.shape[1], 0.0, 0.0, 0
    past = torch.zeros_like(point)

    def field(at, batch, number):
        players = state.players._replace(critic=at[:, :size], generator=at[:, size:])
        round_, progress = members.play.round(batch, number), members.play.progress(batch)
        critic = members.play.critic_gradient(players, round_, progress)
        generator = members.play.generator_gradient(players, round_, progress)
        return torch.cat([critic.gradient, generator.gradient], dim=1)

    def adam(gradient):
        nonlocal mean, square, t
        t += 1
        mean, square = beta1 * mean + (1 - beta1) * gradient, beta2 * square + (1 - beta2) * gradient**2
        return rate * (mean / (1 - beta1**t)) / ((square / (1 - beta2**t)).sqrt() + epsilon)

    for batch in feed(members, 0, count):
        if name == "extra-adam":
            trial = point - adam(field(point, batch, 0))
            point = point - adam(field(trial, batch, 1))
        else:
            step = adam(field(point, batch, 0))
            point, past = point - 2 * step + past, step
    return point


@pytest.mark.parametrize("name", ["extra-adam", "optimistic-adam"])
def test_the_named_adams_are_their_papers(name):
    """ExtraAdam is Gidel et al.'s algorithm 4 and Optimistic Adam Daskalakis et al.'s algorithm 1, to rounding."""
    members = team(name)
    state, _ = play(members, stop=6)
    found = torch.cat([state.players.critic, state.players.generator], dim=1)
    assert torch.allclose(found, reference(name, members, 6), atol=1e-12)


@pytest.mark.parametrize("name", ["extragradient", "extra-adam"])
def test_a_trial_leaves_no_trace(name):
    """The generator's average and the objective's state follow the steps taken for good, not the extrapolations."""
    members = team(name, "ns+history", ema_decay=0.9)
    start = members.start()
    after, _ = play(members, start, stop=1)
    expected = 0.9 * start.players.generator + 0.1 * after.players.generator
    assert torch.allclose(after.average["generator"], expected, atol=1e-14)
    assert after.players.objective["history_count"].tolist() == [1.0] * 3


def test_past_gradients_are_kept():
    """Two optimistic steps of plain descent are ω - 2hF₀ and then - 2hF₁ + hF₀."""
    members = team("optimistic", optimiser="sgd")
    states = [members.start()]
    gradients = []
    for batch in feed(members, 0, 2):
        round_, progress = members.play.round(batch, 0), members.play.progress(batch)
        gradients.append(members.play.generator_gradient(states[-1].players, round_, progress).gradient)
        states.append(members.step(states[-1], batch)[0])
    expected = states[1].players.generator - 1e-3 * (2.0 * gradients[1] - gradients[0])
    assert torch.allclose(states[2].players.generator, expected, atol=1e-15)


def test_consensus_without_weight_is_simultaneous():
    """γ = 0 leaves the joint field alone."""
    plain, _ = play(team("simultaneous"), stop=3)
    weightless, _ = play(team("consensus", consensus_gamma=0.0), stop=3)
    assert torch.allclose(rows(plain), rows(weightless), atol=1e-12)
