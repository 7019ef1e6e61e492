"""Commands to try, valid and invalid: a function for each kind, which chooses its arguments."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import attrs

from tests.agreement import values
from tests.agreement.around import Around
from worklattice.model.commands import (
    AddArtifact,
    AddComment,
    BatchCreate,
    CreateTask,
    DefineCalendar,
    DeleteCalendar,
    DeleteTask,
    DependencySpec,
    Keep,
    ManageDependencies,
    ManageLifecycle,
    NewTask,
    PauseSchedule,
    RecordApproval,
    RecordMetrics,
    RegisterTaskType,
    ReleaseClaim,
    RenewClaim,
    ResumeSchedule,
    TaskUpdates,
    Tick,
    UpdateTask,
    WaiveGate,
    Write,
)
from worklattice.query.request import BulkUpdate, ClaimTask, TaskFilters
from worklattice.types import JsonObject, JsonValue


def created(around: Around) -> Write[Any]:
    """One task."""
    return CreateTask(**_new(around), validation_checks=not around.chance(values.SELDOM))


def _new(around: Around) -> dict[str, Any]:
    draw = around.draw
    task_type = draw(values.TASK_TYPES)
    return {
        "task_type": task_type,
        "attributes": draw(values.ATTRIBUTES)
        | (around.maybe(values.SELDOM, lambda: draw(values.TIMES)) or {}),
        "task_id": around.new_id(),
        "parent_task_id": around.maybe(values.HALF, around.task_id),
        "dependencies": around.specs(values.HALF),
        "lifecycle_stage": around.maybe(values.SOMETIMES, lambda: around.birth(task_type)),
        "join": draw(values.JOINS),
        "not_before": around.maybe(values.SELDOM, around.moment),
    }


def batch(around: Around) -> Write[Any]:
    """Several tasks that refer to one another, to younger ones too."""
    tasks = [_new(around) for _ in range(around.draw(values.FEW))]
    free = [name for name in values.NAMES if name not in around.world.tasks]
    names = free[: len(tasks)]
    for index, task in enumerate(tasks):
        if not names:
            break
        if not around.chance(values.SELDOM):
            task["task_id"] = names[index % len(names)]
        others = names if around.chance(values.SOMETIMES) else names[:index] or [around.task_id()]
        if around.chance(values.SOMETIMES):
            task["parent_task_id"] = around.draw(others)
        if around.chance(values.HALF):
            other = around.draw(others)
            task["dependencies"] = (*task["dependencies"], around.spec(other))
    return BatchCreate(
        tasks=tuple(NewTask(**task) for task in tasks), validation_checks=not around.chance(values.SELDOM)
    )


def dependencies(around: Around) -> Write[Any]:
    """One operation on dependencies."""
    draw, (task_id, other) = around.draw, around.pair()
    operation = draw(values.OPERATIONS)
    given: dict[str, Any] = {}
    edges = list(around.world.edges)
    if operation == "unwaive":
        edges = [key for key in edges if around.world.edges[key]["waived_at"] is not None] or edges
    if operation in {"add", "replace"} or not edges or around.chance(values.RARELY):
        given["dependencies"] = (around.spec(other), *around.specs(values.SOMETIMES))
    else:
        task_id, other, kind = draw(edges)
        if operation == "update" or around.chance(values.SOMETIMES):
            given["dependencies"] = (around.spec(other, kind),)
        elif operation == "waive" and around.chance(values.HALF):
            until = around.moment() if around.chance(values.HALF) else None
            named = DependencySpec(dependency_task_id=other, dependency_type=kind, expires_at=until)
            given["dependencies"] = (named,)
        else:
            given["dependency_ids"] = (other,)
            given["dependency_type"] = kind if around.chance(values.HALF) else None
    if around.chance(values.RARELY):
        given["dependency_ids"] = (*given.get("dependency_ids", ()), around.task_id())
    if operation == "waive" or around.chance(values.RARELY):
        given["expires_at"] = around.moment() if around.chance(values.HALF) else None
        given["reason"] = "let it go"
    version = around.version(task_id)
    return ManageDependencies(task_id=task_id, operation=operation, **given, expected_version=version)


def lifecycle(around: Around) -> Write[Any]:
    """A step through the lifecycle."""
    task_id = around.busy_id()
    return _step(around, task_id, around.stage(task_id))


def _step(around: Around, task_id: str, stage: str) -> Write[Any]:
    draw = around.draw
    return ManageLifecycle(
        task_id=task_id,
        lifecycle_stage=stage,
        validation_checks=not around.chance(values.SELDOM),
        superseded_by=around.task_id() if (stage == "superseded") != around.chance(values.RARELY) else None,
        cascade=around.chance(values.SOMETIMES),
        claim_token=around.token(task_id),
        notes=draw(values.REASONS),
        notify_channels=draw(values.CHANNELS),
        result=draw(values.RESULTS),
        error=draw(values.RESULTS),
        expected_version=around.version(task_id),
    )


def update(around: Around) -> Write[Any]:
    """A change of one task."""
    task_id = around.task_id()
    return UpdateTask(task_id=task_id, updates=_updates(around), expected_version=around.version(task_id))


def _updates(around: Around) -> TaskUpdates:
    draw = around.draw
    parent: str | Keep | None = Keep.KEEP
    if around.chance(values.HALF):
        parent = None if around.chance(values.SELDOM) else around.task_id()
    not_before: datetime | Keep | None = Keep.KEEP
    if around.chance(values.SELDOM):
        not_before = None if around.chance(values.SELDOM) else around.moment()
    return TaskUpdates(
        attributes=around.maybe(
            values.HALF,
            lambda: draw(values.TIME_PATCHES if around.chance(values.SELDOM) else values.PATCHES),
        ),
        parent_task_id=parent,
        task_type=around.maybe(values.SELDOM, lambda: draw(values.TYPES)),
        not_before=not_before,
        join=draw(values.JOINS),
    )


def tick(around: Around) -> Write[Any]:
    """A tick, of a few runs at most."""
    return Tick(limit=around.draw(values.FEW))


def schedule(around: Around) -> Write[Any]:
    """A schedule is given, changed, paused or resumed, mostly one that is there."""
    there = around.world.tasks
    scheduled = [task_id for task_id in there if there[task_id]["series"] is not None]
    task_id = around.draw(scheduled) if scheduled and not around.chance(values.SELDOM) else around.task_id()
    version = around.version(task_id)
    if around.chance(values.SOMETIMES):
        updates = TaskUpdates(attributes={"schedule": around.draw(values.SCHEDULES)})
        return UpdateTask(task_id=task_id, updates=updates, expected_version=version)
    kind = ResumeSchedule if around.chance(values.HALF) else PauseSchedule
    return kind(task_id=task_id, expected_version=version)


def timing(around: Around) -> Write[Any]:
    """A task that has to do with time is told another one, or takes a step."""
    there = around.world.tasks
    timed = [task_id for task_id in there if values.TIMED & there[task_id]["attributes"].keys()]
    task_id = around.draw(timed) if timed and not around.chance(values.SELDOM) else around.task_id()
    if around.chance(values.HALF):
        return _step(around, task_id, around.next_stage(task_id))
    updates = TaskUpdates(
        attributes=around.draw(values.TIME_PATCHES),
        task_type=around.maybe(values.SELDOM, lambda: around.draw(values.TYPES)),
    )
    return UpdateTask(task_id=task_id, updates=updates, expected_version=around.version(task_id))


def bulk_update(around: Around) -> Write[Any]:
    """The same change of several tasks."""
    by_status = around.chance(values.SOMETIMES)
    filters = (
        TaskFilters(status=(around.draw(values.STATUSES), around.draw(values.STATUSES)))
        if by_status
        else None
    )
    ids = None if by_status else tuple(around.task_id() for _ in range(around.draw(values.FEW)))
    return BulkUpdate(updates=_updates(around), task_ids=ids, filters=filters)


def delete(around: Around) -> Write[Any]:
    """A deletion."""
    task_id = around.task_id()
    return DeleteTask(
        task_id=task_id,
        cascade=around.chance(values.HALF),
        detach=not around.chance(values.SOMETIMES),
        expected_version=around.version(task_id),
    )


def claim(around: Around) -> Write[Any]:
    """A claim, of a task by its name or of the best ones."""
    named = around.chance(values.HALF)
    task_id = around.busy_id() if named else None
    filters = TaskFilters(task_type=(around.draw(values.TYPES),))
    return ClaimTask(
        worker=around.draw(values.WORKERS),
        task_id=task_id,
        filters=filters if not named and around.chance(values.SELDOM) else None,
        count=1 if named else around.draw(values.FEW),
        lease=around.draw(values.LEASES),
        leaves_only=not around.chance(values.SOMETIMES),
        expected_version=None if task_id is None else around.version(task_id),
    )


def renewal(around: Around) -> Write[Any]:
    """A claim is renewed."""
    task_id = around.claimed_id()
    token, lease = around.token(task_id) or 1, around.maybe(values.HALF, lambda: around.draw(values.LEASES))
    return RenewClaim(task_id=task_id, token=token, lease=lease, expected_version=around.version(task_id))


def release(around: Around) -> Write[Any]:
    """A claim is given up."""
    task_id = around.claimed_id()
    return ReleaseClaim(
        task_id=task_id, token=around.token(task_id) or 1, expected_version=around.version(task_id)
    )


def comment(around: Around) -> Write[Any]:
    """A comment."""
    return AddComment(task_id=around.task_id(), text=around.draw(values.TEXTS), actor="ann")


def approval(around: Around) -> Write[Any]:
    """A decision on a task, mostly on one for which others wait."""
    decision = around.draw(values.DECISIONS)
    comment = "well done" if around.chance(values.SOMETIMES) else None
    awaited = [other for _, other, kind in around.world.edges if kind == "approval"]
    task_id = around.draw(awaited) if awaited and not around.chance(values.SELDOM) else around.task_id()
    return RecordApproval(task_id=task_id, decision=decision, comment=comment, actor="ann")


def artifact(around: Around) -> Write[Any]:
    """An artifact; both a place and the thing itself, or neither, once in a while."""
    uri = None if around.chance(values.SELDOM) else "file:x"
    content: JsonValue = {"rows": 3} if (uri is None) != around.chance(values.RARELY) else None
    name = around.draw(values.ARTIFACTS)
    return AddArtifact(task_id=around.task_id(), name=name, uri=uri, content=content)


def metrics(around: Around) -> Write[Any]:
    """What was observed, now or some time ago, mostly of a task with gates or triggers."""
    there = around.world.tasks
    gated = [
        name for name in there if {"success_metrics", "rollback_triggers"} & there[name]["attributes"].keys()
    ]
    task_id = around.draw(gated) if gated and not around.chance(values.SELDOM) else around.task_id()
    earlier = around.now - timedelta(minutes=around.draw((0, 30, 60)))
    return RecordMetrics(
        task_id=task_id,
        metrics=around.draw(values.METRICS),
        source="board" if around.chance(values.SOMETIMES) else None,
        observed_at=earlier if around.chance(values.SOMETIMES) else None,
    )


def waiver_of_gate(around: Around) -> Write[Any]:
    """A gate that is let go, for a while or for good, or no longer."""
    there = around.world.tasks
    gated = [name for name in there if "success_metrics" in there[name]["attributes"]]
    withdraw = around.chance(values.SOMETIMES)
    until = around.now + timedelta(minutes=around.draw((0, 30, 60, 120)))
    return WaiveGate(
        task_id=around.draw(gated) if gated else around.task_id(),
        gate=around.draw(values.GATE_NAMES),
        withdraw=withdraw,
        reason=None if around.chance(values.SELDOM) else "so",
        expires_at=until if around.chance(values.HALF) and not withdraw else None,
    )


def register(around: Around) -> Write[Any]:
    """A task type with something of its own: its lifecycle, or what attributes must be and mean."""
    return RegisterTaskType(
        task_type=around.draw(values.TYPES),
        lifecycle=around.draw(values.LIFECYCLES),
        attributes_schema=around.draw(values.SCHEMAS),
        attribute_names=around.draw(values.OWN_NAMES),
        attribute_defaults=around.draw(values.DEFAULTS),
        strict=around.chance(values.SOMETIMES),
    )


def calendar(around: Around) -> Write[Any]:
    """A calendar is defined, or goes."""
    name = around.draw(values.CALENDAR_NAMES)
    if around.chance(values.SOMETIMES):
        return DeleteCalendar(name=name)
    return DefineCalendar(name=name, calendar=around.draw(values.CALENDARS))


KINDS: Final = (
    created,
    batch,
    dependencies,
    lifecycle,
    lifecycle,
    update,
    delete,
    comment,
    approval,
    artifact,
    metrics,
    waiver_of_gate,
    register,
    calendar,
    bulk_update,
    claim,
    claim,
    renewal,
    release,
    tick,
    schedule,
    timing,
)
"""All of them, those that happen more often more than once."""


def anything(around: Around) -> Write[Any]:
    """A command of any kind, once in a while with who asks for it and why."""
    command = around.draw(KINDS)(around)
    if around.chance(values.SOMETIMES):
        return attrs.evolve(command, actor=around.draw(values.ACTORS), reason=around.draw(values.REASONS))
    return command


def spoilt(around: Around) -> Write[Any]:
    """A command with an argument that is not of the documented form."""
    command = anything(around)
    bad_number: JsonObject = {"bad": float("nan")}
    match command:
        case CreateTask():
            spoils: list[dict[str, Any]] = [
                {"task_id": "no id"}, {"attributes": bad_number}, {"join": 0}, {"task_type": ""},
                {"not_before": around.now.replace(tzinfo=None)},
            ]  # fmt: skip
            return attrs.evolve(command, **around.draw(spoils))
        case ManageDependencies():
            bad = attrs.evolve(around.spec(), lag="soon")
            return attrs.evolve(command, dependencies=(*command.dependencies, bad))
        case UpdateTask():
            return attrs.evolve(command, updates=attrs.evolve(command.updates, attributes=bad_number))
        case _:
            return attrs.evolve(command, actor="")


def several(around: Around) -> list[Write[Any]]:
    """Commands for one transaction; once in a while a task is deleted in it and created anew."""
    if around.there and around.chance(values.SOMETIMES):
        return again(around)
    return [anything(around) for _ in range(around.draw(values.FEW) + 1)]


def again(around: Around) -> list[Write[Any]]:
    """A task is deleted, and another one gets its id and its place."""
    task_id = around.draw(around.there)
    needs = [key for key in around.world.edges if key[0] == task_id]
    twin = CreateTask(
        task_type="task",
        task_id=task_id,
        parent_task_id=around.world.tasks[task_id]["parent_id"],
        dependencies=tuple(values.needing(other, kind) for _, other, kind in needs),
    )
    gone = DeleteTask(task_id=task_id, cascade=True, detach=True)
    on_the_twin = AddComment(task_id=task_id, text="anew")
    return [comment(around), gone, twin, *around.draw(((), (on_the_twin,))), anything(around)]
