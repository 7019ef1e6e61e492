"""Events of a restored dump -> rows: `task.imported` and the like, which carry what a line of a dump says.

They go through the same consequences as every other change, so that whatever is derived is worked out here
and by our own rules. No task is touched but the one that the event names; versions and times are those of the
line, not of the event.

What a task refers to may come later in the dump: it may have been moved under a younger task. Then its
`task.imported` leaves that out, and `task.linked` adds it when all tasks are there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from worklattice.model.consequences import change_edge, effective, move_task
from worklattice.model.draft import Draft
from worklattice.model.rows import NEW_EDGE, CommentRow, EventRow, TemplateRow
from worklattice.model.wire import read

LINKS: Final = ("parent_id", "superseded_by")
"""The fields of a task that name another one."""


def _task_linked(draft: Draft, event: EventRow) -> None:
    row, links = draft.known(cast("str", event.task_id)), cast("dict[str, str]", event.data)
    if "superseded_by" in links:
        row = row.but(superseded_by=links["superseded_by"])
        draft.put_task(row)
    if "parent_id" in links:
        move_task(draft, row, links["parent_id"])


def _dependency_imported(draft: Draft, event: EventRow) -> None:
    told = _said_fields(event)
    target = effective(draft, told["dependency_id"])
    edge = NEW_EDGE.but(task_id=event.task_id, seq=event.position, effective_id=target, **told)
    change_edge(draft, None, edge)


def _comment_imported(draft: Draft, event: EventRow) -> None:
    told = _said_fields(event)
    task_id = cast("str", event.task_id)
    draft.put_comment(CommentRow(task_id, event.position, told["text"], told.get("author"), told["at"]))


def _template_imported(draft: Draft, event: EventRow) -> None:
    draft.put_template(TemplateRow(**_said_fields(event)))


def _said_fields(event: EventRow) -> dict[str, Any]:
    """What the line says, as a row has it."""
    return read(event.data, event.data)


IMPORTED: Final[dict[str, Callable[[Draft, EventRow], None]]] = {
    "task.linked": _task_linked,
    "dependency.imported": _dependency_imported,
    "comment.imported": _comment_imported,
    "template.imported": _template_imported,
}
"""What each kind of these events does to rows; `task.imported` does what `task.restored` does."""
