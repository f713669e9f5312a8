"""Curves of a run."""

import pytest

from benchmark.store import CurveWriter, read_curve


def test_points_read_back(tmp_path):
    """What was appended is read, in order, and nothing else."""
    with CurveWriter(tmp_path / "run" / "curve.jsonl") as curve:
        curve.append(0, {"critic_loss": 1.5})
        curve.append(10, {"critic_loss": 1.25, "modes": 8})
    found = read_curve(tmp_path / "run" / "curve.jsonl")
    assert found.points == ({"iteration": 0, "critic_loss": 1.5}, {"iteration": 10, "critic_loss": 1.25, "modes": 8})
    assert found.bad_lines == 0


def test_a_torn_line_costs_one_point(tmp_path):
    """After a death in the middle of a line the next writer starts a new one, and only the torn point is lost."""
    path = tmp_path / "curve.jsonl"
    path.write_bytes(b'{"iteration": 0, "loss": 1.0}\n{"iteration": 1, "lo')
    with CurveWriter(path) as curve:
        curve.append(1, {"loss": 2.0})
    found = read_curve(path)
    assert [point["loss"] for point in found.points] == [1.0, 2.0]
    assert found.bad_lines == 1


def test_a_resumed_run_repeats_without_doubling(tmp_path):
    """Iterations run again after a resume replace those of before the death."""
    path = tmp_path / "curve.jsonl"
    for first in (0, 2):
        with CurveWriter(path) as curve:
            for iteration in range(first, 4):
                curve.append(iteration, {"start": first})
    assert [(point["iteration"], point["start"]) for point in read_curve(path).points] == [
        (0, 0),
        (1, 0),
        (2, 2),
        (3, 2),
    ]


def test_values_that_are_not_finite_are_null(tmp_path):
    """A diverging loss is written as null, and the line stays JSON."""
    with CurveWriter(tmp_path / "curve.jsonl") as curve:
        curve.append(3, {"loss": float("nan"), "norm": float("inf")})
    assert read_curve(tmp_path / "curve.jsonl").points == ({"iteration": 3, "loss": None, "norm": None},)


@pytest.mark.parametrize(
    "line", [b"[]", b"{}", b'{"iteration": 1.5}', b'{"iteration": 1, "x": NaN}', b"\xff", b"[" * 99999]
)
def test_bad_lines_are_counted(tmp_path, line):
    """A line that is no point is skipped and counted."""
    (tmp_path / "curve.jsonl").write_bytes(line + b'\n{"iteration": 7}\n\n')
    found = read_curve(tmp_path / "curve.jsonl")
    assert (len(found.points), found.bad_lines) == (1, 1)


def test_no_file_is_no_points(tmp_path):
    """A run that wrote no curve has an empty one."""
    assert read_curve(tmp_path / "curve.jsonl").points == ()
