"""How tests read Markdown: its blocks, its links, and the anchors of its headings."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"

FENCE = re.compile(r"^```([^\s`]+)[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def blocks_of(path: Path) -> list[tuple[str, str]]:
    """List the fenced blocks of a file as (language, content)."""
    return FENCE.findall(path.read_text())


def links_of(path: Path) -> list[str]:
    """List where a file's links lead, those in blocks of code left out."""
    return LINK.findall(FENCE.sub("", path.read_text()))


def anchors_of(path: Path) -> set[str]:
    """List the anchors of a file's headings, as GitHub and Sphinx make them."""
    found = HEADING.findall(FENCE.sub("", path.read_text()))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in found}
