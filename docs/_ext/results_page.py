"""The page of published results: every Markdown file below results/, with links to other files there as text."""

from __future__ import annotations

import re
from pathlib import Path

from markup import code, joined

README = "README.md"
HEADING = re.compile(r"^(#+)(?= )", re.MULTILINE)
PICTURE = re.compile(r"!\[([^\]]*)\]\((?!https?:)([^)\s]+)\)")
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\((?!https?:)[^)\s]+\)")


def results_page(folder: Path) -> str:
    """Write the folder's own README, then a section for each other file that is published in it."""
    found = sorted(path for path in folder.rglob("*.md") if "runs" not in path.relative_to(folder).parts)
    rest = [path for path in found if path != folder / README]
    first = folder / README
    blocks = [_body(first, folder).partition("\n")[2]] if first in found else []  # without its title
    for path in rest:
        blocks += [f"## {code(path.relative_to(folder).as_posix())}", _below(_body(path, folder))]
    return joined(block.strip("\n") for block in blocks)


def _below(text: str) -> str:
    """Put a file's headings one level below the section that it becomes."""
    levels = [len(signs) for signs in HEADING.findall(text)]
    return HEADING.sub(lambda found: "#" * (len(found[1]) - min(levels) + 3), text)


def _body(path: Path, folder: Path) -> str:
    """Return a file's text for a page of docs/: paths of pictures adapted, links to other files removed."""
    place = Path("..") / folder.name / path.parent.relative_to(folder)
    text = PICTURE.sub(lambda found: f"![{found[1]}]({(place / found[2]).as_posix()})", path.read_text())
    return LINK.sub(r"\1", text)
