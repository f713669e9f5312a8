"""Records as commands ask for them: those of directories, of problems, and which names nothing is on record of."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmark.cli.output import say
from benchmark.errors import UnknownName, UserError
from benchmark.leaderboard import Published, at_budget, beside
from benchmark.leaderboard.spelled import respelled
from benchmark.runner.paths import cache_directory
from benchmark.store import Record, read_all
from objectives.foundation.names import join_names, quote, resolve


def records_of(*directories: Path) -> list[Record]:
    """Read all records of directories; unreadable files are named on standard error, and no record is a mistake."""
    found: dict[str, Record] = {}
    for directory in directories:
        try:
            records, unreadable = read_all(directory, cache_directory())
        except OSError as error:  # a path longer than allowed
            raise UserError(f"Cannot read {quote(directory)}: {error.strerror or type(error).__name__}.") from error
        for file in unreadable:
            say(f"left out {file.path}: {file.reason}", err=True)
        if not records:
            raise UserError(f"There are no records in {quote(directory)}; make some with gan-bench run --objective ns.")
        found = {record.key: record for record in records} | found
    return list(found.values())


def records_beside(own: Path, others: Sequence[Path]) -> list[Record]:
    """Read the records of a directory and of others, these at its budgets where they have a rung there."""
    mine = records_of(own)
    return beside(mine, records_of(*others)) if others else mine


def of_problems(records: list[Record], problems: Sequence[str] | None, directories: Sequence[Path]) -> list[Record]:
    """Keep the records of some problems, or all where none is named."""
    if not problems:
        return records
    known = {record.problem for record in records}
    wanted = {_problem(name, known, directories) for name in problems}
    return [record for record in records if record.problem in wanted]


def of_budget(records: list[Record], budget: int | None) -> list[Record]:
    """Return the records as they stood at a budget, or as they are where none is named."""
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
    """Tell a row that is a game but has no run here from one that nothing bears."""
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
    return UserError(f"Nothing of {quote(name)} is on record in {places}. On record: {join_names(known)}.")


def say_left_out(printed: Sequence[Published], records: Sequence[Record]) -> None:
    """Name on standard error the problems of published numbers that no record is of; a slip would hide them."""
    unknown = {one.problem for one in printed} - {record.problem for record in records} if records else set()
    if unknown:
        say(f"published numbers left out, for no record is of {', '.join(map(quote, sorted(unknown)))}", err=True)
