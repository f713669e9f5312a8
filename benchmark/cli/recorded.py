"""Records for commands: read directories, select problems and budgets, and report unknown names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmark.cli.output import say
from benchmark.errors import UnknownName, UserError
from benchmark.leaderboard import Published, at_budget, beside
from benchmark.leaderboard.spelled import respelled
from benchmark.runner.paths import cache_directory
from benchmark.store import Kept, Record, read_all
from objectives.foundation.names import join_names, quote, resolve

NAMED = 10  # damaged files that are named one by one


def records_of(*directories: Path) -> list[Record]:
    """Read all records of directories; report unreadable files on standard error, and raise if there are none."""
    found: dict[str, Record] = {}
    for directory in directories:
        try:
            records, unreadable = read_all(directory, cache_directory())
        except OSError as error:  # a path longer than allowed
            raise UserError(f"Cannot read {quote(directory)}: {error.strerror or type(error).__name__}.") from error
        for file in unreadable:
            say(f"skipped {file.path}: {file.reason}", err=True)
        if not records:
            raise UserError(f"There are no records in {quote(directory)}; make some with gan-bench run --objective ns.")
        found = {record.key: record for record in records} | found
    return list(found.values())


def records_beside(own: Path, others: Sequence[Path]) -> list[Record]:
    """Read the records of a directory, and those of others at its budgets if they have such rungs."""
    mine = records_of(own)
    return beside(mine, records_of(*others)) if others else mine


def of_problems(records: list[Record], problems: Sequence[str] | None, directories: Sequence[Path]) -> list[Record]:
    """Return the records of some problems, or all records if none is named."""
    if not problems:
        return records
    known = {record.problem for record in records}
    wanted = {_problem(name, known, directories) for name in problems}
    return [record for record in records if record.problem in wanted]


def of_budget(records: list[Record], budget: int | None) -> list[Record]:
    """Return the records at a budget, or unchanged without one."""
    return records if budget is None else at_budget(records, budget)


def _problem(name: str, known: Collection[str], directories: Sequence[Path]) -> str:
    if name.startswith("folder:") or name.endswith((".npy", ".npz", ".pt")):
        from benchmark.problems import any_problem  # and torch with them

        name = any_problem(name).name  # that of its content
    try:
        return resolve(name, known, "problem")
    except UnknownName:
        from benchmark.problems import ALL_PROBLEMS  # and torch with them

        try:
            there = resolve(name, ALL_PROBLEMS, "problem")
        except UnknownName:
            there = ""
        if there:
            raise _absent(there, known, directories) from None
        raise


@contextmanager
def rows_on_record(names: Sequence[str], records: Sequence[Record], directories: Sequence[Path]) -> Iterator[None]:
    """Raise a UserError that distinguishes a known objective without runs from an unknown row."""
    try:
        yield
    except UnknownName:
        known = {record.row for record in records}
        for name in names:
            label = respelled(name)
            if label is not None and label not in known:
                raise _absent(label, known, directories) from None
        raise


def _absent(name: str, known: Collection[str], directories: Sequence[Path]) -> UserError:
    places = " or ".join(map(quote, directories))
    return UserError(f"There is no record of {quote(name)} in {places}. On record: {join_names(known)}.")


def say_damaged(kept: Kept) -> None:
    """Report unreadable files next to the records, the first few by name."""
    for file in kept.damaged[:NAMED]:
        say(f"damaged {file.path}: {file.reason}", err=True)
    if more := len(kept.damaged[NAMED:]):
        say(f"{more} more damaged files next to the records", err=True)


def say_left_out(printed: Sequence[Published], records: Sequence[Record]) -> None:
    """Report problems of published numbers without any record, so that a typo does not hide them."""
    unknown = {one.problem for one in printed} - {record.problem for record in records} if records else set()
    if unknown:
        say(
            f"published numbers skipped; there are no records of {', '.join(map(quote, sorted(unknown)))}",
            err=True,
        )
