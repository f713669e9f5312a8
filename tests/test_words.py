"""The words of messages: what the program prints is plain, current English."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOUNS = "file|folder|problem|evaluator|network|number|dataclass|pair"
STILTED = re.compile(
    r"\b(told|hears?|beside|nought|knows? no|holds? no|holds \d|stands? (?:in|on|behind|there|twice)|"
    rf"lies? (?:in|at|on)|from outside|such a one|of one's own|unless told|(?<!there )is no (?:{NOUNS}))\b",
    re.IGNORECASE,
)


def messages(path: Path) -> list[ast.Constant]:
    """List the texts of a module that contain a space, without docstrings."""
    tree = ast.parse(path.read_text())
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [text for text in texts if " " in str(text.value) and id(text) not in docstrings]


def test_messages_are_plain_english():
    """No message uses the archaic or literal phrases that were once common here."""
    modules = [path for package in ("benchmark", "evaluators", "objectives") for path in (ROOT / package).rglob("*.py")]
    found = [
        f"{path.relative_to(ROOT)}:{text.lineno}: {match.group()}"
        for path in modules
        for text in messages(path)
        if (match := STILTED.search(str(text.value)))
    ]
    assert len(modules) > 300
    assert not found
