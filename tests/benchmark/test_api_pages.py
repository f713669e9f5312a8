"""The Python API in notebooks: descriptions, comparisons and results directories."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from benchmark import api
from benchmark.errors import UserError
from benchmark.store import write_record
from tests.benchmark.test_sweep import swept_records

SCORES = {0.1: 2.0, 1.0: 8.01, 10.0: 8.0}


@pytest.fixture
def store(tmp_path):
    """Return a directory with a sweep on record."""
    for record in swept_records(SCORES):
        write_record(tmp_path / "runs", record)
    return tmp_path / "runs"


def test_check_gives_the_laws():
    """Every law with what was expected and seen."""
    found = api.check("ns")
    assert found.as_expected
    assert not found.failed
    assert all(law.expected for law in found.results)


def test_show_gives_what_is_known():
    """An objective's settings and equation, a problem's networks; a slip is one sentence with the nearest name."""
    assert "gamma" in [setting.name.rpartition(".")[2] for setting in api.show("ns+r1").settings]
    assert api.show("ring").networks
    with pytest.raises(ValueError, match="hinge"):
        api.show("hing")


def test_plot_gives_figures(store):
    """The kinds of `gan-bench figure`, as matplotlib's figures."""
    (figure,) = api.plot("sweep", store)
    assert isinstance(figure, Figure)
    assert api.plot("ladder", store) == []
    with pytest.raises(UserError, match="heat"):
        api.plot("heatt", store)


def test_rows_of_another_directory_are_added(store, tmp_path):
    """`beside` of the leaderboard does what `--with` does."""
    for record in swept_records({1.5: 3.0, 1.0: 0.0}):
        write_record(tmp_path / "other", record)
    table = api.leaderboard(store, beside=[tmp_path / "other"])
    assert set(table["row"]) == {f"ns+r1:gamma={gamma}" for gamma in ("0.1", "1", "1.5", "10")}
    assert table.set_index("row")["mean"]["ns+r1:gamma=1"] > 8  # one's own run comes first


def test_a_notebook_shows_a_comparison_as_a_table(store):
    """Verdicts in a table, text of strangers escaped, all numbers folded away."""
    found = api.compare("ns+r1:gamma=1", "ns+r1:gamma=0.1", results=store)
    page = found._repr_html_()
    assert "<td>ns+r1:gamma=1 against ns+r1:gamma=0.1</td><td>better</td>" in page
    assert "<details>" in page
    assert page.count("<tr>") == 2
