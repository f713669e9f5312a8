"""The order of trials, and the summary of a search, from hand-made records."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmark.errors import UserError
from benchmark.problems import PROBLEMS
from benchmark.runner.entry import Entry
from benchmark.stats import expected_best
from benchmark.store import End, Record, RecordedScore, identity_key
from benchmark.tune.plans import Entrant
from benchmark.tune.sampling import seed_of
from benchmark.tune.search import Search
from benchmark.tune.space import Space
from benchmark.tune.summary import curve_of, sensitivity_of
from benchmark.tune.trials import Judge, Trial, best_of, judges_of, ranked
from objectives.search import Span
from objectives.spec import parse

MODES, KL = Judge("modes", "higher"), Judge("reverse_kl", "lower")
SPACE: Space = {"learning_rate": Span(1e-5, 1e-2, log=True)}


def trial(number, *runs, rate=1e-3):
    """Make a trial; each run is (modes, reverse KL), or the name of its failure."""
    records = []
    for seed, run in enumerate(runs):
        failed = isinstance(run, str)
        identity = {"trial": number, "seed": seed}
        scores = (
            {}
            if failed
            else {"modes": RecordedScore(float(run[0]), direction="higher"), "reverse_kl": RecordedScore(run[1])}
        )
        records.append(
            Record(
                key=identity_key(identity),
                kind="objective",
                problem="ring",
                row="ns",
                track="tuned",
                seed=seed,
                identity=identity,
                end=End(state=run if failed else "ok"),
                scores=scores,
            )
        )
    return Trial(number, {"learning_rate": rate}, {"learning_rate": str(rate)}, tuple(records))


def search(*trials, judges=(MODES, KL)):
    """Make a search that is over."""
    start = Entry(parse("ns"), PROBLEMS["ring"].training, "ns")
    return Search(Entrant("ns", start, SPACE, 5, judges), list(trials))


def test_failures_come_before_scores_and_ties_go_on_to_the_next_metric():
    """Fewer failures first; then the first metric; then the second; then the earlier trial."""
    trials = [
        trial(0, (7, 0.5), (7, 0.5)),
        trial(1, (8, 0.9), "collapsed"),
        trial(2, (7, 0.1), (7, 0.3)),
        trial(3, "diverged", "diverged"),
        trial(4, (7, 0.2), (7, 0.2)),
    ]
    assert best_of(trials, (MODES, KL)).number == 2
    assert ranked(trials, (MODES, KL)) == [1, 2, 0, 3, 0]
    assert [one.failed for one in trials] == [0, 1, 0, 2, 0]


def test_a_mean_is_over_finished_runs_and_a_failed_trial_is_infinitely_bad():
    """A score of a run that failed never enters."""
    half = trial(0, (8, 0.1), "stalled")
    assert half.mean("modes") == 8.0
    assert half.loss(MODES) == math.inf
    assert trial(1, "diverged").mean("modes") is None
    assert trial(2, (3, 0.5), (4, 0.5)).loss(MODES) == -3.5


def test_the_curve_begins_with_the_default_and_counts_failures_as_the_worst():
    """Scores, not losses; the band only where trials are independent draws."""
    found = search(trial(0, (4, 0.5)), trial(1, "diverged"), trial(2, (8, 0.5)), trial(3, (2, 0.5)))
    curve = curve_of(found, "random")
    same = expected_best(-4.0, [-2.0, -8.0, -2.0], np.random.default_rng(seed_of("band", 5)))
    assert [(one.k, one.value) for one in curve] == [(one.k, -one.value) for one in same]
    assert curve[-1].value == 8.0
    assert curve[1].interval.low == -same[1].interval.high
    learnt = curve_of(found, "tpe")
    assert [(one.value, one.interval) for one in learnt] == [(4.0, None), (4.0, None), (8.0, None), (8.0, None)]
    assert curve_of(search(trial(0, "diverged")), "random") == []


def test_sensitivity_counts_good_and_failed_trials():
    """Within a tenth of the best; and a larger learning rate that is worse has a negative correlation."""
    found = sensitivity_of(
        search(
            trial(0, (8, 0.5), rate=1e-5),
            trial(1, (7.3, 0.5), rate=1e-4),
            trial(2, (7.1, 0.5), rate=1e-3),
            trial(3, "diverged", rate=1e-2),
        )
    )
    assert (found.good.count, found.good.of) == (1, 3)
    assert (found.failed.count, found.failed.of) == (1, 3)
    assert found.correlations["learning_rate"] == pytest.approx(-1.0)
    nothing = sensitivity_of(search(trial(0, "diverged"), trial(1, "diverged")))
    assert nothing.good.count == 0
    assert nothing.correlations == {"learning_rate": None}


def test_the_metric_to_select_by(tmp_path):
    """The problem's first, the others for ties; another one on request; nothing that has no better end."""
    ring = PROBLEMS["ring"]
    data = ring.load(tmp_path)
    assert [judge.metric for judge in judges_of(ring, data, None)] == list(ring.judging.headline)
    chosen = judges_of(ring, data, "reverse_kl")
    assert [judge.metric for judge in chosen] == ["reverse_kl", "modes_quarter", "hq_3std", "modes"]
    assert [judge.direction for judge in chosen] == ["lower", "higher", "higher", "higher"]
    with pytest.raises(UserError, match="Did you mean 'reverse_kl'"):
        judges_of(ring, data, "reverse_k")
