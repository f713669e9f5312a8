"""Records for the tests of the store."""

from pathlib import Path

from benchmark.store import (
    End,
    Record,
    RecordedScore,
    identity_key,
)
from benchmark.store.record import parse_record


def record(seed=0, row="ns", problem="ring", **changes):
    """Build a record of a run that ended well."""
    identity = {"problem": problem, "row": row, "seed": seed}
    facts = {
        "key": identity_key(identity),
        "kind": "objective",
        "problem": problem,
        "row": row,
        "track": "shared",
        "seed": seed,
        "identity": identity,
        "comparable": {"protocol": 1, "budget": 1000},
        "end": End(state="ok", iteration=500),
        "scores": {
            "modes": RecordedScore(value=8.0, direction="higher"),
            "fd": RecordedScore(value=0.1 + 0.2, direction="lower"),
        },
        "absent": {"parzen": "no density"},
        "compute": {"seconds": 1.5},
    }
    return Record(**(facts | changes))


def files_below(root):
    """List every path below a directory with its content."""
    return {path: path.read_bytes() if path.is_file() else None for path in Path(root).rglob("*")}


def parsed(content):
    """Return a record, or the sentence that says why it is none."""
    try:
        return parse_record(content)
    except ValueError as error:
        return str(error)
