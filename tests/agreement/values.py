"""What commands are drawn from: names, stages and values; and what a run may begin with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, Self, TypeVar

from worklattice.model.commands import (
    BatchCreate,
    DecisionName,
    DependencySpec,
    DependencyTypeName,
    ManageLifecycle,
    NewTask,
    OperationName,
    OutcomeName,
    RegisterTaskType,
    Write,
)
from worklattice.query.request import StatusName
from worklattice.types import JsonObject, JsonValue

T = TypeVar("T")

NAMES: Final = ("a", "b", "c", "d", "e", "f", "g", "h")
TYPES: Final = ("task", "story", "short")
STATUSES: Final[Sequence[StatusName]] = (
    "pending",
    "active",
    "blocked",
    "completed",
    "failed",
    "cancelled",
    "superseded",
    "archived",
)

_STAGES: Final[JsonObject] = {
    "draft": {"status": "pending", "roles": ["startable"]},
    "doing": {"status": "active", "roles": ["started"]},
    "parked": {"status": "blocked"},
    "completed": {"status": "completed", "roles": ["succeeded"]},
    "dropped": {"status": "cancelled", "roles": ["withdrawn"]},
    "closed": {"status": "archived", "roles": ["ended"]},
}
_TRANSITIONS: Final[JsonObject] = {
    "draft": ["doing", "completed", "dropped", "closed"],
    "doing": ["draft", "parked", "completed"],
    "parked": ["doing", "dropped"],
    "completed": ["doing", "closed"],
    "dropped": ["draft", "closed"],
}


def _lifecycle(*, initial: str | None = None, **stages: JsonValue) -> JsonObject:
    said: JsonObject = {} if initial is None else {"initial": initial}
    return {**said, "stages": {**_STAGES, **stages}, "transitions": _TRANSITIONS}


SHORT: Final = _lifecycle()
OTHER: Final = _lifecycle(doing={"status": "active", "roles": ["started", "startable"]})
"""The same, but `doing` means something else."""
TRAP: Final = _lifecycle(initial="trap", trap={"status": "pending", "roles": ["startable"]})
UNKNOWN: Final = _lifecycle(initial="unknown")
STAGES: Final = (
    "draft", "ready", "active", "blocked", "review",
    "completed", "failed", "cancelled", "superseded", "archived",
    "doing", "parked", "dropped", "closed", "nowhere",
)  # fmt: skip


class Mixed(tuple[T, ...]):
    """Each of the values as often as the number in front of its list says."""

    __slots__ = ()

    def __new__(cls, *weighted: tuple[int, Sequence[T]]) -> Self:
        return super().__new__(
            cls, (value for times, values in weighted for value in values for _ in range(times))
        )


RARELY, SELDOM, SOMETIMES, HALF = 24, 8, 4, 2
"""Once in so many times."""

LIFECYCLES: Final = Mixed[JsonObject | None]((4, [SHORT]), (2, [None, OTHER]), (1, [TRAP, UNKNOWN]))
SCHEMAS: Final = Mixed[JsonObject | None](
    (2, [None]), (1, [{"properties": {"mode": {"type": "string"}}}, {"type": "nothing"}])
)
OWN_NAMES: Final = Mixed[JsonObject | None](
    (3, [None]),
    (1, [{"priority": "weight", "success_metrics": "goals", "sla": "within"}, {"rank": "weight"}]),
)
DEFAULTS: Final = Mixed[JsonObject | None](
    (3, [None]),
    (1, [{"priority": "low", "resources": ["lathe"]}, {"success_metrics": ["n < 5"]}, {"sla": "30 minutes"}]),
)
TASK_TYPES: Final = Mixed[str]((3, ["task"]), (1, ["story", "short"]))
TWO_OF_THREE: Final[JsonObject] = {"name": "gpu", "units": 2, "capacity": 3}
ONE_OF_TWO: Final[JsonObject] = {"name": "gpu", "capacity": 2}
ATTRIBUTES: Final = Mixed[JsonObject](
    (2, [{}, {"mode": "x"}, {"mode": 1}]),
    (1, [{"mode": True}, {"priority": "high"}, {"priority": 2, "deep": {"k": [1]}}]),
    (1, [{"resources": ["lathe"]}, {"resources": [TWO_OF_THREE]}, {"resources": [ONE_OF_TWO]}]),
    (1, [{"weight": "critical"}, {"weight": "soon"}, {"priority": 1, "weight": 3}, {"goals": ["m > 1"]}]),
    (1, [{"success_metrics": ["m > 1"]}, {"rollback_triggers": ["m > 5"], "rollback_policy": "cancel"}]),
    (2, [{"schedule": "every 30 minutes"}]),
)
AT_ONE, AT_TWO, AT_THREE = (f"2025-01-01T0{hour}:00:00Z" for hour in (1, 2, 3))
SERVICE: Final[JsonObject] = {
    "sla": "1 hour", "sla_from": "start", "sla_pauses_in": ["blocked", "parked"], "sla_warn_at": "50%"
}  # fmt: skip
IMPATIENT: Final[JsonObject] = {"sla": "30 minutes", "sla_pauses_in": "blocked"}
MAINTENANCE: Final[JsonObject] = {"maintenance_window": {"start": AT_ONE, "end": AT_TWO}}
LATER: Final[JsonObject] = {"maintenance_window": {"start": AT_TWO, "end": AT_THREE}}
IN_MAINTENANCE: Final[JsonObject] = {"execution_window": "maintenance"}
BEFORE_MAINTENANCE: Final[JsonObject] = {"deadline": "30 minutes before maintenance"}
TIMES: Final = Mixed[JsonObject](
    (2, [{"sla": "1 hour"}, {"due_at": AT_ONE}, SERVICE, IMPATIENT, MAINTENANCE]),
    (1, [{"sla": "30 minutes", "sla_pauses_in": "ready"}, {"sla": "30 minutes", "sla_pauses_in": "active"}]),
    (1, [IN_MAINTENANCE, {"execution_window": "night"}, BEFORE_MAINTENANCE, {"sla": "soon"}]),
    (1, [{"rollback_time_limit": "30 minutes"}, {"within": "30 minutes"}, {**IMPATIENT, "due_at": AT_TWO}]),
)
"""Attributes about time."""
TIME_PATCHES: Final = Mixed[JsonObject](
    (2, [{"sla": "1 hour"}, {"sla": "30 minutes"}, {"due_at": AT_TWO}, MAINTENANCE, LATER]),
    (1, [{"sla": None}, {"due_at": None}, {"due_at": AT_ONE}, {"maintenance_window": None}]),
    (1, [{"maintenance_window": AT_ONE}, IN_MAINTENANCE, {"execution_window": None}, {"sla_from": None}]),
    (1, [BEFORE_MAINTENANCE, {"deadline": "1 hour after maintenance"}, {"rollback_time_limit": "1 hour"}]),
    (1, [{"sla_pauses_in": ["blocked", "ready"]}, {"sla_from": "start"}, {"execution_window": "office"}]),
)
TIMED: Final = frozenset(name for said in (*TIMES, *TIME_PATCHES) for name in said)
"""The attributes about time that come here."""
HOURLY: Final[JsonObject] = {"every": "hour", "missed": "catch_up"}
SKIPPED: Final[JsonObject] = {"every": "30 minutes", "missed": "skip"}
PATIENT: Final[JsonObject] = {"every": "hour", "missed": "skip", "grace": "30 minutes"}
SCHEDULES: Final = Mixed[JsonValue](
    (2, ["every 30 minutes", None]), (1, [HOURLY, SKIPPED, PATIENT, "whenever"])
)
GATES: Final[JsonObject] = {"success_metrics": ["m > 1", "n < 5"], "quality_checks": ["c"]}
ROLLED_BACK: Final[JsonObject] = {"success_metrics": ["n < 5"], "rollback_triggers": ["m > 5", "n < 5"]}
METRICS: Final = Mixed[JsonObject](
    (3, [{"m": 3, "n": 4, "c": "passed"}]),
    (2, [{"m": 7}, {"c": "passed"}, {"n": 2}]),
    (1, [{"m": 0}, {"n": 9, "m": 2}, {"c": "failed"}, {"other": 1}]),
)
GATE_NAMES: Final = Mixed[str]((3, ["m > 1", "n < 5", "c"]), (1, ["m > 5"]))
PATCHES: Final = Mixed[JsonObject](
    (4, [{"mode": "x"}, {"mode": 1}, {"mode": None}]),
    (1, [{"mode": True}, {"priority": "low"}, {"deep": {"k": None, "j": 2}}, {}, {"deep": 1}]),
    (1, [{"resources": None}, {"resources": ["lathe"]}, {"weight": "high"}, {"goals": ["n < 5"]}]),
)
CALENDAR_NAMES: Final = Mixed[str]((6, ["office", "night"]), (2, ["maintenance"]), (1, ["sunday"]))
CALENDARS: Final = Mixed[JsonObject](
    (4, [{"working_hours": {"mon-fri": ["9-17"]}}, {"windows": "2025-06-15"}]),
    (1, [{"working_hours": {"mon": ["9-17"]}, "windows": "2025-06-15", "time_zone": "Europe/Berlin"}, {}]),
)
DECISIONS: Final = Mixed[DecisionName]((2, ["approved"]), (1, ["rejected"]))
ARTIFACTS: Final = Mixed[str]((3, ["report"]), (1, ["log"]))
KINDS_OF_EDGES: Final = Mixed[DependencyTypeName](
    (8, ["completion"]),
    (3, ["start_to_start", "finish_to_finish", "blocks", "data"]),
    (2, ["start_to_finish"]),
    (2, ["approval"]),
    (1, ["prerequisite", "information", "related"]),
)
OUTCOMES: Final = Mixed[OutcomeName | None]((5, [None]), (1, ["failure", "any", "success"]))
CONDITIONS: Final = Mixed[JsonObject | None](
    (8, [None]), (4, [{"mode": "x"}]), (2, [{"mode": 1}]), (1, [{"mode": 1.0}, {}])
)
LAGS: Final = Mixed[str | None]((8, [None]), (3, ["1_hour", "30 minutes"]), (1, ["PT0S"]))
LEASES: Final = Mixed[str]((6, ["1_hour", "30 minutes"]), (1, ["PT0S"]))
WORKERS: Final = ("ann", "bob")
MANDATORY: Final = Mixed[bool | None]((9, [None]), (1, [True, False]))
JOINS: Final = Mixed[str | int | None]((12, [None]), (2, ["any", 2]), (1, ["all", 1, 3]))
OFFSETS: Final = [timedelta(minutes=minutes) for minutes in (0, 30, 30, 60, 60, 120, -60)]
OPERATIONS: Final = Mixed[OperationName](
    (6, ["add"]), (2, ["remove", "update", "waive"]), (1, ["replace", "unwaive"])
)
CHANNELS: Final = Mixed[tuple[str, ...]]((8, [()]), (1, [("mail",), ("mail", "chat", "mail")]))
RESULTS: Final = Mixed[JsonValue]((9, [None]), (1, [{"rows": 3}, "done"]))
TEXTS: Final = Mixed[str]((7, ["a remark"]), (1, [" "]))
ACTORS: Final = ("ann", "bob", None)
REASONS: Final = Mixed[str | None]((3, [None]), (1, ["because"]))
FEW: Final = (1, 2, 3)


def needing(other: str, kind: DependencyTypeName = "completion", **more: Any) -> DependencySpec:
    return DependencySpec(dependency_task_id=other, dependency_type=kind, **more)


def _task(task_id: str, *needs: DependencySpec | str, task_type: str = "task", **more: Any) -> NewTask:
    specs = tuple(needing(need) if isinstance(need, str) else need for need in needs)
    return NewTask(task_type=task_type, task_id=task_id, dependencies=specs, **more)


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
        BatchCreate(
            tasks=(
                _task("a", attributes={"resources": [TWO_OF_THREE]}),
                _task("b", attributes={"resources": ["lathe", ONE_OF_TWO]}),
                _task("c", attributes={"resources": [TWO_OF_THREE]}),
                _task("d", needing("a", "approval"), attributes={"resources": ["lathe"]}),
                _task("e", needing("b", "data", artifact="report")),
            )
        ),
    ),
    (
        BatchCreate(tasks=(_task("a"), _task("b", "a"), _task("c", "a"), _task("d", "c"))),
        ManageLifecycle(task_id="a", lifecycle_stage="active"),
        ManageLifecycle(task_id="a", lifecycle_stage="completed"),
        ManageLifecycle(task_id="b", lifecycle_stage="active"),
    ),
    (
        BatchCreate(
            tasks=(
                _task("a", attributes=GATES),
                _task("b", needing("a", outcome="failure"), attributes=ROLLED_BACK),
                _task("c", "a", attributes={**ROLLED_BACK, "rollback_policy": "record"}),
            )
        ),
        ManageLifecycle(task_id="a", lifecycle_stage="active"),
    ),
    (
        BatchCreate(
            tasks=(
                _task("a", attributes={"schedule": "every 30 minutes", "mode": "x"}),
                _task("b", parent_task_id="a"),
                _task("c", needing("b", lag="1_hour", conditions={"mode": 1}), parent_task_id="a"),
                _task("d", needing("b", outcome="failure"), parent_task_id="c", join="any"),
                _task("e", attributes={"schedule": {"every": "hour", "missed": "catch_up"}}),
            )
        ),
    ),
    (
        BatchCreate(
            tasks=(
                _task("a", attributes={**MAINTENANCE, "rollback_time_limit": "30 minutes"}),
                _task("b", parent_task_id="a", attributes={**IN_MAINTENANCE, "sla": "1 hour"}),
                _task("c", parent_task_id="a", attributes=BEFORE_MAINTENANCE),
                _task("d", parent_task_id="c", attributes=IN_MAINTENANCE),
                _task("e", attributes=SERVICE),
                _task("f", attributes={**IMPATIENT, "due_at": AT_TWO}),
                _task("g", attributes={"execution_window": "night"}),
            )
        ),
    ),
    (
        RegisterTaskType(task_type="short", lifecycle=SHORT, attribute_defaults={"sla": "30 minutes"}),
        BatchCreate(
            tasks=(
                _task("a", task_type="short", attributes={"sla_pauses_in": ["parked"]}),
                _task("b", "a", task_type="short", attributes=SERVICE),
                _task("c", parent_task_id="b", attributes={"sla": "1 hour", "schedule": "every hour"}),
                _task("d", parent_task_id="c", attributes={"due_at": AT_ONE, **IN_MAINTENANCE}),
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
