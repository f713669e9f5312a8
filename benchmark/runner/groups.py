"""Pack runs into groups of fixed composition, and find the groups that an earlier process left unfinished."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from benchmark.engine.group import VARYING, Varying
from benchmark.engine.memory import members_that_fit
from benchmark.engine.trial import settings_vary
from benchmark.problems import Data
from benchmark.runner.experiment import Experiment, Run
from benchmark.runner.plan import Plan
from benchmark.runner.request import Request
from benchmark.store import GROUPS, Record, canonical_json, identity_key, read_regular, write_atomically
from objectives.base import float_fields

MANIFEST, CHECKPOINT = "manifest.json", "checkpoint.pt"


@dataclass(frozen=True)
class Cohort:
    """Runs that train together, or the runs of one control."""

    runs: tuple[Run, ...]

    @property
    def experiment(self) -> Experiment:
        """Return what all members share."""
        return self.runs[0].experiment

    @property
    def varying(self) -> Varying:
        """Collect the hyper-parameters in which members differ."""
        objectives = [float_fields(run.experiment.objective) for run in self.runs]
        trainings = [{name: getattr(run.experiment.training, name) for name in VARYING} for run in self.runs]
        return Varying(_differing(objectives), _differing(trainings))

    @property
    def label(self) -> str:
        """Return a readable name for the group."""
        rows = list(dict.fromkeys(run.experiment.row for run in self.runs))
        more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
        return f"{self.experiment.problem.name} · {rows[0]}{more} x {len(self.runs)}"

    @property
    def manifest(self) -> dict[str, Any]:
        """Return the composition of the group: its members in order, and the arithmetic.

        The composition changes the rounding of float32 products, which training amplifies, but it is not part of a
        run's identity: seeds can be added, and recorded runs are never trained again.
        """
        return {
            "members": [run.key for run in self.runs],
            "seeds": [run.seed for run in self.runs],
            "arithmetic": dict(self.experiment.facts.get("arithmetic", {})),
        }

    @property
    def key(self) -> str:
        """Return the hash of the manifest."""
        return identity_key(self.manifest)

    def directory(self, root: Path) -> Path:
        """Return the directory of the group's manifest and checkpoint."""
        return root / GROUPS / self.key

    def write_manifest(self, root: Path) -> None:
        """Store the composition before the first step."""
        content = json.dumps(self.manifest, indent=1) + "\n"
        write_atomically(self.directory(root) / MANIFEST, content.encode())


def pack(
    planned: Plan, recorded: Mapping[str, object], root: Path, blocked: Collection[str] = frozenset()
) -> list[Cohort]:
    """Split the runs of a plan into groups of one shape, in its order, but for recorded and blocked ones, by key.

    An unfinished group is resumed unchanged, members on record included, if all its members are requested. One that
    has finished no member and is larger than the request allows is split, because it may not fit into memory.
    Whether an objective's settings can differ within a group is tested on the problem's data if a group needs it.
    """
    request, data = planned.request, planned.data
    runs = [run for run in planned.runs if run.key not in blocked]
    compatibility = Compatibility(data)
    groups = [
        group
        for group in unfinished(runs, recorded, root)
        if not _to_split(group, recorded, request) and compatibility.holds(group.runs)
    ]
    resumed = {run.key for group in groups for run in group.runs}
    by_shape: dict[str, list[Run]] = {}
    for run in runs:
        if run.key not in recorded and run.key not in resumed:
            by_shape.setdefault(run.experiment.shape, []).append(run)
    for same_shape in by_shape.values():
        size = group_size(same_shape[0].experiment, request, data)
        trainable_together = size == 1 or compatibility.holds(same_shape)
        for members in [same_shape] if trainable_together else by_settings(same_shape):
            groups += [Cohort(tuple(members[start : start + size])) for start in range(0, len(members), size)]
    order = {run.key: position for position, run in enumerate(runs)}
    return sorted(groups, key=lambda group: order[group.runs[0].key])


def group_size(experiment: Experiment, request: Request, data: Mapping[str, Data]) -> int:
    """Return how many members of an experiment train together: on CUDA, no more than fit into its free memory."""
    if experiment.alone is not None:
        return 1
    kind = request.device.split(":")[0]
    size = request.group_size or experiment.problem.group_size[kind]
    if request.group_size is not None or kind != "cuda" or experiment.objective is None:
        return size
    free, _ = torch.cuda.mem_get_info(request.device)
    training = data[experiment.problem.name].training
    return members_that_fit(experiment.problem, experiment.objective, experiment.training, size, training, free)


@dataclass
class Compatibility:
    """Whether runs of one shape can be members of one group, tested once for each shape."""

    data: Mapping[str, Data]
    tested: dict[str, bool] = field(default_factory=dict)

    def holds(self, runs: Sequence[Run]) -> bool:
        """Return whether runs of one shape can train as one group even if the settings of their objective differ."""
        experiment = runs[0].experiment
        if experiment.objective is None or len(by_settings(runs)) == 1:
            return True
        if experiment.shape not in self.tested:
            problem, objective, training = experiment.problem, experiment.objective, experiment.training
            self.tested[experiment.shape] = settings_vary(problem, objective, training, self.data[problem.name])
        return self.tested[experiment.shape]


def by_settings(runs: Sequence[Run]) -> list[list[Run]]:
    """Split runs by their objective's settings."""
    parts: dict[str, list[Run]] = {}
    for run in runs:
        parts.setdefault(canonical_json(run.experiment.facts.get("objective")), []).append(run)
    return list(parts.values())


def unfinished(runs: Sequence[Run], recorded: Mapping[str, object], root: Path) -> list[Cohort]:
    """Return the unfinished groups under `root` whose members are all among `runs`, from their manifests."""
    by_key = {run.key: run for run in runs}
    groups: list[Cohort] = []
    taken: set[str] = set()
    for path in sorted(root.glob(f"{GROUPS}/*/{MANIFEST}")):
        members = _members(path)
        known = bool(members) and all(key in by_key and key not in taken for key in members)
        if known and any(key not in recorded for key in members):
            group = Cohort(tuple(by_key[key] for key in members))
            if group.key == path.parent.name:  # else the file was changed or moved
                groups.append(group)
                taken |= set(members)
    return groups


def clear_finished(recorded: Mapping[str, object], root: Path) -> None:
    """Remove checkpoints of finished groups that an interrupted process left behind."""
    for path in root.glob(f"{GROUPS}/*/{CHECKPOINT}"):
        members = _members(path.with_name(MANIFEST))
        if members and all(key in recorded for key in members):
            with suppress(OSError):  # another user's, or removed meanwhile
                path.unlink()


def _to_split(group: Cohort, recorded: Mapping[str, object], request: Request) -> bool:
    records = (recorded.get(run.key) for run in group.runs)
    finished = any(isinstance(record, Record) and record.group.get("key") == group.key for record in records)
    return len(group.runs) > (request.group_size or len(group.runs)) and not finished


def _differing(rows: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    return {name: [row[name] for row in rows] for name in rows[0] if len({row[name] for row in rows}) > 1}


def _members(path: Path) -> list[str]:
    try:
        members = json.loads(read_regular(path))["members"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []
    return members if isinstance(members, list) and all(isinstance(key, str) for key in members) else []
