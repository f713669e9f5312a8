"""The source of code defined in a session: the cells of a notebook that define it and what it calls."""

from __future__ import annotations

import dataclasses
import dis
import inspect
import linecache
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

PLAIN = (bool, int, float, complex, str, bytes, type(None))
GENERATED = ("<string>", dataclasses.__file__)  # where the methods that `dataclass` adds have their code


def session_source(value: Any) -> str | None:
    """Return the source of a class or function of a session, or None if some of it is unavailable.

    It contains the cells of its methods, own and inherited, and of the functions and classes of the session that they
    call, and the values of the plain constants that they read. `inspect.getsource` of a class looks for a file; that of
    a function finds its cell through `linecache`, where notebooks leave it.
    """
    texts: set[str] = set()
    waiting, seen = [value], set[int]()
    while waiting:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        functions = _methods(item) if isinstance(item, type) else [item]
        if not functions:
            return None
        for function in functions:
            cell = "".join(linecache.getlines(function.__code__.co_filename))
            if not cell:
                return None
            texts.add(cell)
            for name, used in _uses(function):
                if _is_plain(used):
                    texts.add(f"{name} = {used!r}")
                elif isinstance(used, type | FunctionType):
                    waiting += [used] if is_of_session(used) else []
                elif not isinstance(used, ModuleType) and (not callable(used) or is_of_session(type(used))):
                    return None  # an object that the session built somehow
        if isinstance(item, type):
            waiting += [base for base in item.__mro__[1:] if is_of_session(base)]
    return "\0".join(sorted(texts))


def _is_plain(value: Any) -> bool:
    """Return whether a value is a constant whose `repr` says all of it."""
    if isinstance(value, tuple | list | set | frozenset):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(map(_is_plain, [*value.keys(), *value.values()]))
    return isinstance(value, PLAIN)


def is_of_session(value: Any) -> bool:
    """Return whether a class or function was defined in a session: it belongs to `__main__` and has no file."""
    if value.__module__ != "__main__":
        return False
    file = getattr(sys.modules["__main__"], "__file__", None)
    functions = _methods(value) if isinstance(value, type) else [value]
    return not (file and Path(file).is_file()) or any(one.__code__.co_filename != file for one in functions)


def _methods(cls: type) -> list[FunctionType]:
    """Return the methods in a class's own source; those added by a decorator such as `dataclass` have no cell."""
    members = [member for member in vars(cls).values() if not isinstance(member, type)]
    members = [getattr(member, "fget", None) or getattr(member, "func", member) for member in members]
    functions = [inspect.unwrap(getattr(member, "__func__", member)) for member in members]
    return [one for one in functions if isinstance(one, FunctionType) and one.__code__.co_filename not in GENERATED]


def _uses(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """Yield the globals and the enclosing variables that a function reads, by name."""
    names = set(_globals_read(function.__code__))
    yield from ((name, function.__globals__[name]) for name in sorted(names) if name in function.__globals__)
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    for name, cell in cells:
        if name != "__class__":
            yield name, cell.cell_contents


def _globals_read(code: CodeType) -> Iterator[str]:
    yield from (one.argval for one in dis.get_instructions(code) if one.opname in ("LOAD_GLOBAL", "LOAD_NAME"))
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _globals_read(constant)
