"""Signals: what the log says besides what was asked for."""

from __future__ import annotations

import pytest

from tests.unit.model.asking import finish, go, kinds, make, need, position
from worklattice import Orchestrator
from worklattice.testing import ManualClock


@pytest.fixture
def pair(wl: Orchestrator) -> Orchestrator:
    """`t` depends on `a`."""
    make(wl, "a", "t")
    need(wl, "t", "a")
    return wl


def test_new_task_is_ready_or_blocked(wl: Orchestrator) -> None:
    """Right after its creation the log says which; of one that is born active it says neither."""
    make(wl, "a")
    make(wl, "t", dependencies=["a"])
    make(wl, "w", lifecycle_stage="active")
    assert kinds(wl) == [
        ("task.created", "a"),
        ("task.ready", "a"),
        ("task.created", "t"),
        ("dependency.added", "t"),
        ("task.blocked", "t"),
        ("task.created", "w"),
    ]


def test_end_is_told_to_dependants(pair: Orchestrator) -> None:
    """The dependency is satisfied, then the dependant is ready, in the same commit."""
    go(pair, "a", "active")
    before = position(pair)
    pair.manage_lifecycle("a", "completed")
    assert kinds(pair, before) == [
        ("task.stage_changed", "a"),
        ("dependency.satisfied", "t"),
        ("task.ready", "t"),
    ]
    event = next(e for e in pair.events(after=before) if e.event_type == "dependency.satisfied")
    assert event.data == {"dependency_task_id": "a", "dependency_type": "completion"}


def test_failure_is_told_to_dependants(pair: Orchestrator) -> None:
    """A dependency that has failed is told; the dependant was blocked and stays so, silently."""
    go(pair, "a", "active")
    before = position(pair)
    pair.manage_lifecycle("a", "failed")
    assert kinds(pair, before) == [("task.stage_changed", "a"), ("dependency.failed", "t")]


def test_edge_that_is_added_satisfied_is_not_told(wl: Orchestrator) -> None:
    """Nothing changed by itself: the dependency came as it is."""
    make(wl, "a", "t")
    finish(wl, "a")
    before = position(wl)
    need(wl, "t", "a")
    assert kinds(wl, before) == [("dependency.added", "t")]


def test_conditions_that_begin_to_match_are_told(wl: Orchestrator) -> None:
    """A change of attributes that makes a dependency count, and satisfied, is told."""
    make(wl, "a", "t")
    finish(wl, "a")
    need(wl, "t", "a", conditions={"mode": "x"})
    before = position(wl)
    wl.update_task("t", attributes={"mode": "x"})
    assert kinds(wl, before) == [("task.updated", "t"), ("dependency.satisfied", "t")]


def test_waiver_taken_back_from_a_satisfied_edge_is_told(pair: Orchestrator) -> None:
    """From waived to satisfied is a change of the dependency, not of the task."""
    pair.manage_dependencies("t", operation="waive", dependency_ids=["a"])
    finish(pair, "a")
    before = position(pair)
    pair.manage_dependencies("t", operation="unwaive", dependency_ids=["a"])
    assert kinds(pair, before) == [("dependency.unwaived", "t"), ("dependency.satisfied", "t")]


def test_time_makes_ready(wl: Orchestrator, clock: ManualClock) -> None:
    """When a lag and a not_before have passed, the next write tells of what follows."""
    make(wl, "a", "t")
    need(wl, "t", "a", lag="1 hour")
    finish(wl, "a")
    before = position(wl)
    clock.advance("1 hour")
    wl.add_comment("a", "still here")
    assert kinds(wl, before) == [
        ("time.passed", None),
        ("dependency.satisfied", "t"),
        ("task.ready", "t"),
        ("comment.added", "a"),
    ]


def test_write_that_changes_nothing_records_no_time(wl: Orchestrator, clock: ManualClock) -> None:
    """What is due is recorded with a change, never alone."""
    make(wl, "t", not_before=clock.now.replace(hour=1))
    before = position(wl)
    clock.advance("2 hours")
    wl.update_task("t", attributes={})
    assert kinds(wl, before) == []


def test_holding_of_a_whole_tree_is_told(pair: Orchestrator) -> None:
    """Every task inside that stops waiting is told, and counted as unblocked."""
    make(pair, "c", "d", parent_task_id="t")
    go(pair, "a", "active")
    before = position(pair)
    answer = pair.manage_lifecycle("a", "completed")
    assert set(answer.unblocked) == {"t", "c", "d"}
    assert {task_id for kind, task_id in kinds(pair, before) if kind == "task.ready"} == {"t", "c", "d"}


def test_cancelled_task_is_not_unblocked(pair: Orchestrator) -> None:
    """A task that stops waiting because it has ended is released from nothing."""
    assert pair.manage_lifecycle("t", "cancelled").unblocked == ()


def test_notifications_are_requested_once_per_channel(pair: Orchestrator) -> None:
    """Each channel named gets one, in the answer and in the log; sending is the application's part."""
    answer = pair.manage_lifecycle("a", "active", notify_channels=["mail", "chat", "mail"], notes="at last")
    assert [note.channel for note in answer.notifications] == ["mail", "chat"]
    assert answer.notifications[0].text == "a: draft → active. at last"
    channels = [e.data["channel"] for e in pair.events() if e.event_type == "notification.requested"]
    assert channels == ["mail", "chat"]


def test_reason_and_actor_land_in_the_events(pair: Orchestrator) -> None:
    """Every event of a command carries who asked and why."""
    before = position(pair)
    pair.manage_lifecycle("a", "active", actor="ann", notes="go")
    pair.add_comment("a", "x", actor="bob", reason="for the record")
    said = [(event.actor, event.reason) for event in pair.events(after=before)]
    assert said == [("ann", "go"), ("bob", "for the record")]
