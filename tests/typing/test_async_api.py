"""The types that callers of `worklattice.aio` see: those of the synchronous methods, to be awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, assert_type

from worklattice import Event, TaskFilters, TaskUpdates, aio
from worklattice.aio import AsyncOrchestrator
from worklattice.model import answers
from worklattice.model.commands import CreateTask, Execute
from worklattice.model.reads import GetHistory
from worklattice.model.soundness import Discrepancy
from worklattice.query.answers import ReadyTasks, TasksFound
from worklattice.query.request import QueryTasks
from worklattice.types import JsonObject


async def _writes(wl: AsyncOrchestrator) -> None:
    assert_type(wl.add_comment("a", "x"), Coroutine[Any, Any, answers.CommentAdded]).close()
    assert_type(await wl.create_generic_task("t", task_id="a"), answers.TaskCreated)
    assert_type(await wl.batch_create([{"task_type": "t"}], dry_run=True), answers.BatchCreated)
    assert_type(await wl.manage_dependencies("a", [], operation="replace"), answers.DependenciesManaged)
    assert_type(await wl.update_task("a", attributes={"x": [1, None]}), answers.TaskUpdated)
    assert_type(await wl.bulk_update(TaskUpdates(join="any"), task_ids=["a"]), answers.BulkUpdated)
    assert_type(await wl.manage_lifecycle("a", "active"), answers.StageChanged)
    assert_type(await wl.claim_task("worker"), answers.TasksClaimed)
    assert_type(await wl.execute([CreateTask(task_type="t")]), answers.Executed)


async def _reads(wl: AsyncOrchestrator) -> None:
    assert_type(await wl.get_task("a"), answers.TaskFound)
    assert_type(await wl.get_history(), answers.History)
    assert_type(await wl.query_tasks(filters=TaskFilters(status=("pending",))), TasksFound)
    assert_type(await wl.get_ready_tasks(limit=3), ReadyTasks)


async def _commands(wl: AsyncOrchestrator) -> None:
    assert_type(await wl.run(CreateTask(task_type="t")), answers.TaskCreated)
    assert_type(await wl.run(GetHistory()), answers.History)
    assert_type(await wl.run(QueryTasks()), TasksFound)
    assert_type(await wl.run(Execute(commands=(CreateTask(task_type="t"),))), answers.Executed)


async def _as_a_whole(wl: AsyncOrchestrator) -> None:
    assert_type(wl.events(after=3, kinds=["task.ready"]), AsyncGenerator[Event])
    assert_type(wl.follow(poll=None), AsyncGenerator[Event])
    assert_type(wl.dump_lines(), AsyncGenerator[str])
    assert_type(await wl.dump(), str)
    assert_type(await wl.deliver({"slack": print}, consumer="c"), answers.Delivered)
    assert_type(await wl.redeliver(dry_run=True), answers.Redelivered)
    assert_type(await wl.check(), list[Discrepancy])
    assert_type(await wl.dispatch({"tool": "x"}), JsonObject)
    assert_type(await wl.tools(), list[JsonObject])
    assert_type(await wl.workspaces(), list[str])
    assert_type(await wl.drop_workspace("nobody"), bool)
    past = assert_type(await wl.as_of(0), AsyncOrchestrator)
    assert (await past.query_tasks()).total_results == 0
    await past.close()
    assert_type(wl.workspace("other"), AsyncOrchestrator)
    assert_type(wl.transaction(), AbstractAsyncContextManager[None])
    async with wl.transaction() as nothing:
        assert_type(nothing, None)


async def _all() -> None:
    async with aio.open("memory:") as wl:
        assert_type(wl, AsyncOrchestrator)
        for case in (_writes, _reads, _commands, _as_a_whole):
            await case(wl)
    awaited = await aio.open("memory:", threads=1)
    assert_type(awaited, AsyncOrchestrator)
    await awaited.close()


def test_cases() -> None:
    """That they run is a by-product, as for the synchronous ones."""
    asyncio.run(_all())


def wrong(wl: AsyncOrchestrator) -> object:
    """What type checkers refuse; each line says so, and an unneeded remark would be an error."""
    return (
        wl.create_generic_task(),  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
        wl.create_generic_task(3),  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
        wl.add_comment("a", "x", nobody=1),  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    )
