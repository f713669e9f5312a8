"""Mode coverage against closed forms."""

from __future__ import annotations

import math

import pytest
import torch

from evaluators import EVALUATORS, InvalidSamples, Modes, Truth
from evaluators.histogram import corrected, jensen_shannon, kl_floor, reverse_kl
from evaluators.modes import MASS, mass_of_radius, radius_of_mass, spread_ratio
from tests.evaluators.builders import draw, normal, ring, seeded


def judge(samples, modes):
    """Run the evaluator on samples of known modes."""
    return EVALUATORS["modes"].run(samples, Truth(reference=samples, modes=modes), seeded())


def test_a_perfect_sampler_finds_every_mode_at_the_ceilings():
    """Exact samples find all modes, and their shares lie within 4 standard errors of the closed forms."""
    found = judge(draw(ring(), 20_000), ring())
    assert found.scores["modes"].value == found.scores["modes_quarter"].value == 8
    assert found.protocol["hq_3std_ceiling"] == pytest.approx(1.0 - math.exp(-4.5), abs=1e-12)
    assert found.protocol["hq_box3std_ceiling"] == pytest.approx(0.99461, abs=1e-5)  # Liu et al.'s box, derived
    for name in ("hq_3std", "hq_box3std", "hq_mass989"):
        score = found.scores[name]
        assert abs(score.value - found.protocol[f"{name}_ceiling"]) < 4 * score.standard_error
    assert found.scores["spread_ratio"].value == pytest.approx(1.0, abs=0.03)


def test_reverse_kl_of_a_perfect_sampler_is_its_floor():
    """Over 300 draws the plug-in averages (K - 1)/2N and the corrected form averages zero."""
    modes, n = ring(), 500
    weights = modes.weights
    counts = [torch.bincount(torch.multinomial(weights, n, True, generator=seeded(i)), minlength=8) for i in range(300)]
    plain = torch.tensor([reverse_kl(count, weights) for count in counts])
    assert float(plain.mean()) == pytest.approx(kl_floor(8, n), rel=0.15)
    assert kl_floor(8, n) == 0.007
    assert sum(corrected(count, weights) for count in counts) / 300 == pytest.approx(0.0, abs=0.001)


def test_one_point_collapse_is_seen_by_every_measure():
    """Samples that all sit on one centre: one mode, KL log 8, zero spread."""
    found = judge(ring().centres[:1].repeat(100, 1), ring())
    assert found.scores["modes"].value == found.scores["modes_quarter"].value == 1
    assert found.scores["reverse_kl"].value == pytest.approx(math.log(8))
    assert found.scores["reverse_kl_hq"].value == pytest.approx(math.log(8))
    assert found.scores["spread_ratio"].value == 0.0
    assert found.scores["hq_3std"].value == 1.0


def test_noise_finds_modes_but_not_a_quarter_of_them():
    """Uniform noise reaches most modes of the grid at least once and none at 25 % of the expected count."""
    line = torch.arange(-4.0, 5.0, 2.0, dtype=torch.float64)
    modes = Modes(torch.cartesian_prod(line, line), 0.05, torch.full((25,), 0.04, dtype=torch.float64))
    noise = 10.0 * torch.rand(2500, 2, generator=seeded(), dtype=torch.float64) - 5.0
    found = judge(noise, modes)
    assert found.scores["modes"].value >= 12  # a measured 19 of 25 in the literature's setting
    assert found.scores["modes_quarter"].value == 0
    assert found.scores["mass_outside"].value > 0.97


def test_samples_far_from_every_mode_leave_absences_with_reasons():
    """Without one high-quality sample the measures over them are absent, not zero."""
    found = judge(normal(50, 2) + 100.0, ring())
    assert set(found.absent) == {"reverse_kl_hq", "spread_ratio"}
    assert "0 of 50" in found.absent["reverse_kl_hq"]
    assert found.scores["modes"].value == 0


@pytest.mark.parametrize("d", [1, 2, 3, 10, 50, 1200])
def test_the_fixed_mass_means_the_same_in_any_dimension(d):
    """The radius of a mass holds that mass, against the chi-square law of scipy."""
    from scipy.stats import chi2

    radius = radius_of_mass(MASS, d)
    assert float(chi2.cdf(radius**2, d)) == pytest.approx(MASS, abs=1e-10)
    assert mass_of_radius(3.0, d) == pytest.approx(float(chi2.cdf(9.0, d)), abs=1e-12)
    modes = ring(std=0.1, d=max(d, 2))
    inside = judge(draw(modes, 4000, seed=d), modes).scores["hq_mass989"]
    assert abs(inside.value - MASS) < 5 * math.sqrt(MASS * (1 - MASS) / 4000)


def test_in_two_dimensions_the_fixed_mass_is_the_papers_rule():
    """The ball of 1 - exp(-4.5) has radius 3 in 2-D."""
    assert radius_of_mass(MASS, 2) == pytest.approx(3.0, abs=1e-12)


@pytest.mark.parametrize("width", [0.5, 1.0])
def test_spread_ratio_sees_narrow_modes(width):
    """Modes drawn at half the width have a quarter of the variance."""
    modes = ring()
    narrow = Modes(modes.centres, modes.std * width, modes.weights)
    got = spread_ratio(draw(narrow, 8000), modes)
    truncation = 1.0 if width == 1.0 else MASS / mass_of_radius(3.0, 4)  # a narrow mode is not cut by the radius
    assert got == pytest.approx(width**2 * truncation, rel=0.05)


def test_jensen_shannon_is_bounded_by_log_two():
    """Counts where the weights are almost nothing reach the bound, equal ones give zero."""
    weights = torch.tensor([1.0 - 1e-12, 1e-12], dtype=torch.float64)
    assert jensen_shannon(torch.tensor([0, 10]), weights) == pytest.approx(math.log(2), abs=1e-9)
    assert jensen_shannon(torch.tensor([5, 5]), torch.tensor([0.5, 0.5])) == 0.0


@pytest.mark.parametrize(
    ("modes", "words"),
    [
        (Modes(torch.zeros(3, 2), 1.0, torch.ones(2) / 2), "3 centres but 2 weights"),
        (Modes(torch.zeros(2, 2), 0.0, torch.ones(2) / 2), "std must be positive, got 0.0"),
        (Modes(torch.zeros(2, 2), 1.0, torch.ones(2)), "sum to 1, got a sum of 2"),
        (
            Modes(torch.zeros(2, 3), 1.0, torch.ones(2) / 2),
            r"shape \[N, 2\] but modes.centres \[N, 3\]",
        ),
    ],
)
def test_wrong_modes_are_named(modes, words):
    """A truth that cannot be is an error that names the argument and the numbers."""
    with pytest.raises(InvalidSamples, match=words):
        spread_ratio(normal(10, 2), modes)
