"""A hand-made set of records, and the text of every cell of its tables, worked out with scipy and none of our code."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
from scipy import optimize, stats

from benchmark.store import End, Record, RecordedScore, identity_key

# row -> for each seed: how it ended, fd (lower is better), modes (higher is better), seconds
RUNS = {
    "oracle": [("ok", 0.11, 8.0, None), ("ok", 0.09, 8.0, None), ("ok", 0.13, 7.0, None)],
    "lone": [("ok", 0.9, 8.0, 3.0)],
    "hinge": [
        ("ok", 1.1, 8.0, 2.0),
        ("ok", 1.02, 8.0, 2.5),
        ("ok", 1.6, 8.0, 2.2),
        ("ok", 1.31, 8.0, 2.1),
        ("ok", 1.55, 8.0, 2.3),
    ],
    "ns": [
        ("ok", 2.1, 7.0, 1.0),
        ("ok", 1.72, 8.0, 1.5),
        ("ok", 2.9, 6.0, 1.2),
        ("ok", 2.43, 8.0, 1.1),
        ("ok", 2.2, 7.0, 1.3),
    ],
    "wgan": [
        ("ok", 3.1, 5.0, 4.0),
        ("ok", 1.2, 3.0, 4.5),
        ("ok", 4.4, None, 4.1),
        ("diverged", None, None, 0.5),
        ("ok", 2.5, 6.0, 4.4),
    ],
    "broken": [
        ("collapsed", None, None, 2.0),
        ("diverged", None, None, 0.4),
        ("collapsed", None, None, 2.1),
        ("collapsed", None, None, 2.2),
        ("collapsed", None, None, 1.9),
    ],
}
ORDER = ["oracle", "lone", "hinge", "ns", "wgan", "broken"]  # by the mean of fd, those without one last
DIRECTIONS = {"fd": "lower", "modes": "higher"}
RANKED = ["hinge", "ns", "wgan", "broken"]
RESAMPLES = 2000


def record(row, seed, end, fd, modes, seconds):
    """Build one run's record."""
    identity = {"row": row, "seed": seed}
    values = {"fd": fd, "modes": modes}
    return Record(
        key=identity_key(identity),
        kind="control" if row == "oracle" else "objective",
        problem="plane",
        row=row,
        track=None if row == "oracle" else "shared",
        seed=seed,
        identity=identity,
        comparable={} if row == "oracle" else {"budget": 100},
        end=End(state=end),
        headline=("fd", "modes"),
        scores={
            name: RecordedScore(value=value, direction=DIRECTIONS[name])
            for name, value in values.items()
            if value is not None
        },
        absent={"modes": "no truth"} if end == "ok" and modes is None else {},
        compute={} if seconds is None else {"seconds": seconds, "gradient_evaluations": 100 + seed},
    )


RECORDS = [record(row, seed, *run) for row, runs in RUNS.items() for seed, run in enumerate(runs)]


def values(row, metric):
    """Return a row's values of a metric by seed, of finished runs."""
    at = {"fd": 1, "modes": 2}[metric]
    return {seed: run[at] for seed, run in enumerate(RUNS[row]) if run[0] == "ok" and run[at] is not None}


def plain(value):
    """Write a number with four significant digits."""
    exponent = int(f"{value:e}".split("e")[1]) if value else 0
    return f"{value:.{max(0, 3 - exponent)}f}"


def cell(row, metric):
    """Write mean and half-width, two digits of it, with n where it is not the number of finished runs."""
    x = list(values(row, metric).values())
    finished = sum(run[0] == "ok" for run in RUNS[row])
    if not x:
        return "–"
    if len(x) == 1:
        text = plain(x[0])
    elif len(set(x)) == 1:
        text = f"{plain(x[0])} ± 0"
    else:
        low, high = stats.t.interval(0.95, len(x) - 1, loc=np.mean(x), scale=stats.sem(x))
        half = (high - low) / 2
        decimals = max(0, 1 - int(f"{half:e}".split("e")[1]))
        text = f"{np.mean(x):.{decimals}f} ± {half:.{decimals}f}"
    return text if len(x) == finished else f"{text} (n={len(x)})"


def runs(row):
    """Write finished of all."""
    return f"{sum(run[0] == 'ok' for run in RUNS[row])}/{len(RUNS[row])}"


def failed(row):
    """Write the failures by type, the most frequent first."""
    ends = [run[0] for run in RUNS[row] if run[0] != "ok"]
    counted = sorted({(-ends.count(end), end) for end in ends})
    return ", ".join(f"{-count} {end}" for count, end in counted)


def seconds(row):
    """Write the mean seconds of all runs, failed ones too."""
    known = [run[3] for run in RUNS[row] if run[3] is not None]
    return plain(np.mean(known)) if known else "–"


def losses(row):
    """Return all runs as losses by fd, failed ones infinite."""
    return [run[1] if run[0] == "ok" else math.inf for run in RUNS[row]]


def beats(a, b):
    """Return the share of pairs that a wins, ties half."""
    return float(np.mean([1.0 if x < y else 0.5 if x == y else 0.0 for x, y in product(a, b)]))


def newcombe(theta, m, n):
    """Solve Newcombe's equation (2006, method 5) for both bounds."""

    def gap(bound):
        factor = 1 + ((m + n) / 2 - 1) * ((1 - bound) / (2 - bound) + bound / (1 + bound))
        return (theta - bound) ** 2 - stats.norm.ppf(0.975) ** 2 * bound * (1 - bound) * factor / (m * n)

    low = 0.0 if theta == 0 else optimize.brentq(gap, 1e-12, theta - 1e-12)
    high = 1.0 if theta == 1 else optimize.brentq(gap, theta + 1e-12, 1 - 1e-12)
    return low, high


def tested(row):
    """Return SciPy's test of a row against ns: paired on three common seeds or more, else Welch's, else None."""
    a, b = values(row, "fd"), values("ns", "fd")
    common = sorted(a.keys() & b.keys())
    if len(common) >= 3:
        return stats.ttest_rel([a[seed] for seed in common], [b[seed] for seed in common])
    if min(len(a), len(b)) >= 2:
        return stats.ttest_ind(list(a.values()), list(b.values()), equal_var=False)
    return None


def fisher(row):
    """Return SciPy's exact p of a row's failures, the one test of failures that any outcome could make significant."""
    return stats.fisher_exact([[len(RUNS[row]), 0], [0, len(RUNS["ns"])]]).pvalue


def known_p():
    """Return the p of each row that has one and the row, smallest first."""
    found = {row: tested(row) for row in ("lone", "hinge", "wgan")}
    return sorted((one.pvalue, row) for row, one in found.items() if one)


def level(row):
    """Return the level at which Holm holds a row's p, or would at first hold one more."""
    rows = [row for _, row in known_p()]
    return 0.05 / (len(rows) - rows.index(row) if row in rows else len(rows) + 1)


def corrected():
    """Return Holm's p of each row that has one."""
    known = known_p()
    stepped = np.maximum.accumulate([min(1.0, (len(known) - at) * p) for at, (p, _) in enumerate(known)])
    return {row: float(p) for p, (_, row) in zip(stepped, known, strict=True)}


def seeds_for(effect, paired, alpha):
    """Count seeds upwards until a two-sided t test at a level has 80 % power for an effect."""
    for n in range(2, 10_000):
        freedom = n - 1 if paired else 2 * n - 2
        shift = abs(effect) * math.sqrt(n if paired else n / 2)
        edge = stats.t.ppf(1 - alpha / 2, freedom)
        if stats.nct.sf(edge, freedom, shift) + stats.nct.cdf(-edge, freedom, shift) >= 0.8:
            return n
    raise AssertionError


def verdict(row):
    """Return the word and how many seeds it needs, where that is stated."""
    p = corrected().get(row)
    if not values(row, "fd"):
        assert fisher(row) < 0.05
        return "worse", None
    if p is None:
        return "not enough seeds", seeds_for(1.0, False, level(row))
    a, b = values(row, "fd"), values("ns", "fd")
    gaps = np.array([a[seed] - b[seed] for seed in sorted(a.keys() & b.keys())])
    if p < 0.05:
        return ("better" if gaps.mean() < 0 else "worse"), None
    unit = math.sqrt((np.var(list(a.values()), ddof=1) + np.var(list(b.values()), ddof=1)) / 2)
    assert seeds_for(unit / gaps.std(ddof=1), True, level(row)) > len(gaps)  # too little power to see no difference
    return "not enough seeds", seeds_for(gaps.mean() / gaps.std(ddof=1), True, level(row))


def difference(row):
    """Write the line of a row against ns."""
    a, b = values(row, "fd"), values("ns", "fd")
    common = sorted(a.keys() & b.keys())
    paired, found = len(common) >= 3, tested(row)
    size = f"paired, n={len(common)}" if paired else f"Welch, n={len(a)},{len(b)}"
    size = size if a else f"Fisher, n={len(RUNS[row])},{len(RUNS['ns'])}"
    if not a:
        value = "–"
    elif found is None:
        value = plain(np.mean(list(a.values())) - np.mean(list(b.values())))
    else:
        bounds = found.confidence_interval(0.95)
        middle = np.mean([a[seed] - b[seed] for seed in common])
        value = f"{plain(middle)} [{plain(bounds.low)}, {plain(bounds.high)}]"
    p = corrected().get(row) if a else fisher(row)
    r = stats.pearsonr([a[seed] for seed in common], [b[seed] for seed in common])[0] if paired else None
    theta = beats(losses(row), losses("ns"))
    low, high = newcombe(theta, len(losses(row)), len(losses("ns")))
    word, needed = verdict(row)
    return [
        row,
        value,
        size,
        "–" if p is None else f"{p:.2g}",
        "–" if r is None else f"{r:.2f}",
        f"{theta:.2f} [{low:.2f}, {high:.2f}]",
        word if needed is None else f"{word} (needs {needed})",
    ]


DIFFERENCES = [difference(row) for row in ("lone", "hinge", "wgan", "broken")]
HEADINGS = ["against ns, fd ↓", "difference", "test", "p (Holm)", "corr.", "P(beats)", "verdict"]


def order():
    """Return place, interval, wins and chance of the first place of each ranked row, by a bootstrap written anew."""
    generator = np.random.default_rng(2024)

    def wins(runs_of):
        return np.round([np.mean([beats(runs_of[row], runs_of[other]) for other in RANKED]) for row in RANKED], 9)

    observed = wins({row: losses(row) for row in RANKED})
    drawn = [
        wins({row: generator.choice(losses(row), size=len(losses(row))) for row in RANKED}) for _ in range(RESAMPLES)
    ]
    places = [stats.rankdata(-scores) for scores in drawn]
    low, high = np.percentile(places, [2.5, 97.5], axis=0, method="closest_observation")
    first = np.mean([scores == scores.max() for scores in drawn], axis=0)
    columns = (stats.rankdata(-observed), low, high, observed, first)
    return {row: tuple(column[at] for column in columns) for at, row in enumerate(RANKED)}
