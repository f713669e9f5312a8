"""The Dirac-GAN: the engine's own steps against the theory of Mescheder et al. (2018) and what follows from it."""

from __future__ import annotations

import cmath
import math
from dataclasses import replace

import pytest
import torch

from benchmark.engine.dirac import __main__ as table
from benchmark.engine.dirac import measure, theory
from benchmark.engine.dirac.theory import Local
from benchmark.engine.dynamics import DYNAMICS
from benchmark.problems.dirac import DIRAC

H = 0.2  # the notebook's learning rate


def settings(dynamics="simultaneous", **changes):
    """Return the problem's settings under other dynamics."""
    return replace(DIRAC.training, dynamics=dynamics, **changes)


def field_eigenvalues(c, gamma=0.0):
    """Return -γ/2 ± √(γ²/4 - c²), the eigenvalues of [[0, -c], [c, -γ]] (the table in Mescheder et al., 2018)."""
    root = cmath.sqrt(gamma**2 / 4 - c**2)
    return [-gamma / 2 + root, -gamma / 2 - root]


def roots(trace, determinant):
    """Return the eigenvalues of a matrix of two rows, μ² - trace μ + determinant = 0."""
    half = cmath.sqrt(trace**2 / 4 - determinant)
    return [trace / 2 + half, trace / 2 - half]


def simultaneous(c, gamma=0.0):
    """1 + hλ: Euler's step of v."""
    return [1 + H * value for value in field_eigenvalues(c, gamma)]


def extragradient(c, gamma=0.0):
    """1 + hλ + (hλ)²: ω' = ω + hJ(ω + hJω)."""
    return [1 + H * value + (H * value) ** 2 for value in field_eigenvalues(c, gamma)]


def optimistic(c, gamma=0.0):
    """ω'' = ω' + 2hJω' - hJω along an eigenvector: μ² = (1 + 2hλ) μ - hλ."""
    return [root for value in field_eigenvalues(c, gamma) for root in roots(1 + 2 * H * value, H * value)]


def consensus(c, weight):
    """1 + hλ with λ = -γ c² ± ic (Mescheder et al., 2017): J rotates by c, so JᵀJ = c²."""
    return [1 + H * (-weight * c**2 + sign * 1j * c) for sign in (1, -1)]


def alternating(c, k=1, gamma=0.0):
    """Eliminate the critic: ψ' = qψ + sθ, then θ' = θ - hcψ'; the determinant is q, the trace 1 - hcs + q.

    q = (1-hγ)ᵏ and s = hc Σ_{j<k} (1-hγ)ʲ. Without γ, q = 1: both eigenvalues lie on the unit circle (for hc√k ≤ 2).
    """
    q, s = (1 - H * gamma) ** k, H * c * sum((1 - H * gamma) ** j for j in range(k))
    return roots(1 - H * c * s + q, q)


def unrolled(c, k):
    """θ' = θ - h(cψ + 2khc²θ), ψ' = ψ + hcθ: the chain rule adds khc to the critic and once more to its answer."""
    return roots(2 - 2 * k * (H * c) ** 2, 1 - (2 * k - 1) * (H * c) ** 2)


CASES = {  # name -> (objective, settings, multipliers)
    "minimax": ("minimax", settings(), simultaneous(0.5)),
    "ns": ("ns", settings(), simultaneous(0.5)),
    "wasserstein": ("wasserstein", settings(), simultaneous(1.0)),
    "wgan": ("wgan:bound=1", settings(), simultaneous(1.0)),
    "hinge": ("hinge", settings(), simultaneous(1.0)),
    "rsgan": ("rsgan", settings(), simultaneous(0.5)),
    **{f"ns+r1 {g}": (f"ns+r1:gamma={g}", settings(), simultaneous(0.5, g)) for g in (0.3, 1.0, 2.0)},
    "minimax+r2": ("minimax+r2:gamma=0.3", settings(), simultaneous(0.5, 0.3)),
    "consensus minimax": ("minimax", settings("consensus", consensus_gamma=1.0), consensus(0.5, 1.0)),
    "consensus wasserstein": ("wasserstein", settings("consensus", consensus_gamma=0.3), consensus(1.0, 0.3)),
    "extragradient ns": ("ns", settings("extragradient"), extragradient(0.5)),
    "extragradient wasserstein": ("wasserstein", settings("extragradient"), extragradient(1.0)),
    "extragradient ns+r1": ("ns+r1:gamma=0.3", settings("extragradient"), extragradient(0.5, 0.3)),
    "optimistic ns": ("ns", settings("optimistic"), optimistic(0.5)),
    "optimistic hinge": ("hinge", settings("optimistic"), optimistic(1.0)),
    "optimistic ns+r1": ("ns+r1:gamma=0.3", settings("optimistic"), optimistic(0.5, 0.3)),
    "alternating minimax": ("minimax", settings("alternating"), alternating(0.5)),
    "alternating hinge, k 5": ("hinge", settings("alternating", critic_steps=5), alternating(1.0, 5)),
    "alternating wasserstein, beyond a = 2": (
        "wasserstein",
        settings("alternating", generator_learning_rate=2.5, critic_learning_rate=2.5),
        roots(2 - 2.5**2, 1.0),
    ),
    "simultaneous ns, two time scales": (  # [[1, -h_G c], [h_D c, 1]]
        "ns",
        settings(generator_learning_rate=0.05),
        [1 + sign * 0.5j * math.sqrt(0.05 * H) for sign in (1, -1)],
    ),
    "alternating ns+r1": ("ns+r1:gamma=0.3", settings("alternating"), alternating(0.5, 1, 0.3)),
    **{f"unrolled ns, k {k}": ("ns", settings("unrolled", unroll_steps=k), unrolled(0.5, k)) for k in (1, 3)},
    "unrolled wasserstein, k 5": ("wasserstein", settings("unrolled", unroll_steps=5), unrolled(1.0, 5)),
}


def apart(found, expected):
    """Return how far two sets of multipliers lie apart, as a share of what one step does, |μ - 1|."""
    gaps = (found[:, None] - expected[None, :]).abs() / (expected[None, :] - 1).abs().clamp(min=1e-12)
    return float(torch.maximum(gaps.min(dim=0).values.max(), gaps.min(dim=1).values.max()))


@pytest.mark.parametrize("name", CASES)
def test_local_multipliers_agree_with_theory_to_one_per_cent(name):
    """At radius 1e-3 each eigenvalue of the engine's step lies within 1 % of |μ - 1|, and so does each log modulus."""
    spec, training, closed_form = CASES[name]
    found, expected = measure.multipliers(spec, training), torch.tensor(closed_form, dtype=torch.complex128)
    assert apart(found, expected) < 0.01
    growth, rate = (float(values.abs().max().log()) for values in (found, expected))
    assert growth == pytest.approx(rate, rel=0.01, abs=1e-9)


def test_theory_in_the_program_agrees_with_the_closed_forms():
    """The matrices that the printed table uses have the eigenvalues derived here."""
    for local, c, gamma in ((Local(0.5), 0.5, 0.0), (Local(1.0, 0.3), 1.0, 0.3)):
        for dynamics, closed_form in (
            ("simultaneous", simultaneous(c, gamma)),
            ("extragradient", extragradient(c, gamma)),
            ("optimistic", optimistic(c, gamma)),
            ("alternating", alternating(c, 3, gamma)),
            ("sequential", alternating(c, 1, gamma)),
        ):
            found = theory.multipliers(local, settings(dynamics, critic_steps=3))
            assert apart(found, torch.tensor(closed_form, dtype=torch.complex128)) < 1e-9
    assert set(theory.MAPS) == {name for name, kind in DYNAMICS.items() if kind.optimiser is None}


@pytest.mark.parametrize(
    ("gamma", "printed"), [(0.3, -0.15 + 0.47697j), (2.0, -0.13397), (2.0, -1.86603)], ids=["0.3", "2 slow", "2 fast"]
)
def test_r1_has_the_published_eigenvalues(gamma, printed):
    """γ 0.3 gives -.15 ± .47697 i; γ 2 gives -.13397 and -1.86603 (Mescheder et al., 2018, and their notebook)."""
    found = (measure.multipliers(f"ns+r1:gamma={gamma}", settings()) - 1) / H
    assert float((found - printed).abs().min()) < 1e-4


@pytest.mark.parametrize(
    ("spec", "dynamics", "modulus"),
    [
        ("minimax", "simultaneous", math.sqrt(1 + H**2 / 4)),
        ("ns", "simultaneous", math.sqrt(1 + H**2 / 4)),
        ("wasserstein", "simultaneous", math.sqrt(1 + H**2)),
        ("minimax", "consensus", math.sqrt((1 - H / 4) ** 2 + H**2 / 4)),
        ("ns", "extragradient", math.sqrt((1 - H**2 / 4) ** 2 + H**2 / 4)),
    ],
)
def test_paths_near_the_equilibrium_grow_as_theory_says(spec, dynamics, modulus):
    """Where J only turns, ten steps from radius 1e-3 change the radius by the modulus each, its logarithm to 1 %."""
    radii = measure.path(spec, settings(dynamics), 10, (6e-4, 8e-4)).norm(dim=1)
    assert float((radii[-1] / radii[0]).log()) / 10 == pytest.approx(math.log(modulus), rel=0.01)


def slope(t):
    """Return f'(t) for f(t) = -log(1 + e^-t)."""
    return 1 / (1 + math.exp(t))


def sign(value):
    """Return the sign of a number that is not 0."""
    return math.copysign(1.0, value)


FIELDS = {  # (θ', ψ') of the paper's table and notebook
    "minimax": lambda t, p: (-p * slope(t * p), t * slope(t * p)),
    "ns": lambda t, p: (-p * slope(-t * p), t * slope(t * p)),
    "wasserstein": lambda t, p: (-p, t),
    "wgan-gp:weight=0.35": lambda t, p: (-p, t - 0.7 * (abs(p) - 1) * sign(p)),
    "minimax+r1:gamma=0.3": lambda t, p: (-p * slope(t * p), t * slope(t * p) - 0.3 * p),
}


@pytest.mark.parametrize("spec", FIELDS)
def test_the_engine_follows_the_papers_vector_field(spec):
    """Thirty simultaneous steps from θ = ψ = 1 equal Euler's steps of v as the paper prints it."""
    t, p = 1.0, 1.0
    for at in measure.path(spec, settings(), 30):
        assert at.tolist() == pytest.approx([t, p], rel=1e-9)
        dt, dp = FIELDS[spec](t, p)
        t, p = t + H * dt, p + H * dp


def test_minimax_gains_exactly_what_the_discretisation_adds():
    """The flow keeps θ² + ψ²; a step of size h multiplies it by 1 + h² f'(θψ)²."""
    path = measure.path("minimax", settings(), 30)
    squared = path.square().sum(dim=1)
    expected = squared[:-1] * (1 + H**2 * torch.sigmoid(-path[:-1].prod(dim=1)).square())
    assert torch.allclose(squared[1:], expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("spec", "training", "word"),
    [
        ("minimax", settings(), "spirals out"),
        ("minimax", settings("alternating"), "orbits"),
        ("ns", settings(), "orbits"),
        ("ns", settings("alternating"), "converges"),
        ("wasserstein", settings(), "spirals out"),
        ("wgan:bound=1", settings(), "orbits"),
        ("wgan-gp:weight=0.35", settings(), "orbits"),
        ("ns+r1:gamma=0.3", settings(), "converges"),
        ("minimax", settings("consensus"), "converges"),
        ("minimax", settings("extragradient"), "converges"),
        ("minimax", settings("optimistic"), "converges"),
        ("minimax", settings("unrolled", unroll_steps=1), "converges"),
    ],
    ids=lambda value: getattr(value, "dynamics", None),
)
def test_behaviour_at_the_notebooks_settings(spec, training, word):
    """From θ = ψ = 1 each game does over 500 steps what the paper's figures show of it."""
    assert measure.behaviour(measure.path(spec, training, 500).norm(dim=1)) == word


def test_the_table_prints_theory_beside_measurement(capsys, monkeypatch):
    """A row names the game, says how it ends and gives both moduli."""
    monkeypatch.setattr(table, "rows", lambda: [table.DiracRow("ns+r1:gamma=1", "simultaneous", 1, Local(0.5, 1.0))])
    table.main()
    words = capsys.readouterr().out.splitlines()[-1].split()
    assert words[:2] + words[3:] == ["ns+r1:gamma=1", "simultaneous", "converges", "0.900000", "0.900000"]
    assert float(words[2]) < 1e-15


def test_the_truth_is_a_point(tmp_path):
    """Data, held-out data and exact samples all are 0."""
    data = DIRAC.load(tmp_path)
    assert data.training.tolist() == data.truth.reference.tolist() == [[0.0]]
    assert data.oracle(3, torch.Generator()).tolist() == [[0.0]] * 3


def test_other_critics_are_refused():
    """The linear critic is neither an energy nor an embedding, and says so."""
    with pytest.raises(ValueError, match="embedding"):
        DIRAC.critic("embedding")
