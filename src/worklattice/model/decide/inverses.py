"""What takes back what an event did: for each kind of event the events that undo it.

The events of a command are taken back in reverse order, so that each finds the state that it left. What it
overwrote is in the event itself (`worklattice.model.previous`); nothing is looked up in the log.

Not here: whether the command may be undone (`worklattice.model.decide.undo`), and later changes that stand on
it (`worklattice.model.decide.standing`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from worklattice.errors import PrerequisitesNotMetError, shown
from worklattice.model.connecting import edge_key
from worklattice.model.decide.standing import ARRIVING, Undoing
from worklattice.model.decide.task_types import refuse_if_stranding
from worklattice.model.draft import Draft
from worklattice.model.project import record
from worklattice.model.registrations import lifecycle_of
from worklattice.model.rows import CalendarRow, EventRow, TaskRow, TypeRow
from worklattice.model.series import series_back, until_in
from worklattice.model.wire import to_wire
from worklattice.types import JsonObject

POSITION: Final = "arguments.position"


def _version(draft: Draft, event: EventRow) -> JsonObject:
    return {"version": draft.bump(draft.known(cast("str", event.task_id)))}


def _say_again(undoing: Undoing, event: EventRow, event_type: str, said: dict[str, Any]) -> None:
    """Record an event about the same task."""
    record(undoing.draft, event_type, event.task_id, said | _version(undoing.draft, event))


# --- tasks ----------------------------------------------------------------------------------------------


def _take_away(undoing: Undoing, event: EventRow) -> None:
    """A task that came goes again, unless others have come to refer to it."""
    draft, task_id = undoing.draft, cast("str", event.task_id)
    for child in draft.children(task_id):
        undoing.refuse(child.task_id, f"{shown(child.task_id)} is inside {shown(task_id)}", ARRIVING)
    for follower in draft.replaced_by(task_id):
        why = f"{shown(follower)} was superseded by {shown(task_id)}"
        undoing.refuse(follower, why, {"task.superseded"})
    came_along = {_key_of(said) for said in cast("list[Any]", event.data.get("dependencies", ()))}
    for edge in draft.edges_of_others(task_id):
        if edge.key not in came_along:
            why = f"{shown(edge.task_id)} depends on {shown(task_id)}"
            undoing.refuse(edge.task_id, why, {"dependency.added"}, other=task_id)
    record(draft, "task.deleted", task_id, {"task_type": draft.known(task_id).task_type})


def _key_of(said: dict[str, str]) -> tuple[str, str, str]:
    return said["task_id"], said["dependency_id"], said["type"]


def _bring_back(undoing: Undoing, event: EventRow) -> None:
    """A task that went comes back, with its edges, its comments and its place in the order."""
    said: dict[str, Any] = cast("dict[str, Any]", event.data["previous"])
    if (parent_id := said.get("parent_id")) is not None:
        undoing.need(parent_id)
    for edge in said.get("dependencies", ()):
        other = edge["dependency_id"] if edge["task_id"] == event.task_id else edge["task_id"]
        undoing.need(other)
    undoing.need_stage(said["task_type"], said["stage"], said.get("outcome"))
    goes_on = {"version": said["version"] + 1, "updated_at": to_wire("updated_at", undoing.draft.now)}
    record(undoing.draft, "task.restored", event.task_id, said | goes_on)


def _update_back(undoing: Undoing, event: EventRow) -> None:
    data = event.data
    said: dict[str, Any] = {}
    for name in ("attributes", "task_type", "not_before", "join"):
        if name in data:
            said[name], said[f"previous_{name}"] = data[f"previous_{name}"], data[name]
    row = undoing.draft.known(cast("str", event.task_id))
    if "task_type" in said:
        undoing.need_stage(said["task_type"], row.stage, row.outcome)
    if restored := _overwritten(row, event):
        said["restored"] = restored
    _say_again(undoing, event, "task.updated", said)


def _overwritten(row: TaskRow, event: EventRow) -> dict[str, Any]:
    """The fields that the event overwrote, as they are to be again; what is handled stays so."""
    previous = cast("dict[str, Any]", event.data.get("previous", {}))
    if "series" not in previous:
        return previous
    restored = cast("dict[str, Any]", event.data.get("restored", {}))
    left_handled = until_in(restored["series"]) if "series" in restored else event.at
    return {**previous, "series": series_back(row, previous["series"], left_handled)}


def _stage_back(undoing: Undoing, event: EventRow) -> None:
    row = undoing.draft.known(cast("str", event.task_id))
    if row.claimed_by is not None:
        raise undoing.refusal(f"worker {shown(row.claimed_by)} has claimed {shown(row.task_id)}")
    restored = _overwritten(row, event)
    outcome = restored.get("outcome", row.outcome)
    undoing.need_stage(row.task_type, cast("str", event.data["from"]), outcome)
    said = {"from": event.data["to"], "to": event.data["from"], "restored": restored}
    _say_again(undoing, event, "task.stage_changed", said)


def _supersede_back(undoing: Undoing, event: EventRow) -> None:
    replacement = cast("str | None", event.data.get("previous"))
    following = replacement
    while following is not None:
        undoing.need(following)
        if following == event.task_id:
            raise undoing.refusal(f"{shown(replacement)} is superseded by {shown(event.task_id)} by now")
        following = undoing.draft.known(following).superseded_by
    _say_again(undoing, event, "task.superseded", {"superseded_by": replacement})


def _move_back(undoing: Undoing, event: EventRow) -> None:
    draft, parent_id = undoing.draft, cast("str | None", event.data["from"])
    if parent_id is not None:
        undoing.need(parent_id)
        chain = [draft.known(parent_id), *draft.ancestors(draft.known(parent_id))]
        if event.task_id in {row.task_id for row in chain}:
            for row in chain:
                undoing.refuse_if_changed(row.task_id, {"task.moved"})
            raise undoing.refusal(f"{shown(parent_id)} is inside {shown(event.task_id)} by now")
    _say_again(undoing, event, "task.moved", {"from": event.data["to"], "to": parent_id})


# --- schedules ------------------------------------------------------------------------------------------


def _stay_handled(_: Undoing, __: EventRow) -> None:
    """What was handled stays so: a run that is taken back is not made once more by the next tick."""


def _resume(undoing: Undoing, event: EventRow) -> None:
    _say_again(undoing, event, "series.resumed", {"until": to_wire("at", undoing.draft.now)})


def _pause(undoing: Undoing, event: EventRow) -> None:
    _say_again(undoing, event, "series.paused", {})


# --- what hangs on tasks --------------------------------------------------------------------------------


def _comment_out(undoing: Undoing, event: EventRow) -> None:
    comment_id = event.data.get("comment_id", str(event.position))
    comments = undoing.draft.comments(cast("str", event.task_id))
    if comment_id not in {str(comment.seq) for comment in comments}:
        raise undoing.refusal(f"the comment {shown(comment_id)} is gone by now")
    _say_again(undoing, event, "comment.removed", {"comment_id": comment_id})


def _comment_again(undoing: Undoing, event: EventRow) -> None:
    previous = cast("dict[str, Any]", event.data["previous"])
    _say_again(undoing, event, "comment.added", {"comment_id": event.data["comment_id"], **previous})


def _approval_back(undoing: Undoing, event: EventRow) -> None:
    previous = event.data.get("previous")
    if previous is None:
        _say_again(undoing, event, "approval.withdrawn", {})
    else:
        _say_again(undoing, event, "approval.recorded", cast("dict[str, Any]", previous))


def _named_back(key: str, said: str, unsaid: str) -> Callable[[Undoing, EventRow], None]:
    """What a task has by name is as it was: said again as it was before, or not there."""

    def back(undoing: Undoing, event: EventRow) -> None:
        named, previous = {key: event.data[key]}, event.data.get("previous")
        if previous is None:
            _say_again(undoing, event, unsaid, named)
        else:
            _say_again(undoing, event, said, named | cast("dict[str, Any]", previous))

    return back


def _metrics_back(undoing: Undoing, event: EventRow) -> None:
    _say_again(undoing, event, "metrics.restored", {"metrics": event.data["previous"]})


# --- dependencies ---------------------------------------------------------------------------------------


def _edge(undoing: Undoing, event: EventRow, event_type: str, said: Any = None) -> None:  # noqa: ANN401 - JSON
    _, other_id, kind = edge_key(event)
    named = {"dependency_task_id": other_id, "dependency_type": kind}
    _say_again(undoing, event, event_type, named | (said or {}))


def _edge_away(undoing: Undoing, event: EventRow) -> None:
    _edge(undoing, event, "dependency.removed")


def _edge_again(undoing: Undoing, event: EventRow) -> None:
    undoing.need(edge_key(event)[1])
    _edge(undoing, event, "dependency.added", event.data["previous"])


def _edge_back(undoing: Undoing, event: EventRow) -> None:
    _edge(undoing, event, "dependency.updated", event.data["previous"])


def _waiver_back(undoing: Undoing, event: EventRow) -> None:
    previous = event.data.get("previous")
    _edge(undoing, event, "dependency.unwaived" if previous is None else "dependency.waived", previous)


# --- definitions ----------------------------------------------------------------------------------------


def _template_out(undoing: Undoing, event: EventRow) -> None:
    """A version of a template goes, unless there is another one by now, or a task was made from it."""
    draft, (template_id, version) = undoing.draft, _template_of(event)
    newest = draft.template(template_id)
    if newest is None or newest.version != version or newest.deleted:
        raise undoing.refusal(f"the template {shown(template_id)} was defined anew or deleted since")
    named: JsonObject = {"template_id": template_id, "version": version}
    if "previous" in event.data:  # where it was deleted before
        record(draft, "template.deleted", None, named)
        return
    for row in draft.tasks_from_template(template_id, version):
        why = f"{shown(row.task_id)} was made from the template {shown(template_id)}"
        undoing.refuse(row.task_id, why, ARRIVING)
    record(draft, "template.removed", None, named)


def _template_again(undoing: Undoing, event: EventRow) -> None:
    """A version of a template that was deleted, or taken away, is there again."""
    draft, (template_id, version) = undoing.draft, _template_of(event)
    newest, row = draft.template(template_id), draft.template(template_id, version)
    if (newest is not None and newest.version > version) or (row is not None and not row.deleted):
        raise undoing.refusal(f"the template {shown(template_id)} was defined anew since")
    if row is not None:
        kept: JsonObject = {"definition": row.body, "at": to_wire("at", row.created_at)}
    else:
        kept = cast("JsonObject", event.data["previous"])
    record(draft, "template.defined", None, {"template_id": template_id, "version": version, **kept})


def _template_of(event: EventRow) -> tuple[str, int]:
    return cast("str", event.data["template_id"]), cast("int", event.data["version"])


def _type_back(undoing: Undoing, event: EventRow) -> None:
    """The registration before comes back, unless there is another one by now, or tasks would be stranded."""
    draft, data = undoing.draft, cast("dict[str, Any]", event.data)
    name = cast("str", data["task_type"])
    left = None if event.event_type == "task_type.removed" else TypeRow.of(name, data)
    if draft.task_type(name) != left:
        raise undoing.refusal(f"the type {shown(name)} was registered anew since")
    previous = data.get("previous")
    row = None if previous is None else TypeRow.of(name, previous)
    try:
        refuse_if_stranding(draft, name, lifecycle_of(row))
    except PrerequisitesNotMetError as refused:
        raise refused.at(POSITION) from None
    if row is None:
        record(draft, "task_type.removed", None, {"task_type": name})
    else:
        record(draft, "task_type.defined", None, {"task_type": name, **cast("JsonObject", previous)})


def _calendar_back(undoing: Undoing, event: EventRow) -> None:
    """The calendar of the name before comes back, unless there is another one by now."""
    draft, data = undoing.draft, cast("dict[str, Any]", event.data)
    name = cast("str", data["name"])
    left = None if event.event_type == "calendar.removed" else CalendarRow(name, data["calendar"])
    if draft.calendar(name) != left:
        raise undoing.refusal(f"the calendar {shown(name)} was defined anew or deleted since")
    previous = data.get("previous")
    if previous is None:
        record(draft, "calendar.removed", None, {"name": name})
    else:
        record(draft, "calendar.defined", None, {"name": name, **cast("JsonObject", previous)})


_artifact_back: Final = _named_back("name", "artifact.added", "artifact.removed")
_gate_waiver_back: Final = _named_back("gate", "gate.waived", "gate.unwaived")

INVERSES: Final[dict[str, Callable[[Undoing, EventRow], None]]] = {
    "task.created": _take_away,
    "task.restored": _take_away,
    "task.deleted": _bring_back,
    "task.updated": _update_back,
    "task.stage_changed": _stage_back,
    "task.superseded": _supersede_back,
    "task.moved": _move_back,
    "series.advanced": _stay_handled,
    "run.failed": _stay_handled,
    "series.paused": _resume,
    "series.resumed": _pause,
    "comment.added": _comment_out,
    "comment.removed": _comment_again,
    "approval.recorded": _approval_back,
    "approval.withdrawn": _approval_back,
    "artifact.added": _artifact_back,
    "artifact.removed": _artifact_back,
    "metrics.recorded": _metrics_back,
    "metrics.restored": _metrics_back,
    "gate.waived": _gate_waiver_back,
    "gate.unwaived": _gate_waiver_back,
    "dependency.added": _edge_away,
    "dependency.removed": _edge_again,
    "dependency.updated": _edge_back,
    "dependency.waived": _waiver_back,
    "dependency.unwaived": _waiver_back,
    "template.defined": _template_out,
    "template.removed": _template_again,
    "template.deleted": _template_again,
    "task_type.defined": _type_back,
    "task_type.removed": _type_back,
    "calendar.defined": _calendar_back,
    "calendar.removed": _calendar_back,
}
"""What takes back an event of a kind; a command with events of other kinds can't be undone."""
