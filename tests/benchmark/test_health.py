"""End states: each from a hand-made curve that shows it, and none from a healthy one."""

from __future__ import annotations

from benchmark.engine.health import diagnose

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


def test_divergence_is_dated():
    """A member that turned non-finite is diverged at that iteration, whatever its curve says."""
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
