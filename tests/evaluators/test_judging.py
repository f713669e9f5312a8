"""Several evaluators at once give what each gives alone."""

from __future__ import annotations

import inspect
import re

import pytest
import torch

import evaluators
from evaluators import EVALUATORS, METRICS, Truth, evaluate, pixels_extractor
from tests.prose import DOCS, blocks_of

SOURCE = torch.Generator().manual_seed(0)
X, Y = torch.randn(60, 2, generator=SOURCE), torch.randn(80, 2, generator=SOURCE)
ELSEWHERE = {"mnist_extractor", "fashion_extractor", "inception_extractor", "network_extractor"}  # their data and files


def test_each_evaluator_gives_what_it_gives_alone():
    """Scores and absences are the union, facts carry the evaluator's name."""
    found = evaluate(X, Y)
    truth = Truth(Y, extractor=pixels_extractor())
    for name in ("frechet", "kernel", "transport", "two_sample"):
        alone = EVALUATORS[name].run(X, truth, torch.Generator().manual_seed(0))
        assert alone.scores.items() <= found.scores.items()
        assert alone.absent.items() <= found.absent.items()
        assert {f"{name}.{fact}": value for fact, value in alone.protocol.items()}.items() <= found.protocol.items()


def test_names_are_evaluators_and_metrics():
    """A metric may be named with its extractor; one evaluator may be named by several of its metrics."""
    found = evaluate(X.numpy(), Y.numpy(), ["fd-pixels", "recall_k5", "coverage_k5", "two_sample"])
    assert {name for name in found.scores if "c2st" not in name and "mmd" not in name and "energy" not in name} == {
        "fd-pixels",
        "recall_k5-pixels",
        "coverage_k5-pixels",
    }
    assert evaluate(X, Y, ["fd", "frechet"]).scores == evaluate(X, Y, ["frechet", "fd"]).scores


def test_every_name_of_the_tables_is_known():
    """What a truth cannot answer is absent with a reason."""
    for name in (*EVALUATORS, *METRICS):
        found = evaluate(X, Y, [name])
        assert found.scores or found.absent or name in ("fid", "fid_infinity15"), name


def test_more_knowledge_brings_more_scores():
    """Training samples bring questions of memory; a truth's own extractor stays."""
    assert "authenticity" not in evaluate(X, Y).scores
    truth = Truth(Y, validation=Y[:20], extractor=pixels_extractor())
    assert {"authenticity-pixels", "authenticity"} & set(evaluate(X, truth, training=X).scores)


def test_bytes_are_images():
    """Of bytes or in [0, 1] they score the same; another range is refused."""
    fake, real = (torch.randint(0, 256, (40, 1, 4, 4), dtype=torch.uint8) for _ in range(2))
    assert evaluate(fake, real, ["fd"]).scores == evaluate(fake / 255.0, real, ["fd"]).scores
    assert "must be in [0, 1]" in evaluate(fake.float(), real, ["fd"]).absent["fd-pixels"]


def test_a_name_that_is_not_known_is_one_sentence():
    """With the nearest ones."""
    with pytest.raises(ValueError, match=r"Unknown evaluator or metric 'recall'\. Did you mean 'recall_k5'"):
        evaluate(X, Y, ["recall"])


def test_the_reference_shows_every_function_at_work():
    """Each public function is called in an example whose output is checked."""
    page = DOCS / "reference" / "evaluators.md"
    examples = "".join(block for language, block in blocks_of(page) if language == "pycon")
    functions = [name for name in evaluators.__all__ if inspect.isroutine(getattr(evaluators, name))]
    for name in {*functions, "FrechetDistance", "KernelDistance"} - ELSEWHERE:
        assert re.search(rf"\b{name}\(", examples), name
    assert all(name in page.read_text() for name in ELSEWHERE)
