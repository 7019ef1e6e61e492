"""The threads in which the calls of an event loop are carried out.

Calls that read and calls that write have lanes of their own: writers who wait for a lock that another process
holds must not keep the readers from passing. A transaction has a thread to itself, for as long as it is open,
because a store's write belongs to the thread that began it.

A thread that has begun is never cut short. Who awaits it may be cancelled, and hears no more of it.

Not here: which call belongs into which lane (`calling`), or into which transaction (`blocks`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from contextvars import copy_context
from enum import StrEnum
from functools import partial
from typing import Final, TypeVar

from worklattice.storage import refusals
from worklattice.storage.forks import process

R = TypeVar("R")

THREADS: Final = 8
"""Threads of each lane, and transactions at a time, where nothing else is said."""


class Lane(StrEnum):
    """Where a call queues for a thread."""

    READS = "reads"
    WRITES = "writes"


async def in_thread(thread: Executor, work: Callable[[], R]) -> R:
    """What the work comes to, done by a thread that sees this task's context variables.

    When the task is cancelled before the work has begun, it never begins; after that, it goes on to its end.
    """
    seen = partial(copy_context().run, work)
    return await asyncio.get_running_loop().run_in_executor(thread, seen)


async def surely_in_thread(thread: Executor, work: Callable[[], R]) -> R:
    """The same for work that has to be done, also when the task is cancelled before it has begun."""
    doing = thread.submit(copy_context().run, work)
    return await asyncio.shield(asyncio.wrap_future(doing))


class Lanes:
    """The threads of one store. To be used from one event loop."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        """How many there are in each lane."""
        self._generation = process.generation
        self._pools = {lane: ThreadPoolExecutor(threads, f"worklattice-{lane}") for lane in Lane}
        self._transactions = asyncio.Semaphore(threads)
        self._leaving: set[ThreadPoolExecutor] = set()
        """Threads of transactions that were left, until they have done the last that was asked of them."""
        self._closed = False
        self._bells: set[asyncio.Event] = set()

    @property
    def is_closed(self) -> bool:
        """Whether nothing is taken on any more."""
        return self._closed

    def refuse_misuse(self) -> None:
        """Refuse any use after closing, and in a forked child, which has none of these threads.

        Raises:
            StoreError: of the kind `closed`.
        """
        if self._closed:
            raise refusals.closed()
        if self._generation != process.generation:
            raise refusals.forked()

    async def call(self, lane: Lane, work: Callable[[], R]) -> R:
        """Carry out some work when a thread of the lane is free."""
        self.refuse_misuse()
        return await in_thread(self._pools[lane], work)

    @asynccontextmanager
    async def for_a_transaction(self) -> AsyncGenerator[Executor]:
        """A thread of its own, when there are not too many of them."""
        async with self._transactions:
            with self.own_thread() as thread:
                yield thread

    @contextmanager
    def own_thread(self) -> Generator[Executor]:
        """A thread of its own. Afterwards it does what it was asked for, and ends."""
        self.refuse_misuse()
        thread = ThreadPoolExecutor(1, "worklattice-own")
        try:
            yield thread
        finally:
            self._leaving.add(thread)
            thread.submit(self._leaving.discard, thread)
            thread.shutdown(wait=False)

    @contextmanager
    def waking(self, bell: asyncio.Event) -> Generator[None]:
        """Meanwhile, the bell rings when this is closed."""
        self._bells.add(bell)
        try:
            yield
        finally:
            self._bells.discard(bell)

    async def close(self, then: Callable[[], None]) -> None:
        """Take nothing on any more, finish what was, and do something last."""
        self._closed = True
        for bell in self._bells:
            bell.set()
        thread = ThreadPoolExecutor(1, "worklattice-closing")
        try:
            await surely_in_thread(thread, partial(self._finish, then))
        finally:
            thread.shutdown(wait=False)

    def _finish(self, then: Callable[[], None]) -> None:
        if self._generation == process.generation:
            for pool in (*self._pools.values(), *tuple(self._leaving)):
                pool.shutdown(wait=True)
        then()
