"""Commands to try, valid and invalid: a function for each kind, which chooses its arguments.

Ids, times and values are few, so that tasks meet; most ids are those of tasks that are there. All choices of
a step are read from one string of bytes, a byte each: one draw is quicker than thirty, and shrinks as well,
for the first of several is the simplest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import attrs

from tests.agreement import values
from tests.agreement.world import World
from worklattice.model.commands import (
    AddArtifact,
    AddComment,
    BatchCreate,
    CreateTask,
    DeleteTask,
    DependencySpec,
    DependencyTypeName,
    Keep,
    ManageDependencies,
    ManageLifecycle,
    NewTask,
    RecordApproval,
    RegisterTaskType,
    ReleaseClaim,
    RenewClaim,
    TaskUpdates,
    UpdateTask,
    Write,
)
from worklattice.query.request import BulkUpdate, ClaimTask, TaskFilters
from worklattice.types import JsonObject, JsonValue

T = TypeVar("T")

_LIVELY: Final = ("active", "doing", "completed", "completed", "completed", "failed", "ready", "review")
"""Stages in which something happens, for others too; what happens more often stands here more than once."""

_UNDER_WAY: Final = frozenset({"active", "doing", "review"})


class Around:
    """What is there, and a way to choose from it. Where the bytes are used up, the simplest is chosen."""

    def __init__(self, choices: bytes, world: World, now: datetime) -> None:
        self._choices = iter(choices)
        self.world = world
        self.now = now
        self.there = list(world.tasks)

    def draw(self, values: Sequence[T]) -> T:
        """One of the values."""
        return values[next(self._choices, 0) % len(values)]

    def chance(self, of: int) -> bool:
        """True once in so many times, and not where the bytes are used up."""
        return next(self._choices, 0) % of == of - 1

    def task_id(self) -> str:
        """Mostly that of a task that is there."""
        if self.chance(values.RARELY) or not self.there:
            return self.draw(values.NAMES)
        return self.draw(self.there)

    def busy_id(self) -> str:
        """Half of the time that of a task that may go on: one under way, or open and in need of nothing."""
        needy = {key[0] for key in self.world.edges}
        busy = [
            task_id
            for task_id, task in self.world.tasks.items()
            if task["stage"] in _UNDER_WAY or (task["outcome"] is None and task_id not in needy)
        ]
        return self.draw(busy) if busy and self.chance(values.HALF) else self.task_id()

    def pair(self) -> tuple[str, str]:
        """Two tasks, mostly the younger one first."""
        one, other = self.task_id(), self.task_id()
        if one not in self.there or other not in self.there:
            return one, other
        first, second = self.there.index(one), self.there.index(other)
        if first == second and not self.chance(values.SELDOM):
            second = (first + 1) % len(self.there)
        if first < second and not self.chance(values.SELDOM):
            first, second = second, first
        return self.there[first], self.there[second]

    def new_id(self) -> str | None:
        """Mostly one that is free; None lets one be generated."""
        if self.chance(values.RARELY) and self.there:
            return self.draw(self.there)
        free = [name for name in values.NAMES if name not in self.world.tasks]
        return None if not free or self.chance(values.SOMETIMES) else free[0]

    def moment(self) -> datetime:
        """Around now."""
        return self.now + self.draw(values.OFFSETS)

    def maybe(self, of: int, make: Callable[[], T]) -> T | None:
        """Something, once in so many times."""
        return make() if self.chance(of) else None

    def version(self, task_id: str) -> int | None:
        """Mostly no expectation; else the right version or the one before it."""
        if not self.chance(values.SELDOM) or task_id not in self.world.tasks:
            return None
        version: int = self.world.tasks[task_id]["version"]
        return max(1, version - 1) if self.chance(values.SOMETIMES) else version

    def claimed_id(self) -> str:
        """Mostly that of a task that somebody has claimed, where there is one."""
        claimed = [task_id for task_id, task in self.world.tasks.items() if task["claimed_by"] is not None]
        return self.draw(claimed) if claimed and not self.chance(values.SELDOM) else self.task_id()

    def token(self, task_id: str) -> int | None:
        """Mostly the one that opens the task; else none, or one that does not."""
        task = self.world.tasks.get(task_id)
        if task is None or self.chance(values.SELDOM):
            return self.draw((None, 1, self.world.events + 1))
        last: int | None = task["token"]
        is_shown = task["claimed_by"] is not None or self.chance(values.SELDOM)
        return last if is_shown else None

    def stage(self, task_id: str) -> str:
        """Mostly one that the lifecycle leads to."""
        task = self.world.tasks.get(task_id)
        drawn = self.draw(values.STAGES)
        if task is not None and not self.chance(values.SELDOM):
            leads_to: Sequence[str] = self.world.lifecycle(task["task_type"]).leads_to[task["stage"]]
            lively = [stage for stage in _LIVELY if stage in leads_to]
            leads_to = lively if lively and not self.chance(values.SOMETIMES) else leads_to
            return self.draw(leads_to) if leads_to else drawn
        return drawn

    def birth(self, task_type: str) -> str:
        """A stage to be born in, mostly one of the type's, half of the time one that has guards."""
        if self.chance(values.SELDOM):
            return self.draw(values.STAGES)
        stages = self.world.lifecycle(task_type).stages
        guarded = [name for name, stage in stages.items() if stage.roles & {"started", "succeeded"}]
        return self.draw(guarded if self.chance(values.HALF) else list(stages))

    def spec(self, other: str | None = None, kind: DependencyTypeName | None = None) -> DependencySpec:
        """A dependency; of another type than it can be once in a while."""
        draw = self.draw
        named = draw(values.KINDS_OF_EDGES) if kind is None else kind
        any_way = self.chance(values.RARELY)
        awaits_finish = named in {"completion", "data", "finish_to_finish", "blocks"}
        return DependencySpec(
            dependency_task_id=other or self.task_id(),
            dependency_type=named,
            mandatory=draw(values.MANDATORY),
            outcome=draw(values.OUTCOMES) if awaits_finish or any_way else None,
            conditions=draw(values.CONDITIONS),
            lag=draw(values.LAGS),
            artifact="report" if any_way or (named == "data" and self.chance(values.SOMETIMES)) else None,
            description="why" if any_way else None,
        )

    def specs(self, of: int) -> tuple[DependencySpec, ...]:
        """Some dependencies, of which each is followed by another once in so many times."""
        specs: list[DependencySpec] = []
        while self.chance(of) and len(specs) < 3:
            specs.append(self.spec())
        return tuple(specs)


def created(around: Around) -> Write[Any]:
    """One task."""
    return CreateTask(**_new(around), validation_checks=not around.chance(values.SELDOM))


def _new(around: Around) -> dict[str, Any]:
    draw = around.draw
    task_type = draw(values.TASK_TYPES)
    return {
        "task_type": task_type,
        "attributes": draw(values.ATTRIBUTES),
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
    draw, task_id = around.draw, around.busy_id()
    stage = around.stage(task_id)
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
        attributes=around.maybe(values.HALF, lambda: draw(values.PATCHES)),
        parent_task_id=parent,
        task_type=around.maybe(values.SELDOM, lambda: draw(values.TYPES)),
        not_before=not_before,
        join=draw(values.JOINS),
    )


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
    """Something delivered; both a place and the thing itself, or neither, once in a while."""
    uri = None if around.chance(values.SELDOM) else "file:x"
    content: JsonValue = {"rows": 3} if (uri is None) != around.chance(values.RARELY) else None
    name = around.draw(values.ARTIFACTS)
    return AddArtifact(task_id=around.task_id(), name=name, uri=uri, content=content)


def register(around: Around) -> Write[Any]:
    """A task type with a lifecycle of its own, or a schema."""
    return RegisterTaskType(
        task_type=around.draw(values.TYPES),
        lifecycle=around.draw(values.LIFECYCLES),
        attributes_schema=around.draw(values.SCHEMAS),
    )


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
    register,
    bulk_update,
    claim,
    claim,
    renewal,
    release,
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
