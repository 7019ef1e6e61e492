"""Transactions of asyncio programs: which calls are part of which.

The engine knows the transaction of a *thread*. So each outermost `async with` block has a thread, and
whatever belongs to the block is carried out by it. What belongs to it is told by a context variable: the task
that opened the block, and the tasks that were started inside, which inherit the variable's value.

Blocks inside blocks lie on one another like drafts do: while one is open, its thread works for it alone. So
tasks that share the outer block take turns: a call takes a turn, and a block inside has it until it ends.

Not here: what a transaction is (`worklattice.orchestrator.engine`), the threads (`lanes`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from concurrent.futures import Executor
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager
from contextvars import ContextVar
from enum import Enum
from functools import partial
from types import MappingProxyType
from typing import Final

from worklattice.aio.lanes import Lanes, in_thread, surely_in_thread
from worklattice.errors import StoreError

_innermost: Final[ContextVar[Mapping[Lanes, Block]]] = ContextVar(
    "worklattice transactions", default=MappingProxyType({})
)
"""The innermost block that this code stands in, of each store."""


class _State(Enum):
    OPEN = "open"
    OVER = "over"
    """It was left; what its tasks still do belongs to the block around it, or to none."""
    CUT_OFF = "cut off"
    """The block around it was left before; it is undone with that."""


class Block:
    """One `async with wl.transaction()`."""

    def __init__(self, thread: Executor, outer: Block | None = None) -> None:
        self.thread = thread
        """Carries out whatever belongs to the block."""
        self.outer = outer
        self.inner: Block | None = None
        """The block inside of this one that is open; there is one at most."""
        self.turn = asyncio.Lock()
        """Held for one call, or for as long as a block inside is open."""
        self.state = _State.OPEN
        self._entered = ExitStack()
        """The engine's side of it; touched by the thread only."""
        if outer is not None:
            outer.inner = self

    async def enter(self, transaction: AbstractContextManager[None]) -> None:
        """Begin the engine's transaction."""
        await in_thread(self.thread, partial(self._entered.enter_context, transaction))

    async def leave(self, error: BaseException | None) -> None:
        """Commit, or where there is an error, undo. However this is cut short, the thread does it."""
        if self.state is _State.CUT_OFF:
            raise _cut_off()
        if self.inner is not None:
            self.inner.cut_off()
        self.state = _State.OVER
        if self.outer is not None:
            self.outer.inner = None
        await surely_in_thread(self.thread, partial(self._exit, error))

    def cut_off(self) -> None:
        """Undo it because the block around it ends."""
        if self.inner is not None:
            self.inner.cut_off()
        self.state = _State.CUT_OFF
        self.thread.submit(self._exit, _cut_off())

    def _exit(self, error: BaseException | None) -> None:
        self._entered.__exit__(type(error) if error else None, error, error.__traceback__ if error else None)


def _cut_off() -> StoreError:
    return StoreError(
        kind="closed",
        reason="The transaction around this one was left before this one ended, and has undone it.",
        hint="Await the tasks that you start inside of a transaction before you leave it.",
    )


def around(lanes: Lanes) -> Block | None:
    """The innermost open block that this code stands in.

    Raises:
        StoreError: it stands in a block that was cut off.
    """
    block = _innermost.get().get(lanes)
    while block is not None and block.state is not _State.OPEN:
        if block.state is _State.CUT_OFF:
            raise _cut_off()
        block = block.outer
    return block


@asynccontextmanager
async def transaction(begun: AbstractContextManager[None], lanes: Lanes) -> AsyncGenerator[None]:
    """Everything that is asked for inside happens in one transaction of the engine."""
    async with _place(lanes) as block:
        before = _innermost.get()
        try:
            await block.enter(begun)
            _innermost.set({**before, lanes: block})
            yield
            async with block.turn:  # what tasks inside are in the middle of is part of it
                pass
        except BaseException as error:
            await block.leave(error)
            raise
        else:
            await block.leave(None)
        finally:
            _innermost.set(before)


@asynccontextmanager
async def _place(lanes: Lanes) -> AsyncGenerator[Block]:
    """A new block, inside of the one that this code stands in or on a thread of its own."""
    lanes.refuse_misuse()
    while (outer := around(lanes)) is not None:
        async with outer.turn:
            if around(lanes) is outer:
                yield Block(outer.thread, outer)
                return
    async with lanes.for_a_transaction() as thread:
        yield Block(thread)
