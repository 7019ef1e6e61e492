"""What a command does to a task's version, times and attempt, and what it leaves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.model.asking import finish, go, make, need, task, times, versions
from worklattice import ConflictError, DependencySpec, Orchestrator, TaskUpdates
from worklattice.testing import ManualClock

START = datetime(2025, 1, 1, tzinfo=UTC)


def hours(number: float) -> datetime:
    return START + timedelta(hours=number)


def test_version_goes_up_by_one_for_each_command(wl: Orchestrator) -> None:
    """Creating makes version 1; each command that names the task adds one, however many events it has."""
    make(wl, "a", "b", "t")
    specs = [DependencySpec(dependency_task_id=other) for other in ("a", "b")]
    wl.manage_dependencies("t", specs)
    assert versions(wl, "t", "a", "b") == [2, 1, 1]
    make(wl, "p")
    wl.update_task("t", attributes={"x": 1}, parent_task_id="p", join="any")
    assert versions(wl, "t", "p") == [3, 1]
    wl.manage_dependencies("t", operation="replace")
    wl.add_comment("t", "done with")
    assert versions(wl, "t") == [5]
    go(wl, "t", "active")
    assert versions(wl, "t") == [6]


def test_what_is_derived_does_not_touch_the_version(wl: Orchestrator, clock: ManualClock) -> None:
    """A task that becomes ready, or whose child comes or goes, has neither a new version nor a new time."""
    make(wl, "a", "p")
    make(wl, "c", parent_task_id="p", dependencies=["a"])
    clock.advance("1 hour")
    finish(wl, "a")
    wl.delete_task("c")
    assert versions(wl, "p") == [1]
    assert task(wl, "p").updated_at == START


def test_change_that_changes_nothing_is_none(wl: Orchestrator) -> None:
    """An update to what is already there makes no event and no version."""
    make(wl, "t", attributes={"x": {"y": 1}})
    before = list(wl.events())
    answer = wl.update_task("t", attributes={"x": {"y": 1}, "z": None}, join="all", task_type="task")
    assert answer.task.version == 1
    assert list(wl.events()) == before


def test_times_of_a_life(wl: Orchestrator, clock: ManualClock) -> None:
    """The first start is kept; the end is the last one, gone after a reopening, kept when archived."""
    make(wl, "t")
    clock.advance("1 hour")
    assert times(go(wl, "t", "active")) == (hours(1), None)
    clock.advance("1 hour")
    assert times(go(wl, "t", "completed")) == (hours(1), hours(2))
    clock.advance("1 hour")
    assert times(go(wl, "t", "active")) == (hours(1), None)
    clock.advance("1 hour")
    assert times(go(wl, "t", "failed")) == (hours(1), hours(4))
    clock.advance("1 hour")
    assert times(go(wl, "t", "cancelled")) == (hours(1), hours(5))
    clock.advance("1 hour")
    found = go(wl, "t", "archived")
    assert times(found) == (hours(1), hours(5))
    assert (found.created_at, found.updated_at) == (START, hours(6))


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("draft", (None, None)),
        ("ready", (None, None)),
        ("blocked", (None, None)),
        ("active", (START, None)),
        ("review", (START, None)),
        ("completed", (START, START)),
        ("failed", (None, START)),
        ("cancelled", (None, START)),
        ("archived", (None, START)),
    ],
)
def test_times_at_birth(
    wl: Orchestrator, stage: str, expected: tuple[datetime | None, datetime | None]
) -> None:
    """A task that is born in a later stage has the times of that stage."""
    make(wl, "t", lifecycle_stage=stage)
    assert times(task(wl, "t")) == expected


def test_attempt_goes_up_with_each_reopening(wl: Orchestrator) -> None:
    """Going on after an end is another attempt; result and error of the one before are cleared."""
    make(wl, "t")
    wl.manage_lifecycle("t", "active", result={"rows": 1})
    found = wl.manage_lifecycle("t", "failed", error="disk full").task
    assert (found.attempt, found.result, found.error) == (1, {"rows": 1}, "disk full")
    found = go(wl, "t", "ready")
    assert (found.attempt, found.result, found.error) == (2, None, None)
    assert go(wl, "t", "active", "completed", "active").attempt == 3


def test_step_between_ends_is_no_attempt(wl: Orchestrator) -> None:
    """From failed to cancelled to archived nothing is tried again."""
    make(wl, "t", lifecycle_stage="failed")
    assert go(wl, "t", "cancelled", "archived").attempt == 1


def test_stale_version_is_refused(wl: Orchestrator) -> None:
    """Who expects another version hears which one there is, and nothing has changed."""
    make(wl, "t")
    wl.update_task("t", attributes={"x": 1}, expected_version=1)
    with pytest.raises(ConflictError, match="has version 2, not 1") as caught:
        wl.update_task("t", attributes={"x": 2}, expected_version=1)
    assert caught.value.details == {"task_id": "t", "expected_version": 1, "version": 2}
    assert task(wl, "t").attributes == {"x": 1}


def test_every_write_of_one_task_takes_an_expected_version(wl: Orchestrator) -> None:
    """Lifecycle, dependencies, comments and deletion look at it too."""
    make(wl, "a", "t")
    for call in (
        lambda: wl.manage_lifecycle("t", "active", expected_version=9),
        lambda: wl.manage_dependencies("t", ["a"], expected_version=9),
        lambda: wl.add_comment("t", "x", expected_version=9),
        lambda: wl.delete_task("t", expected_version=9),
    ):
        with pytest.raises(ConflictError):
            call()
    assert versions(wl, "t") == [1]


def test_bulk_update_adds_one_version_each(wl: Orchestrator) -> None:
    """The tasks that it changes get a version each, the others none."""
    make(wl, "a", "b", attributes={"team": "x"})
    make(wl, "c", attributes={"team": "y"})
    answer = wl.bulk_update(TaskUpdates(attributes={"team": "y"}), task_ids=["a", "b", "c", "a"])
    assert (answer.task_ids, answer.updated_count) == (("a", "b", "c"), 3)
    assert versions(wl, "a", "b", "c") == [2, 2, 1]


def test_detached_dependants_get_a_version(wl: Orchestrator) -> None:
    """Deleting what a task needs, and its dependency with it, changes the task."""
    make(wl, "a", "b", "t")
    need(wl, "t", "a")
    need(wl, "t", "b")
    wl.delete_task("a", detach=True)
    assert versions(wl, "t") == [4]
