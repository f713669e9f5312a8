"""The first screen of the README and of these pages: the figure and what it shows, from the published records.

`python docs/_ext/first_screen.py` writes it anew into the README.
"""

from __future__ import annotations

from pathlib import Path

from markup import joined

from benchmark.leaderboard import Ranking, Table, rankings, tables
from benchmark.leaderboard.conclusion import questions
from benchmark.store import read_all

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT / "results" / "standard"
FIGURE = "heat-shared"
ALT = "Heat map: objectives by problems, the share of the way from untrained to oracle, failed runs marked"
START, END = "<!-- written by docs/_ext/first_screen.py -->\n", "<!-- end -->\n"


def shown(results: Path = PUBLISHED) -> tuple[list[Table], Ranking]:
    """Return the published tables of the shared track and their order."""
    built = [table for table in tables(read_all(results)[0]) if table.track == "shared"]
    (ranking,) = rankings(built)
    return built, ranking


def answers(results: Path = PUBLISHED) -> str:
    """Write what a reader asks and what the records say, a line for each."""
    return "".join(f"- **{question}** {answer}\n" for question, answer in questions(*shown(results)))


def readme_part() -> str:
    """Write the README's first screen: the figure in the reader's colours, and the answers."""
    place = (PUBLISHED / FIGURE).relative_to(ROOT).as_posix()
    picture = (
        "<picture>\n"
        f'  <source media="(prefers-color-scheme: dark)" srcset="{place}-dark.svg">\n'
        f'  <img src="{place}.svg" alt="{ALT}">\n'
        "</picture>\n"
    )
    return f"{START}{picture}\n{answers()}{END}"


def front_part() -> str:
    """Write the same for the front page of the documentation."""
    place = f"../results/standard/{FIGURE}"
    figures = [
        f"```{{image}} {place}{suffix}.svg\n:class: only-{scheme}\n:alt: {ALT}\n```"
        for scheme, suffix in (("light", ""), ("dark", "-dark"))
    ]
    return joined([*figures, answers().rstrip("\n")])


def main() -> None:
    """Write the first screen into the README, between its marks."""
    readme = ROOT / "README.md"
    before, _, rest = readme.read_text().partition(START)
    readme.write_text(before + readme_part() + rest.partition(END)[2])


if __name__ == "__main__":
    main()
