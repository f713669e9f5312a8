"""What a page is made from: tables, the records behind each row, and what lies beside them on disk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.leaderboard import Published, Table, tables, with_published
from benchmark.store import CURVE, Curve, Record, directory_of, read_regular
from benchmark.store.curve import parse_curve

FULL = 100  # rows up to which a page shows everything; with more of them each shows less, or the page is too large


@dataclass(frozen=True)
class Section:
    """One table and its place on the page."""

    number: int
    table: Table


@dataclass(frozen=True)
class Material:
    """All sections, where their records lie, and whether there are few enough rows to show everything."""

    root: Path
    sections: tuple[Section, ...]

    @property
    def rows(self) -> int:
        """Number of rows of all tables."""
        return sum(len(section.table.rows) for section in self.sections)

    @property
    def full(self) -> bool:
        """Whether the page shows everything."""
        return self.rows <= FULL


def gather(records: Iterable[Record], root: Path, baseline: str, published: Sequence[Published] = ()) -> Material:
    """Build the tables of a page."""
    built = with_published(tables(records, None, None, baseline), published)
    return Material(root, tuple(Section(number, table) for number, table in enumerate(built)))


def curve_of(root: Path, record: Record, wanted: Sequence[str], every: int) -> Curve:
    """Return a run's curve: the points that hold a wanted value, and every n-th of the others."""
    try:
        lines = read_regular(directory_of(root, record) / CURVE).split(b"\n")
    except OSError:
        return Curve((), 0)
    kept = lines[every - 1 :: every]
    for name in wanted:
        sought = b'"%s"' % name.encode()
        kept += [line for line in lines if sought in line]
    return parse_curve(dict.fromkeys(kept))
