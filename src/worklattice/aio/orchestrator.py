"""The awaitable orchestrator: for each method of `worklattice.Orchestrator` its twin.

A test compares the two, so that no new command is forgotten here.

Not here: what the methods do, which is done by those that they are twins of.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import AsyncGenerator, Collection, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Final, NoReturn, Self, TypeVar

from worklattice.aio.blocks import around, transaction
from worklattice.aio.calling import Caller, awaitable
from worklattice.aio.following import follow, seconds
from worklattice.aio.handling import in_loop
from worklattice.aio.lanes import Lane, Lanes, in_thread
from worklattice.errors import WorklatticeError
from worklattice.model.answers import Delivered
from worklattice.model.commands import DEFAULT_CONSUMER, Command, Write
from worklattice.model.events import Event
from worklattice.model.log import PAGE
from worklattice.orchestrator import Orchestrator, given
from worklattice.orchestrator.delivering import NotificationHandler
from worklattice.tools.catalogue import TOOLS
from worklattice.tools.refusals import refusal
from worklattice.types import JsonObject

A = TypeVar("A")

_NAMED: Final = re.compile(r'"tool"\s*:\s*"(\w+)"')
_LOOKED_AT: Final = 1_000
"""Characters of a text in which a tool's name is looked for."""


class AsyncOrchestrator(Caller):
    """A workspace of a store, and everything that can be asked of it, to be awaited.

    Belongs to the event loop in which it was opened. An async context manager: leaving it closes the store,
    and with it the other workspaces that were reached through this one.

    Cancelling a task that awaits a call does not stop the call: what has not begun never begins, and what a
    thread is about goes on to its end and is committed or not, as a whole.
    """

    def __init__(self, orchestrator: Orchestrator, lanes: Lanes) -> None:
        super().__init__(orchestrator, lanes)
        self._opened: dict[Orchestrator, AsyncOrchestrator] = {orchestrator: self}

    def __repr__(self) -> str:
        return f"<worklattice.aio.AsyncOrchestrator of {self._orchestrator!r}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an open store cannot be sent to another process: send the URL, and open it there")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Take on no more calls, finish those that were made, and close the store; twice is harmless.

        A transaction that is open meanwhile can no longer be committed. `follow` comes to its end.
        """
        await self._lanes.close(self._orchestrator.close)

    # --- commands: in the order of the methods that they are twins of ---------------------------------------

    create_generic_task = awaitable(Orchestrator.create_generic_task)
    batch_create = awaitable(Orchestrator.batch_create)
    create_from_template = awaitable(Orchestrator.create_from_template)
    get_task = awaitable(Orchestrator.get_task)
    update_task = awaitable(Orchestrator.update_task)
    bulk_update = awaitable(Orchestrator.bulk_update)
    delete_task = awaitable(Orchestrator.delete_task)
    claim_task = awaitable(Orchestrator.claim_task)
    renew_claim = awaitable(Orchestrator.renew_claim)
    release_claim = awaitable(Orchestrator.release_claim)
    record_approval = awaitable(Orchestrator.record_approval)
    add_artifact = awaitable(Orchestrator.add_artifact)
    record_metrics = awaitable(Orchestrator.record_metrics)
    waive_gate = awaitable(Orchestrator.waive_gate)
    add_comment = awaitable(Orchestrator.add_comment)
    manage_lifecycle = awaitable(Orchestrator.manage_lifecycle)
    manage_dependencies = awaitable(Orchestrator.manage_dependencies)
    get_dependencies = awaitable(Orchestrator.get_dependencies)
    query_tasks = awaitable(Orchestrator.query_tasks)
    get_ready_tasks = awaitable(Orchestrator.get_ready_tasks)
    get_task_hierarchy = awaitable(Orchestrator.get_task_hierarchy)
    explain_task = awaitable(Orchestrator.explain_task)
    evaluate_gates = awaitable(Orchestrator.evaluate_gates)
    get_history = awaitable(Orchestrator.get_history)
    create_template = awaitable(Orchestrator.create_template)
    get_template = awaitable(Orchestrator.get_template)
    list_templates = awaitable(Orchestrator.list_templates)
    delete_template = awaitable(Orchestrator.delete_template)
    register_task_type = awaitable(Orchestrator.register_task_type)
    define_calendar = awaitable(Orchestrator.define_calendar)
    delete_calendar = awaitable(Orchestrator.delete_calendar)
    list_calendars = awaitable(Orchestrator.list_calendars)
    list_dead_letters = awaitable(Orchestrator.list_dead_letters)
    redeliver = awaitable(Orchestrator.redeliver)
    tick = awaitable(Orchestrator.tick)
    next_tick_at = awaitable(Orchestrator.next_tick_at)
    pause_schedule = awaitable(Orchestrator.pause_schedule)
    resume_schedule = awaitable(Orchestrator.resume_schedule)
    preview_schedule = awaitable(Orchestrator.preview_schedule)
    undo = awaitable(Orchestrator.undo)
    execute = awaitable(Orchestrator.execute)

    async def run(self, command: Command[A]) -> A:
        """Carry out a command; its answer.

        Raises:
            WorklatticeError: the command is refused; nothing was written.
        """
        lane = Lane.WRITES if isinstance(command, Write) else Lane.READS
        return await self._call(lane, partial(self._orchestrator.run, command))

    def transaction(self) -> AbstractAsyncContextManager[None]:
        """Everything that is asked for inside happens in one transaction, at one time, or not at all.

        For use with `async with`. It is as in `worklattice.Orchestrator.transaction`, transactions inside
        others too. What is asked for *inside* is what the task that opened it asks for, and the tasks that
        it started inside (with a `TaskGroup`, say) while it is open; those take turns, and while one of them
        has a transaction inside of this one open, the others wait. Tasks that were started before have no
        part in it: what they write waits until it is over.

        A transaction holds a thread from its beginning to its end; so it takes its turn where as many are
        open as there are threads in a lane.
        """
        return transaction(self._orchestrator.transaction(), self._lanes)

    # --- notifications --------------------------------------------------------------------------------------

    async def deliver(
        self,
        handlers: Mapping[str, NotificationHandler],
        *,
        consumer: str = DEFAULT_CONSUMER,
        limit: int = 100,
        lease: str = "5 minutes",
    ) -> Delivered:
        """Hand out the notifications that are due; as `worklattice.Orchestrator.deliver`.

        Handlers are called one at a time in a thread that the call has to itself; where one is a coroutine
        function, or gives something else to await, that is awaited in the loop. When the task that awaits
        this is cancelled, what is awaited is too, and no other handler is called; the notification in hand is
        delivered again when the lease has run out.

        Raises:
            ConflictError: it is called inside of a transaction, or on the past.
            ValidationError: `handlers` are not functions by scheme.
        """
        stopped = threading.Event()
        awaited = in_loop(handlers, asyncio.get_running_loop(), stopped)
        deliver = partial(self._orchestrator.deliver, awaited, consumer=consumer, limit=limit, lease=lease)
        if around(self._lanes) is not None:
            return await self._call(Lane.WRITES, deliver)  # which is refused, in the transaction's thread
        with self._lanes.own_thread() as thread:
            try:
                return await in_thread(thread, deliver)
            except asyncio.CancelledError:
                stopped.set()
                raise

    # --- workspaces -----------------------------------------------------------------------------------------

    def workspace(self, name: str) -> AsyncOrchestrator:
        """Another workspace of the same store, over the same connections and threads; needs no `await`.

        Raises:
            ValidationError: the name is not like an id.
        """
        other = self._orchestrator.workspace(name)
        if other not in self._opened:
            beside = AsyncOrchestrator(other, self._lanes)
            beside._opened = self._opened
            self._opened[other] = beside
        return self._opened[other]

    workspaces = awaitable(Orchestrator.workspaces)
    drop_workspace = awaitable(Orchestrator.drop_workspace)

    # --- tools ----------------------------------------------------------------------------------------------

    async def dispatch(self, payload: object) -> JsonObject:
        """The JSON answer to a tool payload: a `dict`, or JSON text or bytes of at most 1 MiB.

        Never raises on bad input: a refusal is an answer too, with `status` `error`.
        """
        try:
            return await self._call(_lane_of(payload), partial(self._orchestrator.dispatch, payload))
        except WorklatticeError as error:
            return refusal(error)

    tools = awaitable(Orchestrator.tools)

    # --- events ---------------------------------------------------------------------------------------------

    def events(self, after: int = 0, *, kinds: Collection[str] | None = None) -> AsyncGenerator[Event]:
        """The events behind position `after` that are there now, in order; those of some kinds where given.

        Called again from the last position, it misses nothing and repeats nothing, whoever wrote the events;
        `follow` does so by itself.

        Raises:
            ValidationError: there is no such kind, or `after` is no position.
        """
        return self._pages(self._orchestrator.events(after, kinds=kinds))

    async def _pages(self, events: Iterator[Event]) -> AsyncGenerator[Event]:
        while page := await self._call(Lane.READS, partial(_page, events)):
            for event in page:
                yield event

    def follow(
        self, after: int = 0, *, kinds: Collection[str] | None = None, poll: float | None = 1.0
    ) -> AsyncGenerator[Event]:
        """The events behind position `after`, and then those to come, each once, in order, without end.

        What is committed through this orchestrator comes at once, what is committed elsewhere when the log
        is looked at again, after `poll` seconds at the latest; with None, not before something is committed
        here. It ends when the orchestrator is closed. A loop that is left before is best put into
        `contextlib.aclosing`, which ends the waiting at once.

        Raises:
            ValidationError: there is no such kind, `after` is no position, or `poll` no positive number.
        """
        self._orchestrator.events(after)  # refuses what is no position
        return follow(
            self._page_behind,
            self._orchestrator,
            self._lanes,
            after=after,
            kinds=given.event_kinds(kinds),
            poll=seconds(poll),
        )

    async def _page_behind(self, after: int) -> list[Event]:
        return await self._call(Lane.READS, lambda: _page(self._orchestrator.events(after)))

    replay = awaitable(Orchestrator.replay)

    async def as_of(self, moment: int | datetime) -> AsyncOrchestrator:
        """The workspace as it was right after a position, or at the end of a time: to be read, not written.

        The log until then is replayed into a store of its own in memory; close that when it is done with.
        Its time stands still. Before the first event nothing is there. Cost: the log until then.

        Raises:
            ValidationError: the moment lies ahead, or is neither a position nor an aware `datetime`.
            ConflictError: on a write to what this gives.
        """
        past = await self._call(Lane.READS, partial(self._orchestrator.as_of, moment))
        return AsyncOrchestrator(past, Lanes(self._lanes.threads))

    # --- looking at it as a whole ---------------------------------------------------------------------------

    dump = awaitable(Orchestrator.dump)

    def dump_lines(self) -> AsyncGenerator[str]:
        """The lines of the dump, one by one, of one state. In memory, writes wait until they are all read."""
        return self._stream(self._orchestrator.dump_lines)

    dump_to = awaitable(Orchestrator.dump_to)
    restore = awaitable(Orchestrator.restore)
    backup = awaitable(Orchestrator.backup)
    check = awaitable(Orchestrator.check)
    repair = awaitable(Orchestrator.repair)


def _lane_of(payload: object) -> Lane:
    """The lane for a payload: a guess, on which nothing depends but who waits for whom."""
    name = _tool_of(payload)
    tool = TOOLS.get(name) if isinstance(name, str) else None
    return Lane.READS if tool is not None and tool.effects.reads_only else Lane.WRITES


def _tool_of(payload: object) -> object:
    """The tool that a payload names; in a text, the first that it seems to name."""
    if isinstance(payload, Mapping):
        return payload.get("tool")
    text = payload[:_LOOKED_AT] if isinstance(payload, str | bytes | bytearray) else ""
    named = _NAMED.search(text if isinstance(text, str) else text.decode("latin-1"))
    return named and named[1]


def _page(events: Iterator[Event]) -> list[Event]:
    return list(islice(events, PAGE))
