"""An oracle that uses all its samples has one value in tables, whatever the number of seeds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from benchmark.leaderboard import tables
from benchmark.leaderboard.render_markdown import markdown
from benchmark.problems import PROBLEMS
from benchmark.runner.controls import control_samples
from benchmark.store import identity_key, read_all
from tests.benchmark.leaderboard_builders import control, run

STANDARD = Path(__file__).resolve().parents[2] / "results" / "standard"


def set_of(samples):
    """Return the rows of samples in an order of their own."""
    return sorted(map(tuple, samples.flatten(1).tolist()))


@pytest.mark.parametrize("name", ["oracle", "untrained", "kmeans", "gmm"])
def test_every_control_depends_on_the_seed(name):
    """Two seeds draw two sets, so both values count, except for an oracle that uses all its samples."""
    problem = PROBLEMS["digits"]
    data = problem.load(Path("none"))
    few = replace(data, training=data.training[:100])
    first, second = (control_samples(name, problem, few, seed, 80) for seed in (0, 1))
    assert set_of(first) != set_of(second)
    if name == "oracle":
        first, second = (control_samples(name, problem, few, seed, 1_000) for seed in (0, 1))
        assert set_of(first) == set_of(second) == set_of(few.training)
        assert not torch.equal(first, second)


def oracle(seed, value, *, scored, asked):
    """Build the record of an oracle that scored some samples where evaluators take so many at most."""
    record = control("oracle", seed, value)
    identity = {**record.identity, "evaluators": {"parzen": asked, "frechet": 10, "features": "efd3"}}
    known = {"key": identity_key(identity), "identity": identity, "protocol": {"fd": {"n_samples": scored}}}
    return replace(record, **known)


@pytest.mark.parametrize(
    ("values", "scored", "asked", "n"),
    [
        ((2.0, 2.0, 2.0), 80, 1_000, 1),  # all there are, at every seed
        ((2.0, 2.0, 2.0), 1_000, 1_000, 3),  # as many as asked for: another draw at each seed
        ((2.0, 2.0, 2.0), 10, 1_000, 3),  # as many as another evaluator takes
        ((2.0, 2.5, 2.0), 80, 1_000, 3),  # the evaluator itself draws
    ],
)
def test_an_exhausted_oracle_counts_once(values, scored, asked, n):
    """It has one value, no interval, and a note."""
    records = [oracle(seed, value, scored=scored, asked=asked) for seed, value in enumerate(values)]
    (table,) = tables([*records, run("ns", 0, 3.0), run("ns", 1, 3.0)])
    (row,) = (row for row in table.rows if row.label == "oracle")
    assert (row.cells[0].mean.n, row.finished) == (n, 3)
    assert ("2.000 (n=1)" in markdown([table])) == (n == 1)
    assert any("so it counts once" in note for note in table.notes) == (n == 1)


def test_equal_values_of_other_rows_all_count():
    """Equal results of different runs are separate draws."""
    (table,) = tables([run("ns", 0, 3.0), run("ns", 1, 3.0)])
    assert table.rows[0].cells[0].mean.n == 2


def test_the_published_oracle_of_digits_counts_once():
    """Its Parzen score is of all 1,097 training images; what it draws for the others differs by seed."""
    (table,) = (table for table in tables(read_all(STANDARD)[0]) if table.problem == "digits")
    (row,) = (row for row in table.rows if row.label == "oracle")
    found = {column.metric: cell.mean.n for column, cell in zip(table.columns, row.cells, strict=True)}
    assert found == {"fd-digits": 5, "is-digits": 5, "parzen": 1}
