"""Transactions of tasks in a loop: what belongs to them, and how they end."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import pytest

import worklattice
from tests.stores import url_of
from tests.unit.aio.looping import PATIENCE, ids, in_a_loop, log
from tests.unit.aio.stopping import StoppingClock
from worklattice import CircularDependencyError, StoreError, TaskNotFoundError, aio
from worklattice.aio import AsyncOrchestrator
from worklattice.storage.memory.store import MemoryStore

STORES = pytest.mark.parametrize("store", ["memory", "sqlite", "postgresql"])


class MeantError(Exception):
    """Raised by a test."""


async def make(wl: AsyncOrchestrator, *task_ids: str) -> None:
    for task_id in task_ids:
        await wl.create_generic_task("t", task_id=task_id)


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
async def test_other_tasks_do_not_fall_into_it(store: str, tmp_path: Path) -> None:
    """A task that was started before writes after it, and stays when the transaction is undone."""
    async with aio.open(url_of(store, tmp_path, timeout=60)) as wl:
        inside = asyncio.Event()

        async def other() -> None:
            await inside.wait()
            await make(wl, "other")

        task = asyncio.create_task(other())
        with suppress(MeantError):
            async with wl.transaction():
                await make(wl, "a")
                inside.set()
                await asyncio.sleep(0)
                assert await ids(wl) == ["a"]
                assert not task.done()
                raise MeantError
        await task
        assert await ids(wl) == ["other"]


@STORES
@in_a_loop
async def test_many_transactions_at_once(store: str, tmp_path: Path) -> None:
    """Each is whole, more of them than there are threads; those that fail leave nothing."""
    async with aio.open(url_of(store, tmp_path, timeout=60), threads=3) as wl:

        async def two(number: int) -> None:
            async with wl.transaction():
                await make(wl, f"a{number}")
                await asyncio.sleep(0)
                await make(wl, f"b{number}")
                if number % 3 == 0:
                    raise MeantError

        ends = await asyncio.gather(*(two(number) for number in range(20)), return_exceptions=True)
        assert [isinstance(end, MeantError) for end in ends] == [number % 3 == 0 for number in range(20)]
        wanted = {f"{letter}{number}" for letter in "ab" for number in range(20) if number % 3}
        assert set(await ids(wl)) == wanted
        made = [event.task_id for event in await log(wl) if event.event_type == "task.created"]
        assert all(
            first is not None and second == f"b{first[1:]}"
            for first, second in zip(made[::2], made[1::2], strict=True)
        )
        assert await wl.check() == []


@in_a_loop
async def test_tasks_started_inside_take_part() -> None:
    """What a task group does inside is undone with it."""
    async with aio.open("memory:") as wl:
        with suppress(MeantError):
            async with wl.transaction():
                async with asyncio.TaskGroup() as group:
                    for number in range(20):
                        group.create_task(make(wl, f"t{number}"))
                assert len(await ids(wl)) == 20
                raise MeantError
        assert await ids(wl) == []
        async with wl.transaction():
            await asyncio.gather(*(make(wl, f"t{number}") for number in range(20)))
            await asyncio.wait_for(make(wl, "last"), PATIENCE)
        assert len(await ids(wl)) == 21
        assert await wl.check() == []


@in_a_loop
async def test_tasks_inside_take_turns_with_their_own_transactions() -> None:
    """Inner transactions of several tasks do not get into one another, and each is undone by itself."""
    async with aio.open("memory:") as wl:

        async def some(name: str, *, fail: bool) -> None:
            with suppress(MeantError):
                async with wl.transaction():
                    for step in range(3):
                        await make(wl, f"{name}{step}")
                        await asyncio.sleep(0)
                    if fail:
                        raise MeantError

        async with wl.transaction(), asyncio.TaskGroup() as group:
            for number in range(6):
                group.create_task(some("abcdef"[number], fail=number % 2 == 0))
            group.create_task(make(wl, "single"))
        assert sorted(await ids(wl)) == sorted(
            [*(f"{name}{step}" for name in "bdf" for step in range(3)), "single"]
        )
        assert await wl.check() == []


@in_a_loop
async def test_a_task_that_outlives_it_goes_on_by_itself() -> None:
    """What it asks for when the transaction is over is a transaction of its own."""
    async with aio.open("memory:") as wl:
        over = asyncio.Event()
        tasks: list[asyncio.Task[None]] = []

        async def straggler() -> None:
            await over.wait()
            await make(wl, "late")

        with suppress(MeantError):
            async with wl.transaction():
                tasks.append(asyncio.create_task(straggler()))
                raise MeantError
        over.set()
        await asyncio.gather(*tasks)
        assert await ids(wl) == ["late"]


@in_a_loop
async def test_an_inner_transaction_does_not_outlive_the_outer_one() -> None:
    """A task inside that has one open when the outer one is undone is told so, and nothing of it is there."""
    async with aio.open("memory:") as wl:
        open_, go_on = asyncio.Event(), asyncio.Event()
        told: list[StoreError] = []
        tasks: list[asyncio.Task[None]] = []

        async def straggler() -> None:
            async with wl.transaction():
                await make(wl, "inner")
                open_.set()
                await go_on.wait()
                with pytest.raises(StoreError) as caught:
                    await make(wl, "more")
                told.append(caught.value)
                answer = await wl.dispatch({"tool": "orchestrator_query_tasks"})
                assert answer["error_type"] == "StoreError"

        with suppress(MeantError):
            async with wl.transaction():
                tasks.append(asyncio.create_task(straggler()))
                await open_.wait()
                raise MeantError
        await make(wl, "after")
        go_on.set()
        with pytest.raises(StoreError) as refused:
            await tasks[0]
        assert (refused.value.kind, told[0].kind) == ("closed", "closed")
        assert await ids(wl) == ["after"]


@in_a_loop
async def test_leaving_waits_for_transactions_of_tasks_inside() -> None:
    """Where nothing went wrong, what tasks inside have begun is part of it."""
    async with aio.open("memory:") as wl:
        open_ = asyncio.Event()

        async def straggler() -> None:
            async with wl.transaction():
                open_.set()
                await make(wl, "a")
                await asyncio.sleep(0)
                await make(wl, "b")

        async with wl.transaction():
            task = asyncio.create_task(straggler())
            await open_.wait()
        await task
        assert await ids(wl) == ["a", "b"]
        assert len({event.at for event in await log(wl)}) == 1


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
