"""Reading the log on and on."""

from __future__ import annotations

import asyncio
import sys
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

import worklattice
from tests.stores import url_of
from tests.unit.aio.looping import in_a_loop, log
from worklattice import Event, StoreError, ValidationError, aio
from worklattice.aio import AsyncOrchestrator
from worklattice.storage.memory.store import MemoryStore

STORES = pytest.mark.parametrize("store", ["memory", "sqlite", "postgresql"])


async def follow(wl: AsyncOrchestrator, count: int, **given: Any) -> list[Event]:
    """The first so many events."""
    told: list[Event] = []
    async with aclosing(wl.follow(**given)) as events:
        async for event in events:
            told.append(event)
            if len(told) == count:
                break
    return told


@STORES
@in_a_loop
async def test_a_commit_of_this_process_wakes_the_reader(store: str, tmp_path: Path) -> None:
    """Without ever looking again by itself it hears of all, those before it came too, each once."""
    async with aio.open(url_of(store, tmp_path, timeout=60)) as wl:
        await wl.create_generic_task("t")
        readers = [asyncio.create_task(follow(wl, 82, poll=None)) for _ in range(3)]
        for _ in range(20):
            await wl.create_generic_task("t")
        await asyncio.gather(*(wl.create_generic_task("t") for _ in range(20)))
        everything = await log(wl)
        for reader in readers:
            assert await reader == everything
        assert [event.position for event in everything] == list(range(1, 83))


@in_a_loop
async def test_a_reader_that_sleeps_is_woken_each_time() -> None:
    """One event at a time, each heard before the next is made."""
    async with (
        aio.open("memory:") as wl,
        aclosing(wl.follow(kinds=["task.created"], poll=None)) as events,
    ):
        for number in range(50):
            following = asyncio.create_task(anext(events))
            await asyncio.sleep(0)
            made = await wl.create_generic_task("t", task_id=f"t{number}")
            assert (await following).task_id == made.task_id


@in_a_loop
async def test_a_large_commit_is_more_than_a_page() -> None:
    """All of it comes, in order."""
    async with aio.open("memory:") as wl:
        reader = asyncio.create_task(follow(wl, 5_000, poll=None))
        await wl.batch_create([{"task_type": "t"} for _ in range(2_500)])
        assert [event.position for event in await reader] == list(range(1, 5_001))


@in_a_loop
async def test_only_behind_a_position_and_only_some_kinds() -> None:
    """What is not wanted is passed over."""
    async with aio.open("memory:") as wl:
        for number in range(4):
            await wl.create_generic_task("t", task_id=f"t{number}")
        told = await follow(wl, 2, after=4, kinds={"task.ready"}, poll=None)
        assert [event.position for event in told] == [6, 8]


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
@in_a_loop
async def test_commits_of_another_process_are_found(store: str, tmp_path: Path) -> None:
    """They come in order, each once, between those of this process."""
    url = url_of(store, tmp_path, timeout=60)
    program = """
import sys, worklattice
with worklattice.open(sys.argv[1]) as wl:
    for number in range(20):
        wl.create_generic_task("t")
"""
    async with aio.open(url) as wl:
        reader = asyncio.create_task(follow(wl, 80, poll=0.01))
        other = await asyncio.create_subprocess_exec(sys.executable, "-c", program, url)
        for _ in range(20):
            await wl.create_generic_task("t")
        assert await other.wait() == 0
        told = await reader
        assert told == await log(wl)
        assert [event.position for event in told] == list(range(1, 81))


@in_a_loop
async def test_closing_ends_it() -> None:
    """A reader that sleeps comes to its end; so does one that has more to read."""
    wl = await aio.open("memory:")
    asleep = asyncio.create_task(follow(wl, 1_000, poll=None))
    for _ in range(5):
        await wl.create_generic_task("t")
    async with aclosing(wl.follow(poll=None)) as events:
        await anext(events)
        await wl.close()
        assert [event.position async for event in events] == list(range(2, 11))
    assert len(await asleep) == 10
    with pytest.raises(StoreError):
        await anext(wl.events())


@in_a_loop
async def test_a_reader_that_leaves_is_forgotten() -> None:
    """Nobody is told any more, and its bell rings no more."""
    store = MemoryStore()
    async with aio.open(store) as wl:
        await wl.create_generic_task("t")
        await follow(wl, 1)
        assert wl._orchestrator._publisher._handlers == {}
        assert wl._lanes._bells == set()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"after": -1}, "arguments.after"),
        ({"after": "1"}, "arguments.after"),
        ({"kinds": ["task.nothing"]}, "arguments.kinds"),
        ({"poll": 0}, "poll"),
        ({"poll": -1.0}, "poll"),
        ({"poll": float("nan")}, "poll"),
        ({"poll": "1"}, "poll"),
        ({"poll": True}, "poll"),
    ],
)
@in_a_loop
async def test_what_cannot_be_followed(given: dict[str, Any], field: str) -> None:
    """It is refused at the call, as `events` refuses it."""
    async with aio.open("memory:") as wl:
        with pytest.raises(ValidationError) as refused:
            wl.follow(**given)
        assert str(refused.value.field).startswith(field)
        given.pop("poll", None)
        if given:
            with pytest.raises(ValidationError):
                wl.events(**given)


def test_a_loop_that_is_gone_troubles_no_writer(caplog: pytest.LogCaptureFixture) -> None:
    """A reader that was left behind by its loop is no fault of who commits, and nothing is logged."""
    store = MemoryStore()

    async def leave_behind() -> tuple[AsyncOrchestrator, object]:
        wl = await aio.open(store)
        events = wl.follow()
        sleeping = asyncio.ensure_future(anext(events))
        await wl.create_generic_task("t")
        await sleeping
        return wl, events

    loop = asyncio.new_event_loop()
    left = loop.run_until_complete(leave_behind())
    loop.close()
    left[0]._orchestrator.create_generic_task("t")
    assert caplog.records == []
    assert worklattice.open(store).query_tasks().total_results == 2
