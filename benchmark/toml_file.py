"""TOML files that people write, checked against a model; what is wrong with one is one sentence."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from benchmark.errors import UserError
from objectives.foundation.names import quote, resolve

LARGEST = 1_000_000  # bytes; what people write is a few kilobytes
DEEPEST_KEY = re.compile(r"""(?<![\w"'-])(?:[\w"'-]+[ \t]*\.[ \t]*){50}""")  # tomllib takes its parts to the square
LONGEST_NAME = 60  # signs that the nearest name is looked for by
Contents = TypeVar("Contents", bound="Strict")


class Strict(BaseModel):
    """A part of a file: no unknown entries, no guessing of types, no change once read."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def read_toml(path: Traversable, model: type[Contents]) -> Contents:
    """Read a file into a model; raises UserError with the place and the value of the first fault."""
    name = quote(Path(str(path)))
    try:
        if isinstance(path, Path) and path.exists() and not (path.is_file() or path.is_dir()):
            raise UserError(f"{name} is no regular file.")  # a pipe is never waited for
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise UserError(f"The file {name} is larger than {LARGEST:,} bytes.")
        text = content.decode()
        if DEEPEST_KEY.search(text):
            raise UserError(f"The file {name} has a key of more than 50 parts.")
        return model.model_validate(tomllib.loads(text))
    except OSError as error:
        raise UserError(f"Cannot read {name}: {error.strerror or type(error).__name__}.") from error
    except ValidationError as error:
        raise UserError(f"In {name}, {_first(error, model)}") from error
    except (ValueError, RecursionError) as error:  # not UTF-8, not TOML, nested too deep
        if isinstance(error, UserError):
            raise
        raise UserError(f"The file {name} is not TOML: {quote(str(error))}.") from error


def named_file(text: str, folder: Traversable, kind: str) -> Traversable:
    """Return the file that a name means: one of a folder's, or a path that ends in .toml."""
    if text.endswith(".toml"):
        return Path(text)
    return folder / f"{resolve(text, names_in(folder), kind)}.toml"


def names_in(folder: Traversable) -> list[str]:
    """List the names of a folder's files."""
    return sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml"))


def _first(error: ValidationError, model: type[BaseModel]) -> str:
    faults = error.errors()
    misnamed = (fault for fault in faults if fault["type"] == "extra_forbidden")  # before what it hides
    fault = next(misnamed, faults[0])
    place = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return _unknown(str(fault["loc"][-1]), fault["loc"][:-1], model)
    if fault["type"] == "missing":
        return f"the entry {quote(place)} is missing."
    return f"{quote(place or 'the whole')}: {fault['msg']}, got {quote(str(fault['input']))}."


def _unknown(name: str, place: Sequence[int | str], model: type[BaseModel]) -> str:
    """Say that a part of a file has no such entry, and which ones it has."""
    known = _model_at(place, model).model_fields
    where = f" in {'.'.join(map(str, place))}" if place else ""
    near = "".join(f" Did you mean {quote(one)}?" for one in get_close_matches(name[:LONGEST_NAME], known, n=1))
    return f"there is no entry {quote(name)}{where}; there are {', '.join(known)}.{near}"


def _model_at(place: Sequence[int | str], model: type[BaseModel]) -> type[BaseModel]:
    """Follow a place into nested models, through lists and optional parts."""
    for part in place:
        if isinstance(part, str) and part in model.model_fields:
            inner = model.model_fields[part].annotation
            while get_args(inner):
                inner = next((one for one in get_args(inner) if one is not type(None)), None)
            model = inner if isinstance(inner, type) and issubclass(inner, BaseModel) else model
    return model
