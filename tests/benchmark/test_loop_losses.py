"""Losses in a user's training loop equal the engine's, to rounding, for every objective."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from benchmark.engine import streams
from benchmark.engine.group import form
from benchmark.engine.loop import feed
from benchmark.problems import PROBLEMS, Training
from benchmark.problems.data import Labels
from objectives import OBJECTIVES, WRAPPERS, losses
from objectives.spec import parse
from objectives.table import example_of
from tests.benchmark.builders import POINTS

STEPS, RATE = 20, 0.02
CLASSES = Labels(torch.arange(64) % 3, torch.arange(64) % 3, 3)
RING = replace(PROBLEMS["ring"], labels=CLASSES)
ELSEWHERE = {"ln", "sn", "diffaug"}  # another critic; images
SPECS = [*OBJECTIVES, *(example_of(name) for name in WRAPPERS if name not in ELSEWHERE), "wgan-gp+r1+noise"]


class Scored(nn.Module):
    """A network of the benchmark as a module that gives scores, or an embedding where it has none."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x, labels=None):
        """Return the scores [B]."""
        output = self.network(x) if labels is None else self.network(x, labels=labels)
        return output.features if output.scores is None else output.scores

    def features(self, x):
        """Return the features [B, F]."""
        return self.network(x).features

    def logits(self, x):
        """Return the logits [B, C] of a head for classes."""
        return self.network.classes(self.features(x))


class Joined(nn.Module):
    """A generator that takes its labels as a second argument."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, z, labels=None):
        """Return samples."""
        return self.network(z if labels is None else torch.cat([z, labels], 1))


class EngineDraws:
    """The draws of one round of the engine."""

    def __init__(self):
        self.key = None

    def uniform(self, purpose, shape):
        """Return the engine's uniform numbers."""
        return streams.uniform(streams.fold(self.key, purpose), shape, torch.float64)

    def normal(self, purpose, shape):
        """Return the engine's normal numbers."""
        return streams.normal(streams.fold(self.key, purpose), shape, torch.float64)


def module_of(network, parameters):
    """Return a fresh module of a flat network with the given parameters [P]."""
    module = network.build().double()
    nn.utils.vector_to_parameters(parameters.clone(), module.parameters())
    return module


@pytest.mark.parametrize("spec", SPECS)
def test_losses_are_the_engines(spec):
    """Two trainings from one start, on the same batches and draws, by the engine and by torch.optim."""
    rates = {"generator_learning_rate": RATE, "critic_learning_rate": RATE, "momentum": 0.0}
    settings = Training(batch=8, optimiser="sgd", **rates)
    members = form(RING, parse(spec, scales=RING.budget.scales), settings, [0], POINTS, STEPS)
    play, state, draws = members.play, members.start(), EngineDraws()
    critic = Scored(module_of(play.losses.critic, state.critic.parameters[0]))
    generator = Joined(module_of(play.losses.generator, state.generator.parameters[0]))
    objective = play.losses.objective
    trains_critic = objective.traits.trains_critic
    loss = losses(
        objective,
        critic=critic if trains_critic else None,
        generator=generator,
        features_of=critic.features,
        logits_of=critic.logits,
        head=getattr(critic.network, "score", None),
        steps=STEPS,
        draws=draws,
    )
    optimisers = [torch.optim.SGD(module.parameters(), RATE) for module in (critic, generator)]
    for batch in feed(members, 0, STEPS):
        state, terms = members.step(state, batch)
        ours = []
        for side in range(not trains_critic, 2):
            round_ = play.round(batch, side - (not trains_critic))
            draws.key, z = round_.key[0], round_.noise[0]
            further = {name: value[0] for name, value in round_.further.items()}
            second = (further["second_real"], generator(further["second_noise"])) if "second_real" in further else None
            ask, labels = loss.generator if side else loss.critic, further.get("labels")
            ours.append(ask(round_.real[0], generator(z, labels), noise=z, labels=labels, second=second))
            optimisers[side].zero_grad()
            ours[-1].backward()
            optimisers[side].step()
            if not side:
                loss.after_critic_step()
        theirs = [terms.critic_loss, terms.generator_loss][not trains_critic :]
        torch.testing.assert_close(torch.stack(ours), torch.cat(theirs), rtol=1e-6, atol=1e-6)
        assert spec != "wgan" or all(each.abs().max() <= 0.01 for each in critic.parameters())
    for name, value in loss.state.named_buffers():
        torch.testing.assert_close(value, state.objective[name][0], rtol=1e-6, atol=1e-9)
