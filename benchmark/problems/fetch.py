"""Download data sets, only by an explicit command."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmark.errors import UserError
from benchmark.problems.files import FileSet, content, path_of
from evaluators.offline import OFFLINE, offline
from objectives.foundation.names import quote

TORCHVISION = {"MNIST": "MNIST", "Fashion-MNIST": "FashionMNIST", "CIFAR-10": "CIFAR10", "CelebA": "CelebA"}  # classes


def fetch(files: FileSet, root: Path) -> Path:
    """Download a data set with torchvision, verify it, and put it below a data directory.

    Existing files of the same names are replaced atomically after all are verified; nothing is removed. So the same
    command repairs damaged files and resumes after an interruption.
    """
    target = root / files.folder
    if files.owners:
        raise UserError(f"Cannot download {files.title}: {files.owners}; put its file into {quote(target)}.")
    if offline():
        raise UserError(f"Downloads are forbidden by {OFFLINE}; put the files of {files.title} into {quote(target)}.")
    from torchvision import datasets  # a second and a half that no other command need spend

    try:
        target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target, prefix=".fetch-") as temporary:  # within one file system
            getattr(datasets, TORCHVISION[files.title])(temporary, download=True)
            source = Path(temporary) / files.folder
            for name in files.sha256:
                content(files, source, name)
            for path in _brought(files, source):
                place = target / path.relative_to(source)
                place.parent.mkdir(exist_ok=True)
                path.replace(place)
    except UserError:
        raise
    except Exception as error:  # torchvision and what it calls raise many kinds
        why = (str(error).strip().splitlines() or ["no reason given"])[0]
        raise UserError(f"Cannot download {files.title}: {quote(why)}; put its files into {quote(target)}.") from error
    return target


def _brought(files: FileSet, source: Path) -> list[Path]:
    """List the files of a download: the images of a folder one by one, before the files that list them."""
    images = sorted((source / files.images).iterdir()) if files.images else []
    return images + [path for name in files.sha256 if (path := path_of(files, source, name)) is not None]
