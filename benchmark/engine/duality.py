"""The duality gap: what both players could still gain at the current state, estimated by a number of steps of each.

gap(u, v) = [L_D(u, v) - min_v' L_D(u, v')] + [L_G(u, v) - min_u' L_G(u', v)]

In a zero-sum game, L_G = -L_D = M, this is max_v' M(u, v') - min_u' M(u', v), the duality gap of Grnarova et al. (2019,
arXiv:1811.05512): never negative, and zero only at an equilibrium. Most games here are not zero-sum; their own losses
then give each player's regret, whose sum is zero at a Nash equilibrium (Nikaido & Isoda, 1955; from memory). A penalty
is part of its player's loss.

As in the paper the worst opponents are found by gradient steps from the present players, on data that neither player
trained on, and all four losses are computed on further data. Here the steps are those of the game's own optimiser, from
a fresh optimiser state. Too few steps make the gap too small, and held-out data may put it a little below zero.
"""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import torch
from torch import Tensor

from benchmark.engine import streams
from benchmark.engine.dynamics.base import update_player
from benchmark.engine.group import Group
from benchmark.engine.loop import feed
from benchmark.engine.play import Side
from benchmark.engine.state import Player, State
from benchmark.errors import UserError

STEPS = 500  # of each player; ours
JUDGED = 4_096  # real samples, and as many generated ones, of each loss; ours


class Gap(NamedTuple):
    """The duality gap of each member, and the part of each player, all [K]; in units of the losses."""

    total: Tensor
    critic: Tensor  # L_D(u, v) - min_v' L_D(u, v')
    generator: Tensor  # L_G(u, v) - min_u' L_G(u', v)


def duality_gap(group: Group, state: State, held_out: Tensor, steps: int = STEPS) -> Gap:
    """Return the gap of every member: half of the held-out data [N, *data] is for the steps, half for the losses.

    Raises UserError for a game without a critic, and for one that takes labels.
    """
    traits = group.play.losses.objective.traits
    if not traits.trains_critic or traits.conditioning:
        kind = "takes labels" if traits.conditioning else "trains no critic"
        raise UserError(f"There is no duality gap of a game that {kind}.")
    half = len(held_out) // 2
    finding = on_other_data(group, held_out[:half], "worst opponents", group.batch)
    judging = on_other_data(group, held_out[half:], "duality gap", JUDGED - JUDGED % traits.packing)
    critic_loss, generator_loss = losses(judging, state)
    critic = critic_loss - losses(judging, best_reply(finding, state, "critic", steps))[0]
    generator = generator_loss - losses(judging, best_reply(finding, state, "generator", steps))[1]
    return Gap(critic + generator, critic, generator)


def on_other_data(group: Group, data: Tensor, purpose: str, batch: int) -> Group:
    """Return the group on other data and other draws."""
    play = dataclasses.replace(group.play, data=data)
    return dataclasses.replace(group, play=play, roots=streams.fold(group.roots, purpose), batch=batch)


def best_reply(group: Group, state: State, side: Side, steps: int) -> State:
    """Return the state after a number of steps of only one player."""
    play, player = group.play, getattr(state, side)
    optimiser = play.critic_optimiser if side == "critic" else play.generator_optimiser
    begun = Player(player.parameters, optimiser.initial(player.parameters), torch.zeros_like(player.updates))
    state = state._replace(critic=begun) if side == "critic" else state._replace(generator=begun)
    for batch in feed(group, 0, steps):
        gradient_of = play.critic_gradient if side == "critic" else play.generator_gradient
        found = gradient_of(state.players, play.round(batch, 0), full_progress(group))
        state, _ = update_player(play, state, batch, side, found)
    return state


def full_progress(group: Group) -> Tensor:
    """Return the progress 1, of a spent budget."""
    return torch.ones((), dtype=group.play.dtype, device=group.roots.device)


def losses(group: Group, state: State) -> tuple[Tensor, Tensor]:
    """Return both players' losses [K] on one large batch, the same at every call."""
    play = group.play
    round_ = play.round(next(feed(group, 0, 1)), 0)
    critic, _, _ = play.critic_loss(state.players, round_, full_progress(group))
    return critic.detach(), play.generator_loss(state.players, round_, full_progress(group)).detach()
