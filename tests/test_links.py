"""Relative links lead to files and anchors that are there."""

from __future__ import annotations

import re

import pytest

from benchmark.problems import ALL_PROBLEMS
from objectives import OBJECTIVES
from tests.prose import DOCS, FENCE, ROOT, anchors_of, links_of

FILES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")),
    *sorted([*(ROOT / "results").glob("*.md"), *(ROOT / "results").glob("*/*.md")]),
    *sorted(path for path in DOCS.rglob("*.md") if "generated" not in path.parts),
]
GENERATED = {
    *(DOCS / "generated" / "objectives" / f"{name}.md" for name in OBJECTIVES),
    *(DOCS / "generated" / "problems" / f"{name}.md" for name in ALL_PROBLEMS),
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_have_a_text(path):
    """A link without one is filled in by Sphinx alone: who reads the file in the repository sees nothing."""
    assert not re.findall(r"(?<!!)\[\s*\]\([^)]*\)", FENCE.sub("", path.read_text()))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path):
    """Each link to a file finds it, and the heading that it names."""
    for link in links_of(path):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        place, _, anchor = link.partition("#")
        target = (path.parent / place).resolve() if place else path
        if target in GENERATED:
            continue
        assert target.exists(), f"{link}: no such file"
        assert target.is_relative_to(ROOT), f"{link} leads out of the repository"
        if anchor and "```{include}" not in target.read_text():  # else Sphinx checks it, who sees the whole page
            assert anchor in anchors_of(target), f"{link}: no such heading"


def test_every_page_is_checked():
    """There are pages to be checked, and links in them."""
    assert len(FILES) > 20
    assert sum(len(links_of(path)) for path in FILES) > 30
