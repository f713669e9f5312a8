"""Which modes of the truth each row draws, and how often: a panel for each row."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.patches import Circle

from benchmark.figures.kept import is_plane, oracle_samples, typical_samples
from benchmark.figures.modes import describe_shares, modes_of
from benchmark.figures.sheets import grid_of_panels
from benchmark.figures.style import Theme, settings
from benchmark.leaderboard import Table
from benchmark.leaderboard.text import readable
from benchmark.store import Kept


def draw_modes(table: Table, kept: Kept, theme: Theme) -> Figure | None:
    """Draw a map for each row that kept samples; None where the truth's modes are not known to be well apart."""
    found = {label: one for label, one in typical_samples(kept, table).items() if is_plane(one[1])}
    modes = modes_of(table, [one for one in oracle_samples(kept, table) if is_plane(one)])
    if modes is None or not found:
        return None
    corner, size = modes.frame()
    with settings():
        figure, panels = grid_of_panels(theme, len(found), "Discs: share of samples in a mode; rings: a fair share")
        for axes, (label, (_, samples)) in zip(panels, found.items(), strict=True):
            own = modes.shares(samples)
            for centre, share in zip(modes.centres, own[:-1], strict=True):
                fair = modes.radius(1 / len(modes.centres))
                axes.add_patch(Circle(tuple(centre), fair, fill=False, edgecolor=theme.soft, linewidth=0.7))
                axes.add_patch(Circle(tuple(centre), modes.radius(share), color=theme.accent, alpha=0.8, linewidth=0))
            axes.set_xlim(corner[0], corner[0] + size)
            axes.set_ylim(corner[1], corner[1] + size)
            axes.set_title(readable(label, 24), color=theme.ink, fontsize=8)
            axes.set_xlabel(describe_shares(own), color=theme.soft, fontsize=6.5)
    return figure
