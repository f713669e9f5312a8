"""Builders of small groups under every dynamics of the table."""

from __future__ import annotations

import torch

from tests.benchmark.builders import group

STEPS = {"alternating": {"critic_steps": 2}, "unrolled": {"unroll_steps": 2}}


def team(name: str, spec: str = "ns", seeds=range(3), **changes):
    """Form a group under dynamics of the table, with few but several inner steps."""
    return group(spec, seeds, dynamics=name, **{**STEPS.get(name, {}), "consensus_gamma": 0.5, **changes})


def rows(state):
    """Return all that the members carry [K, N], the objective's state and the optimisers' included."""
    trees = (
        [state.players.critic, state.players.generator],
        *(tree.values() for tree in (state.objective, state.critic.optimiser, state.generator.optimiser)),
        *(tree.values() for tree in (state.memory, state.average)),
    )
    return torch.cat([leaf.reshape(leaf.shape[0], -1) for tree in trees for leaf in tree], dim=1)
