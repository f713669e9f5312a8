"""Docstrings as reStructuredText: they are plain text with equations, and Sphinx would read signs into them."""

from __future__ import annotations

import re

from markup import is_formula, paragraphs

SECTION = re.compile(r"^(Args|Returns|Raises|Yields|Attributes|Examples?|Note):$")
CODE = re.compile(r"(`[^`\n]+`)")
SIGNS = re.compile(r"([*|\\]|(?<=\w)_(?!\w))")


def as_rst(text: str) -> str:
    """Keep sections for napoleon, set equations as literal blocks, and escape the signs of everything else."""
    return "\n\n".join(_block(part) for part in paragraphs(text)) + "\n"


def _block(paragraph: str) -> str:
    first, *rest = paragraph.split("\n")
    if SECTION.match(first.strip()):
        return "\n".join([first, *(_inline(line) for line in rest)])
    if is_formula(paragraph):
        return "::\n\n" + "\n".join(f"    {line}" for line in paragraph.split("\n"))
    return _inline(paragraph)


def _inline(text: str) -> str:
    pieces = CODE.split(text)
    return "".join(f"`{piece}`" if CODE.fullmatch(piece) else SIGNS.sub(r"\\\1", piece) for piece in pieces)
