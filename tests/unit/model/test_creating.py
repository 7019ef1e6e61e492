"""Creating tasks, one and many."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.model.asking import make, ready, task
from worklattice import (
    DependencyNotFoundError,
    DependencySpec,
    DuplicateTaskError,
    NewTask,
    Orchestrator,
    ParentTaskNotFoundError,
    ValidationError,
)
from worklattice.testing import ManualClock


def test_new_task_has_what_was_said_and_what_follows(wl: Orchestrator) -> None:
    """The answer shows the task as it is stored."""
    answer = wl.create_generic_task("story", attributes={"title": "x", "due_date": "2025-02-01"})
    found = answer.task
    assert (found.task_id, found.task_type, found.lifecycle_stage, found.status) == (
        "task-1", "story", "draft", "pending"
    )  # fmt: skip
    assert found.created_at == found.updated_at == datetime(2025, 1, 1, tzinfo=UTC)
    assert found.due_at == datetime(2025, 2, 2, tzinfo=UTC)
    assert (found.version, found.attempt, found.join, found.hierarchy_level) == (1, 1, "all", 0)
    assert wl.get_task("task-1").task == found


def test_generated_id_is_one_that_nobody_has(wl: Orchestrator) -> None:
    """Where the next id is taken already, the one after it is given."""
    make(wl, "task-1", "task-2")
    assert wl.create_generic_task("t").task_id == "task-3"


def test_taken_id_is_refused(wl: Orchestrator) -> None:
    """Two tasks of a workspace never share an id."""
    make(wl, "t")
    with pytest.raises(DuplicateTaskError) as caught:
        make(wl, "t")
    assert caught.value.field == "arguments.task_id"


@pytest.mark.parametrize("task_id", ["", "a b", "a/b", "a\n", "x" * 201, "é"])
def test_ill_formed_id_is_refused(wl: Orchestrator, task_id: str) -> None:
    """An id has 1 to 200 letters, digits or _ - . : and nothing else."""
    with pytest.raises(ValidationError):
        make(wl, task_id)


def test_longest_id_is_accepted(wl: Orchestrator) -> None:
    """200 characters of every kind are an id."""
    task_id = ("aZ09_-.:" * 25)[:200]
    make(wl, task_id)
    assert task(wl, task_id).task_id == task_id


def test_parent_that_is_not_there(wl: Orchestrator) -> None:
    """Neither an unknown parent nor the task itself will do; the closest id is offered."""
    make(wl, "sprint_23")
    with pytest.raises(ParentTaskNotFoundError) as caught:
        make(wl, "t", parent_task_id="sprint_32")
    assert caught.value.details == {"closest": ["sprint_23"]}
    with pytest.raises(ParentTaskNotFoundError):
        make(wl, "t", parent_task_id="t")


def test_dependency_that_is_not_there(wl: Orchestrator) -> None:
    """A new task depends on tasks that are there, and the whole is refused otherwise."""
    make(wl, "a")
    with pytest.raises(DependencyNotFoundError) as caught:
        make(wl, "t", dependencies=["a", "b"])
    assert caught.value.field == "arguments.dependencies[1].dependency_task_id"
    assert [found.task_id for found in wl.query_tasks().tasks] == ["a"]


@pytest.mark.parametrize("join", [0, -1, "some", True, 1.5])
def test_join_is_all_any_or_a_number(wl: Orchestrator, join: Any) -> None:
    """Nothing else is a join."""
    with pytest.raises(ValidationError):
        make(wl, "t", join=join)


def test_time_without_zone_is_refused(wl: Orchestrator) -> None:
    """In Python times are aware."""
    with pytest.raises(ValidationError):
        make(wl, "t", not_before=datetime(2025, 1, 1))  # noqa: DTZ001 - the fault
    with pytest.raises(ValidationError, match="no stage of the lifecycle"):
        make(wl, "t", lifecycle_stage="nowhere")


def test_order_of_ready_tasks(wl: Orchestrator, clock: ManualClock) -> None:
    """By priority, lowest rank first, then by age, then by id; without one they come last."""
    for task_id, attributes in {
        "none": {}, "low": {"priority": "low"}, "seven": {"priority": 7}, "high": {"priority": "high"},
    }.items():  # fmt: skip
        make(wl, task_id, attributes=attributes)
    clock.advance("1 hour")
    make(wl, "b", "a", attributes={"priority": "high"})
    assert ready(wl) == ["high", "a", "b", "low", "seven", "none"]


def test_batch_refers_to_itself_in_any_order(wl: Orchestrator) -> None:
    """Parents and dependencies may come later in the list; the answer keeps the list's order."""
    answer = wl.batch_create(
        [
            NewTask(task_type="t", task_id="c", parent_task_id="p"),
            {"task_type": "t", "task_id": "d", "dependencies": [{"dependency_task_id": "e"}]},
            NewTask(task_type="t", task_id="p", parent_task_id="g"),
            NewTask(task_type="t", task_id="g"),
            NewTask(task_type="t", task_id="e"),
            NewTask(task_type="t"),
        ]
    )
    assert answer.task_ids == ("c", "d", "p", "g", "e", "task-1")
    assert answer.total_created == 6
    assert [found.hierarchy_level for found in answer.tasks] == [2, 0, 1, 0, 0, 0]
    assert task(wl, "d").status == "blocked"


def test_batch_whose_tasks_are_inside_one_another(wl: Orchestrator) -> None:
    """A ring of parents is refused."""
    with pytest.raises(ValidationError, match="inside one another"):
        wl.batch_create(
            [
                NewTask(task_type="t", task_id="a", parent_task_id="b"),
                NewTask(task_type="t", task_id="b", parent_task_id="a"),
            ]
        )


def test_batch_is_all_or_nothing(wl: Orchestrator) -> None:
    """One faulty task undoes the others; its place in the list is named."""
    good = NewTask(task_type="t", task_id="a")
    with pytest.raises(DuplicateTaskError) as caught:
        wl.batch_create([good, NewTask(task_type="t", task_id="a")])
    assert caught.value.field == "arguments.tasks[1].task_id"
    bad = NewTask(
        task_type="t",
        dependencies=(
            DependencySpec(dependency_task_id="a"),
            DependencySpec(dependency_task_id="nobody"),
        ),
    )
    with pytest.raises(DependencyNotFoundError) as missing:
        wl.batch_create([good, bad])
    assert missing.value.field == "arguments.tasks[1].dependencies[1].dependency_task_id"
    assert list(wl.events()) == []
