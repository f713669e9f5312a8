r"""Tables for LaTeX, with booktabs."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.leaderboard import text as words
from benchmark.leaderboard.columns import ShownColumn, columns_of
from benchmark.leaderboard.table import Cell, Table

_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "`": r"\textasciigrave{}", "-": "{-}", "[": "{[}", "]": "{]}",
    "±": r"$\pm$", "↑": r"$\uparrow$", "↓": r"$\downarrow$", "·": r"$\cdot$", "–": "--", "…": r"\dots{}",
}  # fmt: skip


def latex(tables: Sequence[Table]) -> str:
    r"""Write tables as LaTeX floats; the document needs \usepackage{booktabs} and \usepackage[T1]{fontenc}."""
    return "\n".join(_one(table) for table in tables)


def escaped(text: str, longest: int = words.LONGEST_TEXT) -> str:
    """Make text mean itself in LaTeX; a sign beyond Latin-1 is written as its code point, as fonts may lack it."""
    return "".join(_ESCAPES.get(sign) or _letter(sign) for sign in words.readable(text, longest))


def _letter(sign: str) -> str:
    return sign if ord(sign) < 0x100 else f"U+{ord(sign):04X}"


def _one(table: Table) -> str:
    columns = [[escaped(column.heading), *_cells(table, column)] for column in columns_of(table)]
    head, *rows = map(_line, zip(*columns, strict=True))
    lines = [r"\begin{table}", r"\centering", rf"\caption{{{escaped(table.caption, 400)}}}"]
    lines += [rf"\begin{{tabular}}{{l{'r' * (len(columns) - 1)}}}", r"\toprule", head, r"\midrule"]
    lines += [*rows, r"\bottomrule", r"\end{tabular}"]
    notes = [*table.notes, *words.published_notes(table)]
    lines += [r"\par\smallskip\footnotesize", *(escaped(note, 2000) for note in notes), r"\end{table}", ""]
    return "\n".join(lines)


def _cells(table: Table, column: ShownColumn) -> list[str]:
    return [
        escaped(entry.text, column.longest) if entry.cell is None else _mean(entry.cell, row.finished, entry.bold)
        for row, entry in zip(table.rows, column.entries, strict=True)
    ]


def _mean(cell: Cell, finished: int, bold: bool) -> str:
    mean, half = words.mean_and_half_width(cell)
    if cell.mean.n == 0:
        return "--"
    value = rf"\mathbf{{{mean}}}" if bold else mean
    text = f"${value}$" if half is None else rf"${value} \pm {half}$"
    return text if cell.mean.n == finished else f"{text} ($n={cell.mean.n}$)"


def _line(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"
