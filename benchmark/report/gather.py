"""What a page is made from: tables, the records behind each row, and their files on disk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmark.leaderboard import Published, Table, read_costs, tables, with_costs, with_published
from benchmark.store import Kept, Record

FULL = 100  # rows up to which a page shows everything; with more of them each shows less, or the page is too large


@dataclass(frozen=True)
class Section:
    """One table and its place on the page."""

    number: int
    table: Table


@dataclass(frozen=True)
class Material:
    """All sections, what lies beside their records, and whether there are few enough rows to show everything."""

    kept: Kept
    sections: tuple[Section, ...]

    @property
    def rows(self) -> int:
        """Number of rows of all tables."""
        return sum(len(section.table.rows) for section in self.sections)

    @property
    def full(self) -> bool:
        """Whether the page shows everything."""
        return self.rows <= FULL


def gather(records: Iterable[Record], kept: Kept, baseline: str, published: Sequence[Published] = ()) -> Material:
    """Build the tables of a page."""
    built = with_costs(with_published(tables(records, None, None, baseline), published), read_costs(kept.root))
    return Material(kept, tuple(Section(number, table) for number, table in enumerate(built)))
