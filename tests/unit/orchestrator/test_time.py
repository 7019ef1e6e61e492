"""The clock: every call has one now, and it never goes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

import worklattice
from tests.unit.model.asking import finish, make, need, ready, state, status, task
from worklattice import Orchestrator
from worklattice.testing import ManualClock


def test_clock_that_goes_back(wl: Orchestrator, clock: ManualClock) -> None:
    """Where the clock went back, calls happen at the time of the last event."""
    make(wl, "a")
    clock.advance(-3600)
    make(wl, "b")
    assert task(wl, "b").created_at == task(wl, "a").created_at


def test_what_was_due_stays_so_when_the_clock_goes_back(wl: Orchestrator, clock: ManualClock) -> None:
    """A lag that has been settled as passed does not open again."""
    make(wl, "a", "t")
    need(wl, "t", "a", lag="1 hour")
    finish(wl, "a")
    clock.advance("1 hour")
    make(wl, "settles")
    clock.advance(-7200)
    assert (state(wl, "t"), status(wl, "t")) == ("satisfied", ["pending"])


def test_reading_does_not_move_time(wl: Orchestrator, clock: ManualClock) -> None:
    """What only a read has seen as due is open again when the clock goes back."""
    make(wl, "t", not_before=clock.now + timedelta(hours=1))
    clock.advance("2 hours")
    assert ready(wl) == ["t"]
    clock.advance(-7200)
    assert ready(wl) == []


def test_call_without_an_event_does_not_move_time(wl: Orchestrator, clock: ManualClock) -> None:
    """An idempotency key that is used for nothing is kept, and the last event's time stays the last."""
    make(wl, "a")
    clock.advance("2 hours")
    wl.update_task("a", attributes={}, idempotency_key="k")
    clock.advance(-3600)
    make(wl, "b")
    assert task(wl, "b").created_at == clock.now


def test_clock_of_another_zone() -> None:
    """Times are kept in UTC, wherever the clock stands."""
    zone = timezone(timedelta(hours=2))
    with worklattice.open("memory:", clock=lambda: datetime(2025, 1, 1, 2, tzinfo=zone)) as wl:
        make(wl, "t")
        assert task(wl, "t").created_at == datetime(2025, 1, 1, tzinfo=UTC)
        assert task(wl, "t").created_at.tzinfo is UTC


def test_microseconds_are_kept(wl: Orchestrator, clock: ManualClock) -> None:
    """Times are exact to the microsecond, in rows and in the log."""
    clock.advance(timedelta(microseconds=123457))
    make(wl, "t")
    assert task(wl, "t").created_at.microsecond == 123457
    assert next(iter(wl.events())).at.microsecond == 123457


@pytest.mark.parametrize("status_asked", ["pending", "blocked"])
def test_every_read_judges_at_its_own_time(wl: Orchestrator, clock: ManualClock, status_asked: str) -> None:
    """Queries, filters, hierarchy and dependencies show a passed lag without a write."""
    make(wl, "a", "p")
    make(wl, "t", parent_task_id="p")
    need(wl, "t", "a", lag="1 hour")
    finish(wl, "a")
    if status_asked == "pending":
        clock.advance("1 hour")
    (child,) = wl.get_task_hierarchy("p").root_task.children
    assert child.status == status_asked
    assert wl.query_tasks(custom_filter=f"status = '{status_asked}' AND task_id = 't'").total_results == 1
    found = wl.query_tasks(filters={"task_id": "t"}, include_dependencies=True).tasks[0]
    assert found.status == status_asked


def test_what_is_late_is_found_by_every_tool_that_takes_filters(wl: Orchestrator, clock: ManualClock) -> None:
    """Queries, ready tasks, claims and bulk updates ask at the time of the call; whoever ends is not late."""
    half_past = (clock.now + timedelta(minutes=30)).isoformat()
    wl.create_generic_task("task", task_id="late", attributes={"due_at": half_past})
    wl.create_generic_task("task", task_id="later", attributes={"due_date": f"{clock.now:%Y-%m-%d}"})
    assert wl.query_tasks(filters={"overdue": True}).total_results == 0
    clock.advance("1 hour")
    late = {"overdue": True}
    assert [task.task_id for task in wl.query_tasks(filters=late).tasks] == ["late"]
    assert [task.task_id for task in wl.query_tasks(filters={"overdue": False}).tasks] == ["later"]
    assert [task.task_id for task in wl.get_ready_tasks(filters=late).tasks] == ["late"]
    assert wl.bulk_update({"attributes": {"priority": "critical"}}, filters=late).task_ids == ("late",)
    claimed = wl.claim_task("ada", filters=late)
    assert claimed.task is not None
    assert claimed.task.task_id == "late"
    assert claimed.claim is not None
    wl.manage_lifecycle("late", "cancelled", claim_token=claimed.claim.token)
    assert wl.query_tasks(filters=late).total_results == 0


def test_a_task_is_late_from_the_moment_at_which_it_is_due(wl: Orchestrator, clock: ManualClock) -> None:
    """Then it is overdue, has breached, and can no longer be on time, whatever asks."""
    due = clock.now + timedelta(hours=1)
    wl.create_generic_task("task", task_id="t", attributes={"due_at": due.isoformat()})
    assert wl.next_tick_at() == due
    for advance, late in (("59 minutes", 0), ("1 minute", 1)):
        clock.advance(advance)
        for whether in ("overdue", "breached"):
            assert wl.query_tasks(filters={whether: True}).total_results == late
    for stage in ("active", "completed"):
        wl.manage_lifecycle("t", stage)
    metrics = wl.query_tasks(include_metrics=True).metrics
    assert metrics is not None
    assert metrics.on_time_rate == 0
