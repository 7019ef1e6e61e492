"""What an event changes of a dependency, and what all events that name a task do to it.

Not here: which kinds of events there are, and what the others change (`worklattice.model.project`).
"""

from __future__ import annotations

from typing import Any, Final, cast

from worklattice.lang.durations import parse_duration
from worklattice.lang.times import parse_time
from worklattice.model.consequences import change_edge, effective
from worklattice.model.draft import Draft
from worklattice.model.rows import NEW_EDGE, EdgeKey, EdgeRow, EventRow, Micros, TaskRow
from worklattice.model.wire import WAIVER, read
from worklattice.types import to_micros


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


def moment_in(text: object) -> Micros | None:
    """The moment that an event spells out, or None."""
    return None if text is None else to_micros(parse_time(cast("str", text)))


def dependency_added(draft: Draft, event: EventRow) -> None:
    """An edge came, or came back."""
    task_id, other_id, kind = edge_key(event)
    edge = NEW_EDGE.but(
        task_id=task_id,
        dependency_id=other_id,
        type=kind,
        seq=event.data.get("seq", event.position),
        effective_id=effective(draft, other_id),
        **read(cast("dict[str, Any]", event.data), WAIVER),
    )
    change_edge(draft, None, _specified(edge, event))
    touch(draft, event)


def dependency_updated(draft: Draft, event: EventRow) -> None:
    """Something else was said of an edge."""
    edge = _edge(draft, event)
    change_edge(draft, edge, _specified(edge, event))
    touch(draft, event)


def _specified(edge: EdgeRow, event: EventRow) -> EdgeRow:
    data = cast("dict[str, Any]", event.data)
    given = {name: data[name] for name in EDGE_FIELDS if name in data}
    if "lag" in given:
        given["lag"] = parse_duration(given["lag"]) if given["lag"] is not None else 0
    return edge.but(**given)


EDGE_FIELDS: Final = ("mandatory", "outcome", "conditions", "lag", "artifact", "description")
"""What may be said of an edge, under the same names in commands, events and rows."""


def dependency_removed(draft: Draft, event: EventRow) -> None:
    """An edge went."""
    change_edge(draft, _edge(draft, event), None)
    touch(draft, event)


def dependency_waived(draft: Draft, event: EventRow) -> None:
    """An edge was waived."""
    edge, data = _edge(draft, event), event.data
    if "waived_at" in data:  # which is an earlier waiver again
        earlier = dict.fromkeys(WAIVER) | read(cast("dict[str, Any]", data), WAIVER)
        change_edge(draft, edge, edge.but(**earlier))
        touch(draft, event)
        return
    waived = edge.but(
        waived_at=event.at,
        waived_until=moment_in(data.get("expires_at")),
        waived_by=event.actor,
        waive_reason=event.reason,
    )
    change_edge(draft, edge, waived)
    touch(draft, event)


def dependency_unwaived(draft: Draft, event: EventRow) -> None:
    """The waiver of an edge was taken back."""
    edge = _edge(draft, event)
    bare = edge.but(waived_at=None, waived_until=None, waived_by=None, waive_reason=None)
    change_edge(draft, edge, bare)
    touch(draft, event)


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
