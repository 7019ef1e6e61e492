"""Calls from a loop: what they wait for, and what becomes of them when nobody waits any more."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from threading import Event, Thread, current_thread
from typing import Any

import pytest

import worklattice
from tests.stores import url_of
from tests.unit.aio.looping import PATIENCE, ids, in_a_loop
from tests.unit.aio.stopping import StoppingClock
from worklattice import Orchestrator, StoreError, TaskNotFoundError, ValidationError, aio
from worklattice.aio.opening import Opening
from worklattice.storage.memory.store import MemoryStore


@contextmanager
def held(wl: Orchestrator) -> Generator[None]:
    """Another thread has a transaction open."""
    holds, done = Event(), Event()

    def hold() -> None:
        with wl.transaction():
            holds.set()
            assert done.wait(PATIENCE)

    thread = Thread(target=hold)
    thread.start()
    assert holds.wait(PATIENCE)
    try:
        yield
    finally:
        done.set()
        thread.join()


@in_a_loop
async def test_a_refusal_is_raised_where_it_is_awaited() -> None:
    """It is the error of the synchronous method."""
    async with aio.open("memory:") as wl:
        with pytest.raises(TaskNotFoundError) as refused:
            await wl.manage_lifecycle("nobody", "active")
        assert refused.value.field == "arguments.task_id"


@in_a_loop
async def test_the_loop_goes_on_while_writers_wait() -> None:
    """More writers wait for a lock than there are threads: the loop turns, and readers are answered."""
    store = MemoryStore(timeout=PATIENCE)
    plain = worklattice.open(store)
    async with aio.open(store, threads=2) as wl:
        with held(plain):
            writers = [asyncio.create_task(wl.create_generic_task("t")) for _ in range(20)]
            for _ in range(5):
                assert await ids(wl) == []
                answer = await wl.dispatch({"tool": "orchestrator_query_tasks", "arguments": {}})
                assert answer["total_results"] == 0
            assert not any(writer.done() for writer in writers)
        made = [(await writer).task_id for writer in writers]
        assert sorted(await ids(wl)) == sorted(made)
        assert await wl.check() == []


@in_a_loop
async def test_nothing_happens_in_the_thread_of_the_loop() -> None:
    """The clock is asked in other threads, by reads, writes and transactions."""
    clock, threads = StoppingClock(), set[str]()

    def watched() -> Any:
        threads.add(current_thread().name)
        return clock()

    async with aio.open("memory:", clock=watched) as wl:
        await wl.create_generic_task("t")
        await ids(wl)
        async with wl.transaction():
            await wl.create_generic_task("t")
    assert all(name.startswith("worklattice-") for name in threads)
    assert len({name.rpartition("_")[0] for name in threads}) == 3


request: ContextVar[str] = ContextVar("request", default="none")


@in_a_loop
async def test_threads_see_the_context_of_who_asked() -> None:
    """A factory of ids, a clock or a log handler finds the context variables of the task that asked."""
    async with aio.open("memory:", ids=request.get) as wl:
        request.set("r1")
        await wl.create_generic_task("t")
        request.set("r2")
        async with wl.transaction():
            await wl.create_generic_task("t")
        assert await ids(wl) == ["r1", "r2"]


@in_a_loop
async def test_a_cancelled_call_that_has_begun_is_committed_as_a_whole() -> None:
    """Its task is told at once; the thread goes on, commits, and gives the lock back."""
    clock = StoppingClock()
    async with aio.open("memory:", clock=clock) as wl:
        clock.arm()
        writer = asyncio.create_task(
            wl.batch_create([{"task_type": "t", "task_id": f"t{n}"} for n in range(9)])
        )
        await clock.arrival()
        writer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writer
        clock.let_go()
        await wl.create_generic_task("t", task_id="after")
        assert sorted(await ids(wl)) == ["after", *(f"t{n}" for n in range(9))]
        assert await wl.check() == []


@in_a_loop
async def test_a_cancelled_call_that_has_not_begun_never_begins() -> None:
    """It waited for a thread; nothing of it is written."""
    clock = StoppingClock()
    async with aio.open("memory:", clock=clock, threads=1) as wl:
        clock.arm()
        first = asyncio.create_task(wl.create_generic_task("t", task_id="first"))
        await clock.arrival()
        second = asyncio.create_task(wl.create_generic_task("t", task_id="second"))
        third = asyncio.create_task(wl.create_generic_task("t", task_id="third"))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait([second])
        clock.let_go()
        await asyncio.wait([first, third])
        assert second.cancelled()
        assert await ids(wl) == ["first", "third"]


@in_a_loop
async def test_closing_waits_for_what_was_asked_for() -> None:
    """What is under way and what queues is finished and answered; what comes later is refused."""
    clock = StoppingClock()
    store = MemoryStore()
    wl = await aio.open(store, clock=clock, threads=1)
    clock.arm()
    writers = [asyncio.create_task(wl.create_generic_task("t", task_id=f"t{n}")) for n in range(3)]
    await clock.arrival()
    closing = asyncio.create_task(wl.close())
    await asyncio.sleep(0)
    with pytest.raises(StoreError) as refused:
        await wl.create_generic_task("t", task_id="late")
    assert refused.value.kind == "closed"
    assert (await wl.dispatch({"tool": "orchestrator_query_tasks"}))["error_type"] == "StoreError"
    assert not closing.done()
    clock.let_go()
    await closing
    assert [(await writer).task_id for writer in writers] == ["t0", "t1", "t2"]
    with pytest.raises(StoreError):
        store.workspaces()
    await wl.close()
    for use in (wl.workspaces(), wl.transaction().__aenter__(), wl.dump_lines().__anext__()):
        with pytest.raises(StoreError, match="closed"):
            await use


@in_a_loop
async def test_closing_that_is_cancelled_closes_all_the_same() -> None:
    """The store is closed when what was under way is done."""
    clock, store = StoppingClock(), MemoryStore()
    wl = await aio.open(store, clock=clock)
    clock.arm()
    writer = asyncio.create_task(wl.create_generic_task("t"))
    await clock.arrival()
    closing = asyncio.create_task(wl.close())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait([closing])
    assert closing.cancelled()
    clock.let_go()
    assert (await writer).task.status == "pending"
    await wl.close()
    with pytest.raises(StoreError):
        store.workspaces()


@pytest.mark.parametrize("store", ["memory", "sqlite", "postgresql"])
@in_a_loop
async def test_workspaces_share_the_threads(store: str, tmp_path: Path) -> None:
    """A workspace of the same store is the same object each time, and closed with the first."""
    wl = await aio.open(url_of(store, tmp_path))
    other = wl.workspace("other")
    assert other.workspace("other") is other
    assert other.workspace("default") is wl
    await asyncio.gather(*(each.create_generic_task("t") for each in (wl, other) for _ in range(20)))
    assert await wl.workspaces() == ["default", "other"]
    assert await wl.drop_workspace("other")
    assert (await ids(other), len(await ids(wl))) == ([], 20)
    with pytest.raises(ValidationError):
        wl.workspace("a/b")
    await other.close()
    with pytest.raises(StoreError, match="closed"):
        await ids(wl)


@pytest.mark.parametrize("threads", [0, -1, True, 1.5, "8", None, 1_001])
def test_a_number_of_threads_that_is_none(threads: Any) -> None:
    """It is refused at the call, with the name of the argument."""
    with pytest.raises(ValidationError) as refused:
        _ = aio.open("memory:", threads=threads)
    assert refused.value.field == "threads"


@in_a_loop
async def test_what_cannot_be_opened(tmp_path: Path) -> None:
    """Awaiting the opening raises what opening raises."""
    with pytest.raises(ValidationError):
        await aio.open("nonsense:")
    with pytest.raises(StoreError):
        async with aio.open(f"sqlite:///{tmp_path}/no/folder.db"):
            pass


@in_a_loop
async def test_an_opening_that_is_cancelled_leaves_nothing_open() -> None:
    """The store that was opened for nobody is closed again."""
    begun, go, closed = Event(), Event(), Event()

    class Noting(MemoryStore):
        def close(self) -> None:
            super().close()
            closed.set()

    def make() -> Orchestrator:
        begun.set()
        assert go.wait(PATIENCE)
        return worklattice.open(Noting())

    opening = asyncio.ensure_future(Opening(make, 1))
    assert await asyncio.to_thread(begun.wait, PATIENCE)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    go.set()
    assert await asyncio.to_thread(closed.wait, PATIENCE)


@in_a_loop
async def test_a_dump_that_is_not_read_to_its_end_lets_writers_in() -> None:
    """Closing the iterator leaves the view in the thread that entered it."""
    async with aio.open("memory:?timeout=60") as wl:
        await wl.batch_create([{"task_type": "t"} for _ in range(1200)])
        lines = wl.dump_lines()
        assert await anext(lines) == '{"format":1,"kind":"worklattice"}'
        await lines.aclose()
        await wl.create_generic_task("t", task_id="late")
        assert len([line async for line in wl.dump_lines()]) == 1203
