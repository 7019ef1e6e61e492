"""How a method of the orchestrator becomes an awaitable one: the same method, in a thread.

Not here: which methods there are (`orchestrator`).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterator
from functools import partial, wraps
from inspect import signature
from itertools import islice
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from worklattice.aio.blocks import around
from worklattice.aio.lanes import Lane, Lanes, in_thread
from worklattice.orchestrator import Orchestrator

P = ParamSpec("P")
R = TypeVar("R")

_BATCH: Final = 500
"""How many items of a stream are fetched at a time."""


class Caller:
    """Has the orchestrator, and calls it in the threads that are there for that."""

    def __init__(self, orchestrator: Orchestrator, lanes: Lanes) -> None:
        self._orchestrator = orchestrator
        self._lanes = lanes

    async def _call(self, lane: Lane, work: Callable[[], R]) -> R:
        """Carry out some work in the transaction that the caller stands in, or else in the lane."""
        self._lanes.refuse_misuse()
        while (block := around(self._lanes)) is not None:
            async with block.turn:
                if around(self._lanes) is block:
                    return await in_thread(block.thread, work)
        return await self._lanes.call(lane, work)

    async def _stream(self, begin: Callable[[], Iterator[R]]) -> AsyncGenerator[R]:
        """What an iterator gives that has to stay in one thread from its beginning to its end."""
        with self._lanes.own_thread() as thread:
            iterator = await in_thread(thread, begin)
            try:
                while batch := await in_thread(thread, partial(_batch, iterator)):
                    for item in batch:
                        yield item
            finally:
                if isinstance(iterator, Generator):
                    thread.submit(iterator.close)


def _batch(iterator: Iterator[R]) -> list[R]:
    return list(islice(iterator, _BATCH))


def lane_of(method: Callable[..., object]) -> Lane:
    """Where a method's calls queue: what takes `dry_run` writes, and hardly anything else does."""
    return Lane.WRITES if "dry_run" in signature(method).parameters else Lane.READS


def awaitable(
    method: Callable[Concatenate[Orchestrator, P], R],
) -> Callable[Concatenate[Caller, P], Coroutine[Any, Any, R]]:
    """The twin of a method: the same arguments, answers, errors and words, to be awaited."""
    lane = lane_of(method)

    @wraps(method)
    async def twin(self: Caller, /, *args: P.args, **kwargs: P.kwargs) -> R:
        # It stands outside of the class, and becomes a method of it.
        work = partial(method, self._orchestrator, *args, **kwargs)  # pyright: ignore[reportPrivateUsage]
        return await self._call(lane, work)  # pyright: ignore[reportPrivateUsage]

    return twin
