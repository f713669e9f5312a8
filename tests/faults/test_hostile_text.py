"""Text that wants to be more than text: every output shows it, none obeys it, and no file lies where none belongs."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from benchmark.leaderboard.text import readable
from benchmark.store import CURVE, End, Record, RecordedScore, curve_bytes, identity_key, write_record
from tests.faults.stores import ONE

TEXTS = {
    "html": "</script><script>alert(1)</script><img src=x onerror=alert(1)><a href='javascript:alert(1)'>x</a>",
    "attribute": '" onmouseover="alert(1)" x=\'',
    "template": "{{ 7 * 7 }}{% raw %}{# #}${7*7}",
    "markdown": "](http://x.test) ![x](http://x.test/y.png) | `c` **b** <http://x.test> @everyone #1",
    "latex": r"\input{/etc/passwd}\write18{rm}$x^2_1$%comment&\\{}~",
    "formula": '=HYPERLINK("http://x.test")',
    "plus": "+1+cmd|'/C calc'!A0",
    "minus": "-2+3",
    "at": "@SUM(1)",
    "tab": "\t=1+1",
    "escape": "\x1b[31mred\x1b[0m\x1b]0;title\x07\x1b[2J\x9b31m",
    "lines": "a\r\nb\nc\x0b\x0c\x85\u2028d",
    "backwards": "\u202eevil\u2066\u200f",
    "path": "../../../../tmp/outside",
    "absolute": "/etc/gan-bench-outside",
    "windows": "..\\..\\C:\\con",
    "null": "a\0b",
    "surrogate": "\udcff\ud800",
    "rich": "[bold red]x[/bold red][link=http://x.test]y[/link]",
    "format": "%s%n{0}{self.__class__}",
    "sql": "'; DROP TABLE runs; --",
    "100 kB": "x" * 100_000,
    "blank": " ",
    "wide": "\U0001f600\u0301" * 50 + "ﷺ" * 50,
}
TAGS = """
    html head meta title style script body header main section article nav footer aside details summary div span p h1
    h2 h3 h4 table caption colgroup col thead tbody tfoot tr th td ul ol li dl dt dd a button label input select option
    figure figcaption img svg g path circle rect line polyline polygon text tspan defs use clippath symbol code pre em
    strong small sup sub br hr time noscript template marker desc fieldset legend output b i abbr
"""


def stored(root, text):
    """Write runs of two rows, one of them named by the text, which also stands wherever else a record holds text."""
    for row in ("ns", text):
        for seed in range(2):
            identity = {"row": row.encode("utf-8", "backslashreplace").decode(), "seed": seed, "setting": text}
            record = Record(
                key=identity_key(identity),
                kind="objective",
                problem=text,
                row=row,
                track="shared",
                seed=seed,
                identity=identity,
                comparable={"budget": 100, text: text},
                end=End(state="diverged" if seed and row == text else "ok", reason=text),
                headline=("modes", text),
                scores={name: RecordedScore(value=1.0 + seed, direction="higher") for name in ("modes", text)},
                absent={"other": text},
                protocol={"modes": {"samples": 100, text: text}, text: {"note": text}},
                compute={"seconds": 1.0, "device": text, text: text},
                environment={"versions": {"python": text, text: text}, "processor": text, "commit": text},
                group={"key": text},
            )
            directory = write_record(root, record)
            (directory / CURVE).write_bytes(curve_bytes((at, {"modes": float(at), text: 1.0}) for at in range(3)))
            np.savez_compressed(directory / "samples.npz", samples=np.random.default_rng(0).random((50, 2)))
    return root


@pytest.fixture(scope="module", params=TEXTS)
def hostile(request, tmp_path_factory):
    """Return a text and a store that is full of it."""
    folder = tmp_path_factory.mktemp("hostile")
    return TEXTS[request.param], stored(folder / "runs", TEXTS[request.param])


def is_tame(text: str) -> bool:
    """Return whether text holds nothing that a terminal obeys."""
    return all(line.isprintable() for line in text.split("\n"))


def test_files_stay_below_their_root(hostile, tally):
    """Whatever names a run, its files lie three levels below the root, under plain names."""
    _, root = hostile
    tally.input()
    assert [path.name for path in root.parent.iterdir()] == ["runs"]
    files = [path for path in root.rglob("*") if path.is_file()]
    assert len(files) == 12
    for path in files:
        assert len(path.relative_to(root).parts) == 4
        assert re.fullmatch(r"[A-Za-z0-9._+=,/-]+", str(path.relative_to(root)))


def test_the_terminal_obeys_nothing(hostile, type_in, tally):
    """Tables and comparisons hold the text, escaped and cut, and no control character."""
    text, root = hostile
    tally.input()
    code, out, err = type_in("leaderboard", "--metric", "all", "--results", root)
    assert (code, err) == (0, "")
    assert is_tame(out)
    assert readable(text).strip()[:20] in out
    code, out, err = type_in("compare", "ns", text, "--results", root)
    assert code in (0, 2)  # a name of 100 kB is refused before it is looked up
    assert is_tame(out + err)
    assert "Traceback" not in err


def test_markdown_stays_text(hostile, type_in, tally):
    """No tag, no link, no mathematics; every row has the columns of its table."""
    _, root = hostile
    tally.input()
    code, out, err = type_in("leaderboard", "--format", "md", "--metric", "all", "--results", root)
    assert (code, err) == (0, "")
    assert is_tame(out)
    assert "<" not in out
    assert "://" not in out
    assert not re.search(r"(?<!\\)\](?=[\[(])|(?<!\\)!?\[", out)
    assert not re.search(r"(?<!\\)\$", out)
    widths = {}
    for line in out.splitlines():
        if line.startswith("|"):
            widths.setdefault(len(re.findall(r"(?<!\\)\|", line)), []).append(line)
    assert len(widths) <= 2  # the table, and that of differences


def test_csv_runs_no_formula(hostile, type_in, tally):
    """Read as CSV, no cell that holds text begins with what a spreadsheet would run."""
    text, root = hostile
    tally.input()
    code, out, _ = type_in("leaderboard", "--format", "csv", "--metric", "all", "--results", root)
    assert code == 0
    csv.field_size_limit(10**7)
    lines = list(csv.DictReader(io.StringIO(out)))
    assert len(lines) == 6  # two rows, three metrics
    for line in lines:
        for name in ("problem", "comparable", "row", "metric"):
            assert not line[name].lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert any(text.strip()[:3] in line["row"] for line in lines) or not text.isprintable()


def test_latex_runs_no_command(hostile, type_in, tally):
    """What is left after our own few commands holds no sign that LaTeX obeys."""
    _, root = hostile
    tally.input()
    code, out, _ = type_in("leaderboard", "--format", "latex", "--metric", "all", "--results", root)
    assert code == 0
    ours = (
        r"begin|end|centering|caption|toprule|midrule|bottomrule|par|smallskip|footnotesize|textbackslash|textbar|"
        r"textasciicircum|textasciitilde|textless|textgreater|textquotedbl|textasciigrave|dots|pm|mathbf|uparrow|"
        r"downarrow|cdot|small"
    )
    assert not re.sub(rf"\\({ours})(?![A-Za-z])|\\[\\{{}}$&#%_]", "", out).count("\\")
    assert not re.search(r"(?<!\\)%", out)
    assert is_tame(out)


def test_json_is_strict(hostile, type_in, tmp_path, tally):
    """Standard output and the file are JSON, and the text comes back as it was."""
    text, root = hostile
    tally.input()
    code, out, _ = type_in("leaderboard", "--format", "json", "--json", tmp_path / "a.json", "--results", root)
    assert code == 0
    for content in (out, (tmp_path / "a.json").read_text()):
        found = json.loads(content, parse_constant=pytest.fail)
        assert text in {row["label"] for table in found["tables"] for row in table["rows"]}


class Reader(HTMLParser):
    """Collects the elements that a browser would see."""

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        """Keep an element and its attributes."""
        self.elements.append((tag, dict(attributes)))


def test_the_report_is_no_ones_page_but_ours(hostile, type_in, tmp_path, tally):
    """Two scripts, both ours; no handler, no address, no element that our template does not have."""
    _, root = hostile
    tally.input()
    code, out, err = type_in("report", "--output", tmp_path / "r.html", "--results", root)
    assert (code, err) == (0, "")
    assert is_tame(out)
    page = (tmp_path / "r.html").read_text()
    elements = Reader(page).elements
    assert {tag for tag, _ in elements} <= set(TAGS.split())
    assert [tag for tag, _ in elements].count("script") == 2
    for _, given in elements:
        assert not any(name.startswith("on") or name == "style" for name in given)
        assert given.get("href", "#").startswith("#")
        assert given.get("src", "data:image/png").startswith("data:image/png")
    assert "\x1b" not in page
    assert "49" not in re.findall(r">\s*(49)", page)  # 7 * 7, had the template been run
    json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1], parse_constant=pytest.fail)


PLUGIN = """
from dataclasses import dataclass
from objectives.classic import NonSaturating
TEXT = {text!r}

@dataclass(frozen=True)
class Mine(NonSaturating):
    note: str = "plain"

    def __post_init__(self):
        if self.note == "refuse":
            raise ValueError(TEXT)

Mine.__doc__ = TEXT
"""


@pytest.mark.parametrize("text", [*TEXTS.values(), ""], ids=[*TEXTS, "nothing"])
def test_a_plugins_words_stay_words(text, type_in, tmp_path, monkeypatch, tally):
    """A docstring and an error of a plug-in are shown escaped by show, check and run; nothing lies outside."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "mine.py").write_text(PLUGIN.format(text=text))
    tally.input(2)
    code, out, err = type_in("show", "mine.py:Mine", "--json", "a.json")
    assert code == 0, err
    assert is_tame(out + err)
    json.loads((folder / "a.json").read_text())
    for command in ("show", "run"):
        words = ("-o", "mine.py:Mine:note=refuse", "-p", "ring") if command == "run" else ("mine.py:Mine:note=refuse",)
        code, out, err = type_in(command, *words)
        assert (code, out) == (2, "")
        assert is_tame(err)
        assert err.count("\n") == 1
        assert len(err) < 12_000
    assert sorted(path.name for path in folder.iterdir()) in (
        ["a.json", "mine.py"],
        ["__pycache__", "a.json", "mine.py"],
    )
    assert [path.name for path in tmp_path.iterdir()] == ["work"]


@pytest.mark.parametrize("name", ["html", "latex", "escape", "path", "formula", "100 kB"])
def test_a_setting_of_text_names_a_run(name, type_in, tmp_path, monkeypatch, tally):
    """A text given as a setting is trained, labels its row, and neither leaves the directory nor the table."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "mine.py").write_text(PLUGIN.format(text="Mine."))
    text = TEXTS[name].replace("+", "").replace(",", "").strip()
    tally.input()
    code, out, err = type_in(*ONE, "-o", f"mine.py:Mine:note={text}", "--results", "runs")
    assert code in (0, 2)
    assert is_tame(out + err)
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["work"]
    assert {path.name for path in folder.iterdir()} <= {"mine.py", "runs", "__pycache__"}
    if code == 0:
        assert {path.name for path in (folder / "runs").iterdir()} == {"groups", "ring"}
