"""What one finished run leaves behind, as `record.json` holds it."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from benchmark.store.identity import identity_key

SCHEMA: Literal[1] = 1  # raised when a reader of the old form would misread the new one

EndState = Literal["ok", "diverged", "critic_won", "collapsed", "stalled"]
FAILED_STATES: tuple[EndState, ...] = tuple(state for state in get_args(EndState) if state != "ok")


def _finite_json(value: dict[str, Any]) -> dict[str, Any]:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, RecursionError) as error:
        raise ValueError(f"not plain JSON: {error}") from error
    return value


Facts = Annotated[dict[str, Any], AfterValidator(_finite_json)]  # plain JSON without NaN


class _Fixed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


class Score(_Fixed):
    """One metric's value for one run; what could not be computed is absent from the record, never a sentinel."""

    value: float
    standard_error: float | None = Field(default=None, ge=0.0)
    direction: Literal["higher", "lower", "none"] = "none"  # which way is better


class End(_Fixed):
    """How a run ended; every state but ok counts as a failure and carries its reason."""

    state: EndState
    iteration: int | None = None
    reason: str | None = None


class Record(_Fixed):
    """One run: what it was, how it ended, what it scored; never changed once written.

    `identity` holds all that changes the numbers, the seed included; `key` is its hash. `comparable` holds what must
    be equal for two rows to stand in one table; a control leaves out the entries that do not apply to it (its budget,
    say), and matches any value there. `protocol` holds per metric the constants of its computation, such as the
    number of samples and the perfect sampler's floor: `{"modes": {"samples": 2500, "floor": 8.0}}`.
    """

    schema_version: Literal[1] = Field(default=SCHEMA, alias="schema")
    key: str
    kind: Literal["objective", "control"]
    problem: str = Field(min_length=1)
    row: str = Field(min_length=1)  # what the leaderboard calls it: "ns", "ebgan:margin=2", "oracle"
    track: Literal["shared", "paper", "tuned"] | None = None
    seed: int = Field(ge=0)
    identity: Facts
    comparable: Facts = Field(default_factory=dict)
    end: End
    scores: dict[str, Score] = Field(default_factory=dict)
    absent: dict[str, str] = Field(default_factory=dict)  # metric -> why it could not be computed
    protocol: Facts = Field(default_factory=dict)
    compute: Facts = Field(default_factory=dict)  # gradient_evaluations, samples_seen, seconds, ...
    environment: Facts = Field(default_factory=dict)
    group: Facts = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_itself(self) -> Record:
        if self.key != identity_key(self.identity):
            raise ValueError(f"key {self.key[:40]!r} is not the hash of the identity")
        if self.identity.get("seed", self.seed) != self.seed:
            raise ValueError(f"seed {self.seed} is not the identity's seed {self.identity['seed']!r}")
        return self

    def to_json(self) -> str:
        """Write the record as indented JSON; floats keep every bit."""
        return json.dumps(self.model_dump(by_alias=True), indent=1, allow_nan=False) + "\n"
