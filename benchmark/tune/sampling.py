"""The next settings to try, from Optuna, which sees only previous settings and their ranks.

The study is rebuilt for each wave, so the settings depend only on the seed and the previous trials: a search that was
killed requests the same trials again. TPE gets ranks, because it uses only the order of values; a failed trial has the
worst rank.
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
        known = [_params_of(space, one.point) for one in trials] if sampler == "tpe" else []
        if sampler == "qmc":  # it takes its dimensions from a finished trial
            known = [{name: _lowest(distribution) for name, distribution in distributions.items()}]
        for at, params in enumerate(known):
            rank = trials[at].rank if sampler == "tpe" else 0.0
            study.add_trial(optuna.trial.create_trial(params=params, distributions=distributions, value=rank))
        drawn = [study.ask(distributions).params for _ in range(count)]
    return [_point_of(space, params) for params in drawn]


def imported() -> ModuleType:
    """Import Optuna and silence its log."""
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
    wave_seed = seed_of(seed, len(trials))
    return optuna.samplers.TPESampler(seed=wave_seed, n_startup_trials=1, multivariate=True, constant_liar=True)


def _distribution(optuna: ModuleType, domain: Domain) -> Any:
    """Return Optuna's distribution of a domain; a choice is its position in the list, since the options are ordered."""
    if isinstance(domain, Choice):
        return optuna.distributions.IntDistribution(0, len(domain.options) - 1)
    return optuna.distributions.FloatDistribution(domain.low, domain.high, log=domain.log)


def _fixed(domain: Domain) -> bool:
    return isinstance(domain, Choice) and len(domain.options) == 1


def _lowest(distribution: Any) -> float:
    return distribution.low  # type: ignore[no-any-return]


def _params_of(space: Space, point: Point) -> dict[str, float]:
    """Return a point as Optuna's parameters."""
    free = {name: domain for name, domain in space.items() if not _fixed(domain)}
    return {
        name: domain.options.index(point[name]) if isinstance(domain, Choice) else point[name]
        for name, domain in free.items()
    }


def _point_of(space: Space, params: Mapping[str, Any]) -> dict[str, float]:
    """Return Optuna's parameters as a point of the space: choices by value, numbers rounded to a few digits."""
    return {
        name: domain.options[params.get(name, 0)] if isinstance(domain, Choice) else domain.rounded(params[name])
        for name, domain in space.items()
    }
