"""Commands to try, valid and invalid: a function for each kind, which draws its arguments.

Ids, times and values are few, so that tasks meet; most ids are those of tasks that are there. `Around` is what
is there when a command is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.agreement.world import World
from worklattice.model.commands import (
    AddComment,
    BatchCreate,
    CreateTask,
    DeleteTask,
    DependencySpec,
    Keep,
    ManageDependencies,
    ManageLifecycle,
    NewTask,
    RegisterTaskType,
    TaskUpdates,
    UpdateTask,
    Write,
)
from worklattice.query.request import BulkUpdate, TaskFilters

T = TypeVar("T")

NAMES: Final = ("a", "b", "c", "d", "e", "f", "g")
TYPES: Final = ("task", "story", "short")
STATUSES: Final = ("pending", "active", "blocked", "completed", "failed", "cancelled", "superseded", "archived")

SHORT: Final[dict[str, Any]] = {
    "stages": {
        "draft": {"status": "pending", "roles": ["startable"]},
        "doing": {"status": "active", "roles": ["started"]},
        "parked": {"status": "blocked"},
        "completed": {"status": "completed", "roles": ["succeeded"]},
        "dropped": {"status": "cancelled", "roles": ["withdrawn"]},
        "closed": {"status": "archived", "roles": ["ended"]},
    },
    "transitions": {
        "draft": ["doing", "completed", "dropped", "closed"],
        "doing": ["draft", "parked", "completed"],
        "parked": ["doing", "dropped"],
        "completed": ["doing", "closed"],
        "dropped": ["draft", "closed"],
    },
}
OTHER: Final = {
    **SHORT,
    "stages": {**SHORT["stages"], "doing": {"status": "active", "roles": ["started", "startable"]}},
}
"""The same, but `doing` means something else."""
TRAP: Final = {
    **SHORT,
    "initial": "trap",
    "stages": {**SHORT["stages"], "trap": {"status": "pending", "roles": ["startable"]}},
}
UNKNOWN: Final = {**SHORT, "initial": "unknown"}
LIFECYCLES: Final = (None, SHORT, SHORT, OTHER, TRAP, UNKNOWN)
SCHEMAS: Final[tuple[Any, ...]] = (
    None,
    None,
    {"properties": {"mode": {"type": "string"}}},
    {"type": "nothing"},
)
STAGES: Final = (
    "draft", "ready", "active", "blocked", "review", "completed", "failed", "cancelled", "superseded", "archived",
    "doing", "parked", "dropped", "closed", "nowhere",
)  # fmt: skip


def _often(common: Sequence[T], *rare: T, times: int = 4) -> SearchStrategy[T]:
    return st.sampled_from([*(list(common) * times), *rare])


_index = st.integers(0, 15)
_seldom = _often([False], True, times=9)
_sometimes = _often([False], True, times=3)
_mostly = _often([True], False, times=9)
_type = _often(TYPES, "")
_attributes = _often(
    [{}, {"mode": "x"}, {"mode": 1}, {"mode": True}, {"priority": "high"}, {"priority": 2, "deep": {"k": [1]}}],
    {"bad": float("nan")},
    times=5,
)
_patch = _often(
    [{"mode": "x"}, {"mode": 1}, {"mode": None}, {"mode": True}, {"priority": "low"}, {"deep": {"k": None, "j": 2}}],
    {},
    {"deep": 1},
    {"bad": float("inf")},
)
_kind = _often(
    ["completion"],
    "approval", "data", "start_to_start", "start_to_start", "finish_to_finish", "start_to_finish", "prerequisite",
    "information", "related", "blocks", "blocks",
    times=7,
)  # fmt: skip
_outcome = _often([None], "failure", "any", "success")
_conditions = _often([None], {"mode": "x"}, {"mode": 1}, {"mode": 1.0}, {}, times=3)
_lag = _often([None], "1_hour", "30 minutes", "PT0S", "soon", times=8)
_mandatory = _often([None], True, False)
_join = _often([None], "any", "all", 1, 2, 3, 0, times=6)
_stage = st.sampled_from(STAGES)
_offset = st.sampled_from([timedelta(hours=h) for h in (-1, 0, 1, 1, 2)] + [timedelta(minutes=30)])
_operation = _often(["add"], "remove", "remove", "update", "replace", "waive", "waive", "unwaive", times=5)
_channels = _often([()], ("mail",), ("mail", "chat", "mail"), times=5)
_value = _often([None], {"rows": 3}, "done", times=6)
_lifecycles = st.sampled_from(LIFECYCLES)
_schemas = st.sampled_from(SCHEMAS)
_text = _often(["a remark"], " ")
_status = st.sampled_from(STATUSES)
_few = st.integers(1, 3)


class Around:
    """What is there, and a way to draw from it."""

    def __init__(self, draw: Callable[[SearchStrategy[Any]], Any], world: World, now: datetime) -> None:
        self.draw = draw
        self.world = world
        self.now = now
        self.there = list(world.tasks)

    def task_id(self) -> str:
        """Mostly that of a task that is there."""
        number: int = self.draw(_index)
        if number == 15 or not self.there:
            return NAMES[number % len(NAMES)]
        return self.there[number % len(self.there)]

    def new_id(self) -> str | None:
        """Mostly one that is free; None lets one be generated."""
        number: int = self.draw(_index)
        free = [name for name in NAMES if name not in self.world.tasks]
        if number >= 14 or not free:
            return None if number % 2 else "no id!" if number == 14 else None
        return NAMES[0] if number == 13 else free[number % len(free)]

    def moment(self) -> datetime:
        """Around now; once in a while without a time zone."""
        if self.draw(_seldom) and self.draw(_seldom):
            return self.now.replace(tzinfo=None)
        moment: datetime = self.now + self.draw(_offset)
        return moment

    def maybe(self, strategy: SearchStrategy[bool], make: Callable[[], T]) -> T | None:
        return make() if self.draw(strategy) else None

    def version(self, task_id: str) -> int | None:
        """Mostly no expectation; else the right version or the one before it."""
        if not self.draw(_seldom) or task_id not in self.world.tasks:
            return None
        version: int = self.world.tasks[task_id]["version"]
        return version if self.draw(_sometimes) else max(1, version - 1)

    def stage(self, task_id: str) -> str:
        """Mostly one that the lifecycle leads to."""
        task = self.world.tasks.get(task_id)
        drawn: str = self.draw(_stage)
        if task is not None and self.draw(_mostly):
            leads_to = self.world.lifecycle(task["task_type"]).leads_to[task["stage"]]
            return leads_to[STAGES.index(drawn) % len(leads_to)] if leads_to else drawn
        return drawn

    def spec(self, other: str | None = None) -> DependencySpec:
        kind = self.draw(_kind)
        return DependencySpec(
            dependency_task_id=other or self.task_id(),
            dependency_type=kind,
            mandatory=self.draw(_mandatory),
            outcome=None if kind == "approval" else self.draw(_outcome),
            conditions=self.draw(_conditions),
            lag=self.draw(_lag),
            artifact="report" if self.draw(_seldom) else None,
            description="why" if self.draw(_seldom) else None,
        )

    def specs(self, chance: SearchStrategy[bool] = _sometimes) -> tuple[DependencySpec, ...]:
        specs = []
        while self.draw(chance) and len(specs) < 3:
            specs.append(self.spec())
        return tuple(specs)


def created(around: Around) -> Write:
    """One task."""
    return CreateTask(**_new(around), validation_checks=around.draw(_mostly))


def _new(around: Around) -> dict[str, Any]:
    draw = around.draw
    return {
        "task_type": draw(_type),
        "attributes": draw(_attributes),
        "task_id": around.new_id(),
        "parent_task_id": around.maybe(_sometimes, around.task_id),
        "dependencies": around.specs(),
        "lifecycle_stage": around.maybe(_sometimes, lambda: draw(_stage)),
        "join": draw(_join),
        "not_before": around.maybe(_seldom, around.moment),
    }


def batch(around: Around) -> Write:
    """Several tasks that refer to one another."""
    tasks = [_new(around) for _ in range(around.draw(_few))]
    names = [task["task_id"] for task in tasks if task["task_id"] is not None]
    for task in tasks:
        if names and around.draw(_sometimes):
            task["parent_task_id"] = names[around.draw(_index) % len(names)]
        if names and around.draw(_sometimes):
            other = names[around.draw(_index) % len(names)]
            task["dependencies"] = (*task["dependencies"], around.spec(other))
    return BatchCreate(tasks=tuple(NewTask(**task) for task in tasks), validation_checks=around.draw(_mostly))


def dependencies(around: Around) -> Write:
    """One operation on dependencies."""
    draw, task_id = around.draw, around.task_id()
    operation = draw(_operation)
    given: dict[str, Any] = {}
    own = [key for key in around.world.edges if key[0] == task_id]
    if operation in {"add", "replace"} or not own or draw(_seldom):
        given["dependencies"] = (around.spec(), *around.specs()) if operation == "add" else around.specs(_mostly)
    else:
        _, other, kind = own[draw(_index) % len(own)]
        if operation == "update" or draw(_sometimes):
            spec = attrs.evolve(around.spec(other), dependency_type=kind)
            given["dependencies"] = (spec,)
        else:
            given["dependency_ids"] = (other,)
            given["dependency_type"] = kind if draw(_sometimes) else None
    if draw(_seldom):
        given["dependency_ids"] = (*given.get("dependency_ids", ()), around.task_id())
    if operation == "waive":
        given["expires_at"] = around.maybe(_mostly, around.moment) if draw(_sometimes) else None
        given["reason"] = "let it go"
    return ManageDependencies(task_id=task_id, operation=operation, **given, expected_version=around.version(task_id))


def lifecycle(around: Around) -> Write:
    """A step through the lifecycle."""
    draw, task_id = around.draw, around.task_id()
    stage = around.stage(task_id)
    return ManageLifecycle(
        task_id=task_id,
        lifecycle_stage=stage,
        validation_checks=draw(_mostly),
        superseded_by=around.task_id() if (stage == "superseded") != draw(_seldom) else None,
        cascade=draw(_sometimes),
        notify_channels=draw(_channels),
        result=draw(_value),
        error=draw(_value),
        expected_version=around.version(task_id),
    )


def update(around: Around) -> Write:
    """A change of one task."""
    task_id = around.task_id()
    return UpdateTask(task_id=task_id, updates=_updates(around), expected_version=around.version(task_id))


def _updates(around: Around) -> TaskUpdates:
    draw = around.draw
    parent: str | None | Keep = Keep.KEEP
    if draw(_sometimes):
        parent = around.maybe(_mostly, around.task_id)
    not_before: datetime | None | Keep = Keep.KEEP
    if draw(_sometimes):
        not_before = around.maybe(_mostly, around.moment)
    return TaskUpdates(
        attributes=around.maybe(_sometimes, lambda: draw(_patch)),
        parent_task_id=parent,
        task_type=around.maybe(_seldom, lambda: draw(st.sampled_from(TYPES))),
        not_before=not_before,
        join=draw(_join),
    )


def bulk_update(around: Around) -> Write:
    """The same change of several tasks."""
    by_status = around.draw(_sometimes)
    filters = TaskFilters(status=(around.draw(_status), around.draw(_status))) if by_status else None
    ids = None if by_status else tuple(around.task_id() for _ in range(around.draw(_few)))
    return BulkUpdate(updates=_updates(around), task_ids=ids, filters=filters)


def delete(around: Around) -> Write:
    """A deletion."""
    task_id = around.task_id()
    draw = around.draw
    return DeleteTask(
        task_id=task_id,
        cascade=not draw(_sometimes),
        detach=not draw(_sometimes),
        expected_version=around.version(task_id),
    )


def comment(around: Around) -> Write:
    """A comment."""
    return AddComment(task_id=around.task_id(), text=around.draw(_text), actor="ann")


def register(around: Around) -> Write:
    """A task type with a lifecycle of its own, or a schema."""
    return RegisterTaskType(
        task_type=around.draw(st.sampled_from(TYPES)),
        lifecycle=around.draw(_lifecycles),
        attributes_schema=around.draw(_schemas),
    )


KINDS: Final = (created, batch, dependencies, lifecycle, lifecycle, update, delete, comment, register, bulk_update)
"""All of them, those that happen more often more than once."""

_which = st.sampled_from(KINDS)


def anything(around: Around) -> Write:
    """A command of any kind."""
    command: Write = around.draw(_which)(around)
    return command


def several(around: Around) -> list[Write]:
    """Commands for one transaction."""
    return [anything(around) for _ in range(around.draw(_few) + 1)]
