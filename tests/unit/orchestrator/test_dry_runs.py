"""Dry runs: the answer without the deed."""

from __future__ import annotations

import pytest

import worklattice
from tests.unit.model.asking import kinds, make, need, status
from worklattice import CircularDependencyError, NewTask, Orchestrator, PrerequisitesNotMetError
from worklattice.model.commands import CreateTask
from worklattice.testing import ManualClock, SequentialIds


def test_dry_run_answers_and_writes_nothing(wl: Orchestrator) -> None:
    """The answer is the one that the call would give, with the events that it would record."""
    make(wl, "a", "t")
    need(wl, "t", "a")
    wl.manage_lifecycle("a", "active")
    before = wl.dump(), kinds(wl)
    dry = wl.manage_lifecycle("a", "completed", dry_run=True)
    assert (wl.dump(), kinds(wl)) == before
    assert dry.events is not None
    assert [event.event_type for event in dry.events] == [
        "task.stage_changed",
        "dependency.satisfied",
        "task.ready",
    ]
    wet = wl.manage_lifecycle("a", "completed")
    assert (dry.unblocked, dry.task) == (wet.unblocked, wet.task)
    assert wet.events is None
    assert list(dry.events) == list(wl.events())[-3:]


def test_ids_of_a_dry_run_are_placeholders(clock: ManualClock) -> None:
    """They are told from real ones, and take none of these."""
    ids = SequentialIds()
    with worklattice.open("memory:", clock=clock, ids=ids) as wl:
        dry = wl.batch_create([NewTask(task_type="t"), NewTask(task_type="t")], dry_run=True)
        assert dry.task_ids == ("dry-run-1", "dry-run-2")
        assert ids() == "task-1"


def test_commands_of_a_dry_run_take_no_ids_either(clock: ManualClock) -> None:
    """What an execute would create has placeholders, each its own."""
    ids = SequentialIds()
    with worklattice.open("memory:", clock=clock, ids=ids) as wl:
        dry = wl.execute([CreateTask(task_type="t"), CreateTask(task_type="t")], dry_run=True)
        assert [created.task_id for created in dry.results] == ["dry-run-1", "dry-run-2"]
        assert ids() == "task-1"


def test_dry_run_is_refused_like_the_deed(wl: Orchestrator) -> None:
    """Guards and circles are looked at."""
    make(wl, "a", "t")
    need(wl, "t", "a")
    with pytest.raises(PrerequisitesNotMetError):
        wl.manage_lifecycle("t", "active", dry_run=True)
    with pytest.raises(CircularDependencyError):
        wl.manage_dependencies("a", ["t"], dry_run=True)


def test_dry_run_settles_time_for_itself(wl: Orchestrator, clock: ManualClock) -> None:
    """What is due counts in the answer and is not recorded by it."""
    make(wl, "t", not_before=clock.now.replace(hour=1))
    clock.advance("2 hours")
    dry = wl.manage_lifecycle("t", "active", dry_run=True)
    assert dry.events is not None
    assert [event.event_type for event in dry.events] == ["task.stage_changed"]
    assert kinds(wl) == [("task.created", "t")]
    assert status(wl, "t") == ["pending"]


def test_dry_run_before_anything_was_written(wl: Orchestrator) -> None:
    """An empty workspace stays empty, and answers the same each time."""
    first = wl.create_generic_task("t", dry_run=True)
    second = wl.create_generic_task("t", dry_run=True)
    assert first.task == second.task
    assert kinds(wl) == []
