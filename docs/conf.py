"""How Sphinx builds these pages: `nox -s docs`, which needs no network."""

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "worklattice"
author = "The worklattice authors"
project_copyright = "The worklattice authors"
release = version = installed_version("worklattice")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "generated",
    "mermaid_pictures",
]
exclude_patterns = [
    "_ext",
    "explanation/faults-table.md",
    "explanation/performance-table.md",
]  # tables that are parts of other pages

myst_enable_extensions = ["colon_fence", "deflist"]
myst_fence_as_directive = [
    "mermaid"
]  # so that ```mermaid is a picture here as it is on a code host
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"
default_role = (
    "code"  # single backticks in docstrings, as in the Markdown of these pages
)
maximum_signature_line_length = 88
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = f"worklattice {release}"
html_static_path = ["_static"]
html_css_files = ["worklattice.css"]
html_show_sourcelink = False
