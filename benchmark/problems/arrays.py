"""Arrays from a user's file, `.npy`, `.npz` or `.pt`: sizes are read from headers first, and nothing is executed."""

from __future__ import annotations

import math
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from benchmark.errors import UserError
from objectives.foundation.names import quote

SUFFIXES = (".npy", ".npz", ".pt")
LARGEST = 4 << 30  # bytes of a file's arrays, unpacked
MOST = 16  # arrays in a file
Arrays = dict[str, NDArray[Any]]


def is_data_file(name: str) -> bool:
    """Return whether a name has the suffix of a file of arrays."""
    return name.lower().endswith(SUFFIXES)


def read_arrays(path: Path) -> Arrays:
    """Read the arrays of a file by name; the one of a `.npy`, or of a `.pt` that holds a tensor, is named `samples`."""
    with reading(path):
        size = regular_size(path)
        if size > LARGEST:
            raise UserError(f"{quote(path)} has {size:,} bytes; the limit is {LARGEST:,}.")
        reader = {".npy": _read_npy, ".npz": _read_npz, ".pt": _read_pt}[path.suffix.lower()]
        return reader(path)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn any exception while reading a user's file into a UserError."""
    try:
        yield
    except UserError:
        raise
    except OSError as error:
        raise UserError(f"Cannot read {quote(path)}: {error.strerror or error}.") from error
    except Exception as error:  # a damaged file fails in as many ways as there are formats
        raise UserError(f"Cannot read {quote(path)}: {_reason(error)}.") from error


def regular_size(path: Path) -> int:
    """Return the bytes of a regular file; raises UserError for a pipe or a device, which may never end."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise UserError(f"{quote(path)} is not a regular file.")
    return status.st_size


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {quote(lines[0][:200])}" if lines else type(error).__name__


def _read_npy(path: Path) -> Arrays:
    with path.open("rb") as file:
        read_header(file, path.stat().st_size, str(path))
    return {"samples": np.load(path, allow_pickle=False)}


def _read_npz(path: Path) -> Arrays:
    with zipfile.ZipFile(path) as archive:
        members = array_members(archive)
        _check_total(path, [member.file_size for member in members])
        for member in members:
            with archive.open(member) as file:
                read_header(file, member.file_size, member.filename)
    with np.load(path, allow_pickle=False) as found:
        return {member.filename.removesuffix(".npy"): found[member.filename] for member in members}


def _check_total(path: Path, sizes: list[int]) -> None:
    if not 1 <= len(sizes) <= MOST:
        raise UserError(f"{quote(path)} has {len(sizes)} arrays; 1 to {MOST} are allowed.")
    if sum(sizes) > LARGEST:
        raise UserError(f"The arrays of {quote(path)} take {sum(sizes):,} bytes; the limit is {LARGEST:,}.")


class Stated(NamedTuple):
    """An array as described by its header."""

    shape: tuple[int, ...]
    by_columns: bool  # in Fortran's order
    dtype: np.dtype[Any]


def read_header(file: IO[bytes], size: int, name: str) -> Stated:
    """Read the header of an array; reject arrays of objects, and shapes that do not match the number of bytes."""
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    stated = Stated(*read(file))
    if stated.dtype.hasobject:
        raise UserError(f"The array {quote(name)} contains Python objects, which are not loaded; save numbers.")
    held, bytes_stated = size - file.tell(), math.prod(stated.shape) * stated.dtype.itemsize
    if held != bytes_stated:
        raise UserError(f"The array {quote(name)} declares {bytes_stated:,} bytes but contains {held:,}.")
    return stated


def array_members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """List the arrays of a `.npz`."""
    return [member for member in archive.infolist() if member.filename.endswith(".npy")]


def _read_pt(path: Path) -> Arrays:
    if sum(member.file_size for member in tensor_members(path)) > LARGEST:
        raise UserError(f"The content of {quote(path)} is larger than {LARGEST:,} bytes.")
    named = load_tensors(path)
    # A view repeats few stored numbers as often as its shape says: only what it would unpack to is bounded.
    _check_total(path, [value.numel() * value.element_size() for value in named.values()])
    return {str(name): _plain(value) for name, value in named.items()}


def tensor_members(path: Path) -> list[zipfile.ZipInfo]:
    """List the parts of a file of torch.save."""
    if not zipfile.is_zipfile(path):
        raise UserError(f"{quote(path)} is not a file written by torch.save.")
    with zipfile.ZipFile(path) as archive:
        return archive.infolist()


def load_tensors(path: Path, *, mapped: bool = False) -> dict[str, torch.Tensor]:
    """Load the tensors of a file of torch.save by name, a lone one as `samples`; `mapped` leaves values on disk."""
    found = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    named = {"samples": found} if isinstance(found, torch.Tensor) else found
    if not isinstance(named, dict) or not all(isinstance(value, torch.Tensor) for value in named.values()):
        raise UserError(f"{quote(path)} must contain a tensor or a dict of tensors.")
    if any(value.layout != torch.strided or value.is_quantized for value in named.values()):
        raise UserError("A tensor must be dense.")
    return {str(name): value.detach() for name, value in named.items()}


def _plain(value: torch.Tensor) -> NDArray[Any]:
    return np.asarray(value.float() if value.dtype in (torch.bfloat16, torch.float16) else value)
