"""Curves of a run."""

import json

import pytest

from benchmark.store import curve_bytes, read_curve


def test_points_read_back(tmp_path):
    """What was written is read, in order, and nothing else."""
    content = curve_bytes([(0, {"critic_loss": 1.5}), (10, {"critic_loss": 1.25, "modes": 8})])
    (tmp_path / "curve.jsonl").write_bytes(content)
    found = read_curve(tmp_path / "curve.jsonl")
    assert found.points == ({"iteration": 0, "critic_loss": 1.5}, {"iteration": 10, "critic_loss": 1.25, "modes": 8})
    assert found.bad_lines == 0


def test_a_torn_line_costs_one_point(tmp_path):
    """Where a file ends in half a line, only that point is lost, and it is counted."""
    path = tmp_path / "curve.jsonl"
    path.write_bytes(b'{"iteration": 0, "loss": 1.0}\n{"iteration": 1, "lo')
    found = read_curve(path)
    assert [point["loss"] for point in found.points] == [1.0]
    assert found.bad_lines == 1


def test_of_several_points_the_last_counts(tmp_path):
    """Where an iteration stands twice, as after two curves were put together, it counts once."""
    path = tmp_path / "curve.jsonl"
    path.write_bytes(curve_bytes((at, {"start": first}) for first in (0, 2) for at in range(first, 4)))
    points = read_curve(path).points
    assert [(point["iteration"], point["start"]) for point in points] == [(0, 0), (1, 0), (2, 2), (3, 2)]


def test_values_that_are_not_finite_are_null(tmp_path):
    """A diverging loss is written as null, and the line stays JSON."""
    content = curve_bytes([(3, {"loss": float("nan"), "norm": float("inf")})])
    (tmp_path / "curve.jsonl").write_bytes(content)
    assert read_curve(tmp_path / "curve.jsonl").points == ({"iteration": 3, "loss": None, "norm": None},)


@pytest.mark.parametrize(
    "line", [b"[]", b"{}", b'{"iteration": 1.5}', b'{"iteration": 1, "x": NaN}', b"\xff", b"[" * 99999]
)
def test_bad_lines_are_counted(tmp_path, line):
    """A line that is no point is skipped and counted."""
    (tmp_path / "curve.jsonl").write_bytes(line + b'\n{"iteration": 7}\n\n')
    found = read_curve(tmp_path / "curve.jsonl")
    assert (len(found.points), found.bad_lines) == (1, 1)


def test_a_thinned_curve_counts_what_it_leaves_out(tmp_path):
    """Every third point and those that hold a value; lines that cannot be points are counted wherever they are."""
    lines = [json.dumps({"iteration": at} | ({"modes": at} if at == 4 else {})) for at in range(9)]
    lines[3] = lines[3][:-2]
    (tmp_path / "curve.jsonl").write_text("\n".join(lines))
    found, whole = read_curve(tmp_path / "curve.jsonl", ["modes"], 3), read_curve(tmp_path / "curve.jsonl")
    assert [point["iteration"] for point in found.points] == [2, 4, 5, 8]
    assert found.bad_lines == whole.bad_lines == 1
    assert len(whole.points) == 8
