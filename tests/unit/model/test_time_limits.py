"""How long a task may be under way, since when that counts, and that it is told once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.model.asking import claim, go, make
from tests.unit.model.times import alarms
from worklattice import Orchestrator
from worklattice.testing import ManualClock


def test_limit_of_a_task_under_way(wl: Orchestrator, clock: ManualClock) -> None:
    """A started task that has not ended when its limit runs out is told of, once."""
    make(wl, "t", "quick", attributes={"rollback_time_limit": "30_minutes"})
    clock.advance("1 hour")
    go(wl, "t", "active")
    go(wl, "quick", "active", "completed")
    clock.advance("1 hour")
    make(wl, "a")
    clock.advance(timedelta(hours=1))
    make(wl, "b")
    assert alarms(wl) == [("overran", "t", "2025-01-01T01:30:00Z")]


@pytest.mark.parametrize("by_claim", [True, False])
def test_limit_counts_while_somebody_works(wl: Orchestrator, clock: ManualClock, *, by_claim: bool) -> None:
    """It stops when the task is given back, and begins anew with the next start."""
    make(wl, "t", attributes={"rollback_time_limit": "1 hour"})
    if by_claim:
        wl.manage_lifecycle("t", "active", claim_token=claim(wl, "t", lease="10 minutes").token)
    else:
        go(wl, "t", "active")
    clock.advance("10 minutes")
    if not by_claim:
        go(wl, "t", "ready")
    clock.advance("3 hours")
    make(wl, "a")
    assert alarms(wl) == []
    go(wl, "t", "active", "blocked")
    clock.advance("5 hours")
    make(wl, "b")
    assert alarms(wl) == [("overran", "t", "2025-01-01T04:10:00Z")]
    assert wl.check(replay=True) == []


def test_limit_that_comes_later(wl: Orchestrator, clock: ManualClock) -> None:
    """It counts from the first start; after a reopening from when it came, for nothing else is known."""
    make(wl, "t")
    go(wl, "t", "active")
    clock.advance("30 minutes")
    wl.update_task("t", attributes={"rollback_time_limit": "1 hour"})
    clock.advance("1 hour")
    make(wl, "a")
    assert alarms(wl) == [("overran", "t", "2025-01-01T01:00:00Z")]
    wl.update_task("t", attributes={"rollback_time_limit": None})
    go(wl, "t", "failed", "active")
    clock.advance("1 hour")
    wl.update_task("t", attributes={"rollback_time_limit": "1 hour"})
    clock.advance("2 hours")
    make(wl, "b")
    assert alarms(wl)[1:] == [("overran", "t", "2025-01-01T03:30:00Z")]
    assert wl.check(replay=True) == []


def test_limit_that_is_mended(wl: Orchestrator, clock: ManualClock) -> None:
    """It counts from when the work began, in every attempt, also of a task that is blocked meanwhile."""
    make(wl, "t", attributes={"rollback_time_limit": "1 hour"})
    go(wl, "t", "active", "failed", "active", "blocked")
    clock.advance("50 minutes")
    wl.update_task("t", attributes={"rollback_time_limit": "1 hoor"})
    wl.update_task("t", attributes={"rollback_time_limit": "1 hour"})
    clock.advance("10 minutes")
    wl.tick()
    assert alarms(wl) == [("overran", "t", "2025-01-01T01:00:00Z")]
    assert wl.check(replay=True) == []


def test_limit_that_comes_while_the_task_is_blocked(wl: Orchestrator, clock: ManualClock) -> None:
    """The work had begun all the same."""
    make(wl, "t")
    go(wl, "t", "active", "blocked")
    clock.advance("50 minutes")
    wl.update_task("t", attributes={"rollback_time_limit": "1 hour"})
    clock.advance("20 minutes")
    wl.tick()
    assert alarms(wl) == [("overran", "t", "2025-01-01T01:00:00Z")]


def test_limit_begins_anew_with_a_reopening(wl: Orchestrator, clock: ManualClock) -> None:
    """Not from the first start, and not before the new one."""
    make(wl, "t", attributes={"rollback_time_limit": "30 minutes"})
    go(wl, "t", "active", "completed")
    clock.advance("1 day")
    go(wl, "t", "active")
    make(wl, "a")
    assert alarms(wl) == []
    go(wl, "t", "failed", "ready")
    clock.advance("1 day")
    make(wl, "b")
    assert alarms(wl) == []
    go(wl, "t", "active")
    clock.advance("1 hour")
    make(wl, "c")
    assert alarms(wl) == [("overran", "t", "2025-01-03T00:30:00Z")]
    assert wl.check(replay=True) == []
