"""Transactions in a loop: what is done in them, and how they end."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import pytest

import worklattice
from tests.stores import url_of
from tests.unit.aio.looping import PATIENCE, STORES, MeantError, ids, in_a_loop, log, make
from tests.unit.aio.stopping import StoppingClock
from worklattice import CircularDependencyError, StoreError, TaskNotFoundError, aio
from worklattice.storage.memory.store import MemoryStore


@STORES
@in_a_loop
async def test_all_of_it_happens_at_once(store: str, tmp_path: Path) -> None:
    """Inside, its own changes are seen; outside, nothing until it ends."""
    url = url_of(store, tmp_path, timeout=60)
    async with aio.open(url) as wl:
        inside, look = asyncio.Event(), asyncio.Event()

        async def watch() -> list[str]:
            await inside.wait()
            seen = await ids(wl)
            look.set()
            return seen

        watcher = asyncio.create_task(watch())
        async with wl.transaction():
            await make(wl, "a", "b")
            assert await ids(wl) == ["a", "b"]
            inside.set()
            await look.wait()
        assert await watcher == []
        assert await ids(wl) == ["a", "b"]
        assert len({event.at for event in await log(wl)}) == 1
        assert await wl.check() == []


@STORES
@in_a_loop
async def test_an_exception_leaves_it_undone(store: str, tmp_path: Path) -> None:
    """It passes through as it is, and the lock is free."""
    async with aio.open(url_of(store, tmp_path)) as wl:
        meant = MeantError()

        async def fail() -> None:
            async with wl.transaction():
                await make(wl, "a")
                raise meant

        with pytest.raises(MeantError) as caught:
            await fail()
        assert caught.value is meant
        await make(wl, "b")
        assert await ids(wl) == ["b"]
        assert len(await log(wl)) == 2


@in_a_loop
async def test_what_is_refused_inside_leaves_the_rest() -> None:
    """A refusal that is caught undoes its own command alone."""
    async with aio.open("memory:") as wl:
        async with wl.transaction():
            await make(wl, "a")
            with pytest.raises(TaskNotFoundError):
                await wl.manage_lifecycle("nobody", "active")
            await make(wl, "b")
        assert await ids(wl) == ["a", "b"]


@in_a_loop
async def test_a_circle_is_found_at_the_end() -> None:
    """The commit is refused where the block ends, and nothing is there."""
    async with aio.open("memory:") as wl:
        await make(wl, "a", "b")

        async def close_a_circle() -> None:
            async with wl.transaction():
                await wl.manage_dependencies("a", ["b"])
                await wl.manage_dependencies("b", ["a"])

        with pytest.raises(CircularDependencyError):
            await close_a_circle()
        assert (await wl.get_dependencies("a")).dependencies == ()


@STORES
@in_a_loop
async def test_an_inner_one_is_undone_by_itself(store: str, tmp_path: Path) -> None:
    """What is left of both is committed together."""
    async with aio.open(url_of(store, tmp_path)) as wl:
        async with wl.transaction():
            await make(wl, "a")
            with suppress(MeantError):
                async with wl.transaction():
                    await make(wl, "b")
                    async with wl.transaction():
                        await make(wl, "c")
                    raise MeantError
            async with wl.transaction():
                await make(wl, "d")
            assert await ids(wl) == ["a", "d"]
        assert await ids(wl) == ["a", "d"]
        assert await wl.check() == []


@STORES
@in_a_loop
async def test_a_cancelled_transaction_is_undone(store: str, tmp_path: Path) -> None:
    """Wherever it is cut short, nothing is there and the lock is given back."""
    async with aio.open(url_of(store, tmp_path, timeout=60)) as wl:
        inside = asyncio.Event()

        async def work() -> None:
            async with wl.transaction():
                await make(wl, "a")
                inside.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(work())
        await inside.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await make(wl, "b")
        assert await ids(wl) == ["b"]


@in_a_loop
async def test_a_transaction_cancelled_in_the_middle_of_a_command() -> None:
    """The command in the thread ends first; then all of it is undone."""
    clock = StoppingClock()
    async with aio.open("memory:?timeout=60", clock=clock) as wl:
        begun = asyncio.Event()

        async def work() -> None:
            begun.set()
            async with wl.transaction():
                await make(wl, "a")

        clock.arm()  # it stops the thread that begins the transaction
        task = asyncio.create_task(work())
        await clock.arrival()
        task.cancel()
        waiting = asyncio.create_task(make(wl, "b"))
        await asyncio.sleep(0)
        task.cancel()
        clock.let_go()
        with pytest.raises(asyncio.CancelledError):
            await task
        await waiting
        assert await ids(wl) == ["b"]


@in_a_loop
async def test_a_transaction_cancelled_while_it_waits_for_the_lock() -> None:
    """It lets the lock go as soon as it gets it."""
    store = MemoryStore(timeout=PATIENCE)
    plain = worklattice.open(store)
    holds, done = Event(), Event()

    def hold() -> None:
        with plain.transaction():
            holds.set()
            assert done.wait(PATIENCE)

    holder = Thread(target=hold)
    holder.start()
    async with aio.open(store) as wl:
        assert await asyncio.to_thread(holds.wait, PATIENCE)

        async def work() -> None:
            async with wl.transaction():
                raise AssertionError("nobody gets here")

        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()  # while it takes its leave of the thread, which waits still
        await asyncio.wait([task])
        done.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        await make(wl, "a")
        assert await ids(wl) == ["a"]
    holder.join()


@STORES
@in_a_loop
async def test_closing_an_open_transaction(store: str, tmp_path: Path) -> None:
    """It can no longer be committed; nobody hangs."""
    url = url_of(store, tmp_path)
    wl = await aio.open(url)

    async def close_inside() -> None:
        async with wl.transaction():
            await make(wl, "a")
            await wl.close()

    with pytest.raises(StoreError) as refused:
        await close_inside()
    assert refused.value.kind == "closed"
    if store != "memory":
        async with aio.open(url) as again:
            assert await ids(again) == []


@in_a_loop
async def test_another_workspace_inside() -> None:
    """It is asked in the same thread, so that a store may refuse what would wait for itself."""
    async with aio.open("memory:", threads=1) as wl:
        other = wl.workspace("other")
        with suppress(MeantError):
            async with wl.transaction():
                await make(wl, "a")
                await make(other, "stays")
                async with other.transaction():
                    await make(other, "stays-too")
                raise MeantError
        assert (await ids(wl), await ids(other)) == ([], ["stays", "stays-too"])


@in_a_loop
async def test_a_file_has_one_writer_whatever_the_workspace(tmp_path: Path) -> None:
    """On SQLite, writing to another workspace inside is refused at once instead of waiting for itself."""
    async with aio.open(f"sqlite:///{tmp_path}/work.db?timeout=600") as wl, wl.transaction():
        with pytest.raises(StoreError) as refused:
            await make(wl.workspace("other"), "a")
        assert refused.value.kind == "busy"


@in_a_loop
async def test_two_stores_do_not_get_into_one_another() -> None:
    """A transaction of one store says nothing of another one."""
    async with aio.open("memory:") as one, aio.open("memory:") as two:
        with suppress(MeantError):
            async with one.transaction(), two.transaction():
                await make(one, "a")
                await make(two, "a")
                raise MeantError
        async with one.transaction():
            await make(one, "b")
            await make(two, "b")
        assert (await ids(one), await ids(two)) == (["b"], ["b"])
