"""Dumping: all that was said in a workspace, line by line.

A dump is JSON Lines: a header, then task types and calendars by name, templates by id and version, and tasks,
dependencies and comments in the order in which they came, as canonical JSON, and at the end how many lines it
has. It holds what was said, and nothing that follows from it: no counts, statuses, levels, positions or
idempotency keys. Two workspaces that were told the same have the same dump, whatever their stores.

Not here: reading one back (`restoring`), the files that it stands in (`files`).
"""

from __future__ import annotations

from collections.abc import Iterator

from worklattice import codec
from worklattice.model.dump_lines import END, FORMAT, HEADER, said
from worklattice.model.view import Scan
from worklattice.types import JsonObject


def dump_lines(view: Scan) -> Iterator[str]:
    """The lines of the workspace's dump."""
    lines = 1
    for line in _lines(view):
        yield line
        lines += 1
    yield _line(END, {"lines": lines})


def _lines(view: Scan) -> Iterator[str]:
    """All of them but the last."""
    yield _line(HEADER, {"format": FORMAT})
    for registration in view.task_types():
        yield _line("task_type", said("task_type", registration))
    for calendar in view.calendars():
        yield _line("calendar", said("calendar", calendar))
    for template in view.all_templates():
        yield _line("template", said("template", template))
    for task in view.all_tasks():
        yield _line("task", said("task", task))
    for edge in view.all_edges():
        yield _line("dependency", said("dependency", edge))
    for comment in view.all_comments():
        yield _line("comment", said("comment", comment))


def _line(kind: str, body: JsonObject) -> str:
    return codec.canonical({"kind": kind, **body})
