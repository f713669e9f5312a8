"""Load user code: `path/file.py:Name`, `module:Name`, or an installed entry point."""

from __future__ import annotations

import ast
import hashlib
import importlib
import importlib.metadata
import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from objectives.foundation.errors import PASSING, PluginError, UserError
from objectives.foundation.names import join_names, quote
from objectives.foundation.process import left_alone
from objectives.foundation.settings import PLACE
from objectives.foundation.source import PREFIX

LONGEST_MESSAGE = 300  # characters of an exception quoted in a message; torch writes whole paragraphs


@dataclass(frozen=True)
class Kind:
    """A kind of entry that can be loaded: its noun, an example, and how to recognise and check its entries."""

    word: str  # "objective"
    article: str  # "an objective"
    example: str  # "MyLoss", for sentences
    belongs: Callable[[Any], bool]
    looks_right: Callable[[ast.stmt], bool]  # for a file that is read but not run
    check: Callable[[Any, str], Any]  # maps what was loaded and its spelling to the entry, or raises UserError

    @property
    def group(self) -> str:
        """Return the entry point group of its plug-ins."""
        return f"gan_bench.{self.word}s"


def is_place(text: str) -> bool:
    """Return whether a text refers to an object in a file or module."""
    return PLACE.fullmatch(text) is not None


def load(text: str, kind: Kind) -> Any:
    """Return the object that `path/file.py:Name` or `module:Name` refers to, or raise UserError."""
    match = PLACE.fullmatch(text)
    if match is None:
        raise UserError(f"{quote(text)} does not refer to {kind.article}; write path/file.py:Name or module:Name")
    place, name = match["file"], match["name"]
    module = _from_file(Path(place)) if place.endswith(".py") else _from_module(place)
    if not hasattr(module, name):
        own = [key for key, value in vars(module).items() if kind.belongs(value)]
        raise UserError(f"'{place}' has no '{name}'; it defines {join_names(own) if own else f'no {kind.word}'}")
    return kind.check(getattr(module, name), text)


def load_entry_point(name: str, kind: Kind) -> Any:
    """Return the entry of the installed plug-in with this name, or None if there is none."""
    for entry in importlib.metadata.entry_points(group=kind.group, name=name):
        with _imported(f"Plug-in '{name}' ({entry.value})", entry.module, "cannot be loaded"):
            found = entry.load()
        return kind.check(found, name)
    return None


def entry_point_names(kind: Kind) -> list[str]:
    """List the names that installed plug-ins offer, without loading any."""
    return sorted(importlib.metadata.entry_points(group=kind.group).names)


def loaded_files() -> dict[str, str]:
    """Return the files that were loaded in this process, by the names of their modules."""
    return {name: str(module.__file__) for name, module in sys.modules.items() if name.startswith(PREFIX)}


def load_files(files: Mapping[str, str]) -> None:
    """Load these files in another process, so that objects that refer to them can be unpickled there."""
    for name, path in files.items():
        if _from_file(Path(path)).__name__ != name:
            raise UserError(f"The file '{path}' has changed since the runs were planned; give the command again.")


def missing_name(text: str, kind: Kind) -> UserError:
    """Return the error for a file given without a name in it, suggesting suitable names.

    The file is read but not run, since a script may do anything.
    """
    path, names, there = Path(text), [kind.example], False
    with suppress(OSError, ValueError):
        there = path.is_file()
    if not there:
        return UserError(
            f"There is no file {quote(text)}; to use {kind.article} of your own, write file.py:{kind.example}"
        )
    with suppress(OSError, ValueError, SyntaxError, RecursionError):
        body = [node for node in ast.parse(path.read_bytes()).body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
        right = [node.name for node in body if kind.looks_right(node)]
        names = right or [node.name for node in body if isinstance(node, ast.ClassDef)] or names
    return UserError(
        f"{quote(text)} is a file; name the {kind.word} in it: {' or '.join(f'{text}:{name}' for name in names[:5])}"
    )


def on_one_line(error: BaseException, files: Sequence[str] = ()) -> str:
    """Write an exception on one line, with the innermost line number if one of the files raised it."""
    text = " ".join(str(error).split())
    text = text if len(text) <= LONGEST_MESSAGE else text[:LONGEST_MESSAGE] + "…"
    line = text if isinstance(error, UserError) else ": ".join(filter(None, (type(error).__name__, text)))
    theirs = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in files]
    return f"{line} ({theirs[-1].filename}, line {theirs[-1].lineno})" if theirs else line


@contextmanager
def _imported(
    whose: str, module: str, failure: str = "cannot be imported", files: Sequence[str] = ()
) -> Iterator[None]:
    """Import user code: whatever it raises, even SystemExit, becomes one sentence, and process state is restored.

    A rejected module is removed from `sys.modules`, so a second import is rejected too.
    """
    known = module in sys.modules
    try:
        with left_alone(whose):
            yield
    except BaseException as error:
        if not known:
            sys.modules.pop(module, None)
        if isinstance(error, (*PASSING, UserError)):
            raise
        raise PluginError(f"{whose} {failure}: {on_one_line(error, files)}") from error


def _from_file(path: Path) -> ModuleType:
    try:
        if not path.is_file():
            raise UserError(f"There is no file {quote(path)}")
        path = path.resolve()
        name = PREFIX + hashlib.sha256(str(path).encode() + b"\0" + path.read_bytes()).hexdigest()[:16]
    except OSError as error:  # a name too long for the file system, or an unreadable file
        raise UserError(f"Cannot read the file {quote(path)}: {error.strerror or type(error).__name__}") from error
    if name in sys.modules:
        return sys.modules[name]  # the same file read twice gives the same classes
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with _imported(f"'{path.name}'", name, files=[str(path)]):
        sys.modules[name] = module  # `dataclass` looks up the module of its class
        spec.loader.exec_module(module)
    return module


def _from_module(name: str) -> ModuleType:
    if name in sys.modules:
        return sys.modules[name]
    here = str(Path.cwd())
    sys.path.insert(0, here)  # as `python -m` does; a console script does not search the working directory
    try:
        with _imported(f"Module '{name}'", name):
            try:
                return importlib.import_module(name)
            except ModuleNotFoundError as error:
                if error.name is None or not f"{name}.".startswith(f"{error.name}."):
                    raise  # one of its dependencies is missing
                raise UserError(f"Module '{name}' cannot be imported: {on_one_line(error)}") from error
    finally:
        with suppress(ValueError):
            sys.path.remove(here)
