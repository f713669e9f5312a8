"""Pack runs into groups: members of one subject, in chunks of the problem's group size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from benchmark.runner.plan import Run, Subject
from benchmark.runner.request import Request
from benchmark.store import identity_key


@dataclass(frozen=True)
class GroupPlan:
    """Runs that train together, or the runs of one control."""

    runs: tuple[Run, ...]

    @property
    def subject(self) -> Subject:
        """Give what all members share."""
        return self.runs[0].subject

    @property
    def manifest(self) -> dict[str, Any]:
        """List the members in order: a group's composition may move a float32 run's last bits."""
        return {"members": [run.key for run in self.runs], "seeds": [run.seed for run in self.runs]}

    @property
    def key(self) -> str:
        """Give the hash of the manifest."""
        return identity_key(self.manifest)


def pack(runs: Sequence[Run], request: Request) -> list[GroupPlan]:
    """Split runs, in the order of the plan, into groups."""
    groups = []
    for _, members in groupby(runs, key=lambda run: id(run.subject)):
        same = list(members)
        size = request.group_size or same[0].subject.problem.group_size[request.device.split(":")[0]]
        groups += [GroupPlan(tuple(same[start : start + size])) for start in range(0, len(same), size)]
    return groups
