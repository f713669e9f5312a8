"""The Monge Inception distance against closed forms."""

from __future__ import annotations

import pytest
import torch

from evaluators import EVALUATORS, Truth, monge_inception_distance
from evaluators.truth import Extractor
from tests.evaluators.builders import normal, seeded


def test_a_shift_costs_three_times_its_square():
    """Closed form: of X and X + c it is 3d · E(u·c)² = 3|c|², up to the choice of directions."""
    x, c = normal(50, 6), torch.arange(6.0).double()
    found = monge_inception_distance(x, x + c, seeded())
    assert found.value == pytest.approx(3.0 * float(c.square().sum()), abs=4.0 * found.standard_error)
    assert found.standard_error < 0.1 * found.value


def test_two_widths_cost_three_times_the_fréchet_distance():
    """Closed form: of N(0, I) and N(0, s²I) W₂² is (s - 1)² along every direction, so it is 3d (s - 1)²."""
    x = normal(4_000, 3)
    found = monge_inception_distance(x, 1.5 * x, seeded())
    assert found.value == pytest.approx(3.0 * 3.0 * 0.25, rel=0.03)


def test_it_is_that_of_torch_fidelity():
    """Oracle: mind_features_to_metric at commit 5e211a9 on these features, the mean over 20 seeds of its directions."""
    x, y = normal(400, 8, 1)[:300] + 0.5, 1.3 * normal(300, 8, 2)
    found = monge_inception_distance(x, y, seeded())
    assert found.value == pytest.approx(8.841, abs=4.0 * found.standard_error)


def test_only_on_inception_has_it_the_published_name():
    """`mind` on Inception's features; elsewhere the extractor's name follows."""
    x = normal(40, 4)
    for name, wanted in (("inception", "mind"), ("other", "mind-other")):
        truth = Truth(normal(40, 4, 1), extractor=Extractor(name, "0", lambda samples: samples))
        assert set(EVALUATORS["mind"].run(x, truth, seeded()).scores) == {wanted}
