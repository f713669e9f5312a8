"""End states: each from a hand-made curve that shows it, and none from a healthy one."""

from __future__ import annotations

import pytest

from benchmark import api
from benchmark.engine.health import Diagnosis, diagnose, turns, with_observations
from benchmark.leaderboard.build import tables
from benchmark.leaderboard.columns import columns_of
from benchmark.store import End

ITERATIONS = 100


def curve(**changes):
    """Return a healthy curve of 100 points with a spread at every tenth, changed by functions of the iteration."""
    points = []
    for iteration in range(1, ITERATIONS + 1):
        point = {
            "iteration": iteration,
            "critic_gradient": 1.0,
            "generator_gradient": 1.0,
            "real_score": 1.0 / iteration,
            "fake_score": -1.0 / iteration,
        }
        if iteration % 10 == 0:
            point["spread"] = 0.9
        points.append(point | {name: change(iteration) for name, change in changes.items() if name in point})
    return [{"iteration": 0, "spread": 0.5}, *points]


def test_a_healthy_run_is_ok():
    """Gradients that live and a critic that is fooled in the end make no failure."""
    found = diagnose(curve(), ITERATIONS, ended=-1)
    assert (found.state, found.iteration) == ("ok", ITERATIONS)


def test_divergence_has_its_iteration():
    """A member that became non-finite diverged at that iteration, whatever its curve."""
    found = diagnose(curve(), ITERATIONS, ended=41)
    assert (found.state, found.iteration) == ("diverged", 42)
    assert found.reason


def test_a_vanished_gradient_under_a_sure_critic_is_a_critic_that_won():
    """The generator's gradient is gone for good while the scores stay as far apart as ever."""
    points = curve(
        generator_gradient=lambda at: 1.0 if at < 50 else 1e-5,
        real_score=lambda at: float(at),
        fake_score=lambda at: -float(at),
    )
    assert diagnose(points, ITERATIONS, ended=-1).state == "critic_won"


def test_a_vanished_gradient_at_equilibrium_is_no_failure():
    """A converged game has no gradient either, but its critic no longer separates real from fake."""
    points = curve(generator_gradient=lambda at: 1.0 if at < 50 else 1e-5)
    assert diagnose(points, ITERATIONS, ended=-1).state == "ok"


def test_a_recovery_is_no_failure():
    """What does not last to the end is no end state."""
    points = curve(
        generator_gradient=lambda at: 1e-5 if 30 < at < 60 else 1.0,
        real_score=lambda at: 1.0,
        fake_score=lambda at: -1.0,
        spread=lambda at: 1e-6 if at < 90 else 0.9,
    )
    assert diagnose(points, ITERATIONS, ended=-1).state == "ok"


def test_a_collapse_is_dated():
    """Samples that shrink to a point are collapsed, since the first watched iteration at which they were."""
    points = curve(spread=lambda at: 0.9 if at < 60 else 1e-5)
    found = diagnose(points, ITERATIONS, ended=-1)
    assert (found.state, found.iteration) == ("collapsed", 60)


def test_an_untrained_generator_of_small_variance_has_not_collapsed():
    """A generator that starts narrow and stays as it was is not called collapsed."""
    points = [{"iteration": 0, "spread": 5e-4}, *curve(spread=lambda at: 4e-4)[1:]]
    assert diagnose(points, ITERATIONS, ended=-1).state == "ok"


def test_no_gradients_at_all_is_stalled():
    """Both gradients exactly zero through the last tenth."""
    points = curve(
        critic_gradient=lambda at: 1.0 if at < 20 else 0.0, generator_gradient=lambda at: 1.0 if at < 20 else 0.0
    )
    found = diagnose(points, ITERATIONS, ended=-1)
    assert (found.state, found.iteration) == ("stalled", 20)


def swinging(gaps, iterations=ITERATIONS):
    """Points of a curve whose critic prefers real by these gaps, one after another."""
    step = iterations / len(gaps)
    return [{"iteration": round(step * at), "real_score": gap, "fake_score": 0.0} for at, gap in enumerate(gaps, 1)]


@pytest.mark.parametrize(
    ("gaps", "count"),
    [
        ([1.0] * 100, 0),  # the critic stays ahead
        ([8.0] * 50 + [0.5, -0.5] * 25, 0),  # noise around equality, after a wide beginning
        ([1.0] * 50 + ([1.0] * 5 + [-1.0] * 5) * 5, 9),  # the players chase each other
        ([1.0, -1.0] * 25 + [1.0] * 50, 0),  # they did, in the first half
        ([float("nan")] * 100, 0),  # an embedding critic has no scores
        ([0.0] * 100, 0),
    ],
)
def test_turns_are_counted_late_and_against_the_widest_gap(gaps, count):
    """Only swings of a quarter of the widest gap count, and only in the last half."""
    assert turns(swinging(gaps)) == count


def test_observations_are_added_to_an_ok_end():
    """Partial with its number, oscillating with its flips; a failure keeps its own reason."""
    chasing = swinging([1.0] * 50 + ([1.0] * 5 + [-1.0] * 5) * 5)
    ok, failed = Diagnosis("ok", ITERATIONS), Diagnosis("collapsed", 7, "narrow")
    assert with_observations(ok, swinging([1.0] * 100), None) == ok
    both = with_observations(ok, chasing, "3 of 8 modes hold less than a quarter of their share (modes_quarter)")
    assert both.reason.startswith("partial: 3 of 8 modes")
    assert "oscillating: the critic's preference flipped 9 times" in both.reason
    assert End(both.state, both.iteration, both.reason).observed == ("partial", "oscillating")
    assert with_observations(failed, chasing, "3 of 8") == failed
    assert End("collapsed", 7, "partial: no").observed == ()


def test_a_short_run_on_the_ring_misses_modes_and_its_table_has_a_note(tmp_path):
    """After 100 iterations a generator has few of the eight modes."""
    records = api.run(["ns"], problems=["ring"], seeds=2, iterations=100, pictures=False, results=tmp_path)
    played = [record for record in records if record.kind == "objective"]
    assert [record.end.observed for record in played] == [("partial",)] * 2
    assert all("of 8 modes hold less than a quarter of their share" in record.end.reason for record in played)
    (table,) = tables(records)
    (column,) = [column for column in columns_of(table) if column.kind == "observed"]
    assert "2 partial" in [entry.text for entry in column.entries]


def test_the_unregularised_wasserstein_game_oscillates_on_the_ring(tmp_path):
    """Oscillation, seen: without a Lipschitz bound the critic's preference turns over and over (seeds 1 and 2)."""
    records = api.run(["wasserstein"], problems=["ring"], seeds=4, iterations=600, pictures=False, results=tmp_path)
    assert any("oscillating" in record.end.observed for record in records)


def test_the_critic_wins_the_minimax_game_on_digits(tmp_path):
    """A critic that learns much faster makes the generator's gradient vanish, which counts as a failure."""
    settings = {"critic_steps": 5, "critic_learning_rate": 1e-3, "generator_learning_rate": 1e-5}
    words = {"problems": ["digits"], "seeds": 1, "iterations": 200, "pictures": False, "results": tmp_path}
    records = api.run(["minimax"], settings=settings, **words)
    (record,) = (record for record in records if record.kind == "objective")
    assert record.end.state == "critic_won"
    assert "the generator's gradient fell below 0.001 of its largest" in record.end.reason
    (table,) = tables(records)
    (row,) = (row for row in table.rows if not row.control)
    assert (row.finished, row.runs) == (0, 1)
