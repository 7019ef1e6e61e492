"""The orchestrator: what `worklattice.open` gives."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any, NoReturn, Protocol, Self

from worklattice import codec
from worklattice.errors import ConflictError
from worklattice.model.commands import Command
from worklattice.model.events import Event
from worklattice.model.outbox import EVERYONE
from worklattice.model.ports import Schemas
from worklattice.model.reads import GetHistory
from worklattice.model.replay import replay
from worklattice.model.rows import ConsumerRow, EventRow, WorkspaceRow
from worklattice.orchestrator import given
from worklattice.orchestrator.commands import Commands
from worklattice.orchestrator.delivering import Delivering
from worklattice.orchestrator.past import AsOfMoment
from worklattice.orchestrator.publishing import Handler, Subscription
from worklattice.orchestrator.upkeep import Upkeep
from worklattice.storage.api import Store, Transaction
from worklattice.storage.read_only import ReadOnlyStore
from worklattice.types import JsonObject, from_micros, to_micros


class Toolbox(Protocol):
    """Turns tool payloads into commands and their answers into JSON; handed in by `worklattice.opening`."""

    def answer(self, run: Callable[[Command[Any]], Any], payload: object) -> JsonObject:
        """The answer to a tool payload; never raises on bad input."""
        ...

    def catalogue(self) -> list[JsonObject]:
        """The tools in MCP form."""
        ...


class Orchestrator(Upkeep, Delivering, Commands):
    """A workspace of a store, and everything that can be asked of it.

    Safe to share between threads. A context manager: leaving it closes the store, and with it the other
    workspaces that were reached through this one.
    """

    def __init__(
        self,
        store: Store,
        *,
        name: str,
        workspace: str,
        clock: Callable[[], datetime] | None,
        ids: Callable[[], str],
        streams: Callable[[], str],
        schemas: Schemas,
        toolbox: Toolbox,
        scratch: Callable[[], Store],
        actor: str | None = None,
    ) -> None:
        super().__init__(
            store, workspace=workspace, clock=clock, ids=ids, streams=streams, schemas=schemas, actor=actor
        )
        self._name = name
        self._toolbox = toolbox
        self._scratch = scratch
        self._opened: dict[str, Orchestrator] = {workspace: self}
        """The workspaces of the store that were opened through one another, by their names."""

    def __repr__(self) -> str:
        return f"<worklattice.Orchestrator {self._name} workspace={self._workspace!r}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an open store cannot be sent to another process: send the URL, and open it there")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the store. Closing twice is harmless."""
        self._store.close()

    # --- workspaces -----------------------------------------------------------------------------------------

    def workspace(self, name: str) -> Orchestrator:
        """Another workspace of the same store, over the same connections; the same object for the same name.

        Raises:
            ValidationError: the name is not like an id.
        """
        given.check_workspace(name)
        opened = self._opened.get(name)
        if opened is None:
            opened = self._opened.setdefault(name, self._beside(name))
        return opened

    def _beside(self, name: str) -> Orchestrator:
        beside = Orchestrator(
            self._store,
            name=self._name,
            workspace=name,
            clock=self._clock,
            ids=self._ids,
            streams=self._streams,
            schemas=self._schemas,
            toolbox=self._toolbox,
            scratch=self._scratch,
            actor=self._actor,
        )
        beside._opened = self._opened
        return beside

    def workspaces(self) -> list[str]:
        """The names of the workspaces of the store that were ever written to, in order."""
        return list(self._store.workspaces())

    def drop_workspace(self, name: str) -> bool:
        """Take a workspace away with all that is in it, its log included; whether there was one.

        What is written to a workspace of this name afterwards begins a new one. There is no way back.

        Raises:
            ValidationError: the name is not like an id.
        """
        given.check_workspace(name)
        return self._in_turn(_drop, name)

    # --- tools ----------------------------------------------------------------------------------------------

    def dispatch(self, payload: object) -> JsonObject:
        """The JSON answer to a tool payload: a `dict`, or JSON text or bytes of at most 1 MiB.

        Never raises on bad input: a refusal is an answer too, with `status` `error`.
        """
        return self._toolbox.answer(self.carry_out, payload)

    def tools(self) -> list[JsonObject]:
        """The catalogue of tools in MCP form: name, description, schemas, annotations."""
        return self._toolbox.catalogue()

    # --- events ---------------------------------------------------------------------------------------------

    def subscribe(self, handler: Handler, kinds: Collection[str] | None = None) -> Subscription:
        """Call `handler` with every event that this orchestrator commits, or with those of some kinds.

        Called after the commit, in commit order, in the thread that committed. An exception of the handler's
        is logged. Events committed elsewhere are read with `events`.

        Raises:
            ValidationError: no event is of one of the kinds.
        """
        return self._publisher.subscribe(handler, given.event_kinds(kinds))

    def events(self, after: int = 0, *, kinds: Collection[str] | None = None) -> Iterator[Event]:
        """The events behind position `after` that are there now, in order; those of some kinds where given.

        Called again from the last position, it misses nothing and repeats nothing, whoever wrote the events.

        Raises:
            ValidationError: there is no such kind, or `after` is no position.
        """
        wanted = given.event_kinds(kinds)
        codec.check(GetHistory(after=after))
        return self._events(after, wanted)

    def _events(self, after: int, wanted: frozenset[str] | None) -> Iterator[Event]:
        for row, stream in self._log(after):
            if wanted is None or row.event_type in wanted:
                yield Event.of(row, stream)

    def replay(self, events: Iterable[Event]) -> None:
        """Rebuild the state that a log tells of, in this workspace, which must be empty.

        The log may leave signals out, for no state follows from them. Nobody is told again of what it tells:
        `deliver` begins behind it.

        Raises:
            ConflictError: something was written to the workspace before.
            ValidationError: the log is out of order, misses what later events need, or has unknown kinds.
        """
        rows = [
            EventRow(
                e.position,
                e.event_type,
                e.task_id,
                to_micros(e.at),
                e.actor,
                e.reason,
                e.data,
                e.command,
                e.undoes,
            )
            for e in events
        ]
        self._in_turn(lambda transaction: self._replay(transaction, rows))

    def _replay(self, transaction: Transaction, rows: Sequence[EventRow]) -> None:
        draft = self._draft(transaction)
        if transaction.workspace() is not None:
            raise ConflictError(
                reason="A log can only be replayed into an empty workspace.",
                hint="Open a new store, or another workspace.",
            )
        replay(draft, rows)
        if rows:
            told = {EVERYONE: ConsumerRow(EVERYONE, rows[-1].position)}
            transaction.commit(draft.changes()._replace(consumers=told))

    def as_of(self, moment: int | datetime) -> Orchestrator:
        """The workspace as it was right after a position, or at the end of a time: to be read, not written.

        The log until then is replayed into a store of its own in memory; close that when it is done with.
        Its time stands still. Before the first event nothing is there. Cost: the log until then.

        Raises:
            ValidationError: the moment lies ahead, or is neither a position nor an aware `datetime`.
            ConflictError: on a write to what this gives.
        """
        codec.check(GetHistory(as_of=moment))
        with self._store.read(self._workspace) as view:
            workspace = view.workspace() or WorkspaceRow(self._workspace, self._streams(), 0, 0)
            then = AsOfMoment(moment, workspace, self._now(view, workspace))
        log = (row for row, _ in self._log(0, upto=workspace.position))
        rows = list(takewhile(then.has, log))
        at = then.at if then.at is not None else rows[-1].at if rows else workspace.settled_at
        store = self._scratch()
        past = Orchestrator(
            ReadOnlyStore(store),
            name=f"{self._name} as of {moment}",
            workspace=self._workspace,
            clock=lambda: from_micros(at),
            ids=self._ids,
            streams=lambda: workspace.stream,
            schemas=self._schemas,
            toolbox=self._toolbox,
            scratch=self._scratch,
            actor=self._actor,
        )
        if rows:
            with store.write(self._workspace) as transaction:
                draft = past._draft(transaction)
                replay(draft, rows)
                transaction.commit(draft.changes())
        return past


def _drop(transaction: Transaction) -> bool:
    """Take the workspace away; whether there was one."""
    if transaction.workspace() is None:
        return False
    transaction.drop()
    return True
