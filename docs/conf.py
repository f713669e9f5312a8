"""How the documentation is built: `make docs`. Nothing is fetched."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version as version_of
from pathlib import Path

# Before torch is imported: threads that wait for each other on busy cores slow small operations down.
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "gan-bench"
author = "the authors of gan-bench"
copyright = "the authors of gan-bench, Apache-2.0"  # noqa: A001  Sphinx's name
version = release = version_of("gan-bench")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "generate"]
highlight_language = "text"  # literal blocks are equations
exclude_patterns = ["_ext", "generated/parts", "generated/records"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!benchmark\.|objectives\.|evaluators\.).*")]  # nothing is fetched to link to

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = "gan-bench"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}
pygments_style = "friendly"
pygments_dark_style = "native"
