"""`samples.npz`: a run's first samples, read with a bound on the size of the decompressed array."""

from __future__ import annotations

import io
import zlib
from math import prod
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from benchmark.store.disk import read_regular

SAMPLES_KEPT = 1_000  # of each run, for pictures and for checking its scores
MEMBER = "samples.npy"
LONGEST_HEADER = 10_000  # bytes that name a type and a shape
LARGEST_ARRAY = 2**30  # bytes; 1,000 colour images of 256 x 256 in single precision take 0.8 of it
ENCRYPTED = 1  # a bit of a zip entry's flags


def samples_bytes(samples: NDArray[Any]) -> bytes:
    """Return the first of the samples [N, *data] as a compressed archive."""
    content = io.BytesIO()
    np.savez_compressed(content, samples=samples[:SAMPLES_KEPT])
    return content.getvalue()


def read_samples(path: Path) -> NDArray[Any]:
    """Read the saved samples [N, *data] of a run; raises OSError or ValueError with the reason.

    The array's header must declare numbers whose size is that of the archive's member. Nothing is allocated before this
    is checked, because an archive may be damaged or hostile.
    """
    content = io.BytesIO(read_regular(path))
    try:
        with ZipFile(content) as archive:
            entry = archive.getinfo(MEMBER)
            if entry.flag_bits & ENCRYPTED or entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                raise ValueError("encrypted, or compressed in a way that NumPy does not use")
            with archive.open(entry) as member:
                kind, shape = _declared(member, entry.file_size)
                values = member.read(prod(shape) * kind.itemsize)
    except KeyError:
        raise ValueError(f"no {MEMBER} in it") from None
    except (BadZipFile, EOFError, NotImplementedError, RuntimeError, OverflowError, zlib.error) as error:
        raise ValueError(f"a damaged archive: {error}") from error
    return np.frombuffer(values, kind).reshape(shape)


def _declared(member: Any, size: int) -> tuple[np.dtype[Any], tuple[int, ...]]:
    """Read an array's header; raises ValueError unless it declares numbers [N, ...] that fill `size` bytes with it."""
    try:
        version = npy.read_magic(member)
        reader = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, by_columns, kind = reader(member, max_header_size=LONGEST_HEADER)
    except Exception as error:  # NumPy parses the header as Python, with as many kinds of failure
        raise ValueError(f"no array header: {type(error).__name__}") from error
    if by_columns or kind.kind not in "fiu" or len(shape) < 2 or not all(length > 0 for length in shape):
        raise ValueError(f"samples must be numbers [N, ...] in row order, not {kind} {list(shape)}"[:200])
    expected = prod(shape) * kind.itemsize
    if expected > LARGEST_ARRAY or member.tell() + expected != size:
        raise ValueError(f"{expected:,} bytes of samples are declared, but the archive has {size - member.tell():,}")
    return kind, shape
