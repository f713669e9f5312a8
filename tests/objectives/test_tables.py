"""The tables, and what `show` and `list` are given to print."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import objectives
from objectives import AS_SHIPPED, OBJECTIVES, WRAPPERS, example_of
from objectives.describe import SAME, catalogue, count_roles, describe, role_of, score_curves, source_of
from objectives.laws.stage import Stage
from objectives.spec import parse

IN_OWN_LOOPS = {
    "draws.py",
    "loop.py",
    "loop_checks.py",
    "loop_game.py",
    "module_critic.py",
    "modules.py",
}  # these train, outside the engine
SOURCES = sorted(path for path in Path(objectives.__file__).parent.rglob("*.py") if path.name not in IN_OWN_LOOPS)
ASKED = {
    *("minimax", "ns", "lsgan", "hinge", "wgan", "wgan-gp", "wgan-lp", "wgan-div", "dragan", "ebgan", "ebgan-pt"),
    *("began", "rsgan", "rasgan", "ralsgan", "rahinge", "r3gan", "fgan-kl", "fgan-rkl", "fgan-pearson", "fgan-neyman"),
    *("fgan-hellinger", "fgan-js", "fgan-gan", "fgan-tv", "bgan", "softmax", "mmd", "cramer", "feature-matching"),
    *("mmd-fixed", "drifting", "alpha", "lk", "kl-wgan", "fisher", "swg", "ot-gan"),
}


def test_the_catalogue_is_complete():
    """Every objective of the literature that the project promises is there."""
    assert set(OBJECTIVES) - ASKED == {"wasserstein"}  # the part of four others
    assert set(OBJECTIVES) >= ASKED


@pytest.mark.parametrize("table", [OBJECTIVES, WRAPPERS, AS_SHIPPED], ids=["objectives", "wrappers", "as shipped"])
def test_tables_are_sorted(table):
    """A table of contents is in alphabetical order."""
    assert list(table) == sorted(table)


def test_the_package_exports_what_it_says():
    """`__all__` is sorted as ruff sorts it and names existing things alone."""
    assert all(hasattr(objectives, name) for name in objectives.__all__)
    assert len(set(objectives.__all__)) == len(objectives.__all__)


@pytest.mark.parametrize("name", [*OBJECTIVES, *WRAPPERS])
def test_every_entry_names_its_source(name):
    """The first line of a docstring reads `Name (Authors, year, arXiv:...).`."""
    source = source_of(OBJECTIVES.get(name) or WRAPPERS[name])
    assert source.authors
    assert 2014 <= source.year <= 2026
    assert source.link.startswith("arXiv:")


@pytest.mark.parametrize("spec", [*OBJECTIVES, *AS_SHIPPED, "ns+r1:gamma=1+pac:m=3", *map(example_of, WRAPPERS)])
def test_every_setting_has_a_meaning(spec):
    """What `show` prints is complete: an equation, and for each setting a default and a meaning."""
    described = describe(spec)
    assert "critic" in described.equation
    assert all(setting.meaning and setting.default for setting in described.settings)


def test_a_description_by_hand():
    """The non-saturating game with packing is described part by part."""
    described = describe("ns:smoothing=.1+pac:m=3")
    assert described.divergence is None
    assert (described.source.title, described.source.year) == ("Non-saturating game", 2014)
    assert [(setting.part, setting.name, setting.default) for setting in described.settings] == [
        ("ns", "smoothing", "0.1"),
        ("pac", "m", "3"),
    ]
    assert described.wrappers[0][1].authors == "Lin et al."


@pytest.mark.parametrize(
    ("spec", "kept"),
    [
        *(("ns", True), ("ns+topk", True), ("ebgan-pt", True), ("ns+fm", True), ("lsgan:a=-1", True), ("cramer", True)),
        *(("ns:smoothing=.2", False), ("lsgan:smoothing=.5", False), ("ns+r1", False), ("hinge+clip", False)),
        *(("ns+noise", False), ("ns+pac", False), ("mmd-fixed+noise", False), ("ns+lecam+topk", False)),
        *(("cramer+pt", False), ("ebgan+history", False), ("fgan-kl+topk+noise:std=5", False)),
    ],
)
def test_a_divergence_is_stated_where_it_is_measured(spec, kept):
    """Settings and wrappers that change what the best critic earns leave no divergence stated."""
    assert (describe(spec).divergence is not None) == kept


def test_a_version_as_shipped_tells_its_deviation():
    """The source and the deviation stand in the description."""
    described = describe("as-shipped/torchgan-wgan-gp")
    assert described.source.title == "Wasserstein GAN with gradient penalty"
    assert "torchgan" in described.deviation
    assert "49" in described.deviation


def test_what_is_spelled_twice_is_one_game():
    """Losses that count once have equal gradients of both players; the counts add up to the catalogue."""
    for name, other in SAME.items():
        pairs = zip(Stage.of(parse(name)).gradients(), Stage.of(parse(other)).gradients(), strict=True)
        assert all(mine.allclose(theirs) for mine, theirs in pairs)
    assert sum(count_roles().values()) == len(OBJECTIVES)
    assert role_of("r3gan") == "rsgan+r1+r2"
    assert [name for name in OBJECTIVES if role_of(name) == "control"] == ["drifting", "mmd-fixed"]


def test_the_list_has_source_and_year():
    """`list` prints every objective once, with its year."""
    assert [name for name, _ in catalogue()] == sorted(OBJECTIVES)


@pytest.mark.parametrize("name", [*OBJECTIVES, "ns+pac:m=3", "ns+noise", "hinge+topk"])
def test_score_curves_trace_slopes(name):
    """The traced gradient is the slope of the traced loss, by central differences, away from kinks."""
    curves = score_curves(parse(name), points=121)
    assert len(curves) == (3 if parse(name).traits.critic_kind in ("score", "energy") else 0)
    for curve in curves:
        step = curve.scores[1] - curve.scores[0]
        slopes = [(up - down) / (2 * step) for down, up in zip(curve.loss[:-2], curve.loss[2:], strict=True)]
        bent = sum(abs(a - b) > 0.02 * max(1, abs(b)) for a, b in zip(slopes, curve.gradient[1:-1], strict=True))
        assert bent <= 2


def test_every_game_recommends_its_papers_settings():
    """The paper track has settings for every game that its paper states any for."""
    silent = [name for name in OBJECTIVES if parse(name).traits.recommended == objectives.Recommended()]
    assert silent == ["drifting", "mmd-fixed", "softmax"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_draw_detach_or_look_at_values_inside(path):
    """Losses use the game's draws, never torch's, never detach, and never take a number out of a tensor."""
    if "laws" in path.parts or path.name in ("describe.py", "stop.py"):
        return
    names = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    assert not names & {
        "detach",
        "item",
        "tolist",
        "rand",
        "randn",
        "rand_like",
        "randn_like",
        "randperm",
        "manual_seed",
    }


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_the_package_stands_alone(path):
    """`objectives` imports neither the benchmark nor the evaluators."""
    for node in ast.walk(ast.parse(path.read_text())):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not any(module.split(".")[0] in ("benchmark", "evaluators") for module in modules)
