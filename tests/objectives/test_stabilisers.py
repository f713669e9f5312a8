"""Stabilisers by hand: moving averages, histories, shifts, added terms, clipping."""

from __future__ import annotations

import pytest
import torch

from objectives import (
    Clip,
    Consistency,
    HistoricalAveraging,
    LeCam,
    MatchFeatures,
    NonSaturating,
    Penalised,
    PullingAway,
)
from objectives.laws.stage import LineCritic
from objectives.stabilisers import shifted
from tests.objectives.builders import column, game_at


def vector(*values):
    """Make a vector in float64."""
    return torch.tensor(values, dtype=torch.float64)


def test_lecam_is_silent_before_the_first_update():
    """Without an average there is nothing to anchor to, and the term is 0."""
    start = game_at(state=LeCam().initial_state(game_at()))
    assert LeCam().critic_term(LineCritic(), column(3, 5), column(-1, -2), start) == 0


def test_lecam_by_hand():
    """After two updates the anchors are unbiased moving averages, α_R = (0.9·4 + 1·8)/1.9 with decay 0.9."""
    penalty, game = LeCam(weight=0.5, decay=0.9), game_at(state=LeCam().initial_state(game_at()))
    for real, fake in ((4.0, -1.0), (8.0, -3.0)):
        game = game_at(state=penalty.next_state(LineCritic(), column(real, real), column(fake, fake), game))
    alpha_real, alpha_fake = (0.9 * 4 + 8) / 1.9, -(0.9 * 1 + 3) / 1.9
    term = penalty.critic_term(LineCritic(), column(1, 2), column(0, -1), game)
    stated = ((1 - alpha_fake) ** 2 + (2 - alpha_fake) ** 2 + alpha_real**2 + (1 + alpha_real) ** 2) / 2
    assert term.item() == pytest.approx(0.5 * stated)


def test_historical_averaging_by_hand():
    """After updates from θ = 1 and θ = 3 the average is 2, and each player pays w (θ - 2)²."""
    penalty, state = HistoricalAveraging(weight=0.5), {}
    state = penalty.initial_state(game_at(critic=vector(1.0), generator=vector(10.0)))
    for theta in (1.0, 3.0):
        game = game_at(state=state, critic=vector(theta), generator=vector(10 * theta))
        state = penalty.next_state(LineCritic(), column(0), column(0), game)
    now = game_at(state=state, critic=vector(5.0), generator=vector(21.0))
    assert penalty.critic_term(LineCritic(), column(0), column(0), now).item() == pytest.approx(0.5 * 9)
    assert penalty.generator_term(LineCritic(), column(0), column(0), now).item() == pytest.approx(0.5 * 1)


def test_historical_averaging_starts_at_rest():
    """Before the first update θ is its own average and the term is 0."""
    game = game_at(critic=vector(1.0, 2.0), generator=vector(3.0))
    start = game_at(state=HistoricalAveraging().initial_state(game), critic=vector(1.0, 2.0), generator=vector(3.0))
    assert HistoricalAveraging().critic_term(LineCritic(), column(0), column(0), start) == 0


def test_images_shift_whole_and_repeat_their_edge():
    """Draws of 0, ½ and almost 1 shift a 16-pixel side by -2, 0 and 2 pixels, every channel alike."""
    images = torch.arange(16.0).repeat(3, 2, 4, 1)
    moved = shifted(images, torch.tensor([0.0, 0.5, 0.999]), dim=3)
    assert moved[0, 0, 0].tolist() == [0, 0, *range(14)]
    assert moved[1].equal(images[1])
    assert moved[2, 1, 3].tolist() == [*range(2, 16), 15, 15]


@pytest.mark.parametrize("shape", [(6, 2), (6, 1, 8, 8)], ids=["flat", "image"])
def test_a_constant_critic_is_consistent(shape):
    """A critic that cannot tell x from T(x) pays nothing, one that can does."""
    x = torch.randn(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    class Sum:
        def __init__(self, scale):
            self.scale = scale

        def __call__(self, x):
            return self.scale * (x.flatten(1) * torch.arange(x[0].numel())).sum(1)

    assert Consistency().critic_term(Sum(0.0), x, x, game_at()) == 0
    assert Consistency().critic_term(Sum(1.0), x, x, game_at()) > 0


def test_packs_of_images_are_shifted():
    """Packing changes what a sample is, not what an image is: every image of a pack is shifted, none gets noise."""
    images = torch.zeros(6, 1, 16, 16, dtype=torch.float64)
    images[:, :, 4:12, 4:12] = 1.0
    plain = Consistency().transformed(images, game_at(), "consistency real")
    packed = Consistency().transformed(images.reshape(3, 2, 1, 16, 16), game_at(), "consistency real")
    assert not torch.equal(plain, images)
    torch.testing.assert_close(packed, plain.reshape(3, 2, 1, 16, 16), rtol=0, atol=0)


def test_balanced_consistency_adds_the_fakes():
    """BCR is CR on the data plus CR on the samples."""
    real, fake = column(1, 2, 4), column(-3, 0, 5)
    terms = {}
    for balanced in (False, True):
        terms[balanced] = Consistency(balanced=balanced).critic_term(LineCritic(), real, fake, game_at())
    noise = game_at().normal("consistency fake", (3, 1))
    added = 10 * (0.05 * fake.std() * noise).square().mean()
    torch.testing.assert_close(terms[True], terms[False] + added)


def test_added_terms_leave_the_critic_alone():
    """Feature matching and pulling-away join the generator's loss, times their weight, and not the critic's."""
    real, fake = column(1, 3), column(0, -2)
    plain = NonSaturating()
    for penalty, term in ((MatchFeatures(weight=2.0), 2.0 * 9.0), (PullingAway(weight=0.5), 0.0)):
        game = Penalised(plain, penalty)
        assert game.critic_loss(LineCritic(), real, fake, game_at()) == plain.critic_loss(
            LineCritic(), real, fake, game_at()
        )
        added = game.generator_loss(LineCritic(), real, fake, game_at()) - plain.generator_loss(
            LineCritic(), real, fake, game_at()
        )
        assert added.item() == pytest.approx(term)


def test_clipping_projects_onto_the_box():
    """Every weight ends in [-c, c], and those inside stay."""
    assert Clip(bound=0.5).constrain(vector(-2.0, -0.5, 0.1, 7.0)).tolist() == [-0.5, -0.5, 0.1, 0.5]
