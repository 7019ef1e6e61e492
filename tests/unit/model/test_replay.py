"""Replay: the log alone gives the same state."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import attrs
import pytest

import worklattice
from tests.unit.model.asking import finish, go, make, need, position, ready, task
from worklattice import ConflictError, Orchestrator, ValidationError
from worklattice.model.project import SIGNALS
from worklattice.testing import ManualClock
from worklattice.types import JsonObject

LETTER: Final[JsonObject] = {
    "stages": {
        "written": {"status": "pending", "roles": ["startable"]},
        "sent": {"status": "completed", "roles": ["succeeded"]},
    },
    "transitions": {"written": ["sent"]},
}


@pytest.fixture
def lived(wl: Orchestrator, clock: ManualClock) -> Orchestrator:
    """A workspace in which much has happened, not all of it on tasks that are still there."""
    wl.register_task_type("story", attributes_schema={"type": "object"})
    wl.register_task_type("letter", lifecycle=LETTER)
    wl.create_generic_task("letter", task_id="letter")
    wl.define_calendar("office", {"working_hours": {"mon-fri": ["9-17"]}})
    wl.define_calendar("night", {"windows": "2025-06-15T02:00:00Z"})
    wl.delete_calendar("night")
    wl.create_template("idea", {"root_task": {"task_type": "task"}})
    wl.delete_template("idea")
    make(wl, "a", "b", "old", "new", "gone")
    make(wl, "t", dependencies=["a", "old"], join=2, not_before=clock.now + timedelta(hours=3))
    make(wl, "c", parent_task_id="t")
    need(wl, "c", "b", lag="1 hour")
    wl.add_comment("gone", "forgotten")
    wl.delete_task("gone")
    wl.manage_lifecycle("old", "superseded", superseded_by="new")
    finish(wl, "a")
    make(wl, "machine", attributes={"resources": "lathe"})
    taken = wl.claim_task("ann", filters={"task_id": "machine"}, lease="1 hour").claim
    assert taken is not None
    wl.manage_lifecycle("machine", "active", claim_token=taken.token)
    wl.renew_claim("machine", taken.token)
    clock.advance("1 hour")
    go(wl, "b", "active", "failed", "ready", "active", "completed")
    wl.manage_dependencies(
        "t", operation="waive", dependency_ids=["old"], expires_at=clock.now + timedelta(hours=1)
    )
    clock.advance("2 hours")
    wl.update_task("c", attributes={"x": {"y": 1}}, parent_task_id="new", task_type="story")
    wl.add_comment("c", "kept")
    wl.claim_task("ben", task_id="machine")
    return wl


def test_replayed_log_gives_the_same_dump(lived: Orchestrator) -> None:
    """Replayed into an empty workspace, the log gives the same canonical dump, and sound counts."""
    with worklattice.open("memory:") as again:
        again.replay(lived.events())
        assert again.dump() == lived.dump()
        assert again.check() == []


def test_signals_may_be_left_out(lived: Orchestrator, clock: ManualClock) -> None:
    """Nothing follows from signals; positions keep their gaps, and the log goes on behind them."""
    with worklattice.open("memory:", clock=ManualClock(clock.now)) as again:
        again.replay(event for event in lived.events() if event.event_type not in SIGNALS)
        assert again.dump() == lived.dump()
        last = [event.position for event in lived.events() if event.event_type not in SIGNALS][-1]
        make(again, "next")
        assert [event.position for event in again.events(after=last)] == [last + 1, last + 2]


def test_replayed_workspace_goes_on(lived: Orchestrator, clock: ManualClock) -> None:
    """What is due after the log's end happens in both alike."""
    with worklattice.open("memory:", clock=clock) as again:
        again.replay(lived.events())
        clock.advance("5 hours")
        assert ready(again) == ready(lived)
        for wl in (again, lived):
            wl.add_comment("c", "later")
        assert again.dump() == lived.dump()


def test_log_is_replayed_into_an_empty_workspace_only(lived: Orchestrator) -> None:
    """Where something was written before, nothing is replayed."""
    with worklattice.open("memory:") as other:
        make(other, "x")
        with pytest.raises(ConflictError, match="empty workspace"):
            other.replay(lived.events())
        assert task(other, "x").version == 1


def test_log_without_its_beginning_is_refused(lived: Orchestrator) -> None:
    """An event that does not follow from those before it is named, and nothing is written."""
    with worklattice.open("memory:") as again:
        with pytest.raises(ValidationError, match=r"event \d+ does not follow"):
            again.replay(event for event in lived.events(after=10))
        assert list(again.events()) == []


def test_log_without_one_of_its_events(lived: Orchestrator) -> None:
    """Whichever it is: where a later one needs it, that one is named, and nothing is written."""
    log = list(lived.events())
    refused = set[str]()
    for missing in log:
        with worklattice.open("memory:") as again:
            try:
                again.replay(event for event in log if event is not missing)
            except ValidationError as error:
                refused.add(missing.event_type)
                assert error.message.endswith("does not follow from those before it")  # noqa: PT017
                assert list(again.events()) == []
    definitions = {"template.defined", "task_type.defined", "calendar.defined"}
    assert refused == {"task.created", "dependency.added", *definitions}


def test_event_of_an_unknown_kind_is_refused(lived: Orchestrator) -> None:
    """As a later version may have written it: the error says so."""
    first, *_ = lived.events()
    with (
        worklattice.open("memory:") as again,
        pytest.raises(ValidationError, match=r'event 1 is of the unknown kind "task\.cloned"'),
    ):
        again.replay([attrs.evolve(first, event_type="task.cloned")])


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (
            "task.created",
            {"task_type": "t", "lifecycle_stage": "draft", "attributes": {}, "not_before": "soon"},
        ),
        ("task.created", {"task_type": "t", "lifecycle_stage": "draft"}),
        ("dependency.added", {"lag": "a while"}),
        ("claim.renewed", {"lease": 7}),
    ],
)
def test_event_that_does_not_say_what_its_kind_says(lived: Orchestrator, kind: str, data: JsonObject) -> None:
    """An event that another hand wrote is refused by its position, and nothing is written."""
    events = list(lived.events())
    at = next(index for index, event in enumerate(events) if event.event_type == kind)
    said = {} if kind == "task.created" else events[at].data
    events[at] = attrs.evolve(events[at], data={**said, **data})
    with worklattice.open("memory:") as again:
        with pytest.raises(ValidationError, match=rf"event {events[at].position} \({kind}\)"):
            again.replay(events)
        assert again.workspaces() == []


def test_log_out_of_order_is_refused(lived: Orchestrator) -> None:
    """A log that is told backwards is no log."""
    events = list(lived.events())
    with worklattice.open("memory:") as again, pytest.raises(ValidationError, match="does not follow"):
        again.replay([events[0], events[2], events[1]])


def test_empty_log_leaves_the_workspace_unwritten() -> None:
    """Nothing comes of nothing."""
    with worklattice.open("memory:") as again:
        again.replay([])
        make(again, "t")
        assert [event.position for event in again.events()] == [1, 2]


def test_deep_cascade_is_replayed_as_it_was(wl: Orchestrator) -> None:
    """What a cascade holds back is carried down once, in a replay too, and comes to the same."""
    names = [f"c{n:03}" for n in range(200)]
    wl.batch_create(
        [
            {"task_type": "t", "task_id": name, "parent_task_id": names[n - 1] if n else None}
            for n, name in enumerate(names)
        ]
    )
    make(wl, "waits", parent_task_id=names[-1])
    wl.manage_lifecycle(names[0], "cancelled", cascade=True)
    wl.manage_lifecycle(names[0], "draft", cascade=True)
    assert wl.check(replay=True) == []
    assert wl.as_of(position(wl)).dump() == wl.dump()
