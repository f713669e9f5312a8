"""The report in a real browser: Debian's Chromium, driven by Playwright; skipped where either is missing."""

from __future__ import annotations

import shutil

import pytest

from benchmark.leaderboard import Published
from benchmark.report import page as page_of
from benchmark.store import Kept, read_all
from tests.benchmark.report_builders import SCRIPT, stored

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: the extra `browser`")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium on the path"),
    pytest.mark.xdist_group("browser"),
    pytest.mark.filterwarnings("default"),  # Playwright's own
]


@pytest.fixture(scope="module")
def browser():
    """Return a browser."""
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Return a report of records made by hand, and of a number that a hostile paper printed."""
    root = tmp_path_factory.mktemp("browser")
    stored(root / "runs")
    printed = [Published("plane", "good", "coverage", 0.9, SCRIPT, "another budget")]
    (root / "report.html").write_text(page_of(read_all(root / "runs")[0], Kept(root / "runs"), published=printed))
    return root / "report.html"


@pytest.fixture
def opened(browser, file):
    """Return a function that opens the report and notes every request and every line of the console."""
    contexts = []

    def open_(**options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.requests, page.said = [], []
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("console", lambda line: page.said.append(line.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(file.as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()


def rows(page):
    """Return the labels of the first board's visible rows, in their order."""
    return page.locator("table.board").first.locator("tbody tr:visible th").all_inner_texts()


def test_nothing_leaves_the_page_and_the_console_is_silent(opened, file):
    """One request, the file itself; pictures are in it; no error is logged."""
    page = opened()
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    page.mouse.wheel(0, 20000)
    page.wait_for_load_state("networkidle")
    assert [address for address in page.requests if not address.startswith("data:")] == [file.as_uri()]
    assert page.said == []
    assert page.locator("img").evaluate_all("all => all.every(one => one.complete && one.naturalWidth > 0)")


def test_a_script_in_a_name_does_not_run(opened):
    """The name is there as text, the title is ours, and no element came of it."""
    page = opened()
    assert page.title() == "gan-bench report"
    assert page.locator("main script, img[src=x]").count() == 0
    assert any(SCRIPT in label for label in rows(page))


def test_columns_sort_by_mouse(opened):
    """A click sorts by a number, another one turns it round; rows that never finished stay last."""
    page = opened()
    head = page.locator("table.board").first.locator("thead th").nth(1)
    assert head.get_attribute("aria-sort") == "descending"
    assert rows(page)[:3] == ["oracle control", "good", "ns"]
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert rows(page)[0] == "bad"
    assert rows(page)[-2:] == ["oracle control", "broken"]
    page.locator("table.board").first.locator("thead button").first.click()
    assert rows(page)[-1] == "broken"
    assert head.get_attribute("aria-sort") == "none"


def test_columns_sort_by_keyboard(opened):
    """Tab reaches the headings, Enter and space sort."""
    page = opened()
    page.locator("input.find").first.focus()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate(
            "document.activeElement.className === 'by' && document.activeElement.textContent !== 'objective'"
        ):
            break
    page.keyboard.press("Enter")
    assert rows(page)[0] == "bad"
    page.keyboard.press("Space")
    assert rows(page)[0] == "oracle control"


def test_rows_are_filtered_by_keyboard_and_mouse(opened):
    """Typed text keeps matching rows and their charts and says how many; boxes hide controls and failures."""
    page = opened()
    page.locator("input.find").first.focus()
    page.keyboard.type("GOO")
    assert rows(page) == ["good"]
    section = page.locator("section.problem").first
    assert section.get_by_role("status").inner_text() == "1 of 6 rows"
    assert set(section.locator("figure:visible figcaption b").all_inner_texts()) == {"good"}
    page.keyboard.press("Escape")
    assert len(rows(page)) == 6
    section.locator("input.controls").click()
    section.locator("input.failing").click()
    assert rows(page) == ["good", "ns", SCRIPT]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(opened, scheme, width):
    """No violation of the accessibility rules, contrast among them, with all details open."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
    page = opened(color_scheme=scheme, viewport={"width": width, "height": 900})
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_dark_mode_is_dark_and_can_be_chosen(opened):
    """The system's wish is followed, and the button overrules it."""

    def ground(page):
        red, green, blue = map(int, page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g)"))
        return (red + green + blue) / 3

    assert ground(opened(color_scheme="light")) > 200
    page = opened(color_scheme="dark")
    assert ground(page) < 60
    page.locator("#theme").click()
    assert ground(page) > 200
    page.locator("#theme").click()
    assert ground(page) < 60


STILL = 5  # equal readings: on a busy machine a scroll may begin late


def at_rest(page):
    """Wait until the page has scrolled to where it goes."""
    seen = [page.evaluate("scrollY")]
    while len(seen) < STILL or len(set(seen[-STILL:])) > 1:
        page.wait_for_timeout(150)
        seen.append(page.evaluate("scrollY"))


@pytest.mark.parametrize("width", [390, 1400])
def test_navigation_lands_where_it_says(opened, width):
    """Each link brings its section to the top of the screen, with smooth scrolling on, from the top and from below."""
    page = opened(viewport={"width": width, "height": 900}, reduced_motion="no-preference")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "smooth"
    links = page.locator("nav a")
    for at in [*range(links.count()), 0]:
        anchor = links.nth(at).get_attribute("href")
        links.nth(at).evaluate("link => link.click()")
        at_rest(page)
        top = page.evaluate(f"document.querySelector('{anchor}').getBoundingClientRect().top")
        at_end = page.evaluate("innerHeight + scrollY > document.documentElement.scrollHeight - 2")
        assert abs(top - 16) < 2 or at_end


def test_hidden_columns_are_hinted_at(opened):
    """A table wider than a phone says so until it is scrolled to its end; on a wide screen nothing is said."""
    page = opened(viewport={"width": 390, "height": 844})
    board = page.locator(".scroll:has(table.board)").first
    hint = board.locator("xpath=preceding-sibling::small[1]")
    assert hint.is_visible()
    board.evaluate("box => { box.scrollLeft = box.scrollWidth; }")
    page.wait_for_timeout(100)
    assert not hint.is_visible()
    assert opened(viewport={"width": 1400, "height": 900}).locator(".more:visible").count() == 0


def test_a_phone_scrolls_tables_not_the_page(opened):
    """At 390 pixels nothing but tables is wider than the screen."""
    page = opened(viewport={"width": 390, "height": 844})
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_scripts_all_is_readable(opened):
    """Tables and charts are in the page; what only a script could serve is not offered."""
    page = opened(java_script_enabled=False)
    assert rows(page)[0] == "oracle control"
    assert page.locator("input:visible, button:visible").count() == 0


def test_screenshots_for_people(opened, tmp_path):
    """A picture of the page in each scheme and width, for whoever wants to look."""
    for scheme in ("light", "dark"):
        for width in (390, 1280):
            path = tmp_path / f"report-{scheme}-{width}.png"
            opened(color_scheme=scheme, viewport={"width": width, "height": 900}).screenshot(path=path, full_page=True)
            assert path.stat().st_size > 10_000
