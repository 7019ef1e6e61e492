"""What an event overwrites, kept in it as `previous`, so that it can be undone and the past be shown.

One function for each kind of event whose data do not tell by themselves what was there before. It reads the
draft right before the event is projected. Where nothing was there, the event has no `previous`.

A claim is not kept: it ends with the task, and does not come back.

Not here: what undoing makes of it (`worklattice.model.decide.inverses`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, cast

from worklattice.model.draft import Draft
from worklattice.model.entering import UNCLAIMED, stage_changes, update_changes
from worklattice.model.rows import EdgeKey, TypeRow
from worklattice.model.wire import COMMENT_SAID, EDGE_SAID, TASK_SAID, WAIVER, said, to_wire
from worklattice.types import JsonObject, JsonValue, identical

_KEY: Final = frozenset({"task_id", "dependency_id", "type"})


def with_previous(draft: Draft, event_type: str, task_id: str | None, data: JsonObject) -> JsonObject:
    """The data of an event that is about to happen, with what it overwrites."""
    recall = _RECALL.get(event_type)
    previous = None if recall is None else recall(draft, cast("str", task_id), data)
    return data if previous is None else {**data, "previous": previous}


def _task(draft: Draft, task_id: str, _: JsonObject) -> JsonValue:
    """All that was said of a task that goes, with the edges and comments that go with it."""
    previous = said(draft.known(task_id), TASK_SAID)
    for name in ("task_id", *UNCLAIMED):
        previous.pop(name, None)
    if edges := [said(edge, EDGE_SAID) for edge in draft.edges_touching(task_id)]:
        previous["dependencies"] = edges
    if comments := [said(comment, COMMENT_SAID[1:]) for comment in draft.comments(task_id)]:
        previous["comments"] = comments
    return previous


def _stage(draft: Draft, task_id: str, data: JsonObject) -> JsonValue:
    """The fields that change besides the stage, which is in the event as `from`."""
    row = draft.known(task_id)
    changes = stage_changes(draft, row, data, draft.now)
    return {
        name: to_wire(name, before)
        for name, value in changes.items()
        if name not in _NOT_OF_STAGES and not identical(before := getattr(row, name), value)
    } or None


_NOT_OF_STAGES: Final = frozenset({"stage", *UNCLAIMED})
"""What a change of stage overwrites and `previous` does not keep."""


def _of_an_update(draft: Draft, task_id: str, data: JsonObject) -> JsonValue:
    """How far its series had come, where it begins anew, and how its clock ran, where that changes."""
    row = draft.known(task_id)
    changes = update_changes(draft, row, data, draft.now)
    before: JsonObject = {}
    if row.series is not None and changes.get("series", row.series) is not row.series:
        before["series"] = row.series  # also where the new one has come as far, so that it can go on later
    if "clock" in changes and not identical(row.clock, changes["clock"]):
        before["clock"] = row.clock
    return before or None


def _series(draft: Draft, task_id: str, _: JsonObject) -> JsonValue:
    return draft.known(task_id).series


def _replacement(draft: Draft, task_id: str, _: JsonObject) -> JsonValue:
    return draft.known(task_id).superseded_by


def _comment(draft: Draft, task_id: str, data: JsonObject) -> JsonValue:
    (comment,) = (c for c in draft.comments(task_id) if str(c.seq) == data["comment_id"])
    return said(comment, ("text", "author", "at"))


def _approval(draft: Draft, task_id: str, _: JsonObject) -> JsonValue:
    return draft.known(task_id).approval


def _named(field: str, key: str) -> Callable[[Draft, str, JsonObject], JsonValue]:
    """What a field of the task has under the name that the event says."""

    def recall(draft: Draft, task_id: str, data: JsonObject) -> JsonValue:
        kept: JsonObject = getattr(draft.known(task_id), field) or {}
        return kept.get(cast("str", data[key]))

    return recall


def _metrics(draft: Draft, task_id: str, data: JsonObject) -> JsonValue:
    """What was known of the metrics; null for one of which nothing was."""
    known = draft.known(task_id).metrics or {}
    return {name: known.get(name) for name in cast("JsonObject", data["metrics"])}


def _edge(*names: str) -> Callable[[Draft, str, JsonObject], JsonValue]:
    """Of a dependency, these fields, or as many of all of them as the event changes."""

    def recall(draft: Draft, task_id: str, data: JsonObject) -> JsonValue:
        key = (task_id, data["dependency_task_id"], data["dependency_type"])
        edge = draft.edge(cast("EdgeKey", key))
        assert edge is not None, "an event is about an edge that is not there"
        if names:
            return said(edge, names) or None
        return {name: to_wire(name, getattr(edge, name)) for name in EDGE_SAID if name in data}

    return recall


def _type(draft: Draft, _: str, data: JsonObject) -> JsonValue:
    row = draft.task_type(cast("str", data["task_type"]))
    return None if row is None else said(row, TypeRow._fields[1:])


def _calendar(draft: Draft, _: str, data: JsonObject) -> JsonValue:
    row = draft.calendar(cast("str", data["name"]))
    return None if row is None else {"calendar": row.body}


def _template(draft: Draft, _: str, data: JsonObject) -> JsonValue:
    row = draft.template(cast("str", data["template_id"]), cast("int", data["version"]))
    return None if row is None else {"definition": row.body, "at": to_wire("at", row.created_at)}


def _deletion(draft: Draft, _: str, data: JsonObject) -> JsonValue:
    """That the version of the template was there, deleted."""
    row = draft.template(cast("str", data["template_id"]), cast("int", data["version"]))
    return None if row is None else {"deleted": row.deleted}


_RECALL: Final[dict[str, Callable[[Draft, str, JsonObject], JsonValue]]] = {
    "task.deleted": _task,
    "task.updated": _of_an_update,
    "task.stage_changed": _stage,
    "task.superseded": _replacement,
    "comment.removed": _comment,
    "approval.recorded": _approval,
    "approval.withdrawn": _approval,
    "artifact.added": _named("artifacts", "name"),
    "artifact.removed": _named("artifacts", "name"),
    "metrics.recorded": _metrics,
    "metrics.restored": _metrics,
    "gate.waived": _named("gate_waivers", "gate"),
    "gate.unwaived": _named("gate_waivers", "gate"),
    "series.advanced": _series,
    "run.failed": _series,
    "series.paused": _series,
    "series.resumed": _series,
    "dependency.updated": _edge(),
    "dependency.removed": _edge(*(name for name in EDGE_SAID if name not in _KEY)),
    "dependency.waived": _edge(*WAIVER),
    "dependency.unwaived": _edge(*WAIVER),
    "task_type.defined": _type,
    "task_type.removed": _type,
    "calendar.defined": _calendar,
    "calendar.removed": _calendar,
    "template.defined": _deletion,
    "template.removed": _template,
}
"""How to recall what an event of a kind overwrites."""
