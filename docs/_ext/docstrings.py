"""Docstrings as reStructuredText: they are plain text with equations, and Sphinx would read signs into them."""

from __future__ import annotations

import re

from markup import pieces

SECTION = re.compile(r"^(Args|Returns|Raises|Yields|Attributes|Examples?|Note):$")
CODE = re.compile(r"(`[^`\n]+`)")
SIGNS = re.compile(r"([*|\\]|(?<=\w)_(?!\w))")


def as_rst(text: str) -> str:
    """Keep sections for napoleon, set equations as literal blocks, and escape the signs of everything else."""
    return "\n\n".join(_block(formula, part) for formula, part in pieces(text)) + "\n"


def _block(formula: bool, text: str) -> str:
    first, *rest = text.split("\n")
    if SECTION.match(first.strip()):
        return "\n".join([first, *(_inline(line) for line in rest)])
    if formula:
        return "::\n\n" + "\n".join(f"    {line}".rstrip() for line in text.split("\n"))
    return _inline(text)


def _inline(text: str) -> str:
    return "".join(f"`{piece}`" if CODE.fullmatch(piece) else SIGNS.sub(r"\\\1", piece) for piece in CODE.split(text))
