"""The directive `report-picture`: a picture of the report in the reader's colours, or why there is none."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from docutils import nodes
from screenshots import SHOTS
from sphinx.util.docutils import SphinxDirective

MISSING = "There is no picture here: these pages were built where there is no Chromium or no Playwright."


class ReportPicture(SphinxDirective):
    """Show the picture of a name in SHOTS."""

    required_arguments: ClassVar[int] = 1

    def run(self) -> list[nodes.Node]:
        """Return an image for each colour scheme, of which the theme shows one."""
        shot = SHOTS[self.arguments[0]]
        found = []
        for scheme in ("light", "dark"):
            name = f"generated/pictures/report-{self.arguments[0]}-{scheme}.png"
            if not (Path(self.env.srcdir) / name).is_file():
                return [nodes.paragraph("", "", nodes.emphasis(text=MISSING))]
            found.append(nodes.image(uri=f"/{name}", alt=shot.shows, classes=[f"only-{scheme}"]))
        return [nodes.figure("", *found, nodes.caption(text=shot.shows))]
