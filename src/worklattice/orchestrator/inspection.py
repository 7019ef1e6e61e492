"""Looking at a workspace as a whole: its canonical dump.

A dump is JSON Lines: a header, then task types, templates, tasks, dependencies and comments, each in the
order in which they came, as canonical JSON. It holds what was said, and nothing that follows from it: no
counts, statuses, levels, positions or idempotency keys. Two workspaces that were told the same have the same
dump, whatever their stores.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from worklattice import codec
from worklattice.model.rows import TemplateRow, TypeRow
from worklattice.model.view import Scan
from worklattice.model.wire import COMMENT_SAID, EDGE_SAID, TASK_SAID, said

FORMAT: Final = 1
"""The version of the dump's format."""


def dump_lines(view: Scan) -> Iterator[str]:
    """The lines of the workspace's dump."""
    yield _line("worklattice", {"format": FORMAT})
    for registration in view.task_types():
        yield _line("task_type", _said(registration, TypeRow._fields))
    for template in view.all_templates():
        yield _line("template", _said(template, TemplateRow._fields))
    for task in view.all_tasks():
        yield _line("task", _said(task, TASK_SAID))
    for edge in view.all_edges():
        yield _line("dependency", _said(edge, EDGE_SAID))
    for comment in view.all_comments():
        yield _line("comment", _said(comment, COMMENT_SAID))


def _line(kind: str, body: dict[str, Any]) -> str:
    return codec.canonical({"kind": kind, **body})


def _said(row: NamedTuple, names: Iterable[str]) -> dict[str, Any]:
    """What was said of it; its order is that of the lines."""
    return said(row, (name for name in names if name != "seq"))
