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

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from benchmark.errors import UserError
from benchmark.leaderboard import Comparison, at_budget, comparisons_text, frame, tables
from benchmark.leaderboard import beside as _stand_beside
from benchmark.leaderboard import compare_each as _compare_each
from benchmark.store import Record, read_all, write_atomically
from objectives.foundation.names import quote, resolve

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from benchmark.problems import NetworkFile
    from benchmark.problems.describe import ProblemDescription
    from benchmark.runner.generators import TrainedGenerator
    from benchmark.runner.progress import Progress
    from benchmark.tune.tune import Tuned
    from objectives.describe import Description
    from objectives.laws.verdict import Checked

RESULTS = Path("results") / "runs"
PROBLEMS = ("ring", "grid", "digits")
TOLD_EVERY = 5.0  # seconds between two sentences on how far one group is

Track = Literal["shared", "paper"]


@dataclass(frozen=True)
class Comparisons:
    """The result of a comparison; prints as on the command line."""

    found: tuple[Comparison, ...]

    def __str__(self) -> str:
        return comparisons_text(self.found)

    def _repr_html_(self) -> str:
        """Return HTML for notebooks: one line per table and row, with the numbers collapsed."""
        head = "<tr><th>table</th><th>metric</th><th>rows</th><th>verdict</th><th>why</th></tr>"
        lines = [
            (one.caption, one.metric, f"{one.a.label} against {one.b.label}", one.verdict.word, one.verdict.why)
            for one in self.found
        ]
        rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in line) + "</tr>" for line in lines)
        details = f"<details><summary>all numbers</summary><pre>{escape(str(self))}</pre></details>"
        return f"<table>{head}{rows}</table>{details}"

    @property
    def verdicts(self) -> dict[tuple[str, str], str]:
        """Return the word of each verdict, keyed by table and the other row."""
        return {(one.caption, one.b.label): one.verdict.word for one in self.found}


def run(
    objectives: Any,
    *,
    problems: Any = PROBLEMS,
    seeds: int | str | Sequence[int] = 5,
    track: Track = "shared",
    settings: Mapping[str, Any] | None = None,
    budget: Literal["quick", "full"] | int = "quick",
    iterations: int | None = None,
    network: Any = None,
    data_directory: Path | str | None = None,
    features: str | None = None,
    weights: Path | str | None = None,
    inception_weights: Path | str | None = None,
    evaluators: Any = (),
    device: str = "auto",
    log_to: Sequence[str] = (),
    pictures: bool = True,
    keep_generators: bool = False,
    results: Path | str = RESULTS,
    told: Callable[[str], None] | None = None,
) -> list[Record]:
    """Train objectives on problems over seeds and return their records; existing runs are reused.

    An objective is its name, an `Objective` or a subclass of it. A problem is a name, a `Problem`, samples (a tensor
    or an array, see `benchmark.problems.from_samples`), a torch `Dataset`, or a class or function that returns one of
    these. `network` is a name, or a class or instance with `generator(shape)` and `critic(shape)`; an evaluator is a
    name, an `Evaluator`, or a function `(samples, truth, generator) -> {name: value}`. Pass several as a list. Code
    defined in a notebook is identified by its source; without a source, its runs are never reused.

    Seeds are a number, a list, or text as on the command line (`"0:3,17"`). `budget` is in gradient
    evaluations: `"quick"`, `"full"`, or a number. `settings` are those of `--set`, and `data_directory` is searched
    first. With `features`, the name of a published network such as `dinov2`, and `weights`, its file, images are
    scored on its features; `inception_weights` is the file of the FID Inception network. With `keep_generators` the
    weights are saved, see `generator`. `told` is called with progress messages: what is loaded, how far a group is,
    and how many seconds it took.
    """
    from benchmark.engine.host import resolve_device
    from benchmark.networks.outside import given_network
    from benchmark.runner.paths import cache_directory
    from benchmark.runner.request import Request
    from benchmark.runner.run import execute
    from objectives.outside import given_objective

    request = Request(
        problems=_listed(problems),
        objectives=tuple(given_objective(one) for one in _listed(objectives)),
        seeds=_seeds(seeds),
        track=track,
        overrides={name: str(value) for name, value in (settings or {}).items()},
        budget=budget,
        iterations=iterations,
        network=given_network(network),
        data_directory=None if data_directory is None else Path(data_directory),
        features=_network(features, weights, inception_weights),
        evaluators=_listed(evaluators),
        device=resolve_device(device),
        pictures=pictures,
        keep_generators=keep_generators,
        log_to=_names(log_to),
    )
    outcome = execute(request, Path(results), cache_directory(), _in_sentences(told))
    for fault in outcome.faults:
        warnings.warn(fault, stacklevel=2)
    if outcome.unfinished:
        warnings.warn(f"{outcome.unfinished} runs are not finished; repeat the call to resume them.", stacklevel=2)
    return list(outcome.records)


def score(
    samples: Any,
    *,
    problem: Any = None,
    reference: Any = None,
    features: str | None = None,
    evaluators: Any = (),
    count: int | None = None,
    layout: Literal["NCHW", "NHWC"] | None = None,
    name: str | None = None,
    seed: int = 0,
    data_directory: Path | str | None = None,
    weights: Path | str | None = None,
    inception_weights: Path | str | None = None,
    device: str = "auto",
    results: Path | str = RESULTS,
    told: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Score samples made elsewhere, under a problem's protocol or against a reference, with the controls.

    Samples are a tensor, an array or a path, as for `gan-bench score`; a list holds one set per seed, starting at
    `seed`. With a `name` they are recorded as a submission. The columns are those of `leaderboard`.
    """
    from benchmark.engine.host import resolve_device
    from benchmark.leaderboard import tables_with
    from benchmark.runner.paths import cache_directory
    from benchmark.runner.request import Request
    from benchmark.runner.score import Against, score_sets

    request = Request(
        problems=() if problem is None else (problem,),
        objectives=(),
        seeds=(0,),
        device=resolve_device(device),
        data_directory=None if data_directory is None else Path(data_directory),
        features=_network(features, weights, inception_weights, others=reference is not None),
        evaluators=_listed(evaluators),
    )
    scored, controls = score_sets(
        samples if isinstance(samples, list | tuple) else [samples],
        Against(reference, features, count, layout),
        request,
        Path(results),
        cache_directory(),
        _in_sentences(told),
        name=name or "samples",
        seed=seed,
        recorded=name is not None,
    )
    for caution in dict.fromkeys(caution for one in scored for caution in one.cautions):
        warnings.warn(caution, stacklevel=2)
    return frame(tables_with([one.record for one in scored], controls))


def generator(record: Record, *, results: Path | str = RESULTS, problem: Any = None) -> TrainedGenerator:
    """Return the generator of a run made with `keep_generators`: `network`, `noise`, `sample(count)`, `observed(σ)`.

    A conditional generator takes labels, `sample(100, labels=3)`, and has `classes` of them. `problem` is required if
    it is named by its content: pass the samples, their file or their folder.
    """
    from benchmark.runner.generators import kept_generator
    from benchmark.runner.paths import cache_directory

    return kept_generator(record, Path(results), cache_directory(), problem)


def tune(
    objectives: Sequence[str],
    *,
    problems: Sequence[str] = ("ring",),
    trials: int = 32,
    sampler: Literal["random", "tpe", "qmc"] = "random",
    ranges: Literal["default", "wide", "narrow"] = "default",
    selection_seeds: int = 2,
    search_seed: int = 0,
    metric: str | None = None,
    seeds: int | str | Sequence[int] = 5,
    budget: Literal["quick", "full"] | int = "quick",
    trial_budget: Literal["quick", "full"] | int | None = None,
    iterations: int | None = None,
    device: str = "auto",
    results: Path | str = RESULTS,
    told: Callable[[str], None] | None = None,
) -> Tuned:
    """Tune every objective with the same number of trials, and run the best of each on unseen seeds and data.

    The findings contain all trials, the expected best score of k trials, and the fractions of each space that are good
    or fail; the records are those of the track `tuned`. Arguments are the options of `gan-bench tune`. Needs Optuna.
    """
    from benchmark.engine.host import resolve_device
    from benchmark.runner.paths import cache_directory
    from benchmark.runner.request import Request
    from benchmark.tune.tune import tune as tuned_by
    from benchmark.tune.tuning import Tuning

    request = Request(
        problems=_names(problems),
        objectives=_names(objectives),
        seeds=_seeds(seeds),
        budget=budget,
        iterations=iterations,
        device=resolve_device(device),
    )
    tuning = Tuning(request, trials, sampler, ranges, selection_seeds, search_seed, metric, trial_budget)
    return tuned_by(tuning, Path(results), cache_directory(), _in_sentences(told))


def records(results: Path | str = RESULTS, *, problems: Sequence[str] | None = None) -> pd.DataFrame:
    """Return all records: one line per run, one column per metric, NaN for missing scores.

    Columns: problem, row, kind, track, seed, state, key, group, device, cost and metrics. Scores of failed runs are
    included if they were computed; leaderboards use only runs whose state is ok.
    """
    import pandas as pd

    lines = [
        {
            "problem": record.problem,
            "row": record.row,
            "kind": record.kind,
            "track": record.track,
            "seed": record.seed,
            "state": record.end.state,
            "key": record.key,
            "group": record.group.get("key"),
            "device": record.compute.get("device"),
            **{name: amount for name, amount in record.compute.items() if isinstance(amount, int | float)},
            **{name: score.value for name, score in record.scores.items()},
        }
        for record in _read(results, problems)
    ]
    return pd.DataFrame(lines)


def leaderboard(
    results: Path | str = RESULTS,
    *,
    problems: Sequence[str] | None = None,
    metrics: Sequence[str] | None = None,
    budget: int | None = None,
    beside: Sequence[Path | str] | Path | str = (),
) -> pd.DataFrame:
    """Return the leaderboard, best rows first: one line per row and metric of each table.

    Only rows of the same `table` are comparable; `low` and `high` bound the 95 % Student-t interval of the mean over
    finished runs, and `share` is the mean share from untrained to oracle by the table's first metric. The default
    `metrics` are each problem's main ones; `["all"]` returns all. `budget` selects scores after this many gradient
    evaluations. `beside` adds the rows of other directories, at the budgets of `results` where possible.
    """
    return frame(tables(_read(results, problems, budget, beside), None if metrics is None else _names(metrics)))


def compare(
    a: str,
    *others: str,
    metric: str | None = None,
    results: Path | str = RESULTS,
    problems: Sequence[str] | None = None,
    budget: int | None = None,
    beside: Sequence[Path | str] | Path | str = (),
) -> Comparisons:
    """Compare one row with others over their common seeds, with Holm's correction and a verdict.

    `budget` compares scores after this many gradient evaluations; `beside` adds other directories of runs.
    """
    if not others:
        raise UserError("Name two rows to compare, such as compare('hinge', 'ns').")
    return Comparisons(tuple(_compare_each(_read(results, problems, budget, beside), a, others, metric)))


def report(
    file: Path | str = "report.html", results: Path | str = RESULTS, *, problems: Sequence[str] | None = None
) -> Path:
    """Write the report as one HTML file and return its path."""
    from benchmark.report import page

    write_atomically(Path(file), page(_read(results, problems), Path(results)).encode())
    return Path(file)


def check(objective: str) -> Checked:
    """Check an objective against its laws; return `as_expected`, `failed`, and each law's expectation and result."""
    from objectives.laws.verdict import checked
    from objectives.spec import parse

    return checked(objective, parse(objective))


def show(name: str) -> Description | ProblemDescription:
    """Return the description of an objective (equation, source, settings) or a problem (data, networks, budget)."""
    from benchmark.problems import ALL_PROBLEMS, any_problem, is_data_file
    from benchmark.problems.describe import describe as describe_problem
    from objectives.describe import describe

    if name in ALL_PROBLEMS or name.startswith("folder:") or is_data_file(name):
        return describe_problem(any_problem(name))
    return describe(name)


def plot(
    kind: Literal["heat", "ladder", "modes", "samples", "sweep"],
    results: Path | str = RESULTS,
    *,
    problems: Sequence[str] | None = None,
    theme: Literal["light", "dark"] = "light",
) -> list[Figure]:
    """Draw existing records and return matplotlib figures, one per track or table with the required data."""
    from benchmark.figures.style import THEMES
    from benchmark.figures.write import FIGURES

    draw = FIGURES[resolve(kind, FIGURES, "figure")]
    ground = THEMES[resolve(theme, THEMES, "theme")]
    return [drawing.figure for drawing in draw(tables(_read(results, problems)), Path(results), ground)]


def _in_sentences(told: Callable[[str], None] | None) -> Progress:
    from benchmark.runner.progress import Sentences, silent

    return silent() if told is None else Sentences(told, TOLD_EVERY)


def _read(
    results: Path | str,
    problems: Sequence[str] | None,
    budget: int | None = None,
    others: Sequence[Path | str] | Path | str = (),
) -> list[Record]:
    from benchmark.runner.paths import cache_directory

    own, *rest = (read_all(Path(directory), cache_directory())[0] for directory in (results, *_listed(others)))
    for directory, records in zip((results, *_listed(others)), (own, *rest), strict=True):
        if not records:
            raise UserError(f"There are no records in {quote(str(directory))}; make some with run(['ns']).")
    found = _stand_beside(own, [record for records in rest for record in records]) if rest else own
    if budget is not None:
        found = at_budget(found, budget)
    if problems is None:
        return found
    known = {record.problem for record in found}
    wanted = {resolve(name, known, "problem") for name in _names(problems)}
    return [record for record in found if record.problem in wanted]


def _names(names: Sequence[str]) -> tuple[str, ...]:
    """Return a single name as a list, so that a string is not read as a sequence of letters."""
    return (names,) if isinstance(names, str) else tuple(names)


def _network(
    features: str | None, weights: Path | str | None, inception_weights: Path | str | None, others: bool = False
) -> NetworkFile | None:
    from benchmark.problems import network_file

    file, inception = (None if path is None else Path(path) for path in (weights, inception_weights))
    return network_file(features, file, inception, others)


def _listed(given: Any) -> tuple[Any, ...]:
    """Return a list unchanged, or a single item as a list."""
    return tuple(given) if isinstance(given, list | tuple) else (given,)


def _seeds(seeds: int | str | Sequence[int]) -> tuple[int, ...]:
    from benchmark.runner.request import parse_seeds

    if isinstance(seeds, int | str):
        return parse_seeds(str(seeds))
    listed = [int(seed) for seed in seeds]
    if not listed:
        raise UserError("Name at least one seed.")
    return parse_seeds(",".join(f"{seed}:{seed + 1}" for seed in listed))
