"""Plain text as Markdown: escapes, tables, and docstrings with their equations as typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

SPECIAL = re.compile(r"([\\`*_\[\]<>|#$~{}])")
CODE = re.compile(r"(`[^`\n]+`)")
ARXIV = re.compile(r"arXiv:(\d{4}\.\d{4,5})")
ADDRESS = re.compile(r"https?://[^\s)]+")


def escaped(text: str) -> str:
    """Write text so that Markdown shows it letter by letter."""
    return SPECIAL.sub(r"\\\1", text)


def linked(text: str) -> str:
    """Write prose: code in backticks stays code, arXiv numbers and addresses become links, the rest is escaped."""
    return "".join(piece if CODE.fullmatch(piece) else _addressed(piece) for piece in CODE.split(text))


def _addressed(text: str) -> str:
    places = {found[0]: f"https://arxiv.org/abs/{found[1]}" for found in ARXIV.finditer(text)}
    places |= {found: found for found in ADDRESS.findall(text)}
    if not places:
        return escaped(text)
    split = re.split("(" + "|".join(map(re.escape, places)) + ")", text)
    return "".join(f"[{escaped(one)}]({places[one]})" if one in places else escaped(one) for one in split)


def code(text: str) -> str:
    """Write a name as code, also in a table."""
    return "`" + text.replace("|", "\\|") + "`" if text else ""


def literal(text: str) -> str:
    """Write lines as they are."""
    return f"```text\n{text}\n```"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table of cells that are Markdown already."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(" ".join(cell.split()) for cell in line) + " |" for line in lines)


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """Return a table of names and facts without a heading."""
    lines = [f"* - {name}\n  - {' '.join(said.split())}" for name, said in rows]
    return "\n".join(["```{list-table}", ":widths: 22 78", "", *lines, "```"])


def is_formula(paragraph: str) -> bool:
    """Return whether a line is an equation: it has columns, or does not end with a full stop."""
    lines = [line.strip() for line in paragraph.splitlines()]
    return any("  " in line for line in lines) or paragraph.rstrip()[-1] not in ".:;?"


def paragraphs(text: str) -> list[str]:
    """Split text at its empty lines."""
    return [part.strip("\n") for part in re.split(r"\n\s*\n", text) if part.strip()]


def pieces(text: str) -> Iterator[tuple[bool, str]]:
    """Split text into sentences and equations, neighbouring equations as one: (is it an equation, the text)."""
    for formula, group in groupby(paragraphs(text), is_formula):
        parts = list(group)
        yield from ((formula, part) for part in (["\n\n".join(parts)] if formula else parts))


def prose(text: str) -> str:
    """Write a docstring's body: sentences as such, lists as lists, equations as they were typed."""
    return joined(literal(part) if formula else _sentences(part) for formula, part in pieces(text))


def _sentences(paragraph: str) -> str:
    lines: list[str] = []
    for line in paragraph.splitlines():
        if line.lstrip().startswith("- ") and lines and not lines[-1].startswith("- "):
            lines.append("")  # else a list would go on with the sentence above it
        lines.append(line)
    text = "\n".join(lines)
    split = re.split(r"(^\s*- )", text, flags=re.MULTILINE)
    return "".join(piece if piece.strip() == "-" else linked(piece) for piece in split)


def joined(blocks: Iterable[str]) -> str:
    """Join the blocks that are not empty."""
    return "\n\n".join(block for block in blocks if block) + "\n"
