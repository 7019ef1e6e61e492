"""Which events are told, to whom, and in which words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import worklattice
from worklattice import Notification, Orchestrator
from worklattice.model.notifications import REQUESTED, TOLD, notifications_in
from worklattice.model.project import EVENT_TYPES
from worklattice.model.rows import EventRow
from worklattice.testing import ManualClock, SequentialIds
from worklattice.types import LIMITS, JsonObject, JsonValue

GATED: JsonObject = {"success_metrics": ["errors < 1"], "rollback_policy": "record"}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def wl(clock: ManualClock) -> Iterator[Orchestrator]:
    with worklattice.open("memory:", clock=clock, ids=SequentialIds(), actor="ann") as opened:
        yield opened


def task(wl: Orchestrator, task_id: str, parent: str | None = None, /, **attributes: JsonValue) -> None:
    wl.create_generic_task("t", task_id=task_id, parent_task_id=parent, attributes=attributes)


def told(wl: Orchestrator, consumer: str = "default") -> list[tuple[str, str]]:
    """The channels that are told, and what."""
    got: list[Notification] = []
    schemes: list[str] = ["slack", "user", "mailto", ""]
    handlers = dict.fromkeys(schemes, got.append)
    while wl.deliver(handlers, consumer=consumer, limit=1_000).delivered:
        pass
    return [(each.channel, each.text) for each in got]


def test_every_kind_that_is_told_is_one_of_an_event() -> None:
    """A kind that no event has would wait for ever."""
    assert {REQUESTED, *TOLD} <= {*EVENT_TYPES}


def test_a_transition_says_whom_to_tell(wl: Orchestrator) -> None:
    """Each channel once, whatever the task's attribute says."""
    task(wl, "a", title="Step A", notify_channels=["#own"])
    answer = wl.manage_lifecycle("a", "active", notify_channels=["#b", "#a", "#b"], notes="go")
    assert told(wl) == [("#b", "Step A: draft → active. go"), ("#a", "Step A: draft → active. go")]
    assert [(each.event_id, each.attempt) for each in answer.notifications] == [
        (event.event_id, 0) for event in wl.events(kinds=[REQUESTED])
    ]


def test_missed_times(wl: Orchestrator, clock: ManualClock) -> None:
    """The channels of the task are told of each alarm, as its type calls the attribute."""
    wl.register_task_type("t", attribute_names={"notify_channels": "watchers"})
    task(wl, "a", None, watchers="#ops", sla="10 minutes")
    wl.create_generic_task("s", task_id="b", attributes={"notify_channels": "@ann"}, lifecycle_stage="active")
    wl.update_task("b", attributes={"rollback_time_limit": "30 minutes"})
    clock.advance("1 hour")
    wl.create_generic_task("s")
    limit = "2025-01-01T00:30:00Z"
    assert told(wl) == [
        ("#ops", "a: its sla will soon run out"),
        ("#ops", "a: it has not ended by 2025-01-01T00:10:00Z (sla)"),
        ("@ann", f"b: it has not ended by {limit}, and should be rolled back (rollback_time_limit)"),
    ]


def test_failed_gates_and_fired_triggers(wl: Orchestrator) -> None:
    """The channels of the task are told what was observed."""
    task(wl, "a", notify_channels=["#ops", "@ann"], rollback_triggers=["errors > 5"], **GATED)
    wl.record_metrics("a", {"errors": 7})
    gate, trigger = (
        "a: gate errors < 1 failed: errors is 7, 6 too high",
        "a: trigger errors > 5 fired: it is 7",
    )
    assert told(wl) == [("#ops", gate), ("@ann", gate), ("#ops", trigger), ("@ann", trigger)]
    wl.record_metrics("a", {"errors": 0})
    assert told(wl) == []


@pytest.mark.parametrize(
    ("of_task", "expected"),
    [
        ({}, ["#near"]),
        ({"notify_channels": None}, ["#near"]),
        ({"notify_channels": ["#own"]}, ["#own"]),
        ({"notify_channels": []}, []),
    ],
)
def test_the_nearest_ancestor_says_whom_to_tell(
    wl: Orchestrator, of_task: JsonObject, expected: list[str]
) -> None:
    """Where the task says nothing that can be read; an empty list is something."""
    task(wl, "far", notify_channels=["#far"])
    task(wl, "near", "far", notify_channels="#near")
    task(wl, "between", "near", notify_channels=[3])
    task(wl, "a", "between", **GATED, **of_task)
    wl.record_metrics("a", {"errors": 7})
    assert [channel for channel, _ in told(wl)] == expected


def test_nobody_is_named(wl: Orchestrator) -> None:
    """Then nobody is told."""
    task(wl, "a", **GATED)
    wl.record_metrics("a", {"errors": 7})
    assert told(wl) == []


def test_it_is_told_as_things_stood(wl: Orchestrator) -> None:
    """Whatever becomes of the task, its ancestors and their attributes afterwards."""
    task(wl, "p", notify_channels=["#then"])
    task(wl, "q", notify_channels=["#other"])
    task(wl, "a", "p", title="Then", **GATED)
    wl.record_metrics("a", {"errors": 7})
    wl.update_task("a", attributes={"title": "Now", "notify_channels": ["#now"]})
    wl.record_metrics("a", {"errors": 0})
    wl.record_metrics("a", {"errors": 8})
    wl.update_task("a", attributes={"notify_channels": None}, parent_task_id="q")
    wl.record_metrics("a", {"errors": 0})
    wl.record_metrics("a", {"errors": 9})
    expected = [
        ("#then", "Then: gate errors < 1 failed: errors is 7, 6 too high"),
        ("#now", "Now: gate errors < 1 failed: errors is 8, 7 too high"),
        ("#other", "Now: gate errors < 1 failed: errors is 9, 8 too high"),
    ]
    assert told(wl, "early") == expected
    wl.delete_task("a")
    wl.delete_task("p")
    wl.create_generic_task("other", task_id="a", attributes={"title": "Another"})
    assert told(wl, "late") == expected


@pytest.mark.parametrize("since", [{}, {"attribute_names": {"notify_channels": "others"}}])
def test_the_type_has_changed_since(wl: Orchestrator, clock: ManualClock, since: dict[str, Any]) -> None:
    """An event is told to the channels that its task named then, as the types were then."""
    wl.register_task_type("t", attribute_names={"notify_channels": "tell"})
    task(wl, "p", None, tell="#then", notify_channels="#now")
    wl.create_generic_task("s", task_id="a", parent_task_id="p", attributes={"sla": "10 minutes", **GATED})
    wl.record_metrics("a", {"errors": 7})
    clock.advance("1 hour")
    wl.create_generic_task("s")
    wl.register_task_type("t", **since)
    assert [channel for channel, _ in told(wl)] == ["#then"] * 3


def test_an_event_says_itself_what_to_tell(wl: Orchestrator, clock: ManualClock) -> None:
    """Nothing else is read, however much was recorded since; it says nothing where nobody is to be told."""
    task(wl, "a", None, notify_channels=["#a", "@b"], rollback_triggers=["errors > 5"], **GATED)
    task(wl, "quiet", None, sla="10 minutes", **GATED)
    wl.update_task("a", attributes={"sla": "10 minutes", "rollback_time_limit": "1 minute"})
    wl.manage_lifecycle("a", "active")
    clock.advance("1 hour")
    wl.record_metrics("quiet", {"errors": 7})
    wl.record_metrics("a", {"errors": 7})
    said = {(event.event_type, event.task_id): event.data for event in wl.events(kinds=[*TOLD])}
    assert {kind for kind, task_id in said if task_id == "a"} == {*TOLD}
    for (_, task_id), data in said.items():
        assert data.get("channels") == (["#a", "@b"] if task_id == "a" else None)
        assert ("text" in data) is (task_id == "a")
    rows = (EventRow(1, *about, 0, None, None, data, 1, None) for about, data in said.items())
    assert [pair for row in rows for pair in notifications_in(row)] == told(wl)


def test_a_long_title_is_cut(wl: Orchestrator) -> None:
    """Each event that is told repeats it, and so does what a transition asks for."""
    limit = LIMITS.title_characters
    task(wl, "a", title="x" * limit, notify_channels="#ops", **GATED)
    task(wl, "b", title="y" * (limit + 1), notify_channels="#ops", **GATED)
    for task_id in ("a", "b"):
        wl.record_metrics(task_id, {"errors": 7})
    wl.manage_lifecycle("b", "active", notify_channels=["#ops"])
    cut = "y" * (limit - 1) + "…"
    assert [text.partition(":")[0] for _, text in told(wl)] == ["x" * limit, cut, cut]


def test_a_replayed_log_tells_the_same(wl: Orchestrator) -> None:
    """What to tell is part of the events, and comes with them."""
    task(wl, "a", notify_channels=["#ops"], **GATED)
    wl.record_metrics("a", {"errors": 7})
    (event,) = wl.events(kinds=["gate.failed"])
    with worklattice.open("memory:") as other:
        other.replay(wl.events())
        assert [each.data for each in other.events(kinds=["gate.failed"])] == [event.data]


def test_a_notification_knows_its_event(wl: Orchestrator) -> None:
    """Its facts are those of the event, and which try it is."""
    task(wl, "a")
    wl.manage_lifecycle("a", "active", notify_channels=["mailto:ben@example.org"], reason="so")
    got: list[Notification] = []
    wl.deliver({"mailto": got.append})
    (event,) = wl.events(kinds=[REQUESTED])
    assert got == [
        Notification(
            channel="mailto:ben@example.org",
            scheme="mailto",
            target="ben@example.org",
            text="a: draft → active",
            task_id="a",
            event_type=REQUESTED,
            event_id=event.event_id,
            at=event.at,
            actor="ann",
            reason="so",
            attempt=1,
        )
    ]
