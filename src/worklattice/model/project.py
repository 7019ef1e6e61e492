"""What an event changes: events → rows. Replay is this and nothing else.

Each kind of event that carries state has one function here that says what it does to the rows; what follows
for the neighbours is `worklattice.model.consequences`. Signals (`task.ready` and the like) follow from the
state and project to nothing.

The data of an event are JSON in wire format, so that the log can be read by anyone: times in RFC 3339,
durations in ISO 8601. Fields at their defaults are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, Final, cast

from worklattice.lang.times import format_time
from worklattice.model.alarms import ALARM_EVENTS, AlarmName, gone_off
from worklattice.model.connecting import (
    dependency_added,
    dependency_removed,
    dependency_unwaived,
    dependency_updated,
    dependency_waived,
    subject,
    versioned,
)
from worklattice.model.consequences import (
    add_task,
    change_edge,
    change_task,
    effective,
    move_task,
    pass_time,
    refresh_times_by_calendar,
    remove_task,
)
from worklattice.model.conventions import derived_from
from worklattice.model.draft import Draft
from worklattice.model.entering import UNCLAIMED, entry, stage_changes, update_changes
from worklattice.model.imported import IMPORTED
from worklattice.model.notifications import with_notifications
from worklattice.model.observations import news
from worklattice.model.previous import with_previous
from worklattice.model.resources import holds_of
from worklattice.model.rows import (
    JOIN_ALL,
    NEW_EDGE,
    NEW_TASK,
    CalendarRow,
    CommentRow,
    EdgeKey,
    EdgeRow,
    EventRow,
    TemplateRow,
    TypeRow,
)
from worklattice.model.series import series_from
from worklattice.model.sla import clock_in
from worklattice.model.times import with_times
from worklattice.model.wire import COMMENT_SAID, EDGE_SAID, TASK_SAID, from_wire, read
from worklattice.types import JsonObject, from_micros

SIGNALS: Final = frozenset(
    {
        *("task.ready", "task.blocked", "dependency.satisfied", "dependency.failed"),
        *("gate.passed", "gate.failed", "trigger.fired", "notification.requested"),
    }
)
"""The kinds of events that follow from others and carry no state."""

MAKES_A_TASK: Final = frozenset({"task.created", "task.restored", "task.imported"})
"""The kinds of events by which a task comes to be there."""


def record(draft: Draft, event_type: str, task_id: str | None, data: JsonObject) -> EventRow:
    """Add an event to the draft and project it; what it overwrites, and whom to tell of it, is added."""
    told = with_notifications(draft, event_type, task_id, with_previous(draft, event_type, task_id, data))
    event = draft.append(event_type, task_id, told)
    project(draft, event)
    return event


def project(draft: Draft, event: EventRow) -> None:
    """Project an event; a signal changes nothing."""
    if event.event_type not in SIGNALS:
        _PROJECTIONS[event.event_type](draft, event)


# --- tasks ----------------------------------------------------------------------------------------------


def _task_created(draft: Draft, event: EventRow) -> None:
    data: dict[str, Any] = event.data
    attributes = data["attributes"]
    row = NEW_TASK.but(
        task_id=cast("str", event.task_id),
        root_id=cast("str", event.task_id),
        seq=event.position,
        task_type=data["task_type"],
        parent_id=data.get("parent_task_id"),
        stage=data["lifecycle_stage"],
        attributes=attributes,
        created_at=event.at,
        updated_at=event.at,
        not_before=from_wire("not_before", data.get("not_before")),
        join=data.get("join", JOIN_ALL),
        template_id=data.get("template_id"),
        template_version=data.get("template_version"),
        series=data.get("series") or series_from(attributes, event.at),
        **derived_from(draft.meanings(data["task_type"]).meant(attributes)),
    )
    stage = draft.stage(row)
    if row.timed:
        row = row.but(clock=clock_in(row, stage, event.at, draft))
    if stage.started or stage.ended:
        row = row.but(**entry(row, stage, event.at))
    add_task(draft, row)


def _task_updated(draft: Draft, event: EventRow) -> None:
    row = subject(draft, event)
    change_task(draft, row, row.but(**versioned(event), **update_changes(draft, row, event.data, event.at)))


def _task_stage_changed(draft: Draft, event: EventRow) -> None:
    row = subject(draft, event)
    changes = versioned(event) | stage_changes(draft, row, event.data, event.at)
    change_task(draft, row, row.but(**changes))


def _task_superseded(draft: Draft, event: EventRow) -> None:
    row = subject(draft, event)
    replacement = cast("str | None", event.data["superseded_by"])
    followers = list(_followers(draft, row.task_id))
    draft.put_task(row.but(superseded_by=replacement, **versioned(event)))
    target = effective(draft, row.task_id)
    for edge in followers:
        change_edge(draft, edge, edge.but(effective_id=target))


def _followers(draft: Draft, task_id: str) -> Iterator[EdgeRow]:
    """The edges that name the task, or one in whose place it stands."""
    names = [task_id]
    while names:
        name = names.pop()
        yield from draft.edges_naming(name)
        names += draft.replaced_by(name)


def _task_moved(draft: Draft, event: EventRow) -> None:
    row = subject(draft, event)
    move_task(draft, row.but(**versioned(event)), cast("str | None", event.data["to"]))


def _task_deleted(draft: Draft, event: EventRow) -> None:
    task_id = subject(draft, event).task_id
    for edge in draft.edges_touching(task_id):
        change_edge(draft, edge, None)
    remove_task(draft, draft.known(task_id))


def _task_restored(draft: Draft, event: EventRow) -> None:
    data: dict[str, Any] = event.data
    itself = {"task_id": event.task_id, "root_id": event.task_id, "seq": event.position}
    row = NEW_TASK.but(**{**itself, **read(data, TASK_SAID)})
    add_task(draft, row.but(**derived_from(draft.meant(row))))
    for hold in holds_of(row):
        draft.put_hold(hold)
    for said in data.get("dependencies", ()):
        edge = NEW_EDGE.but(**read(said, EDGE_SAID), effective_id=effective(draft, said["dependency_id"]))
        change_edge(draft, None, edge)
    for said in data.get("comments", ()):
        comment = dict.fromkeys(COMMENT_SAID) | {"task_id": event.task_id} | read(said, COMMENT_SAID)
        draft.put_comment(CommentRow(**cast("dict[str, Any]", comment)))


def _comment_added(draft: Draft, event: EventRow) -> None:
    row = subject(draft, event)
    draft.put_task(row.but(**versioned(event)))
    data = cast("dict[str, Any]", event.data)
    seq, author, at = event.position, event.actor, event.at
    if "comment_id" in data:  # which is an earlier comment again
        seq, author, at = int(data["comment_id"]), data.get("author"), from_wire("at", data["at"])
    draft.put_comment(CommentRow(row.task_id, seq, data["text"], author, at))


def _comment_removed(draft: Draft, event: EventRow) -> None:
    row = subject(draft, event)
    draft.put_task(row.but(**versioned(event)))
    draft.drop_comment((row.task_id, int(cast("str", event.data["comment_id"]))))


def _approval_recorded(draft: Draft, event: EventRow) -> None:
    row, said = subject(draft, event), _said(event, "decision", "comment")
    change_task(draft, row, row.but(approval=said, **versioned(event)))


def _approval_withdrawn(draft: Draft, event: EventRow) -> None:
    row = subject(draft, event)
    change_task(draft, row, row.but(approval=None, **versioned(event)))


def _artifact_added(draft: Draft, event: EventRow) -> None:
    row, said = subject(draft, event), _said(event, "uri", "content", "media_type")
    artifacts = {**(row.artifacts or {}), cast("str", event.data["name"]): said}
    change_task(draft, row, row.but(artifacts=artifacts, **versioned(event)))


def _artifact_removed(draft: Draft, event: EventRow) -> None:
    row = subject(draft, event)
    artifacts = {name: said for name, said in (row.artifacts or {}).items() if name != event.data["name"]}
    change_task(draft, row, row.but(artifacts=artifacts or None, **versioned(event)))


def _metrics_recorded(draft: Draft, event: EventRow) -> None:
    row = subject(draft, event)
    metrics = {**(row.metrics or {}), **news(row, event.data, event.at)}
    change_task(draft, row, row.but(metrics=metrics, **versioned(event)))


def _metrics_restored(draft: Draft, event: EventRow) -> None:
    row = subject(draft, event)
    metrics = {**(row.metrics or {}), **cast("JsonObject", event.data["metrics"])}
    left = {name: said for name, said in metrics.items() if said is not None}
    change_task(draft, row, row.but(metrics=left or None, **versioned(event)))


def _gate_waived(draft: Draft, event: EventRow) -> None:
    row, gate = subject(draft, event), cast("str", event.data["gate"])
    waivers = {**(row.gate_waivers or {}), gate: _said(event, "reason", "until")}
    change_task(draft, row, row.but(gate_waivers=waivers, **versioned(event)))


def _gate_unwaived(draft: Draft, event: EventRow) -> None:
    row = subject(draft, event)
    left = {gate: said for gate, said in (row.gate_waivers or {}).items() if gate != event.data["gate"]}
    change_task(draft, row, row.but(gate_waivers=left or None, **versioned(event)))


# --- schedules ------------------------------------------------------------------------------------------


def _series_handled(draft: Draft, event: EventRow) -> None:
    row = subject(draft, event)
    series = {**(row.series or {}), "until": event.data["until"]}
    change_task(draft, row, row.but(series=series))


def _series_paused(draft: Draft, event: EventRow) -> None:
    row = subject(draft, event)
    change_task(draft, row, row.but(series={**(row.series or {}), "paused": True}, **versioned(event)))


def _series_resumed(draft: Draft, event: EventRow) -> None:
    row = subject(draft, event)
    change_task(draft, row, row.but(series={"until": event.data["until"]}, **versioned(event)))


# --- claims ---------------------------------------------------------------------------------------------


def _claim_acquired(draft: Draft, event: EventRow) -> None:
    data = cast("dict[str, Any]", event.data)
    claim = {"token": data["token"], "claimed_by": data["worker"], "holds": data.get("resources")}
    row = subject(draft, event)
    change_task(draft, row, row.but(**claim, **_leased(event), **versioned(event)))


def _claim_renewed(draft: Draft, event: EventRow) -> None:
    row = subject(draft, event)
    change_task(draft, row, row.but(**_leased(event), **versioned(event)))


def _leased(event: EventRow) -> dict[str, Any]:
    """For how long a claim was given."""
    return {
        "lease": from_wire("lease", event.data["lease"]),
        "claimed_until": from_wire("claimed_until", event.data["expires_at"]),
    }


def _claim_released(draft: Draft, event: EventRow) -> None:
    row = subject(draft, event)
    change_task(draft, row, row.but(**UNCLAIMED, **versioned(event)))


def _claim_expired(draft: Draft, event: EventRow) -> None:
    row = subject(draft, event)
    change_task(draft, row, row.but(**UNCLAIMED))


def _went_off(name: AlarmName, says: str) -> Callable[[Draft, EventRow], None]:
    """That an alarm went off; `says` is where the event has the moment for which."""

    def went_off(draft: Draft, event: EventRow) -> None:
        row = subject(draft, event)
        change_task(draft, row, row.but(alarms=gone_off(row, name, event.data[says])))

    return went_off


def _said(event: EventRow, *names: str) -> JsonObject:
    """Some of what an event says, with when and by whom, which it says itself where it was earlier."""
    said: JsonObject = {name: event.data[name] for name in names if name in event.data}
    if "at" in event.data:
        return said | {name: event.data[name] for name in ("at", "by") if name in event.data}
    said["at"] = format_time(from_micros(event.at))
    if event.actor is not None:
        said["by"] = event.actor
    return said


# --- definitions and time -----------------------------------------------------------------------------------


def _template_defined(draft: Draft, event: EventRow) -> None:
    data = cast("dict[str, Any]", event.data)
    at = from_wire("at", data["at"]) if "at" in data else event.at
    draft.put_template(
        TemplateRow(data["template_id"], data["version"], data["definition"], at, deleted=False)
    )


def _template_deleted(draft: Draft, event: EventRow) -> None:
    row = draft.template(cast("str", event.data["template_id"]))
    assert row is not None, f"event {event.position} deletes a template that is not there"
    draft.put_template(row._replace(deleted=True))


def _template_removed(draft: Draft, event: EventRow) -> None:
    data = cast("dict[str, Any]", event.data)
    draft.drop_template((data["template_id"], data["version"]))


def _task_type_removed(draft: Draft, event: EventRow) -> None:
    with _read_anew(draft, cast("str", event.data["task_type"])) as task_type:
        draft.drop_type(task_type)


def _task_type_defined(draft: Draft, event: EventRow) -> None:
    with _read_anew(draft, cast("str", event.data["task_type"])) as task_type:
        draft.put_type(TypeRow.of(task_type, event.data))


@contextmanager
def _read_anew(draft: Draft, task_type: str) -> Generator[str]:
    """Work out what follows from attributes for every task of a type, where they mean something else then."""
    before = draft.meanings(task_type)
    yield task_type
    if draft.meanings(task_type) == before:
        return
    for row in list(draft.tasks_of_type(task_type)):
        changed = row.but(**derived_from(draft.meant(row)))
        if changed.timed or row.timed:
            changed = changed.but(clock=clock_in(changed, draft.stage(row), draft.now, draft))
        if with_times(changed, draft.stage(row), draft, draft.now) != row:
            change_task(draft, row, changed)


def _calendar_defined(draft: Draft, event: EventRow) -> None:
    data = cast("dict[str, Any]", event.data)
    draft.put_calendar(CalendarRow(data["name"], data["calendar"]))
    refresh_times_by_calendar(draft, data["name"])


def _calendar_removed(draft: Draft, event: EventRow) -> None:
    name = cast("str", event.data["name"])
    draft.drop_calendar(name)
    refresh_times_by_calendar(draft, name)


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
    "task.restored": _task_restored,
    "task.imported": _task_restored,
    "comment.added": _comment_added,
    "comment.removed": _comment_removed,
    "approval.recorded": _approval_recorded,
    "approval.withdrawn": _approval_withdrawn,
    "artifact.added": _artifact_added,
    "artifact.removed": _artifact_removed,
    "metrics.recorded": _metrics_recorded,
    "metrics.restored": _metrics_restored,
    "gate.waived": _gate_waived,
    "gate.unwaived": _gate_unwaived,
    "series.advanced": _series_handled,
    "run.failed": _series_handled,
    "series.paused": _series_paused,
    "series.resumed": _series_resumed,
    "claim.acquired": _claim_acquired,
    "claim.renewed": _claim_renewed,
    "claim.released": _claim_released,
    "claim.expired": _claim_expired,
    **{kind: _went_off(name, says) for name, (kind, says) in ALARM_EVENTS.items()},
    "dependency.added": dependency_added,
    "dependency.updated": dependency_updated,
    "dependency.removed": dependency_removed,
    "dependency.waived": dependency_waived,
    "dependency.unwaived": dependency_unwaived,
    "template.defined": _template_defined,
    "template.deleted": _template_deleted,
    "template.removed": _template_removed,
    "task_type.defined": _task_type_defined,
    "task_type.removed": _task_type_removed,
    "calendar.defined": _calendar_defined,
    "calendar.removed": _calendar_removed,
    "time.passed": _time_passed,
    **IMPORTED,
}

EVENT_TYPES: Final = (*_PROJECTIONS, *sorted(SIGNALS))
"""Every kind of event: those that carry state, then the signals."""
