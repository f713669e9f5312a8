"""User-defined objectives and wrappers: `path/file.py:MyLoss`, `module:MyLoss`, or an installed entry point."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from typing import Any, cast

from objectives.base import Objective
from objectives.compose import Penalty, Wrapper
from objectives.foundation.errors import PluginError, UserError
from objectives.foundation.loading import Kind, on_one_line
from objectives.foundation.source import is_outside

Maker = Callable[..., Any]


def _is_maker(value: object) -> bool:
    return inspect.isclass(value) and issubclass(value, (Objective, Penalty)) and is_outside(value)


def _has_losses(node: ast.stmt) -> bool:
    body = node.body if isinstance(node, ast.ClassDef) else []
    return any(isinstance(one, ast.FunctionDef) and one.name.endswith("_loss") for one in body)


def built(maker: Callable[[], Any], name: str) -> Objective:
    """Return the game that a class or function builds without arguments."""
    try:
        game = maker()
    except ValueError:
        raise
    except Exception as error:
        raise PluginError(f"'{name}' cannot be built without arguments: {on_one_line(error)}") from error
    if not isinstance(game, Objective):
        raise UserError(f"'{name}' is not an objective; derive it from objectives.Objective as a frozen dataclass")
    return game


def _checked(found: Any, text: str) -> Maker:
    _require_dataclass(found, text)
    is_part = inspect.isclass(found) and issubclass(found, (Objective, Penalty))
    if is_part and found not in (Objective, Wrapper, Penalty):
        return cast(Maker, found)
    if inspect.isfunction(found):
        return found  # a composition: `def my_game() -> Objective`
    raise UserError(f"'{text}' is not an objective; derive it from objectives.Objective as a frozen dataclass")


def _require_dataclass(found: Any, text: str) -> None:
    """Reject a class whose settings are only annotations: as shared constants they could not be set by `:margin=2`."""
    if inspect.isclass(found) and "__dataclass_fields__" not in vars(found):
        for name, annotation in inspect.get_annotations(found).items():
            if "ClassVar" not in str(annotation):
                raise UserError(
                    f"'{text}' declares '{name}' but is not a dataclass; write @dataclass(frozen=True) above it"
                )


OBJECTIVE = Kind("objective", "an objective", "MyLoss", _is_maker, _has_losses, _checked)


def given_objective(value: Any) -> str | Objective:
    """Return what was given in Python as a spelling or a game: a class or a function is called."""
    if isinstance(value, str | Objective):
        return value
    name = getattr(value, "__name__", type(value).__name__)
    maker = _checked(value, name)
    if inspect.isclass(maker) and not issubclass(maker, Objective):
        raise UserError(f"'{name}' is a penalty; add it to an objective with Penalised(objective, {name}())")
    return built(maker, name)
