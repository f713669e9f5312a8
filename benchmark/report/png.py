"""Small PNG images without a library."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode

import numpy as np

from benchmark.runner.images import Pixels


def encode_png(pixels: Pixels) -> bytes:
    """Write pixels as PNG (ISO/IEC 15948): 8 bits a channel, no filter."""
    height, width = pixels.shape[:2]
    colour = 2 if pixels.ndim == 3 else 0
    rows = np.ascontiguousarray(pixels).reshape(height, -1)
    raw = np.concatenate([np.zeros((height, 1), np.uint8), rows], axis=1).tobytes()
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def data_uri(pixels: Pixels) -> str:
    """Write pixels as a PNG that a page can hold."""
    return "data:image/png;base64," + b64encode(encode_png(pixels)).decode()
