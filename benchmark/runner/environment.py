"""Where a run happened: versions, hardware, commit."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch


@cache
def environment() -> dict[str, Any]:
    """Describe this process; only the number of threads enters a run's identity."""
    packages = ("gan-bench", "torch", "numpy", "scipy", "scikit-learn")
    return {
        "versions": {"python": platform.python_version()} | {name: version(name) for name in packages},
        "platform": platform.platform(terse=True),
        "processor": processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "commit": commit(),
    }


def device_name(device: torch.device) -> str:
    """Name the device that trained: the GPU's model, or the processor."""
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        return f"{properties.name} {str(properties.uuid)[:8]}"  # `cuda:0` is another GPU for each Ray worker
    return processor() if device.type == "cpu" else str(device)


def peak_memory(device: torch.device) -> int | None:
    """Return the most memory used so far in MiB: the device's own where it counts it, else the process's if it does."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device) / 2**20)
    if sys.platform == "win32":
        return None
    import resource  # not on Windows

    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS
    return int(kilobytes / (2**20 if platform.system() == "Darwin" else 2**10))


def processor() -> str:
    """Name the processor as Linux does, or as Python can."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def commit() -> str | None:
    """Return the commit of the checkout that this package runs from, with + if it was changed; None outside one."""
    here = Path(__file__).resolve().parents[2]
    if not (here / ".git").exists():
        return None
    try:
        described = subprocess.run(
            ["git", "-C", str(here), "describe", "--always", "--dirty=+", "--abbrev=12"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return described.stdout.strip()
