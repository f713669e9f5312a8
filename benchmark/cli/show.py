"""`gan-bench show`: describe one built-in or user-defined item."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

import typer

from benchmark.cli.options import Json, game_of, output_file, require_name
from benchmark.cli.output import Page, say, write_file, write_json
from benchmark.errors import UserError
from objectives.foundation.names import quote, resolve


def show(
    name: Annotated[
        str,
        typer.Argument(
            help="An objective (ns+r1:gamma=1, file.py:MyLoss), wrapper, problem (ring, data.npy), network, evaluator."
        ),
    ],
    picture: Annotated[
        Path | None,
        typer.Option(
            help="Draw an objective's losses and gradients, or a problem's data, to this PNG file.",
            callback=output_file,
        ),
    ] = None,
    json: Json = None,
) -> None:
    """Show an objective's equation, settings and gradients, or the parts of a problem, network or evaluator."""
    require_name(name)
    if picture is not None and picture.suffix.lower() != ".png":
        raise UserError(f"The picture is a PNG file; its name must end in .png, got {quote(picture.name)}.")
    found = _found(name)
    if picture is not None:
        if found.picture is None:
            raise UserError(f"There is nothing to draw for {quote(name)}: it has neither data nor scores.")
        write_file(picture, found.picture())
    write_json(json, "show", {found.kind: found.facts})
    say("\n".join(found.lines))


def _found(name: str) -> Page:
    """Look up a name; objectives come first, because `dragan` is also the name of a wrapper."""
    from benchmark.catalogue.kinds import find_any
    from benchmark.cli.show_network import network
    from benchmark.cli.show_objective import objective, wrapper
    from benchmark.cli.show_problem import evaluator, metric, problem
    from benchmark.networks import NETWORKS
    from benchmark.problems import ALL_PROBLEMS
    from evaluators import EVALUATORS, METRICS
    from objectives import AS_SHIPPED, OBJECTIVES, WRAPPERS
    from objectives.foundation.loading import entry_point_names
    from objectives.outside import OBJECTIVE

    thing = find_any(name)
    if thing is not None:
        pages: dict[str, Callable[[], Page]] = {
            "problem": lambda: problem(name),
            "network": lambda: network(name, thing.value),
            "evaluator": lambda: evaluator(name, thing.value),
            "tracker": lambda: Page("tracker", {"name": name}, [name, inspect.getdoc(thing.value) or ""], None),
        }
        return pages[thing.word]()
    plug_ins = entry_point_names(OBJECTIVE)
    if (name not in OBJECTIVES and (any(sign in name for sign in ":+/") or name.endswith(".py"))) or name in plug_ins:
        return objective(name, game_of(name))
    family = name.split("-", 1)[0]  # fd-digits is fd on the digits' features
    known = {**dict.fromkeys((*OBJECTIVES, *AS_SHIPPED), "objective"), **dict.fromkeys(plug_ins, "objective")}
    tables: dict[str, Iterable[str]] = {
        "wrapper": WRAPPERS,
        "problem": ALL_PROBLEMS,
        "evaluator": EVALUATORS,
        "metric": METRICS,
        "network": NETWORKS,
    }
    for kind, table in tables.items():
        known = dict.fromkeys(table, kind) | known
    if name not in known and family in METRICS:
        name = family
    name = resolve(name, known, "name")
    if known[name] == "objective":
        return objective(name, game_of(name))
    if known[name] in ("wrapper", "metric"):
        return wrapper(name) if known[name] == "wrapper" else metric(name)
    return _found(name)
