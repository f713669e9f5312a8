"""Prepare a process for training: threads, memory and number formats that decide its speed and its last bits."""

from __future__ import annotations

import ctypes
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from benchmark.errors import UserError
from objectives.foundation.names import join_names, quote, resolve

ACCELERATORS = {"cuda": "CUDA", "mps": "MPS"}

# glibc's mallopt parameters (malloc.h).
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3


@contextmanager
def prepared_process(threads: int, *, tf32: bool = False, deterministic: bool = False) -> Iterator[None]:
    """Set the process-wide settings of runs, and restore them afterwards.

    Vanishing gradients make Adam's moments denormal, and arithmetic on denormals is many times slower: they are
    flushed to zero, in all of this thread's arithmetic, which a host program would not expect to last. TF32 is off
    unless asked for, because it keeps 10 bits of a float32 product's mantissa. Freed memory stays in the process.
    With `deterministic` torch refuses operations whose sums have no fixed order, and cuBLAS keeps to one workspace.
    """
    before = (
        torch.get_num_threads(),
        torch.backends.cuda.matmul.allow_tf32,
        torch.backends.cudnn.allow_tf32,
        torch.are_deterministic_algorithms_enabled(),
    )
    keep_freed_memory()
    if deterministic:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read when the device is first used
    _set(threads, tf32, tf32, deterministic)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
        _set(*before)


def _set(threads: int, products: bool, convolutions: bool, deterministic: bool) -> None:
    torch.set_num_threads(threads)
    torch.backends.cuda.matmul.allow_tf32 = products
    torch.backends.cudnn.allow_tf32 = convolutions
    torch.use_deterministic_algorithms(deterministic)


def resolve_device(name: str) -> str:
    """Resolve a device's name to an available device.

    `auto` is CUDA where there is one, else the CPU: MPS replays no graphs and has no float64, so it is used by name.
    """
    here = ["cpu"]
    if torch.backends.mps.is_available():
        here.insert(0, "mps")
    if torch.cuda.is_available():
        here[:0] = ["cuda", *(f"cuda:{index}" for index in range(torch.cuda.device_count()))]
    kind = name.casefold().partition(":")[0]
    if kind in ACCELERATORS and kind not in here:
        raise UserError(
            f"torch finds no {ACCELERATORS[kind]} device, so {quote(name)} cannot be used. "
            f"Available: {join_names(here)}."
        )
    if name == "auto":
        return "cuda" if "cuda" in here else "cpu"
    return resolve(name, here, "device")


def keep_freed_memory() -> bool:
    """Make glibc keep freed buffers instead of returning them to the kernel; return whether that succeeded.

    A training step frees and allocates the same activations again and again. By default glibc maps every buffer
    above 128 KiB (later 32 MiB) freshly, and each first touch of a page is a fault that costs more than the arithmetic:
    a ReLU on 2.5 MiB took 1.2 ms with the faults and 0.04 ms without. Other C libraries are not changed.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    libc = ctypes.CDLL(None)
    settings = ((_TRIM_THRESHOLD, 1 << 30), (_MMAP_THRESHOLD, 1 << 25), (_TOP_PAD, 1 << 26))
    return all(bool(libc.mallopt(parameter, value)) for parameter, value in settings)
