"""What the tests of the commands share: a typed command line, and records made by hand."""

from __future__ import annotations

import math
import sys

import pytest

from benchmark.cli.app import main
from benchmark.store import CURVE, End, Record, RecordedScore, curve_bytes, identity_key, write_record

HOSTILE = ["", " ", "\x1b[31mred\x1b[0m", "a\r\nb\x07", "[bold red]x[/]", "x" * 100_000, "\udcff", "a\0b", "‮ns"]


@pytest.fixture
def type_in(monkeypatch, capsys):
    """Return a function that types a command line and returns its exit code, stdout and stderr."""
    monkeypatch.setattr("benchmark.runner.progress.NOTICED", math.inf)  # else a busy machine adds how long data took

    def typed(*words):
        monkeypatch.setattr(sys, "argv", ["gan-bench", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            main()
        out = capsys.readouterr()
        return left.value.code or 0, out.out, out.err

    return typed


def is_one_sentence(code, out, err):
    """Tell a user's mistake: exit code 2, one short printable line on stderr, nothing on stdout, no traceback."""
    line = err.rstrip("\n")
    return code == 2 and out == "" and line.isprintable() and len(line) < 4000 and line.startswith("gan-bench: ")


def store(root, row, values, *, problem="ring", curve="hq_3std", kind="objective"):
    """Write a finished run for each value, seeds from 0, with a curve of ten points that ends at the value."""
    for seed, value in enumerate(values):
        identity = {"row": row, "seed": seed, "problem": problem}
        record = Record(
            key=identity_key(identity),
            kind=kind,
            problem=problem,
            row=row,
            track="shared" if kind == "objective" else None,
            seed=seed,
            identity=identity,
            comparable={"budget": 100} if kind == "objective" else {},
            end=End(state="ok"),
            headline=("hq_3std",),
            scores={
                "hq_3std": RecordedScore(value=float(value), direction="higher"),
                "reverse_kl": RecordedScore(value=1.0 - value, direction="lower"),
            },
        )
        points = (
            (10 * step, {curve: value * step / 10, "critic_loss": 1.0 / step, "generator_loss": 0.5})
            for step in range(1, 11)
        )
        (write_record(root, record) / CURVE).write_bytes(curve_bytes(points))


def stored(root):
    """Write three rows: `good` beats `ns` at every seed, and an oracle."""
    store(root, "ns", [0.50, 0.52, 0.48, 0.51, 0.49, 0.53])
    store(root, "good", [0.81, 0.82, 0.79, 0.80, 0.78, 0.84])
    store(root, "oracle", [0.99, 0.98], kind="control")
    return root
