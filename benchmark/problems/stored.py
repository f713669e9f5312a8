"""A set of samples where it lies, in a file, a folder or an array: its values come block after block.

So that 50,000 pictures of 256x256 pixels never fill the memory, whoever needs them twice reads them twice.
"""

from __future__ import annotations

import hashlib
import math
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from torch import Tensor

from benchmark.errors import UserError
from benchmark.problems.arrays import (
    Stated,
    array_members,
    load_tensors,
    read_header,
    reading,
    regular_size,
    tensor_members,
)
from benchmark.problems.picture_files import Skipped, pictures_in_archive, pictures_in_folder, report
from objectives.foundation.names import quote

BLOCK = 1 << 22  # values of a block
LARGEST = 64 << 30  # bytes of a set, unpacked
SWOLLEN, RATIO = 1 << 28, 100  # an array of more bytes than this, so many times as large as packed, holds no samples
ARRAYS = ("arr_0", "samples", "images")  # of several arrays in a file, the first of these that is there
SUFFIXES = (".npy", ".npz", ".pt", ".zip")


@dataclass(frozen=True)
class Stored:
    """A set of samples as it is stored: each `blocks()` gives all its values again, [B, *shape], as bytes or floats."""

    name: str
    shape: tuple[int, ...]  # of one sample
    blocks: Callable[[], Iterator[Tensor]]
    whole: bool = False  # numbers that are neither bytes nor floats
    file: Path | None = None
    skipped: Skipped = field(default_factory=list)  # files that gave no picture, as of the last reading

    @property
    def notes(self) -> tuple[str, ...]:
        """Return a line for each reason for which files were skipped."""
        return tuple(f"{self.name}: {line}" for line in report(self.skipped))

    def file_digest(self) -> str | None:
        """Return the SHA-256 of the file; None where the samples lie in a folder or in memory."""
        if self.file is None:
            return None
        with reading(self.file), self.file.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def stored(given: Any, channels: int | None = None, name: str = "samples") -> Stored:
    """Return the set that is given: a path, a tensor, or what NumPy takes for an array.

    Pictures are read with so many channels, 1 or 3; by default with those of the first one.
    """
    if isinstance(given, str | Path):
        return stored_at(Path(given).expanduser(), channels)
    try:
        values = given.detach() if isinstance(given, Tensor) else torch.as_tensor(np.asarray(given))
    except (TypeError, ValueError, RuntimeError) as error:
        raise UserError(f"Samples of type {quote(type(given).__name__)} are not numeric.") from error
    return _of_tensor(values, name, None)


def stored_at(path: Path, channels: int | None = None) -> Stored:
    """Return the set of a file or a folder; whatever is wrong with it is one sentence."""
    with reading(path):
        if path.is_dir():
            return _of_pictures(path, pictures_in_folder, None, channels)
        if not path.exists():
            raise UserError(f"There is no file or folder {quote(path)}.")
        regular_size(path)
        suffix = path.suffix.lower()
        if suffix == ".npy":
            return _of_npy(path)
        if suffix == ".npz":
            return _of_npz(path)
        if suffix == ".pt":
            return _of_pt(path)
        if suffix == ".zip":
            return _of_pictures(path, pictures_in_archive, path, channels)
    raise UserError(f"{quote(path)} is not a folder, and its name does not end in one of {', '.join(SUFFIXES)}.")


def _of_npy(path: Path) -> Stored:
    with path.open("rb") as file:
        stated = read_header(file, regular_size(path), str(path))
    _check(stated, path)
    mapped: np.ndarray[Any, Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return _of_array(mapped, path.name, path)


def _of_npz(path: Path) -> Stored:
    with zipfile.ZipFile(path) as archive:
        members = {member.filename.removesuffix(".npy"): member for member in array_members(archive)}
        member = members[_chosen(members, path)]
        packed = max(1, member.compress_size)
        if member.file_size > SWOLLEN and member.file_size > RATIO * packed:
            raise UserError(
                f"The array {quote(member.filename)} of {quote(path)} unpacks to {member.file_size:,} bytes, "
                f"{member.file_size // packed} times its size in the file, so it is not loaded."
            )
        with archive.open(member) as file:
            stated = read_header(file, member.file_size, member.filename)
    _check(stated, path)
    if stated.by_columns:  # the values of one sample lie far apart
        with np.load(path, allow_pickle=False) as found:
            return _of_array(found[member.filename], path.name, path)
    return Stored(
        path.name, stated.shape[1:], partial(_npz_blocks, path, member.filename, stated), _whole(stated.dtype), path
    )


def _npz_blocks(path: Path, name: str, stated: Stated) -> Iterator[Tensor]:
    shape = stated.shape[1:]
    with reading(path), zipfile.ZipFile(path) as archive, archive.open(name) as file:
        read_header(file, archive.getinfo(name).file_size, name)
        for start in range(0, stated.shape[0], _rows(shape)):
            count = min(_rows(shape), stated.shape[0] - start)
            content = _exactly(file, count * math.prod(shape) * stated.dtype.itemsize)
            yield _as_tensor(np.frombuffer(content, stated.dtype).reshape(count, *shape))


def _exactly(file: IO[bytes], size: int) -> bytes:
    content = file.read(size)
    if len(content) < size:
        raise EOFError("the array is incomplete")
    return content


def _of_pt(path: Path) -> Stored:
    if any(member.compress_type != zipfile.ZIP_STORED for member in tensor_members(path)):
        raise UserError(f"{quote(path)} is compressed, which torch.save does not do; save it again.")
    tensors = load_tensors(path, mapped=True)
    return _of_tensor(tensors[_chosen(tensors, path)], path.name, path)


def _of_array(values: np.ndarray[Any, Any], name: str, path: Path) -> Stored:
    def blocks() -> Iterator[Tensor]:
        with reading(path):
            for start in range(0, len(values), _rows(values.shape[1:])):
                yield _as_tensor(values[start : start + _rows(values.shape[1:])])

    return Stored(name, values.shape[1:], blocks, _whole(values.dtype), path)


def _of_tensor(values: Tensor, name: str, path: Path | None) -> Stored:
    if values.dtype == torch.bool or values.is_complex() or values.dim() == 0 or not values.numel():
        raise UserError(
            f"{quote(name)} must contain samples [N, ...], not {values.dtype} of shape {list(values.shape)}."
        )
    if values.numel() * values.element_size() > LARGEST:
        raise UserError(f"{quote(name)} has more than {LARGEST:,} bytes.")

    def blocks() -> Iterator[Tensor]:
        for block in values.split(_rows(values.shape[1:])):
            yield block.cpu() if block.dtype == torch.uint8 else block.cpu().to(torch.float32)

    whole = not values.is_floating_point() and values.dtype != torch.uint8
    return Stored(name, tuple(values.shape[1:]), blocks, whole, path)


def _of_pictures(
    path: Path,
    pictures: Callable[[Path, Skipped], Iterator[tuple[str, Any]]],
    file: Path | None,
    wanted: int | None,
) -> Stored:
    skipped: Skipped = []
    first = next(pictures(path, skipped), None)
    if first is None:
        raise UserError(f"{quote(path)} contains no readable picture{''.join('; ' + x for x in report(skipped))}.")
    name, picture = first
    channels = wanted if wanted in (1, 3) else len(picture.getbands())
    width, height = picture.size
    shape = (channels, height, width)

    def blocks() -> Iterator[Tensor]:
        skipped.clear()
        kept: list[np.ndarray[Any, Any]] = []
        with reading(path):
            for other, found in pictures(path, skipped):
                if found.size != (width, height):
                    raise UserError(
                        f"The pictures of {quote(path)} differ in size: {quote(name)} has {width}x{height} pixels and "
                        f"{quote(other)} {found.width}x{found.height}."
                    )
                kept.append(_channels(found, channels, other))
                if len(kept) == _rows(shape):
                    yield torch.from_numpy(np.stack(kept))
                    kept = []
            if kept:
                yield torch.from_numpy(np.stack(kept))

    return Stored(path.name, shape, blocks, False, file, skipped)


def _channels(picture: Any, channels: int, name: str) -> np.ndarray[Any, Any]:
    """Return a picture as bytes [C, H, W]: grey as three equal channels, or three equal channels as grey."""
    if channels == 3:
        return np.array(picture.convert("RGB"), dtype=np.uint8).transpose(2, 0, 1)
    values = np.array(picture, dtype=np.uint8)
    if values.ndim == 2:
        return values[None]
    if (values != values[..., :1]).any():
        raise UserError(f"The picture {quote(name)} is in colour, but grey ones are needed.")
    return values[None, ..., 0]


def _chosen(names: Mapping[str, object], path: Path) -> str:
    """Return the name of the array that holds the samples."""
    found = [name for name in ARRAYS if name in names]
    if len(names) == 1:
        found = list(names)
    if not found:
        listed = ", ".join(map(quote, sorted(names))) or "none"
        raise UserError(
            f"{quote(path)} must contain one array, or one named {' or '.join(ARRAYS)}; it contains {listed}."
        )
    return found[0]


def _check(stated: Stated, path: Path) -> None:
    if stated.dtype.kind not in "fiu" or stated.dtype.itemsize > 8 or not stated.shape or 0 in stated.shape:
        raise UserError(
            f"{quote(path)} must contain samples [N, ...], not {stated.dtype} of shape {list(stated.shape)}."
        )
    if math.prod(stated.shape) * stated.dtype.itemsize > LARGEST:
        raise UserError(f"{quote(path)} has more than {LARGEST:,} bytes.")


def _rows(shape: tuple[int, ...]) -> int:
    return max(1, BLOCK // max(1, math.prod(shape)))


def _whole(dtype: np.dtype[Any]) -> bool:
    return dtype.kind in "iu" and dtype != np.uint8


def _as_tensor(values: np.ndarray[Any, Any]) -> Tensor:
    """Copy a block: bytes stay bytes, all other numbers become float32, in which too large ones are not finite."""
    with np.errstate(over="ignore"):
        return torch.from_numpy(values.astype(np.uint8 if values.dtype == np.uint8 else np.float32, order="C"))
