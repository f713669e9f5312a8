"""The result of a search as text: the best settings, score against trials, and how much of each space is good."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from benchmark.cli.output import aligned, paragraph
from benchmark.leaderboard.text import number
from benchmark.stats import BestOf

if TYPE_CHECKING:
    from benchmark.tune.summary import Count, Sensitivity
    from benchmark.tune.trials import Trial
    from benchmark.tune.tune import Finding

NONE = "–"
CURVE_NOTE = (
    "The default is the first trial, and a failed trial counts as the worst finished one. Bands are 95 % bootstrap "
    "intervals, up to half the trials; beyond that they would be too narrow. TPE and QMC trials are not independent, "
    "so their line describes this search only. Values are on the selection data, where the best were chosen; the "
    "leaderboard below uses seeds and data that no trial saw."
)
GOOD_NOTE = (
    "good: trials within 10 % of the best; failed: trials with a failed run; both with Wilson's 95 % interval. "
    "Correlations are Spearman's, between a setting and a trial's place: positive if larger is better."
)


def finding_lines(findings: Sequence[Finding], width: int | None) -> list[str]:
    """Write all findings, problem by problem."""
    problems = dict.fromkeys(one.problem for one in findings)
    return [line for name in problems for line in _of([one for one in findings if one.problem == name], width)]


def _of(findings: Sequence[Finding], width: int | None) -> Iterator[str]:
    first = findings[0]
    metric, others = first.metrics[0], first.metrics[1:]
    yield f"{first.problem}: {len(first.trials)} trials per objective, by {metric}"
    if others:
        yield from paragraph(f"with ties broken by {', '.join(others)}", width=width)
    yield ""
    rows = [["objective", "best trial", metric, "the default's", "settings"]]
    yield from aligned(rows + [_best(one, metric) for one in findings], flexible=4, width=width)
    yield ""
    counts = _counts(len(first.trials))
    yield f"expected {metric} of the best of k trials"
    heads = [["k", *map(str, counts)]]
    yield from aligned(heads + [[one.objective, *_curve(one.curve, counts)] for one in findings], flexible=1)
    yield from paragraph(CURVE_NOTE, width=width)
    yield ""
    rows = [["objective", "good", "failed", "correlations"]]
    sensitivities = [[one.objective, *_sensitivity(one.sensitivity)] for one in findings]
    yield from aligned(rows + sensitivities, flexible=3, width=width)
    yield from paragraph(GOOD_NOTE, width=width)
    yield ""


def _best(finding: Finding, metric: str) -> list[str]:
    best, start = finding.best, finding.trials[0]
    settings = ", ".join(f"{name}={text}" for name, text in best.overrides.items()) or "the problem's shared settings"
    return [finding.objective, str(best.number), _score(best, metric), _score(start, metric), settings]


def _score(trial: Trial, metric: str) -> str:
    mean = trial.mean(metric)
    failed = f" ({trial.failed} failed)" if trial.failed else ""
    return (NONE if mean is None else number(mean)) + failed


def _counts(trials: int) -> list[int]:
    """Return the numbers of trials to show: powers of two, and all."""
    doubled = [2**power for power in range(trials.bit_length()) if 2**power < trials]
    return [*doubled, trials]


def _curve(curve: Sequence[BestOf], counts: Sequence[int]) -> list[str]:
    by_count = {one.k: one for one in curve}
    return [_point(by_count[k]) if k in by_count else NONE for k in counts]


def _point(one: BestOf) -> str:
    if one.interval is None:
        return number(one.value)
    return f"{number(one.value)} [{number(one.interval.low)}, {number(one.interval.high)}]"


def _sensitivity(found: Sensitivity) -> list[str]:
    known = [f"{name} {value:+.2f}" for name, value in found.correlations.items() if value is not None]
    return [_count(found.good), _count(found.failed), ", ".join(known) or NONE]


def _count(found: Count) -> str:
    band = "" if found.interval is None else f" [{found.interval.low:.0%}, {found.interval.high:.0%}]"
    return f"{found.count}/{found.of}{band}"
