"""The contract of problems holds for all that are built in, and a problem that breaks a law fails it by name."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from benchmark.catalogue.contracts.problem import LAWS, check_problem
from benchmark.networks import Perceptron
from benchmark.problems import PROBLEMS, Data, Problem, as_problem, from_sampler
from benchmark.problems.given import Given
from benchmark.problems.samples import problem_of_data
from evaluators.truth import Truth
from tests.benchmark.data_builders import small_images, small_photographs


@pytest.mark.parametrize("name", PROBLEMS)
def test_built_in_problems_keep_the_contract(name, monkeypatch, tmp_path):
    """Every law holds, or does not apply, on made-up files where files are needed."""
    small_images(monkeypatch, tmp_path)
    small_photographs(monkeypatch, tmp_path)
    found = check_problem(PROBLEMS[name], tmp_path)
    assert [one.name for one in found] == list(LAWS)
    assert not [one for one in found if one.passed is False]


def points(count: int, seed: int = 0):
    """Draw points of the plane."""
    return torch.randn(count, 2, generator=torch.Generator().manual_seed(seed))


@dataclasses.dataclass(frozen=True)
class Fresh(Given):
    """A source that draws anew at each load."""

    def load(self, cache, directory):
        """Draw from nobody's seed."""
        return Data(torch.rand(600, 2), self.data.truth)


def of(training, reference, **truth) -> Problem:
    """Build a problem of given parts."""
    return problem_of_data(Data(training, Truth(reference=reference, **truth)))


class Scoreless(Perceptron):
    """An architecture whose critics have no scores."""

    def critic(self, kind, shape):
        """Embed whatever is asked for."""
        return super().critic("embedding", shape)


def no_density(x):
    """Return a density that ignores where it is asked."""
    return torch.zeros(len(x))


SOUND = of(points(600), points(600, 1))
BREAKS = {
    "same twice": dataclasses.replace(SOUND, source=Fresh(SOUND.source.data)),
    "samples": of(torch.full((600, 2), torch.nan), points(600, 1)),
    "splits": of(points(600), points(600)),
    "oracle": of(points(600), points(600, 1), sampler=lambda count, generator: torch.zeros(count, 2)),
    "density": of(points(600), points(600, 1), log_density=no_density),
    "critics": dataclasses.replace(SOUND, own={"mlp": Scoreless()}),
    "scores": dataclasses.replace(
        SOUND, judging=dataclasses.replace(SOUND.judging, headline=("sliced_w2_256", "modes"))
    ),
}


@pytest.mark.parametrize("law", BREAKS)
def test_a_problem_that_breaks_a_law_fails_it(law, tmp_path):
    """The law of that name is among those that fail."""
    assert law in [one.name for one in check_problem(BREAKS[law], tmp_path) if one.passed is False]


def test_sound_problems_pass(tmp_path):
    """Samples at hand, and a sampler with its density."""

    def density(x):
        return -0.5 * x.double().square().sum(1)

    exact = as_problem(from_sampler(lambda n, g: torch.randn(n, 2, generator=g), log_density=density))
    for problem in (SOUND, exact):
        assert not [one for one in check_problem(problem, tmp_path) if one.passed is False]
