"""What an event changes of a dependency, and what all events that name a task do to it.

Not here: which kinds of events there are, and what the others change (`worklattice.model.project`).
"""

from __future__ import annotations

from typing import Any, Final, cast

from worklattice.model.consequences import change_edge, effective
from worklattice.model.draft import Draft
from worklattice.model.rows import NEW_EDGE, EdgeKey, EdgeRow, EventRow, TaskRow
from worklattice.model.wire import EDGE_TERMS, WAIVER, from_wire, read


def subject(draft: Draft, event: EventRow) -> TaskRow:
    """The task that an event is about."""
    return draft.known(cast("str", event.task_id))


def versioned(event: EventRow) -> dict[str, Any]:
    """What every event that names a task does to it."""
    return {"version": event.data["version"], "updated_at": event.at}


def touch(draft: Draft, event: EventRow) -> None:
    """Give the task that an event is about its new version, where the event names one."""
    if "version" in event.data:
        draft.put_task(subject(draft, event).but(**versioned(event)))


def dependency_added(draft: Draft, event: EventRow) -> None:
    """An edge came, or came back."""
    task_id, other_id, kind = edge_key(event)
    edge = NEW_EDGE.but(
        task_id=task_id,
        dependency_id=other_id,
        type=kind,
        seq=event.data.get("seq", event.position),
        effective_id=effective(draft, other_id),
        **read(event.data, (*EDGE_TERMS, *WAIVER)),
    )
    change_edge(draft, None, edge)
    touch(draft, event)


def dependency_updated(draft: Draft, event: EventRow) -> None:
    """Something else was said of an edge."""
    edge = _edge(draft, event)
    change_edge(draft, edge, edge.but(**read(event.data, EDGE_TERMS)))
    touch(draft, event)


def dependency_removed(draft: Draft, event: EventRow) -> None:
    """An edge went."""
    change_edge(draft, _edge(draft, event), None)
    touch(draft, event)


def dependency_waived(draft: Draft, event: EventRow) -> None:
    """An edge was waived."""
    edge, data = _edge(draft, event), event.data
    if "waived_at" in data:  # which is an earlier waiver again
        waiver = _UNWAIVED | read(data, WAIVER)
    else:
        waiver = {
            "waived_at": event.at,
            "waived_until": from_wire("waived_until", data.get("expires_at")),
            "waived_by": event.actor,
            "waive_reason": event.reason,
        }
    change_edge(draft, edge, edge.but(**waiver))
    touch(draft, event)


def dependency_unwaived(draft: Draft, event: EventRow) -> None:
    """The waiver of an edge was taken back."""
    edge = _edge(draft, event)
    change_edge(draft, edge, edge.but(**_UNWAIVED))
    touch(draft, event)


_UNWAIVED: Final[dict[str, Any]] = dict.fromkeys(WAIVER)


def edge_key(event: EventRow) -> EdgeKey:
    """The key of the edge that a dependency event is about."""
    data = event.data
    return (
        cast("str", event.task_id),
        cast("str", data["dependency_task_id"]),
        cast("str", data["dependency_type"]),
    )


def _edge(draft: Draft, event: EventRow) -> EdgeRow:
    edge = draft.edge(edge_key(event))
    assert edge is not None, f"event {event.position} is about an edge that is not there"
    return edge
