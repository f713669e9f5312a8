"""Training from Python: run objectives, and tune their settings."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from benchmark.api.arguments import listed, names_of, network_of, seeds_of, shown_by
from benchmark.runner.paths import RESULTS, cache_directory
from benchmark.runner.request import DEFAULT_PROBLEMS, Amount, Request, Track, chosen_budget, parse_budget
from benchmark.store import Record

if TYPE_CHECKING:
    from benchmark.tune.tune import Tuned


def run(
    objectives: Any,
    *,
    problems: Any = DEFAULT_PROBLEMS,
    seeds: int | str | Sequence[int] = 5,
    track: Track = "shared",
    settings: Mapping[str, Any] | None = None,
    budget: Amount | None = None,
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
    progress: Callable[[str], None] | None = None,
) -> list[Record]:
    """Train objectives on problems over seeds and return their records; existing runs are reused.

    An objective is its name, an `Objective` or a subclass of it. A problem is a name, a `Problem`, samples (a tensor
    or an array, see `benchmark.problems.from_samples`), a torch `Dataset`, or a class or function that returns one of
    these. `network` is a name, or a class or instance with `generator(shape)` and `critic(shape)`; an evaluator is a
    name, an `Evaluator`, or a function `(samples, truth, generator) -> {name: value}`. Pass several as a list. Code
    defined in a notebook is identified by its source; without a source, its runs are never reused.

    Seeds are a number, a list, or text as on the command line (`"0:3,17"`). `budget` is in gradient evaluations:
    `"quick"` (the default), `"full"`, or a number. `settings` are those of `--set`, and `data_directory` is searched
    first. With `features`, the name of a published network such as `dinov2`, and `weights`, its file, images are
    scored on its features; `inception_weights` is the file of the FID Inception network. With `keep_generators` the
    weights are saved, see `generator`. `progress` is called with messages: what is loaded, how far a group is, and
    how many seconds it took.
    """
    from benchmark.engine.host import resolve_device
    from benchmark.networks.outside import given_network
    from benchmark.runner.run import execute
    from objectives.outside import given_objective

    request = Request(
        problems=listed(problems),
        objectives=tuple(given_objective(one) for one in listed(objectives)),
        seeds=seeds_of(seeds),
        track=track,
        overrides={name: str(value) for name, value in (settings or {}).items()},
        budget=chosen_budget(budget, iterations) or "quick",
        iterations=iterations,
        network=given_network(network),
        data_directory=None if data_directory is None else Path(data_directory),
        features=network_of(features, weights, inception_weights),
        evaluators=listed(evaluators),
        device=resolve_device(device),
        pictures=pictures,
        keep_generators=keep_generators,
        log_to=names_of(log_to),
    )
    outcome = execute(request, Path(results), cache_directory(), shown_by(progress))
    for fault in outcome.faults:
        warnings.warn(fault, stacklevel=2)
    if outcome.unfinished:
        warnings.warn(f"{outcome.unfinished} runs are not finished; repeat the call to resume them.", stacklevel=2)
    return list(outcome.records)


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
    budget: Amount | None = None,
    trial_budget: Amount | None = None,
    iterations: int | None = None,
    device: str = "auto",
    results: Path | str = RESULTS,
    progress: Callable[[str], None] | None = None,
) -> Tuned:
    """Tune every objective with the same number of trials, and run the best of each on unseen seeds and data.

    The findings contain all trials, the expected best score of k trials, and the fractions of each space that are good
    or fail; the records are those of the track `tuned`. Arguments are the options of `gan-bench tune`. Needs Optuna.
    """
    from benchmark.engine.host import resolve_device
    from benchmark.tune.tune import tune as tuned_by
    from benchmark.tune.tuning import Tuning

    request = Request(
        problems=names_of(problems),
        objectives=names_of(objectives),
        seeds=seeds_of(seeds),
        budget=chosen_budget(budget, iterations) or "quick",
        iterations=iterations,
        device=resolve_device(device),
    )
    shorter = None if trial_budget is None else parse_budget(str(trial_budget))
    tuning = Tuning(request, trials, sampler, ranges, selection_seeds, search_seed, metric, shorter)
    found = tuned_by(tuning, Path(results), cache_directory(), shown_by(progress))
    for fault in found.faults:
        warnings.warn(fault, stacklevel=2)
    return found
