"""When tasks are due, what warns of it and what is told when it is missed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

import worklattice
from tests.unit.model.asking import go, make, task
from worklattice import Orchestrator
from worklattice.testing import ManualClock
from worklattice.types import JsonObject, JsonValue

OFFICE: JsonObject = {"working_hours": {"mon-fri": ["09:00-17:00"]}, "time_zone": "Europe/Berlin"}
WINDOW: JsonObject = {"start": "2025-01-29T02:00:00Z", "end": "2025-01-29T06:00:00Z"}


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def alarms(wl: Orchestrator) -> list[tuple[str, str | None, str]]:
    """The alarms that went off: kind, task, and the moment for which."""
    kinds = {"clock.warned", "clock.breached", "clock.overran"}
    events = wl.events(kinds=kinds)
    return [
        (event.event_type.split(".")[1], event.task_id, next(str(v) for v in event.data.values()))
        for event in events
    ]


# --- deadlines ------------------------------------------------------------------------------------------


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


# --- service levels -------------------------------------------------------------------------------------


def test_warned_then_breached_once(wl: Orchestrator, clock: ManualClock) -> None:
    """At four fifths is warned, at the end is told, and neither again."""
    make(wl, "t", attributes={"sla": "10 minutes"})
    clock.advance("9 minutes")
    make(wl, "other")
    assert alarms(wl) == [("warned", "t", "2025-01-01T00:08:00Z")]
    clock.advance("1 hour")
    for name in ("a", "b"):
        make(wl, name)
    assert alarms(wl)[1:] == [("breached", "t", "2025-01-01T00:10:00Z")]
    assert task(wl, "t").breached_at == at("2025-01-01T00:10")
    assert wl.check() == []


def test_read_shows_a_breach_that_nobody_has_written(wl: Orchestrator, clock: ManualClock) -> None:
    """Reading settles for itself what is due, and writes nothing."""
    make(wl, "t", attributes={"sla": "10 minutes"})
    clock.advance("10 minutes")
    assert task(wl, "t").breached_at == at("2025-01-01T00:10")
    assert [hit.task_id for hit in wl.query_tasks(filters={"breached": True}).tasks] == ["t"]
    assert alarms(wl) == []


def test_share_at_which_is_warned(wl: Orchestrator, clock: ManualClock) -> None:
    """The task says it; at the whole there is no warning beside the breach."""
    make(wl, "half", attributes={"sla": "10 minutes", "sla_warn_at": "50%"})
    make(wl, "whole", attributes={"sla": "10 minutes", "sla_warn_at": 1})
    clock.advance("10 minutes")
    make(wl, "other")
    assert alarms(wl) == [
        ("warned", "half", "2025-01-01T00:05:00Z"),
        ("breached", "half", "2025-01-01T00:10:00Z"),
        ("breached", "whole", "2025-01-01T00:10:00Z"),
    ]


def test_ended_in_time_is_never_told(wl: Orchestrator, clock: ManualClock) -> None:
    """What ends by its due time has kept it."""
    make(wl, "t", attributes={"sla": "10 minutes"})
    clock.advance("5 minutes")
    go(wl, "t", "active", "completed")
    clock.advance("1 hour")
    make(wl, "other")
    assert alarms(wl) == []
    assert task(wl, "t").breached_at is None


def test_pause_stops_the_clock(wl: Orchestrator, clock: ManualClock) -> None:
    """In a stage in which it pauses, the task has no due time; afterwards it has what was left."""
    make(wl, "t", attributes={"sla": "10 minutes", "sla_pauses_in": ["blocked"]}, lifecycle_stage="active")
    clock.advance("4 minutes")
    go(wl, "t", "blocked")
    assert task(wl, "t").due_at is None
    clock.advance("1 hour")
    assert go(wl, "t", "active").due_at == at("2025-01-01T01:10")
    assert wl.check() == []
    clock.advance("7 minutes")
    make(wl, "other")
    assert [name for name, *_ in alarms(wl)] == ["warned", "breached"]


def test_pause_after_the_breach_repeats_nothing(wl: Orchestrator, clock: ManualClock) -> None:
    """A breach stays what it was, whatever pauses later."""
    make(wl, "t", attributes={"sla": "10 minutes", "sla_pauses_in": "blocked"}, lifecycle_stage="active")
    clock.advance("20 minutes")
    go(wl, "t", "blocked")
    clock.advance("20 minutes")
    go(wl, "t", "active")
    clock.advance("20 minutes")
    make(wl, "other")
    assert [name for name, *_ in alarms(wl)] == ["warned", "breached"]
    assert task(wl, "t").breached_at == at("2025-01-01T00:10")
    assert wl.check() == []


def test_late_task_that_pauses_stays_late(wl: Orchestrator, clock: ManualClock) -> None:
    """Of an SLA that is used up nothing is left to stand still."""
    make(wl, "t", attributes={"sla": "1 hour", "sla_pauses_in": "blocked"}, lifecycle_stage="active")
    clock.advance("2 hours")
    go(wl, "t", "blocked")
    assert task(wl, "t").due_at == at("2025-01-01T01:00")
    assert [hit.task_id for hit in wl.query_tasks(filters={"overdue": True}).tasks] == ["t"]
    assert wl.check() == []


def test_task_that_ends_while_it_pauses_was_in_time(wl: Orchestrator, clock: ManualClock) -> None:
    """It was due as if it had gone on at its end, so that it counts among what was in time."""
    make(wl, "t", attributes={"sla": "4 hours", "sla_pauses_in": "review"}, lifecycle_stage="active")
    clock.advance("1 hour")
    go(wl, "t", "review")
    clock.advance("6 hours")
    assert go(wl, "t", "completed").due_at == at("2025-01-01T10:00")
    metrics = wl.query_tasks(include_metrics=True).metrics
    assert metrics is not None
    assert metrics.on_time_rate == 1
    assert wl.check() == []


@pytest.mark.parametrize("ticks", [True, False])
def test_claim_that_ran_out_long_ago(wl: Orchestrator, clock: ManualClock, *, ticks: bool) -> None:
    """The task was given back then, and its clock has stood still since, whoever noticed it when."""
    attributes: JsonObject = {"sla": "4 hours", "sla_pauses_in": "ready"}
    make(wl, "t", attributes=attributes, lifecycle_stage="draft")
    held = wl.claim_task("ann", task_id="t", lease="30 minutes").claim
    assert held is not None
    wl.manage_lifecycle("t", "active", claim_token=held.token)
    clock.advance("30 minutes")
    if ticks:
        wl.tick()
    clock.advance("9 hours")
    make(wl, "other")
    assert alarms(wl) == []
    assert go(wl, "t", "active").due_at == at("2025-01-01T13:00")
    assert wl.check(replay=True) == []


def test_alarm_before_a_claim_ran_out(wl: Orchestrator, clock: ManualClock) -> None:
    """It went off, although the clock has stood still since."""
    attributes: JsonObject = {"sla": "10 minutes", "sla_pauses_in": "ready"}
    make(wl, "t", attributes=attributes)
    held = wl.claim_task("ann", task_id="t", lease="30 minutes").claim
    assert held is not None
    wl.manage_lifecycle("t", "active", claim_token=held.token)
    clock.advance("9 hours")
    make(wl, "other")
    assert [name for name, *_ in alarms(wl)] == ["warned", "breached"]
    assert wl.check(replay=True) == []


def test_due_time_beyond_all_calendars(wl: Orchestrator, clock: ManualClock) -> None:
    """There is none then."""
    clock.set(at("9990-01-01"))
    make(wl, "t", attributes={"sla": "36500 days", "rollback_time_limit": "36500 days"})
    assert go(wl, "t", "active").due_at is None


def test_pause_in_a_stage_that_is_none(wl: Orchestrator) -> None:
    """A slip of the pen is told, for the clock would never stand still."""
    answer = wl.create_generic_task("t", attributes={"sla": "1 hour", "sla_pauses_in": "blokced"})
    assert 'pauses in no stage "blokced"' in answer.warnings[0]


def test_sla_from_the_start(wl: Orchestrator, clock: ManualClock) -> None:
    """It does not run before the task is started."""
    make(wl, "t", attributes={"sla": "10 minutes", "sla_from": "start"})
    assert task(wl, "t").due_at is None
    clock.advance("1 hour")
    assert go(wl, "t", "active").due_at == at("2025-01-01T01:10")


@pytest.mark.parametrize(("since", "due"), [("creation", "2025-01-01T02:10"), ("start", "2025-01-01T03:10")])
def test_reopening_begins_a_new_cycle(wl: Orchestrator, clock: ManualClock, since: str, due: str) -> None:
    """The SLA of a reopened task runs anew, and can be breached anew."""
    make(wl, "t", attributes={"sla": "10 minutes", "sla_from": since})
    go(wl, "t", "active")
    clock.advance("1 hour")
    go(wl, "t", "failed")
    clock.advance("1 hour")
    go(wl, "t", "ready")
    clock.advance("1 hour")
    go(wl, "t", "active")
    assert task(wl, "t").due_at == at(due)
    assert wl.check() == []
    clock.advance("1 hour")
    make(wl, "other")
    assert [name for name, *_ in alarms(wl)].count("breached") == 2


def test_sla_in_working_hours(wl: Orchestrator, clock: ManualClock) -> None:
    """Nights and weekends do not count; nor do they while it pauses."""
    wl.define_calendar("office", OFFICE)
    clock.set(at("2025-01-03T15:00"))  # a Friday, 16:00 in Berlin
    attributes: JsonObject = {"sla": "3 hours", "calendar": "office", "sla_pauses_in": "blocked"}
    make(wl, "t", attributes=attributes, lifecycle_stage="active")
    assert task(wl, "t").due_at == at("2025-01-06T10:00")
    clock.set(at("2025-01-06T09:00"))  # Monday, 10:00 in Berlin: two hours are used
    go(wl, "t", "blocked")
    clock.advance("1 hour")
    assert go(wl, "t", "active").due_at == at("2025-01-06T11:00")
    assert wl.check() == []


def test_later_deadline_lifts_the_breach(wl: Orchestrator, clock: ManualClock) -> None:
    """A task that may take longer has not missed its time by now, and can miss the new one."""
    make(wl, "t", attributes={"deadline": "2025-01-01T01:00:00Z"})
    clock.advance("2 hours")
    make(wl, "other")
    wl.update_task("t", attributes={"deadline": "2025-01-01T05:00:00Z"})
    assert task(wl, "t").breached_at is None
    clock.advance("4 hours")
    make(wl, "another")
    assert [moment for _, _, moment in alarms(wl)] == ["2025-01-01T01:00:00Z", "2025-01-01T05:00:00Z"]


def test_undo_repeats_no_alarm(wl: Orchestrator, clock: ManualClock) -> None:
    """Taking back what was done before a breach does not take back that it was told."""
    make(wl, "t", attributes={"sla": "10 minutes", "sla_pauses_in": "blocked"})
    go(wl, "t", "active", "blocked", "active")
    clock.advance("20 minutes")
    make(wl, "other")
    wl.undo()
    wl.undo()
    assert task(wl, "t").lifecycle_stage == "blocked"
    assert wl.check() == []
    assert [name for name, *_ in alarms(wl)] == ["warned", "breached"]
    go(wl, "t", "active")
    clock.advance("20 minutes")
    make(wl, "another")
    assert [name for name, *_ in alarms(wl)].count("breached") <= 2


def test_alarms_come_back_from_a_dump(wl: Orchestrator, clock: ManualClock) -> None:
    """A restored workspace tells nothing again, and goes on where the clock stood still."""
    make(wl, "t", attributes={"sla": "10 minutes"})
    make(wl, "p", attributes={"sla": "10 minutes", "sla_pauses_in": "blocked"}, lifecycle_stage="active")
    go(wl, "p", "blocked")
    clock.advance("20 minutes")
    make(wl, "other")
    with worklattice.open("memory:", clock=clock) as restored:
        restored.restore(wl.dump().splitlines(keepends=True))
        assert restored.dump() == wl.dump()
        clock.advance("20 minutes")
        make(restored, "another")
        assert alarms(restored) == []
        assert task(restored, "t").breached_at == at("2025-01-01T00:10")
        assert task(restored, "p").due_at is None
        assert restored.check() == []


def test_state_at_a_position_has_the_alarms_of_then(wl: Orchestrator, clock: ManualClock) -> None:
    """Replaying the log gives the clock of each moment."""
    make(wl, "t", attributes={"sla": "10 minutes", "sla_pauses_in": "blocked"}, lifecycle_stage="active")
    clock.advance("5 minutes")
    go(wl, "t", "blocked")
    clock.advance("5 minutes")
    go(wl, "t", "active")
    clock.advance("20 minutes")
    make(wl, "other")
    assert wl.check(replay=True) == []


# --- windows --------------------------------------------------------------------------------------------


def test_window_holds_the_start(wl: Orchestrator, clock: ManualClock) -> None:
    """Before its window a task is neither ready nor started; inside it is; behind it is not again."""
    make(wl, "t", attributes={"maintenance_window": WINDOW})
    assert wl.get_ready_tasks().tasks == ()
    with pytest.raises(worklattice.PrerequisitesNotMetError, match="opens at 2025-01-29T02:00:00Z"):
        wl.manage_lifecycle("t", "active")
    with pytest.raises(worklattice.PrerequisitesNotMetError, match="opens at 2025-01-29T02:00:00Z"):
        wl.claim_task("ann", task_id="t", lease="1 hour")
    clock.set(at("2025-01-29T02:00"))
    assert [ready.task_id for ready in wl.get_ready_tasks().tasks] == ["t"]
    make(wl, "other")
    assert wl.check() == []
    clock.set(at("2025-01-29T06:00"))
    assert [ready.task_id for ready in wl.get_ready_tasks().tasks] == ["other"]
    with pytest.raises(worklattice.PrerequisitesNotMetError, match="does not open again"):
        wl.manage_lifecycle("t", "active")
    assert wl.check() == []


def test_readiness_by_a_window_is_told(wl: Orchestrator, clock: ManualClock) -> None:
    """The first write after the window opens tells that the task is ready."""
    make(wl, "t", attributes={"maintenance_window": WINDOW})
    clock.set(at("2025-01-29T03:00"))
    make(wl, "other")
    ready = [event.task_id for event in wl.events(kinds={"task.ready"})]
    assert ready == ["t", "other"]


def test_started_in_time_goes_on_behind_the_window(wl: Orchestrator, clock: ManualClock) -> None:
    """The window guards the start alone."""
    make(wl, "t", attributes={"maintenance_window": WINDOW})
    clock.set(at("2025-01-29T05:00"))
    go(wl, "t", "active")
    clock.set(at("2025-01-29T09:00"))
    assert go(wl, "t", "review", "active", "completed").status == "completed"


def test_child_bound_to_the_window_of_its_parent(wl: Orchestrator, clock: ManualClock) -> None:
    """What says so is bound to it; preparation beside it is not."""
    make(wl, "m", attributes={"maintenance_window": WINDOW})
    make(wl, "prepare", parent_task_id="m")
    make(wl, "execute", parent_task_id="m", attributes={"execution_window": "maintenance"})
    assert [ready.task_id for ready in wl.get_ready_tasks().tasks] == ["prepare"]
    wl.update_task("m", attributes={"maintenance_window": {**WINDOW, "start": "2025-01-01T00:00:00Z"}})
    assert {ready.task_id for ready in wl.get_ready_tasks().tasks} == {"m", "prepare", "execute"}
    assert wl.check() == []


def test_window_that_comes_again(wl: Orchestrator, clock: ManualClock) -> None:
    """Every Sunday from two to four: closed, open, closed, open."""
    attributes: JsonObject = {
        "maintenance_window": {"schedule": "weekly on sunday at 02:00", "duration": "2 hours"}
    }
    make(wl, "t", attributes=attributes)
    for day in ("2025-01-05", "2025-01-12"):
        clock.set(at(f"{day}T01:59"))
        assert wl.get_ready_tasks().tasks == ()
        clock.set(at(f"{day}T02:00"))
        assert [ready.task_id for ready in wl.get_ready_tasks().tasks] == ["t"]
        clock.set(at(f"{day}T04:00"))
        assert wl.get_ready_tasks().tasks == ()
        wl.add_comment("t", "still closed")
        assert wl.check() == []


def test_calendar_as_a_window(wl: Orchestrator, clock: ManualClock) -> None:
    """A task that starts in office hours only goes by the calendar of that name, and by a new one of it."""
    wl.define_calendar("office", OFFICE)
    make(wl, "t", attributes={"execution_window": "office"})
    clock.set(at("2025-01-02T07:59"))
    assert wl.get_ready_tasks().tasks == ()
    clock.set(at("2025-01-02T08:00"))
    assert [ready.task_id for ready in wl.get_ready_tasks().tasks] == ["t"]
    wl.define_calendar("office", {**OFFICE, "holidays": ["2025-01-02"]})
    assert wl.get_ready_tasks().tasks == ()
    assert wl.check() == []


def test_two_windows_that_are_never_open_together(wl: Orchestrator, clock: ManualClock) -> None:
    """Whichever of them turns, the task is looked at again, and nothing that was noted goes stale."""
    wl.define_calendar("june", {"windows": "2025-06-01"})
    make(wl, "t", attributes={"maintenance_window": WINDOW, "execution_window": "june"})
    for moment in ("2025-01-29T02:00", "2025-01-29T06:00", "2025-06-01T00:00"):
        clock.set(at(moment))
        make(wl, moment.replace("T", ":"))
        assert wl.check() == []
        assert "t" not in [ready.task_id for ready in wl.get_ready_tasks().tasks]
    with pytest.raises(worklattice.PrerequisitesNotMetError, match="does not open again"):
        wl.manage_lifecycle("t", "active")


def test_window_of_a_scheduled_task_is_that_of_its_runs(wl: Orchestrator, clock: ManualClock) -> None:
    """The task itself, of which runs are made, has no times; its runs have."""
    make(wl, "t", attributes={"maintenance_window": WINDOW, "schedule": "every hour"})
    clock.set(at("2025-01-01T01:00"))
    (run,) = wl.tick().runs
    for held in ("t", run):
        with pytest.raises(worklattice.PrerequisitesNotMetError) as refused:
            wl.claim_task("ann", task_id=held, lease="1 hour")
        kinds = [unmet.kind for unmet in refused.value.unmet]
        assert kinds == (["schedule"] if held == "t" else ["window"])
    assert go(wl, "t", "active").status == "active"


def test_window_that_is_over_is_warned_of(wl: Orchestrator, clock: ManualClock) -> None:
    """The task could never start, which whoever writes that wants to know."""
    clock.set(at("2025-03-01"))
    answer = wl.create_generic_task("task", attributes={"maintenance_window": WINDOW})
    assert [warning.split(": ", 1)[1] for warning in answer.warnings] == [
        "attributes.maintenance_window lets nobody start any more: it is over."
    ]


def test_schedule_that_is_over_is_warned_of(wl: Orchestrator, clock: ManualClock) -> None:
    """It makes no runs, and the task itself is not worked on."""
    clock.set(at("2025-03-01"))
    answer = wl.create_generic_task("task", attributes={"schedule": "2025-02-01T00:00:00Z"})
    assert [warning.split(": ", 1)[1] for warning in answer.warnings] == [
        "attributes.schedule makes no runs: it does not come any more."
    ]


def test_window_of_nobody_is_warned_of(wl: Orchestrator) -> None:
    """A name that neither a calendar nor an ancestor has holds nobody back."""
    answer = wl.create_generic_task("task", attributes={"execution_window": "full moon"})
    assert "no calendar, and no window of an ancestor" in answer.warnings[0]
    assert len(wl.get_ready_tasks().tasks) == 1


# --- limits ---------------------------------------------------------------------------------------------


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


# --- what cannot be read --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("sla", "soon", "expected a number"),
        ("sla", "0 minutes", "longer than nothing"),
        ("sla", 15, "15 is no duration"),
        ("sla", "P1Y", "Y is no fixed span"),
        ("sla_from", "monday", "none of creation, start"),
        ("sla_pauses_in", {"a": 1}, "neither a stage nor a list"),
        ("sla_warn_at", "150%", "no share of the SLA"),
        ("sla_warn_at", "5 minutes", "no share of the SLA"),
        ("sla_warn_at", 0, "no share of the SLA"),
        ("calendar", 7, "not the name of a calendar"),
        ("deadline", "whenever", "this is no deadline"),
        ("completion_deadline", ["2025-01-01"], "no time, date or deadline"),
        ("due_date", "2 days before release", "no time or date"),
        ("maintenance_window", {"start": "2025-01-02", "end": "2025-01-01"}, "end: must lie after the start"),
        ("maintenance_window", [], "no windows at all"),
        ("maintenance_window", 7, "must be a time"),
        ("rollback_time_limit", True, "true is no duration"),
    ],
)
def test_value_that_cannot_be_read(wl: Orchestrator, name: str, value: JsonValue, reason: str) -> None:
    """It is kept, changes nothing, and the answer says why."""
    answer = wl.create_generic_task("task", task_id="t", attributes={name: value})
    assert answer.task.attributes == {name: value}
    assert answer.task.due_at is None
    (warning,) = answer.warnings
    assert f"attributes.{name} is kept and" in warning
    assert reason in warning
    assert len(wl.get_ready_tasks().tasks) == 1
    assert wl.check() == []


def test_object_that_says_no_time_is_changed(wl: Orchestrator) -> None:
    """Of a task with others inside, which count nothing from it."""
    make(wl, "a", attributes={"said": {"x": 1}})
    make(wl, "b", parent_task_id="a", attributes={"deadline": "2 days before said"})
    wl.update_task("a", attributes={"said": {"x": 2}})
    assert task(wl, "b").due_at is None


# --- what changes later ---------------------------------------------------------------------------------


def test_pause_that_is_said_or_taken_back_later(wl: Orchestrator, clock: ManualClock) -> None:
    """The clock stands still, or goes on, from the moment at which the task is told so."""
    make(wl, "t", attributes={"sla": "4 hours", "sla_pauses_in": "blocked"}, lifecycle_stage="active")
    go(wl, "t", "blocked")
    clock.advance("1 hour")
    wl.update_task("t", attributes={"sla_pauses_in": None})
    assert task(wl, "t").due_at == at("2025-01-01T05:00")
    clock.advance("1 hour")
    wl.update_task("t", attributes={"sla_pauses_in": ["blocked"]})
    assert task(wl, "t").due_at is None
    clock.advance("1 hour")
    assert go(wl, "t", "active").due_at == at("2025-01-01T06:00")
    assert wl.check(replay=True) == []


def test_sla_that_goes_takes_its_clock_along(wl: Orchestrator, clock: ManualClock) -> None:
    """One that comes later counts from the creation of the task, however the one before stood."""
    make(wl, "t", attributes={"sla": "4 hours", "sla_pauses_in": "blocked"}, lifecycle_stage="active")
    go(wl, "t", "blocked")
    wl.update_task("t", attributes={"sla": None})
    go(wl, "t", "active")
    clock.advance("1 hour")
    assert wl.update_task("t", attributes={"sla": "4 hours"}).task.due_at == at("2025-01-01T04:00")
    assert wl.check(replay=True) == []


def test_type_that_pauses_no_longer(wl: Orchestrator, clock: ManualClock) -> None:
    """Tasks that stand still by their type go on when it says so no longer, and an undo stops them."""
    wl.register_task_type("t", attribute_defaults={"sla": "4 hours", "sla_pauses_in": "blocked"})
    wl.create_generic_task("t", task_id="t", lifecycle_stage="active")
    go(wl, "t", "blocked")
    clock.advance("1 hour")
    wl.register_task_type("t", attribute_defaults={"sla": "4 hours"})
    assert task(wl, "t").due_at == at("2025-01-01T05:00")
    wl.undo()
    assert task(wl, "t").due_at is None
    assert wl.check(replay=True) == []


def test_two_windows_must_both_be_open(wl: Orchestrator, clock: ManualClock) -> None:
    """What is told is when both are; each opening and closing is noticed."""
    wl.define_calendar("office", {"working_hours": {"daily": ["09:00-17:00"]}})
    night: JsonObject = {"schedule": "daily at 16:00", "duration": "4 hours"}
    make(wl, "t", attributes={"maintenance_window": night, "execution_window": "office"})
    clock.set(at("2025-01-01T11:00"))
    with pytest.raises(worklattice.PrerequisitesNotMetError, match="opens at 2025-01-01T16:00:00Z"):
        wl.manage_lifecycle("t", "active")
    for hour, ready in ((16, ["t"]), (17, []), (20, []), (33, []), (40, ["t"])):
        clock.set(at("2025-01-01") + timedelta(hours=hour))
        wl.add_comment("t", "so late")
        assert [each.task_id for each in wl.get_ready_tasks().tasks] == ready
        assert wl.check() == []


def test_windows_that_never_open_together(wl: Orchestrator) -> None:
    """Nobody looks for ever."""
    wl.define_calendar("office", {"working_hours": {"daily": ["09:00-17:00"]}})
    night: JsonObject = {"schedule": "daily at 20:00", "duration": "4 hours"}
    make(wl, "t", attributes={"maintenance_window": night, "execution_window": "office"})
    with pytest.raises(worklattice.PrerequisitesNotMetError, match="does not open again"):
        wl.manage_lifecycle("t", "active")


# --- what cannot be read on this machine ----------------------------------------------------------------


@pytest.fixture
def without_cron(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As where the library of cron expressions is not installed."""
    from worklattice.calendar import cron  # noqa: PLC0415
    from worklattice.model import timing  # noqa: PLC0415

    def forget() -> None:
        cron._library.cache_clear()
        timing.windows_said._again.cache_clear()
        for reader, _ in timing._READERS.values():
            reader._again.cache_clear()

    forget()
    monkeypatch.setitem(sys.modules, "cronsim", None)
    yield
    monkeypatch.undo()
    forget()


NIGHT: JsonObject = {"schedule": "0 2 * * *", "duration": "2 hours"}


@pytest.mark.usefixtures("without_cron")
def test_windows_that_cannot_be_read_here_hold_back(wl: Orchestrator) -> None:
    """They may be closed; whoever writes it is told why nobody can start."""
    answer = wl.create_generic_task("t", task_id="t", attributes={"maintenance_window": NIGHT})
    assert "lets nobody start here: it needs a library" in answer.warnings[0]
    assert wl.get_ready_tasks().tasks == ()
    wl.delete_task("t")  # where it can be read, it is open


@pytest.mark.usefixtures("without_cron")
def test_windows_that_can_be_read_nowhere_hold_nobody_back(wl: Orchestrator) -> None:
    """What is wrong with them is said also where a library is missing that they do not need."""
    window: JsonObject = {"schedule": "once in a blue moon", "duration": "2 hours"}
    answer = wl.create_generic_task("t", task_id="t", attributes={"maintenance_window": window})
    assert "is kept and holds nobody back: schedule: " in answer.warnings[0]
    assert [each.task_id for each in wl.get_ready_tasks().tasks] == ["t"]


def test_calendar_that_cannot_be_read_here_stops_nothing_else(
    wl: Orchestrator, clock: ManualClock, request: pytest.FixtureRequest
) -> None:
    """What goes by it does not start and has no due time there; everything else goes on."""
    wl.define_calendar("night", {"windows": NIGHT})
    make(wl, "t", attributes={"execution_window": "night"})
    make(wl, "slow", attributes={"sla": "1 hour", "calendar": "night"})
    make(wl, "other")
    request.getfixturevalue("without_cron")
    wl.register_task_type("x")  # from here on calendars are read anew
    clock.set(at("2025-01-02T02:30"))
    assert [each.task_id for each in wl.get_ready_tasks().tasks] == ["other", "slow"]
    answer = wl.update_task("slow", attributes={"note": "x"})
    assert answer.task.due_at is None
    assert "sets no due time here" in answer.warnings[0]
    wl.delete_calendar("night")
    assert task(wl, "slow").due_at == at("2025-01-01T01:00")
