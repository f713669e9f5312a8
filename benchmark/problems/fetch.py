"""Download data sets; nothing but an explicit command does."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from benchmark.errors import UserError
from benchmark.names import shown
from benchmark.problems.files import OFFLINE, FileSet, content

TORCHVISION = {"MNIST": "MNIST", "Fashion-MNIST": "FashionMNIST"}  # title -> class


def fetch(files: FileSet, root: Path) -> Path:
    """Download a data set with torchvision, verify it, and put it below a data directory."""
    target = root / files.folder
    if os.environ.get(OFFLINE):
        raise UserError(
            f"Downloads are forbidden by {OFFLINE}; put the files of {files.title} into {shown(str(target))}."
        )
    from torchvision import datasets  # a second and a half that no other command need spend

    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root, prefix=".fetch-") as temporary:
            getattr(datasets, TORCHVISION[files.title])(temporary, download=True)
            source = Path(temporary) / files.folder
            for name in files.sha256:
                content(files, source, name)
            target.mkdir(parents=True, exist_ok=True)
            for name in files.sha256:  # within one file system, so each appears whole
                compressed = source / f"{name}.gz"
                shutil.move(compressed if compressed.is_file() else source / name, target)
    except UserError:
        raise
    except (OSError, RuntimeError) as error:
        why = (str(error).strip().splitlines() or ["no reason given"])[0]
        raise UserError(
            f"Cannot download {files.title}: {shown(why)}; its files belong into {shown(str(target))}."
        ) from error
    return target
