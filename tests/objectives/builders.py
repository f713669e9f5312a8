"""Builders for objective tests: discrete batches, critics that read scores, a game with fixed draws."""

from __future__ import annotations

import torch
from hypothesis import strategies

from objectives.laws.stage import LineCritic, StageGame, line_game

counts = strategies.lists(strategies.integers(1, 9), min_size=4, max_size=4)


def weights(numbers):
    """Turn counts into probabilities [K]."""
    return torch.tensor(numbers, dtype=torch.float64) / sum(numbers)


def column(*scores):
    """Make a batch [B, 1] whose critic scores are these numbers."""
    return torch.tensor(scores, dtype=torch.float64)[:, None]


def losses(objective, real, fake, game=None):
    """Return both losses for batches of scores [B, 1]."""
    game = game or line_game(objective, real=real, fake=fake)
    critic = LineCritic(objective.traits.packing)
    return objective.critic_loss(critic, real, fake, game), objective.generator_loss(critic, real, fake, game)


def expected_losses(objective, scores, p_counts, q_counts):
    """Return both losses with exact expectations: each point of the support as often as its count."""
    real, fake = (scores.repeat_interleave(torch.tensor(numbers))[:, None] for numbers in (p_counts, q_counts))
    return losses(objective, real, fake)


def game_at(progress=0.0, state=None, critic=None, generator=None, still=False):
    """Make a game at a moment of its budget."""
    none = torch.zeros(1, dtype=torch.float64)
    moment = torch.tensor(progress, dtype=torch.float64)
    return StageGame(
        state or {}, moment, none if critic is None else critic, none if generator is None else generator, still
    )


def kl(p, q):
    """Return KL(p ‖ q) of two probability vectors."""
    return (p * (p / q).log()).sum()


def jsd(p, q):
    """Return the Jensen-Shannon divergence, in [0, log 2]."""
    return 0.5 * kl(p, (p + q) / 2) + 0.5 * kl(q, (p + q) / 2)


def tv(p, q):
    """Return the total variation distance, half the L1 distance."""
    return 0.5 * (p - q).abs().sum()
