"""What a child may do to itself before its command line begins: limits, patches, another user."""

from __future__ import annotations

import ctypes
import os
import pwd
import resource
import signal
import struct
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any


def replace(place: str, made: Callable[[Any], Any]) -> None:
    """Put something made from what stands at `module:name.name` in its place."""
    module, _, path = place.partition(":")
    owner: Any = import_module(module)
    *owners, name = path.split(".")
    for step in owners:
        owner = getattr(owner, step)
    setattr(owner, name, made(getattr(owner, name)))


def at_call(place: str, act: Callable[[], None], call: int = 1) -> None:
    """Let something happen when a function is called for the so-manieth time, before it does its work."""
    calls = iter(range(1, call + 1))

    def wrapped(function):
        def acting(*arguments, **named):
            if next(calls, None) == call:
                act()
            return function(*arguments, **named)

        return acting

    replace(place, wrapped)


def send_to(number: int, path: str) -> None:
    """Let a standard stream go to a file or a device."""
    os.dup2(os.open(path, os.O_WRONLY), number)


def close_stream(number: int) -> None:
    """Start without a standard stream, as after `>&-`."""
    os.close(number)
    setattr(sys, {0: "stdin", 1: "stdout", 2: "stderr"}[number], None)


def forget_the_user() -> None:
    """Run as a user without a home and without an entry in the list of users, as in some containers."""
    os.environ.pop("HOME", None)

    def unknown(uid):
        raise KeyError(f"getpwuid(): uid not found: {uid}")

    pwd.getpwuid = unknown


def fail_at(place: str) -> None:
    """Let a function fail at its first call."""

    def fail():
        raise RuntimeError("a failure of the test")

    at_call(place, fail)


def signal_at(place: str, number: int, call: int = 1) -> None:
    """Send the process a signal when a function is called."""
    at_call(place, lambda: os.kill(os.getpid(), number), call)


def signal_at_iteration(number: int, iteration: int) -> None:
    """Send a signal when training has reached an iteration."""

    def wrapped(advance):
        def signalled(*arguments, **named):
            for position in advance(*arguments, **named):
                if position.iteration == iteration:
                    os.kill(os.getpid(), number)
                yield position

        return signalled

    replace("benchmark.runner.train:advance", wrapped)


def signal_after(number: int, seconds: float) -> None:
    """Send the process a signal when it has computed for so many seconds."""
    signal.signal(signal.SIGVTALRM, lambda *_: os.kill(os.getpid(), number))
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)


def limit_files(size: int) -> None:
    """Let no file grow beyond so many bytes: what a full disk does to a writer."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def limit_files_at(place: str, size: int) -> None:
    """Fill the disk up when a function is first called."""
    at_call(place, lambda: limit_files(size))


def close(root: str) -> None:
    """Make a directory and all below it read-only."""
    for path in (Path(root), *Path(root).rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)


def close_at(place: str, root: str) -> None:
    """Make a directory and all below it read-only when a function is first called."""
    at_call(place, lambda: close(root))


def limit_memory(more: int) -> None:
    """Let the process have so many more bytes of address space than it has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    size = pages * resource.getpagesize() + more
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def limit_memory_at(place: str, more: int) -> None:
    """Limit the memory when a function is first called."""
    at_call(place, lambda: limit_memory(more))


def heed_permissions() -> None:
    """Let permissions bind this process even if it is root's: give up the capabilities that pass them (capset(2))."""
    if os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = struct.pack("Ii", 0x20080522, 0)  # the third version of the interface; this process
    sets = ctypes.create_string_buffer(24)  # effective, permitted, inheritable; twice 32 bits
    if libc.capget(header, sets) != 0:
        raise OSError(ctypes.get_errno(), "capget")
    words = list(struct.unpack("6I", sets.raw))
    words[0] &= ~0b110  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    if libc.capset(header, struct.pack("6I", *words)) != 0:
        raise OSError(ctypes.get_errno(), "capset")
