"""Figures: what they show against values worked out by hand, and that they are drawn from any directory."""

from __future__ import annotations

import io
import itertools
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from benchmark.figures import FIGURES, heat_maps, write_figures
from benchmark.figures.heat_map import draw_heat_map
from benchmark.figures.ladder_plot import draw_ladder, named
from benchmark.figures.modes import ModePlaces
from benchmark.figures.style import DARK, LIGHT, THEMES, contrast, encode
from benchmark.leaderboard import rankings, tables
from benchmark.store import Kept, read_all, write_record
from tests.benchmark.cli_builders import HOSTILE, is_one_sentence, type_in
from tests.benchmark.leaderboard_builders import climbs, control, controls, critic_free, runs
from tests.benchmark.report_builders import SCRIPT, stored

__all__ = ["type_in"]

# Untrained 8, oracle 0.5: a factor of 2 is a quarter of the way.
RECORDS = [
    *(one for problem in ("ring", "grid") for one in controls(problem)),
    *(control("gmm", 0, 1.0, "grid"), control("gmm", 0, 0.5, "ring"), control("kmeans", 0, 0.5, "ring")),
    *(*runs("ns", [2.0, 2.0]), *runs("ns", [4.0, 4.0], problem="grid")),
    *(*runs("hinge", [1.0, None]), *runs("hinge", [1.0, 1.0], problem="grid")),
    *(*critic_free("mmd-fixed", [1.0, 1.0]), *critic_free("mmd-fixed", [1.0, 1.0], problem="grid")),
]


def maps(records=RECORDS):
    """Return the heat maps of records."""
    built = tables(records)
    return heat_maps(built, rankings(built))


def texts(svg):
    """Return the texts of a drawing in the order in which they were drawn."""
    return [text for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg.decode()) if text.strip()]


def test_a_heat_map_is_ordered_by_the_overall_share():
    """Hinge (3/8 + 3/4) / 2 before ns (1/2 + 1/4) / 2, controls after them, both ends of the way left out."""
    (found,) = maps()
    assert found.problems == ("grid", "ring")
    assert [row.label for row in found.rows] == ["hinge", "ns", "gmm", "mmd-fixed", "kmeans"]
    hinge, ns, gmm, fixed, kmeans = found.rows
    assert hinge.mean == pytest.approx((0.375 + 0.75) / 2)
    assert ns.mean == pytest.approx(0.375)
    assert [(cell.failed, cell.runs) for cell in hinge.cells] == [(0, 2), (1, 2)]
    assert [row.control for row in found.rows] == [False, False, True, True, True]
    assert kmeans.mean is None
    assert kmeans.cells[0] is None
    assert gmm.mean == pytest.approx(0.875)
    assert fixed.mean == pytest.approx(0.75)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_a_heat_map_shows_every_number(theme):
    """Each share in hundredths, each count of failures, each name; and the same bytes for the same records."""
    svg = encode(draw_heat_map(maps()[0], theme), "svg", "a title")
    found = texts(svg)
    for text in ("hinge", "ns", "kmeans", "all problems", "grid", "ring", "56", "×1", "38", "75", "88", "100"):
        assert text in found
    assert "a title" in svg.decode()
    assert encode(draw_heat_map(maps()[0], theme), "svg", "a title") == svg
    image = Image.open(io.BytesIO(encode(draw_heat_map(maps()[0], theme), "png", "a title")))
    assert image.size[0] > 400
    assert image.convert("RGB").getpixel((0, 0)) == tuple(bytes.fromhex(theme.ground[1:]))


def test_text_reads_on_every_share():
    """The numbers have a contrast of 4.5 or more on the colour of any share, in both themes (WCAG 2.2, AA)."""
    for theme in (LIGHT, DARK):
        for share in np.linspace(0, 1, 101):
            colour = theme.shares(share)
            ink = tuple(part / 255 for part in bytes.fromhex(theme.on(colour)[1:]))
            assert contrast(ink, colour) >= 4.5, (theme.name, share)
    assert contrast((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)) == pytest.approx(21.0)


def test_one_problem_has_no_mean_line_and_no_way_no_map():
    """A single table is its own mean; without both controls nothing can be shared."""
    (found,) = maps([one for one in RECORDS if one.problem == "ring"])
    svg = texts(encode(draw_heat_map(found, LIGHT), "svg", ""))
    assert "all problems" not in svg
    assert [row.label for row in found.objectives] == ["ns", "hinge"]
    assert maps([one for one in RECORDS if one.row != "oracle"]) == []


LADDER = [
    *(one for at in range(12) for one in climbs(f"row{at}", *([8.0, 4.0, 1.0 + at / 4] for _ in range(3)))),
    *climbs("ns", *([8.0, 6.0, 7.0] for _ in range(3))),
    *controls(),
]


def test_a_ladder_names_the_best_rows_and_the_baseline():
    """Eight rows have colours, the baseline always; the others are grey; every budget stands on the axis."""
    (table,) = tables(LADDER)
    assert named([table], 8) == [*(f"row{at}" for at in range(7)), "ns"]
    assert named([replace(table, baseline="row2")], 8) == [f"row{at}" for at in range(8)]
    found = texts(encode(draw_ladder([table], LIGHT), "svg", ""))
    for text in ("row0", "ns", "2,000", "4,000", "8,000", "ring"):
        assert text in found
    assert "row9" not in found
    assert draw_ladder(tables(RECORDS), LIGHT) is None


def test_a_row_has_one_colour_on_all_problems():
    """The best of each problem is among the rows in colour; the legend has each of them once."""
    turned = [climbs(f"row{at}", *([8.0, 4.0, 7.0 - at / 2] for _ in range(3)), problem="grid") for at in range(10)]
    both = tables([*LADDER, *itertools.chain(*turned), *controls("grid")])
    shown = named(both, 8)
    assert {"row0", "row9", "ns"} < set(shown)
    figure = draw_ladder(both, LIGHT)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == shown
    colours = {}
    for axes in figure.axes:
        for text in axes.texts:
            colours.setdefault(text.get_text(), set()).add(text.get_color())
    assert colours.keys() == set(shown)
    assert [list(colours[label]) for label in shown] == [[colour] for colour in LIGHT.series]


def test_a_disc_has_the_area_of_its_share():
    """A fair share fills its ring, a quarter of it has half the radius, and no disc reaches the next mode."""
    modes = ModePlaces(np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0], [4.0, 4.0]]), 0.1, 4.0)
    fair = modes.radius(1 / 4)
    assert modes.radius(1 / 16) == pytest.approx(fair / 2)
    assert modes.radius(1.0) <= 4.0 / 2
    assert modes.radius(0.0) == 0.0


def test_all_kinds_are_written_from_a_directory(tmp_path):
    """Heat map, modes and samples of records with samples, as SVG and PNG, in names that every system takes."""
    root = stored(tmp_path / "runs")
    records = [one for one in RECORDS if one.row != SCRIPT]
    for record in [*records, *LADDER]:
        write_record(root, record)
    written = write_figures(read_all(root)[0], Kept(root), tmp_path / "figures", tuple(FIGURES), LIGHT)
    names = {kind: sorted({file.stem for file in files}) for kind, files in written.items()}
    assert names["heat"] == ["heat-shared"]
    assert names["modes"] == ["modes-plane-shared"]
    assert names["samples"] == ["samples-images-shared", "samples-plane-shared"]
    assert names["ladder"] == ["ladder-shared"]
    assert written.pop("sweep") == []  # no setting was swept
    for files in written.values():
        assert sorted({file.suffix for file in files}) == [".png", ".svg"]
    svg = next(file for file in written["modes"] if file.suffix == ".svg").read_bytes()
    assert "3 of 3 modes" in " ".join(texts(svg))
    assert b"<script" not in svg


def test_the_command_names_every_file(type_in, tmp_path):
    """There is a line for each file, the same in JSON; for a missing figure it explains what is needed."""
    for record in RECORDS:
        write_record(tmp_path / "runs", record)
    code, out, err = type_in(
        "figure",
        "--results",
        tmp_path / "runs",
        "--output",
        tmp_path / "f",
        "--theme",
        "dark",
        "--json",
        tmp_path / "j",
    )
    assert code == 0, err
    assert [line.rpartition("/")[2] for line in out.split()] == ["heat-shared-dark.svg", "heat-shared-dark.png"]
    assert "no modes: it needs stored two-dimensional samples" in err
    assert json.loads((tmp_path / "j").read_text())["files"]["heat"] == out.split()


@pytest.mark.parametrize(
    "words", [("heatt",), ("--theme", "blue"), ("--problem", "none"), ("modes",), *((name,) for name in HOSTILE)]
)
def test_mistakes_are_one_sentence(type_in, tmp_path, words):
    """An unknown figure, theme or problem, and one that these records do not allow."""
    for record in RECORDS:
        write_record(tmp_path / "runs", record)
    code, out, err = type_in("figure", *words, "--results", tmp_path / "runs", "--output", tmp_path / "f")
    assert is_one_sentence(code, out, err.splitlines()[-1] + "\n")
    assert not (tmp_path / "f").exists()
