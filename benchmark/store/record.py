"""The record of one finished run, as stored in `record.json`."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal, get_args

from benchmark.store.identity import identity_key
from benchmark.store.leaves import LARGEST, check_leaves
from objectives.foundation.names import quote

Kind = Literal["objective", "control", "submission"]
SCHEMA = 1  # raised when a reader of the old form would misread the new one

EndState = Literal["ok", "diverged", "critic_won", "collapsed", "stalled"]
Direction = Literal["higher", "lower", "none"]
STATES: tuple[EndState, ...] = get_args(EndState)
FAILED_STATES: tuple[EndState, ...] = tuple(state for state in STATES if state != "ok")
OBSERVATIONS = ("partial", "oscillating")  # of runs that ended well
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)

# Dataclasses with checks of their own, not pydantic models: reading 10,000 records took pydantic four times as long.


@dataclass(frozen=True, slots=True)
class RecordedScore:
    """One metric's value for one run; a metric that could not be computed is absent, never a sentinel value."""

    value: float
    standard_error: float | None = None
    direction: Direction = "none"  # which way is better

    def __post_init__(self) -> None:
        error = self.standard_error
        if type(self.value) is float and abs(self.value) <= LARGEST and error is None and self.direction in DIRECTIONS:
            return  # the usual score: 10,000 records have 120,000 of them
        _check(_is_finite(self.value), "value", self.value, f"a finite number of at most ±{LARGEST:g}")
        _check(error is None or (_is_finite(error) and error >= 0), "standard_error", error, "a finite number >= 0")
        _check(self.direction in DIRECTIONS, "direction", self.direction, "higher, lower or none")


@dataclass(frozen=True, slots=True)
class End:
    """How a run ended; every state but ok counts as a failure and carries its reason.

    The reason of an ok run lists observations: "partial: ..; oscillating: ..".
    """

    state: EndState
    iteration: int | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        _check(self.state in STATES, "state", self.state, f"one of {', '.join(STATES)}")
        _check(self.iteration is None or _is_count(self.iteration), "iteration", self.iteration, "a whole number >= 0")
        _check(self.reason is None or isinstance(self.reason, str), "reason", self.reason, "a text")

    @property
    def observed(self) -> tuple[str, ...]:
        """Return the names of the observations of an ok run: partial, oscillating."""
        if self.state != "ok" or not self.reason:
            return ()
        return tuple(name for name in OBSERVATIONS if f"{name}: " in self.reason)


@dataclass(frozen=True, slots=True)
class Rung:
    """A run at a fraction of its budget: its end state and scores, had it stopped there."""

    iteration: int
    gradient_evaluations: int  # the budget of a run that ends there, of both players
    end: End
    scores: Mapping[str, RecordedScore] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("iteration", "gradient_evaluations"):
            _check(_is_count(getattr(self, name)), name, getattr(self, name), "a whole number >= 0")
        _check_outcome(self.end, self.scores, self.absent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One run: what it was, how it ended, what it scored; never changed once written.

    A submission is a set of samples made elsewhere; its training and its budget are unknown. `identity` is everything
    that was requested, including the seed; if the result does not depend on a seed, the identity has none and `seed` is
    0. `key` is the identity's hash. `comparable` must be equal for two rows to share a table; a control leaves out
    entries that do not apply to it, such as a budget, and matches any value of them. `protocol` has the constants of
    each metric's computation, such as the number of samples and the perfect sampler's floor:
    `{"modes": {"samples": 2500, "floor": 8.0}}`. `headline` lists the problem's main metrics; rows are ranked by the
    first. `rungs` are the run at fractions of its budget, in increasing order, the last one at its end; a run without
    a ladder has none.
    """

    schema: int = SCHEMA
    key: str
    kind: Kind
    problem: str
    row: str  # what the leaderboard calls it: "ns", "ebgan:margin=2", "oracle"
    track: Literal["shared", "paper", "tuned"] | None = None
    seed: int
    identity: Mapping[str, Any]
    comparable: Mapping[str, Any] = field(default_factory=dict)
    end: End
    headline: tuple[str, ...] = ()
    scores: Mapping[str, RecordedScore] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)  # metric -> why it could not be computed
    protocol: Mapping[str, Any] = field(default_factory=dict)
    compute: Mapping[str, Any] = field(default_factory=dict)  # gradient_evaluations, samples_seen, seconds, ...
    environment: Mapping[str, Any] = field(default_factory=dict)
    group: Mapping[str, Any] = field(default_factory=dict)
    rungs: tuple[Rung, ...] = ()

    def __post_init__(self) -> None:
        _check(self.schema == SCHEMA, "schema", self.schema, str(SCHEMA))
        _check(self.kind in get_args(Kind), "kind", self.kind, "objective, control or submission")
        _check(self.track in (None, "shared", "paper", "tuned"), "track", self.track, "shared, paper, tuned or none")
        _check(_is_count(self.seed), "seed", self.seed, "a whole number >= 0")
        for name in ("problem", "row"):
            _check(isinstance(getattr(self, name), str) and getattr(self, name) != "", name, "", "a text")
        for name in FACTS:
            _check(isinstance(getattr(self, name), dict), name, getattr(self, name), "a table of names and values")
        _check(_is_names(self.headline), "headline", self.headline, "a list of names")
        _check_outcome(self.end, self.scores, self.absent)
        _check_ladder(self)
        _check(self.key == identity_key(self.identity), "key", self.key, "the hash of the identity")
        own = self.identity.get("seed", self.seed)
        _check(own == self.seed, "identity.seed", own, f"the seed {self.seed}")

    @property
    def order(self) -> tuple[str, str, int, str]:
        """The sort key of records: problem, row, seed and key."""
        return self.problem, self.row, self.seed, self.key

    def plain(self) -> dict[str, Any]:
        """Return the record as plain values for JSON; `rungs` is left out if there are none."""
        facts = _plain(self)
        if not self.rungs:
            del facts["rungs"]
        return facts

    def to_json(self) -> str:
        """Return the record as indented JSON with exact floats; values that are not plain raise ValueError."""
        try:
            return json.dumps(self.plain(), indent=1, allow_nan=False) + "\n"
        except (TypeError, ValueError, RecursionError) as error:
            raise ValueError(f"A record of {quote(self.row)} is not plain JSON: {error}.") from error


def _plain(part: Record | Rung) -> dict[str, Any]:
    """Return a record or a rung as plain values."""
    facts = {field.name: getattr(part, field.name) for field in dataclasses.fields(part)}
    scores = {metric: dataclasses.asdict(score) for metric, score in part.scores.items()}
    facts |= {"end": dataclasses.asdict(part.end), "scores": scores}
    return facts | ({"rungs": [_plain(rung) for rung in part.rungs]} if isinstance(part, Record) else {})


FACTS = ("identity", "comparable", "protocol", "compute", "environment", "group")
FIELDS = frozenset(part.name for part in dataclasses.fields(Record)) - {"rungs"}


def parse_record(content: bytes) -> Record:
    """Read a record from JSON; every fault is a ValueError with one sentence that says what is wrong, and where."""
    try:
        facts = READER.decode(content.decode())
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"incomplete, or not JSON: {error}") from error
    if not isinstance(facts, dict):
        raise ValueError("not a JSON object")
    if "schema" not in facts:
        raise ValueError("no schema version")
    if facts["schema"] != SCHEMA or type(facts["schema"]) is not int:
        raise ValueError(f"schema {quote(str(facts['schema']))}, and this version reads schema {SCHEMA}")
    if facts.keys() - {"rungs"} != FIELDS:
        odd = (facts.keys() ^ FIELDS) - {"rungs"}
        raise ValueError(f"fields missing or unknown: {quote(', '.join(sorted(odd)))}")
    if isinstance(facts["headline"], list):
        facts["headline"] = tuple(facts["headline"])
    facts["end"] = _part(End, facts["end"], "end")
    facts["scores"] = _parse_scores(facts["scores"])
    for name in FACTS:
        _check(isinstance(facts[name], dict), name, facts[name], "a table of names and values")
    check_leaves(facts)
    rungs = facts.get("rungs", [])
    _check(isinstance(rungs, list), "rungs", rungs, "a list")
    facts["rungs"] = tuple(parse_rung(rung, f"rung {at}") for at, rung in enumerate(rungs, 1))
    return Record(**facts)


def _parse_scores(scores: Any) -> dict[str, RecordedScore]:
    if not isinstance(scores, dict):
        raise ValueError("scores must be a table of names and values")
    try:
        return {metric: RecordedScore(**score) for metric, score in scores.items()}
    except (TypeError, ValueError):  # again, slower, to find the place
        return {metric: _part(RecordedScore, score, metric) for metric, score in scores.items()}


def parse_rung(facts: Any, place: str) -> Rung:
    """Read a rung from plain values; a fault is a ValueError that begins with the place."""
    _check(isinstance(facts, dict), place, facts, "a table of names and values")
    try:
        parts = {"end": _part(End, facts.get("end"), "end"), "scores": _parse_scores(facts.get("scores", {}))}
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from error
    rung: Rung = _part(Rung, facts | parts, place)
    return rung


def _is_names(value: Any) -> bool:
    return isinstance(value, tuple) and all(type(name) is str for name in value)


def _part(kind: Any, facts: Any, place: str) -> Any:
    try:
        return kind(**facts)
    except (TypeError, ValueError) as error:  # TypeError: not a table, a field missing or unknown
        raise ValueError(f"{quote(place)}: {error}") from error


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is not a finite number")


READER = json.JSONDecoder(parse_constant=_refused)


def _is_finite(value: Any) -> bool:
    return isinstance(value, (float, int)) and not isinstance(value, bool) and abs(value) <= LARGEST


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST


def _check_outcome(end: Any, scores: Any, absent: Any) -> None:
    """Check the end and the scores of a run, or of a rung."""
    for name, value in (("scores", scores), ("absent", absent)):
        _check(isinstance(value, Mapping), name, value, "a table of names and values")
    _check(isinstance(end, End), "end", end, "an End")
    _check(all(type(score) is RecordedScore for score in scores.values()), "scores", scores, "RecordedScores by metric")
    _check(all(type(why) is str for why in absent.values()), "absent", absent, "reasons by metric")


def _check_ladder(record: Record) -> None:
    """Check that rungs are in increasing order and that the last one is the end of the run."""
    rungs = record.rungs
    if not rungs:
        _check(isinstance(rungs, tuple), "rungs", rungs, "a tuple of Rungs")
        return
    _check(isinstance(rungs, tuple) and all(type(rung) is Rung for rung in rungs), "rungs", rungs, "a tuple of Rungs")
    for name in ("iteration", "gradient_evaluations"):
        found = [getattr(rung, name) for rung in rungs]
        rising = all(low < high for low, high in pairwise(found))
        _check(rising, f"the {name} of rungs", found, "in increasing order")
    last = rungs[-1]
    own = (last.end, last.scores, last.absent) == (record.end, record.scores, record.absent)
    _check(own, "the last rung", last.end.state, "the run's own end and scores")


def _check(holds: bool, name: str, value: Any, right: str) -> None:
    if not holds:
        raise ValueError(f"{name} must be {right}, not {quote(str(value))} ({type(value).__name__})")
