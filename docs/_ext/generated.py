"""Pages that are read from the code: tables and pictures made while the docs are built, so that none can age.

A page says where something belongs with a fence that names it:

    ```{generated} lifecycle_table
    ```

What can be named stands in `GENERATORS`. Before a page is parsed, the fence gives way to the Markdown that
the generator makes. `COVERED` says which names of the code a page must speak of; one that it leaves out is
a warning, and the build treats warnings as errors.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final

import code_tables
import tool_tables
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata

from worklattice.model.notifications import REQUESTED, TOLD
from worklattice.model.project import EVENT_TYPES
from worklattice.query.filters import OPERATOR_NAMES
from worklattice.templates.parse import DEPENDENCY_KEYS, NODE_KEYS

_log = logging.getLogger(__name__)

GENERATORS: Final[dict[str, Callable[[], str]]] = {
    "columns": code_tables.columns,
    "dependency_types": code_tables.dependency_types,
    "edge_states": code_tables.edge_states,
    "error_types": code_tables.error_types,
    "gate_grammar": code_tables.gate_grammar,
    "conventions": code_tables.conventions,
    "gate_limits": code_tables.gate_limits,
    "gate_states": code_tables.gate_states,
    "grammar": code_tables.grammar,
    "lifecycle_picture": code_tables.lifecycle_picture,
    "lifecycle_table": code_tables.lifecycle_table,
    "limits": code_tables.limits,
    "roles": code_tables.roles,
    "shipped_templates": code_tables.shipped_templates,
    "told_events": code_tables.told_events,
    "tool_answers": tool_tables.answer_objects,
    "tool_arguments": tool_tables.argument_objects,
    "tools": tool_tables.tools,
    "tools_overview": tool_tables.overview,
    "units": code_tables.units,
    "waiting_picture": code_tables.waiting_picture,
}

COVERED: Final[dict[str, Callable[[], Iterable[str]]]] = {
    "reference/events": lambda: EVENT_TYPES,
    "reference/filters": lambda: OPERATOR_NAMES,
    "reference/notifications": lambda: {REQUESTED, *TOLD},
    "reference/templates": lambda: {*NODE_KEYS, *DEPENDENCY_KEYS},
}
"""Of each page, the names that must stand in it as code."""

_FENCE: Final = re.compile(r"^```\{generated\} (?P<name>\w+)\n```$", re.MULTILINE)


def _fill_in(_app: Sphinx, page: str, source: list[str]) -> None:
    """Put what is generated into the page, and see that it leaves nothing out."""
    text = source[0]
    for name in COVERED.get(page, tuple)():
        if f"`{name}`" not in text:
            _log.warning("the page does not speak of `%s`", name, location=page)
    source[0] = _FENCE.sub(lambda fence: GENERATORS[fence["name"]](), text)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx of the hook."""
    app.connect("source-read", _fill_in)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
