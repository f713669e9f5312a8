"""What one finished run leaves behind, as `record.json` holds it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Literal, get_args

from benchmark.names import shown
from benchmark.store.identity import identity_key

LARGEST = 1e75  # of a score: its fourth power, which Welch's test takes of spreads, is still a number
SCHEMA = 1  # raised when a reader of the old form would misread the new one

EndState = Literal["ok", "diverged", "critic_won", "collapsed", "stalled"]
Direction = Literal["higher", "lower", "none"]
STATES: tuple[EndState, ...] = get_args(EndState)
FAILED_STATES: tuple[EndState, ...] = tuple(state for state in STATES if state != "ok")
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)

# Dataclasses with checks of their own, not pydantic models: reading 10,000 records took pydantic four times as long.


@dataclass(frozen=True, slots=True)
class Score:
    """One metric's value for one run; what could not be computed is absent from the record, never a sentinel."""

    value: float
    standard_error: float | None = None
    direction: Direction = "none"  # which way is better

    def __post_init__(self) -> None:
        error = self.standard_error
        if type(self.value) is float and abs(self.value) <= LARGEST and error is None and self.direction in DIRECTIONS:
            return  # the usual score: 120,000 of them stand in 10,000 records
        _check(_is_finite(self.value), "value", self.value, f"a finite number of at most {LARGEST:g} in size")
        _check(error is None or (_is_finite(error) and error >= 0), "standard_error", error, "a finite number >= 0")
        _check(self.direction in DIRECTIONS, "direction", self.direction, "higher, lower or none")


@dataclass(frozen=True, slots=True)
class End:
    """How a run ended; every state but ok counts as a failure and carries its reason."""

    state: EndState
    iteration: int | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        _check(self.state in STATES, "state", self.state, f"one of {', '.join(STATES)}")
        _check(self.iteration is None or _is_count(self.iteration), "iteration", self.iteration, "a whole number >= 0")
        _check(self.reason is None or isinstance(self.reason, str), "reason", self.reason, "a text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One run: what it was, how it ended, what it scored; never changed once written.

    `identity` holds all that was asked of it, the seed included; `key` is its hash. `comparable` holds what must
    be equal for two rows to stand in one table; a control leaves out the entries that do not apply to it (its budget,
    say), and matches any value there. `protocol` holds per metric the constants of its computation, such as the
    number of samples and the perfect sampler's floor: `{"modes": {"samples": 2500, "floor": 8.0}}`. `headline` names
    the metrics that the problem wants shown first; the first of them ranks.
    """

    schema: int = SCHEMA
    key: str
    kind: Literal["objective", "control"]
    problem: str
    row: str  # what the leaderboard calls it: "ns", "ebgan:margin=2", "oracle"
    track: Literal["shared", "paper", "tuned"] | None = None
    seed: int
    identity: Mapping[str, Any]
    comparable: Mapping[str, Any] = field(default_factory=dict)
    end: End
    headline: tuple[str, ...] = ()
    scores: Mapping[str, Score] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)  # metric -> why it could not be computed
    protocol: Mapping[str, Any] = field(default_factory=dict)
    compute: Mapping[str, Any] = field(default_factory=dict)  # gradient_evaluations, samples_seen, seconds, ...
    environment: Mapping[str, Any] = field(default_factory=dict)
    group: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check(self.schema == SCHEMA, "schema", self.schema, str(SCHEMA))
        _check(self.kind in ("objective", "control"), "kind", self.kind, "objective or control")
        _check(self.track in (None, "shared", "paper", "tuned"), "track", self.track, "shared, paper, tuned or none")
        _check(_is_count(self.seed), "seed", self.seed, "a whole number >= 0")
        for name in ("problem", "row"):
            _check(isinstance(getattr(self, name), str) and getattr(self, name) != "", name, "", "a text")
        for name in FACTS:
            _check(isinstance(getattr(self, name), dict), name, getattr(self, name), "a table of names and values")
        _check(_is_names(self.headline), "headline", self.headline, "a list of names")
        _check(isinstance(self.end, End), "end", self.end, "an End")
        _check(all(type(score) is Score for score in self.scores.values()), "scores", self.scores, "Scores by metric")
        _check(all(type(why) is str for why in self.absent.values()), "absent", self.absent, "reasons by metric")
        _check(self.key == identity_key(self.identity), "key", self.key, "the hash of the identity")
        own = self.identity.get("seed", self.seed)
        _check(own == self.seed, "identity.seed", own, f"the seed {self.seed}")

    def to_json(self) -> str:
        """Write the record as indented JSON; floats keep every bit, and what JSON cannot hold raises ValueError."""
        try:
            return json.dumps(dataclasses.asdict(self), indent=1, allow_nan=False) + "\n"
        except (TypeError, ValueError, RecursionError) as error:
            raise ValueError(f"A record of {shown(self.row)} is not plain JSON: {error}.") from error


FACTS = ("identity", "comparable", "scores", "absent", "protocol", "compute", "environment", "group")
FIELDS = frozenset(part.name for part in dataclasses.fields(Record))


def parse_record(content: bytes) -> Record:
    """Read a record from JSON; every fault is a ValueError that says in one sentence what and where."""
    try:
        facts = READER.decode(content.decode())
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"torn, or not JSON: {error}") from error
    if not isinstance(facts, dict):
        raise ValueError("not a JSON object")
    if "schema" not in facts:
        raise ValueError("no schema version")
    if facts["schema"] != SCHEMA or type(facts["schema"]) is not int:
        raise ValueError(f"schema {shown(str(facts['schema']))}, and this version reads schema {SCHEMA}")
    if facts.keys() != FIELDS:
        raise ValueError(f"fields missing or unknown: {shown(', '.join(sorted(facts.keys() ^ FIELDS)))}")
    if not isinstance(facts["scores"], dict):
        raise ValueError("scores must be a table of names and values")
    if isinstance(facts["headline"], list):
        facts["headline"] = tuple(facts["headline"])
    facts["end"] = _part(End, facts["end"], "end")
    try:
        facts["scores"] = {metric: Score(**score) for metric, score in facts["scores"].items()}
    except (TypeError, ValueError):  # once more, slowly, to say where
        facts["scores"] = {metric: _part(Score, score, metric) for metric, score in facts["scores"].items()}
    return Record(**facts)


def _is_names(value: Any) -> bool:
    return isinstance(value, tuple) and all(type(name) is str for name in value)


def _part(kind: Any, facts: Any, place: str) -> Any:
    try:
        return kind(**facts)
    except (TypeError, ValueError) as error:  # TypeError: not a table, a field missing or unknown
        raise ValueError(f"{shown(place)}: {error}") from error


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is not a finite number")


def _finite(digits: str) -> float:
    value = float(digits)
    return value if isfinite(value) else _refused(shown(digits))


READER = json.JSONDecoder(parse_constant=_refused, parse_float=_finite)


def _is_finite(value: Any) -> bool:
    return isinstance(value, (float, int)) and not isinstance(value, bool) and abs(value) <= LARGEST


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _check(holds: bool, name: str, value: Any, right: str) -> None:
    if not holds:
        raise ValueError(f"{name} must be {right}, not {shown(str(value))} ({type(value).__name__})")
