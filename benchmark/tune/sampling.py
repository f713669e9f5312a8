"""The next settings to try, asked of Optuna; nothing but settings and their order ever reaches it.

The study is built anew from what is known, so that what is asked follows from the seed and the trials alone: a search
that was killed requests the same trials again. TPE gets ranks, as it reads nothing of a value but its order; a
failed trial has the worst one.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any, NamedTuple

from benchmark.errors import UserError
from benchmark.tune.space import Space
from benchmark.tune.tuning import Sampler
from objectives.search import Choice, Domain

Point = Mapping[str, float]


class Ranked(NamedTuple):
    """A finished trial: its point, and its rank among all of them, 0 the best."""

    point: Point
    rank: float


def ask(space: Space, trials: Sequence[Ranked], count: int, sampler: Sampler, seed: int) -> list[dict[str, float]]:
    """Draw the next points of a space; random and QMC may draw all at once, since they ignore results.

    Random and QMC return the first points of a fixed sequence, whatever their number.
    """
    optuna = imported()
    distributions = {name: _distribution(optuna, domain) for name, domain in space.items() if not _fixed(domain)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study = optuna.create_study(sampler=_sampler(optuna, sampler, trials, seed))
        known = [_read(space, one.point) for one in trials] if sampler == "tpe" else []
        if sampler == "qmc":  # it takes its dimensions from a finished trial
            known = [{name: _lowest(distribution) for name, distribution in distributions.items()}]
        for at, params in enumerate(known):
            rank = trials[at].rank if sampler == "tpe" else 0.0
            study.add_trial(optuna.trial.create_trial(params=params, distributions=distributions, value=rank))
        asked = [study.ask(distributions).params for _ in range(count)]
    return [_written(space, params) for params in asked]


def imported() -> ModuleType:
    """Import Optuna, silent."""
    try:
        import optuna
    except ImportError as error:
        raise UserError("Tuning needs Optuna: pip install optuna.") from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


def seed_of(*facts: object) -> int:
    """Return a 32-bit seed derived from facts, such as the problem and the objective."""
    return int.from_bytes(hashlib.sha256(repr(facts).encode()).digest()[:4], "little")


def _sampler(optuna: ModuleType, name: Sampler, trials: Sequence[Ranked], seed: int) -> Any:
    if name == "qmc":
        return optuna.samplers.QMCSampler(qmc_type="sobol", scramble=True, seed=seed)
    if name == "random" or not trials:  # TPE begins at random
        return optuna.samplers.RandomSampler(seed=seed)
    here = seed_of(seed, len(trials))  # each wave has its own draws
    return optuna.samplers.TPESampler(seed=here, n_startup_trials=1, multivariate=True, constant_liar=True)


def _distribution(optuna: ModuleType, domain: Domain) -> Any:
    """Return Optuna's name for a domain; a choice is the position in its list, since numbers are ordered."""
    if isinstance(domain, Choice):
        return optuna.distributions.IntDistribution(0, len(domain.options) - 1)
    return optuna.distributions.FloatDistribution(domain.low, domain.high, log=domain.log)


def _fixed(domain: Domain) -> bool:
    return isinstance(domain, Choice) and len(domain.options) == 1


def _lowest(distribution: Any) -> float:
    return distribution.low  # type: ignore[no-any-return]


def _read(space: Space, point: Point) -> dict[str, float]:
    """Write a point as Optuna has it."""
    free = {name: domain for name, domain in space.items() if not _fixed(domain)}
    return {
        name: domain.options.index(point[name]) if isinstance(domain, Choice) else point[name]
        for name, domain in free.items()
    }


def _written(space: Space, params: Mapping[str, Any]) -> dict[str, float]:
    """Write what Optuna drew as a point of the space: choices by value, numbers to a few digits."""
    return {
        name: domain.options[params.get(name, 0)] if isinstance(domain, Choice) else domain.rounded(params[name])
        for name, domain in space.items()
    }
