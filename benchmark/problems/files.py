"""Find the files of a data set, and trust them only if their content has the known SHA-256."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmark.errors import UserError
from benchmark.names import shown

VARIABLE = "GAN_BENCH_DATA"  # the directory of data sets
OFFLINE = "GAN_BENCH_OFFLINE"  # any value but an empty one forbids downloads


class MissingData(UserError):  # noqa: N818  data that are not there
    """Files of a data set that are nowhere they were looked for."""


@dataclass(frozen=True)
class FileSet:
    """A data set as files: their places below a data directory, and the SHA-256 of their content, uncompressed."""

    title: str
    folder: str  # below a data directory, as torchvision lays it out
    sha256: Mapping[str, str]  # file name without .gz -> digest
    system: tuple[Path, ...] = ()  # folders where an operating system's package puts the files


MNIST = FileSet(
    "MNIST",
    "MNIST/raw",
    {
        "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
)
FASHION_MNIST = FileSet(
    "Fashion-MNIST",
    "FashionMNIST/raw",
    {
        "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    },
    (Path("/usr/share/datasets/fashion-mnist"),),  # Debian's package dataset-fashion-mnist
)
FILE_SETS: dict[str, FileSet] = {"fashion-mnist": FASHION_MNIST, "mnist": MNIST}


def data_directories(chosen: Path | None, cache: Path) -> list[Path]:
    """List the data directories in the order of search: the one chosen, the environment's, the user's cache."""
    named = os.environ.get(VARIABLE)
    return [path for path in (chosen, Path(named) if named else None, cache / "data") if path is not None]


def find(files: FileSet, chosen: Path | None, cache: Path) -> Path:
    """Give the first folder that holds all files of a data set, each as it is or compressed."""
    folders = [*(root / files.folder for root in data_directories(chosen, cache)), *files.system]
    for folder in folders:
        if all(_present(folder, name) for name in files.sha256):
            return folder
    name = next((name for name, known in FILE_SETS.items() if known is files), files.title)
    raise MissingData(
        f"The data of {files.title} are not there: tried {', '.join(shown(str(folder)) for folder in folders)}; put "
        f"{', '.join(files.sha256)} (or the same with .gz) into one of these folders, or run gan-bench data fetch "
        f"{name}."
    )


def content(files: FileSet, folder: Path, name: str) -> bytes:
    """Read a file of a data set, decompressed and verified."""
    plain, compressed = folder / name, folder / f"{name}.gz"
    path = plain if plain.is_file() else compressed
    try:
        read = path.read_bytes() if path is plain else gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"Cannot read {shown(str(path))}: {error}.") from error
    found = hashlib.sha256(read).hexdigest()
    if found != files.sha256[name]:
        raise UserError(
            f"The file {shown(str(path))} is not {files.title}'s: its content has the SHA-256 {found[:16]}…, "
            f"not {files.sha256[name][:16]}…."
        )
    return read


def _present(folder: Path, name: str) -> bool:
    return (folder / name).is_file() or (folder / f"{name}.gz").is_file()
