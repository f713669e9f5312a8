"""The conclusion of a published reproduction in a line: its main number next to the paper's, and its verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmark.reproduce.last import in_words
from benchmark.reproduce.render import measured_text, stated_text
from benchmark.reproduce.target import Stated, Target
from benchmark.reproduce.verdict import Measured

JUDGED = ("agrees", "differs")


def conclusion(target: Target, facts: Mapping[str, Any]) -> str:
    """Return the headline cells, how many of the paper's values agree, and the claims, from a reproduction's JSON.

    A file that lacks any of these has only its verdicts.
    """
    try:
        cells = {(cell["row"], cell["column"]): cell for cell in facts["cells"]}
        said = [_cell(cells[place], target, place) for place in target.headline if place in cells]
        stated = [cell["verdict"] for cell in cells.values() if cell["paper"] is not None]
        judged = [verdict for verdict in stated if verdict in JUDGED]
        said += [f"{judged.count('agrees')} of {len(judged)} stated values agree"] if len(judged) > 1 else []
        claims = [f"{claim['text']}: {_verdict(claim)}" for claim in facts["claims"] if claim["verdict"] in JUDGED]
    except (KeyError, TypeError, ValueError, AttributeError):
        said, claims = [], []
    return "; ".join([*said, *claims]) or in_words(facts["verdicts"])


def _cell(cell: Mapping[str, Any], target: Target, place: tuple[str, str]) -> str:
    row, column = place
    values = {int(seed): float(value) for seed, value in cell["values"].items()}
    ours = measured_text(Measured(values, cell["word"], cell["failed"]))
    unit = next((f" {one.unit}" for one in target.columns if one.name == column and one.unit), "")
    where = f"{row}, {column}: {ours}{unit}"
    if cell["paper"] is None:
        return where
    paper = stated_text(Stated(value=cell["paper"], error=cell["paper_error"]))
    return f"{where}, where {target.stated_by} has {paper}{unit}: {_verdict(cell)}"


def _verdict(judged: Mapping[str, Any]) -> str:
    word, reason = str(judged["verdict"]), str(judged["reason"])
    return f"{word} ({reason})" if reason else word
