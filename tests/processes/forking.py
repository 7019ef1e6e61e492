"""A program that takes an open store into another process: `python forking.py URL WAY`.

The child finds that every use of what its parent opened is refused, opens the store by itself and writes. The
parent goes on as if nothing had happened. Ends with 0 where all of that is so.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import pickle
import sys
import traceback
from collections.abc import Callable, Generator
from threading import Thread
from typing import Any

import pytest

import worklattice
from worklattice import Orchestrator, StoreError, aio
from worklattice.aio import AsyncOrchestrator


def uses(wl: Orchestrator) -> list[Callable[[], object]]:
    other = wl.workspace("other")
    return [
        lambda: wl.get_task("before"),
        lambda: wl.create_generic_task("t"),
        lambda: wl.create_generic_task("t", dry_run=True),
        lambda: wl.transaction().__enter__(),
        lambda: next(wl.events()),
        wl.dump,
        wl.check,
        wl.workspaces,
        lambda: wl.drop_workspace("default"),
        lambda: wl.replay([]),
        lambda: other.create_generic_task("t"),
        other.query_tasks,
        lambda: wl.workspace("third").query_tasks(),
    ]


def refused(use: Callable[[], object]) -> None:
    with pytest.raises(StoreError, match="Open the store in the child process") as caught:
        use()
    assert caught.value.kind == "closed"


def all_refused(wl: Orchestrator) -> None:
    for use in uses(wl):
        refused(use)
    answer = wl.dispatch({"tool": "orchestrator_query_tasks", "arguments": {}})
    assert answer["error_type"] == "StoreError", answer


async def all_refused_in_a_loop(wl: AsyncOrchestrator) -> None:
    for use in (
        wl.get_task("before"),
        wl.create_generic_task("t"),
        wl.workspace("other").query_tasks(),
        wl.workspace("third").query_tasks(),
        wl.transaction().__aenter__(),
        anext(wl.events()),
        anext(wl.follow()),
        anext(wl.dump_lines()),
    ):
        with pytest.raises(StoreError, match="Open the store in the child process"):
            await use
    assert (await wl.dispatch({"tool": "orchestrator_query_tasks"}))["error_type"] == "StoreError"
    await wl.close()


def in_the_child(url: str, wl: Orchestrator, in_a_loop: AsyncOrchestrator | None = None) -> None:
    """Find everything refused, in a thread too; then do it right."""
    all_refused(wl)
    failures: list[BaseException] = []

    def in_a_thread() -> None:
        try:
            all_refused(wl)
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)

    thread = Thread(target=in_a_thread)
    thread.start()
    thread.join()
    assert failures == []
    if in_a_loop is not None:
        asyncio.run(all_refused_in_a_loop(in_a_loop))
    wl.close()
    in_a_process_of_its_own(url)


def in_a_process_of_its_own(url: str) -> None:
    with worklattice.open(url) as own:
        own.create_generic_task("t", task_id="of-the-child")
        assert own.check() == []


def by_fork(url: str, wl: Orchestrator) -> None:
    with asyncio.Runner() as runner:

        async def opened() -> AsyncOrchestrator:
            return await aio.open(url)

        in_a_loop = runner.run(opened())
        runner.run(in_a_loop.workspace("other").create_generic_task("t"))
        forked(lambda: in_the_child(url, wl, in_a_loop))
        runner.run(in_a_loop.create_generic_task("t", task_id="after-in-a-loop"))
        runner.run(in_a_loop.close())


def by_fork_in_a_thread(url: str, wl: Orchestrator) -> None:
    failures: list[BaseException] = []

    def fork() -> None:
        try:
            forked(lambda: in_the_child(url, wl))
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)

    thread = Thread(target=fork)
    thread.start()
    thread.join()
    assert failures == []


def by_fork_in_a_transaction(url: str, wl: Orchestrator) -> None:
    """The child must neither go on with the transaction nor end it for the parent, however it leaves."""
    lines = wl.workspace("other").dump_lines()
    assert isinstance(lines, Generator)
    next(lines)
    transaction = wl.transaction()
    transaction.__enter__()
    wl.create_generic_task("t", task_id="a")

    def leave_and_commit() -> None:
        refused(lambda: wl.create_generic_task("t"))
        refused(lambda: wl.get_task("a"))
        if not url.startswith("memory:"):  # where it is a view of the child's own copy
            refused(lambda: list(lines))
        refused(lambda: transaction.__exit__(None, None, None))

    def leave_and_undo() -> None:
        transaction.__exit__(KeyError, KeyError(), None)
        lines.close()

    forked(leave_and_commit)
    forked(leave_and_undo)
    if not url.startswith("memory:"):
        hasty = worklattice.open(url.replace("timeout=30", "timeout=0.1"))
        with hasty, pytest.raises(StoreError, match="Another writer"):  # the child gave no lock back
            hasty.create_generic_task("t")
    wl.create_generic_task("t", task_id="b")
    transaction.__exit__(None, None, None)
    assert len(list(lines)) == 2
    assert wl.get_task(task_ids=["a", "b"]).missing == ()
    forked(lambda: in_the_child(url, wl))


def by_multiprocessing_fork(url: str, wl: Orchestrator) -> None:
    process = multiprocessing.get_context("fork").Process(target=in_the_child, args=(url, wl))
    process.start()
    process.join(60)
    assert process.exitcode == 0


def by_multiprocessing_spawn(url: str, wl: Orchestrator) -> None:
    """What is open cannot be sent, and says what to send instead; the URL can."""
    for opened in (wl, aio.AsyncOrchestrator.__new__(aio.AsyncOrchestrator)):
        with pytest.raises(TypeError, match="send the URL"):
            pickle.dumps(opened)
    process = multiprocessing.get_context("spawn").Process(target=in_a_process_of_its_own, args=(url,))
    process.start()
    process.join(60)
    assert process.exitcode == 0


def forked(work: Callable[[], Any]) -> None:
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - told by the exit code
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    ended_well(child)


def ended_well(child: int) -> None:
    assert os.waitpid(child, 0)[1] == 0


WAYS = {
    "fork": by_fork,
    "fork in a thread": by_fork_in_a_thread,
    "fork in a transaction": by_fork_in_a_transaction,
    "multiprocessing fork": by_multiprocessing_fork,
    "multiprocessing spawn": by_multiprocessing_spawn,
}


def main(url: str, way: str) -> None:
    with worklattice.open(url) as wl:
        wl.workspace("other").create_generic_task("t")
        wl.create_generic_task("t", task_id="before")
        WAYS[way](url, wl)
        wl.create_generic_task("t", task_id="after")
        found = {hit.task_id for hit in wl.query_tasks().tasks}
        assert {"before", "after"} <= found, found
        assert ("of-the-child" in found) == (not url.startswith("memory:")), found
        assert wl.check() == []


if __name__ == "__main__":
    main(*sys.argv[1:])
