"""What another stage, or other attributes, do to a task: to its times, outcome, attempt and claim."""

from __future__ import annotations

from typing import Any, Final, cast

from worklattice.model.conventions import derived_from
from worklattice.model.draft import Draft
from worklattice.model.lifecycle import ARCHIVED, Stage
from worklattice.model.rows import Micros, TaskRow
from worklattice.model.series import handled_until, series_after
from worklattice.model.sla import clock_in, clock_now
from worklattice.model.wire import TASK_SAID, from_wire, read
from worklattice.types import JsonObject

UNCLAIMED: Final[dict[str, Any]] = dict.fromkeys(("claimed_by", "claimed_until", "lease", "holds"))
"""A task without a claim; the last one's token stays, so that no later one can be less."""


def stage_changes(draft: Draft, row: TaskRow, said: JsonObject, at: Micros) -> dict[str, Any]:
    """The fields that `task.stage_changed` sets, with what they become; `said` is what the event says."""
    if "restored" in said:  # which takes back an earlier change of stage
        return {"stage": said["to"], **read(cast("dict[str, Any]", said["restored"]), TASK_SAID)}
    came_of_it = {name: said[name] for name in ("result", "error") if name in said}
    stage = draft.lifecycle(row.task_type).stages[cast("str", said["to"])]
    changes = entry(row, stage, at) | came_of_it
    since = from_wire("at", said.get("since")) or at
    has_clock = row.timed or row.clock is not None
    clock = clock_in(row, stage, since, draft) if has_clock else None
    return changes if clock is row.clock else changes | {"clock": clock}


def entry(row: TaskRow, stage: Stage, at: Micros) -> dict[str, Any]:
    """The fields of the row that entering the stage sets, with what they become."""
    changes: dict[str, Any] = {"stage": stage.name}
    if row.started_at is None and (stage.started or stage.succeeded):
        changes["started_at"] = at
    if stage.ended:
        if row.claimed_by is not None:
            changes |= UNCLAIMED
        if row.outcome is None or stage.status != ARCHIVED:
            changes["completed_at"] = at
            changes["outcome"] = stage.end
    elif row.outcome is not None:
        changes |= {
            "completed_at": None,
            "outcome": None,
            "attempt": row.attempt + 1,
            "reopened_at": at,
            "result": None,
            "error": None,
            "approval": None,
            "artifacts": None,
            "gate_waivers": None,
        }
        if row.series is not None and "until" in row.series:  # what came meanwhile was not missed
            changes["series"] = handled_until(row.series, at)
    return changes


def patched(attributes: JsonObject, patch: JsonObject) -> JsonObject:
    """Attributes with the keys of `patch["set"]` set and those of `patch["unset"]` taken out."""
    result = attributes | cast("JsonObject", patch.get("set", {}))
    for name in cast("list[str]", patch.get("unset", [])):
        result.pop(name, None)
    return result


def update_changes(draft: Draft, row: TaskRow, said: JsonObject, at: Micros) -> dict[str, Any]:
    """The fields that `task.updated` sets, with what they become; `said` is what the event says."""
    data = cast("dict[str, Any]", said)
    restored: dict[str, Any] = data.get("restored", {})  # in an event that takes back an earlier one
    changes: dict[str, Any] = {name: data[name] for name in ("task_type", "join") if name in data}
    if "not_before" in data:
        changes["not_before"] = from_wire("not_before", data["not_before"])
    if "attributes" in data:
        attributes = changes["attributes"] = patched(row.attributes, data["attributes"])
        changes["series"] = restored.get("series") or series_after(row, attributes, at)
        if changes["series"] is not row.series:
            changes["next_run_at"] = None
    if "attributes" not in data and "task_type" not in data:
        return changes
    changed = row.but(**changes)
    changes |= derived_from(draft.meant(changed))
    if changes["timed"] or row.timed:
        stage = draft.lifecycle(changed.task_type).stages[row.stage]
        told = restored["clock"] if "clock" in restored else clock_now(changed, stage, at, draft)
        changes["clock"] = told
    return changes
