"""How much memory a group needs: counted as it is held, without a device."""

from __future__ import annotations

import pytest
import torch

from benchmark.engine.memory import Peak, group_bytes, members_that_fit
from benchmark.problems import PROBLEMS, Training
from benchmark.runner import groups
from benchmark.runner.plan import plan
from benchmark.runner.request import Request
from objectives.spec import parse
from tests.benchmark.builders import POINTS

RING = PROBLEMS["ring"]
MEBI = 1 << 20


def test_the_peak_is_what_is_held_at_once():
    """Views cost nothing, what is dropped is given back, and the most of all moments counts."""
    with Peak() as peak:
        first = torch.empty(MEBI, dtype=torch.uint8, device="meta")
        second = first + 1
        view = second[: MEBI // 2]
        assert (peak.live, peak.most) == (2 * MEBI, 2 * MEBI)
        del first
        assert (peak.live, peak.most) == (MEBI, 2 * MEBI)
        third = torch.empty(3 * MEBI, dtype=torch.uint8, device="meta")
    assert (peak.live, peak.most) == (4 * MEBI, 4 * MEBI)
    assert view.shape[0] + third.shape[0] > 0


@pytest.mark.parametrize("spec", ["ns", "wgan-gp", "mmd"])
def test_memory_grows_by_the_member(spec):
    """Eight members need four times what two do, within the share that all of them have in common."""
    two, eight = (group_bytes(RING, parse(spec), RING.training, members, POINTS.float()) for members in (2, 8))
    assert eight == pytest.approx(4 * two, rel=0.05)


def test_as_many_members_as_fit_and_at_least_one():
    """Memory for three and a half members takes three, and for none still one."""
    objective, training = parse("ns"), Training(batch=64)
    one = group_bytes(RING, objective, training, 1, POINTS)
    two = group_bytes(RING, objective, training, 2, POINTS)
    room = POINTS.nbytes + one + int(2.5 * (two - one))
    assert members_that_fit(RING, objective, training, 10, POINTS, room) == 3
    assert members_that_fit(RING, objective, training, 2, POINTS, room) == 2
    assert members_that_fit(RING, objective, training, 10, POINTS, 0) == 1


def test_a_group_larger_than_the_device_is_split(monkeypatch, tmp_path):
    """On CUDA the planner uses the free memory; a requested size is unchanged."""
    asked = Request(problems=["ring"], objectives=["ns"], seeds=range(5), device="cpu")
    planned = plan(asked, tmp_path)
    experiment = next(run.experiment for run in planned.runs if run.experiment.objective is not None)
    free = planned.data["ring"].training.nbytes + int(
        2.5 * group_bytes(experiment.problem, experiment.objective, experiment.training, 1, POINTS.float())
    )
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (free, free))
    there = Request(problems=["ring"], objectives=["ns"], seeds=range(5), device="cuda")
    assert groups.group_size(experiment, there, planned.data) == 2
    sized = Request(problems=["ring"], objectives=["ns"], seeds=range(5), device="cuda", group_size=5)
    assert groups.group_size(experiment, sized, planned.data) == 5
    assert groups.group_size(experiment, asked, planned.data) == experiment.problem.group_size["cpu"]
