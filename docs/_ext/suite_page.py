"""The pages of what comes as TOML files: suites, and papers' tables as targets."""

from __future__ import annotations

from pathlib import Path

from markup import code, escaped, joined, linked, literal, prose, table

from benchmark.reproduce.conclusion import conclusion
from benchmark.reproduce.last import conclusions
from benchmark.reproduce.target import Target, TargetColumn, target_names, target_of
from benchmark.runner.suite import suite_names, suite_of

REPRODUCED = Path(__file__).resolve().parents[2] / "results" / "reproduce"


def suites_table() -> str:
    """List the suites."""
    rows = []
    for name in suite_names():
        suite = suite_of(name)
        size = f"{len(suite.games)} objectives, {len(suite.problems)} problems, {len(suite.seed_list)} seeds"
        rows.append((code(name), escaped(suite.title), size, suite.track))
    return table(("suite", "what", "size", "track"), rows) + "\n"


def targets_page(results: Path = REPRODUCED) -> str:
    """Write an index of reproductions with their conclusions, then a section for each paper's table."""
    rows = [(code(name), linked(target_of(name).paper), escaped(_last(results, name))) for name in target_names()]
    index = table(("target", "paper", "conclusion"), rows)
    return joined([index, *(block for name in target_names() for block in _section(name, target_of(name)))])


def _last(results: Path, name: str) -> str:
    """Return the conclusion of the largest published tier in a line."""
    known = conclusions(results, name)
    if not known:
        return "not run yet"
    tier, facts = known[-1]
    return f"{conclusion(target_of(name), facts)} (tier {tier})"


def _section(name: str, target: Target) -> list[str]:
    tiers = [
        (code(one), escaped(tier.expected), str(tier.seeds), escaped("; ".join(tier.deviations)) or "none")
        for one, tier in target.tiers.items()
    ]
    columns = [_column(one) for one in target.columns]
    return [
        f"## {name}",
        f"**{linked(target.title)}** ({linked(target.paper)})",
        prose(" ".join(target.about.split())),
        literal(f"gan-bench reproduce {name} --tier smoke"),
        table(("tier", "time", "seeds", "deviations from the paper"), tiers),
        table(("column", "problem", "metric", "tolerance", "reason"), columns),
    ]


def _column(one: TargetColumn) -> tuple[str, ...]:
    tolerance = "none" if one.tolerance is None else f"±{one.tolerance:g}"
    return (escaped(one.name), code(one.problem or ""), code(one.metric or ""), tolerance, linked(one.because))
