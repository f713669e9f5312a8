"""The engine: equal to a plain loop, whatever the group; exact; frozen members stay as they are."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
import torch
from torch.nn.functional import softplus
from torch.utils._pytree import tree_leaves, tree_map

from benchmark.engine import streams
from benchmark.engine.flat import build_from
from benchmark.engine.group import Varying, form
from benchmark.engine.loop import advance, feed
from benchmark.engine.program import straighten
from benchmark.problems import PROBLEMS, Training
from objectives.spec import parse
from tests.benchmark.builders import POINTS, group, play


def rows(state):
    """Return all parameters of each member [K, P]."""
    return torch.cat([state.players.critic, state.players.generator], dim=1)


def plain_loop(seed, batches, iterations):
    """Train NS with torch's modules, autograd and Adam on the batches of one member; an independent oracle."""
    problem = PROBLEMS["ring"]
    critic = build_from(lambda: problem.critic("score"), streams.generator(seed, "critic")).double()
    generator = build_from(problem.generator, streams.generator(seed, "generator")).double()
    critic_adam = torch.optim.Adam(critic.parameters(), 1e-3, betas=(0.5, 0.999))
    generator_adam = torch.optim.Adam(generator.parameters(), 1e-3, betas=(0.5, 0.999))
    for batch in itertools.islice(batches, iterations):
        real, noise = POINTS[batch.indices[0, 0]], batch.noise[:, 0]
        loss = softplus(-critic(real).scores).mean() + softplus(critic(generator(noise[0]).detach()).scores).mean()
        critic_adam.zero_grad()
        loss.backward()
        critic_adam.step()
        loss = softplus(-critic(generator(noise[1])).scores).mean()
        generator_adam.zero_grad()
        loss.backward()
        generator_adam.step()
    return torch.cat([p.detach().flatten() for net in (critic, generator) for p in net.parameters()])


@pytest.mark.parametrize("seed", [0, 2])
def test_a_member_of_a_group_equals_a_plain_loop(seed):
    """Ten iterations under vmap agree with nn.Module and torch.optim.Adam to 1e-10 in float64."""
    state, _ = play(group(seeds=range(3)))
    alone = group(seeds=[seed])
    expected = plain_loop(seed, feed(alone, 0, 10), 10)
    assert torch.allclose(rows(state)[seed], expected, atol=1e-10)


@pytest.mark.parametrize("spec", ["ns", "minimax", "ebgan:margin=1", "ebgan-pt", "ns+r1", "wgan-gp", "began"])
def test_a_member_does_not_depend_on_its_group(spec):
    """It is the same alone and in a group, to rounding in float64."""
    together, _ = play(group(spec, seeds=range(3)))
    alone, _ = play(group(spec, seeds=[1]))
    assert torch.allclose(rows(together)[1], rows(alone)[0], atol=1e-9)


@pytest.mark.parametrize("spec", ["ns", "ns+r1", "began", "wgan"])
@pytest.mark.parametrize("seeds", [[0, 1, 2], [1]])
def test_the_straightened_step_equals_the_step(spec, seeds):
    """Tracing changes no number in float64 beyond rounding."""
    members = group(spec, seeds=seeds)
    batches = list(feed(members, 0, 5))
    start = members.start()
    fast = straighten(members.step, start, batches[0])
    slow_state, fast_state = start, start
    for batch in batches:
        slow_state, slow_terms = members.step(slow_state, batch)
        fast_state, fast_terms = fast(fast_state, batch)
    assert torch.allclose(rows(slow_state), rows(fast_state), atol=1e-12)
    assert torch.allclose(slow_terms.critic_loss, fast_terms.critic_loss, atol=1e-12)


def test_a_rerun_is_the_same_to_the_last_bit():
    """Two runs of a group in float32 are bit-identical."""
    first, second = (play(group(data=POINTS.float()))[0] for _ in range(2))
    assert torch.equal(rows(first), rows(second))


def test_batches_do_not_depend_on_where_drawing_starts():
    """Iteration 7's batch is the same drawn from 0 and drawn from 7."""
    members = group()
    late, early = next(feed(members, 7, 8)), list(feed(members, 0, 8))[-1]
    assert all(torch.equal(a, b) for a, b in zip(*map(tree_leaves, (late, early)), strict=True))


def test_objectives_are_paired():
    """At one seed every objective of a critic kind sees the same data, noise and initial weights."""
    one, other = group("ns"), group("hinge")
    assert all(
        torch.equal(a, b) for a, b in zip(*(tree_leaves(next(feed(each, 0, 1))) for each in (one, other)), strict=True)
    )
    assert torch.equal(rows(one.start()), rows(other.start()))


def test_k_critic_steps_cost_k_gradients():
    """With k = 3 the critic has moved three times as often as the generator."""
    members = group(critic_steps=3)
    state, _ = play(members, stop=4)
    assert (int(state.critic.updates), int(state.generator.updates)) == (12, 4)
    assert members.dynamics.cost.gradients == 4


def test_a_control_without_a_game_moves_the_generator_only():
    """MMD on the data costs one gradient an iteration and leaves the critic alone."""
    members = group("mmd-fixed")
    state, _ = play(members, stop=3)
    assert members.dynamics.cost[:2] == (0, 1)
    assert torch.equal(state.players.critic, members.start().players.critic)
    assert not torch.equal(state.players.generator, members.start().players.generator)


def test_simultaneous_moves_both_from_the_same_point():
    """One simultaneous iteration moves the generator as if the critic had not moved."""
    members = group(dynamics="simultaneous", optimiser="sgd")
    start = members.start()
    batch = next(feed(members, 0, 1))
    state, _ = members.step(start, batch)
    move = members.play.generator_gradient(start.players, members.play.round(batch, 0), torch.zeros(()))
    expected = start.players.generator - 1e-3 * move.gradient
    assert torch.allclose(state.players.generator, expected, atol=1e-14)


def broken(at, member):
    """Return a state whose member's critic overflows at once."""
    members = group(data=POINTS.float(), iterations=at + 10)
    state, _ = play(members, stop=at)
    critic = state.players.critic.clone()
    critic[member] = float("inf")
    return members, state.at(critic=critic)


@pytest.mark.parametrize("spec", ["ns+noise", "ns+gn", "ebgan+noise"])
def test_scores_of_the_batch_are_known_if_the_loss_sees_changed_samples(spec):
    """Without mean scores of the batch, no diagnosis could find that the critic won."""
    seen, plain = (play(group(one, iterations=1), stop=1)[1] for one in (spec, spec.partition("+")[0]))
    assert torch.equal(seen.real_score, plain.real_score)
    assert torch.equal(seen.fake_score, plain.fake_score)


def test_a_loss_on_parameters_leaves_spectral_norms_vectors_alone():
    """Historical averaging pulls at what is trained, not at the direction of the power iteration."""
    members = group("ns+history+sn")
    state, _ = play(members, stop=3)
    batch = next(feed(members, 3, 4))
    move = members.play.critic_gradient(state.players, members.play.round(batch, 0), members.play.progress(batch))
    found = members.play.losses.critic.named(move.gradient[0])
    assert found["body.0.weight"].abs().max() > 0.0
    assert all(not part.any() for name, part in found.items() if name.endswith("direction"))


def test_a_diverged_member_is_frozen_and_dated():
    """A member that turns non-finite stays where it was, with the iteration on record; the others go on."""
    members, state = broken(at=4, member=1)
    after, _ = play(members, state, start=4, stop=8)
    assert after.alive.tolist() == [True, False, True]
    assert after.ended.tolist() == [-1, 4, -1]
    assert torch.equal(after.players.generator[1], state.players.generator[1])
    healthy, _ = play(group(data=POINTS.float(), iterations=14), stop=8)
    assert torch.equal(rows(after)[[0, 2]], rows(healthy)[[0, 2]])


def test_the_loop_gives_every_position():
    """Positions count from 1 to the end of the budget, from wherever the loop starts."""
    members = group(iterations=10)
    assert [position.iteration for position in advance(members, members.start())] == list(range(1, 11))
    assert [position.iteration for position in advance(members, members.start(), 7)] == [8, 9, 10]


@pytest.mark.parametrize("spec", ["ns+pac:m=3", "rsgan+pac:m=2", "ebgan+pac:m=2"])
def test_packing_draws_and_judges_packs(spec):
    """A batch of B packs consumes m B samples, and the critic gives B scores."""
    members = group(spec)
    packing = members.play.losses.objective.traits.packing
    batch = next(feed(members, 0, 1))
    assert batch.indices.shape[-1] == 8 * packing
    state, terms = members.step(members.start(), batch)
    assert torch.isfinite(terms.critic_loss).all()
    assert state.alive.all()


def test_members_may_differ_in_settings():
    """Learning rates and objective fields per member give what each gives alone."""
    varying = Varying({"margin": [0.5, 2.0]}, {"generator_learning_rate": [1e-3, 1e-4], "beta1": [0.5, 0.0]})
    objectives = [parse(f"ebgan:margin={margin}") for margin in (0.5, 2.0)]
    trainings = [Training(batch=8), Training(batch=8, generator_learning_rate=1e-4, beta1=0.0)]
    both = form(PROBLEMS["ring"], objectives[0], trainings[0], (0, 1), POINTS, 10, varying)
    together, _ = play(both)
    for member in (0, 1):
        alone = form(PROBLEMS["ring"], objectives[member], trainings[member], (member,), POINTS, 10)
        assert torch.allclose(rows(together)[member], rows(play(alone)[0])[0], atol=1e-10)


def test_no_batch_is_made_on_the_cpu():
    """A step on the meta device meets no CPU tensor but scalars."""
    members = group("ns+r1", data=POINTS.float())
    meta = dataclasses.replace(
        members,
        play=dataclasses.replace(members.play, data=members.play.data.to("meta")),
        roots=members.roots.to("meta"),
    )
    state = tree_map(lambda t: t.to("meta"), members.start())
    batch = next(feed(meta, 0, 1))
    after, terms = meta.step(state, batch)
    devices = {leaf.device.type for leaf in tree_leaves((batch, after, terms))}
    assert devices == {"meta"}


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
def test_a_group_trains_on_a_gpu():
    """Ten iterations on CUDA agree with the CPU in float64."""
    here, _ = play(group())
    there, _ = play(group(data=POINTS.cuda()))
    assert torch.allclose(rows(here), rows(there).cpu(), atol=1e-8)


@pytest.mark.parametrize("seeds", [(0,), (0, 1)])
def test_bytes_train_as_their_floats_do(seeds):
    """Images kept as bytes give the same bits as the same images kept as floats, stepped or straightened."""
    images = torch.randint(0, 256, (32, 4), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    ends = []
    for data in (images, images.float().div(255.0)):
        members = group(seeds=seeds, data=data[:, :2], iterations=5)
        start, batches = members.start(), list(feed(members, 0, 5))
        traced = straighten(members.step, start, batches[0])
        state = start
        for batch in batches:
            state, _ = traced(state, batch)
        ends += [rows(play(members, stop=5)[0]), rows(state)]
    assert ends[0].dtype == torch.float32
    assert torch.equal(ends[0], ends[2])
    assert torch.equal(ends[1], ends[3])
