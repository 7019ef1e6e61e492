"""What commands are drawn from: names, stages and values; and what a run may begin with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, TypeVar

from worklattice.model.commands import BatchCreate, DependencySpec, NewTask, RegisterTaskType, Write

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


RARELY, SELDOM, SOMETIMES, HALF = _chance(24), _chance(8), _chance(4), _chance(2)
MOSTLY = _mixed((7, [True]), (1, [False]))
TASK_TYPES = _mixed((3, ["task"]), (1, ["story", "short"]))
ATTRIBUTES = _mixed(
    (2, [{}, {"mode": "x"}, {"mode": 1}]),
    (1, [{"mode": True}, {"priority": "high"}, {"priority": 2, "deep": {"k": [1]}}]),
)
PATCHES = _mixed(
    (4, [{"mode": "x"}, {"mode": 1}, {"mode": None}]),
    (1, [{"mode": True}, {"priority": "low"}, {"deep": {"k": None, "j": 2}}, {}, {"deep": 1}]),
)
KINDS_OF_EDGES = _mixed(
    (8, ["completion"]),
    (3, ["start_to_start", "finish_to_finish", "blocks", "data"]),
    (2, ["start_to_finish"]),
    (1, ["approval", "prerequisite", "information", "related"]),
)
OUTCOMES = _mixed((5, [None]), (1, ["failure", "any", "success"]))
CONDITIONS = _mixed((8, [None]), (4, [{"mode": "x"}]), (2, [{"mode": 1}]), (1, [{"mode": 1.0}, {}]))
LAGS = _mixed((8, [None]), (3, ["1_hour", "30 minutes"]), (1, ["PT0S"]))
MANDATORY = _mixed((9, [None]), (1, [True, False]))
JOINS: Sequence[str | int | None] = _mixed((12, [None]), (2, ["any", 2]), (1, ["all", 1, 3]))
OFFSETS = [timedelta(minutes=minutes) for minutes in (0, 30, 30, 60, 60, 120, -60)]
OPERATIONS = _mixed((6, ["add"]), (2, ["remove", "update", "waive"]), (1, ["replace", "unwaive"]))
CHANNELS = _mixed((8, [()]), (1, [("mail",), ("mail", "chat", "mail")]))
RESULTS = _mixed((9, [None]), (1, [{"rows": 3}, "done"]))
TEXTS = _mixed((7, ["a remark"]), (1, [" "]))
FEW = (1, 2, 3)


def needing(other: str, kind: Any = "completion", **more: Any) -> DependencySpec:
    return DependencySpec(dependency_task_id=other, dependency_type=kind, **more)


def _task(task_id: str, *needs: DependencySpec | str, **more: Any) -> NewTask:
    specs = tuple(needing(need) if isinstance(need, str) else need for need in needs)
    return NewTask(**{"task_type": "task", "task_id": task_id, "dependencies": specs, **more})


SEEDS: Final[tuple[tuple[Write[Any], ...], ...]] = (
    (BatchCreate(tasks=(_task("a"), _task("b", "a"), _task("c", "b"))),),
    (
        BatchCreate(
            tasks=(
                _task("a"),
                _task("b", parent_task_id="a"),
                _task("c", "b", parent_task_id="a"),
                _task("d", "a", needing("b", lag="1_hour"), join="any"),
                _task("e", parent_task_id="d"),
                _task("f", needing("b", "start_to_start", conditions={"mode": "x"}), parent_task_id="e"),
            )
        ),
    ),
    (
        RegisterTaskType(task_type="short", lifecycle=SHORT),
        BatchCreate(
            tasks=(
                _task("a", task_type="short"),
                _task("b", "a", task_type="short", join=2),
                _task("c", needing("b", "finish_to_finish"), parent_task_id="b", attributes={"mode": "x"}),
                _task("d", needing("a", outcome="failure"), needing("c", "data", conditions={"mode": 1})),
            )
        ),
    ),
)
"""What a run may begin with."""
