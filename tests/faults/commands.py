"""One command of each kind that writes, and a workspace in which each of them has much to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import worklattice
from worklattice import Orchestrator
from worklattice.model.commands import (
    AddArtifact,
    AddComment,
    BatchCreate,
    CreateFromTemplate,
    CreateTask,
    CreateTemplate,
    DefineCalendar,
    DeleteCalendar,
    DeleteTask,
    DeleteTemplate,
    DependencySpec,
    Execute,
    ManageDependencies,
    ManageLifecycle,
    NewTask,
    PauseSchedule,
    RecordApproval,
    RecordMetrics,
    Redeliver,
    RegisterTaskType,
    ReleaseClaim,
    RenewClaim,
    ResumeSchedule,
    TaskUpdates,
    Tick,
    Undo,
    UpdateTask,
    WaiveGate,
    Write,
)
from worklattice.query.request import BulkUpdate, ClaimTask, TaskFilters
from worklattice.testing import ManualClock, SequentialIds
from worklattice.types import JsonObject

_TREE: Final[dict[str, Any]] = {
    "root_task": {
        "task_type": "t",
        "children": [
            {"key": "one", "task_type": "t"},
            {"key": "two", "task_type": "t", "dependencies": ["one"]},
        ],
    }
}

TOKEN: Final = 4
"""That of the claim in the prepared workspace."""

COMMANDS: Final[tuple[Write[Any], ...]] = (
    CreateTask(
        task_type="t",
        task_id="new",
        parent_task_id="parent",
        dependencies=(DependencySpec(dependency_task_id="first"),),
        idempotency_key="k",
    ),
    BatchCreate(
        tasks=(
            NewTask(task_type="t", task_id="new"),
            NewTask(task_type="t", dependencies=(DependencySpec(dependency_task_id="new"),)),
        ),
        idempotency_key="k",
    ),
    CreateFromTemplate(template_id="tree", parent_task_id="parent", idempotency_key="k"),
    ManageDependencies(
        task_id="parent", dependencies=(DependencySpec(dependency_task_id="held"),), idempotency_key="k"
    ),
    ManageLifecycle(task_id="first", lifecycle_stage="completed", result={"by": "ann"}, idempotency_key="k"),
    UpdateTask(
        task_id="second",
        updates=TaskUpdates(attributes={"priority": "high"}, parent_task_id=None),
        idempotency_key="k",
    ),
    BulkUpdate(
        filters=TaskFilters(task_type=("t",)), updates=TaskUpdates(attributes={"a": 1}), idempotency_key="k"
    ),
    DeleteTask(task_id="parent", cascade=True, detach=True, idempotency_key="k"),
    ClaimTask(worker="ben", count=2, idempotency_key="k"),
    RenewClaim(task_id="held", token=TOKEN, lease="1 hour", idempotency_key="k"),
    ReleaseClaim(task_id="held", token=TOKEN, idempotency_key="k"),
    AddComment(task_id="first", text="well", idempotency_key="k"),
    RecordApproval(task_id="first", decision="approved", idempotency_key="k"),
    AddArtifact(task_id="first", name="report", content=[1], idempotency_key="k"),
    RecordMetrics(task_id="gated", metrics={"errors": 7}, idempotency_key="k"),
    WaiveGate(task_id="gated", gate="errors < 1", reason="so", idempotency_key="k"),
    CreateTemplate(template_id="other", task_structure=_TREE, idempotency_key="k"),
    DeleteTemplate(template_id="tree", idempotency_key="k"),
    RegisterTaskType(task_type="u", attributes_schema={"type": "object"}, idempotency_key="k"),
    DefineCalendar(name="night", calendar={"windows": "2025-06-15T02:00:00Z"}, idempotency_key="k"),
    DeleteCalendar(name="office", idempotency_key="k"),
    Redeliver(idempotency_key="k"),
    Tick(idempotency_key="k"),
    PauseSchedule(task_id="often", idempotency_key="k"),
    ResumeSchedule(task_id="paused", idempotency_key="k"),
    Undo(idempotency_key="k"),
    Execute(
        commands=(
            CreateTask(task_type="t", task_id="new"),
            AddComment(task_id="new", text="well"),
        ),
        idempotency_key="k",
    ),
)


NOW: Final = datetime(2025, 1, 1, tzinfo=UTC)
EARLIER: Final = NOW - timedelta(minutes=2)
"""When the workspace was prepared, so that something is due by now."""


def opened(url: str) -> Orchestrator:
    """The store, where every time and id is the same on every run."""
    return worklattice.open(url, clock=ManualClock(NOW), ids=SequentialIds())


def prepare(wl: Orchestrator) -> None:
    """Fill a workspace."""
    clock = wl._clock
    assert isinstance(clock, ManualClock)
    clock.set(EARLIER)
    with wl.transaction():
        wl.run(CreateTemplate(template_id="tree", task_structure=_TREE))
        wl.create_generic_task("t", task_id="held", attributes={"resources": ["disk"]})
        claim = wl.claim_task("ann", task_id="held").claim
        assert claim is not None
        assert claim.token == TOKEN, claim
        wl.create_generic_task("t", task_id="first")
        gates: JsonObject = {"success_metrics": ["errors < 1"], "rollback_triggers": ["errors > 5"]}
        wl.create_generic_task("t", task_id="gated", attributes=gates, lifecycle_stage="active")
        wl.manage_lifecycle("first", "active")
        wl.create_generic_task("t", task_id="parent", dependencies=["first"])
        wl.create_generic_task("t", task_id="second", parent_task_id="parent")
        wl.create_generic_task("t", task_id="third", parent_task_id="parent", dependencies=["second"])
        wl.define_calendar("office", {"working_hours": {"mon-fri": ["9-17"]}})
        wl.create_generic_task("t", task_id="free")
        wl.manage_lifecycle("free", "ready", notify_channels=["#nobody"])
        wl.create_generic_task("t", task_id="often", attributes={"schedule": "every minute"})
        wl.create_generic_task("t", task_id="step", parent_task_id="often")
        wl.create_generic_task("t", task_id="paused", attributes={"schedule": "hourly"})
        wl.pause_schedule("paused")
    assert wl.deliver({}).dead == 1
    clock.set(NOW)
