"""The record store: one directory per run, `<root>/<problem>/<row>/<seed>-<key>/`, its files the only truth.

record      Record and its parts, as `record.json` holds them
identity    canonical JSON and the key of a run
paths       where a run lives; whether a results directory can be written
files       write, read; leftovers of a crash
pack        `records.jsonl`: many records in one file, for publishing
curve       `curve.jsonl`: written at once, read with tolerance
"""

from __future__ import annotations

from benchmark.store.curve import CURVE, Curve, read_curve, write_curve
from benchmark.store.files import (
    GROUPS,
    RECORD,
    Unreadable,
    obstacle,
    read_all,
    read_record,
    recorded,
    sweep,
    write_atomically,
    write_record,
)
from benchmark.store.identity import canonical_json, identity_key
from benchmark.store.pack import PACK, packed
from benchmark.store.paths import check_writable, directory_of, run_directory
from benchmark.store.record import FAILED_STATES, LARGEST, SCHEMA, Direction, End, EndState, Record, Rung, Score

__all__ = [
    "CURVE",
    "FAILED_STATES",
    "GROUPS",
    "LARGEST",
    "PACK",
    "RECORD",
    "SCHEMA",
    "Curve",
    "Direction",
    "End",
    "EndState",
    "Record",
    "Rung",
    "Score",
    "Unreadable",
    "canonical_json",
    "check_writable",
    "directory_of",
    "identity_key",
    "obstacle",
    "packed",
    "read_all",
    "read_curve",
    "read_record",
    "recorded",
    "run_directory",
    "sweep",
    "write_atomically",
    "write_curve",
    "write_record",
]
