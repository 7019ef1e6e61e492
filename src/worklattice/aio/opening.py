"""Opening a store without waiting for it in the loop's thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Final

from worklattice import assembly
from worklattice.aio.lanes import THREADS, Lanes
from worklattice.aio.orchestrator import AsyncOrchestrator
from worklattice.errors import ValidationError, shown
from worklattice.orchestrator import Orchestrator
from worklattice.storage.api import Store
from worklattice.types import Clock, IdFactory

MOST_THREADS: Final = 1_000


def open(  # noqa: A001 - the module's verb, as in gzip.open
    url: str | Store,
    *,
    workspace: str = "default",
    clock: Clock | None = None,
    ids: IdFactory | None = None,
    actor: str | None = None,
    threads: int = THREADS,
) -> Opening:
    """Open a workspace of a store: `async with aio.open(url) as wl:`, or `wl = await aio.open(url)`.

    Args:
        url: as of `worklattice.open`, like `workspace`, `clock`, `ids` and `actor`. The clock and the factory
            of ids are called in threads.
        workspace: the unit of isolation.
        clock: tells the time.
        ids: makes the ids of tasks that are given none.
        actor: who writes, for the events of commands that name no actor.
        threads: how many calls that only read, how many calls that may write, and how many transactions are
            under way at a time, at most. What comes then waits for its turn. Writers of one workspace take
            turns anyway, and all writers of an SQLite file.

    Raises:
        ValidationError: an argument is not of the documented form.
        StoreError: the store cannot be opened.
    """
    _check_threads(threads)
    make = partial(assembly.open, url, workspace=workspace, clock=clock, ids=ids, actor=actor)
    return Opening(make, threads)


def _check_threads(threads: object) -> None:
    if isinstance(threads, bool) or not isinstance(threads, int) or not 1 <= threads <= MOST_THREADS:
        raise ValidationError.of(
            "threads", f"must be a number from 1 to {MOST_THREADS}, not {shown(threads)}"
        )


class Opening:
    """A store that is about to be opened: to be awaited, or entered with `async with`."""

    def __init__(self, make: Callable[[], Orchestrator], threads: int) -> None:
        self._make = make
        self._threads = threads
        self._opened: AsyncOrchestrator | None = None

    def __await__(self) -> Generator[Any, None, AsyncOrchestrator]:
        return self._open().__await__()

    async def __aenter__(self) -> AsyncOrchestrator:
        self._opened = await self._open()
        return self._opened

    async def __aexit__(self, *_: object) -> None:
        if self._opened is not None:
            await self._opened.close()

    async def _open(self) -> AsyncOrchestrator:
        thread = ThreadPoolExecutor(1, "worklattice-opening")
        opening = thread.submit(self._make)
        thread.shutdown(wait=False)
        try:
            orchestrator = await asyncio.wrap_future(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close_again)
            raise
        return AsyncOrchestrator(orchestrator, Lanes(self._threads))


def _close_again(opening: Future[Orchestrator]) -> None:
    """Close what was opened for nobody."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
