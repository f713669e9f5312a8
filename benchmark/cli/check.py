"""`gan-bench check`: the laws of objectives and the contracts of all other kinds, for built-in and user code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.cli.options import Json, game_of, require_name
from benchmark.cli.output import aligned, paragraph, say, screen_width, write_json
from benchmark.errors import UserError

if TYPE_CHECKING:
    from objectives.laws.result import LawResult
    from objectives.laws.verdict import Checked

LAW_FAILS = 4
WORDS = {True: "holds", False: "FAILS", None: "-"}


def check(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Objectives, problems, networks, evaluators or trackers: ns, hinge+lecam, file.py:MyPair."),
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Check every objective, every wrapper on ns, and every version as shipped.")
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="With --all: print every law for every objective.")] = False,
    json: Json = None,
) -> None:
    """Check objectives against their laws, and everything else against the contract of its kind.

    The exit code is 4 if a law fails unexpectedly. Values are compared with the papers' formulas where available; the
    last lines name the parts without one. Versions as shipped elsewhere are expected failures: each must break exactly
    the laws that its entry lists.
    """
    from benchmark.catalogue.contracts import CONTRACTS
    from benchmark.catalogue.kinds import find_any
    from benchmark.cli.progress import LiveProgress
    from benchmark.runner.paths import cache_directory
    from objectives.laws.verdict import Checked, checked, everything

    asked = dict.fromkeys([*(names or []), *(everything() if all_ else [])])
    if not asked:
        raise UserError("Name what to check, such as ns or file.py:MyLoss, or use --all.")
    for name in asked:
        require_name(name)
    things = {name: find_any(name) for name in asked}
    games = {name: game_of(name) for name, thing in things.items() if thing is None}
    found, others = [], []
    with LiveProgress() as progress, progress.group("laws", len(things)) as done:
        for number, (name, thing) in enumerate(things.items(), start=1):
            if thing is None:
                found.append(checked(name, games[name]))
            else:
                others.append(Checked(name, False, (), tuple(CONTRACTS[thing.word](thing.value, cache_directory()))))
            done(number)
    as_expected = all(one.as_expected for one in [*found, *others])
    write_json(json, "check", {"as_expected": as_expected, "objectives": _facts(found), "others": _facts(others)})
    lines = [*_report([*found, *others], full or not all_), "", *_summary(found), *_kept(others), *_unproven(found)]
    say("\n".join(lines))
    if not as_expected:
        raise typer.Exit(LAW_FAILS)


def _kept(others: list[Checked]) -> list[str]:
    """Count what satisfies the contract of its kind."""
    keeping = sum(one.as_expected for one in others)
    return [f"{keeping} of {len(others)} others satisfy the contract of their kind."] if others else []


def _facts(found: list[Checked]) -> list[dict[str, object]]:
    return [
        {
            "name": one.name,
            "as_shipped": one.shipped,
            "as_expected": one.as_expected,
            "breaks": one.breaks,
            "failed": one.failed,
            "without_formula": one.without_formula,
            "laws": one.results,
        }
        for one in found
    ]


def _report(found: list[Checked], full: bool) -> list[str]:
    """Write every law of each game, or one line per game with its failing laws."""
    if full:
        return [line for one in found for line in ("", *_in_full(one))][1:]
    rows = aligned([[one.name, _sentence(one)] for one in found], flexible=1, indent="")
    lines = []
    for one, row in zip(found, rows, strict=True):
        lines += [row, *(line for law in one.results if law.passed is False for line in _law(law))]
    return lines


def _in_full(one: Checked) -> list[str]:
    return [f"{one.name}: {_sentence(one)}", *(line for law in one.results for line in _law(law))]


def _law(law: LawResult) -> list[str]:
    """Write a law on two lines: what was expected, and what was observed."""
    width = screen_width()
    start = f"  {WORDS[law.passed]:<5}  {law.name:<14}  "
    expected = paragraph(f"expected: {law.expected}", indent=" " * len(start), width=width)
    word = "does not apply" if law.passed is None else "observed"
    seen = paragraph(f"{word}: {law.seen}", indent=" " * len(start), width=width)
    return [start + expected[0].lstrip(), *expected[1:], *seen]


def _sentence(one: Checked) -> str:
    """Summarise the laws of a game in one sentence."""
    applying = one.held + len(one.failed)
    if not one.shipped:
        return f"{one.held} of {applying} laws hold" + (f"; fails {', '.join(one.failed)}" if one.failed else "")
    if one.as_expected and not one.failed:
        return f"as shipped, a different convention: {applying} of {applying} laws hold"
    if one.as_expected:
        return f"as shipped, expected failure: breaks {', '.join(one.failed)}"
    expected, seen = ", ".join(one.breaks) or "nothing", ", ".join(one.failed) or "nothing"
    return f"as shipped, NOT as expected: should break {expected}, breaks {seen}"


def _summary(found: list[Checked]) -> list[str]:
    """Count the games that satisfy the laws and, separately, the versions as shipped."""
    ours = [one for one in found if not one.shipped]
    shipped = [one for one in found if one.shipped]
    lines = []
    if ours:
        keeping = sum(one.as_expected for one in ours)
        lines.append(f"{keeping} of {len(ours)} objectives, alone or wrapped, satisfy every law that applies.")
    if shipped:
        right = [one for one in shipped if one.as_expected]
        broken = sum(bool(one.breaks) for one in right)
        lines.append(
            f"{len(right)} of {len(shipped)} versions as shipped elsewhere are as expected: {broken} by failing "
            f"exactly the laws known to be broken, {len(right) - broken} as a different convention that breaks none."
        )
    return lines


def _unproven(found: list[Checked]) -> list[str]:
    """Name what has no reference formula, so that passing laws are not overrated."""
    names = sorted({name for one in found for name in one.without_formula})
    if not names:
        return []
    gap = f"There is no reference formula for {', '.join(names)}"
    proven = "the laws show that it can be trained, not that it is correct."
    return paragraph(f"{gap}: {proven}", indent="", width=screen_width())
