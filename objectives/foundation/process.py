"""State shared by the whole process, which user code must not change because all other code depends on it."""

from __future__ import annotations

import operator
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from objectives.foundation.errors import PluginError

# Prefixes of the environment variables by which libraries choose their arithmetic, threads and devices.
VARIABLES = ("OMP_", "MKL_", "OPENBLAS_", "CUDA_", "CUBLAS_", "NVIDIA_", "TORCH_", "PYTORCH_", "GAN_BENCH_", "RAY_")
GENERATOR = "the global random generator of "


@dataclass(frozen=True)
class Setting:
    """One process-wide setting: how to read it, and how to set it."""

    read: Callable[[], Any]
    write: Callable[[Any], object]
    same: Callable[[Any, Any], bool] = operator.eq


@contextmanager
def left_alone(whose: str, *, draws: bool = False) -> Iterator[None]:
    """Restore the process state that a block changed; raise PluginError if other code depends on it.

    Warning filters and unrelated environment variables are restored silently, since libraries set them on import, and
    so are the global random generators, which nothing here uses.

    Args:
        whose: The code that runs in the block, as named in the message: `'mine.py'`, `The objective 'MyLoss'`.
        draws: Reject a block that draws from a global generator.
    """
    settings = shared_settings()
    before = {name: setting.read() for name, setting in settings.items()}
    filters, environment = warnings.filters[:], dict(os.environ)
    try:
        yield
    finally:
        changed = _restore(settings, before)
        warnings.filters[:] = filters  # type: ignore[index]  # a list, whatever the stub says
        _restore_environment(environment)
    if draws and (moved := [name.removeprefix(GENERATOR) for name in changed if name.startswith(GENERATOR)]):
        raise PluginError(
            f"{whose} draws from {moved[0]}'s global generator, so the same command would give different numbers; "
            "draw with what it is given instead: game.uniform('a name', shape), game.normal, or a generator"
        )
    if others := [name for name in changed if not name.startswith(GENERATOR)]:
        raise PluginError(
            f"{whose} changes {' and '.join(others[:3])} for the whole process, which would affect everything else; "
            "remove that change, or undo it"
        )


def shared_settings() -> dict[str, Setting]:
    """Return the process-wide settings that can be restored, keyed by their names in messages."""
    return _of_python() | _of_numpy() | _of_torch()


def _restore(settings: dict[str, Setting], before: dict[str, Any]) -> list[str]:
    """Restore the settings that differ and return their names."""
    changed = []
    for name, setting in settings.items():
        if not setting.same(setting.read(), before[name]):
            changed.append(name)
            with suppress(Exception):  # rejected even if it cannot be restored
                setting.write(before[name])
    return changed


def _restore_environment(before: dict[str, str]) -> None:
    for name in os.environ.keys() - before.keys():
        del os.environ[name]
    os.environ.update(before)


def _of_python() -> dict[str, Setting]:
    def variables() -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if name.startswith(VARIABLES)}

    listed = {
        GENERATOR + "Python": Setting(random.getstate, random.setstate),
        "the working directory": Setting(_directory, os.chdir),
        "the environment": Setting(variables, lambda value: None),
        "the recursion limit": Setting(sys.getrecursionlimit, sys.setrecursionlimit),
        "the standard streams": Setting(lambda: (sys.stdout, sys.stderr), _set_streams),
        "the exception hook": Setting(lambda: sys.excepthook, lambda value: setattr(sys, "excepthook", value)),
    }
    if threading.current_thread() is threading.main_thread():  # other threads cannot set handlers
        listed["a signal handler"] = Setting(_handlers, _set_handlers)
    return listed


def _of_numpy() -> dict[str, Setting]:
    import numpy as np

    def state() -> list[Any]:
        legacy: Any = np.random.get_state()
        name, keys, *rest = legacy
        return [name, keys.tobytes(), *rest]

    def set_state(value: list[Any]) -> None:
        name, keys, *rest = value
        np.random.set_state((name, np.frombuffer(keys, dtype=np.uint32), *rest))

    return {
        GENERATOR + "NumPy": Setting(state, set_state),
        "NumPy's error handling": Setting(np.geterr, lambda value: np.seterr(**value)),
    }


def _of_torch() -> dict[str, Setting]:
    import torch

    backends: Any = torch.backends

    def flags() -> dict[str, Any]:
        return {
            "cuda.matmul.allow_tf32": backends.cuda.matmul.allow_tf32,
            "cudnn.allow_tf32": backends.cudnn.allow_tf32,
            "cudnn.benchmark": backends.cudnn.benchmark,
            "cudnn.deterministic": backends.cudnn.deterministic,
            "cudnn.enabled": backends.cudnn.enabled,
        }

    def set_flags(value: dict[str, Any]) -> None:
        for path, flag in value.items():
            *owners, name = path.split(".")
            owner = backends
            for part in owners:
                owner = getattr(owner, part)
            setattr(owner, name, flag)

    def deterministic() -> tuple[bool, bool]:
        return torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()

    def set_device(value: torch.device) -> None:
        torch.set_default_device(None if value.type == "cpu" else value)  # a device that is set costs time at each call

    def seeds() -> list[bytes]:
        states = [torch.get_rng_state()] + (torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else [])
        return [state.numpy().tobytes() for state in states]

    def same_seeds(now: list[bytes], before: list[bytes]) -> bool:
        return all(one == other for one, other in zip(now, before, strict=False))  # a GPU may have joined

    def set_seeds(value: list[bytes]) -> None:
        own, *others = [torch.frombuffer(bytearray(state), dtype=torch.uint8) for state in value]
        torch.set_rng_state(own)
        for device, state in enumerate(others):
            torch.cuda.set_rng_state(state, device)

    return {
        GENERATOR + "torch": Setting(seeds, set_seeds, same_seeds),
        "torch's default dtype": Setting(torch.get_default_dtype, torch.set_default_dtype),
        # torch.get_default_device fails after `set_default_device(None)` in torch 2.8.
        "torch's default device": Setting(lambda: torch.empty(0).device, set_device),
        "torch's number of threads": Setting(torch.get_num_threads, torch.set_num_threads),
        "torch's number of inter-op threads": Setting(torch.get_num_interop_threads, lambda value: None),
        "torch's use of deterministic algorithms": Setting(
            deterministic, lambda value: torch.use_deterministic_algorithms(value[0], warn_only=value[1])
        ),
        "torch's precision of matrix products": Setting(
            torch.get_float32_matmul_precision, torch.set_float32_matmul_precision
        ),
        "torch's cuDNN and TF32 flags": Setting(flags, set_flags),
        "torch's handling of denormal numbers": Setting(_denormals_flushed, torch.set_flush_denormal),
        "torch's gradient mode": Setting(torch.is_grad_enabled, torch.set_grad_enabled),
        "torch's inference mode": Setting(torch.is_inference_mode_enabled, lambda value: None),
        "torch's anomaly detection": Setting(torch.is_anomaly_enabled, torch.autograd.set_detect_anomaly),
        "torch's autocast": Setting(
            lambda: torch.is_autocast_enabled("cpu"), lambda value: torch.set_autocast_enabled("cpu", value)
        ),
    }


def _denormals_flushed() -> bool:
    """Return whether a product below 2⁻¹²⁶, the smallest normal float32, is zero."""
    import torch

    return not bool((torch.full((16,), 2.0**-120, dtype=torch.float32, device="cpu") * 2.0**-20).any())


def _directory() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109  a text, as `chdir` takes it
    except OSError:
        return None  # it was removed


def _set_streams(value: tuple[Any, Any]) -> None:
    sys.stdout, sys.stderr = value


def _handlers() -> dict[int, Any]:
    return {number: signal.getsignal(number) for number in signal.valid_signals()}


def _set_handlers(value: dict[int, Any]) -> None:
    for number, handler in value.items():
        if handler is not None and signal.getsignal(number) != handler:
            signal.signal(number, handler)
