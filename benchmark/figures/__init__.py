"""Figures for papers, slides and pages, drawn by matplotlib from a results directory alone.

heat_map     objectives x problems: the share of the way from untrained to oracle
ladder_plot  share and place against the budget
mode_plot    which modes each row draws, and how often
sweep_plot   score against the value of a setting
sheets       samples of each row, points or images
kept         files that runs saved with their records: samples; the run that represents a row
modes        where the modes of the truth are, found in the oracle's samples
style        themes, light and dark; SVG and PNG
write        all of it into a folder
"""

from __future__ import annotations

from benchmark.figures.heat_map import HeatMap, heat_maps
from benchmark.figures.write import FIGURES, write_figures

__all__ = ["FIGURES", "HeatMap", "heat_maps", "write_figures"]
