"""Occurrences that nobody handled in time: one run for the last, a run for each, or none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.model.asking import make
from tests.unit.model.test_series import day, instants
from worklattice import Orchestrator
from worklattice.testing import ManualClock


def missing(missed: str | None, **more: Any) -> Any:
    schedule: Any = {"every": "day", "at": "02:00", **more}
    return {"schedule": schedule if missed is None else {**schedule, "missed": missed}}


@pytest.mark.parametrize("missed", [None, "once"])
def test_once(wl: Orchestrator, clock: ManualClock, missed: str | None) -> None:
    """One run, for the last of them; it is the policy where none is said."""
    make(wl, "etl", attributes=missing(missed))
    clock.advance("3 days 5 hours")
    answer = wl.tick()
    assert (answer.skipped, instants(wl)) == (3, [day(4)])
    data: Any = next(e.data for e in answer.events or () if e.event_type == "series.advanced")
    assert data["missed"] == 3
    assert wl.tick().events == ()


def test_catching_up(wl: Orchestrator, clock: ManualClock) -> None:
    """A run for each, the oldest first, as many at a time as are asked for."""
    make(wl, "etl", attributes=missing("catch_up"))
    clock.advance("3 days 5 hours")
    answer = wl.tick(limit=3)
    assert (len(answer.runs), answer.skipped, answer.next_tick_at) == (3, 0, clock.now)
    answer = wl.tick(limit=3)
    assert (answer.runs, answer.next_tick_at) == (("etl:20250104T020000Z",), day(5))
    assert instants(wl) == [day(n) for n in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("late", "made", "skipped"),
    [("0 minutes", [4], 3), ("10 minutes", [4], 3), ("11 minutes", [], 4), ("23 hours", [], 4)],
)
def test_skipping(wl: Orchestrator, clock: ManualClock, late: str, made: list[int], skipped: int) -> None:
    """None for what came more than ten minutes ago."""
    make(wl, "etl", attributes=missing("skip"))
    clock.set(day(4))
    clock.advance(late)
    answer = wl.tick()
    assert (answer.skipped, instants(wl)) == (skipped, [day(n) for n in made])
    assert answer.next_tick_at == day(5)
    assert wl.tick().events == ()


def test_skipping_with_a_grace_of_its_own(wl: Orchestrator, clock: ManualClock) -> None:
    """What is not older is not missed, however much of it there is."""
    make(wl, "etl", attributes=missing("skip", grace="1 day"))
    clock.advance("3 days 2 hours")
    answer = wl.tick()
    assert (answer.skipped, instants(wl)) == (2, [day(3), day(4)])


def test_a_schedule_that_comes_by_the_second_and_was_forgotten(wl: Orchestrator, clock: ManualClock) -> None:
    """A year of it is passed over without being counted out, and the last second is not missed."""
    make(wl, "once", attributes={"schedule": {"every": "second"}})
    make(wl, "skip", attributes={"schedule": {"every": "second", "missed": "skip", "grace": "2 seconds"}})
    clock.advance(timedelta(days=365, milliseconds=500))
    answer = wl.tick()
    last = clock.now - timedelta(milliseconds=500)
    assert instants(wl, "once") == [last]
    assert instants(wl, "skip") == [last - timedelta(seconds=1), last]
    assert answer.skipped == 2_000 - 1
    assert answer.next_tick_at == last + timedelta(seconds=1)


def test_an_hour_that_is_skipped_and_one_that_is_repeated(wl: Orchestrator, clock: ManualClock) -> None:
    """By the clock of the schedule's zone: one run each day, also when the clock is changed."""
    berlin = {"at": "daily at 02:30", "time_zone": "Europe/Berlin", "missed": "catch_up"}
    for month, hours in (((3, 29), ["01:30", "01:00", "00:30"]), ((10, 25), ["00:30", "00:30", "01:30"])):
        clock.set(day(1).replace(month=month[0], day=month[1], hour=0))
        name = f"m{month[0]}"
        make(wl, name, attributes={"schedule": berlin})
        clock.advance("3 days")
        wl.tick(limit=1_000)
        assert [f"{at:%H:%M}" for at in instants(wl, name) if at is not None][:3] == hours
        wl.delete_task(name)


def test_several_series_in_the_order_of_their_instants(wl: Orchestrator, clock: ManualClock) -> None:
    """Those of one instant in the order in which they were created."""
    make(wl, "late", attributes={"schedule": {"every": "day", "at": "03:00", "missed": "catch_up"}})
    make(wl, "a", attributes=missing("catch_up"))
    make(wl, "b", attributes=missing("catch_up"))
    clock.advance("2 days")
    runs = wl.tick(limit=5).runs
    assert [run.partition(":")[0] for run in runs] == ["a", "b", "late", "a", "b"]
    assert [run.partition(":")[0] for run in wl.tick().runs] == ["late"]
