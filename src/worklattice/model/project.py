"""What an event changes: events → rows. Replay is this and nothing else.

Each kind of event that carries state has one function here that says what it does to the rows; what follows
for the neighbours is `worklattice.model.consequences`. Signals (`task.ready` and the like) follow from the
state and project to nothing.

The data of an event are JSON in wire format, so that the log can be read by anyone: times in RFC 3339,
durations in ISO 8601. Fields at their defaults are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from worklattice.lang.durations import parse_duration
from worklattice.lang.times import format_time, parse_time
from worklattice.model.consequences import (
    add_task,
    change_edge,
    change_task,
    move_task,
    pass_time,
    remove_task,
)
from worklattice.model.draft import Draft
from worklattice.model.due import due_of
from worklattice.model.lifecycle import ARCHIVED, ENDED_WITHOUT_OUTCOME, Stage
from worklattice.model.rows import (
    JOIN_ALL,
    CommentRow,
    EdgeKey,
    EdgeRow,
    EventRow,
    Micros,
    TaskRow,
    TemplateRow,
    TypeRow,
)
from worklattice.model.waiting import next_turn, rank_of
from worklattice.types import JsonObject, from_micros, to_micros

SIGNALS: Final = frozenset(
    {"task.ready", "task.blocked", "dependency.satisfied", "dependency.failed", "notification.requested"}
)
"""The kinds of events that follow from others and carry no state."""


def record(draft: Draft, event_type: str, task_id: str | None, data: JsonObject) -> EventRow:
    """Add an event to the draft and project it."""
    event = draft.append(event_type, task_id, data)
    _PROJECTIONS[event_type](draft, event)
    return event


def project(draft: Draft, event: EventRow) -> None:
    """Project an event that was recorded elsewhere; a signal changes nothing."""
    if event.event_type not in SIGNALS:
        _PROJECTIONS[event.event_type](draft, event)


# --- tasks ----------------------------------------------------------------------------------------------


_NEW_TASK: Final = TaskRow._make([None] * len(TaskRow._fields)).but(
    version=1, attempt=1, status="", ready=False, depth=0, children=0, open_children=0, edges=0,
    start_edges=0, start_met=0, finish_open=0, holders=0, start_level=0, finish_level=1,
)  # fmt: skip
"""A task of which nothing was said yet."""

_NEW_EDGE: Final = EdgeRow._make([None] * len(EdgeRow._fields)).but(mandatory=True, outcome="success", lag=0)
"""A dependency of which nothing was said yet."""


def _task_created(draft: Draft, event: EventRow) -> None:
    data: dict[str, Any] = event.data
    attributes = data["attributes"]
    not_before = _moment(data.get("not_before"))
    row = _NEW_TASK.but(
        task_id=cast("str", event.task_id),
        seq=event.position,
        task_type=data["task_type"],
        parent_id=data.get("parent_task_id"),
        stage=data["lifecycle_stage"],
        attributes=attributes,
        created_at=event.at,
        updated_at=event.at,
        not_before=not_before,
        join=data.get("join", JOIN_ALL),
        template_id=data.get("template_id"),
        template_version=data.get("template_version"),
        rank=rank_of(attributes),
        due_at=due_of(attributes),
    )
    row = row.but(moment=next_turn(row, event.at)) if not_before is not None else row
    stage = draft.stage(row)
    if stage.started or stage.ended:
        row = row.but(**_entry(row, stage, event.at))
    add_task(draft, row)


def _entry(row: TaskRow, stage: Stage, at: Micros) -> dict[str, Any]:
    """What entering a stage does to a task's times, outcome and attempt."""
    changes: dict[str, Any] = {"stage": stage.name}
    if row.started_at is None and (stage.started or stage.succeeded):
        changes["started_at"] = at
    if stage.ended:
        if row.claimed_by is not None:
            changes |= _UNCLAIMED
        if row.outcome is None or stage.status != ARCHIVED:
            changes["completed_at"] = at
            changes["outcome"] = stage.outcome or ENDED_WITHOUT_OUTCOME
    elif row.outcome is not None:
        changes |= {
            "completed_at": None,
            "outcome": None,
            "attempt": row.attempt + 1,
            "result": None,
            "error": None,
            "approval": None,
            "artifacts": None,
        }
    return changes


def _task_updated(draft: Draft, event: EventRow) -> None:
    row, data = _subject(draft, event), cast("dict[str, Any]", event.data)
    changes = _versioned(event)
    if "attributes" in data:
        attributes = patched(row.attributes, data["attributes"])
        changes |= {"attributes": attributes, "rank": rank_of(attributes), "due_at": due_of(attributes)}
    if "not_before" in data:
        changes["not_before"] = _moment(data["not_before"])
    if "task_type" in data:
        changes["task_type"] = data["task_type"]
    if "join" in data:
        changes["join"] = data["join"]
    change_task(draft, row, row.but(**changes))


def patched(attributes: JsonObject, patch: JsonObject) -> JsonObject:
    """Attributes with the keys of `patch["set"]` set and those of `patch["unset"]` taken out."""
    result = attributes | cast("JsonObject", patch.get("set", {}))
    for name in cast("list[str]", patch.get("unset", [])):
        result.pop(name, None)
    return result


def _task_stage_changed(draft: Draft, event: EventRow) -> None:
    row, data = _subject(draft, event), event.data
    stage = draft.lifecycle(row.task_type).stages[cast("str", data["to"])]
    changes = _versioned(event) | _entry(row, stage, event.at)
    changes |= {name: data[name] for name in ("result", "error") if name in data}
    change_task(draft, row, row.but(**changes))


def _task_superseded(draft: Draft, event: EventRow) -> None:
    row = _subject(draft, event)
    replacement = cast("str", event.data["superseded_by"])
    draft.put_task(row.but(superseded_by=replacement, **_versioned(event)))
    target = effective(draft, replacement)
    for edge in list(draft.edges_on(row.task_id)):
        change_edge(draft, edge, edge.but(effective_id=target))


def effective(draft: Draft, task_id: str) -> str:
    """The task that stands for `task_id`: itself, or what it was superseded by in the end."""
    while (replacement := draft.known(task_id).superseded_by) is not None:
        task_id = replacement
    return task_id


def _task_moved(draft: Draft, event: EventRow) -> None:
    row = _subject(draft, event)
    move_task(draft, row.but(**_versioned(event)), cast("str | None", event.data["to"]))


def _task_deleted(draft: Draft, event: EventRow) -> None:
    task_id = _subject(draft, event).task_id
    ends = (*draft.edges_of(task_id), *draft.edges_naming(task_id), *draft.edges_on(task_id))
    for edge in {edge.key: edge for edge in ends}.values():
        change_edge(draft, edge, None)
    remove_task(draft, draft.known(task_id))


def _comment_added(draft: Draft, event: EventRow) -> None:
    row = _subject(draft, event)
    draft.put_task(row.but(**_versioned(event)))
    text = cast("str", event.data["text"])
    draft.add_comment(CommentRow(row.task_id, event.position, text, event.actor, event.at))


def _approval_recorded(draft: Draft, event: EventRow) -> None:
    row, said = _subject(draft, event), _said(event, "decision", "comment")
    change_task(draft, row, row.but(approval=said, **_versioned(event)))


def _artifact_added(draft: Draft, event: EventRow) -> None:
    row, said = _subject(draft, event), _said(event, "uri", "content", "media_type")
    artifacts = {**(row.artifacts or {}), cast("str", event.data["name"]): said}
    change_task(draft, row, row.but(artifacts=artifacts, **_versioned(event)))


# --- claims ---------------------------------------------------------------------------------------------


def _claim_acquired(draft: Draft, event: EventRow) -> None:
    data = cast("dict[str, Any]", event.data)
    claim = {"token": data["token"], "claimed_by": data["worker"], "holds": data.get("resources")}
    row = _subject(draft, event)
    change_task(draft, row, row.but(**claim, **_leased(event), **_versioned(event)))


def _claim_renewed(draft: Draft, event: EventRow) -> None:
    row = _subject(draft, event)
    change_task(draft, row, row.but(**_leased(event), **_versioned(event)))


def _leased(event: EventRow) -> dict[str, Any]:
    """For how long a claim was given."""
    return {
        "lease": parse_duration(cast("str", event.data["lease"])),
        "claimed_until": _moment(event.data["expires_at"]),
    }


def _claim_released(draft: Draft, event: EventRow) -> None:
    row = _subject(draft, event)
    change_task(draft, row, row.but(**_UNCLAIMED, **_versioned(event)))


def _claim_expired(draft: Draft, event: EventRow) -> None:
    row = _subject(draft, event)
    change_task(draft, row, row.but(**_UNCLAIMED))


_UNCLAIMED: Final[dict[str, Any]] = dict.fromkeys(("claimed_by", "claimed_until", "lease", "holds"))
"""A task without a claim; the last one's token stays, so that no later one can be less."""


def _said(event: EventRow, *names: str) -> JsonObject:
    """Some of what an event says, with when and by whom."""
    said: JsonObject = {name: event.data[name] for name in names if name in event.data}
    said["at"] = format_time(from_micros(event.at))
    if event.actor is not None:
        said["by"] = event.actor
    return said


# --- dependencies -----------------------------------------------------------------------------------------


def _dependency_added(draft: Draft, event: EventRow) -> None:
    task_id, other_id, kind = edge_key(event)
    edge = _NEW_EDGE.but(
        task_id=task_id,
        dependency_id=other_id,
        type=kind,
        seq=event.position,
        effective_id=effective(draft, other_id),
    )
    change_edge(draft, None, _specified(edge, event))
    _touch(draft, event)


def _dependency_updated(draft: Draft, event: EventRow) -> None:
    edge = _edge(draft, event)
    change_edge(draft, edge, _specified(edge, event))
    _touch(draft, event)


def _specified(edge: EdgeRow, event: EventRow) -> EdgeRow:
    data = cast("dict[str, Any]", event.data)
    given = {name: data[name] for name in EDGE_FIELDS if name in data}
    if "lag" in given:
        given["lag"] = parse_duration(given["lag"]) if given["lag"] is not None else 0
    return edge.but(**given)


EDGE_FIELDS: Final = ("mandatory", "outcome", "conditions", "lag", "artifact", "description")
"""What may be said of an edge, under the same names in commands, events and rows."""


def _dependency_removed(draft: Draft, event: EventRow) -> None:
    change_edge(draft, _edge(draft, event), None)
    _touch(draft, event)


def _dependency_waived(draft: Draft, event: EventRow) -> None:
    edge, data = _edge(draft, event), event.data
    waived = edge.but(
        waived_at=event.at,
        waived_until=_moment(data.get("expires_at")),
        waived_by=event.actor,
        waive_reason=event.reason,
    )
    change_edge(draft, edge, waived)
    _touch(draft, event)


def _dependency_unwaived(draft: Draft, event: EventRow) -> None:
    edge = _edge(draft, event)
    bare = edge.but(waived_at=None, waived_until=None, waived_by=None, waive_reason=None)
    change_edge(draft, edge, bare)
    _touch(draft, event)


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


# --- definitions and time -----------------------------------------------------------------------------------


def _template_defined(draft: Draft, event: EventRow) -> None:
    data = cast("dict[str, Any]", event.data)
    draft.put_template(
        TemplateRow(data["template_id"], data["version"], data["definition"], event.at, deleted=False)
    )


def _template_deleted(draft: Draft, event: EventRow) -> None:
    row = draft.template(cast("str", event.data["template_id"]))
    assert row is not None, f"event {event.position} deletes a template that is not there"
    draft.put_template(row._replace(deleted=True))


def _task_type_defined(draft: Draft, event: EventRow) -> None:
    data = cast("dict[str, Any]", event.data)
    draft.put_type(TypeRow(data["task_type"], data.get("lifecycle"), data.get("attributes_schema")))


def _time_passed(draft: Draft, event: EventRow) -> None:
    data = cast("dict[str, Any]", event.data)
    edges: list[EdgeKey] = [
        (edge["task_id"], edge["dependency_task_id"], edge["dependency_type"])
        for edge in data.get("dependencies", ())
    ]
    pass_time(draft, edges, data.get("tasks", []))


_PROJECTIONS: Final[dict[str, Callable[[Draft, EventRow], None]]] = {
    "task.created": _task_created,
    "task.updated": _task_updated,
    "task.stage_changed": _task_stage_changed,
    "task.superseded": _task_superseded,
    "task.moved": _task_moved,
    "task.deleted": _task_deleted,
    "comment.added": _comment_added,
    "approval.recorded": _approval_recorded,
    "artifact.added": _artifact_added,
    "claim.acquired": _claim_acquired,
    "claim.renewed": _claim_renewed,
    "claim.released": _claim_released,
    "claim.expired": _claim_expired,
    "dependency.added": _dependency_added,
    "dependency.updated": _dependency_updated,
    "dependency.removed": _dependency_removed,
    "dependency.waived": _dependency_waived,
    "dependency.unwaived": _dependency_unwaived,
    "template.defined": _template_defined,
    "template.deleted": _template_deleted,
    "task_type.defined": _task_type_defined,
    "time.passed": _time_passed,
}

EVENT_TYPES: Final = (*_PROJECTIONS, *sorted(SIGNALS))
"""Every kind of event: those that carry state, then the signals."""


def _subject(draft: Draft, event: EventRow) -> TaskRow:
    return draft.known(cast("str", event.task_id))


def _versioned(event: EventRow) -> dict[str, Any]:
    """What every event that names a task does to it."""
    return {"version": event.data["version"], "updated_at": event.at}


def _touch(draft: Draft, event: EventRow) -> None:
    if "version" in event.data:
        draft.put_task(_subject(draft, event).but(**_versioned(event)))


def _moment(text: object) -> Micros | None:
    return None if text is None else to_micros(parse_time(cast("str", text)))
