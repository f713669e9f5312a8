"""Imports point down the layers of the architecture, and light commands import no heavy package."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# From the top down; a module may import from its own package and from any lower layer.
LAYERS = (
    ("benchmark.cli", "benchmark.api"),
    ("benchmark.catalogue",),
    ("benchmark.reproduce",),
    ("benchmark.tune", "benchmark.report"),
    ("benchmark.figures",),
    ("benchmark.runner", "benchmark.leaderboard"),
    ("benchmark.engine", "benchmark.store", "benchmark.stats"),
    ("benchmark.problems",),
    ("benchmark.networks",),
    ("benchmark.toml_file",),
    ("benchmark.errors",),
    ("objectives", "evaluators"),
    ("objectives.foundation",),
)

MODULES = sorted(
    path.relative_to(ROOT).with_suffix("")
    for package in ("benchmark", "objectives", "evaluators")
    for path in (ROOT / package).rglob("*.py")
)


def layer_of(module: str) -> tuple[int, str] | None:
    """Return a module's layer and its package there; None for a module outside this project."""
    found = [
        (layer, package)
        for layer, packages in enumerate(LAYERS)
        for package in packages
        if module == package or module.startswith(package + ".")
    ]
    return max(found, key=lambda one: len(one[1]), default=None)  # the bottom layer lies inside a package above it


def imported(path: Path) -> set[str]:
    """Return the names of everything that a file imports, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_imports_point_down(module):
    """No module imports from another package of its layer or from a layer above."""
    here = layer_of(".".join(module.parts).removesuffix(".__init__"))
    if here is None:  # the roots of the packages
        return
    wrong = [
        name
        for name in imported(ROOT / module.with_suffix(".py"))
        if (there := layer_of(name)) is not None and there[0] <= here[0] and there[1] != here[1]
    ]
    assert not wrong, f"{module} imports {sorted(wrong)}"


@pytest.mark.parametrize(
    "statement",
    [
        "import objectives.foundation.loading, objectives.foundation.process, objectives.foundation.settings",
        "import sys; sys.argv = ['gan-bench', '--help']; import runpy; from benchmark.cli.app import app",
        "import benchmark.leaderboard, benchmark.store, benchmark.stats",
        "from benchmark import api",
    ],
    ids=["bottom layer", "command line", "leaderboard", "Python API"],
)
def test_light_modules_do_not_import_torch(statement):
    """`gan-bench --help` and reading records start without torch, scipy.stats and pandas."""
    code = f"{statement}; import sys; assert not {{'torch', 'scipy.stats', 'pandas'}} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=60)
