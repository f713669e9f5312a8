"""Cells about the Dirac-GAN: whether a game converges, and how fast near the equilibrium."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from typing import Any

from benchmark.engine.dirac import theory
from benchmark.engine.dirac.measure import behaviour, multipliers, path
from benchmark.engine.dirac.theory import Local
from benchmark.engine.dynamics import DYNAMICS
from benchmark.engine.optimisers import OPTIMISERS
from benchmark.errors import UnknownName, UserError
from benchmark.problems import Training
from benchmark.problems.dirac import DIRAC
from benchmark.reproduce.place import Measurement, Place
from benchmark.reproduce.target import Stated, Target, TargetRow, Tier
from benchmark.reproduce.verdict import Measured
from objectives.foundation.names import quote, resolve

FLOWS = ("simultaneous", "consensus")
CONVERGES = {True: "converges", False: "does not converge"}


def measure(target: Target, tier: Tier, place: Place) -> Measurement:
    """Play every row's game and measure its columns; cells that do not apply are left out."""
    steps = tier.steps
    start = time.process_time()
    cells: dict[tuple[str, str], Measured] = {}
    with place.progress.group(target.title, len(target.rows)) as done:
        for number, row in enumerate(target.rows, 1):
            seen = _seen(row, steps)
            cells |= {(row.name, c.name): seen[c.metric or ""] for c in target.columns if c.metric in seen}
            done(number)
    return Measurement(cells, seconds=time.process_time() - start)


def _seen(row: TargetRow, steps: int) -> Mapping[str, Measured]:
    """Measure a row: `converges` in words, the `modulus` of one iteration, and `real` and `imaginary` of the flow.

    One iteration of `FLOWS` is ω' = ω + h v(ω), so its multiplier m gives the flow's eigenvalue (m - 1) / h. Other
    dynamics have no such flow, and games that are not differentiable at the equilibrium have neither.
    """
    assert row.objective is not None
    training = _training(row)
    try:
        word = behaviour(path(row.objective, training, steps).norm(dim=1))
    except (ValueError, OSError) as error:  # not an objective, or one that this critic cannot serve
        raise UserError(f"The row {quote(row.name)} cannot be played: {str(error).rstrip('.')}.") from error
    seen = {"converges": Measured(word=CONVERGES[word == "converges"]), "path": Measured(word=word)}
    if row.slope is None:
        return seen
    local = Local(row.slope, row.damping)
    found = multipliers(row.objective, training)
    largest = float(theory.multipliers(local, training).abs().max())
    seen["modulus"] = Measured({0: float(found.abs().max())}, expected=Stated(value=largest, note="computed"))
    if training.dynamics in FLOWS:
        flow = (found - 1.0) / training.critic_learning_rate
        slowest = flow[flow.real.argmax()]
        seen["real"] = Measured({0: float(slowest.real)})
        seen["imaginary"] = Measured({0: abs(float(slowest.imag))})
    return seen


def _training(row: TargetRow) -> Training:
    """Return the notebook's settings, overridden by the row's."""
    known = {field.name for field in dataclasses.fields(Training)}
    settings: dict[str, Any] = {resolve(name, known, "setting"): value for name, value in row.settings.items()}
    try:
        training = dataclasses.replace(DIRAC.training, **settings)
        resolve(training.optimiser, OPTIMISERS, "optimiser")
        resolve(training.dynamics, DYNAMICS if row.slope is None else theory.MAPS, "dynamics")
        return training
    except UnknownName:
        raise
    except (TypeError, ValueError) as error:
        raise UserError(f"The settings of the row {quote(row.name)} cannot be used: {error}.") from error
