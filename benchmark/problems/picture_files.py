"""Pictures in a folder or a zip archive, read one at a time; unreadable files are counted and named."""

from __future__ import annotations

import os
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

import numpy as np

from objectives.foundation.names import quote

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = frozenset((".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"))
NAMED = 3  # files that a report names for each reason
MOST_PIXELS = 1 << 26  # of a picture; a header of a few bytes can state any number
LARGEST_FILE = 1 << 28  # bytes of a picture in an archive, unpacked
COPIES = "__MACOSX"  # the folder of attributes that macOS puts into archives

Skipped = list[tuple[str, str]]  # name and reason


class Unreadable(Exception):  # noqa: N818  not an error: it is counted and named
    """Why a file is not a readable picture."""


def picture_of(file: Path | IO[bytes]) -> Image:
    """Read a picture, of an animation the first: upright, on white, 8 bits a channel, grey ("L") or in colours ("RGB").

    Raises Unreadable.
    """
    from PIL import Image, ImageOps  # a tenth of a second that other problems need not spend

    try:
        with Image.open(file) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Unreadable(f"{opened.width}x{opened.height} pixels, more than {MOST_PIXELS:,}")
            opened.load()
            picture = ImageOps.exif_transpose(opened)
            if picture.mode.startswith(("I", "F")):  # more than 8 bits a channel, which a plain conversion would clip
                values = np.asarray(picture, dtype=np.float64)
                top = 65535.0 if picture.mode.startswith("I") else max(1.0, float(values.max()))
                picture = Image.fromarray((255.0 * (values / top).clip(0.0, 1.0)).round().astype(np.uint8))
            grey = picture.mode in ("1", "L", "LA")
            if "transparency" in picture.info or picture.mode in ("RGBA", "LA", "PA"):
                picture = picture.convert("RGBA")
                white = Image.new("RGBA", picture.size, "white")
                picture = Image.alpha_composite(white, picture)
            return picture.convert("L" if grey else "RGB")
    except Unreadable:
        raise
    except Exception as error:  # a damaged file fails in as many ways as there are formats
        raise Unreadable(f"{type(error).__name__}") from error


def visible_files(folder: Path) -> Iterator[Path]:
    """List the files below a folder, without hidden ones and those of hidden folders, such as notebooks' copies."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = (Path(place, name) for name in names if not name.startswith("."))
        yield from (path for path in paths if path.is_file())


def pictures_in_folder(folder: Path, skipped: Skipped) -> Iterator[tuple[str, Image]]:
    """Yield the pictures below a folder by path, each with its name; files that give none go to `skipped`."""
    for path in sorted(visible_files(folder)):
        yield from _read(path.name, path, skipped)


def pictures_in_archive(path: Path, skipped: Skipped) -> Iterator[tuple[str, Image]]:
    """Yield the pictures of a zip archive by path, each with its name; files that give none go to `skipped`."""
    with zipfile.ZipFile(path) as archive:
        for member in sorted(archive.infolist(), key=lambda member: member.filename):
            name = PurePosixPath(member.filename)
            if member.is_dir() or any(part.startswith(".") or part == COPIES for part in name.parts):
                continue
            if member.file_size > LARGEST_FILE:
                skipped.append((name.name, f"larger than {LARGEST_FILE:,} bytes"))
                continue
            yield from _read(name.name, _Member(archive, member), skipped)


class _Member:
    """A file of an archive, opened when it is read."""

    def __init__(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        self.archive, self.member = archive, member


def _read(name: str, file: Path | _Member, skipped: Skipped) -> Iterator[tuple[str, Image]]:
    if Path(name).suffix.lower() not in SUFFIXES:
        skipped.append((name, "not an image by its name"))
        return
    try:
        picture = picture_of(file) if isinstance(file, Path) else _picture_of_member(file)
    except Unreadable as reason:
        skipped.append((name, f"cannot be read ({reason})"))
        return
    yield name, picture


def _picture_of_member(file: _Member) -> Image:
    try:
        with file.archive.open(file.member) as opened:
            return picture_of(opened)
    except Unreadable:
        raise
    except Exception as error:  # encrypted, damaged, or packed in a way that is not known
        raise Unreadable(f"{type(error).__name__}") from error


def report(skipped: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Return a line for each reason: how many files were skipped for it, and the first of their names."""
    lines = []
    for reason, count in Counter(reason for _, reason in skipped).items():
        first = [quote(name) for name, why in skipped if why == reason][:NAMED]
        more = ", …" if count > len(first) else ""
        lines.append(f"{count} skipped, {reason}: {', '.join(first)}{more}")
    return tuple(lines)
