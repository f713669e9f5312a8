"""Blocks: drawing and stepping as one function, and its recording, change no bit and touch no host."""

from __future__ import annotations

import dataclasses
import logging

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_leaves, tree_map

from benchmark.engine import loop
from benchmark.engine.blocks import block
from benchmark.engine.dynamics import DYNAMICS
from benchmark.engine.loop import advance, feed
from benchmark.engine.program import straighten
from objectives import OBJECTIVES
from tests.benchmark.builders import POINTS, group
from tests.benchmark.builders_of_teams import team


class Tape:
    """A fake CUDA graph: recording stores the work and, as the warm-up does, writes its buffers."""

    made: int = 0

    def __init__(self):
        Tape.made += 1

    def record(self, work):
        """Carry the work out once and keep it."""
        self.work = work
        work()

    def replay(self):
        """Carry the work out on the same buffers."""
        self.work()


def identical(one, other):
    """Return whether two trees hold the same bits, NaN included."""
    pairs = zip(tree_leaves(one), tree_leaves(other), strict=True)
    return all(torch.equal(a.nan_to_num(nan=-7.0), b.nan_to_num(nan=-7.0)) for a, b in pairs)


CASES = [(spec, "alternating") for spec in OBJECTIVES] + [("ns+r1", name) for name in DYNAMICS]


def members_of(spec, dynamics):
    """Form two float32 members of a game."""
    return team(dynamics, spec, seeds=[0, 1], data=POINTS.float(), ema_decay=0.9)


@pytest.mark.parametrize(("spec", "dynamics"), CASES)
def test_a_block_equals_its_steps_to_the_bit(spec, dynamics):
    """Three iterations as one function of (state, first iteration) are those of the loop, from iteration 4 on."""
    members = members_of(spec, dynamics)
    start, batches = members.start(), list(feed(members, 4, 7))
    stepped = start
    for batch in batches:
        stepped, terms = members.step(stepped, batch)
    assert identical(block(members, members.step, 3)(start, torch.tensor(4)), (stepped, terms))


@pytest.mark.parametrize(
    ("spec", "dynamics"), [("began", "alternating"), *(("hinge+lecam", name) for name in DYNAMICS)]
)
def test_replayed_blocks_equal_single_steps_to_the_bit(spec, dynamics, monkeypatch):
    """Whatever the stops, replays on shared buffers give the traced step's own bits, and a resumed run's too."""
    monkeypatch.setattr(loop, "TRACE_FROM", 1)
    members = dataclasses.replace(team(dynamics, spec, seeds=[0, 1], data=POINTS.float(), iterations=21), batch=8)
    single = {position.iteration: position for position in advance(members, members.start())}
    whole = list(advance(members, members.start(), stops=(1, 9, 12), graph=Tape))
    assert [position.iteration for position in whole] == [1, 9, 10, 11, 12, 20, 21]
    assert all(identical(position[1:], single[position.iteration][1:]) for position in whole)
    middle = whole[2]
    if dynamics != "alternating":  # where a run resumes does not depend on them
        return
    resumed = list(advance(members, middle.state, middle.iteration, stops=(9, 14), graph=Tape))
    assert [position.iteration for position in resumed] == [11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]
    assert all(identical(position[1:], single[position.iteration][1:]) for position in resumed)


def test_a_step_that_cannot_be_recorded_is_executed_with_one_warning(caplog):
    """A graph that raises does not change the run."""

    class Refusing(Tape):
        def record(self, work):
            raise RuntimeError("operation not permitted when stream is capturing\nand more")

    members = group(data=POINTS.float(), iterations=4)
    with caplog.at_level(logging.WARNING):
        positions = list(advance(members, members.start(), graph=Refusing))
    assert [position.iteration for position in positions] == [1, 2, 3, 4]
    assert [record.getMessage() for record in caplog.records] == [
        "A step cannot be recorded as a CUDA graph, so its kernels are launched one by one: "
        "operation not permitted when stream is capturing"
    ]


class DeviceOnly(TorchDispatchMode):
    """Refuse what a captured graph forbids: values read by the host, and host tensors that are no constants."""

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        assert function is not torch.ops.aten._local_scalar_dense.default, "a value is read by the host"
        result = function(*args, **(kwargs or {}))
        for leaf in tree_flatten(result)[0]:
            if isinstance(leaf, torch.Tensor) and leaf.device.type != "meta":
                assert leaf.dim() == 0, f"{function} makes a host tensor of shape {tuple(leaf.shape)}"
        return result


@pytest.mark.parametrize(("spec", "dynamics"), CASES)
def test_a_block_stays_on_its_device(spec, dynamics):
    """With everything on `meta` a block reads no value and makes no tensor on the host but scalar constants."""
    members, meta = members_of(spec, dynamics), torch.device("meta")
    state = tree_map(lambda t: t.to(meta), members.start())
    play = dataclasses.replace(members.play, data=members.play.data.to(meta))
    there = dataclasses.replace(members, play=play, roots=members.roots.to(meta))
    with DeviceOnly():
        after, terms = block(there, there.step, 2)(state, torch.zeros((), dtype=torch.int64, device=meta))
    assert {leaf.device.type for leaf in tree_leaves((after, terms))} == {"meta"}


@pytest.mark.parametrize("spec", OBJECTIVES)
def test_a_block_needs_no_values(spec):
    """A block runs on tensors without values, so that no branch of it can depend on one."""
    members = members_of(spec, "alternating")
    state = members.start()
    with FakeTensorMode() as mode:
        fake = tree_map(mode.from_tensor, state)
        play = dataclasses.replace(members.play, data=mode.from_tensor(members.play.data))
        there = dataclasses.replace(members, play=play, roots=mode.from_tensor(members.roots))
        after, _ = block(there, there.step, 2)(fake, mode.from_tensor(torch.zeros((), dtype=torch.int64)))
    assert [leaf.shape for leaf in tree_leaves(after)] == [leaf.shape for leaf in tree_leaves(state)]


def test_a_traced_block_is_a_whole_number_of_steps():
    """A block of a straightened step gives the straightened step's bits."""
    members = members_of("wgan-gp", "alternating")
    start, batches = members.start(), list(feed(members, 0, 3))
    step, stepped = straighten(members.step, start, batches[0]), start
    for batch in batches:
        stepped, terms = step(stepped, batch)
    assert identical(block(members, step, 3)(start, torch.tensor(0)), (stepped, terms))
