"""The laws of evaluators: the whole table keeps them, and each catches an evaluator that is wrong in its way."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from evaluators import EVALUATORS, energy_distance, kernel_distance
from evaluators.as_shipped import AS_SHIPPED, linear
from evaluators.guard import evaluator
from evaluators.laws import LAWS, check
from evaluators.laws.stage import stages
from evaluators.outside import as_evaluator
from evaluators.truth import Evaluation, Evaluator, Metric, Score


@pytest.mark.parametrize("name", sorted(EVALUATORS))
def test_the_table_keeps_every_law(name):
    """Each law that applies holds, and at least the first seven apply to all."""
    findings = {found.name: found for found in check(EVALUATORS[name])}
    assert [found for found in findings.values() if found.passed is False] == []
    assert all(findings[law].passed for law in list(LAWS)[:7])


def gap(x, y):
    """The distance of two means."""
    return float((x.double().flatten(1).mean(0) - y.double().flatten(1).mean(0)).norm())


def distance(run=lambda x, truth, _: gap(x, truth.reference), guarded=True, **declared):
    """Build an evaluator of one metric from a number."""
    metrics = {
        "gap": Metric("lower", "distance of the means", **{"of_itself": 0.0, "ideal": 0.0, "degree": 1} | declared)
    }

    def whole(samples, truth, generator):
        return Evaluation({"gap": Score(run(samples, truth, generator))}, {}, {})

    return evaluator("means", (), metrics, whole) if guarded else Evaluator("means", (), metrics, whole)


def changed(x, truth, _):
    """Centre the caller's samples in place."""
    value = gap(x, truth.reference)
    truth.reference.sub_(1e-3)
    return value


def undeclared(x, truth, _):
    """Name a metric that is not declared."""
    return Evaluation({"other": Score(gap(x, truth.reference))}, {}, {})


WRONG = {
    "form": Evaluator("means", (), {"gap": Metric("lower", "distance of the means")}, undeclared),
    "few": distance(guarded=False),
    "garbage": distance(lambda x, truth, _: max(0.0, gap(torch.as_tensor(x).float(), truth.reference)), guarded=False),
    "arrays": distance(guarded=False),
    "order": distance(lambda x, truth, _: gap(x[:50], truth.reference), guarded=False),
    "repeat": distance(lambda x, truth, _: gap(x, truth.reference) + 1e-12 * random.random()),
    "mutation": distance(changed),
    "direction": distance(lambda x, truth, _: 1.0 / (1e-9 + gap(x, truth.reference))),
    "itself": distance(lambda x, truth, _: gap(x, truth.reference) + 0.1),
    "perfect": distance(ideal=0.3),
    "scale": distance(degree=2),
    "unbiased": distance(unbiased=True),
    "dropped": distance(dropped="same"),
}


def test_every_law_is_broken_by_something():
    """The list below is whole."""
    assert list(WRONG) == list(LAWS)


def test_a_right_evaluator_of_ones_own_keeps_them():
    """The distance of two means, built as a user would."""
    assert [found for found in check(distance()) if found.passed is False] == []


def test_a_users_function_gets_the_same_inputs():
    """It gets a set in no order and floats in the declared range; its own dependence on order is found."""

    def means(samples, truth, generator):
        return {"gap": gap(samples, truth.reference)}

    means.better = "lower"
    assert [found for found in check(as_evaluator(means, "means")) if found.passed is False] == []
    means.better = "higher"
    assert [found.name for found in check(as_evaluator(means, "means")) if found.passed is False] == ["direction"]


@pytest.mark.parametrize("law", WRONG)
def test_each_law_catches_its_own_fault(law):
    """Wrong in one way, and the law of that way says so with a number or a name."""
    found = {found.name: found for found in check(WRONG[law])}[law]
    assert found.passed is False
    assert found.seen


@pytest.mark.parametrize("name", sorted(AS_SHIPPED))
def test_versions_as_shipped_break_the_laws_that_they_are_known_to_break(name):
    """Exactly those, and each states its source and what it computes instead."""
    entry = AS_SHIPPED[name]
    broken = [found.name for found in check(entry.evaluator) if found.passed is False]
    if "repeat" in entry.breaks:  # what draws anew each time differs by order too, with some releases of scikit-learn
        broken = [name for name in broken if name != "order"]
    assert tuple(broken) == entry.breaks
    assert entry.instead_of in entry.evaluator.metrics
    assert len(entry.source) > 20
    assert len(entry.deviation) > 20


@pytest.mark.parametrize("draw", [lambda: torch.rand(1), lambda: np.random.rand(), random.random])
def test_global_randomness_is_found(draw):
    """Torch's, NumPy's and Python's own generators belong to everyone."""

    def run(x, truth, _):
        draw()
        return gap(x, truth.reference)

    found = {found.name: found for found in check(distance(run))}["mutation"]
    assert found.passed is False
    assert "a global random generator was used" in found.seen


SAME = {  # families of shares and means over samples alone: a set twice is the same set
    *("js_modes", "reverse_kl", "reverse_kl_hq", "hq_3std", "hq_box3std", "hq_mass989", "mass_outside", "modes"),
    *("modes_quarter", "is", "iprime", "label_coverage", "stacked_modes", "stacked_reverse_kl", "sliced_w2_256"),
    *("authenticity", "copies_q01", "parzen", "cmmd", "mind", "vendi"),
}
AT_MOST = {"fd": 0.01, "spread_ratio": 0.02}  # relative: n - 1 becomes 2n - 1


def test_a_set_given_twice_has_its_known_values():
    """The same where a metric is a mean over samples; all duplicates where copies are counted."""
    seen = set()
    for stage in stages():
        for one in (one for one in EVALUATORS.values() if stage.serves(one)):
            once = stage.run(one, stage.exact).scores
            twice = stage.run(one, torch.cat([stage.exact, stage.exact])).scores
            for name in once.keys() & twice.keys():
                family = name.split("-")[0]
                if family in SAME:
                    assert twice[name].value == pytest.approx(once[name].value, rel=1e-9), name
                if family in AT_MOST:
                    assert twice[name].value == pytest.approx(once[name].value, rel=AT_MOST[family]), name
                if family == "duplicates_q01":
                    assert twice[name].value > 0.3  # of a half drawn at random, half have their copy beside them
                seen.add(family)
    assert seen >= SAME | set(AT_MOST)


def test_unbiased_statistics_of_a_set_against_itself_are_what_the_pairs_say():
    """KID and the energy distance leave out each point's pair with itself on one side alone: below zero, by 2/n."""
    x = torch.randn(60, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    kernel = (x @ x.T / 3 + 1.0) ** 3
    off = (kernel.sum() - kernel.trace()) / (60 * 59)
    assert kernel_distance(x, x.clone()).value == pytest.approx(float(2.0 * off - 2.0 * kernel.mean()), rel=1e-9)
    assert energy_distance(x, x.clone()).value < 0.0


def test_an_evaluator_that_raises_is_a_finding():
    """Whatever a user's code raises is told, not thrown."""

    def run(x, truth, _):
        raise KeyError("mine")

    assert "KeyError: 'mine'" in check(distance(run))[0].seen


def test_the_filter_of_tensorflow_1_is_what_torch_fidelity_ports():
    """The weights of both axes give the images that torch-fidelity's compatible filter gives."""
    module = pytest.importorskip("torch_fidelity.interpolate_compat_tensorflow")
    images = torch.rand(2, 3, 6, 8, generator=torch.Generator().manual_seed(0))
    theirs = module.interpolate_bilinear_2d_like_tensorflow1x(images, size=(9, 12), align_corners=False)
    ours = linear(6, 9) @ images.double() @ linear(8, 12).T
    torch.testing.assert_close(ours.float(), theirs, rtol=0.0, atol=1e-6)
