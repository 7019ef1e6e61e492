"""Telling subscribers of what was committed: afterwards, in commit order, in the thread that committed.

A subscriber cannot change what was committed: an exception of its is logged and goes no further, and what
it writes itself is a commit of its own, told after the one that it is being told of.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Self, TypeAlias

from attrs import frozen

from worklattice.model.events import Event
from worklattice.model.rows import EventRow

logger = logging.getLogger("worklattice")

Handler: TypeAlias = Callable[[Event], object]
_Wish: TypeAlias = tuple[Handler, frozenset[str] | None]
"""Who wants to be told, and of which kinds of events; None: of all."""

Recorded: TypeAlias = tuple[int, Iterable[EventRow], str]
"""What a commit recorded: its ticket, its events, and the stream that these belong to."""


@frozen
class Subscription:
    """A handler that is being told; `cancel` ends that. Also a context manager."""

    _cancel: Callable[[], None]

    def cancel(self) -> None:
        """Tell the handler of nothing more. Cancelling twice is harmless."""
        self._cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cancel()


class Publisher:
    """Subscribers of one workspace, and the order in which they are told."""

    def __init__(self) -> None:
        self._handlers: dict[int, _Wish] = {}
        self._next_handler = 0
        self._turn = threading.Condition()
        self._issued = 0
        self._told = 0
        """All tickets up to this one have had their turn."""
        self._passed: set[int] = set()
        """Later ones that need none any more."""
        self._mine = threading.local()

    def subscribe(self, handler: Handler, kinds: frozenset[str] | None) -> Subscription:
        """Tell `handler` of events of these kinds, or of all."""
        with self._turn:
            number = self._next_handler
            self._next_handler += 1
            self._handlers[number] = (handler, kinds)
        return Subscription(lambda: self._forget(number))

    def _forget(self, number: int) -> None:
        with self._turn:
            self._handlers.pop(number, None)

    def ticket(self) -> int:
        """A place in the order of telling; 0 where nobody is to be told.

        To be taken while the workspace is still locked for writing.
        """
        if not self._handlers:
            return 0
        with self._turn:
            self._issued += 1
            return self._issued

    def tell(self, ticket: int, rows: Iterable[EventRow], stream: str) -> None:
        """Tell the subscribers of a commit, when it is its turn.

        A handler that writes comes here again, in the same thread, while its turn lasts: what it wrote waits
        until it has been told all of the commit before.
        """
        if ticket == 0:
            return
        pending: deque[Recorded] | None
        pending = getattr(self._mine, "pending", None)
        if pending is not None:
            pending.append((ticket, rows, stream))
            return
        self._mine.pending = pending = deque([(ticket, rows, stream)])
        try:
            while pending:
                self._tell_one(*pending.popleft())
        finally:
            for unfinished, _, _ in pending:
                self._pass_turn(unfinished)
            self._mine.pending = None

    def _tell_one(self, ticket: int, rows: Iterable[EventRow], stream: str) -> None:
        try:
            with self._turn:
                self._turn.wait_for(lambda: self._told == ticket - 1)
                handlers = dict(self._handlers)
            if handlers:
                self._deliver(handlers, (Event.of(row, stream) for row in rows))
        finally:
            self._pass_turn(ticket)

    def _pass_turn(self, ticket: int) -> None:
        """Give up the turn, or the place in the order of one whose wait was cut short; never waits itself."""
        with self._turn:
            self._passed.add(ticket)
            while self._told + 1 in self._passed:
                self._told += 1
                self._passed.remove(self._told)
            self._turn.notify_all()

    def _deliver(self, handlers: Mapping[int, _Wish], events: Iterable[Event]) -> None:
        for event in events:
            for number, (handler, kinds) in handlers.items():
                if (kinds is None or event.event_type in kinds) and number in self._handlers:
                    try:
                        handler(event)
                    except Exception:
                        logger.exception(
                            "A subscriber failed on event %s (%s)", event.event_id, event.event_type
                        )
