"""Notifications are delivered at least once, tried again where they fail, and given up in the end."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import worklattice
from tests.stores import url_of
from worklattice import ConflictError, Notification, Orchestrator, ValidationError
from worklattice.model.answers import Delivered
from worklattice.model.outbox import ATTEMPTS
from worklattice.storage.api import StoreView
from worklattice.testing import ManualClock, SequentialIds
from worklattice.types import LIMITS

Sent = list[Notification]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return url_of(request.param, tmp_path)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def stored(url: str, clock: ManualClock) -> Iterator[Orchestrator]:
    """A workspace in a store of each kind."""
    with worklattice.open(url, clock=clock, ids=SequentialIds()) as opened:
        yield opened


@pytest.fixture
def wl(clock: ManualClock) -> Iterator[Orchestrator]:
    with worklattice.open("memory:", clock=clock, ids=SequentialIds()) as opened:
        yield opened


def tell(wl: Orchestrator, *channels: str, task_id: str = "a") -> None:
    """Ask for a notification to each of the channels."""
    wl.create_generic_task("t", task_id=task_id)
    wl.manage_lifecycle(task_id, "active", notify_channels=channels)


def failing(notification: Notification) -> None:
    raise OSError(f"cannot reach https://secret/{notification.channel}")


def counts(came: Delivered) -> tuple[int, int, int, int]:
    return came.delivered, came.retried, came.dead, came.late


# --- once ---------------------------------------------------------------------------------------------------


def test_each_is_delivered_once_where_nothing_fails(stored: Orchestrator) -> None:
    """In the order of events, to the handler for its scheme; the next call finds nothing."""
    slack: Sent = []
    others: Sent = []
    tell(stored, "#a", "@b", "plain")
    tell(stored, "#c", task_id="b")
    handlers = {"Slack": slack.append, "user": others.append, "": others.append}
    assert counts(stored.deliver(handlers)) == (4, 0, 0, 0)
    assert ([each.channel for each in slack], [each.channel for each in others]) == (
        ["#a", "#c"],
        ["@b", "plain"],
    )
    again = stored.deliver(handlers)
    assert (counts(again), again.next_at) == ((0, 0, 0, 0), None)
    assert len(slack) + len(others) == 4


def test_delivering_is_no_event(stored: Orchestrator) -> None:
    """Neither the log nor the dump nor what is derived knows of it."""
    tell(stored, "#a", "@b")
    before = stored.dump(), [event.position for event in stored.events()]
    stored.deliver({"slack": failing})
    assert (stored.dump(), [event.position for event in stored.events()]) == before
    assert stored.check(replay=True) == []


def test_only_so_many_in_one_call(stored: Orchestrator, clock: ManualClock) -> None:
    """What is left is due at once, as `next_at` says; dead letters count too."""
    sent: Sent = []
    tell(stored, *(f"#{n}" for n in range(4)), "@x")
    first = stored.deliver({"slack": sent.append}, limit=3)
    assert (counts(first), first.next_at) == ((3, 0, 0, 0), clock())
    second = stored.deliver({"slack": sent.append}, limit=1)
    assert (counts(second), second.next_at) == ((1, 0, 0, 0), clock())
    third = stored.deliver({"slack": sent.append}, limit=1)
    assert (counts(third), third.next_at) == ((0, 0, 1, 0), None)
    assert [each.channel for each in sent] == ["#0", "#1", "#2", "#3"]


def test_each_consumer_is_told_everything(stored: Orchestrator) -> None:
    """Whenever it comes; it begins at the beginning of the log."""
    one: Sent = []
    other: Sent = []
    tell(stored, "#a")
    stored.deliver({"slack": one.append}, consumer="one")
    tell(stored, "#b", task_id="b")
    assert counts(stored.deliver({"slack": other.append}, consumer="other")) == (2, 0, 0, 0)
    assert counts(stored.deliver({"slack": one.append}, consumer="one")) == (1, 0, 0, 0)
    assert [each.channel for each in one] == [each.channel for each in other] == ["#a", "#b"]


def test_a_log_of_many_pages(wl: Orchestrator) -> None:
    """What stands anywhere in it is told."""
    sent: Sent = []
    for n in range(3):
        wl.batch_create([{"task_type": "t"} for _ in range(600)])
        tell(wl, f"#{n}", task_id=f"a{n}")
    assert counts(wl.deliver({"slack": sent.append})) == (3, 0, 0, 0)
    assert [each.channel for each in sent] == ["#0", "#1", "#2"]


def test_a_workspace_that_was_never_written(stored: Orchestrator) -> None:
    """Has nothing to tell, and stays as it is."""
    answer = stored.deliver({"slack": failing})
    assert (counts(answer), answer.next_at) == ((0, 0, 0, 0), None)
    assert stored.workspaces() == []


def test_a_call_that_finds_nothing_new(stored: Orchestrator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks into the store once, and writes nothing."""
    looks: list[str] = []
    look = stored._store.read

    def count(workspace: str) -> AbstractContextManager[StoreView]:
        looks.append(workspace)
        return look(workspace)

    tell(stored, "#a")
    later = stored.deliver({"slack": failing}).next_at
    monkeypatch.setattr(stored._store, "read", count)
    monkeypatch.setattr(stored._store, "write", None)
    again = stored.deliver({"slack": failing})
    assert (counts(again), again.next_at, len(looks)) == ((0, 0, 0, 0), later, 1)


def test_workspaces_tell_their_own(stored: Orchestrator) -> None:
    """And what is on its way goes with its workspace."""
    sent: Sent = []
    other = stored.workspace("other")
    tell(stored, "#mine")
    tell(other, "#theirs")
    other.deliver({})
    assert counts(stored.deliver({"slack": sent.append})) == (1, 0, 0, 0)
    assert [each.channel for each in sent] == ["#mine"]
    stored.drop_workspace("other")
    assert other.list_dead_letters().dead_letters == ()
    tell(other, "#new")
    assert counts(other.deliver({"slack": sent.append})) == (1, 0, 0, 0)


def test_a_handler_may_write(stored: Orchestrator) -> None:
    """It is called outside of any transaction; what it asks to be told is told by the next call."""
    sent: Sent = []

    def write(notification: Notification) -> None:
        sent.append(notification)
        if len(sent) == 1:
            stored.add_comment("a", "told")
            tell(stored, "#more", task_id="b")

    tell(stored, "#a")
    assert counts(stored.deliver({"slack": write})) == (1, 0, 0, 0)
    assert counts(stored.deliver({"slack": write})) == (1, 0, 0, 0)
    assert [each.channel for each in sent] == ["#a", "#more"]


# --- again --------------------------------------------------------------------------------------------------


def test_a_handler_that_raises_is_called_again(stored: Orchestrator, clock: ManualClock) -> None:
    """After pauses that double, with the number of the try; others are not held up."""
    attempts: list[int] = []

    def third_time(notification: Notification) -> None:
        attempts.append(notification.attempt)
        if notification.attempt < 3:
            raise OSError("busy")

    sent: Sent = []
    tell(stored, "@slow", "#quick")
    handlers = {"user": third_time, "slack": sent.append}
    first = stored.deliver(handlers)
    assert (counts(first), first.next_at) == ((1, 1, 0, 0), clock() + timedelta(seconds=30))
    clock.advance("29 seconds")
    assert counts(stored.deliver(handlers)) == (0, 0, 0, 0)
    clock.advance("1 second")
    second = stored.deliver(handlers)
    assert (counts(second), second.next_at) == ((0, 1, 0, 0), clock() + timedelta(seconds=60))
    clock.advance("1 minute")
    assert counts(stored.deliver(handlers)) == (1, 0, 0, 0)
    assert (attempts, len(sent)) == ([1, 2, 3], 1)


def test_who_fails_too_often_is_given_up(stored: Orchestrator, clock: ManualClock) -> None:
    """With the last error, in which no URL is; and is tried again when somebody says so."""
    tell(stored, "#a")
    for attempt in range(1, ATTEMPTS + 1):
        came = stored.deliver({"slack": failing})
        assert counts(came) == ((0, 1, 0, 0) if attempt < ATTEMPTS else (0, 0, 1, 0))
        assert (came.next_at is None) == (attempt == ATTEMPTS)
        clock.advance("1 hour")
    (letter,) = stored.list_dead_letters().dead_letters
    assert letter.error == "OSError: cannot reach …"
    assert letter.notification.attempt == ATTEMPTS
    assert letter.dead_at == clock() - timedelta(hours=1)
    assert counts(stored.deliver({"slack": failing})) == (0, 0, 0, 0)
    assert stored.redeliver([letter.dead_letter_id]).dead_letter_ids == (letter.dead_letter_id,)
    assert stored.list_dead_letters().dead_letters == ()
    sent: Sent = []
    assert counts(stored.deliver({"slack": sent.append})) == (1, 0, 0, 0)
    assert sent[0].attempt == 1


def test_near_the_end_of_all_calendars(wl: Orchestrator, clock: ManualClock) -> None:
    """A lease and a pause end with them at the latest."""
    clock.set(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
    tell(wl, "#a")
    assert wl.deliver({"slack": failing}, lease="1000 days").retried == 1
    assert wl.deliver({}).next_at == datetime.max.replace(tzinfo=UTC)


def test_nobody_can_deliver_it(stored: Orchestrator) -> None:
    """A scheme without a handler makes dead letters at once, which say so."""
    tell(stored, "gopher:hole", "mailto:x@y.z")
    assert counts(stored.deliver({"slack": failing, "mailto": lambda _: None})) == (1, 0, 1, 0)
    (letter,) = stored.list_dead_letters().dead_letters
    assert letter.notification.channel == "gopher:hole"
    assert letter.error == (
        'There is no handler for the scheme "gopher". Those that there are: "mailto", "slack".'
    )


def test_dead_letters_page_by_page(stored: Orchestrator) -> None:
    """In the order of their events and channels."""
    tell(stored, *(f"#{n}" for n in range(5)))
    stored.deliver({}, consumer="c")
    channels, after = [], None
    while True:
        page = stored.list_dead_letters(consumer="c", after=after, limit=2)
        channels += [letter.notification.channel for letter in page.dead_letters]
        after = page.next_after
        if after is None:
            break
    assert channels == [f"#{n}" for n in range(5)]
    assert stored.list_dead_letters().dead_letters == ()


def test_all_dead_letters_of_a_consumer_again(stored: Orchestrator) -> None:
    """A thousand a call, oldest first; another consumer's stay dead."""
    names = [f"#{n}" for n in range(1_003)]
    for start in range(0, len(names), LIMITS.channels):
        tell(stored, *names[start : start + LIMITS.channels], task_id=f"t-{start}")
    for consumer in ("one", "other"):
        assert sum(stored.deliver({}, consumer=consumer, limit=1_000).dead for _ in range(2)) == 1_003
    first = stored.redeliver(consumer="one")
    assert (len(first.dead_letter_ids), first.more) == (1_000, True)
    second = stored.redeliver(consumer="one")
    assert (len(second.dead_letter_ids), second.more) == (3, False)
    assert stored.redeliver(consumer="one").dead_letter_ids == ()
    assert len(stored.list_dead_letters(consumer="other", limit=1_000).dead_letters) == 1_000
    sent: Sent = []
    assert counts(stored.deliver({"slack": sent.append}, consumer="one", limit=2)) == (2, 0, 0, 0)


def test_redelivering_is_a_write_like_others(stored: Orchestrator) -> None:
    """With dry runs, keys and transactions, but without an event of its own."""
    tell(stored, "#a", "#b")
    stored.deliver({})
    one, two = (letter.dead_letter_id for letter in stored.list_dead_letters().dead_letters)
    events = len(list(stored.events()))
    assert stored.redeliver([one], dry_run=True).dead_letter_ids == (one,)
    with stored.transaction():
        assert stored.redeliver([one, one]).dead_letter_ids == (one,)
        assert [letter.dead_letter_id for letter in stored.list_dead_letters().dead_letters] == [two]
        with pytest.raises(ValidationError, match=one):
            stored.redeliver([one])
    answer = stored.redeliver(idempotency_key="k")
    assert answer.dead_letter_ids == (two,)
    stored.deliver({})
    assert stored.redeliver(idempotency_key="k") == answer
    assert len(stored.list_dead_letters().dead_letters) == 2
    assert len(list(stored.events())) == events


def test_what_is_no_dead_letter(wl: Orchestrator) -> None:
    """Is refused with all that are none, and the others stay dead."""
    tell(wl, "#a", "@b", "plain")
    wl.deliver({"slack": failing, "": lambda _: None})
    (letter,) = wl.list_dead_letters().dead_letters
    with pytest.raises(ValidationError) as caught:
        wl.redeliver([letter.dead_letter_id, f"0{letter.dead_letter_id}", "2.0", "x"])
    assert [problem.field for problem in caught.value.problems] == [
        f"arguments.dead_letter_ids[{n}]" for n in (1, 2, 3)
    ]
    assert wl.list_dead_letters().dead_letters == (letter,)


# --- leases -------------------------------------------------------------------------------------------------


def test_a_handler_that_is_slower_than_its_lease(stored: Orchestrator, clock: ManualClock) -> None:
    """Somebody else delivers the same; what comes of it later is not recorded, whatever it is."""
    sent: list[int] = []

    def overslept(notification: Notification) -> None:
        clock.advance("1 minute")
        assert counts(stored.deliver({"slack": lambda other: sent.append(other.attempt)})) == (1, 0, 0, 0)
        if notification.channel == "#fails":
            raise OSError("too late")
        sent.append(notification.attempt)

    for n, channel in enumerate(("#works", "#fails")):
        tell(stored, channel, task_id=f"t{n}")
        assert counts(stored.deliver({"slack": overslept}, lease="1 minute")) == (0, 0, 0, 1)
    assert sent == [2, 1, 2]
    assert counts(stored.deliver({"slack": failing})) == (0, 0, 0, 0)


def test_a_slow_handler_that_nobody_has_outrun(wl: Orchestrator, clock: ManualClock) -> None:
    """What comes of it is recorded: the lease only lets others have it."""
    tell(wl, "#a")
    assert counts(wl.deliver({"slack": lambda _: clock.advance("1 hour")}, lease="1 minute")) == (1, 0, 0, 0)


def test_nobody_else_gets_it_during_the_lease(wl: Orchestrator, clock: ManualClock) -> None:
    """And `next_at` says how long that is."""

    def look(_: Notification) -> None:
        came = wl.deliver({"slack": failing})
        assert (counts(came), came.next_at) == ((0, 0, 0, 0), clock() + timedelta(minutes=5))

    tell(wl, "#a")
    assert counts(wl.deliver({"slack": look})) == (1, 0, 0, 0)


def test_who_ends_the_program_leaves_it_to_the_lease(wl: Orchestrator, clock: ManualClock) -> None:
    """What is no error of the handler's goes on to the caller; the notification is delivered later."""

    def stop(_: Notification) -> None:
        raise KeyboardInterrupt

    sent: Sent = []
    tell(wl, "#a")
    with pytest.raises(KeyboardInterrupt):
        wl.deliver({"slack": stop})
    assert counts(wl.deliver({"slack": sent.append})) == (0, 0, 0, 0)
    clock.advance("5 minutes")
    assert counts(wl.deliver({"slack": sent.append})) == (1, 0, 0, 0)
    assert sent[0].attempt == 2


def test_who_never_comes_back_is_given_up(wl: Orchestrator, clock: ManualClock) -> None:
    """A notification that ends every program that has it does not do so for ever."""

    def stop(_: Notification) -> None:
        raise SystemExit

    tell(wl, "#a")
    for _ in range(ATTEMPTS):
        with pytest.raises(SystemExit):
            wl.deliver({"slack": stop})
        clock.advance("5 minutes")
    assert counts(wl.deliver({"slack": stop})) == (0, 0, 1, 0)
    assert "never said" in (wl.list_dead_letters().dead_letters[0].error or "")


def test_a_result_that_comes_when_the_letter_was_redelivered(wl: Orchestrator, clock: ManualClock) -> None:
    """Does not count for the new tries."""
    tell(wl, "#a")

    def stop(_: Notification) -> None:
        raise SystemExit

    def given_up(_: Notification) -> None:
        clock.advance("5 minutes")
        assert counts(wl.deliver({"slack": stop})) == (0, 0, 1, 0)
        wl.redeliver()

    for _ in range(ATTEMPTS - 1):
        with pytest.raises(SystemExit):
            wl.deliver({"slack": stop})
        clock.advance("5 minutes")
    sent: Sent = []
    assert counts(wl.deliver({"slack": given_up}, limit=1)) == (0, 0, 0, 1)
    assert counts(wl.deliver({"slack": sent.append})) == (1, 0, 0, 0)


@pytest.mark.parametrize("comes_again", [False, True])
def test_a_workspace_that_goes_meanwhile(wl: Orchestrator, *, comes_again: bool) -> None:
    """What comes of its last notification is nobody's business, nor that of one that took its name."""

    def drop(_: Notification) -> None:
        wl.drop_workspace("default")
        if comes_again:
            tell(wl, "#new")
            wl.deliver({"slack": failing})

    tell(wl, "#a")
    assert counts(wl.deliver({"slack": drop}, limit=1)) == (0, 0, 0, 1)


# --- logs that come from elsewhere --------------------------------------------------------------------------


def told(wl: Orchestrator) -> int:
    return wl.deliver({"slack": lambda _: None}).delivered


def test_a_restored_workspace_does_not_tell_the_past(stored: Orchestrator) -> None:
    """What was told, or was about to be, is not told by whoever restores the dump; what comes then is."""
    tell(stored, "#a")
    with worklattice.open("memory:") as other:
        other.restore(stored.dump_lines())
        assert told(other) == 0
        tell(other, "#b", task_id="b")
        assert told(other) == 1
    assert told(stored) == 1


def test_a_replayed_log_does_not_tell_the_past(stored: Orchestrator) -> None:
    """Any consumer begins behind it."""
    tell(stored, "#a")
    with worklattice.open("memory:") as other:
        other.replay(stored.events())
        assert told(other) == 0
        tell(other, "#b", task_id="b")
        assert told(other) == 1
        assert counts(other.deliver({"slack": lambda _: None}, consumer="late")) == (1, 0, 0, 0)


def test_the_past_is_not_told(wl: Orchestrator) -> None:
    """Whoever looks at it cannot deliver from it."""
    tell(wl, "#a")
    with wl.as_of(1) as past, pytest.raises(ConflictError):
        past.deliver({"slack": failing})


def test_a_backup_knows_what_was_told(tmp_path: Path) -> None:
    """Where it is opened, what was delivered before stays delivered."""
    with worklattice.open(f"sqlite:///{tmp_path}/work.db") as wl:
        tell(wl, "#a", "@b")
        assert counts(wl.deliver({"slack": lambda _: None})) == (1, 0, 1, 0)
        wl.backup(tmp_path / "copy.db")
    with worklattice.open(f"sqlite:///{tmp_path}/copy.db") as copy:
        assert told(copy) == 0
        assert len(copy.list_dead_letters().dead_letters) == 1


# --- refused ------------------------------------------------------------------------------------------------


def test_nothing_is_delivered_inside_of_a_transaction(wl: Orchestrator) -> None:
    """It may still be undone, and a handler would hold up everybody."""
    with wl.transaction():
        tell(wl, "#a")
        with pytest.raises(ConflictError, match="inside of a transaction"):
            wl.deliver({"slack": failing})
    assert told(wl) == 1


async def _never(_: Notification) -> None:
    raise AssertionError


def _coming(send: Callable[[Notification], object], notification: Notification) -> object:
    return send(notification)


@pytest.mark.parametrize(
    ("handlers", "field"),
    [
        (None, "arguments.handlers"),
        ([print], "arguments.handlers"),
        ({1: print}, "arguments.handlers"),
        ({"#releases": print}, "arguments.handlers"),
        ({"mailto:": print}, "arguments.handlers"),
        ({"Slack": print, "slack": print}, "arguments.handlers"),
        ({"slack": "print"}, 'arguments.handlers["slack"]'),
        ({"slack": _never}, 'arguments.handlers["slack"]'),
    ],
)
def test_handlers_that_are_none(wl: Orchestrator, handlers: Any, field: str) -> None:
    """Are refused before anything is taken."""
    tell(wl, "#a")
    with pytest.raises(ValidationError) as caught:
        wl.deliver(handlers)
    assert caught.value.field == field
    assert told(wl) == 1


@pytest.mark.parametrize(
    "terms",
    [
        *({"consumer": ""}, {"consumer": "x" * 201}, {"consumer": 3}, {"limit": 0}, {"limit": 1_001}),
        *({"limit": True}, {"lease": "soon"}, {"lease": "0 s"}, {"lease": 5}, {"lease": "200 years"}),
    ],
)
def test_terms_that_are_none(wl: Orchestrator, terms: dict[str, Any]) -> None:
    """The error names the argument."""
    with pytest.raises(ValidationError) as caught:
        wl.deliver({"slack": failing}, **terms)
    assert caught.value.field == f"arguments.{next(iter(terms))}"


def test_a_handler_whose_answer_would_have_to_be_awaited(wl: Orchestrator) -> None:
    """Has not sent anything; it is as if it had raised."""
    tell(wl, "#a")
    assert counts(wl.deliver({"slack": partial(_coming, _never)})) == (0, 1, 0, 0)
    gc.collect()  # nothing warns of a coroutine that was never awaited
