"""What else a loss can use: noise, the generator, second batches, the last layer; and generator steps."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch

from benchmark.engine.dynamics import Alternating
from benchmark.engine.group import form
from benchmark.engine.loop import advance, feed
from benchmark.engine.memory import group_bytes
from benchmark.errors import UserError
from benchmark.problems import PROBLEMS, Training
from benchmark.runner.entry import entry_of
from benchmark.runner.experiment import experiment_of
from benchmark.runner.request import Request
from objectives import NonSaturating, Objective, Traits
from objectives.spec import parse
from tests.benchmark.builders import POINTS, group, play


@dataclass(frozen=True)
class Probing(Objective):
    """Losses that are 0 if the game provides what it documents, and large otherwise."""

    traits = Traits(second_batch=True, separable=False)

    def critic_loss(self, critic, real, fake, game):
        """Compare the fakes with those of their noise, and scores with the last layer on features."""
        again = (game.generator(game.noise) - fake).square().sum()
        linear = critic(real) - critic.features(real) @ critic.head
        return 1e6 * again + 1e6 * linear.var() + 0.0 * critic(fake).mean()

    def generator_loss(self, critic, real, fake, game):
        """Count the values that first and second batches share, besides what a small data set repeats."""
        shared = (game.second_fake[:, None] == fake).all(2).sum() + (game.second_real == real).all()
        return shared.to(fake.dtype) + 0.0 * (game.second_fake.sum() + fake.sum())


@pytest.mark.parametrize("members", [1, 3])
def test_the_game_provides_what_it_documents(members):
    """Fakes are the generator's at their noise, a head is the last layer, second batches are different."""
    whole = form(PROBLEMS["ring"], Probing(), Training(batch=8), range(members), POINTS, 3)
    state, terms = play(whole, stop=3)
    assert state.alive.all()
    assert terms.critic_loss.abs().max() < 1e-12
    assert terms.generator_loss.abs().max() == 0.0


def test_second_batches_leave_the_first_as_they_are():
    """At one seed an objective with second batches sees the data and the noise that every other one sees."""
    ot, mmd = group("ot-gan"), group("mmd")
    ours, theirs = next(feed(ot, 3, 4)), next(feed(mmd, 3, 4))
    assert ours.indices.equal(theirs.indices)
    assert ours.noise.equal(theirs.noise)
    assert not theirs.second
    assert not ours.second["noise"].equal(ours.noise)
    assert not ours.second["indices"].equal(ours.indices)


@dataclass(frozen=True)
class Undeclared(NonSaturating):
    """A loss that uses a second batch without declaring it."""

    def generator_loss(self, critic, real, fake, game):
        """Return a loss of the second batch."""
        return -critic(game.second_fake).mean()


def test_a_second_batch_must_be_declared():
    """One sentence explains how."""
    members = form(PROBLEMS["ring"], Undeclared(), Training(batch=8), range(2), POINTS, 3)
    with pytest.raises(TypeError, match="set second_batch=True in its traits"):
        play(members, stop=1)


@pytest.mark.parametrize("spec", ["hinge+san", "hinge+san+sn"])
def test_the_direction_has_a_gradient_of_its_own(spec):
    """SAN trains in the engine, the last layer of a normalised critic too; its bias stays."""
    members = group(spec, iterations=5)
    state, _ = play(members, stop=5)
    network = members.play.losses.critic
    before, after = (network.named(one.players.critic[1]) for one in (members.start(), state))
    assert state.alive.all()
    assert not before["score.weight"].equal(after["score.weight"])
    assert before["score.bias"].equal(after["score.bias"])


def test_an_energy_has_no_last_layer():
    """A sentence instead of an attribute error."""
    members = group("ebgan")
    with pytest.raises(UserError, match=r"needs a critic whose scores are one linear layer"):
        members.play.losses.critic.score_weights(members.start().players.critic[0])


def test_generator_steps_follow_the_critics():
    """Two critic and three generator steps are as many updates, on five rounds of data, for five gradients."""
    dynamics = Alternating(critic_steps=2, generator_steps=3)
    assert dynamics.cost == (2, 3, 2, 3, 5)
    members = group("ns", critic_steps=2, generator_steps=3)
    state, _ = play(members, stop=4)
    assert (state.critic.updates.item(), state.generator.updates.item()) == (8, 12)
    with pytest.raises(ValueError, match=r"generator_steps must be 1 to .*, got 0"):
        Training(generator_steps=0)


def test_one_generator_step_goes_without_saying():
    """Records from before there were several keep their identity; several enter it."""
    known = PROBLEMS["ring"]

    def stated(**overrides):
        entry = entry_of(known, "ns", Request(problems=("ring",), objectives=("ns",), seeds=(0,), overrides=overrides))
        about = {"protocol": 1, "data": "", "evaluators": {}}
        return experiment_of(known, entry, about, "shared", 1, 1, alone=None).facts

    assert "generator_steps" not in stated()["training"]
    assert stated(generator_steps="2")["training"]["generator_steps"] == 2


@pytest.mark.parametrize(
    "spec", ["ot-gan+noise", "ot-gan+pac", "ns+san", "ebgan+san", "hinge+r1+san", "hinge+san+topk"]
)
def test_wrappers_that_do_not_fit_are_refused(spec):
    """Noise on one batch of two, packs of one batch of two, slices of what has no source."""
    with pytest.raises(ValueError, match=r"needs two|defined only for hinge|top-k needs"):
        parse(spec)


def test_latent_consistency_trains_as_one_program():
    """The moved noise passes the generator once more, under `vmap` and in a traced step."""
    members = group("ns+zcr", iterations=200, seeds=range(2))
    *_, last = (position for position, _ in zip(advance(members, members.start()), range(3), strict=False))
    plain, _ = play(members, stop=3)
    torch.testing.assert_close(last.state.players.generator, plain.players.generator)


WRAPPED = ("hinge+san", "ns+gn+pac", "ns+sn", "wgan-gp+ln", "ns+zcr")
VALUELESS = ["alpha", "drifting", "fisher", "kl-wgan", "ot-gan", "swg", *WRAPPED]


@pytest.mark.parametrize("spec", VALUELESS)
def test_no_step_reads_a_value(spec):
    """A step runs on tensors without values, so it can be recorded as a CUDA graph."""
    assert group_bytes(PROBLEMS["ring"], parse(spec), Training(batch=8), 2, POINTS) > 0
