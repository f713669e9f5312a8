"""The Python API agrees with the records."""

from __future__ import annotations

import doctest
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from benchmark import api
from benchmark.errors import UserError
from tests.benchmark.cli_builders import store, stored, type_in

__all__ = ["type_in"]

GOOD = [0.81, 0.82, 0.79, 0.80, 0.78, 0.84]


@pytest.fixture
def root(tmp_path):
    """Return a directory of records."""
    return stored(tmp_path / "runs")


def test_records_are_one_line_each(root):
    """Every run with its seed, its state and its scores; a metric that a run lacks is NaN."""
    store(root, "ns", [0.5], problem="grid")
    found = api.records(root)
    assert len(found) == 15
    assert found.query("row == 'good' and problem == 'ring'").set_index("seed")["hq_3std"].tolist() == GOOD
    assert set(found["state"]) == {"ok"}
    assert set(api.records(root, problems="grid")["problem"]) == {"grid"}


def test_the_leaderboard_is_that_of_the_command(type_in, root, tmp_path):
    """The same rows in the same order, the same means and bounds."""
    found = api.leaderboard(root)
    type_in("leaderboard", "--results", root, "--json", tmp_path / "a.json")
    (table,) = json.loads((tmp_path / "a.json").read_text())["tables"]
    means = [row["cells"][0]["mean"] for row in table["rows"]]
    assert found["row"].tolist() == [row["label"] for row in table["rows"]] == ["oracle", "good", "ns"]
    assert found["mean"].tolist() == [mean["value"] for mean in means]
    assert found["low"].tolist() == [mean["interval"]["low"] for mean in means]
    good = found.set_index("row").loc["good"]
    assert good["mean"] == pytest.approx(pd.Series(GOOD).mean())
    assert good["high"] - good["mean"] == pytest.approx(2.570582 * pd.Series(GOOD).std() / 6**0.5, rel=1e-6)


def test_metrics_can_be_chosen(root):
    """One metric, or all."""
    assert set(api.leaderboard(root, metrics=["reverse_kl"])["metric"]) == {"reverse_kl"}
    assert set(api.leaderboard(root, metrics="all")["metric"]) == {"hq_3std", "reverse_kl"}


def test_comparisons_have_words(root):
    """A verdict by table and row, and the text of the command line."""
    found = api.compare("good", "ns", results=root)
    assert list(found.verdicts.values()) == ["better"]
    assert "good is better than ns" in str(found)
    assert api.compare("ns", "good", results=root).found[0].paired.value == pytest.approx(-0.3016667, rel=1e-5)


def test_the_report_is_written(root, tmp_path):
    """The page of the same records."""
    assert "good" in api.report(tmp_path / "a.html", root).read_text()


def test_a_run_gives_its_records(tmp_path):
    """Two seeds on one problem; a second call finds them; settings and seeds as on the command line."""
    said = []
    words = {"problems": "ring", "seeds": [3, 5], "iterations": 5, "pictures": False, "results": tmp_path}
    made = api.run("hinge", settings={"margin": 2}, progress=said.append, **words)
    assert {(one.row, one.seed) for one in made if one.kind == "objective"} == {
        ("hinge:margin=2", 3),
        ("hinge:margin=2", 5),
    }
    assert [text.partition(": done in ")[0] for text in said if ": done in " in text] == [
        "ring · hinge:margin=2 x 2",
        *(f"ring · {control} x 2" for control in ("gmm", "oracle", "untrained")),
    ]
    said.clear()
    assert api.run("hinge", settings={"margin": 2}, progress=said.append, **words) == made
    assert not said


@pytest.mark.parametrize(
    "call",
    [
        lambda root: api.leaderboard(root, metrics=["fid"]),
        lambda root: api.records(root / "nothing"),
        lambda root: api.records(root, problems=["rong"]),
        lambda root: api.compare("good", results=root),
        lambda root: api.compare("good", "nss", results=root),
        lambda root: api.run(["ns"], seeds=[], results=root),
        lambda root: api.run(["nss"], problems=["ring"], results=root),
        lambda root: api.run(["ns"], problems=["ring"], budget="fast", results=root),
        lambda root: api.run(["ns"], problems=["ring"], budget=50, iterations=5, results=root),
        lambda root: api.run(["ns"], problems=["ring"], iterations=2.5, results=root),
        lambda root: api.run(["ns"], problems=["ring"], track="papr", iterations=5, results=root),
        lambda root: api.run(["ns"], problems=["ring"], log_to="tensorbord", iterations=5, results=root),
    ],
)
def test_mistakes_are_one_sentence(root, call):
    """A mistake raises a UserError of one line."""
    with pytest.raises(UserError) as caught:
        call(root)
    assert str(caught.value).isprintable()


def test_the_documented_names_exist():
    """Every call in the module's example is a function of the module."""
    names = re.findall(r"api\.(\w+)\(", api.__doc__)
    assert set(names) < set(api.__all__)
    assert list(dict.fromkeys(names)) == ["run", "tune", "leaderboard", "compare", "score", "records", "report"]
    assert all(callable(getattr(api, name)) for name in names)
    assert doctest.testmod(api).failed == 0


def test_the_example_of_the_readme_runs(tmp_path, monkeypatch, capsys):
    """It runs as printed, with fewer seeds and iterations."""
    text = (Path(__file__).resolve().parents[2] / "README.md").read_text()
    (example,) = (block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "import api" in block)
    monkeypatch.chdir(tmp_path)
    exec(example.replace("seeds=5", "seeds=2, iterations=5"), {})
    assert "hinge against ns" in capsys.readouterr().out
    assert (tmp_path / "report.html").stat().st_size > 10_000
