"""The types that callers see. Both type checkers judge these cases; that they also run is a by-product."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, assert_type

import pytest

import worklattice
from worklattice import (
    CircularDependencyError,
    Dependency,
    DependencySpec,
    Event,
    NewTask,
    Notification,
    Orchestrator,
    PrerequisitesNotMetError,
    Task,
    TaskFilters,
    TaskUpdates,
    ValidationError,
    WorklatticeError,
)
from worklattice.errors import Problem, Unmet
from worklattice.model import answers
from worklattice.model.commands import CreateTask, Execute, ManageLifecycle
from worklattice.model.reads import GetHistory, GetTask
from worklattice.model.soundness import Discrepancy
from worklattice.orchestrator.publishing import Subscription
from worklattice.query.answers import Hit, ReadyTasks, TasksFound
from worklattice.query.request import QueryTasks
from worklattice.testing import ManualClock, SequentialIds
from worklattice.types import JsonObject, JsonValue


@pytest.fixture
def wl() -> Iterator[Orchestrator]:
    opened = worklattice.open("memory:", clock=ManualClock(), ids=SequentialIds())
    assert_type(opened, Orchestrator)
    with opened as entered:
        assert_type(entered, Orchestrator)
        yield entered


def test_writes(wl: Orchestrator) -> None:
    """Each method that writes has an answer of its own."""
    assert_type(wl.create_generic_task("t", task_id="a"), answers.TaskCreated)
    assert_type(wl.batch_create([NewTask(task_type="t"), {"task_type": "t"}]), answers.BatchCreated)
    specs = [DependencySpec(dependency_task_id="a")]
    assert_type(wl.manage_dependencies("task-1", specs), answers.DependenciesManaged)
    assert_type(wl.update_task("a", attributes={"x": [1, None]}), answers.TaskUpdated)
    assert_type(wl.bulk_update(TaskUpdates(join="any"), task_ids=["a"]), answers.BulkUpdated)
    assert_type(wl.manage_lifecycle("a", "active"), answers.StageChanged)
    assert_type(wl.record_approval("a", "approved"), answers.ApprovalRecorded)
    assert_type(wl.add_artifact("a", "x", uri="file:x"), answers.ArtifactAdded)
    assert_type(wl.add_comment("a", "x"), answers.CommentAdded)
    assert_type(wl.register_task_type("story"), answers.TaskTypeRegistered)
    assert_type(wl.define_calendar("day", {"windows": "2025-06-15"}), answers.CalendarDefined)
    assert_type(wl.delete_calendar("day"), answers.CalendarDeleted)
    assert_type(wl.delete_task("task-2"), answers.TaskDeleted)
    assert_type(wl.execute([CreateTask(task_type="t"), GetTask(task_id="a")]), answers.Executed)
    assert_type(wl.redeliver(), answers.Redelivered)


def test_reads(wl: Orchestrator) -> None:
    """Each method that reads has one, too."""
    wl.create_generic_task("t", task_id="a")
    assert_type(wl.get_task("a"), answers.TaskFound)
    assert_type(wl.get_task_hierarchy("a"), answers.Hierarchy)
    assert_type(wl.get_dependencies("a"), answers.DependenciesFound)
    assert_type(wl.get_history(), answers.History)
    assert_type(wl.query_tasks(filters=TaskFilters(status=("pending",))), TasksFound)
    assert_type(wl.query_tasks(filters={"status": "pending"}, sort="-created_at"), TasksFound)
    assert_type(wl.get_ready_tasks(), ReadyTasks)
    assert_type(wl.list_templates(), answers.TemplatesListed)
    assert_type(wl.list_calendars(), answers.CalendarsListed)
    assert_type(wl.list_dead_letters(), answers.DeadLettersListed)


def test_command_knows_its_answer(wl: Orchestrator) -> None:
    """Run has the type of what the command is answered with."""
    assert_type(wl.run(CreateTask(task_type="t", task_id="a")), answers.TaskCreated)
    assert_type(wl.run(ManageLifecycle(task_id="a", lifecycle_stage="active")), answers.StageChanged)
    assert_type(wl.run(GetHistory()), answers.History)
    assert_type(wl.run(QueryTasks()), TasksFound)
    assert_type(wl.run(Execute(commands=(CreateTask(task_type="t"),))), answers.Executed)


def test_values(wl: Orchestrator) -> None:
    """What answers hold is typed to the last field."""
    created = wl.create_generic_task("t", task_id="a")
    task = created.task
    assert_type(task, Task)
    assert_type(task.attributes, JsonObject)
    assert_type(task.result, JsonValue)
    assert_type(task.created_at, datetime)
    assert_type(task.completed_at, datetime | None)
    assert_type(task.join, str | int)
    assert_type(created.unblocked, tuple[str, ...])
    assert_type(created.events, tuple[Event, ...] | None)
    assert_type(wl.query_tasks().tasks, tuple[Hit, ...])
    assert_type(wl.get_dependencies("a").dependencies, tuple[Dependency, ...])
    assert_type(wl.get_task("a").task, Task | None)


def test_looking_at_it_as_a_whole(wl: Orchestrator) -> None:
    """Events, dumps, checks and subscriptions."""
    assert_type(wl.events(), Iterator[Event])
    assert_type(wl.events(after=3, kinds=["task.ready"]), Iterator[Event])
    assert_type(wl.dump(), str)
    assert_type(wl.dump_lines(), Iterator[str])
    assert_type(wl.check(), list[Discrepancy])
    assert_type(wl.dispatch({"tool": "x"}), JsonObject)
    assert_type(wl.tools(), list[JsonObject])
    sent: list[Notification] = []
    assert_type(wl.deliver({"slack": sent.append}), answers.Delivered)
    assert_type(wl.deliver({}).next_at, datetime | None)
    told: list[Event] = []
    with wl.subscribe(told.append, kinds={"task.ready"}) as subscription:
        assert_type(subscription, Subscription)
    with wl.transaction() as nothing:
        assert_type(nothing, None)


def test_errors(wl: Orchestrator) -> None:
    """Errors carry typed facts under one root."""
    wl.create_generic_task("t", task_id="a")
    wl.create_generic_task("t", task_id="b", dependencies=["a"])
    with pytest.raises(CircularDependencyError) as circle:
        wl.manage_dependencies("a", ["b"])
    assert_type(circle.value.cycle, tuple[str, ...])
    with pytest.raises(PrerequisitesNotMetError) as unmet:
        wl.manage_lifecycle("b", "active")
    assert_type(unmet.value.unmet, tuple[Unmet, ...])
    with pytest.raises(ValidationError) as faulty:
        wl.create_generic_task("")
    assert_type(faulty.value.problems, tuple[Problem, ...])
    root: WorklatticeError = faulty.value
    assert_type(root.error_type, str)
    assert_type(root.field, str | None)
    assert_type(root.suggestion, str | None)
    assert_type(root.details, dict[str, Any])
