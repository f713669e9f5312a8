"""The kinds of user code, and which kind an object in a file, a module or a plug-in is."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from benchmark.errors import UserError
from benchmark.networks import NETWORKS
from benchmark.networks.outside import NETWORK, outside_architecture
from benchmark.problems import ALL_PROBLEMS, any_problem, is_data_file
from benchmark.problems.outside import PROBLEM
from benchmark.runner.trackers import TRACKER
from evaluators import EVALUATORS
from evaluators.outside import EVALUATOR
from objectives import AS_SHIPPED, OBJECTIVES, WRAPPERS, Objective
from objectives.foundation.errors import PASSING
from objectives.foundation.loading import Kind, entry_point_names, is_place, load, load_entry_point
from objectives.foundation.names import quote
from objectives.foundation.process import left_alone
from objectives.foundation.settings import Word, read_word
from objectives.outside import OBJECTIVE

KINDS: Mapping[str, Kind] = {kind.word: kind for kind in (OBJECTIVE, PROBLEM, NETWORK, EVALUATOR, TRACKER)}
ANYTHING = replace(OBJECTIVE, word="thing", article="anything", check=lambda found, text: found)


class Loaded(NamedTuple):
    """A user-defined entry: the noun of its kind, its spelling, and the loaded entry."""

    word: str
    name: str
    value: Any


def find_any(text: str) -> Loaded | None:
    """Return what a text names, whatever its kind; None where it can only be a game, which `objectives.spec` reads."""
    if text in OBJECTIVES or text in AS_SHIPPED or text in WRAPPERS:
        return None
    if text in ALL_PROBLEMS or is_data_file(text) or text.startswith("folder:"):
        return Loaded(PROBLEM.word, text, any_problem(text))
    if text in NETWORKS:
        return Loaded(NETWORK.word, text, NETWORKS[text])
    if text in EVALUATORS:
        return Loaded(EVALUATOR.word, text, EVALUATORS[text])
    for kind in (PROBLEM, NETWORK, EVALUATOR, TRACKER):
        if text in entry_point_names(kind):
            return Loaded(kind.word, text, load_entry_point(text, kind))
    word = read_word(text) if "+" not in text else None
    return _of_place(word, text) if word is not None and is_place(word.name) else None


def _of_place(word: Word, text: str) -> Loaded | None:
    found = load(word.name, ANYTHING)
    if OBJECTIVE.belongs(found) or _composes(found):
        return None
    if NETWORK.belongs(found) and not PROBLEM.belongs(found):
        return Loaded(NETWORK.word, text, outside_architecture(text))
    for kind in (PROBLEM, EVALUATOR, TRACKER):
        if kind.belongs(found):
            if word.settings:
                raise UserError(f"{kind.article.capitalize()} accepts no settings here, got {quote(text)}.")
            return Loaded(kind.word, text, kind.check(found, text))
    raise UserError(f"{quote(text)} is not one of the kinds that can be checked: {', '.join(KINDS)}.")


def _composes(found: Any) -> bool:
    """Return whether a function without arguments returns a game."""
    if not inspect.isfunction(found) or inspect.signature(found).parameters:
        return False
    try:
        with left_alone(quote(found.__name__)):
            return isinstance(found(), Objective)
    except PASSING:
        raise
    except BaseException:  # loading it as a problem calls it again and reports what is wrong
        return False
