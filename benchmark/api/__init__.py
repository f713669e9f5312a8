"""The Python API, for notebooks: run, tune, load records as a DataFrame, leaderboard, compare, report.

    from benchmark import api

    api.run(["ns", "hinge"], problems=["ring"], seeds=5)
    api.run([MyLoss(margin=2), "ns"], problems=[tensor, "ring"], network=MyPair(), evaluators=[my_metric])
    api.tune(["ns", "hinge"], trials=16)    # equal-budget search: the findings, and the records of the best settings
    api.leaderboard(problems=["ring"])      # a DataFrame, one line per row and metric
    print(api.compare("hinge", "ns"))       # better, worse, no difference shown, not enough seeds
    api.score(samples, problem="mnist")     # samples made elsewhere, and the controls
    api.records()                           # a DataFrame, one line per run
    api.report("report.html")

Records are in `results/runs`, as for the command line; `results=` sets another directory. Invalid arguments raise
`benchmark.errors.UserError`, a ValueError whose message says how to fix them.
"""

from __future__ import annotations

from benchmark.api.described import check, show
from benchmark.api.samples import generator, score
from benchmark.api.tables import Comparisons, compare, leaderboard, plot, records, report
from benchmark.api.training import run, tune

__all__ = [
    "Comparisons",
    "check",
    "compare",
    "generator",
    "leaderboard",
    "plot",
    "records",
    "report",
    "run",
    "score",
    "show",
    "tune",
]
