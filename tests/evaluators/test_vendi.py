"""The Vendi score against closed forms and an independent computation."""

from __future__ import annotations

import math

import pytest
import torch

from evaluators import EVALUATORS, InvalidSamples, Truth, pixels_extractor, vendi_score
from tests.evaluators.builders import normal, seeded


def test_it_counts_directions():
    """Closed forms: k orthogonal directions in equal shares are k, unequal ones exp of their entropy, copies 1."""
    axes = torch.eye(5, dtype=torch.float64)
    assert vendi_score(axes.repeat(8, 1)) == pytest.approx(5.0)
    assert vendi_score(7.0 * axes[:1].repeat(30, 1)) == pytest.approx(1.0)
    shares = torch.tensor([0.5, 0.25, 0.25])
    uneven = axes[[0] * 20 + [1] * 10 + [2] * 10]
    assert vendi_score(uneven) == pytest.approx(math.exp(-float((shares * shares.log()).sum())))


def test_two_directions_at_an_angle():
    """Closed form: half of the samples at angle θ to the others have the eigenvalues (1 ± cos θ)/2."""
    for angle in (0.3, 1.0, 1.5):
        pair = torch.tensor([[1.0, 0.0], [math.cos(angle), math.sin(angle)]]).double()
        shares = [(1.0 + sign * math.cos(angle)) / 2.0 for sign in (1, -1)]
        assert vendi_score(pair.repeat(15, 1)) == pytest.approx(math.exp(-sum(p * math.log(p) for p in shares)))


def test_it_is_that_of_the_authors_package():
    """Oracle: vendi_score 0.0.3 (commit c791c30), score_X and score_dual: 7.288120901671 on these features."""
    assert vendi_score(normal(400, 8, 1) + 0.5) == pytest.approx(7.288120901671, rel=1e-12)


@pytest.mark.parametrize("shape", [(60, 9), (9, 60)])
def test_either_gram_matrix_gives_it(shape):
    """Oracle: eigenvalues of the similarity matrix [N, N] itself, entry by entry; N above and below d."""
    x = normal(*shape)
    cosines = torch.nn.functional.cosine_similarity(x[:, None], x[None], dim=2)
    values = torch.linalg.eigvalsh(cosines / len(x)).clamp(min=1e-300)
    assert vendi_score(x) == pytest.approx(math.exp(-float((values * values.log()).sum())), rel=1e-9)


def test_it_ignores_the_data():
    """What is known to be wrong with it: noise scores above the reference, whose own number stands beside it."""
    stripes = torch.rand(300, 1, 1, 8, generator=seeded(1)).expand(-1, 1, 8, -1).contiguous()
    noise = torch.rand(300, 1, 8, 8, generator=seeded(2))
    found = EVALUATORS["vendi"].run(noise, Truth(stripes, extractor=pixels_extractor()), seeded())
    assert found.scores["vendi-pixels"].value > 1.5 * float(found.protocol["vendi-pixels_reference"])


def test_what_has_no_direction_is_refused():
    """A black image has no cosine to another."""
    with pytest.raises(InvalidSamples, match="features has 2 of 30 samples of length 0"):
        vendi_score(torch.cat([torch.zeros(2, 3), normal(28, 3).float()]))
