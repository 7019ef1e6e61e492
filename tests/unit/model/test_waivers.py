"""Waiving dependencies: for a reason, for a time, and taking it back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.model.asking import finish, go, kinds, make, need, position, ready, state, status, versions
from worklattice import DependencySpec, Orchestrator, ValidationError
from worklattice.testing import ManualClock


def test_waived_edge_no_longer_holds_back(wl: Orchestrator) -> None:
    """A waiver releases the task, and says who gave it, when and why."""
    make(wl, "a", "t")
    need(wl, "t", "a")
    answer = wl.manage_dependencies(
        "t", operation="waive", dependency_ids=["a"], actor="ann", reason="the auditor agreed"
    )
    assert answer.unblocked == ("t",)
    (edge,) = answer.dependencies
    assert edge.state == "waived"
    assert edge.waiver is not None
    assert (edge.waiver.waived_by, edge.waiver.reason) == ("ann", "the auditor agreed")
    assert edge.waiver.expires_at is None


def test_each_of_several_is_waived_for_a_time_of_its_own(wl: Orchestrator, clock: ManualClock) -> None:
    """What the object of a dependency says of the end comes before what is said of all of them."""
    make(wl, "a", "b", "t")
    need(wl, "t", "a")
    need(wl, "t", "b")
    hour = timedelta(hours=1)
    answer = wl.manage_dependencies(
        "t",
        operation="waive",
        dependencies=[{"dependency_task_id": "a", "expires_at": "2025-01-01T01:00:00Z"}, "b"],
        expires_at=clock.now + 2 * hour,
    )
    ends = [edge.waiver and edge.waiver.expires_at for edge in answer.dependencies]
    assert ends == [clock.now + hour, clock.now + 2 * hour]
    with pytest.raises(ValidationError, match="expires_at"):
        wl.manage_dependencies("t", [DependencySpec(dependency_task_id="a", expires_at=clock.now + hour)])


def test_unwaived_edge_holds_back_again(wl: Orchestrator) -> None:
    """Taking a waiver back makes the task wait once more; taking back what is not there changes nothing."""
    make(wl, "a", "t")
    need(wl, "t", "a")
    wl.manage_dependencies("t", operation="waive", dependency_ids=["a"])
    wl.manage_dependencies("t", operation="unwaive", dependency_ids=["a"])
    assert status(wl, "t") == ["blocked"]
    before = versions(wl, "t")
    answer = wl.manage_dependencies("t", operation="unwaive", dependency_ids=["a"])
    assert answer.dependencies[0].waiver is None
    assert versions(wl, "t") == before


def test_waiver_expires_without_anyone_calling(wl: Orchestrator, clock: ManualClock) -> None:
    """At its end every read shows the edge as it is without the waiver, and the task blocked."""
    make(wl, "a", "t")
    need(wl, "t", "a")
    until = clock.now + timedelta(hours=1)
    wl.manage_dependencies("t", operation="waive", dependency_ids=["a"], expires_at=until)
    clock.advance(timedelta(minutes=59))
    assert ready(wl) == ["a", "t"]
    clock.advance(timedelta(minutes=1))
    assert (state(wl, "t"), status(wl, "t"), ready(wl)) == ("pending", ["blocked"], ["a"])
    assert [task.task_id for task in wl.query_tasks(filters={"status": "blocked"}).tasks] == ["t"]


def test_expiry_is_recorded_by_the_next_write(wl: Orchestrator, clock: ManualClock) -> None:
    """The first write after the end settles it, as an event before its own, with the signal that follows."""
    make(wl, "a", "t")
    need(wl, "t", "a")
    until = clock.now + timedelta(hours=1)
    wl.manage_dependencies("t", operation="waive", dependency_ids=["a"], expires_at=until)
    before = position(wl)
    clock.advance("2 hours")
    make(wl, "b")
    assert kinds(wl, before) == [
        ("time.passed", None),
        ("task.blocked", "t"),
        ("task.created", "b"),
        ("task.ready", "b"),
    ]


def test_waiver_of_the_past_is_refused(wl: Orchestrator, clock: ManualClock) -> None:
    """A waiver must end later than now."""
    make(wl, "a", "t")
    need(wl, "t", "a")
    with pytest.raises(ValidationError, match="has passed already"):
        wl.manage_dependencies("t", operation="waive", dependency_ids=["a"], expires_at=clock.now)


def test_waived_failure_satisfies_a_join(wl: Orchestrator) -> None:
    """A waiver counts towards the join, even of an edge that has failed."""
    make(wl, "a", "b")
    make(wl, "t", dependencies=["a", "b"])
    go(wl, "a", "active", "failed")
    finish(wl, "b")
    assert wl.manage_dependencies("t", operation="waive", dependency_ids=["a"]).unblocked == ("t",)


def test_waiving_again_replaces_the_waiver(wl: Orchestrator, clock: ManualClock) -> None:
    """The later waiver is the one that holds."""
    make(wl, "a", "t")
    need(wl, "t", "a")
    soon = clock.now + timedelta(hours=1)
    wl.manage_dependencies("t", operation="waive", dependency_ids=["a"], expires_at=soon)
    wl.manage_dependencies("t", operation="waive", dependency_ids=["a"])
    clock.advance("2 hours")
    assert state(wl, "t") == "waived"
