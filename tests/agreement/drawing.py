"""Commands to try, valid and invalid: a function for each kind, which chooses its arguments.

Ids, times and values are few, so that tasks meet; most ids are those of tasks that are there. All choices of
a step are read from one string of bytes, a byte each: one draw is quicker than thirty, and shrinks as well,
for the first of several is the simplest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import attrs

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

NAMES: Final = ("a", "b", "c", "d", "e", "f", "g", "h")
TYPES: Final = ("task", "story", "short")
STATUSES: Final = (
    "pending",
    "active",
    "blocked",
    "completed",
    "failed",
    "cancelled",
    "superseded",
    "archived",
)

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
LIFECYCLES: Final = (None, None, SHORT, SHORT, SHORT, SHORT, OTHER, OTHER, TRAP, UNKNOWN)
SCHEMAS: Final[tuple[Any, ...]] = (
    None,
    None,
    {"properties": {"mode": {"type": "string"}}},
    {"type": "nothing"},
)
STAGES: Final = (
    "draft", "ready", "active", "blocked", "review",
    "completed", "failed", "cancelled", "superseded", "archived",
    "doing", "parked", "dropped", "closed", "nowhere",
)  # fmt: skip


def _mixed(*weighted: tuple[int, Sequence[T]]) -> Sequence[T]:
    """Each of the values as often as the number in front of its list says."""
    return tuple(value for times, values in weighted for value in values for _ in range(times))


def _chance(of: int) -> Sequence[bool]:
    """True once in so many times."""
    return (*(False,) * (of - 1), True)


_rarely, _seldom, _sometimes, _half = _chance(24), _chance(8), _chance(4), _chance(2)
_mostly = _mixed((7, [True]), (1, [False]))
_type = _mixed((3, ["task"]), (1, ["story", "short"]))
_attributes = _mixed(
    (2, [{}, {"mode": "x"}, {"mode": 1}]),
    (1, [{"mode": True}, {"priority": "high"}, {"priority": 2, "deep": {"k": [1]}}]),
)
_patch = _mixed(
    (3, [{"mode": "x"}, {"mode": 1}, {"mode": None}]),
    (1, [{"mode": True}, {"priority": "low"}, {"deep": {"k": None, "j": 2}}, {}, {"deep": 1}]),
)
_kind = _mixed(
    (8, ["completion"]),
    (3, ["start_to_start", "finish_to_finish", "blocks", "data"]),
    (2, ["start_to_finish"]),
    (1, ["approval", "prerequisite", "information", "related"]),
)
_outcome = _mixed((5, [None]), (1, ["failure", "any", "success"]))
_conditions = _mixed((8, [None]), (2, [{"mode": "x"}, {"mode": 1}]), (1, [{"mode": 1.0}, {}]))
_lag = _mixed((9, [None]), (2, ["1_hour", "30 minutes"]), (1, ["PT0S"]))
_mandatory = _mixed((9, [None]), (1, [True, False]))
_join: Sequence[str | int | None] = _mixed((12, [None]), (2, ["any", 2]), (1, ["all", 1, 3]))
_offset = [timedelta(minutes=minutes) for minutes in (0, 30, 30, 60, 60, 120, -60)]
_operation = _mixed((6, ["add"]), (2, ["remove", "update", "waive"]), (1, ["replace", "unwaive"]))
_channels = _mixed((8, [()]), (1, [("mail",), ("mail", "chat", "mail")]))
_value = _mixed((9, [None]), (1, [{"rows": 3}, "done"]))
_text = _mixed((7, ["a remark"]), (1, [" "]))
_few = (1, 2, 3)


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

    def task_id(self) -> str:
        """Mostly that of a task that is there."""
        if self.draw(_rarely) or not self.there:
            return self.draw(NAMES)
        return self.draw(self.there)

    def pair(self) -> tuple[str, str]:
        """Two tasks, mostly the younger one first."""
        one, other = self.task_id(), self.task_id()
        if one not in self.there or other not in self.there:
            return one, other
        first, second = self.there.index(one), self.there.index(other)
        if first == second and not self.draw(_seldom):
            second = (first + 1) % len(self.there)
        if first < second and not self.draw(_seldom):
            first, second = second, first
        return self.there[first], self.there[second]

    def new_id(self) -> str | None:
        """Mostly one that is free; None lets one be generated."""
        if self.draw(_rarely) and self.there:
            return self.draw(self.there)
        free = [name for name in NAMES if name not in self.world.tasks]
        return None if not free or self.draw(_sometimes) else free[0]

    def moment(self) -> datetime:
        """Around now."""
        return self.now + self.draw(_offset)

    def maybe(self, chance: Sequence[bool], make: Callable[[], T]) -> T | None:
        """Something, once in a while."""
        return make() if self.draw(chance) else None

    def version(self, task_id: str) -> int | None:
        """Mostly no expectation; else the right version or the one before it."""
        if not self.draw(_seldom) or task_id not in self.world.tasks:
            return None
        version: int = self.world.tasks[task_id]["version"]
        return max(1, version - 1) if self.draw(_sometimes) else version

    def stage(self, task_id: str) -> str:
        """Mostly one that the lifecycle leads to."""
        task = self.world.tasks.get(task_id)
        drawn = self.draw(STAGES)
        if task is not None and self.draw(_mostly):
            leads_to = self.world.lifecycle(task["task_type"]).leads_to[task["stage"]]
            return self.draw(leads_to) if leads_to else drawn
        return drawn

    def birth(self, task_type: str) -> str:
        """A stage to be born in, mostly one of the type's."""
        drawn = self.draw(STAGES)
        stages = [name for name in self.world.lifecycle(task_type).stages if name != "superseded"]
        return drawn if self.draw(_seldom) else self.draw(stages)

    def spec(self, other: str | None = None, kind: Any = None) -> DependencySpec:
        """A dependency; of another type than it can be once in a while."""
        draw = self.draw
        kind = kind or draw(_kind)
        any_way = draw(_rarely)
        awaits_finish = kind in {"completion", "data", "finish_to_finish", "blocks"}
        return DependencySpec(
            dependency_task_id=other or self.task_id(),
            dependency_type=kind,
            mandatory=draw(_mandatory),
            outcome=draw(_outcome) if awaits_finish or any_way else None,
            conditions=draw(_conditions),
            lag=draw(_lag),
            artifact="report" if any_way or (kind == "data" and draw(_sometimes)) else None,
            description="why" if any_way else None,
        )

    def specs(self, chance: Sequence[bool]) -> tuple[DependencySpec, ...]:
        """Some dependencies, of which each is followed by another by chance."""
        specs: list[DependencySpec] = []
        while self.draw(chance) and len(specs) < 3:
            specs.append(self.spec())
        return tuple(specs)


def created(around: Around) -> Write[Any]:
    """One task."""
    return CreateTask(**_new(around), validation_checks=not around.draw(_seldom))


def _new(around: Around) -> dict[str, Any]:
    draw = around.draw
    task_type = draw(_type)
    return {
        "task_type": task_type,
        "attributes": draw(_attributes),
        "task_id": around.new_id(),
        "parent_task_id": around.maybe(_half, around.task_id),
        "dependencies": around.specs(_half),
        "lifecycle_stage": around.maybe(_sometimes, lambda: around.birth(task_type)),
        "join": draw(_join),
        "not_before": around.maybe(_seldom, around.moment),
    }


def batch(around: Around) -> Write[Any]:
    """Several tasks that refer to one another, to younger ones too."""
    tasks = [_new(around) for _ in range(around.draw(_few))]
    free = [name for name in NAMES if name not in around.world.tasks]
    names = free[: len(tasks)]
    for index, task in enumerate(tasks):
        if not names:
            break
        if around.draw(_mostly):
            task["task_id"] = names[index % len(names)]
        others = names if around.draw(_seldom) else names[:index] or [around.task_id()]
        if around.draw(_sometimes):
            task["parent_task_id"] = around.draw(others)
        if around.draw(_half):
            other = around.draw(others)
            task["dependencies"] = (*task["dependencies"], around.spec(other))
    return BatchCreate(
        tasks=tuple(NewTask(**task) for task in tasks), validation_checks=not around.draw(_seldom)
    )


def dependencies(around: Around) -> Write[Any]:
    """One operation on dependencies."""
    draw, (task_id, other) = around.draw, around.pair()
    operation = draw(_operation)
    given: dict[str, Any] = {}
    edges = list(around.world.edges)
    if operation in {"add", "replace"} or not edges or draw(_rarely):
        given["dependencies"] = (around.spec(other), *around.specs(_sometimes))
    else:
        task_id, other, kind = draw(edges)
        if operation == "update" or draw(_sometimes):
            given["dependencies"] = (around.spec(other, kind),)
        else:
            given["dependency_ids"] = (other,)
            given["dependency_type"] = kind if draw(_half) else None
    if draw(_rarely):
        given["dependency_ids"] = (*given.get("dependency_ids", ()), around.task_id())
    if operation == "waive" or draw(_rarely):
        given["expires_at"] = around.moment() if draw(_half) else None
        given["reason"] = "let it go"
    version = around.version(task_id)
    return ManageDependencies(task_id=task_id, operation=operation, **given, expected_version=version)


def lifecycle(around: Around) -> Write[Any]:
    """A step through the lifecycle."""
    draw, task_id = around.draw, around.task_id()
    stage = around.stage(task_id)
    return ManageLifecycle(
        task_id=task_id,
        lifecycle_stage=stage,
        validation_checks=not draw(_seldom),
        superseded_by=around.task_id() if (stage == "superseded") != draw(_rarely) else None,
        cascade=draw(_sometimes),
        notify_channels=draw(_channels),
        result=draw(_value),
        error=draw(_value),
        expected_version=around.version(task_id),
    )


def update(around: Around) -> Write[Any]:
    """A change of one task."""
    task_id = around.task_id()
    return UpdateTask(task_id=task_id, updates=_updates(around), expected_version=around.version(task_id))


def _updates(around: Around) -> TaskUpdates:
    draw = around.draw
    parent: str | Keep | None = Keep.KEEP
    if draw(_sometimes):
        parent = around.maybe(_mostly, around.task_id)
    not_before: datetime | Keep | None = Keep.KEEP
    if draw(_seldom):
        not_before = around.maybe(_mostly, around.moment)
    return TaskUpdates(
        attributes=around.maybe(_half, lambda: draw(_patch)),
        parent_task_id=parent,
        task_type=around.maybe(_seldom, lambda: draw(TYPES)),
        not_before=not_before,
        join=draw(_join),
    )


def bulk_update(around: Around) -> Write[Any]:
    """The same change of several tasks."""
    by_status = around.draw(_sometimes)
    filters = TaskFilters(status=(around.draw(STATUSES), around.draw(STATUSES))) if by_status else None
    ids = None if by_status else tuple(around.task_id() for _ in range(around.draw(_few)))
    return BulkUpdate(updates=_updates(around), task_ids=ids, filters=filters)


def delete(around: Around) -> Write[Any]:
    """A deletion."""
    task_id = around.task_id()
    draw = around.draw
    return DeleteTask(
        task_id=task_id,
        cascade=not draw(_sometimes),
        detach=not draw(_sometimes),
        expected_version=around.version(task_id),
    )


def comment(around: Around) -> Write[Any]:
    """A comment."""
    return AddComment(task_id=around.task_id(), text=around.draw(_text), actor="ann")


def register(around: Around) -> Write[Any]:
    """A task type with a lifecycle of its own, or a schema."""
    return RegisterTaskType(
        task_type=around.draw(TYPES),
        lifecycle=around.draw(LIFECYCLES),
        attributes_schema=around.draw(SCHEMAS),
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
    register,
    bulk_update,
)
"""All of them, those that happen more often more than once."""


def anything(around: Around) -> Write[Any]:
    """A command of any kind."""
    return around.draw(KINDS)(around)


def spoilt(around: Around) -> Write[Any]:
    """A command with an argument that is not of the documented form."""
    command = anything(around)
    bad_number = {"bad": float("nan")}
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
    """Commands for one transaction."""
    return [anything(around) for _ in range(around.draw(_few) + 1)]


def _spec(other: str, kind: Any = "completion", **more: Any) -> DependencySpec:
    return DependencySpec(dependency_task_id=other, dependency_type=kind, **more)


def _task(task_id: str, *needs: DependencySpec | str, **more: Any) -> NewTask:
    specs = tuple(_spec(need) if isinstance(need, str) else need for need in needs)
    return NewTask(**{"task_type": "task", "task_id": task_id, "dependencies": specs, **more})


SEEDS: Final[tuple[tuple[Write[Any], ...], ...]] = (
    (BatchCreate(tasks=(_task("a"), _task("b", "a"), _task("c", "b"))),),
    (
        BatchCreate(
            tasks=(
                _task("a"),
                _task("b", parent_task_id="a"),
                _task("c", "b", parent_task_id="a"),
                _task("d", "a", _spec("b", lag="1_hour"), join="any"),
                _task("e", parent_task_id="d"),
                _task("f", _spec("b", "start_to_start", conditions={"mode": "x"}), parent_task_id="e"),
            )
        ),
    ),
    (
        RegisterTaskType(task_type="short", lifecycle=SHORT),
        BatchCreate(
            tasks=(
                _task("a", task_type="short"),
                _task("b", "a", task_type="short", join=2),
                _task("c", _spec("b", "finish_to_finish"), parent_task_id="b", attributes={"mode": "x"}),
                _task("d", _spec("a", outcome="failure"), _spec("c", "data", conditions={"mode": 1})),
            )
        ),
    ),
)
"""What a run may begin with."""
