"""Looking at a workspace as a whole: its canonical dump.

A dump is JSON Lines: a header, then task types, templates, tasks, dependencies and comments, each in the
order in which they came, as canonical JSON. It holds what was said, and nothing that follows from it: no
counts, statuses, levels, positions or idempotency keys. Two workspaces that were told the same have the same
dump, whatever their stores.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from worklattice import codec
from worklattice.lang.durations import format_duration
from worklattice.lang.times import format_time
from worklattice.model.rows import CommentRow, EdgeRow, TaskRow, TemplateRow, TypeRow
from worklattice.model.view import Scan
from worklattice.types import from_micros

FORMAT: Final = 1
"""The version of the dump's format."""

_TIMES: Final = frozenset(
    {
        "created_at",
        "updated_at",
        "started_at",
        "completed_at",
        "not_before",
        "waived_at",
        "waived_until",
        "claimed_until",
        "at",
    }
)
_SPANS: Final = frozenset({"lag", "lease"})
_TASK: Final = TaskRow._fields[: TaskRow._fields.index("status")]
_EDGE: Final = EdgeRow._fields[: EdgeRow._fields.index("effective_id")]


def dump_lines(view: Scan) -> Iterator[str]:
    """The lines of the workspace's dump."""
    yield _line("worklattice", {"format": FORMAT})
    for registration in view.task_types():
        yield _line("task_type", _said(registration, TypeRow._fields))
    for template in view.all_templates():
        yield _line("template", _said(template, TemplateRow._fields))
    for task in view.all_tasks():
        yield _line("task", _said(task, _TASK))
    for edge in view.all_edges():
        yield _line("dependency", _said(edge, _EDGE))
    for comment in view.all_comments():
        yield _line("comment", _said(comment, CommentRow._fields))


def _line(kind: str, body: dict[str, Any]) -> str:
    return codec.canonical({"kind": kind, **body})


def _said(row: NamedTuple, fields: tuple[str, ...]) -> dict[str, Any]:
    """The fields of a row that were said, those without a value left out."""
    said: dict[str, Any] = {}
    for name in fields:
        value = getattr(row, name)
        if value is None or name == "seq":
            continue
        if name in _TIMES:
            value = format_time(from_micros(value))
        elif name in _SPANS:
            value = format_duration(value)
        said[name] = value
    return said
