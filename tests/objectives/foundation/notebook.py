"""A notebook without its program."""

from __future__ import annotations

import linecache
import sys


class Notebook:
    """Runs cells in `__main__` and leaves their text in `linecache`, as IPython does."""

    def __init__(self, monkeypatch):
        self.names = vars(__import__("types").ModuleType("__main__"))
        monkeypatch.delattr(sys.modules["__main__"], "__file__", raising=False)
        self.count = 0

    def cell(self, text):
        """Run a cell."""
        self.count += 1
        name = f"/tmp/ipykernel_1/{self.count}.py"
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        exec(compile(text, name, "exec"), self.names)
