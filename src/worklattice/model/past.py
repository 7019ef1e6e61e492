"""A task as it was: read backwards from what is there now, through what its events overwrote.

Only what was said of the task itself. What followed from other tasks, such as its status, is not in its own
events: the whole state of a moment comes from replaying the log until then (`Orchestrator.as_of`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from worklattice.model.entering import patched
from worklattice.model.project import MAKES_A_TASK, SIGNALS
from worklattice.model.rows import NEW_TASK, EventRow, TaskRow
from worklattice.model.series import begins_anew
from worklattice.model.wire import TASK_SAID, from_wire, read


def task_then(present: TaskRow | None, events: Sequence[EventRow], position: int) -> TaskRow | None:
    """The task after the event at `position`; None where it was not there.

    `events` are all of the task's, in order; `present` is what they have led to. Only what was said is filled
    in. Cost: the events.
    """
    row = present
    for event in reversed(events):
        if event.position <= position:
            break
        row = _before(row, event)
    if row is None:
        return None
    last = next(e for e in reversed(events) if e.position <= position and _is_versioned(e))
    said_itself = from_wire("updated_at", last.data.get("updated_at"))
    return row.but(version=last.data.get("version", 1), updated_at=said_itself or last.at)


def _is_versioned(event: EventRow) -> bool:
    return event.event_type == "task.created" or (event.event_type not in SIGNALS and "version" in event.data)


def _before(row: TaskRow | None, event: EventRow) -> TaskRow | None:
    """The task before the event."""
    if event.event_type in MAKES_A_TASK:
        return None
    if event.event_type == "task.deleted":
        said = read(cast("dict[str, Any]", event.data["previous"]), TASK_SAID)
        return NEW_TASK.but(task_id=event.task_id, **said)
    change = _BEFORE.get(event.event_type)
    assert row is not None or change is None, f"event {event.position} is about a task that was not there"
    if row is None or change is None:
        return row
    return row.but(**change(row, cast("dict[str, Any]", event.data)))


def _updated(row: TaskRow, data: dict[str, Any]) -> dict[str, Any]:
    names = ("task_type", "not_before", "join")
    before = {name: from_wire(name, data[f"previous_{name}"]) for name in names if name in data}
    if "attributes" in data:
        before["attributes"] = patched(row.attributes, data["previous_attributes"])
        if begins_anew(row, before["attributes"]):
            before["series"] = data.get("previous", {}).get("series")
    return before


def _stage_changed(_: TaskRow, data: dict[str, Any]) -> dict[str, Any]:
    return {"stage": data["from"], **read(data.get("previous", {}), TASK_SAID)}


def _named(field: str, key: str) -> Callable[[TaskRow, dict[str, Any]], dict[str, Any]]:
    """A field that keeps things by name, as it was before an event about one of them."""

    def before(row: TaskRow, data: dict[str, Any]) -> dict[str, Any]:
        kept = {name: said for name, said in (getattr(row, field) or {}).items() if name != data[key]}
        if "previous" in data:
            kept[data[key]] = data["previous"]
        return {field: kept or None}

    return before


def _metrics(row: TaskRow, data: dict[str, Any]) -> dict[str, Any]:
    metrics = {**(row.metrics or {}), **data["previous"]}
    return {"metrics": {name: said for name, said in metrics.items() if said is not None} or None}


def _series(_: TaskRow, data: dict[str, Any]) -> dict[str, Any]:
    return {"series": data.get("previous")}


def _approval(_: TaskRow, data: dict[str, Any]) -> dict[str, Any]:
    return {"approval": data.get("previous")}


_BEFORE: Final[dict[str, Callable[[TaskRow, dict[str, Any]], dict[str, Any]]]] = {
    "task.updated": _updated,
    "task.stage_changed": _stage_changed,
    "task.linked": lambda _, data: dict.fromkeys(data),
    "task.superseded": lambda _, data: {"superseded_by": data.get("previous")},
    "task.moved": lambda _, data: {"parent_id": data["from"]},
    "series.advanced": _series,
    "run.failed": _series,
    "series.paused": _series,
    "series.resumed": _series,
    "approval.recorded": _approval,
    "approval.withdrawn": _approval,
    "artifact.added": _named("artifacts", "name"),
    "artifact.removed": _named("artifacts", "name"),
    "metrics.recorded": _metrics,
    "metrics.restored": _metrics,
    "gate.waived": _named("gate_waivers", "gate"),
    "gate.unwaived": _named("gate_waivers", "gate"),
}
"""What fields of the task were before an event of the kind; others leave them as they are."""
