"""Samples and generators from Python: score samples made elsewhere, and draw from generators that were kept."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from benchmark.api.arguments import listed, network_of, shown_by
from benchmark.leaderboard import frame, tables_with
from benchmark.runner.paths import RESULTS, cache_directory
from benchmark.runner.request import Request
from benchmark.store import Record

if TYPE_CHECKING:
    import pandas as pd

    from benchmark.runner.generators import TrainedGenerator


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
    progress: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Score samples made elsewhere, under a problem's protocol or against a reference, with the controls.

    Samples are a tensor, an array or a path, as for `gan-bench score`; a list holds one set per seed, starting at
    `seed`. With a `name` they are recorded as a submission. The columns are those of `leaderboard`.
    """
    from benchmark.engine.host import resolve_device
    from benchmark.runner.score import score_sets
    from benchmark.runner.scoring_task import reference_of

    request = Request(
        problems=() if problem is None else (problem,),
        objectives=(),
        seeds=(0,),
        device=resolve_device(device),
        data_directory=None if data_directory is None else Path(data_directory),
        features=network_of(features, weights, inception_weights, others=reference is not None),
        evaluators=listed(evaluators),
    )
    scored, controls = score_sets(
        samples if isinstance(samples, list | tuple) else [samples],
        reference_of(reference, features, count),
        request,
        Path(results),
        cache_directory(),
        shown_by(progress),
        name=name or "samples",
        seed=seed,
        layout=layout,
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

    return kept_generator(record, Path(results), cache_directory(), problem)
