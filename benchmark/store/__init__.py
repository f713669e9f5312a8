"""The record store: one directory per run, `<root>/<problem>/<row>/<seed>-<key>/`, its files the only truth.

record      Record and its parts, the content of `record.json`
leaves      the values that a record's tables may contain
identity    canonical JSON and the key of a run
paths       a run's directory and files; whether a results directory can be written
disk        files written atomically, and read only if they are regular files
files       one record read, or all
placing     a run's files written as one directory
sweeping    removal of what killed processes left behind
index       records cached as columns (blocks, columns, scores)
pack        `records.jsonl`: many records in one file, for publishing
curve       `curve.jsonl`, read line by line
samples     `samples.npz`, read with a bound on its size
kept        curves and samples; damaged ones are skipped and listed
"""

from __future__ import annotations

from benchmark.store.curve import Curve, curve_bytes, read_curve
from benchmark.store.disk import read_regular, write_atomically
from benchmark.store.files import Unreadable, read_all, read_record, recorded
from benchmark.store.identity import canonical_json, identity_key
from benchmark.store.kept import Kept
from benchmark.store.leaves import LARGEST
from benchmark.store.pack import PACK, packed
from benchmark.store.paths import (
    CURVE,
    GENERATOR,
    GROUPS,
    PICTURE,
    RECORD,
    SAMPLES,
    check_target,
    check_writable,
    directory_of,
    run_directory,
)
from benchmark.store.placing import obstacle, write_record
from benchmark.store.record import (
    FAILED_STATES,
    SCHEMA,
    Direction,
    End,
    EndState,
    Record,
    RecordedScore,
    Rung,
    parse_rung,
)
from benchmark.store.samples import SAMPLES_KEPT, read_samples, samples_bytes
from benchmark.store.sweeping import PROGRESS, sweep

__all__ = [
    "CURVE",
    "FAILED_STATES",
    "GENERATOR",
    "GROUPS",
    "LARGEST",
    "PACK",
    "PICTURE",
    "PROGRESS",
    "RECORD",
    "SAMPLES",
    "SAMPLES_KEPT",
    "SCHEMA",
    "Curve",
    "Direction",
    "End",
    "EndState",
    "Kept",
    "Record",
    "RecordedScore",
    "Rung",
    "Unreadable",
    "canonical_json",
    "check_target",
    "check_writable",
    "curve_bytes",
    "directory_of",
    "identity_key",
    "obstacle",
    "packed",
    "parse_rung",
    "read_all",
    "read_curve",
    "read_record",
    "read_regular",
    "read_samples",
    "recorded",
    "run_directory",
    "samples_bytes",
    "sweep",
    "write_atomically",
    "write_record",
]
