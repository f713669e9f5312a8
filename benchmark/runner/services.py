"""Trackers for Weights & Biases and MLflow: one run there for each run here.

Both are configured by their own environment variables. Without a server, `WANDB_MODE=offline` and MLflow's default
write files, which can be uploaded later.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from benchmark.runner.pictures import portrait
from benchmark.store import Record

if TYPE_CHECKING:
    from benchmark.runner.trackers import Started

PROJECT = "gan-bench"
LONGEST = 500  # characters of a setting that MLflow stores
KEY = "gan_bench.key"


class WeightsAndBiases:
    """Sends a run to Weights & Biases, or with WANDB_MODE=offline writes it next to its record."""

    def start(self, run: Started) -> None:
        """Open the run with our key as its id, or resume it."""
        import wandb

        run.directory.mkdir(parents=True, exist_ok=True)
        self._title = _title(run)
        self._run: Any = wandb.init(
            project=os.environ.get("WANDB_PROJECT", PROJECT),
            group=f"{run.problem} {run.row}",
            name=self._title,
            id=run.key,
            resume="allow",
            config=dict(run.identity),
            dir=str(run.directory),
            reinit="create_new",  # members of a group are tracked at the same time
            settings=wandb.Settings(silent=True),
        )

    def step(self, iteration: int, values: Mapping[str, float]) -> None:
        """Add a point to each curve."""
        self._run.log({f"training/{name}": value for name, value in values.items()}, step=iteration)

    def samples(self, samples: NDArray[Any]) -> None:
        """Add a picture of the samples."""
        import wandb

        self._run.log({"samples": wandb.Image(_picture(self._title, samples))})

    def evaluation(self, scores: Mapping[str, float]) -> None:
        """Set the final scores."""
        self._run.summary.update({f"final/{name}": value for name, value in scores.items()})

    def end(self, record: Record | None) -> None:
        """Record the end state and close the run."""
        if record is not None:
            self._run.summary["end"] = record.end.state
        self._run.finish(exit_code=0 if record is not None and record.end.state == "ok" else 1)


class MLflow:
    """Sends a run to the MLflow server at MLFLOW_TRACKING_URI, or writes it to MLflow's default place."""

    def start(self, run: Started) -> None:
        """Open a run, or resume the one with our key as a tag."""
        from mlflow import MlflowClient

        self._title = _title(run)
        self._client: Any = MlflowClient()
        experiment = self._client.get_experiment_by_name(PROJECT)
        identity = self._client.create_experiment(PROJECT) if experiment is None else experiment.experiment_id
        known = self._client.search_runs([identity], f"tags.`{KEY}` = '{run.key}'", max_results=1)
        if known:
            self._id = known[0].info.run_id
            self._client.update_run(self._id, status="RUNNING")
            return
        self._id = self._client.create_run(identity, run_name=self._title, tags={KEY: run.key}).info.run_id
        for name, value in _leaves(run.identity):
            self._client.log_param(self._id, name, value[:LONGEST])

    def step(self, iteration: int, values: Mapping[str, float]) -> None:
        """Add a point to each curve."""
        for name, value in values.items():
            self._client.log_metric(self._id, f"training/{name}", value, step=iteration)

    def samples(self, samples: NDArray[Any]) -> None:
        """Add a picture of the samples."""
        self._client.log_image(self._id, _picture(self._title, samples), "samples.png")

    def evaluation(self, scores: Mapping[str, float]) -> None:
        """Add the final scores."""
        for name, value in scores.items():
            self._client.log_metric(self._id, f"final/{name}", value)

    def end(self, record: Record | None) -> None:
        """Set the status: finished, failed with our end state as a tag, or killed if it will be resumed."""
        if record is None:
            self._client.set_terminated(self._id, "KILLED")
            return
        self._client.set_tag(self._id, "end", record.end.state)
        self._client.set_terminated(self._id, "FINISHED" if record.end.state == "ok" else "FAILED")


def _title(run: Started) -> str:
    return f"{run.problem} {run.row} seed {run.seed}"


def _picture(title: str, samples: NDArray[Any]) -> Any:
    from PIL import Image

    return Image.open(io.BytesIO(portrait(title, samples)))


def _leaves(value: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, str]]:
    for name, content in value.items():
        if isinstance(content, Mapping) and content:
            yield from _leaves(content, f"{place}{name}.")
        else:
            yield f"{place}{name}", str(content)
