"""Pictures of the report, made when the pages are built: a small benchmark is run, reported and photographed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from benchmark import api
from benchmark.report import page
from benchmark.store import Kept

OBJECTIVES = ("ns", "hinge", "began")  # the last one collapses here, so there are failures to be seen
ITERATIONS, SEEDS = 800, 4
WIDTH, HEIGHT = 1360, 900
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Shot:
    """One picture: the selector of a part of the page, and its caption."""

    selector: str
    shows: str


SHOTS: Mapping[str, Shot] = {
    "overview": Shot("", "The top of the report: the order of the objectives."),
    "table": Shot("table.board", "A table of the report: every dot is a seed, the line is the interval of the mean."),
    "samples": Shot("div.panels:not(.curves):not(.small)", "Samples of one seed of each row on the truth's contours."),
    "curves": Shot("div.panels.curves", "Curves of training, one panel for each objective."),
}


def report_of(records: Path, file: Path) -> None:
    """Run the small benchmark, or find it on record, and write the report of these runs alone."""
    records.mkdir(parents=True, exist_ok=True)
    made = api.run(OBJECTIVES, problems=["ring"], seeds=SEEDS, iterations=ITERATIONS, pictures=False, results=records)
    file.write_text(page(made, Kept(records)))


def browser() -> str | None:
    """Return a browser that can be automated; None if there is none."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def lacking() -> str | None:
    """Return what is missing for taking screenshots."""
    if browser() is None:
        return "Chromium"
    return None if find_spec("playwright") else "Playwright (the extra `browser`)"


def photograph(file: Path, folder: Path) -> None:
    """Take every picture of the report, light and dark, as `report-NAME-SCHEME.png`."""
    from playwright.sync_api import sync_playwright  # of the extra `browser`

    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=browser(), args=FLAGS, env=_quiet())
        for scheme in ("light", "dark"):
            context = started.new_context(color_scheme=scheme, viewport={"width": WIDTH, "height": HEIGHT})
            tab = context.new_page()
            tab.goto(file.as_uri())
            for name, shot in SHOTS.items():
                target = folder / f"report-{name}-{scheme}.png"
                if shot.selector:
                    tab.locator(shot.selector).first.screenshot(path=target)
                else:
                    tab.screenshot(path=target)
            context.close()
        started.close()


def _quiet() -> dict[str, str | float | bool]:
    return {name: value for name, value in os.environ.items() if not name.endswith("_proxy")}
