"""Download data sets; nothing but an explicit command does."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from benchmark.errors import UserError
from benchmark.names import shown
from benchmark.problems.files import OFFLINE, FileSet, content, path_of

TORCHVISION = {"MNIST": "MNIST", "Fashion-MNIST": "FashionMNIST", "CIFAR-10": "CIFAR10", "CelebA": "CelebA"}  # classes


def fetch(files: FileSet, root: Path) -> Path:
    """Download a data set with torchvision, verify it, and put it below a data directory."""
    target = root / files.folder
    if files.owners:
        raise UserError(f"Cannot download {files.title}: {files.owners}; its file belongs into {shown(str(target))}.")
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
            found = [path_of(files, source, name) for name in files.sha256]
            found += [source / files.images] if files.images else []
            for path in found:  # within one file system, so each appears whole
                assert path is not None
                shutil.move(path, target)
    except UserError:
        raise
    except Exception as error:  # torchvision and what it calls raise many kinds
        why = (str(error).strip().splitlines() or ["no reason given"])[0]
        raise UserError(
            f"Cannot download {files.title}: {shown(why)}; its files belong into {shown(str(target))}."
        ) from error
    return target
