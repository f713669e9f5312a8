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
from objectives.foundation.names import quote

VARIABLE = "GAN_BENCH_DATA"  # the directory of data sets


class MissingData(UserError):  # noqa: N818  data that are not there
    """Files of a data set that were not found in any directory searched."""


@dataclass(frozen=True)
class FileSet:
    """A data set as files: their places below a data directory, and the SHA-256 of their content, uncompressed."""

    title: str
    folder: str  # below a data directory, as torchvision lays it out
    sha256: Mapping[str, str | None]  # file name without its ending -> digest, None if it is unknown
    system: tuple[Path, ...] = ()  # folders where an operating system's package puts the files
    endings: tuple[str, ...] = ("", ".gz")  # suffixes that a file may have there
    images: str | None = None  # a folder next to the files, with too many images for a digest each
    owners: str | None = None  # how to get it, if it cannot be downloaded

    @property
    def verifiable(self) -> bool:
        """Return whether all content has a known digest."""
        return self.images is None and None not in self.sha256.values()


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
CIFAR10 = FileSet(
    "CIFAR-10",
    "cifar-10-batches-py",
    {
        "data_batch_1": "54636561a3ce25bd3e19253c6b0d8538147b0ae398331ac4a2d86c6d987368cd",
        "data_batch_2": "766b2cef9fbc745cf056b3152224f7cf77163b330ea9a15f9392beb8b89bc5a8",
        "data_batch_3": "0f00d98ebfb30b3ec0ad19f9756dc2630b89003e10525f5e148445e82aa6a1f9",
        "data_batch_4": "3f7bb240661948b8f4d53e36ec720d8306f5668bd0071dcb4e6c947f78e9682b",
        "data_batch_5": "d91802434d8376bbaeeadf58a737e3a1b12ac839077e931237e0dcd43adcb154",
        "test_batch": "f53d8d457504f7cff4ea9e021afcf0e0ad8e24a91f3fc42091b8adef61157831",
    },
    endings=("",),
)
CELEBA = FileSet(
    "CelebA",
    "celeba",
    {"list_eval_partition.txt": "fc955bcb3ef8fbdf7d5640d9a8693a8431b5f2ee291a5c1449a1549e7e073fe7"},
    endings=("",),
    images="img_align_celeba",
)
TFD = FileSet(
    "the Toronto Face Database",
    "TFD",
    {"TFD_48x48": None},
    endings=(".mat", ".npz"),
    owners="it is available only on request from its owners (J. Susskind, A. Anderson and G. Hinton, University of "
    "Toronto)",
)
FILE_SETS: dict[str, FileSet] = {
    "celeba": CELEBA,
    "cifar10": CIFAR10,
    "fashion-mnist": FASHION_MNIST,
    "mnist": MNIST,
    "tfd": TFD,
}


def data_directories(chosen: Path | None, cache: Path) -> list[Path]:
    """List the data directories in the order of search: the one chosen, the environment's, the user's cache."""
    named = os.environ.get(VARIABLE)
    return [path for path in (chosen, Path(named) if named else None, cache / "data") if path is not None]


def find(files: FileSet, chosen: Path | None, cache: Path) -> Path:
    """Return the first folder that holds all files of a data set, each with one of its endings."""
    folders = [*(root / files.folder for root in data_directories(chosen, cache)), *files.system]
    for folder in folders:
        if all(path_of(files, folder, name) for name in files.sha256) and (folder / (files.images or "")).is_dir():
            return folder
    tried = ", ".join(quote(folder) for folder in folders)
    raise MissingData(f"The data of {files.title} are missing: searched {tried}; put {_wanted(files)}.")


def _wanted(files: FileSet) -> str:
    """Describe which files to put into one of the folders searched, or how else to get them."""
    names = [name + files.endings[0] for name in files.sha256]
    names += [f"the folder {files.images}"] if files.images else []
    others = " or ".join(files.endings[1:])
    what = ", ".join(names) + (f" (or the same with {others})" if others else "") + " into one of these folders"
    name = next((name for name, known in FILE_SETS.items() if known is files), files.title)
    return f"{what}; {files.owners}" if files.owners else f"{what}, or run gan-bench data fetch {name}"


def path_of(files: FileSet, folder: Path, name: str) -> Path | None:
    """Return the path of a data set's file under the first of its endings that is there."""
    paths = [folder / f"{name}{ending}" for ending in files.endings]
    return next((path for path in paths if path.is_file()), None)


def content(files: FileSet, folder: Path, name: str) -> bytes:
    """Read a file of a data set, decompressed and verified."""
    path = path_of(files, folder, name) or folder / name
    try:
        read = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"Cannot read {quote(path)}: {error}.") from error
    found, known = hashlib.sha256(read).hexdigest(), files.sha256[name]
    if known is not None and found != known:
        raise UserError(
            f"The file {quote(path)} is not {files.title}'s: its content has the SHA-256 {found[:16]}…, "
            f"not {known[:16]}…."
        )
    return read
