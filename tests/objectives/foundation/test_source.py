"""The digest of source: of a file, of a notebook's cells, and none where there is no source."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from objectives.foundation.session import session_source
from objectives.foundation.source import source_digest
from tests.objectives.foundation.notebook import Notebook

BASE = """
class Base:
    def shared(self):
        return 1
"""
MINE = """
SCALE = 2.0

def helper(x):
    return SCALE * x

class Mine(Base):
    def loss(self, x):
        return helper(x)
"""


@pytest.fixture
def notebook(monkeypatch):
    """Return a notebook with its first two cells."""
    made = Notebook(monkeypatch)
    made.cell(BASE)
    made.cell(MINE)
    return made


@pytest.mark.parametrize(
    ("cell", "changes"),
    [
        ("OTHER = 3", False),
        ("SCALE = 3.0", True),
        ("def helper(x):\n    return x", True),
        (BASE.replace("return 1", "return 2") + MINE, True),
        (MINE.replace("return helper(x)", "return helper(x) + 1"), True),
        ("SCALE = [2.0]", True),
    ],
    ids=["unrelated", "constant", "function", "inherited", "own", "list"],
)
def test_a_class_of_a_notebook_is_its_cells(notebook, cell, changes):
    """What the class says or uses of the session changes its digest; what it does not, leaves it."""
    before = source_digest(notebook.names["Mine"])
    assert before is not None
    assert source_digest(notebook.names["Mine"]()) == before
    notebook.cell(cell)
    after = source_digest(notebook.names["Mine"])
    assert (after != before) is changes


def test_an_object_that_the_session_built_has_no_source(notebook):
    """What a method reads of an instance cannot be read off any cell."""
    notebook.cell("tool = Mine()\ndef metric(x):\n    return tool.loss(x)\n")
    assert session_source(notebook.names["metric"]) is None


def test_a_class_without_a_method_has_no_source(notebook):
    """Nothing leads from such a class to its cell."""
    notebook.cell("class Bare(Mine):\n    margin = 3.0\n")
    assert source_digest(notebook.names["Bare"]) is None


def test_a_piped_program_has_no_source():
    """`python -` leaves no text behind; a program that is a file does."""
    text = textwrap.dedent(
        """
        from objectives.foundation.source import source_digest

        class Mine:
            def loss(self):
                return 1

        print(source_digest(Mine))
        """
    )
    found = subprocess.run([sys.executable, "-"], input=text, capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout == "None\n"


def test_what_is_loaded_does_not_follow_an_edit(tmp_path, monkeypatch):
    """A module that was imported keeps the digest of the file that it was imported from."""
    path = tmp_path / "a_module_that_is_edited.py"
    path.write_text("class Mine:\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    mine = __import__("a_module_that_is_edited").Mine
    before = source_digest(mine)
    path.write_text("class Mine:\n    x = 1\n")
    assert source_digest(mine) == before


def test_a_table_of_the_session_counts(notebook):
    """A list is hashed by its content, and a tensor, whose `repr` leaves values out, has no source."""
    notebook.cell("TABLE = [1, 2]\ndef metric(x):\n    return TABLE[0] * x\n")
    before = source_digest(notebook.names["metric"])
    notebook.cell("TABLE[0] = 3")
    assert source_digest(notebook.names["metric"]) not in (None, before)
    notebook.cell("import torch\nTABLE = torch.ones(2)")
    assert source_digest(notebook.names["metric"]) is None
