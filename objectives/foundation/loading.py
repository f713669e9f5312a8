"""One loader for code from outside: `path/file.py:Name`, `module:Name`, or an installed entry point."""

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

LONGEST_MESSAGE = 300  # characters of an exception that a sentence repeats; torch writes whole paragraphs


@dataclass(frozen=True)
class Kind:
    """A kind of thing that can be loaded: its word, its name in a sentence, and which values of a module are one."""

    word: str  # "objective"
    article: str  # "an objective"
    example: str  # "MyLoss", for sentences
    belongs: Callable[[Any], bool]
    looks_right: Callable[[ast.stmt], bool]  # of a file that is read and not run
    check: Callable[[Any, str], Any]  # what was loaded and its spelling -> the entry; UserError where it is none

    @property
    def group(self) -> str:
        """Return the entry point group of its plug-ins."""
        return f"gan_bench.{self.word}s"


def is_place(text: str) -> bool:
    """Return whether a name points into a file or a module."""
    return PLACE.fullmatch(text) is not None


def load(text: str, kind: Kind) -> Any:
    """Return what `path/file.py:Name` or `module:Name` points at; what is wrong is one sentence."""
    match = PLACE.fullmatch(text)
    if match is None:
        raise UserError(f"{quote(text)} does not point at {kind.article}; write path/file.py:Name or module:Name")
    place, name = match["file"], match["name"]
    module = _from_file(Path(place)) if place.endswith(".py") else _from_module(place)
    if not hasattr(module, name):
        own = [key for key, value in vars(module).items() if kind.belongs(value)]
        raise UserError(f"'{place}' has no '{name}'; it has: {join_names(own) if own else f'no {kind.word} at all'}")
    return kind.check(getattr(module, name), text)


def load_entry_point(name: str, kind: Kind) -> Any:
    """Return what the installed plug-in of that name offers, or None where there is no such plug-in."""
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
    """Load in another process what was loaded in this one, so that what refers to it can be unpickled there."""
    for name, path in files.items():
        if _from_file(Path(path)).__name__ != name:
            raise UserError(f"The file '{path}' has changed since the runs were planned; give the command again.")


def missing_name(text: str, kind: Kind) -> UserError:
    """Return the error for a file that is named without what is meant of it, with the names that look right.

    The file is read and not run: a script may do anything.
    """
    path, names, there = Path(text), [kind.example], False
    with suppress(OSError, ValueError):
        there = path.is_file()
    if not there:
        return UserError(
            f"{quote(text)} names a file and nothing in it, and there is no such file; write file.py:{kind.example}"
        )
    with suppress(OSError, ValueError, SyntaxError, RecursionError):
        body = [node for node in ast.parse(path.read_bytes()).body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
        right = [node.name for node in body if kind.looks_right(node)]
        names = right or [node.name for node in body if isinstance(node, ast.ClassDef)] or names
    return UserError(
        f"{quote(text)} names a file and nothing in it; write {' or '.join(f'{text}:{name}' for name in names[:5])}"
    )


def on_one_line(error: BaseException, files: Sequence[str] = ()) -> str:
    """Write an exception on one line; where code of one of the files raised it, with the innermost line of theirs."""
    text = " ".join(str(error).split())
    text = text if len(text) <= LONGEST_MESSAGE else text[:LONGEST_MESSAGE] + "…"
    line = text if isinstance(error, UserError) else ": ".join(filter(None, (type(error).__name__, text)))
    theirs = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in files]
    return f"{line} ({theirs[-1].filename}, line {theirs[-1].lineno})" if theirs else line


@contextmanager
def _imported(
    whose: str, module: str, failure: str = "cannot be imported", files: Sequence[str] = ()
) -> Iterator[None]:
    """Import a module from outside: what it raises is one sentence, even SystemExit, and the process stays as it is.

    A module that is refused is forgotten, so that it is refused again when it is asked for again.
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
    except OSError as error:  # a name longer than the file system takes, a file that may not be read
        raise UserError(f"Cannot read the file {quote(path)}: {error.strerror or type(error).__name__}") from error
    if name in sys.modules:
        return sys.modules[name]  # the same file read twice gives the same classes
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with _imported(f"'{path.name}'", name, files=[str(path)]):
        sys.modules[name] = module  # dataclasses look their module up while they are made
        spec.loader.exec_module(module)
    return module


def _from_module(name: str) -> ModuleType:
    if name in sys.modules:
        return sys.modules[name]
    here = str(Path.cwd())
    sys.path.insert(0, here)  # as `python -m` does: a console script alone does not look beside the user
    try:
        with _imported(f"Module '{name}'", name):
            try:
                return importlib.import_module(name)
            except ModuleNotFoundError as error:
                if error.name is None or not f"{name}.".startswith(f"{error.name}."):
                    raise  # a module that it needs is not there
                raise UserError(f"Module '{name}' cannot be imported: {on_one_line(error)}") from error
    finally:
        with suppress(ValueError):
            sys.path.remove(here)
