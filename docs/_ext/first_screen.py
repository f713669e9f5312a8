"""The first screen of the README and of the documentation: the figure and what it shows, from published records.

`python docs/_ext/first_screen.py` updates it in the README.
"""

from __future__ import annotations

from pathlib import Path

from markup import joined

from benchmark.leaderboard import Ranking, Table, rankings, read_costs, tables, with_costs
from benchmark.leaderboard.conclusion import questions
from benchmark.store import read_all

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT / "results" / "standard"
FIGURE = "heat-shared"
ALT = "Heat map of objectives by problems: share from untrained to oracle, with failed runs marked"
START, END = "<!-- written by docs/_ext/first_screen.py -->\n", "<!-- end -->\n"


def shown(results: Path = PUBLISHED) -> tuple[list[Table], Ranking]:
    """Return the published tables and ranking of the shared track."""
    every = with_costs(tables(read_all(results)[0]), read_costs(results))
    built = [table for table in every if table.track == "shared"]
    (ranking,) = rankings(built)
    return built, ranking


def answers(results: Path = PUBLISHED) -> str:
    """Write a line for each question with its answer from the records."""
    return "".join(f"- **{question}** {answer}\n" for question, answer in questions(*shown(results)))


def readme_part() -> str:
    """Write the README's first screen: the figure in the light or dark theme, and the answers."""
    place = (PUBLISHED / FIGURE).relative_to(ROOT).as_posix()
    picture = (
        "<picture>\n"
        f'  <source media="(prefers-color-scheme: dark)" srcset="{place}-dark.svg">\n'
        f'  <img src="{place}.svg" alt="{ALT}">\n'
        "</picture>\n"
    )
    return f"{START}{picture}\n{answers()}{END}"


def front_part() -> str:
    """Write the first screen of the documentation."""
    place = f"../results/standard/{FIGURE}"
    figures = [
        f"```{{image}} {place}{suffix}.svg\n:class: only-{scheme}\n:alt: {ALT}\n```"
        for scheme, suffix in (("light", ""), ("dark", "-dark"))
    ]
    wide = "\n".join(["````{container} wide", *figures, "````"])
    return joined([wide, answers().rstrip("\n")])


def main() -> None:
    """Write the first screen into the README, between its marks."""
    readme = ROOT / "README.md"
    before, _, rest = readme.read_text().partition(START)
    readme.write_text(before + readme_part() + rest.partition(END)[2])


if __name__ == "__main__":
    main()
