"""What must hold of the rows and the log of a workspace before anything can be counted.

The hierarchy is a tree, nothing refers to what is not there, stages are those of the lifecycle and ends fit
them, chains of supersession end, positions increase and every row has the event that made it.

Not here: what is derived, which `worklattice.model.recount` counts again; whether the log tells of the same
rows (`worklattice.model.replay_comparison`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from attrs import frozen

from worklattice.calendar import parse_named
from worklattice.errors import ValidationError
from worklattice.model.dependency import DEPENDENCY_TYPES
from worklattice.model.draft import Draft
from worklattice.model.imported import LINKS
from worklattice.model.lifecycle import Lifecycle, read_lifecycle
from worklattice.model.log import events_behind
from worklattice.model.project import EVENT_TYPES
from worklattice.model.rows import EdgeRow, EventRow, HoldKey, HoldRow, TaskRow
from worklattice.model.view import Scan, View

THE_LOG: Final = "the log"
THE_WORKSPACE: Final = "the workspace"


@frozen(kw_only=True)
class Discrepancy:
    """Something that is stored and does not follow from what was said."""

    subject: str
    """A task's id, an edge as `dependant → other (type)`, the workspace or the log."""
    field: str
    stored: Any
    expected: Any

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.subject}: {self.field} is {self.stored!r}, and should be {self.expected!r}"


class Rows:
    """All tasks, edges and holds of a workspace, in memory."""

    def __init__(self, view: Scan) -> None:
        self.tasks: dict[str, TaskRow] = {row.task_id: row for row in view.all_tasks()}
        self.edges: list[EdgeRow] = list(view.all_edges())
        self.holds: dict[HoldKey, HoldRow] = {hold.key: hold for hold in view.all_holds()}

    def effective(self, task_id: str) -> str:
        """The task that stands for `task_id`, where chains of supersession end."""
        while (replacement := self.tasks[task_id].superseded_by) is not None:
            task_id = replacement
        return task_id


def named(edge: EdgeRow) -> str:
    """An edge as reports name it."""
    return f"{edge.task_id} → {edge.dependency_id} ({edge.type})"


def row_faults(view: Scan, rows: Rows, draft: Draft) -> Iterator[Discrepancy]:
    """What keeps the rows from being counted at all; none where they are sound."""
    unreadable = list(_unreadable_types(view))
    yield from unreadable
    yield from _unreadable_calendars(view)
    yield from _dangling(view, rows)
    for link in LINKS:
        yield from _circles(rows, link)
    for edge in rows.edges:
        if edge.type not in DEPENDENCY_TYPES:
            yield Discrepancy(
                subject=named(edge), field="type", stored=edge.type, expected="a type of dependency"
            )
    if not unreadable:
        for row in rows.tasks.values():
            yield from _misplaced(row, draft.lifecycle(row.task_type))


def _unreadable_types(view: View) -> Iterator[Discrepancy]:
    for row in view.task_types():
        if row.lifecycle is not None and not isinstance(read_lifecycle(row.lifecycle, ""), Lifecycle):
            subject = f"task type {row.task_type}"
            yield Discrepancy(
                subject=subject,
                field="lifecycle",
                stored=row.lifecycle,
                expected="a lifecycle without faults",
            )


def _unreadable_calendars(view: View) -> Iterator[Discrepancy]:
    for row in view.calendars():
        try:
            parse_named(row.body)
        except ValidationError:
            yield Discrepancy(
                subject=f"calendar {row.name}",
                field="body",
                stored=row.body,
                expected="a calendar that can be read here",
            )


def _dangling(view: Scan, rows: Rows) -> Iterator[Discrepancy]:
    """Ids that refer to nothing. Of an edge, the task that it follows is told only where it must be wrong."""
    for row in rows.tasks.values():
        for name in LINKS:
            target = getattr(row, name)
            if target is not None and target not in rows.tasks:
                yield Discrepancy(subject=row.task_id, field=name, stored=target, expected=None)
    for edge in rows.edges:
        is_lost = edge.dependency_id not in rows.tasks
        for name in ("task_id", "dependency_id", *(("effective_id",) if is_lost else ())):
            target = getattr(edge, name)
            if target not in rows.tasks:
                yield Discrepancy(
                    subject=named(edge), field=name, stored=target, expected="a task that is there"
                )
    for comment in view.all_comments():
        if comment.task_id not in rows.tasks:
            subject = f"comment {comment.seq}"
            yield Discrepancy(
                subject=subject, field="task_id", stored=comment.task_id, expected="a task that is there"
            )


def _circles(rows: Rows, link: str) -> Iterator[Discrepancy]:
    """Of each circle of links, the task with which it was met."""
    done: set[str] = set()
    for start in rows.tasks:
        way: dict[str, None] = {}
        task_id: str | None = start
        while task_id in rows.tasks and task_id not in done and task_id not in way:
            way[task_id] = None
            task_id = getattr(rows.tasks[task_id], link)
        if task_id in way:
            yield Discrepancy(
                subject=str(task_id),
                field=link,
                stored=getattr(rows.tasks[task_id], link),
                expected="a task that does not lead back to it",
            )
        done.update(way)


def _misplaced(row: TaskRow, lifecycle: Lifecycle) -> Iterator[Discrepancy]:
    stage = lifecycle.stages.get(row.stage)
    if stage is None:
        yield Discrepancy(
            subject=row.task_id, field="stage", stored=row.stage, expected=f"one of {[*lifecycle.stages]}"
        )
        return
    if not stage.fits(row.outcome):
        yield Discrepancy(subject=row.task_id, field="outcome", stored=row.outcome, expected=stage.end)
    if stage.ended != (row.completed_at is not None):
        expected = "the time of its end" if stage.ended else None
        yield Discrepancy(
            subject=row.task_id, field="completed_at", stored=row.completed_at, expected=expected
        )


# --- the log ------------------------------------------------------------------------------------------------


def log_end_faults(view: View, rows: Rows) -> Iterator[Discrepancy]:
    """Where the workspace's row, the end of its log and the positions of its rows do not fit together."""
    workspace = view.workspace()
    if workspace is None:
        return
    last = view.events(workspace.position - 1, 2)
    found = (last[-1].position, last[-1].at) if last else (None, None)
    for name, expected in zip(("position", "settled_at"), found, strict=True):
        stored = getattr(workspace, name)
        if stored != expected:
            yield Discrepancy(subject=THE_WORKSPACE, field=name, stored=stored, expected=expected)
    for seq, subject in _made(rows).items():
        if seq > workspace.position:
            most = f"at most {workspace.position}"
            yield Discrepancy(subject=subject, field="seq", stored=seq, expected=most)


def log_faults(view: View, rows: Rows) -> Iterator[Discrepancy]:
    """Where the log is out of order, or does not tell of what there is. Reads all of it."""
    made = _made(rows)
    last: EventRow | None = None
    for event in events_behind(view, 0):
        if event.event_type not in EVENT_TYPES:
            yield _of_event(event, "event_type", event.event_type, "a kind that this version knows")
        if last is not None and event.position <= last.position:
            yield _of_event(event, "position", event.position, f"above {last.position}")
        if last is not None and event.at < last.at:
            yield _of_event(event, "at", event.at, f"not before {last.at}")
        if event.event_type in _MAKERS and made.get(event.position) == event.task_id:
            del made[event.position]
        last = event
    for seq, subject in made.items():
        expected = "the position of the event that made it"
        yield Discrepancy(subject=subject, field="seq", stored=seq, expected=expected)


def _made(rows: Rows) -> dict[int, str]:
    """The task that the event at each position made, or made a dependency of."""
    made = {row.seq: row.task_id for row in rows.tasks.values()}
    return made | {edge.seq: edge.task_id for edge in rows.edges}


_MAKERS: Final = frozenset({"task.created", "task.imported", "dependency.added", "dependency.imported"})


def _of_event(event: EventRow, field: str, stored: object, expected: object) -> Discrepancy:
    return Discrepancy(subject=f"event {event.position}", field=field, stored=stored, expected=expected)
