"""Guards: what they refuse, in which words, and skipping them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.model.asking import finish, go, make, need, ready, status, task
from worklattice import NewTask, Orchestrator, PrerequisitesNotMetError
from worklattice.errors import Unmet
from worklattice.orchestrator.given import TaskGiven
from worklattice.testing import ManualClock


def refused(wl: Orchestrator, task_id: str, stage: str, **more: Any) -> PrerequisitesNotMetError:
    with pytest.raises(PrerequisitesNotMetError) as caught:
        wl.manage_lifecycle(task_id, stage, **more)
    return caught.value


@pytest.mark.parametrize("stage", ["active", "completed"])
def test_waiting_task_neither_starts_nor_completes(wl: Orchestrator, stage: str) -> None:
    """The error names what the task waits for, and where that stands."""
    make(wl, "a", "t")
    if stage == "completed":
        go(wl, "t", "active")
    need(wl, "t", "a")
    error = refused(wl, "t", stage)
    assert error.unmet == (Unmet(kind="dependency", text='it waits for "a" (pending)', task_ids=("a",)),)
    assert error.message == f'Task "t" cannot become {stage}: it waits for "a" (pending).'
    assert error.field == "arguments.lifecycle_stage"
    assert error.suggestion is not None


def test_join_says_how_many_it_needs(wl: Orchestrator) -> None:
    """With a join, the error says how many of how many."""
    make(wl, "a", "b", "c")
    make(wl, "t", dependencies=["a", "b", "c"], join=2)
    finish(wl, "b")
    text = refused(wl, "t", "active").unmet[0].text
    assert text == 'it waits for "a" (pending), "c" (pending) (2 of 3 needed)'
    wl.update_task("t", join=9)
    assert refused(wl, "t", "active").unmet[0].text.endswith("(3 of 3 needed)")


def test_types_and_states_are_named(wl: Orchestrator) -> None:
    """An edge that is no plain completion is named by its type; a failed one is said to have failed."""
    make(wl, "a", "t")
    need(wl, "t", "a", "start_to_start")
    wl.manage_lifecycle("a", "cancelled")
    assert refused(wl, "t", "active").unmet[0].text == 'it waits for start_to_start of "a" (failed)'


def test_a_failure_that_did_not_come(wl: Orchestrator) -> None:
    """A dependency on a failure that failed says that the other task itself did not."""
    make(wl, "deploy", "rollback")
    wl.manage_dependencies("rollback", [{"dependency_task_id": "deploy", "outcome": "failure"}])
    finish(wl, "deploy")
    text = refused(wl, "rollback", "active").unmet[0].text
    assert text == 'it waits for "deploy" (failed: it is completed)'


def test_a_lag_says_until_when(wl: Orchestrator, clock: ManualClock) -> None:
    """Where only the lag has still to pass, the error names the time; before that nobody knows it."""
    make(wl, "a", "t", "u")
    need(wl, "t", "a", lag="1 hour")
    need(wl, "u", "a", "finish_to_finish", lag="90 minutes")
    assert refused(wl, "t", "active").unmet[0].text == 'it waits for "a" (pending)'
    finish(wl, "a")
    assert refused(wl, "t", "active").unmet[0].text == 'it waits for "a" (pending until 2025-01-01T01:00:00Z)'
    go(wl, "u", "active")
    text = refused(wl, "u", "completed").unmet[0].text
    assert text == 'to finish it needs finish_to_finish of "a" (pending until 2025-01-01T01:30:00Z)'
    clock.advance("1 hour")
    assert go(wl, "t", "active").status == "active"


def test_ancestors_that_hold_back_are_named(wl: Orchestrator) -> None:
    """An ancestor waits itself, or is withdrawn; both are said."""
    make(wl, "a", "top")
    make(wl, "middle", parent_task_id="top")
    make(wl, "t", parent_task_id="middle")
    need(wl, "top", "a")
    wl.manage_lifecycle("middle", "cancelled")
    texts = [reason.text for reason in refused(wl, "t", "active").unmet]
    assert texts == ['its ancestor "middle" is cancelled', 'its ancestor "top" waits itself']


def test_task_with_open_children_does_not_complete(wl: Orchestrator) -> None:
    """The open children are counted and named; ended ones, however they ended, are no hindrance."""
    make(wl, "p", lifecycle_stage="active")
    make(wl, "x", "y", "z", parent_task_id="p")
    wl.manage_lifecycle("x", "cancelled")
    assert refused(wl, "p", "completed").unmet == (
        Unmet(kind="children", text='it has 2 open children: "y", "z"', task_ids=("y", "z")),
    )
    finish(wl, "y", "z")
    assert go(wl, "p", "completed").status == "completed"


def test_failing_and_cancelling_are_not_guarded(wl: Orchestrator) -> None:
    """A waiting task with open children may still be cancelled."""
    make(wl, "a", "p")
    make(wl, "c", parent_task_id="p")
    need(wl, "p", "a")
    assert go(wl, "p", "cancelled").status == "cancelled"


def test_every_reason_is_given_at_once(wl: Orchestrator, clock: ManualClock) -> None:
    """A task that is kept back in three ways hears of all three."""
    make(wl, "a")
    make(wl, "p", dependencies=["a"])
    make(wl, "t", parent_task_id="p", dependencies=["a"], not_before=clock.now + timedelta(hours=1))
    assert [reason.kind for reason in refused(wl, "t", "active").unmet] == [
        "dependency",
        "ancestor",
        "not_before",
    ]


def test_not_before_guards_the_start(wl: Orchestrator, clock: ManualClock) -> None:
    """Before its time a task is neither ready nor may it start; afterwards it is and may."""
    make(wl, "t", not_before=clock.now + timedelta(hours=1))
    assert (ready(wl), status(wl, "t")) == ([], ["pending"])
    assert "before 2025-01-01T01:00:00Z" in refused(wl, "t", "active").message
    clock.advance("1 hour")
    assert ready(wl) == ["t"]
    go(wl, "t", "active")


def test_not_before_does_not_stop_what_has_started(wl: Orchestrator, clock: ManualClock) -> None:
    """A task under way goes on to review and back, whatever was said since; to reopen it is to start it."""
    make(wl, "t")
    go(wl, "t", "active")
    wl.update_task("t", not_before=clock.now + timedelta(hours=1))
    go(wl, "t", "review")
    go(wl, "t", "active")
    go(wl, "t", "completed")
    assert "before 2025-01-01T01:00:00Z" in refused(wl, "t", "active").message


def test_not_before_is_lifted(wl: Orchestrator, clock: ManualClock) -> None:
    """Null lifts it; a time that has passed does so too."""
    make(wl, "t", "u", not_before=clock.now + timedelta(hours=1))
    wl.update_task("t", not_before=None)
    wl.update_task("u", not_before=clock.now)
    assert ready(wl) == ["t", "u"]


def test_skipped_guards_are_recorded(wl: Orchestrator) -> None:
    """Without checks the task goes on; the event says so, and the answer warns of what was skipped."""
    make(wl, "a", "t")
    need(wl, "t", "a")
    answer = wl.manage_lifecycle("t", "active", validation_checks=False)
    assert not answer.prerequisites_met
    assert answer.warnings == ('Guards were skipped for "t": it waits for "a" (pending).',)
    event = next(e for e in wl.events() if e.event_type == "task.stage_changed")
    assert event.data["validation_checks"] is False
    assert status(wl, "t") == ["blocked"]


def test_guards_hold_at_birth(wl: Orchestrator) -> None:
    """A task is not born active while it would wait, nor completed with open finish edges."""
    make(wl, "a")
    with pytest.raises(PrerequisitesNotMetError, match="cannot be created as active") as caught:
        make(wl, "t", dependencies=["a"], lifecycle_stage="active")
    assert caught.value.field == "arguments.lifecycle_stage"
    with pytest.raises(PrerequisitesNotMetError):
        make(
            wl,
            "t",
            lifecycle_stage="completed",
            dependencies=[{"dependency_task_id": "a", "dependency_type": "finish_to_finish"}],
        )
    make(wl, "t", dependencies=["a"], lifecycle_stage="active", validation_checks=False)
    assert status(wl, "t") == ["blocked"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_guards_of_a_batch_look_at_the_whole(wl: Orchestrator, order: tuple[int, int]) -> None:
    """A task of a batch that another one blocks is not born active, in whatever order they stand."""
    make(wl, "a")
    tasks: list[TaskGiven] = [
        NewTask(task_type="task", task_id="t", parent_task_id="p", lifecycle_stage="active"),
        {"task_type": "task", "task_id": "p", "dependencies": [{"dependency_task_id": "a"}]},
    ]
    with pytest.raises(PrerequisitesNotMetError) as caught:
        wl.batch_create([tasks[index] for index in order])
    assert [reason.kind for reason in caught.value.unmet] == ["ancestor"]
    assert [found.task_id for found in wl.query_tasks().tasks] == ["a"]


def test_reopening_a_task_that_waits_is_refused(wl: Orchestrator) -> None:
    """A completed task does not go back to work while what it needs is open again."""
    make(wl, "a")
    make(wl, "t", dependencies=["a"])
    finish(wl, "a", "t")
    go(wl, "a", "active")
    assert status(wl, "t") == ["completed"]
    refused(wl, "t", "active")
    assert task(wl, "t").lifecycle_stage == "completed"
