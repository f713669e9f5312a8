"""The vanishing gradient of the literature: a good critic leaves the minimax generator without a gradient."""

from __future__ import annotations

import torch

from benchmark.engine.game import Losses
from benchmark.engine.group import form
from benchmark.engine.loop import feed
from benchmark.engine.play import Play
from benchmark.problems import PROBLEMS
from objectives.spec import parse


def gradient_norm(spec: str, group, players, batch) -> float:
    """Return the norm of an objective's generator gradient against a given critic."""
    losses = Losses(parse(spec), group.play.losses.critic, group.play.losses.generator)
    play = Play(**{**vars(group.play), "losses": losses})
    move = play.generator_gradient(players, play.round(batch, 0), torch.zeros(()))
    return float(move.gradient.norm())


def test_minimax_gradients_vanish_against_a_good_critic(tmp_path):
    """After 1,000 critic steps against a frozen generator, minimax's gradient is below 1e-3 of NS's."""
    digits = PROBLEMS["digits"]
    data = digits.load(tmp_path)
    group = form(digits, parse("ns"), digits.training, (0,), data.training, 1_000)
    state = group.start()
    frozen = state.players.generator
    for batch in feed(group, 0, 1_000):
        state, _ = group.step(state, batch)
        state = state.at(generator=frozen)
    minimax, ns = (gradient_norm(spec, group, state.players, batch) for spec in ("minimax", "ns"))
    assert ns > 0.1
    assert minimax < 1e-3 * ns
