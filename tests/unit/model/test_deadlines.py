"""When tasks are due by their deadlines, which may be counted from times that others say."""

from __future__ import annotations

import pytest

from tests.unit.model.asking import go, make, task
from tests.unit.model.times import OFFICE, WINDOW, alarms, at
from worklattice import Orchestrator
from worklattice.testing import ManualClock
from worklattice.types import JsonObject


def test_earliest_of_several_deadlines_counts(wl: Orchestrator) -> None:
    """A date lasts until its end; whichever deadline comes first is when the task is due."""
    make(wl, "t", attributes={"due_date": "2025-01-03", "deadline": "2025-01-02T12:00:00Z", "sla": "5 days"})
    assert task(wl, "t").due_at == at("2025-01-02T12:00")
    wl.update_task("t", attributes={"deadline": None})
    assert task(wl, "t").due_at == at("2025-01-04")
    wl.update_task("t", attributes={"due_date": None})
    assert task(wl, "t").due_at == at("2025-01-06")


@pytest.mark.parametrize(
    ("attributes", "deadline", "due"),
    [
        ({"maintenance_window": WINDOW}, "24_hours_before_maintenance", "2025-01-28T02:00"),
        ({"maintenance_window": WINDOW}, "1 hour after maintenance", "2025-01-29T07:00"),
        ({"maintenance_window": WINDOW}, "1 hour after start of maintenance", "2025-01-29T03:00"),
        ({"maintenance_window": WINDOW}, "1 hour before maintenance end", "2025-01-29T05:00"),
        ({"release_date": "2025-02-01"}, "2 days before release", "2025-01-30"),
        ({"release_date": "2025-02-01"}, "2 days after release", "2025-02-04"),
        ({"go_live_at": "2025-02-01T08:00:00Z"}, "30 minutes after go_live", "2025-02-01T08:30"),
        ({"end_date": "2025-02-01"}, "1 day before end", "2025-01-31"),
        ({"goLive": "2025-02-01"}, "1 day before goLive", "2025-01-31"),
        ({}, "2 hours after creation", "2025-01-01T02:00"),
    ],
)
def test_deadline_counted_from_an_ancestor(
    wl: Orchestrator, attributes: JsonObject, deadline: str, due: str
) -> None:
    """Before is counted from the start of what it names, after from its end, unless the name says which."""
    make(wl, "root", attributes=attributes)
    make(wl, "middle", parent_task_id="root")
    make(wl, "leaf", parent_task_id="middle", attributes={"completion_deadline": deadline})
    assert task(wl, "leaf").due_at == at(due)
    assert wl.check() == []


def test_deadline_counted_from_the_instant_of_a_run(wl: Orchestrator, clock: ManualClock) -> None:
    """A run, and a step inside of it, are due so long after their instant, however late the tick was."""
    make(wl, "nightly", attributes={"schedule": "daily at 02:00", "deadline": "4 hours after run"})
    make(wl, "step", parent_task_id="nightly", attributes={"deadline": "1 hour after run"})
    assert task(wl, "nightly").due_at is None
    clock.set(at("2025-01-01T02:30"))
    (run,) = wl.tick().runs
    assert task(wl, run).due_at == at("2025-01-01T06:00")
    assert task(wl, "step:20250101T020000Z").due_at == at("2025-01-01T03:00")
    assert wl.check() == []


def test_scheduled_task_is_never_late(wl: Orchestrator, clock: ManualClock) -> None:
    """Its runs are, and what is inside of them; when the schedule goes, it is a task like any other."""
    make(wl, "nightly", attributes={"schedule": "daily at 02:00", "sla": "1 hour"})
    make(wl, "step", parent_task_id="nightly", attributes={"due_date": "2025-01-01"})
    clock.set(at("2025-01-03T02:00"))
    (run,) = wl.tick().runs
    assert alarms(wl) == []
    clock.set(at("2025-01-03T04:00"))
    wl.tick()
    assert [(name, task_id) for name, task_id, _ in alarms(wl)] == [
        ("breached", "step:20250103T020000Z"),
        ("warned", run),
        ("breached", run),
    ]
    assert wl.check() == []
    wl.update_task("nightly", attributes={"schedule": None})
    make(wl, "other")
    assert ("breached", "step", "2025-01-02T00:00:00Z") in alarms(wl)
    assert wl.check() == []


def test_nearest_ancestor_counts(wl: Orchestrator) -> None:
    """What stands on the task itself comes before what its ancestors say."""
    make(wl, "root", attributes={"release_date": "2025-03-01"})
    make(wl, "near", parent_task_id="root", attributes={"release_date": "2025-02-01"})
    make(wl, "leaf", parent_task_id="near", attributes={"deadline": "1 day before release"})
    assert task(wl, "leaf").due_at == at("2025-01-31")


def test_moved_anchor_moves_what_counts_from_it(wl: Orchestrator) -> None:
    """When an ancestor's window moves, or the task moves elsewhere, it is due at another time."""
    make(wl, "one", attributes={"release_date": "2025-02-01"})
    make(wl, "two", attributes={"release_date": "2025-04-01"})
    make(wl, "leaf", parent_task_id="one", attributes={"deadline": "1 day before release"})
    wl.update_task("one", attributes={"release_date": "2025-03-01"})
    assert task(wl, "leaf").due_at == at("2025-02-28")
    wl.update_task("leaf", parent_task_id="two")
    assert task(wl, "leaf").due_at == at("2025-03-31")
    wl.update_task("leaf", parent_task_id=None)
    assert task(wl, "leaf").due_at is None
    assert wl.check() == []
    wl.undo()
    assert task(wl, "leaf").due_at == at("2025-03-31")
    assert wl.check() == []


def test_deadline_without_an_anchor_is_warned_of(wl: Orchestrator) -> None:
    """Nothing says when that is: the task has no due time, and the answer says why."""
    answer = wl.create_generic_task("task", task_id="t", attributes={"deadline": "1 day before launch"})
    assert answer.task.due_at is None
    assert "neither the task nor an ancestor says when launch is" in answer.warnings[0]


def test_working_days_are_those_of_the_calendar(wl: Orchestrator) -> None:
    """Counted back over a weekend, and again when the calendar gets a holiday."""
    wl.define_calendar("office", OFFICE)
    make(wl, "t", attributes={"launch_at": "2025-01-06T12:00:00Z", "calendar": "office"})
    wl.update_task("t", attributes={"deadline": "2 working days before launch"})
    assert task(wl, "t").due_at == at("2025-01-02T12:00")
    wl.define_calendar("office", {**OFFICE, "holidays": ["2025-01-02"]})
    assert task(wl, "t").due_at == at("2025-01-01T12:00")
    assert wl.check() == []
    wl.undo()
    assert task(wl, "t").due_at == at("2025-01-02T12:00")
    wl.delete_calendar("office")
    assert task(wl, "t").due_at is None
    assert wl.check() == []


def test_date_ends_in_the_zone_of_the_calendar(wl: Orchestrator) -> None:
    """The end of the day is that of the people who work by the calendar."""
    wl.define_calendar("office", OFFICE)
    make(wl, "t", attributes={"due_date": "2025-01-03", "calendar": "office"})
    assert task(wl, "t").due_at == at("2025-01-03T23:00")
    attributes: JsonObject = {"launch_date": "2025-01-03", "calendar": "office"}
    make(wl, "u", attributes={**attributes, "deadline": "1 hour before launch"})
    make(wl, "v", attributes={**attributes, "deadline": "1 hour after launch"})
    assert (task(wl, "u").due_at, task(wl, "v").due_at) == (at("2025-01-02T22:00"), at("2025-01-04T00:00"))


def test_day_of_a_window_is_the_one_on_which_it_opens(wl: Orchestrator, clock: ManualClock) -> None:
    """Whatever the zone of the calendar: a deadline counts from the moment at which the window opens."""
    wl.define_calendar("office", OFFICE)
    make(wl, "m", attributes={"maintenance_window": "2025-01-03"})
    attributes: JsonObject = {"deadline": "1 hour before maintenance", "calendar": "office"}
    make(wl, "t", parent_task_id="m", attributes=attributes)
    assert task(wl, "t").due_at == at("2025-01-02T23:00")
    clock.set(at("2025-01-02T23:59"))
    assert [ready.task_id for ready in wl.get_ready_tasks().tasks] == ["t"]
    clock.set(at("2025-01-03"))
    assert [ready.task_id for ready in wl.get_ready_tasks().tasks] == ["m", "t"]


def test_deadline_counted_from_the_start_of_the_task(wl: Orchestrator, clock: ManualClock) -> None:
    """Before it is started there is none."""
    answer = wl.create_generic_task("t", task_id="t", attributes={"deadline": "30 minutes after start"})
    assert (answer.task.due_at, answer.warnings) == (None, ())
    clock.advance("1 hour")
    assert go(wl, "t", "active").due_at == at("2025-01-01T01:30")


def test_time_without_a_zone_is_utc(wl: Orchestrator) -> None:
    """It counts, and whoever wrote it is told; a date and a deadline in words need none."""
    attributes: JsonObject = {"deadline": "2025-01-02T10:00", "due_date": "2025-06-01"}
    answer = wl.create_generic_task("task", attributes=attributes)
    assert answer.task.due_at == at("2025-01-02T10:00")
    assert [warning.split(": ")[1] for warning in answer.warnings] == [
        "attributes.deadline says no time zone, and is read as UTC."
    ]
    wl.register_task_type("strict", strict=True)
    assert wl.create_generic_task("strict", attributes=attributes).task.due_at == at("2025-01-02T10:00")


def test_object_that_says_no_time_is_changed(wl: Orchestrator) -> None:
    """Of a task with others inside, which count nothing from it."""
    make(wl, "a", attributes={"said": {"x": 1}})
    make(wl, "b", parent_task_id="a", attributes={"deadline": "2 days before said"})
    wl.update_task("a", attributes={"said": {"x": 2}})
    assert task(wl, "b").due_at is None


def test_anchor_in_small_letters_counts_whatever_the_order(wl: Orchestrator) -> None:
    """Of attributes that differ by case alone; a database may keep them in another order."""
    said: JsonObject = {"release_at": "2025-03-01T00:00:00Z", "Release_At": "2025-02-01T00:00:00Z"}
    for name, attributes in (("a", said), ("b", dict(reversed(said.items())))):
        make(wl, name, attributes={**attributes, "deadline": "1 day before Release"})
        assert task(wl, name).due_at == at("2025-02-28")
