"""Laws of a pure function of a set: its order does not matter, the same gives the same, and nothing is changed."""

from __future__ import annotations

import random
from collections.abc import Mapping

import numpy as np
import torch

from evaluators.laws.finding import LawFinding, finding
from evaluators.laws.stage import Stage, seeded, stages
from evaluators.truth import Evaluator, Score

SEEDS = 4
ROUNDING = 1e-9


def noise(stage: Stage, evaluator: Evaluator, scores: Mapping[str, Score]) -> dict[str, float]:
    """Return by how much each score may move for reasons of its own: its random subsets, and rounding."""
    others = [stage.run(evaluator, stage.exact, seed).scores for seed in range(1, SEEDS)]
    allowed = {}
    for name, score in scores.items():
        values = [score.value, *(other[name].value for other in others if name in other)]
        allowed[name] = 2.0 * (max(values) - min(values)) + ROUNDING * max(1.0, abs(score.value))
    return allowed


def order(evaluator: Evaluator) -> LawFinding:
    """Samples in order of their values and the same ones shuffled score alike, up to the noise of a random subset."""
    tried, wrong = 0, []
    for stage in (stage for stage in stages() if stage.serves(evaluator)):
        known = stage.run(evaluator, stage.exact).scores
        allowed = noise(stage, evaluator, known)
        flat = stage.exact.flatten(1)
        sets = {
            "sorted": stage.exact[flat[:, 0].argsort()],
            "shuffled": stage.exact[torch.randperm(len(flat), generator=seeded(1))],
        }
        for what, samples in sets.items():
            tried += 1
            for name, score in stage.run(evaluator, samples).scores.items():
                if name not in known or abs(score.value - known[name].value) > allowed[name]:
                    wrong.append(f"{name} of the {what} set is {score.value:.4g}, not {known[name].value:.4g}")
    return finding("order", "order does not matter, up to the noise of random subsets", tried, wrong)


def repeat(evaluator: Evaluator) -> LawFinding:
    """The same samples and the same generator give the same bits."""
    tried, wrong = 0, []
    for stage in (stage for stage in stages() if stage.serves(evaluator)):
        first, second = (stage.run(evaluator, stage.exact) for _ in range(2))
        tried += 1
        if first != second:
            wrong.append(f"two runs on {stage.name} differ")
    return finding("repeat", "the same samples and generator give bit-identical scores", tried, wrong)


def global_states() -> tuple[object, ...]:
    """Return the states of the global generators."""
    return torch.random.get_rng_state().tolist(), str(np.random.get_state()), random.getstate()


def mutation(evaluator: Evaluator) -> LawFinding:
    """Samples, truth and the global generators are unchanged."""
    tried, wrong = 0, []
    for stage in (stage for stage in stages() if stage.serves(evaluator)):
        truth = stage.truth
        seen = {"samples": stage.exact, "reference": truth.reference}
        seen |= {name: value for name in ("validation", "training") if (value := getattr(truth, name)) is not None}
        before, states = {name: value.clone() for name, value in seen.items()}, global_states()
        stage.run(evaluator, stage.exact)
        tried += 1
        wrong += [f"{name} was changed" for name, value in seen.items() if not torch.equal(value, before[name])]
        if global_states() != states:
            wrong.append("a global random generator was used: draw from the generator passed as an argument")
        for name, value in seen.items():
            value.copy_(before[name])
    return finding("mutation", "samples, truth and the global random generators are unchanged", tried, wrong)
