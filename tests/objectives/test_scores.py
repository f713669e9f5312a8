"""Losses of scores: constants at equal scores, gradients at extreme ones, where they switch off."""

from __future__ import annotations

import math

import pytest
import torch

from objectives import EBGAN, Hinge, Minimax, NonSaturating
from objectives.laws.stage import gradient_of
from objectives.spec import parse
from tests.objectives.builders import column, losses

LOG2, LOG4 = math.log(2), math.log(4)
# By hand from each paper's formula with D(x) = D(G(z)) = 0; log 4 is Goodfellow et al.'s value at D = ½.
AT_ZERO = {
    "minimax": (LOG4, -LOG2),
    "ns": (LOG4, LOG2),
    "bgan": (LOG4, 0.0),
    "lsgan": (0.5, 0.5),
    "hinge": (2.0, 0.0),
    "wgan": (0.0, 0.0),
    "ebgan": (10.0, 0.0),
    "began": (0.0, 0.0),
    "rsgan": (LOG2, LOG2),
    "rasgan": (2 * LOG2, 2 * LOG2),
    "ralsgan": (2.0, 2.0),
    "rahinge": (2.0, 2.0),
    "softmax": (math.log(6), math.log(6)),  # log 2B with B = 3
    "fgan-kl": (math.exp(-1), -math.exp(-1)),
    "fgan-rkl": (0.0, 1.0),
    "fgan-pearson": (0.0, 0.0),
    "fgan-neyman": (0.0, 0.0),
    "fgan-hellinger": (0.0, 0.0),
    "fgan-js": (0.0, 0.0),
    "fgan-gan": (LOG4, -LOG2),
    "fgan-tv": (0.0, 0.0),
    "ns:smoothing=0.1": (LOG4, LOG2),
    "lsgan:smoothing=0.1": (0.5 * 0.81, 0.5),
}


@pytest.mark.parametrize("spec", AT_ZERO)
def test_the_constant_at_equal_scores(spec):
    """With all scores at zero both losses are the stated constants."""
    seen = losses(parse(spec), column(0, 0, 0), column(0, 0, 0))
    assert [loss.item() for loss in seen] == pytest.approx(AT_ZERO[spec], abs=1e-12)


@pytest.mark.parametrize("spec", ["rsgan", "rasgan", "ralsgan", "rahinge", "softmax"])
def test_a_relativistic_constant_holds_at_any_common_score(spec):
    """A shift-invariant game does not see at which score all samples agree."""
    low, high = (losses(parse(spec), column(s, s), column(s, s)) for s in (-7.0, 3.0))
    torch.testing.assert_close(low, high)


@pytest.mark.parametrize(
    ("objective", "slope"),
    [
        (Minimax(), lambda score: -1 / (1 + math.exp(-score))),  # d log(1 - σ)/dl = -σ(l), papers.md section 11
        (NonSaturating(), lambda score: -1 / (1 + math.exp(score))),  # d(-log σ)/dl = -(1 - σ(l)), likewise
    ],
    ids=["minimax", "ns"],
)
@pytest.mark.parametrize("score", [-300.0, -30.0, 0.0, 30.0])
def test_the_generators_gradient_by_score(objective, slope, score):
    """Minimax saturates on bad samples, the non-saturating loss does not, to the last digit at -300."""
    scores = column(score).requires_grad_()
    gradient = gradient_of(losses(objective, column(0.0), scores)[1], scores)
    assert gradient.item() == pytest.approx(slope(score), rel=1e-12, abs=1e-300)


def test_the_hinge_switches_off_beyond_its_margin():
    """Real scores above m and fake scores below -m move the critic no more; those inside do."""
    real, fake = column(1.01, 0.99).requires_grad_(), column(-1.01, -0.99).requires_grad_()
    loss, _ = losses(Hinge(), real, fake)
    assert gradient_of(loss, real).flatten().tolist() == [0.0, -0.5]
    assert gradient_of(loss, fake).flatten().tolist() == [0.0, 0.5]


def test_the_energy_margin_switches_off_beyond_m():
    """Fakes with an energy above m move the critic no more; real samples always do."""
    real, fake = column(5.0, 0.1).requires_grad_(), column(2.01, 1.99).requires_grad_()
    loss, _ = losses(EBGAN(margin=2.0), real, fake)
    assert gradient_of(loss, fake).flatten().tolist() == [0.0, -0.5]
    assert gradient_of(loss, real).flatten().tolist() == [0.5, 0.5]


def test_relativistic_pairing_meets_row_by_row():
    """RSGAN compares x_i with G(z_i): swapping two fakes changes the loss."""
    straight = losses(parse("rsgan"), column(0, 3), column(0, 3))[0]
    crossed = losses(parse("rsgan"), column(0, 3), column(3, 0))[0]
    assert straight.item() == pytest.approx(LOG2)
    assert crossed.item() == pytest.approx((math.log1p(math.exp(3)) + math.log1p(math.exp(-3))) / 2)


@pytest.mark.parametrize("spec", ["rasgan", "ralsgan", "rahinge"])
def test_relativistic_generators_swap_the_roles(spec):
    """The generator's loss is the critic's with real and fake exchanged."""
    real, fake = column(0.3, -1.2, 2.0), column(0.7, 0.1, -0.5)
    assert losses(parse(spec), real, fake)[1] == losses(parse(spec), fake, real)[0]


def test_feature_matching_matches_means():
    """The generator's loss is ‖E f(x) - E f(G(z))‖², by hand (1.5² + 1² = 3.25)."""
    real, fake = torch.tensor([[1.0, 0.0], [2.0, 0.0]]), torch.tensor([[0.0, 1.0], [0.0, 1.0]])
    assert losses(parse("feature-matching"), real, fake)[1].item() == pytest.approx(3.25)


@pytest.mark.parametrize("spec", ["fgan-kl", "fgan-pearson", "fgan-tv"])
def test_the_f_gan_trick_raises_the_activation(spec):
    """With the trick the generator maximises E g(D(G(z))) (Nowozin et al., section 3.2)."""
    fake = column(0.4, -0.2)
    objective = parse(f"{spec}:trick=true")
    assert losses(objective, column(0, 0), fake)[1] == -objective.activation(fake).mean()
