"""Replay: the state that follows from a log, event by event."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from itertools import groupby
from typing import Final, cast

from worklattice.errors import ValidationError, shown
from worklattice.model.connecting import edge_key
from worklattice.model.consequences import carrying_later
from worklattice.model.draft import Draft
from worklattice.model.event_graph import settle_levels
from worklattice.model.imported import LINKS
from worklattice.model.project import EVENT_TYPES, MAKES_A_TASK, SIGNALS, project
from worklattice.model.rows import EventRow

_NAMES_TASKS: Final = {
    "task.created": ("parent_task_id",),
    "task.restored": ("parent_id",),  # what took its place may come back after it
    "task.imported": LINKS,
    "task.linked": LINKS,
    "task.moved": ("to",),
    "task.superseded": ("superseded_by",),
    "dependency.added": ("dependency_task_id",),
    "dependency.imported": ("dependency_id",),
}
"""Where the data of an event name other tasks, which must be there."""

_MAKES_AN_EDGE: Final = frozenset({"dependency.added", "dependency.imported"})


def replay(draft: Draft, events: Iterable[EventRow]) -> None:
    """Project the events of a log, from its first, into a draft over an empty workspace.

    Raises:
        ValidationError: an event is of an unknown kind, does not say what its kind says, or does not follow
            from those before it.
    """
    for (_, moves_a_tree), together in groupby(events, _kept_together):
        with carrying_later(draft) if moves_a_tree else nullcontext():
            for event in together:
                _again(draft, event)
    settle_levels(draft)


def _kept_together(event: EventRow) -> tuple[int, bool]:
    """What events share that may be a cascade, which carries down once what it holds back or lets go."""
    return event.command, event.event_type == "task.stage_changed"


def _again(draft: Draft, event: EventRow) -> None:
    if event.event_type not in EVENT_TYPES:
        raise ValidationError.of(
            "events",
            f"event {event.position} is of the unknown kind {shown(event.event_type)}",
            hint="Replay the log with the version of worklattice that wrote it, or a later one.",
        )
    if event.position <= draft.position or not _follows(draft, event):
        raise ValidationError.of(
            "events",
            f"event {event.position} does not follow from those before it",
            hint="Give the whole log, in its order.",
        )
    draft.append_again(event)
    try:
        project(draft, event)
    except (LookupError, TypeError, ValueError) as error:
        raise ValidationError.of(
            "events",
            f"event {event.position} ({event.event_type}) does not say what its kind says: {error!r}",
            hint="Give the log as it was written.",
        ) from error


def _follows(draft: Draft, event: EventRow) -> bool:
    """Whether what the event is about is there, or not yet there where it is created."""
    kind = event.event_type
    if kind in {"template.deleted", "template.removed"}:
        return draft.template(cast("str", event.data["template_id"])) is not None
    if kind == "calendar.removed":
        return draft.calendar(cast("str", event.data["name"])) is not None
    if event.task_id is None or kind in SIGNALS:
        return True
    if (draft.task(event.task_id) is None) != (kind in MAKES_A_TASK):
        return False
    for name in _NAMES_TASKS.get(kind, ()):
        named = event.data.get(name)
        if isinstance(named, str) and draft.task(named) is None:
            return False
    if kind in MAKES_A_TASK or kind in {"task.stage_changed", "task.updated"}:
        return _is_stage(draft, event) and all(
            draft.task(task_id) is not None or task_id == event.task_id
            for said in cast("list[dict[str, str]]", event.data.get("dependencies", ()))
            for task_id in (said["task_id"], said["dependency_id"])
        )
    return (
        not kind.startswith("dependency.")
        or kind in _MAKES_AN_EDGE
        or draft.edge(edge_key(event)) is not None
    )


def _is_stage(draft: Draft, event: EventRow) -> bool:
    """Whether the stage that the task will be in is one of its type's lifecycle, which came before."""
    row, data = draft.task(cast("str", event.task_id)), event.data
    task_type = data.get("task_type", row and row.task_type)
    stage = data.get("lifecycle_stage", data.get("to", data.get("stage", row and row.stage)))
    return stage in draft.lifecycle(cast("str", task_type)).stages
