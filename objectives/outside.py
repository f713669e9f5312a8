"""Objectives from outside: `path/file.py:MyLoss`, `module:MyLoss`, or an entry point in group gan_bench.objectives."""

from __future__ import annotations

import ast
import hashlib
import importlib
import importlib.metadata
import importlib.util
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from objectives.base import Objective
from objectives.compose import Penalty, Wrapper

GROUP = "gan_bench.objectives"
PLACE = re.compile(r"(?P<place>[^:+]+?\.py|[A-Za-z_][\w.]*):(?P<name>[A-Za-z_]\w*)(?=[:+]|$)")
LONGEST_TOLD = 300  # characters of an exception that a sentence repeats; torch writes whole paragraphs
PREFIX = "gan_bench_outside_"  # names the modules that were read from a path
Maker = Callable[..., Any]


class PluginError(ValueError):
    """Someone's own code failed; the sentence names the line of theirs. A slip in a spelling is no such fault."""


def is_place(text: str) -> bool:
    """Return whether a name points into a file or a module."""
    return PLACE.fullmatch(text) is not None


def from_place(text: str) -> Maker:
    """Read what `path/file.py:MyLoss` or `module:MyLoss` points at."""
    match = PLACE.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' does not point at an objective; write path/file.py:Name or module:Name")
    place, name = match["place"], match["name"]
    module = _from_file(Path(place)) if place.endswith(".py") else _from_module(place)
    if not hasattr(module, name):
        own = sorted(key for key, value in vars(module).items() if _is_maker(value))
        raise ValueError(f"'{place}' has no '{name}'; it has: {', '.join(own) or 'no objective at all'}")
    return _checked(getattr(module, name), text)


def from_entry_point(name: str) -> Maker | None:
    """Load the installed plug-in of that name, or give None where there is none."""
    for entry in importlib.metadata.entry_points(group=GROUP, name=name):
        try:
            found = entry.load()
        except Exception as error:
            raise PluginError(f"plug-in '{name}' ({entry.value}) cannot be loaded: {told(error)}") from error
        return _checked(found, name)
    return None


def entry_point_names() -> list[str]:
    """List the names that installed plug-ins offer, without loading any."""
    return sorted(importlib.metadata.entry_points(group=GROUP).names)


def without_class(text: str) -> ValueError:
    """Say that a file was named where a class of it is meant, with those that look like objectives.

    The file is read and not run: a script may do anything.
    """
    path, listed = Path(text), ["MyLoss"]
    if not path.is_file():
        return ValueError(f"'{text}' names a file and no class of it, and there is no such file; write file.py:MyLoss")
    with suppress(OSError, ValueError, SyntaxError, RecursionError):
        classes = [node for node in ast.parse(path.read_bytes()).body if isinstance(node, ast.ClassDef)]
        lossy = [
            node.name
            for node in classes
            if any(isinstance(one, ast.FunctionDef) and one.name.endswith("_loss") for one in node.body)
        ]
        listed = lossy or [node.name for node in classes] or listed
    return ValueError(
        f"'{text}' names a file and no class of it; write {' or '.join(f'{text}:{name}' for name in listed[:5])}"
    )


def is_outside(cls: type) -> bool:
    """Return whether a class was written outside this package."""
    return cls.__module__.partition(".")[0] != "objectives"


def place_of(cls: type) -> str:
    """Return the spelling that reads this class again: a path relative to the working directory, or a module."""
    if not cls.__module__.startswith(PREFIX):
        return f"{cls.__module__}:{cls.__qualname__}"
    path = Path(str(sys.modules[cls.__module__].__file__))
    here = Path.cwd()
    return f"{path.relative_to(here) if path.is_relative_to(here) else path}:{cls.__qualname__}"


def digest_of(cls: type) -> str | None:
    """Hash the source file of a class; None where it was typed into a session. Its own imports are not hashed."""
    try:
        source = inspect.getsourcefile(cls)
    except TypeError:
        return None
    return hashlib.sha256(Path(source).read_bytes()).hexdigest() if source and Path(source).is_file() else None


def _from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise ValueError(f"There is no file '{path}'")
    path = path.resolve()
    name = PREFIX + hashlib.sha256(str(path).encode() + b"\0" + path.read_bytes()).hexdigest()[:16]
    if name in sys.modules:
        return sys.modules[name]  # the same file read twice gives the same classes
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up while they are made
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # a script that leaves while it is imported must not end the program
        del sys.modules[name]
        raise PluginError(f"'{path.name}' cannot be imported: {told(error, [str(path)])}") from error
    return module


def _from_module(name: str) -> ModuleType:
    here = str(Path.cwd())
    sys.path.insert(0, here)  # as `python -m` does: a console script alone does not look beside the user
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        typed = error.name is not None and f"{name}.".startswith(f"{error.name}.")
        kind = ValueError if typed else PluginError  # the module itself is not there, or one that it needs
        raise kind(f"Module '{name}' cannot be imported: {told(error)}") from error
    except (Exception, SystemExit) as error:
        raise PluginError(f"Module '{name}' cannot be imported: {told(error)}") from error
    finally:
        sys.path.remove(here)


def _is_maker(value: object) -> bool:
    return inspect.isclass(value) and issubclass(value, (Objective, Penalty)) and is_outside(value)


def _checked(found: Any, text: str) -> Maker:
    _require_dataclass(found, text)
    is_part = inspect.isclass(found) and issubclass(found, (Objective, Penalty))
    if is_part and found not in (Objective, Wrapper, Penalty):
        return cast(Maker, found)
    if inspect.isfunction(found):
        return found  # a composition: `def my_game() -> Objective`
    raise ValueError(f"'{text}' is not an objective; derive it from objectives.Objective as a frozen dataclass")


def _require_dataclass(found: Any, text: str) -> None:
    """Refuse a class whose settings are annotations alone: they would be shared constants, and no `:margin=2` works."""
    if inspect.isclass(found) and "__dataclass_fields__" not in vars(found):
        for name, annotation in inspect.get_annotations(found).items():
            if "ClassVar" not in str(annotation):
                raise ValueError(
                    f"'{text}' declares '{name}' but is no dataclass; write @dataclass(frozen=True) above it"
                )


def told(error: BaseException, files: Sequence[str] = ()) -> str:
    """Put an exception on one line; where one of the files had a part in it, with the innermost line of theirs."""
    text = " ".join(str(error).split())
    text = text if len(text) <= LONGEST_TOLD else text[:LONGEST_TOLD] + "…"
    line = f"{type(error).__name__}: {text}" if text else type(error).__name__
    theirs = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in files]
    return f"{line} ({theirs[-1].filename}, line {theirs[-1].lineno})" if theirs else line
