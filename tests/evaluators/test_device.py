"""Every evaluator runs where the samples are: nothing is mixed with the host, only numbers come back."""

from __future__ import annotations

import pytest
import torch

from evaluators import EVALUATORS
from tests.evaluators.builders import seeded
from tests.evaluators.elsewhere import DEVICE, Device

# The assignment of the exact distance is solved by SciPy; the birthday paradox needs the counts of the modes alone.
HOST = {"transport": {(500, 500)}, "birthday": {(8,)}}


def values(found):
    """Return all numbers that an evaluator gave."""
    scores = {name: [score.value, score.standard_error or 0.0] for name, score in found.scores.items()}
    protocol = {name: [value] for name, value in found.protocol.items() if not isinstance(value, str)}
    return {f"{name} {i}": number for name, row in (scores | protocol).items() for i, number in enumerate(row)}


@pytest.mark.parametrize("name", sorted(EVALUATORS))
def test_scores_elsewhere_are_those_of_the_cpu(truths, name):
    """The same numbers, up to the order of sums; no set of samples is copied to the host."""
    for samples, truth in truths.values():
        expected = EVALUATORS[name].run(samples, truth, seeded())
        with Device() as device:
            found = EVALUATORS[name].run(device.put(samples), truth.to(DEVICE), seeded())
        assert found.absent == expected.absent
        assert values(found) == pytest.approx(values(expected), rel=1e-9, abs=1e-12)
        assert set(device.copied) <= HOST.get(name, set())


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
@pytest.mark.parametrize("name", sorted(EVALUATORS))
def test_cuda_gives_the_scores_of_the_cpu(truths, name):
    """To 1e-9, and at a second run to the bit; the truth may lie on the device or on the host."""
    for samples, truth in truths.values():
        expected = EVALUATORS[name].run(samples, truth, seeded())
        on_cuda = samples.cuda()
        found = EVALUATORS[name].run(on_cuda, truth.to(on_cuda.device), seeded())
        assert found.absent == expected.absent
        assert values(found) == pytest.approx(values(expected), rel=1e-9, abs=1e-12)
        assert EVALUATORS[name].run(on_cuda, truth, seeded()) == found
