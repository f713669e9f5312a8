"""The birthday paradox test: the classical numbers, simulation, and what lies outside every mode."""

from __future__ import annotations

import pytest
import torch

from evaluators import EVALUATORS, InvalidSamples, Truth
from evaluators.birthday import chance_of_duplicates, smallest_batch, support_of_collisions
from tests.evaluators.builders import draw, ring, seeded


@pytest.mark.parametrize(("days", "people"), [(365, 23), (8, 4), (25, 7), (1_000, 38)])
def test_the_classical_birthdays(days, people):
    """Among 23 people two share one of 365 birthdays in half of all cases; the others are by the same formula."""
    counts = torch.full((days,), 10_000)
    assert smallest_batch(counts, 0) == people
    assert support_of_collisions(counts, 0) == pytest.approx(days, rel=1e-3)
    missed = torch.cat([counts, torch.zeros(50, dtype=torch.int64)])
    assert smallest_batch(missed, 0) == people


def test_simulation_agrees():
    """Unequal modes and samples outside all of them: 20,000 batches without replacement, to four standard errors."""
    counts, outside = torch.tensor([30, 10, 5, 0, 1]), 40
    labels = torch.cat([torch.arange(5).repeat_interleave(counts), 5 + torch.arange(outside)])
    shuffled = torch.rand(20_000, len(labels), generator=seeded()).argsort(1)[:, :6]
    expected = chance_of_duplicates(counts, outside)
    for size in (2, 4, 6):
        batch = labels[shuffled[:, :size]].sort(1).values
        seen = float((batch[:, 1:] == batch[:, :-1]).any(1).double().mean())
        assert abs(seen - float(expected[size])) < 4.0 * (0.25 / 20_000) ** 0.5
    pairs = int((counts * (counts - 1)).sum()) / (86 * 85)
    assert float(expected[2]) == pytest.approx(pairs, abs=1e-12)
    assert support_of_collisions(counts, outside) == pytest.approx(1.0 / pairs)


def test_a_generator_that_misses_modes_has_a_smaller_support():
    """Three of eight modes: three, to the share of a mode that lies outside its radius."""
    modes = ring()
    samples = draw(modes, 6_000, 1)
    kept = samples[torch.cdist(samples, modes.centres).argmin(1) < 3]
    found = EVALUATORS["birthday"].run(kept, Truth(reference=samples, modes=modes), seeded())
    assert found.scores["support_collisions"].value == pytest.approx(3.0 / 0.9889**2, rel=0.03)
    assert found.scores["support_birthday"].value == 9.0
    assert found.protocol["n_modes"] == len(modes.centres)


def test_without_collisions_there_is_no_estimate():
    """Samples of no mode, or one of each, allow none, and say so."""
    with pytest.raises(InvalidSamples, match="no two samples"):
        support_of_collisions(torch.tensor([1, 1]), 10)
    with pytest.raises(InvalidSamples, match="no batch of 150"):
        smallest_batch(torch.zeros(3, dtype=torch.int64), 5_000)
