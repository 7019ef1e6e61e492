"""Restoring: from a line of a dump to the events that say the same again.

A line is looked at beside those before it: what it refers to must be there, and what it says must fit. What a
task refers to may also come later: `restore_task` then tells, and `restore_links` adds it afterwards.

Not here: the form of the lines (`worklattice.codec`), what the events do to rows (`model.imported`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, cast

from worklattice.calendar import name_fault, parse_named
from worklattice.errors import shown, written
from worklattice.lang.times import read_micros
from worklattice.model.decide.task_types import checked
from worklattice.model.draft import Draft
from worklattice.model.dump_lines import DumpLine, place
from worklattice.model.imported import LINKS
from worklattice.model.project import record
from worklattice.model.rows import EdgeKey, TaskRow
from worklattice.model.wire import WAIVER
from worklattice.types import JsonObject


def restore_type(draft: Draft, line: DumpLine) -> None:
    """Register a task type."""
    name = cast("str", line.told["task_type"])
    if draft.task_type(name) is not None:
        raise line.refusal(f"the task type {shown(name)} stands in the dump twice", "task_type")
    checked(draft, line.told, place(line.number))
    record(draft, "task_type.defined", None, line.told)


def restore_calendar(draft: Draft, line: DumpLine) -> None:
    """Define a calendar."""
    name, body = cast("str", line.told["name"]), line.told["body"]
    if draft.calendar(name) is not None:
        raise line.refusal(f"the calendar {shown(name)} stands in the dump twice", "name")
    if fault := name_fault(name):
        raise line.refusal(fault, "name")
    parse_named(body, f"{place(line.number)}.body")
    record(draft, "calendar.defined", None, {"name": name, "calendar": body})


def restore_template(draft: Draft, line: DumpLine) -> None:
    """Add a version of a template, whose body was looked at."""
    template_id, version = cast("str", line.told["template_id"]), cast("int", line.told["version"])
    if draft.template(template_id, version) is not None:
        raise line.refusal(f"version {version} of {shown(template_id)} stands in the dump twice", "version")
    record(draft, "template.imported", None, line.told)


def restore_task(draft: Draft, line: DumpLine) -> JsonObject:
    """Add a task; of its links, those whose tasks are not there yet, which are left out."""
    task_id = cast("str", line.told["task_id"])
    if draft.task(task_id) is not None:
        raise line.refusal(f"the task {shown(task_id)} stands in the dump twice", "task_id")
    _refuse_impossible(draft, line)
    _refuse_impossible_metrics(line)
    _refuse_half_a_claim(draft, line)
    links = {name: other for name in LINKS if (other := line.text(name)) is not None}
    for name, other in links.items():
        if other == task_id:
            raise line.refusal("names the task itself", name)
    late: JsonObject = {name: other for name, other in links.items() if draft.task(other) is None}
    record(draft, "task.imported", task_id, line.but("task_id", *late))
    return late


def _refuse_impossible(draft: Draft, line: DumpLine) -> None:
    """Refuse a stage that the type does not have, an end that does not fit it, and a reopening of nothing."""
    task_type, name = cast("str", line.told["task_type"]), cast("str", line.told["stage"])
    stages = draft.lifecycle(task_type).stages
    stage = stages.get(name)
    if stage is None:
        known = ", ".join(stages)
        raise line.refusal(
            f"{shown(name)} is no stage of the type {shown(task_type)}; it has {known}", "stage"
        )
    outcome = line.text("outcome")
    if stage.ended != (outcome is not None):
        must = "must say how the task ended" if stage.ended else "must be left out"
        raise line.refusal(f"{must}, for the task is in the stage {shown(name)}", "outcome")
    if not stage.fits(outcome):
        raise line.refusal(f"must be {stage.end} in the stage {shown(name)}, not {shown(outcome)}", "outcome")
    if "reopened_at" in line.told and line.told["attempt"] == 1:
        raise line.refusal("must be left out, for the task is in its first attempt", "reopened_at")
    if stage.ended != ("completed_at" in line.told):
        must = "must say when the task ended" if stage.ended else "must be left out"
        raise line.refusal(f"{must}, for the task is in the stage {shown(name)}", "completed_at")


def _refuse_impossible_metrics(line: DumpLine) -> None:
    """Refuse what would have been observed in an attempt to come."""
    for name, known in cast("dict[str, dict[str, Any]]", line.told.get("metrics", {})).items():
        if known["attempt"] > cast("int", line.told["attempt"]):
            field = f"metrics{written((name,))}.attempt"
            raise line.refusal("must not lie behind that of the task", field)


_CLAIM: Final = ("token", "claimed_by", "claimed_until", "lease")


def _refuse_half_a_claim(draft: Draft, line: DumpLine) -> None:
    """Refuse a claim of which something is missing, that ran out already, or whose task has ended."""
    told = line.told
    claim = [name for name in (*_CLAIM[1:], "holds") if name in told]
    if not claim:
        return
    for name in _CLAIM:
        if name not in told:
            raise line.refusal(f"{name} is required, for the line has {claim[0]}", name)
    if "outcome" in told:
        raise line.refusal("must be left out, for the task has ended", "claimed_by")
    until = read_micros(cast("str", told["claimed_until"]))
    if until is None or until <= draft.now:
        raise line.refusal("must lie behind all that the dump says has happened", "claimed_until")


def restore_links(draft: Draft, line: DumpLine) -> None:
    """Add links of a task that is there to tasks that came after it; `line` holds them and its `task_id`."""
    row = draft.known(cast("str", line.told["task_id"]))
    for name in LINKS & line.told.keys():
        other = draft.task(cast("str", line.told[name]))
        if other is None:
            raise line.refusal(f"there is no task {shown(line.told[name])}", name)
        if any(each.task_id == row.task_id for each in _chain(draft, other, name)):
            raise line.refusal(f"the tasks from {shown(other.task_id)} on lead back to this one", name)
    record(draft, "task.linked", row.task_id, line.but("task_id"))


def _chain(draft: Draft, row: TaskRow, link: str) -> Iterator[TaskRow]:
    """The task, and those that one comes to by following its links."""
    yield row
    while (other := getattr(row, link)) is not None:
        row = draft.known(other)
        yield row


def restore_dependency(draft: Draft, line: DumpLine) -> None:
    """Add a dependency between tasks that are there."""
    for name in ("task_id", "dependency_id"):
        if draft.task(cast("str", line.told[name])) is None:
            raise line.refusal(f"there is no task {shown(line.told[name])}", name)
    key = edge_key_of(line)
    if key[0] == key[1]:
        raise line.refusal("names the task itself", "dependency_id")
    if draft.edge(key) is not None:
        raise line.refusal("the dependency stands in the dump twice")
    if "waived_at" not in line.told and not line.told.keys().isdisjoint(WAIVER):
        raise line.refusal("waived_at is required where the dependency is waived", "waived_at")
    record(draft, "dependency.imported", key[0], line.but("task_id"))


def edge_key_of(line: DumpLine) -> EdgeKey:
    """What tells the dependency of a line from others."""
    told = line.told
    return cast("EdgeKey", (told["task_id"], told["dependency_id"], told["type"]))


def restore_comment(draft: Draft, line: DumpLine) -> None:
    """Add a comment to a task that is there."""
    task_id = cast("str", line.told["task_id"])
    if draft.task(task_id) is None:
        raise line.refusal(f"there is no task {shown(task_id)}", "task_id")
    record(draft, "comment.imported", task_id, line.but("task_id"))
