"""Which tasks of a loop take part in a transaction, and in which order."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from tests.stores import url_of
from tests.unit.aio.looping import PATIENCE, STORES, MeantError, ids, in_a_loop, log, make
from worklattice import StoreError, aio


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
