"""Subscribers: who is told what, when and where, and what they cannot do."""

from __future__ import annotations

import logging
from threading import Condition, Thread
from threading import Event as Flag
from typing import Any

import pytest

import worklattice
from worklattice import Event, Orchestrator, TaskNotFoundError, ValidationError
from worklattice.orchestrator.publishing import Publisher
from worklattice.testing import ManualClock

PATIENCE = 30
"""Seconds after which a test that hangs gives up."""


def test_events_are_told_in_the_order_of_the_log(wl: Orchestrator) -> None:
    """A subscriber hears every event of every commit, once, as the log has them."""
    told: list[Event] = []
    wl.subscribe(told.append)
    wl.create_generic_task("t", task_id="a")
    wl.create_generic_task("t", task_id="b", dependencies=["a"])
    with wl.transaction():
        wl.manage_lifecycle("a", "active")
        wl.manage_lifecycle("a", "completed")
    assert told == list(wl.events())
    assert [event.position for event in told] == list(range(1, len(told) + 1))


def test_only_the_kinds_asked_for(wl: Orchestrator) -> None:
    """With kinds, others are not told."""
    told: list[str | None] = []
    wl.subscribe(lambda event: told.append(event.task_id), kinds=["task.ready"])
    wl.create_generic_task("t", task_id="a")
    wl.create_generic_task("t", task_id="b", dependencies=["a"])
    assert told == ["a"]


def test_cancelled_subscription_hears_nothing_more(wl: Orchestrator) -> None:
    """Cancelling ends it, twice is harmless; as a context manager it ends with the block."""
    told: list[Event] = []
    subscription = wl.subscribe(told.append)
    subscription.cancel()
    subscription.cancel()
    with wl.subscribe(told.append):
        wl.create_generic_task("t", task_id="a")
    wl.create_generic_task("t", task_id="b")
    assert {event.task_id for event in told} == {"a"}


def test_refusals_and_dry_runs_are_not_told(wl: Orchestrator) -> None:
    """Nothing that was not committed is told."""
    told: list[Event] = []
    wl.subscribe(told.append)
    with pytest.raises(TaskNotFoundError):
        wl.manage_lifecycle("nobody", "active")
    wl.create_generic_task("t", dry_run=True)
    assert told == []


def test_transaction_is_told_when_it_has_ended(wl: Orchestrator) -> None:
    """Inside the block nobody hears anything, and nothing of one that is undone."""
    told: list[Event] = []
    wl.subscribe(told.append)
    with wl.transaction():
        wl.create_generic_task("t")
        assert told == []
    assert len(told) == 2
    with pytest.raises(RuntimeError), wl.transaction():  # noqa: PT012 - the whole block is undone
        wl.create_generic_task("t")
        raise RuntimeError
    assert len(told) == 2


def test_exception_of_a_subscriber_goes_no_further(
    wl: Orchestrator, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged; the commit stands, the answer is given, and the other subscribers are told."""

    def stumble(event: Event) -> None:
        raise RuntimeError("no network")

    told: list[Event] = []
    wl.subscribe(stumble, kinds=["task.created"])
    wl.subscribe(told.append)
    with caplog.at_level(logging.ERROR, logger="worklattice"):
        assert wl.create_generic_task("t", task_id="a").task_id == "a"
    assert len(told) == 2
    (record,) = caplog.records
    assert record.message.startswith("A subscriber failed on event")
    assert record.exc_info is not None


def test_subscriber_sees_what_it_is_told_of(wl: Orchestrator) -> None:
    """It is called after the commit: what it reads has the change in it."""
    seen: list[str] = []

    def look(event: Event) -> None:
        found = wl.get_task(event.task_id).task
        assert found is not None
        seen.append(found.status)

    wl.subscribe(look, kinds=["task.created"])
    wl.create_generic_task("t")
    assert seen == ["pending"]


def test_subscriber_may_write(wl: Orchestrator) -> None:
    """What it writes is a commit of its own, told after the one that it is being told of."""
    told: list[tuple[str, str | None]] = []

    def follow_up(event: Event) -> None:
        if event.task_id == "a":
            wl.create_generic_task("t", task_id=f"after-{event.event_type}")

    wl.subscribe(follow_up)
    wl.subscribe(lambda event: told.append((event.event_type, event.task_id)))
    wl.create_generic_task("t", task_id="a")
    assert told == [
        ("task.created", "a"),
        ("task.ready", "a"),
        ("task.created", "after-task.created"),
        ("task.ready", "after-task.created"),
        ("task.created", "after-task.ready"),
        ("task.ready", "after-task.ready"),
    ]


def test_events_are_values(wl: Orchestrator) -> None:
    """A subscriber that changes what it was given changes nothing in the log."""
    wl.subscribe(lambda event: event.data.clear())
    wl.create_generic_task("t", attributes={"x": 1})
    assert next(iter(wl.events())).data["attributes"] == {"x": 1}


def test_blocking_subscriber_keeps_nobody_from_committing(clock: ManualClock) -> None:
    """While one thread is being told, another commits; its subscribers are told in commit order."""
    with worklattice.open("memory:", clock=clock) as wl:
        inside, go_on = Flag(), Flag()
        told: list[int] = []

        def wait_once(event: Event) -> None:
            if event.position == 1:
                inside.set()
                assert go_on.wait(PATIENCE)
            told.append(event.position)

        wl.subscribe(wait_once)
        slow = Thread(target=wl.create_generic_task, args=("t",), kwargs={"task_id": "slow"})
        slow.start()
        assert inside.wait(PATIENCE)
        quick = Thread(target=wl.create_generic_task, args=("t",), kwargs={"task_id": "quick"})
        quick.start()
        while wl.get_task(task_ids=["quick"]).missing:
            assert quick.is_alive()
        assert told == []
        go_on.set()
        for thread in (slow, quick):
            thread.join(PATIENCE)
        assert told == [1, 2, 3, 4]


def test_many_writers_are_told_in_order(clock: ManualClock) -> None:
    """With four threads committing, a subscriber hears positions without gap or repetition."""
    with worklattice.open("memory:", clock=clock) as wl:
        told: list[int] = []
        wl.subscribe(lambda event: told.append(event.position))
        writers = [Thread(target=lambda: [wl.create_generic_task("t") for _ in range(25)]) for _ in range(4)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join(PATIENCE)
        assert told == list(range(1, 201))


def test_subscription_that_ends_while_it_is_told(wl: Orchestrator) -> None:
    """A handler that cancels itself, or another one, after the first event ends it there and then."""
    told: list[str] = []

    def once(_: Event) -> None:
        told.append("own")
        own.cancel()

    own = wl.subscribe(once)
    other = wl.subscribe(lambda _: told.append("other"))
    third = wl.subscribe(lambda _: other.cancel())
    wl.create_generic_task("t")
    assert told == ["own", "other"]
    third.cancel()


@pytest.mark.parametrize("kinds", ["task.ready", ["task.redy"], [1]])
def test_kinds_that_there_are_not(wl: Orchestrator, kinds: Any) -> None:
    """A kind that is misspelt, or given without a list, is refused instead of never being heard of."""
    with pytest.raises(ValidationError) as refused:
        wl.subscribe(print, kinds=kinds)
    assert refused.value.suggestion
    with pytest.raises(ValidationError):
        wl.events(kinds=kinds)


def test_wait_for_ones_turn_that_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while another thread's handler is at work keeps nobody from being told afterwards."""
    publisher = Publisher()
    publisher.subscribe(print, None)
    first, second, third = (publisher.ticket() for _ in range(3))

    def interrupted(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Condition, "wait", interrupted)
        with pytest.raises(KeyboardInterrupt):
            publisher.tell(second, (), "log")
    publisher.tell(first, (), "log")
    teller = Thread(target=publisher.tell, args=(third, (), "log"), daemon=True)
    teller.start()
    teller.join(PATIENCE)
    assert not teller.is_alive()
