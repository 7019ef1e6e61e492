"""Delivering from an event loop: what handlers give is awaited there, and holds up nobody."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Generator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.stores import url_of
from tests.unit.aio.looping import PATIENCE, STORES, MeantError, in_a_loop
from worklattice import ConflictError, Notification, aio
from worklattice.aio import AsyncOrchestrator, handling
from worklattice.orchestrator.delivering import NotificationHandler
from worklattice.testing import ManualClock


async def tell(wl: AsyncOrchestrator, *channels: str, task_id: str = "a") -> None:
    await wl.create_generic_task("t", task_id=task_id)
    await wl.manage_lifecycle(task_id, "active", notify_channels=channels)


@STORES
@in_a_loop
async def test_both_kinds_of_handlers(store: str, tmp_path: Path) -> None:
    """Coroutine functions run in the loop and may ask the orchestrator; plain ones run in a thread."""
    async with aio.open(url_of(store, tmp_path), threads=1) as wl:
        here, threads = threading.get_ident(), dict[str, int]()

        async def slack(notification: Notification) -> None:
            threads[notification.channel] = threading.get_ident()
            await wl.add_comment("a", "told")
            assert (await wl.get_task("a")).task is not None

        def user(notification: Notification) -> None:
            threads[notification.channel] = threading.get_ident()

        await tell(wl, "#a", "@b")
        assert (await wl.deliver({"slack": slack, "user": user})).delivered == 2
        assert threads["#a"] == here != threads["@b"]


@in_a_loop
async def test_a_coroutine_that_raises() -> None:
    """Is tried again like any other handler; its own timeout is an error too."""

    async def slack(_: Notification) -> None:
        raise MeantError("no")

    async def user(_: Notification) -> None:
        raise TimeoutError("too slow")

    clock = ManualClock()
    async with aio.open("memory:", clock=clock) as wl:
        await tell(wl, "#a", "@b", "mailto:x")
        came = await wl.deliver({"slack": slack, "user": user})
        assert (came.retried, came.dead) == (2, 1)
        letters = (await wl.list_dead_letters()).dead_letters
        assert [letter.notification.channel for letter in letters] == ["mailto:x"]
        assert len((await wl.redeliver()).dead_letter_ids) == 1


class Awaited:
    """A handler that is called like a function, and awaited."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def __call__(self, notification: Notification) -> None:
        await asyncio.sleep(0)
        self.sent.append(notification.channel)


@in_a_loop
async def test_whatever_gives_something_to_await() -> None:
    """Is awaited in the loop, however it is written: what a handler gives says so, and not what it is."""
    awaited = Awaited()

    def called(notification: Notification) -> object:
        return awaited(notification)

    def promised(notification: Notification) -> object:
        return Promise(awaited(notification))

    handlers: dict[str, NotificationHandler] = {
        "slack": awaited,
        "user": called,
        "mailto": partial(called),
        "": promised,
    }
    async with aio.open("memory:") as wl:
        channels = ["#a", "@b", "mailto:c", "d"]
        await tell(wl, *channels)
        assert (await wl.deliver(handlers)).delivered == 4
        assert awaited.sent == channels


class Promise:
    """Something to await that is no coroutine."""

    def __init__(self, coming: Coroutine[Any, Any, None]) -> None:
        self._coming = coming

    def __await__(self) -> Generator[Any, None, None]:
        return self._coming.__await__()


@in_a_loop
async def test_a_handler_that_is_ready_as_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has sent the notification, and does not send it again."""
    monkeypatch.setattr(handling, "_LOOKED_UP", 0.0)

    async def slack(_: Notification) -> None:
        await asyncio.sleep(0.0002)

    async with aio.open("memory:") as wl:
        await tell(wl, *(f"#{n}" for n in range(40)))
        came = await wl.deliver({"slack": slack})
        assert (came.delivered, came.retried) == (40, 0)


async def _cancelled(_: Notification) -> None:
    raise asyncio.CancelledError


async def _stops_waiting(_: Notification) -> None:
    task = asyncio.create_task(asyncio.sleep(PATIENCE))
    task.cancel()
    await task


def _cancelled_at_once(_: Notification) -> None:
    raise asyncio.CancelledError


@pytest.mark.parametrize("handler", [_cancelled, _stops_waiting, _cancelled_at_once])
@in_a_loop
async def test_a_handler_that_is_cancelled_by_itself(handler: Callable[[Notification], object]) -> None:
    """Has failed like any other; who awaits the delivering is not cancelled with it."""
    clock = ManualClock()
    async with aio.open("memory:", clock=clock) as wl:
        await tell(wl, "#a", "@b")
        came = await wl.deliver({"slack": handler, "user": Awaited()})
        assert (came.delivered, came.retried) == (1, 1)
        assert came.next_at == clock() + timedelta(seconds=30)


@in_a_loop
async def test_whoever_awaits_it_is_cancelled() -> None:
    """The coroutine under way is cancelled too, no other begins, and the lease keeps what was in hand."""
    begun, ended = asyncio.Event(), asyncio.Event()
    given: list[str] = []

    async def hang(notification: Notification) -> None:
        given.append(notification.channel)
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    clock = ManualClock()
    async with aio.open("memory:", clock=clock) as wl:
        await tell(wl, "#a", "#b")
        delivering = asyncio.create_task(wl.deliver({"slack": hang}))
        await begun.wait()
        delivering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await delivering
        await ended.wait()
        assert given == ["#a"]
        assert (await wl.deliver({"slack": lambda each: given.append(each.channel)})).delivered == 1
        clock.advance("5 minutes")
        assert (await wl.deliver({"slack": lambda each: given.append(each.channel)})).delivered == 1
        assert given == ["#a", "#b", "#a"]


@in_a_loop
async def test_nothing_is_delivered_inside_of_a_transaction() -> None:
    """As everywhere."""
    async with aio.open("memory:") as wl:
        async with wl.transaction():
            await tell(wl, "#a")
            with pytest.raises(ConflictError, match="inside of a transaction"):
                await wl.deliver({})
        assert (await wl.deliver({})).dead == 1
