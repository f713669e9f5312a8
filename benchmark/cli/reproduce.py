"""`gan-bench reproduce`: a paper's table next to ours, with a verdict for each cell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.cli.options import DataDir, Device, InceptionWeights, Json, Threads, directory, require_name
from benchmark.cli.output import aligned, paragraph, say, screen_width, write_file, write_json

if TYPE_CHECKING:
    from benchmark.reproduce.outcome import Reproduction

RESULTS = Path("results") / "reproduce"
DIFFERS = 4


def reproduce(
    target: Annotated[
        str | None, typer.Argument(help="A target, or the path of a TOML file; without it, list all targets.")
    ] = None,
    tier: Annotated[str, typer.Option(metavar="[smoke|cpu|full]", help="How much of the protocol to run.")] = "cpu",
    data_dir: DataDir = None,
    inception_weights: InceptionWeights = None,
    device: Device = "auto",
    threads: Threads = 1,
    results: Annotated[Path, typer.Option(help="Directory of the runs and tables.", callback=directory)] = RESULTS,
    json: Json = None,
) -> None:
    """Reproduce a paper's table, print it next to ours, and compare each cell; the exit code is 4 if one differs.

    Existing runs are reused, so an interrupted target resumes where it stopped. Without a target, list all targets with
    the conclusions and the training time of their last reproductions.
    """
    if target is None:
        _list(json, results)
        return
    require_name(target)
    from benchmark.cli.progress import LiveProgress
    from benchmark.engine.host import resolve_device
    from benchmark.reproduce.outcome import carry_out
    from benchmark.reproduce.place import Place
    from benchmark.reproduce.render import facts, markdown
    from benchmark.reproduce.target import target_of
    from benchmark.runner.paths import cache_directory
    from benchmark.store import check_writable

    what = target_of(target)
    check_writable(results)
    name, tier = Path(target).stem, what.tier_name(tier)
    with LiveProgress() as progress:
        progress.note(f"{name}, tier {tier}: {what.tier(tier).expected}.")
        where = resolve_device(device)
        place = Place(results, cache_directory(), progress, data_dir, inception_weights, where, threads)
        outcome = carry_out(name, what, tier, place)
    command = f"gan-bench reproduce {target} --tier {tier}"
    page = results / f"{name}-{tier}.md"
    if set(outcome.verdicts) == {"not run"} and page.exists():  # such as without the data of runs made elsewhere
        say(f"No cell was run, so {page} is unchanged.", err=True)
    else:
        write_file(page, markdown(outcome, command).encode())
        _draw(outcome, results)
        write_json(results / f"{name}-{tier}.json", "reproduce", facts(outcome))
    write_json(json, "reproduce", facts(outcome))
    say("\n".join(_page(outcome)))
    if outcome.verdicts["differs"]:
        raise typer.Exit(DIFFERS)


def _draw(outcome: Reproduction, results: Path) -> None:
    if not outcome.plots:
        return
    from benchmark.reproduce.plots import files

    for plot in outcome.plots:
        for name, content in files(plot, f"{outcome.name}-{outcome.tier}"):
            write_file(results / name, content)


def _list(json: Path | None, results: Path) -> None:
    from benchmark.reproduce.conclusion import conclusion
    from benchmark.reproduce.last import conclusions, duration
    from benchmark.reproduce.target import target_names, target_of

    cells = [["target", "conclusion", "tier", "training"]]
    plain = {}
    for name in target_names():
        target, known, origin = target_of(name), conclusions(results, name), ""
        if not known and results != RESULTS:
            known, origin = conclusions(RESULTS, name), " (published)"
        tiers = {tier: {**facts, "conclusion": conclusion(target, facts)} for tier, facts in known}
        plain[name] = {"title": target.title, "paper": target.paper, "tiers": tiers}
        rows = [[one["conclusion"], tier + origin, duration(one.get("seconds"))] for tier, one in tiers.items()]
        for at, row in enumerate(rows or [[f"not run: {target.title}", "–", "–"]]):
            cells.append([name if at == 0 else "", *row])
    write_json(json, "reproduce", {"targets": plain})
    say("\n".join(aligned(cells, flexible=1, width=screen_width())))


def _page(outcome: Reproduction) -> list[str]:
    from benchmark.reproduce.render import HEAD, protocol, rows, summary

    width = screen_width()
    lines = [outcome.target.title, outcome.target.paper, ""]
    lines += aligned([list(HEAD), *rows(outcome)], flexible=len(HEAD) - 1, indent="", width=width)
    for title, table in outcome.exhibits:
        lines += ["", f"{title}:", *aligned(table, flexible=len(table[0]) - 1, indent="", width=width)]
    if outcome.claims:
        claims = [["claim", "verdict"], *([claim.text, str(claim.verdict)] for claim in outcome.claims)]
        lines += ["", *aligned(claims, flexible=1, indent="", width=width)]
    lines += ["", *(line for text in protocol(outcome) for line in paragraph(text, width=width))]
    return [*lines, "", f"{summary(outcome)}."]
