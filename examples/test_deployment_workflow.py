"""Unit tests of a workflow: a deployment that waits, soaks, is approved by hand, and is rolled back.

It shows how to test what your application plans: in memory, with a clock that the test moves and ids that
count, so that nothing sleeps and every run is the same. Run it with `pytest test_deployment_workflow.py`.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

import worklattice
from worklattice import CircularDependencyError, Orchestrator, PrerequisitesNotMetError
from worklattice.testing import ManualClock, SequentialIds


def plan_deployment(wl: Orchestrator) -> None:
    """The workflow under test; in your application, it stands in a module of its own."""
    with wl.transaction():
        wl.create_generic_task("deployment", task_id="release")
        wl.create_generic_task("step", task_id="staging", parent_task_id="release")
        wl.create_generic_task(
            "step",
            task_id="production",
            parent_task_id="release",
            dependencies=[{"dependency_task_id": "staging", "lag": "24 hours", "description": "soak"}],
        )
        wl.create_generic_task(
            "step",
            task_id="rollback",
            parent_task_id="release",
            dependencies=[{"dependency_task_id": "production", "outcome": "failure"}],
        )


@pytest.fixture
def clock() -> ManualClock:
    """A Monday morning."""
    return ManualClock(datetime(2025, 6, 16, 9, tzinfo=UTC))


@pytest.fixture
def wl(clock: ManualClock) -> Iterator[Orchestrator]:
    """A planned deployment."""
    with worklattice.open("memory:", clock=clock, ids=SequentialIds()) as wl:
        plan_deployment(wl)
        yield wl
        assert wl.check() == []


def ready(wl: Orchestrator) -> list[str]:
    """The steps that can be started now."""
    return [task.task_id for task in wl.get_ready_tasks(leaves_only=True).tasks]


def do(wl: Orchestrator, task_id: str, *, ends: str = "completed") -> tuple[str, ...]:
    """Start a step and end it; what that released."""
    wl.manage_lifecycle(task_id, "active")
    return wl.manage_lifecycle(task_id, ends).unblocked


def test_only_staging_can_start_at_first(wl: Orchestrator) -> None:
    """Everything else waits for it."""
    assert ready(wl) == ["staging"]
    with pytest.raises(PrerequisitesNotMetError) as refused:
        wl.manage_lifecycle("production", "active")
    assert refused.value.unmet[0].task_ids == ("staging",)


def test_production_waits_until_staging_has_soaked(wl: Orchestrator, clock: ManualClock) -> None:
    """A day passes by moving the clock."""
    do(wl, "staging")
    assert ready(wl) == []
    clock.advance("23 hours")
    assert ready(wl) == []
    clock.advance("1 hour")
    assert ready(wl) == ["production"]


def test_a_hotfix_may_skip_the_soaking_for_an_hour(wl: Orchestrator, clock: ManualClock) -> None:
    """A waiver lets production start, and expires by itself."""
    wl.manage_dependencies(
        "production",
        operation="waive",
        dependency_ids=["staging"],
        reason="hotfix",
        expires_at=clock.now + timedelta(hours=1),
    )
    assert "production" in ready(wl)
    clock.advance(timedelta(hours=1))
    assert "production" not in ready(wl)


def test_a_failed_production_releases_the_rollback(wl: Orchestrator, clock: ManualClock) -> None:
    """The rollback waits for a failure and for nothing else."""
    do(wl, "staging")
    clock.advance("1 day")
    assert do(wl, "production", ends="failed") == ("rollback",)
    assert ready(wl) == ["rollback"]


def test_a_good_production_leaves_the_rollback_blocked(wl: Orchestrator, clock: ManualClock) -> None:
    """What waits for a failure is not released by a success."""
    do(wl, "staging")
    clock.advance("1 day")
    assert do(wl, "production") == ()
    rollback = wl.get_dependencies("rollback").dependencies[0]
    assert rollback.state == "failed"


def test_the_release_cannot_be_called_done_too_early(wl: Orchestrator) -> None:
    """A parent is completed after everything inside it has ended."""
    wl.manage_lifecycle("release", "active")
    with pytest.raises(PrerequisitesNotMetError, match="staging"):
        wl.manage_lifecycle("release", "completed")


def test_a_plan_that_waits_for_itself_is_refused(wl: Orchestrator) -> None:
    """The error names the circle, and nothing was written."""
    before = wl.dump()
    with pytest.raises(CircularDependencyError) as refused:
        wl.manage_dependencies("staging", ["rollback"])
    assert set(refused.value.cycle) == {"staging", "production", "rollback"}
    assert wl.dump() == before


def test_what_happened_is_on_record(wl: Orchestrator, clock: ManualClock) -> None:
    """Each change is an event with its time and who made it."""
    clock.advance("2 hours")
    wl.manage_lifecycle("staging", "active", actor="alice")
    event = list(wl.events(kinds={"task.stage_changed"}))[-1]
    assert (event.actor, event.task_id, event.at) == ("alice", "staging", clock.now)
