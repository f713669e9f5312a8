"""The contract of each kind but the objectives', whose laws are in `objectives.laws`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmark.catalogue.contracts.evaluator import check_evaluator
from benchmark.catalogue.contracts.network import check_network
from benchmark.catalogue.contracts.problem import check_problem
from benchmark.catalogue.contracts.tracker import check_tracker
from objectives.laws.result import LawResult

CONTRACTS: Mapping[str, Callable[[Any, Path], list[LawResult]]] = {
    "evaluator": check_evaluator,
    "network": check_network,
    "problem": check_problem,
    "tracker": check_tracker,
}
