"""The report that people look at: one HTML file that needs no network, a pure function of a results directory.

page       all of it together, and the file     scale      values to places on an axis, and its ticks
gather     files next to the records            marks      dots and lines as short SVG paths
overview   the order over all problems          png        small images without a library
table      a problem's table                    facts      how each number was made
curves     training curves, row by row          compute    quality against seconds
samples    scatters, contours, image grids      failures   how runs ended
mode_map   which modes are drawn, how often
page.html, page.css, page.js                    what the browser gets
"""

from __future__ import annotations

from benchmark.report.page import page

__all__ = ["page"]
