"""Replay: the state that follows from a log, event by event."""

from __future__ import annotations

from collections.abc import Iterable

from worklattice.errors import ValidationError
from worklattice.model.draft import Draft
from worklattice.model.event_graph import settle_levels
from worklattice.model.project import SIGNALS, edge_key, project
from worklattice.model.rows import EventRow


def replay(draft: Draft, events: Iterable[EventRow]) -> None:
    """Project the events of a log, from its first, into a draft over an empty workspace.

    Raises:
        ValidationError: an event does not follow from those before it.
    """
    for event in events:
        if event.position <= draft.position or not _follows(draft, event):
            raise ValidationError.of(
                "events",
                f"event {event.position} does not follow from those before it",
                hint="Give the whole log, in its order.",
            )
        draft.append_again(event)
        project(draft, event)
    settle_levels(draft)


def _follows(draft: Draft, event: EventRow) -> bool:
    """Whether what the event is about is there, or not yet there where it is created."""
    if event.task_id is None or event.event_type in SIGNALS:
        return True
    if (draft.task(event.task_id) is None) != (event.event_type == "task.created"):
        return False
    if event.event_type == "dependency.added":
        return draft.task(edge_key(event)[1]) is not None
    return not event.event_type.startswith("dependency.") or draft.edge(edge_key(event)) is not None
