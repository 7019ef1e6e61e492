"""Ticking: everything that is due happens, once, and it is said when something is due next."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import worklattice
from tests.unit.model.asking import claim, finish, make, need, position, ready, task
from worklattice import Orchestrator, ValidationError
from worklattice.calendar.cron import NOT_INSTALLED
from worklattice.lang.cron import CronError
from worklattice.model import series
from worklattice.model.commands import Tick
from worklattice.testing import ManualClock, SequentialIds


def daily(wl: Orchestrator, *task_ids: str, **more: Any) -> None:
    make(wl, *task_ids, attributes={"schedule": {"at": "daily at 02:00", **more}})


def test_nothing_is_due(wl: Orchestrator) -> None:
    """A tick writes nothing then, and nothing is due for ever."""
    assert wl.next_tick_at() is None
    make(wl, "a")
    before = position(wl)
    answer = wl.tick()
    assert (answer.events, answer.runs, answer.next_tick_at) == ((), (), None)
    assert position(wl) == before


def test_deadline_is_due_once(wl: Orchestrator, clock: ManualClock) -> None:
    """A tick tells that it was missed, and then nothing is due."""
    make(wl, "a", attributes={"due_at": "2025-06-01T00:00:00Z"})
    due = wl.next_tick_at()
    assert due == datetime(2025, 6, 1, tzinfo=UTC)
    clock.set(datetime(2025, 6, 1, tzinfo=UTC))
    answer = wl.tick()
    assert [event.event_type for event in answer.events or ()] == ["clock.breached"]
    assert (answer.next_tick_at, wl.next_tick_at()) == (None, None)
    assert wl.tick().events == ()


def test_everything_that_is_due_happens_in_order(wl: Orchestrator, clock: ManualClock) -> None:
    """Lags, start times, claims and waivers first, then runs; the answer has all of the events."""
    make(wl, "first")
    finish(wl, "first")
    make(wl, "lagging", "waived", "claimed")
    make(wl, "timed", not_before=clock.now + timedelta(hours=3))
    need(wl, "lagging", "first", lag="30 minutes")
    daily(wl, "nightly")
    held = claim(wl, "claimed", lease="1 hour")
    at = [wl.next_tick_at()]
    for _ in range(4):
        next_at = at[-1]
        assert next_at is not None
        clock.set(next_at)
        assert wl.next_tick_at() == next_at
        at.append(wl.tick().next_tick_at)
    start = held.expires_at - timedelta(hours=1)
    hours = [None if each is None else (each - start) / timedelta(hours=1) for each in at]
    assert hours == [0.5, 1, 2, 3, 26]
    by_time = ("time.passed", "claim.expired", "series.advanced")
    happened = [(event.event_type, (event.at - start) / timedelta(hours=1)) for event in wl.events()]
    assert [(kind, hour) for kind, hour in happened if kind in by_time] == [
        ("time.passed", 0.5),
        ("claim.expired", 1),
        ("series.advanced", 2),
        ("time.passed", 3),
    ]


def test_all_at_once(wl: Orchestrator, clock: ManualClock) -> None:
    """What is settled first is in the answer too, in a dry run as well, which writes nothing."""
    make(wl, "claimed")
    claim(wl, "claimed", lease="1 hour")
    daily(wl, "nightly")
    clock.advance("1 day")
    before = position(wl)
    tried = wl.tick(dry_run=True)
    assert position(wl) == before
    done = wl.tick()
    assert tried == done
    happened = [event.event_type for event in done.events or ()]
    assert happened == ["claim.expired", "task.ready", "task.created", "series.advanced", "task.ready"]
    assert [event.event_id for event in wl.events(before)] == [e.event_id for e in done.events or ()]
    assert ready(wl) == ["claimed", *done.runs]


def test_reads_and_other_writes_make_no_runs(wl: Orchestrator, clock: ManualClock) -> None:
    """They show what is due as due."""
    daily(wl, "nightly")
    clock.advance("1 day")
    make(wl, "other")
    assert wl.query_tasks(filters={"run_of": "nightly"}).total_results == 0
    assert wl.next_tick_at() == clock.now
    assert task(wl, "nightly").next_run_at == clock.now - timedelta(hours=22)


def test_what_is_due_is_over_or_comes_later(wl: Orchestrator, clock: ManualClock) -> None:
    """A claim that was renewed or released, and a task that is gone, make nobody come in vain for ever."""
    make(wl, "a")
    held = claim(wl, "a", lease="1 hour")
    clock.advance("30 minutes")
    wl.renew_claim("a", held.token, lease="1 hour")
    assert wl.next_tick_at() == clock.now + timedelta(hours=1)
    wl.release_claim("a", held.token)
    assert wl.next_tick_at() is None


def test_what_a_transaction_may_leave_undone_is_due(wl: Orchestrator, clock: ManualClock) -> None:
    """Asked inside of one, which records nothing unless something else is written, or somebody ticks."""
    wl.create_generic_task("t", attributes={"sla": "1 hour"})
    clock.advance("2 hours")
    with wl.transaction():
        assert wl.next_tick_at() == clock.now
    assert wl.next_tick_at() == clock.now
    with wl.transaction():
        wl.tick()
        assert wl.next_tick_at() is None
    assert wl.next_tick_at() is None


def test_a_tick_within_a_transaction(wl: Orchestrator, clock: ManualClock) -> None:
    """It sees what was done before it, and what comes next is that of all of it."""
    daily(wl, "nightly", "gone")
    clock.advance("1 day")
    with wl.transaction():
        wl.delete_task("gone")
        daily(wl, "late")
        make(wl, "claimed")
        held = claim(wl, "claimed", lease="1 hour")
        answer = wl.tick()
        assert answer.runs == ("nightly:20250101T020000Z",)
        assert answer.next_tick_at == wl.next_tick_at() == held.expires_at == clock.now + timedelta(hours=1)
    assert wl.next_tick_at() == clock.now + timedelta(hours=1)
    answer = wl.execute([Tick(), Tick()]).results[1]
    assert answer.events == ()


@pytest.mark.parametrize("way", ["execute", "transaction", "transaction in a transaction"])
def test_what_came_by_itself_is_kept_by_a_tick_inside(wl: Orchestrator, clock: ManualClock, way: str) -> None:
    """It is recorded and told as by a bare tick, also where nothing else is done; by the first of two."""
    make(wl, "a", attributes={"due_at": "2025-06-01T00:00:00Z"})
    clock.set(datetime(2025, 6, 2, tzinfo=UTC))
    before = position(wl)
    with wl.transaction():
        wl.get_task("a")
        wl.tick(dry_run=True)
    assert position(wl) == before
    ticked: Any
    if way == "execute":
        assert wl.execute([Tick()], dry_run=True).results[0] == wl.tick(dry_run=True)
        ticked = wl.execute([Tick(), Tick()]).results
    else:
        with wl.transaction():
            if way == "transaction":
                ticked = (wl.tick(), wl.tick())
            else:
                with wl.transaction():
                    ticked = (wl.tick(), wl.tick())
    recorded = [event.event_id for event in wl.events(before)]
    assert [event.event_id for event in ticked[0].events] == recorded
    assert [event.event_type for event in ticked[0].events] == ["clock.breached"]
    assert (ticked[1].events, wl.tick().events) == ((), ())
    assert [answer.next_tick_at for answer in ticked] == [None, None]
    assert wl.check(replay=True) == []


def test_runs_that_are_late_when_they_are_made(wl: Orchestrator, clock: ManualClock) -> None:
    """Their alarms are due at once, and the tick that made them says so; the next one lets them go off."""
    make(wl, "nightly", attributes={"schedule": "daily at 02:00", "due_at": "2024-12-31T00:00:00Z"})
    clock.advance("1 day")
    assert wl.tick(dry_run=True).next_tick_at == clock.now
    with wl.transaction():
        made = wl.tick()
        assert made.next_tick_at == wl.next_tick_at() == wl.tick().next_tick_at == clock.now
    assert wl.next_tick_at() == clock.now
    late = wl.tick()
    assert [(event.event_type, event.task_id) for event in late.events or ()] == [
        ("clock.breached", *made.runs)
    ]
    assert late.next_tick_at == wl.next_tick_at() == clock.now + timedelta(hours=2)


def test_the_same_tick_twice(wl: Orchestrator, clock: ManualClock) -> None:
    """With a key it is answered again, events and all."""
    daily(wl, "nightly")
    clock.advance("1 day")
    first = wl.tick(idempotency_key="k")
    clock.advance("1 day")
    assert wl.tick(idempotency_key="k") == first
    assert len(wl.tick().runs) == 1


def test_who_ticked(wl: Orchestrator, clock: ManualClock) -> None:
    """The events of runs have the actor and the reason of the tick, and belong to one command."""
    daily(wl, "a", "b")
    clock.advance("1 day")
    events = wl.tick(actor="cron", reason="night").events or ()
    assert {(event.actor, event.reason) for event in events} == {("cron", "night")}
    assert len({event.command for event in events}) == 1


def test_a_tick_of_large_runs_ends_early(
    wl: Orchestrator, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that one transaction does not grow without bounds; the next tick goes on."""
    monkeypatch.setattr("worklattice.orchestrator.ticking._EVENTS", 4)
    daily(wl, "a", "b", "c")
    clock.advance("1 day")
    answer = wl.tick()
    assert (len(answer.runs), answer.next_tick_at) == (2, clock.now)
    assert len(wl.tick().runs) == 1


def test_a_schedule_that_cannot_be_read_here(
    wl: Orchestrator, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the library for it is missing the run is left to who has it, and the others are made."""
    make(wl, "cron", attributes={"schedule": "0 2 * * *"})
    daily(wl, "nightly")
    clock.advance("1 day")
    with monkeypatch.context() as without:
        without.setattr("worklattice.orchestrator.ticking.plan_of", _in_words_only)
        answer = wl.tick()
        assert answer.runs == ("nightly:20250101T020000Z",)
        assert answer.next_tick_at == wl.next_tick_at() == clock.now + timedelta(hours=2)
        assert "worklattice[schedule]" in answer.warnings[0]
    assert wl.next_tick_at() == clock.now
    assert wl.tick().runs == ("cron:20250101T020000Z",)


def test_schedules_that_cannot_be_read_here_take_nobodys_place(
    wl: Orchestrator, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are, and however few runs a tick may make."""
    make(wl, "c1", "c2", "c3", attributes={"schedule": "0 1 * * *"})
    daily(wl, "a", "b")
    clock.advance("1 day")
    monkeypatch.setattr("worklattice.orchestrator.ticking.plan_of", _in_words_only)
    ticked = [wl.tick(limit=1) for _ in range(3)]
    assert [answer.runs for answer in ticked] == [("a:20250101T020000Z",), ("b:20250101T020000Z",), ()]
    assert [answer.next_tick_at for answer in ticked[1:]] == [clock.now + timedelta(hours=2)] * 2


@contextmanager
def without_cronsim() -> Generator[None]:
    """As in a process where the extra is not installed."""
    with pytest.MonkeyPatch.context() as without:
        without.setattr("worklattice.calendar.cron._library", _no_library)
        series._plan_or_why._again.cache_clear()
        yield
    series._plan_or_why._again.cache_clear()


def _no_library() -> None:
    raise CronError(NOT_INSTALLED)


def test_changes_where_the_library_is_missing(wl: Orchestrator, clock: ManualClock) -> None:
    """What was foreseen of a schedule stays; of another one, whoever has the library foresees it."""
    cron = {"schedule": "0 2 * * *"}
    make(wl, "kept", "other", "paused", "over", "words", attributes=cron)
    foreseen = clock.now + timedelta(hours=2)
    clock.advance("1 hour")
    with without_cronsim():
        wl.update_task("kept", attributes={"title": "x"})
        assert task(wl, "kept").next_run_at == foreseen
        wl.update_task("other", attributes={"schedule": "0 3 * * *"})
        assert wl.pause_schedule("paused").task.next_run_at is None
        wl.resume_schedule("paused")
        wl.update_task("over", attributes={"schedule": None})
        wl.update_task("words", attributes={"schedule": "daily at 02:00"})
        make(wl, "late", attributes=cron)
        with pytest.raises(ValidationError, match="cronsim"):
            wl.preview_schedule("kept")
        assert ready(wl) == ["over"]
        assert wl.next_tick_at() == foreseen
        assert wl.tick().events == ()
        assert wl.check() == []
    assert wl.next_tick_at() == clock.now
    assert (wl.tick().runs, wl.next_tick_at()) == ((), foreseen)
    assert task(wl, "other").next_run_at == foreseen + timedelta(hours=1)
    assert wl.check(replay=True) == []
    clock.set(foreseen)
    assert [run.partition(":")[0] for run in wl.tick().runs] == ["kept", "paused", "words", "late"]


def _in_words_only(attributes: Any) -> series.Plan | None:
    return None if "*" in str(attributes["schedule"]) else series.plan_of(attributes)


def _nothing_due(_plan: object, _until: object, _now: object) -> None:
    """What a schedule has that does not come."""


def test_a_zone_whose_rules_have_changed(
    wl: Orchestrator, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was foreseen and does not come makes no run; it is foreseen anew."""
    daily(wl, "nightly")
    clock.advance("1 day")
    with monkeypatch.context() as changed:
        changed.setattr("worklattice.orchestrator.ticking.due_of", _nothing_due)
        answer = wl.tick()
    assert (answer.runs, [event.event_type for event in answer.events or ()]) == ((), ["series.advanced"])
    assert len(wl.tick().runs) == 1


def test_a_year_of_a_nightly_task(clock: ManualClock) -> None:
    """Every night has its run, and each can be worked on."""
    with worklattice.open("memory:", clock=clock, ids=SequentialIds()) as wl:
        daily(wl, "nightly")
        make(wl, "step", parent_task_id="nightly")
        for _ in range(365):
            next_at = wl.next_tick_at()
            assert next_at is not None
            clock.set(next_at)
            wl.tick()
        assert wl.query_tasks(filters={"run_of": "nightly"}, limit=1).total_results == 365
        assert f"{clock.now:%Y-%m-%d}" == "2025-12-31"
        assert wl.check(replay=True) == []


def test_the_limit_of_a_tick(wl: Orchestrator) -> None:
    """One run at least."""
    with pytest.raises(ValidationError, match="limit"):
        wl.tick(limit=0)
