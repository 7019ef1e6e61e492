"""When tasks may start by their windows, and what is told where these cannot be found or read."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest

import worklattice
from tests.unit.model.asking import go, make, task
from tests.unit.model.times import OFFICE, WINDOW, at
from worklattice import Orchestrator
from worklattice.testing import ManualClock
from worklattice.types import JsonObject, JsonValue


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
    assert "is no window of an ancestor, and no calendar" in answer.warnings[0]
    assert len(wl.get_ready_tasks().tasks) == 1


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
    with pytest.raises(
        worklattice.PrerequisitesNotMetError, match="does not open before 2026-05-16T09:00:00Z"
    ):
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


@pytest.mark.parametrize(
    ("window", "is_warned_of"),
    [
        ("2025-01-01T10:00", True),
        ({"start": "2025-01-01T10:00", "duration": "1 hour"}, True),
        ([{"start": "2025-01-01T10:00Z", "end": "2025-01-01T11:00"}], True),
        ({"start": "2025-01-01T10:00", "duration": "1 hour", "time_zone": "Europe/Berlin"}, False),
        ({"start": "2025-01-01T10:00Z", "duration": "1 hour"}, False),
        ({"start": "2025-01-01", "duration": "1 hour"}, False),
    ],
)
def test_window_without_a_zone_is_utc(wl: Orchestrator, window: JsonValue, *, is_warned_of: bool) -> None:
    """Whoever writes such a time is told how it was read."""
    answer = wl.create_generic_task("task", attributes={"execution_window": window})
    told = "attributes.execution_window says no time zone, and is read as UTC."
    assert any(told in warning for warning in answer.warnings) == is_warned_of


@pytest.mark.parametrize(
    "attribute", ["maintenance", "Maintenance_Window", "maintenance_date", "maintenance_at"]
)
def test_window_of_an_ancestor_under_any_name_of_it(
    wl: Orchestrator, clock: ManualClock, attribute: str
) -> None:
    """The names by which deadlines count from something are those by which windows are found."""
    make(wl, "m", attributes={attribute: "2025-01-02"})
    make(wl, "t", parent_task_id="m", attributes={"execution_window": "Maintenance"})
    assert "t" not in {ready.task_id for ready in wl.get_ready_tasks().tasks}
    clock.set(at("2025-01-02"))
    assert "t" in {ready.task_id for ready in wl.get_ready_tasks().tasks}


def test_window_of_an_ancestor_comes_before_a_calendar(wl: Orchestrator, clock: ManualClock) -> None:
    """Whoever defines a calendar later of the same name lets nobody start earlier."""
    make(wl, "m", attributes={"maintenance_window": "2025-06-15"})
    make(wl, "t", parent_task_id="m", attributes={"execution_window": "maintenance"})
    wl.define_calendar("maintenance", {"windows": "2025-01-01"})
    assert wl.get_ready_tasks().tasks == ()
    wl.update_task("m", attributes={"maintenance_window": None})
    assert "t" in {ready.task_id for ready in wl.get_ready_tasks().tasks}
    assert wl.check() == []


def test_loss_of_what_times_hang_on_is_told(wl: Orchestrator) -> None:
    """Whoever deletes a calendar, takes its hours or changes an anchor learns what others lose by that."""
    wl.define_calendar("office", OFFICE)
    make(wl, "r", attributes={"release_at": "2025-02-03T10:00:00Z", "freeze": "2025-06-01"})
    inside: JsonObject = {"deadline": "2 days before release", "execution_window": "freeze"}
    make(wl, "a", parent_task_id="r", attributes=inside)
    make(wl, "b", attributes={"sla": "8 hours", "calendar": "office"})
    make(wl, "c", attributes={"execution_window": "office"})
    assert wl.update_task("r", attributes={"title": "x"}).warnings == ()
    assert wl.define_calendar("office", {**OFFICE, "holidays": ["2025-01-02"]}).warnings == ()
    lost = wl.update_task("r", attributes={"release_at": "1 Feb 2025", "freeze": None}).warnings
    told = [warning.partition(": attributes.")[2] for warning in lost]
    assert told == [
        "deadline sets no due time: neither the task nor an ancestor says when release is.",
        'execution_window holds nobody back: "freeze" is no window of an ancestor, and no calendar.',
    ]
    (without_hours,) = wl.define_calendar("office", {"windows": "2025-06-15"}).warnings
    assert without_hours == 'Task "b": attributes.calendar counts no hours: "office" has none.'
    assert [warning.partition(":")[0] for warning in wl.delete_calendar("office").warnings] == [
        'Task "b"',
        'Task "c"',
    ]
    assert wl.check() == []


def test_loss_of_what_has_ended_is_nobodys(wl: Orchestrator) -> None:
    """Ended tasks take no place among the warnings; a deadline is missed although an SLA is left."""
    wl.define_calendar("office", OFFICE)
    make(wl, "r", attributes={"release_at": "2025-01-03T10:00:00Z"})
    attributes: JsonObject = {"deadline": "2 working days before release", "calendar": "office"}
    for number in range(110):
        make(wl, f"t{number}", parent_task_id="r", attributes=attributes, lifecycle_stage="cancelled")
    make(wl, "open", parent_task_id="r", attributes={**attributes, "sla": "80 hours"})
    (lost,) = wl.update_task("r", attributes={"release_at": None}).warnings
    assert lost.startswith('Task "open": attributes.deadline sets no due time: neither')
    assert {warning[:11] for warning in wl.delete_calendar("office").warnings} == {'Task "open"'}


def test_window_of_an_ancestor_that_is_over(wl: Orchestrator, clock: ManualClock) -> None:
    """Whoever writes the task is told as of one of its own."""
    clock.set(at("2025-03-01"))
    make(wl, "m", attributes={"maintenance_window": WINDOW})
    attributes: JsonObject = {"execution_window": "maintenance"}
    (over,) = wl.create_generic_task("t", parent_task_id="m", attributes=attributes).warnings
    assert over.endswith("attributes.execution_window lets nobody start any more: it is over.")


def test_windows_that_are_open_together_far_off(wl: Orchestrator) -> None:
    """Nobody is told that they never are: only until when it was looked."""
    every: JsonObject = {"schedule": "every 2 minutes", "duration": "1 minute"}
    odd: JsonObject = {"every": "2 minutes", "start": "2025-01-01T00:01:00Z"}
    later: JsonValue = [
        {"schedule": odd, "duration": "1 minute"},
        {"start": "2025-01-03", "duration": "1 hour"},
    ]
    make(wl, "t", attributes={"maintenance_window": every, "execution_window": later})
    with pytest.raises(worklattice.PrerequisitesNotMetError, match="does not open before 2025-01-01T16:4"):
        wl.manage_lifecycle("t", "active")
