"""How service levels run, what warns of their end and what is told when it is missed."""

from __future__ import annotations

import pytest

import worklattice
from tests.unit.model.asking import claim, go, make, task
from tests.unit.model.times import OFFICE, alarms, at
from worklattice import Orchestrator
from worklattice.model.rows import NEW_TASK
from worklattice.model.sla import Clock
from worklattice.testing import ManualClock
from worklattice.types import JsonObject, JsonValue

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
    wl.manage_lifecycle("t", "active", claim_token=claim(wl, "t", lease="30 minutes").token)
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
    wl.manage_lifecycle("t", "active", claim_token=claim(wl, "t", lease="30 minutes").token)
    clock.advance("9 hours")
    make(wl, "other")
    assert [name for name, *_ in alarms(wl)] == ["warned", "breached"]
    assert wl.check(replay=True) == []


def test_alarm_after_a_claim_ran_out(wl: Orchestrator, clock: ManualClock) -> None:
    """The clock went on when the task was given back, and has run out since: both come to light at once."""
    attributes: JsonObject = {"sla": "1 hour", "sla_pauses_in": "active"}
    make(wl, "t", attributes=attributes)
    wl.manage_lifecycle("t", "active", claim_token=claim(wl, "t", lease="30 minutes").token)
    clock.advance("3 hours")
    ticked = wl.tick()
    assert [name for name, *_ in alarms(wl)] == ["warned", "breached"]
    assert ticked.next_tick_at is None
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


def test_registration_that_is_undone_has_stopped_no_clock(wl: Orchestrator, clock: ManualClock) -> None:
    """What was used before a pause counts again once the type has its SLA again, and so does the limit."""
    defaults: JsonObject = {"sla": "4 hours", "sla_pauses_in": "blocked", "rollback_time_limit": "9 days"}
    wl.register_task_type("job", attribute_defaults=defaults)
    wl.create_generic_task("job", task_id="t", lifecycle_stage="active")
    clock.advance("1 hour")
    go(wl, "t", "blocked")
    clock.advance("10 hours")
    go(wl, "t", "active")
    due = task(wl, "t").due_at
    wl.register_task_type("job")
    assert task(wl, "t").due_at is None
    wl.undo()
    assert task(wl, "t").due_at == due == at("2025-01-01T14:00")
    clock.advance("3 hours")
    wl.tick()
    assert "breached" in {name for name, *_ in alarms(wl)}
    assert wl.check(replay=True) == []


# --- the clock of a task --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        None,
        {"used": "PT0S"},
        {"used": "PT10M", "since": "2025-06-03T12:00:00Z"},
        {"begun": "2025-06-03T12:00:00Z"},
        {"used": "PT10M", "since": "2025-06-03T12:00:00Z", "begun": "2025-06-03T12:30:00Z"},
    ],
)
def test_a_clock_says_what_was_read(said: JsonObject | None) -> None:
    """A row keeps it in the words in which it was said."""
    assert Clock.of(NEW_TASK.but(clock=said)).as_json() == said
