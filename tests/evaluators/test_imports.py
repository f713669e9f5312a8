"""Importing the package costs little above torch, and reaches into nothing else of the project."""

from __future__ import annotations

import subprocess
import sys

CODE = "import evaluators, sys; print(' '.join(sorted({name.split('.')[0] for name in sys.modules})))"


def test_heavy_and_foreign_packages_are_not_imported():
    """Scipy, scikit-learn and torch-fidelity wait until they are used; objectives and benchmark are never needed."""
    # The child finds the package where this process did, installed or not.
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {CODE}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not {"scipy", "sklearn", "torch_fidelity", "torchvision", "pandas", "objectives", "benchmark"} & {
        *done.stdout.split()
    }
