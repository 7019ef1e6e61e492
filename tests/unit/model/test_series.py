"""Series: when a scheduled task comes, and what changes that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import worklattice
from tests.unit.model.asking import finish, go, kinds, make, position, ready, task, versions
from worklattice import ClaimError, ConflictError, Orchestrator, PrerequisitesNotMetError, ValidationError
from worklattice.model.past import task_then
from worklattice.testing import ManualClock, SequentialIds

DAILY: Any = {"schedule": "daily_at_2am", "title": "ETL"}


def day(number: int, hour: int = 2) -> datetime:
    """That hour of a day of January 2025."""
    return datetime(2025, 1, number, hour, tzinfo=UTC)


def instants(wl: Orchestrator, of: str = "etl") -> list[datetime | None]:
    """The instants of the runs of a task, in the order in which they were made."""
    return [run.run_at for run in wl.query_tasks(filters={"run_of": of}, limit=1_000).tasks]


def test_a_scheduled_task_comes_from_its_creation_on(wl: Orchestrator) -> None:
    """It shows when it comes next; a task without a schedule, or whose schedule is over, shows nothing."""
    make(wl, "etl", attributes=DAILY)
    make(wl, "plain")
    make(wl, "over", attributes={"schedule": "2024-06-01T00:00:00Z"})
    assert task(wl, "etl").next_run_at == day(1)
    assert [task(wl, name).next_run_at for name in ("plain", "over")] == [None, None]
    assert [hit.task_id for hit in wl.query_tasks(sort="next_run_at").tasks] == ["etl", "over", "plain"]
    assert wl.query_tasks(custom_filter="next_run_at < '2025-01-02'").total_results == 1


@pytest.mark.parametrize(
    ("schedule", "why"),
    [
        ("evry day", "attributes.schedule is kept and makes no runs: a schedule does not begin like this"),
        (7, "makes no runs: must be a text, not 7"),
        ({"every": "day", "missed": "later"}, "missed: must be one of once, catch_up, skip, not"),
        ({"every": "day", "grace": "1 hour"}, "grace: says what is skipped, and goes with missed skip only"),
        ({"every": "day", "missed": "skip", "grace": 3}, "grace: must be a duration, such as 15 minutes"),
        ({"every": "day", "template_id": ""}, "template_id: must be a text of 1 to 200 characters"),
        ({"every": "day", "template_id": "t", "template_version": 0}, "template_version: must be a whole"),
        ({"every": "day", "template_id": "t", "parameters": []}, "parameters: must be an object, not"),
        ({"every": "day", "parameters": {}}, "parameters: goes with a template_id only"),
        ({"every": "day", "misssed": "skip"}, 'misssed: is not known here. Did you mean "missed"?'),
        ({"evry": "day", "missed": 1}, "missed: must be one of once, catch_up, skip, not 1"),
    ],
)
def test_what_cannot_be_read_is_an_attribute_like_any_other(
    wl: Orchestrator, clock: ManualClock, schedule: Any, why: str
) -> None:
    """Whoever writes it is warned; the task is worked on itself, and nothing comes of it."""
    made = wl.create_generic_task("task", task_id="a", attributes={"schedule": schedule})
    assert len(made.warnings) == 1
    assert why in made.warnings[0]
    assert "\n" not in made.warnings[0]
    clock.advance("2 days")
    assert wl.tick().events == ()
    assert ready(wl) == ["a"]


def test_runs_are_worked_on_and_not_what_is_scheduled(wl: Orchestrator, clock: ManualClock) -> None:
    """Neither the scheduled task nor what is inside it is offered; its runs are."""
    make(wl, "etl", attributes=DAILY)
    make(wl, "step", parent_task_id="etl")
    make(wl, "part", parent_task_id="step")
    assert ready(wl) == []
    for name in ("etl", "part"):
        with pytest.raises(PrerequisitesNotMetError, match="scheduled"):
            wl.claim_task("ann", task_id=name)
        assert wl.explain_task(name).can_start
    clock.advance("2 hours")
    (run,) = wl.tick().runs
    assert set(ready(wl)) == {run, "step:20250101T020000Z", "part:20250101T020000Z"}


def test_what_is_inside_follows_when_a_task_is_scheduled_or_no_longer(wl: Orchestrator) -> None:
    """Also where it is moved into a scheduled task, or out of one, and where one is inside another."""
    make(wl, "a")
    make(wl, "b", parent_task_id="a")
    make(wl, "c", parent_task_id="b")
    wl.update_task("a", attributes={"schedule": "daily"})
    wl.update_task("b", attributes={"schedule": "hourly"})
    assert ready(wl) == []
    wl.update_task("a", attributes={"schedule": None})
    assert ready(wl) == ["a"]
    wl.update_task("c", parent_task_id="a")
    assert ready(wl) == ["a", "c"]
    make(wl, "d", attributes={"schedule": "daily"})
    wl.update_task("a", parent_task_id="d")
    assert ready(wl) == []
    wl.update_task("a", parent_task_id=None)
    wl.update_task("b", attributes={"schedule": "whenever"})
    assert ready(wl) == ["a", "b", "c"]
    assert wl.check(replay=True) == []


def test_a_changed_schedule_begins_anew(wl: Orchestrator, clock: ManualClock) -> None:
    """What the old one owed is not owed any more; another change leaves it alone."""
    make(wl, "etl", attributes=DAILY)
    clock.advance("3 days")
    wl.update_task("etl", attributes={"title": "Nightly", "schedule": "daily_at_2am"})
    assert task(wl, "etl").next_run_at == day(1)
    wl.update_task("etl", attributes={"schedule": "daily at 3:00"})
    assert task(wl, "etl").next_run_at == day(4, 3)
    assert wl.tick().runs == ()
    wl.update_task("etl", attributes={"schedule": None})
    assert task(wl, "etl").next_run_at is None
    wl.undo()
    assert task(wl, "etl").next_run_at == day(4, 3)


def test_pausing_and_resuming(wl: Orchestrator, clock: ManualClock) -> None:
    """Nothing comes meanwhile, and what would have is not made up for; doing it twice changes nothing."""
    make(wl, "etl", attributes=DAILY)
    paused = wl.pause_schedule("etl", actor="ann", reason="holidays").task
    assert (paused.next_run_at, paused.is_paused, paused.version) == (None, True, 2)
    before = position(wl)
    assert wl.pause_schedule("etl").task == paused
    clock.advance("3 days")
    assert (wl.tick().events, wl.next_tick_at(), position(wl)) == ((), None, before)
    resumed = wl.resume_schedule("etl").task
    assert (resumed.next_run_at, resumed.is_paused, resumed.version) == (day(4), None, 3)
    assert wl.resume_schedule("etl").task == resumed
    assert kinds(wl, before - 1) == [("series.paused", "etl"), ("series.resumed", "etl")]
    with pytest.raises(ConflictError):
        wl.pause_schedule("etl", expected_version=1)


def test_a_change_of_the_schedule_leaves_it_paused(wl: Orchestrator) -> None:
    """Who has paused it resumes it."""
    make(wl, "etl", attributes=DAILY)
    wl.pause_schedule("etl")
    wl.update_task("etl", attributes={"schedule": "hourly"})
    assert task(wl, "etl").is_paused
    wl.resume_schedule("etl")
    assert task(wl, "etl").next_run_at == day(1, 1)


def test_pausing_and_resuming_are_undone(wl: Orchestrator, clock: ManualClock) -> None:
    """As by the other: it goes on from now, or is paused again."""
    make(wl, "etl", attributes=DAILY)
    wl.pause_schedule("etl")
    clock.advance("3 days")
    wl.undo()
    assert task(wl, "etl").next_run_at == day(4)
    wl.pause_schedule("etl")
    wl.resume_schedule("etl")
    wl.undo()
    assert task(wl, "etl").is_paused


@pytest.mark.parametrize("name", ["plain", "unreadable", "run"])
def test_only_what_is_scheduled_is_paused(wl: Orchestrator, clock: ManualClock, name: str) -> None:
    """Of what has no schedule that can be read, and of runs, there is nothing to pause, resume or preview."""
    make(wl, "plain")
    make(wl, "unreadable", attributes={"schedule": "whenever"})
    make(wl, "etl", attributes=DAILY)
    clock.advance("1 day")
    task_id = wl.tick().runs[0] if name == "run" else name
    for ask in (wl.pause_schedule, wl.resume_schedule, wl.preview_schedule):
        with pytest.raises(ValidationError, match="is not scheduled"):
            ask(task_id)


def test_an_ended_task_makes_no_runs(wl: Orchestrator, clock: ManualClock) -> None:
    """A reopened one goes on from then, and has missed nothing."""
    make(wl, "etl", attributes=DAILY)
    finish(wl, "etl")
    clock.advance("3 days")
    assert wl.tick().runs == ()
    assert wl.next_tick_at() is None
    assert go(wl, "etl", "active").next_run_at == day(4)
    go(wl, "etl", "cancelled")
    clock.advance("1 day")
    assert go(wl, "etl", "draft").next_run_at == day(5)


def test_an_ending_that_is_undone_has_ended_nothing(wl: Orchestrator, clock: ManualClock) -> None:
    """What has come meanwhile was missed, and its policy says what becomes of it."""
    make(wl, "etl", attributes=DAILY)
    go(wl, "etl", "cancelled")
    clock.advance("3 days")
    wl.undo()
    assert instants(wl) == []
    assert wl.tick().skipped == 2
    assert instants(wl) == [day(3)]


def test_what_a_reopened_task_has_handled_stays_handled(wl: Orchestrator, clock: ManualClock) -> None:
    """Where the reopening is undone, and the ending too, no instant has two runs."""
    make(wl, "etl", attributes={"schedule": {"at": "daily_at_2am", "missed": "catch_up"}})
    go(wl, "etl", "cancelled")
    cancelled = position(wl)
    clock.advance("2 days")
    go(wl, "etl", "draft")
    clock.advance("1 day")
    wl.tick()
    assert instants(wl) == [day(3)]
    wl.undo()
    wl.undo(cancelled)
    wl.tick()
    assert instants(wl) == [day(3)]
    assert wl.check(replay=True) == []


def test_a_schedule_that_comes_back_is_paused_as_it_was(wl: Orchestrator, clock: ManualClock) -> None:
    """Undoing a change of the schedule resumes nothing; doing it again and undoing that neither."""
    make(wl, "etl", attributes=DAILY)
    wl.pause_schedule("etl")
    wl.update_task("etl", attributes={"schedule": None})
    clock.advance("3 days")
    changed = position(wl)
    for _ in range(2):
        wl.undo(changed)
        assert task(wl, "etl").is_paused
        assert wl.tick().runs == ()
        wl.undo(position(wl))
        assert task(wl, "etl").is_paused is None
    assert wl.check(replay=True) == []


def test_a_change_of_the_schedule_that_is_undone_has_changed_nothing(
    wl: Orchestrator, clock: ManualClock
) -> None:
    """What was due before it is due again, and what has come meanwhile was missed."""
    make(wl, "etl", attributes={"schedule": {"at": "daily_at_2am", "missed": "catch_up"}})
    clock.advance("1 day")
    wl.update_task("etl", attributes={"schedule": "@yearly"})
    clock.advance("1 day")
    wl.undo()
    assert task(wl, "etl").next_run_at == day(1)
    wl.undo(position(wl))
    assert task(wl, "etl").next_run_at == datetime(2026, 1, 1, tzinfo=UTC)
    wl.undo(position(wl))
    assert task(wl, "etl").next_run_at == day(1)
    wl.tick()
    assert instants(wl) == [day(1), day(2)]
    assert wl.check(replay=True) == []


def test_a_change_of_the_schedule_at_once(wl: Orchestrator, clock: ManualClock) -> None:
    """The series looks the same after it; undone later, it goes on where it was."""
    make(wl, "etl", attributes=DAILY)
    wl.update_task("etl", attributes={"schedule": "@yearly"})
    clock.advance("1 day")
    wl.undo()
    assert task(wl, "etl").next_run_at == day(1)


def test_what_another_schedule_has_handled_stays_handled(wl: Orchestrator, clock: ManualClock) -> None:
    """Where the change is undone no instant has two runs."""
    make(wl, "etl", attributes=DAILY)
    changed = position(wl) + 1
    wl.update_task("etl", attributes={"schedule": "every 2 hours"})
    clock.advance("3 hours")
    wl.tick()
    wl.undo(changed)
    assert instants(wl) == [day(1)]
    assert task(wl, "etl").next_run_at == day(2)
    assert wl.tick().runs == ()


def test_a_deleted_task_makes_no_runs(wl: Orchestrator, clock: ManualClock) -> None:
    """Its runs stay, and still say what they were; brought back, it goes on where it was."""
    make(wl, "etl", attributes=DAILY)
    clock.advance("1 day")
    wl.tick()
    wl.delete_task("etl")
    clock.advance("1 day")
    assert wl.tick().runs == ()
    assert instants(wl) == [day(1)]
    wl.undo()
    wl.tick()
    assert instants(wl) == [day(1), day(2)]


def test_a_claim_on_a_task_that_becomes_scheduled_lasts(wl: Orchestrator) -> None:
    """Whoever is at it goes on."""
    make(wl, "a")
    claim = wl.claim_task("ann", task_id="a").claim
    assert claim is not None
    wl.update_task("a", attributes={"schedule": "daily"})
    with pytest.raises(ClaimError):
        wl.manage_lifecycle("a", "active")
    wl.manage_lifecycle("a", "active", claim_token=claim.token)


def test_a_series_in_a_dump(wl: Orchestrator, clock: ManualClock) -> None:
    """How far it has come, that it is paused, and which run a task is, come back with it."""
    make(wl, "etl", attributes=DAILY)
    make(wl, "paused", attributes=DAILY)
    clock.advance("1 day")
    wl.tick()
    wl.pause_schedule("paused")
    with worklattice.open("memory:", clock=clock, ids=SequentialIds()) as other:
        other.restore(wl.dump_lines())
        assert other.dump() == wl.dump()
        assert other.check(replay=True) == []
        assert task(other, "etl").next_run_at == day(2)
        assert task(other, "paused").is_paused
        assert instants(other) == [day(1)]


@pytest.mark.parametrize(
    "series", [1, {}, {"until": "soon"}, {"paused": True}, {"until": "2025-01-01T00:00:00Z", "of": "a"}]
)
def test_a_series_in_a_dump_that_says_nothing(wl: Orchestrator, series: Any) -> None:
    """It is refused, with its line."""
    line = (
        '{"attempt":1,"attributes":{},"created_at":"2025-01-01T00:00:00Z","join":0,"kind":"task","series":%s,'
        '"stage":"draft","task_id":"a","task_type":"t","updated_at":"2025-01-01T00:00:00Z","version":1}'
    )
    written = str(series).replace("'", '"').replace("True", "true")
    lines = ['{"format":1,"kind":"worklattice"}', line % written, '{"kind":"end","lines":3}']
    with pytest.raises(ValidationError, match=r"line 2\.series"):
        wl.restore(lines)


def test_a_series_as_it_was(wl: Orchestrator, clock: ManualClock) -> None:
    """The log tells at each position how far the series had come, and so does each event backwards."""
    make(wl, "etl", attributes=DAILY)
    clock.advance("1 day")
    wl.tick()
    wl.pause_schedule("etl")
    wl.update_task("etl", attributes={"schedule": "hourly"})
    wl.resume_schedule("etl")
    clock.advance("5 hours")
    go(wl, "etl", "cancelled", "draft")
    wl.tick()
    with wl._store.read("default") as view:
        row, events = view.task("etl"), view.events(0, 1_000, "etl")
    for at in range(1, position(wl) + 1):
        with wl.as_of(at) as past:
            assert past.check(replay=True) == []
            with past._store.read("default") as view:
                there = view.task("etl")
            told = task_then(row, events, at)
            assert told is not None
            assert there is not None
            assert (told.series, told.version) == (there.series, there.version)


def test_previews(wl: Orchestrator, clock: ManualClock) -> None:
    """Of a task, or of a schedule that is none's yet; of the clock's changes, too."""
    make(wl, "etl", attributes=DAILY)
    shown = wl.preview_schedule("etl", count=2)
    assert (shown.schedule, shown.time_zone) == ("every day at 02:00", "UTC")
    assert shown.occurrences == (day(1), day(2))
    berlin: Any = {"at": "daily at 02:30", "time_zone": "Europe/Berlin", "missed": "catch_up"}
    after = datetime(2025, 3, 29, 12, tzinfo=UTC)
    assert wl.preview_schedule(schedule=berlin, count=2, after=after).occurrences == (
        datetime(2025, 3, 30, 1, tzinfo=UTC),
        datetime(2025, 3, 31, 0, 30, tzinfo=UTC),
    )
    wl.pause_schedule("etl")
    assert wl.preview_schedule("etl").occurrences[0] == day(1)
    assert wl.preview_schedule(schedule="2025-01-01T05:00:00Z").occurrences == (day(1, 5),)
    clock.advance("1 day")
    assert wl.preview_schedule("etl").occurrences[0] == day(2)
    assert wl.preview_schedule("etl").occurrences[9] - clock.now == timedelta(days=9, hours=2)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({}, "task_id"),
        ({"task_id": "etl", "schedule": "daily"}, "task_id"),
        ({"schedule": "evry day"}, "schedule"),
        ({"schedule": {"every": "day", "missed": 1, "at": 7}}, "schedule.missed"),
    ],
)
def test_previews_of_nothing(wl: Orchestrator, given: Any, path: str) -> None:
    """A preview is of one thing that can be read; what is wrong is told with its place."""
    make(wl, "etl", attributes=DAILY)
    with pytest.raises(ValidationError) as refused:
        wl.preview_schedule(**given)
    assert f"arguments.{path}" in {problem.field for problem in refused.value.problems}


def test_other_changes_leave_the_version_of_what_is_ticked(wl: Orchestrator, clock: ManualClock) -> None:
    """A run does not make whoever expects a version of the scheduled task fail."""
    make(wl, "etl", attributes=DAILY)
    updated = task(wl, "etl").updated_at
    clock.advance("1 day")
    wl.tick()
    assert versions(wl, "etl") == [1]
    assert task(wl, "etl").updated_at == updated
    wl.update_task("etl", attributes={"title": "x"}, expected_version=1)
