"""Delivering notifications: handlers are called with what is due, outside of any transaction.

A call begins by turning new events into deliveries, a page of the log in each transaction. Then each
transaction records what came of the last delivery and takes the next one. Nothing of this adds an event to
the log, and none of it is in a dump.

Not here: which delivery is taken next, when one is tried again, and given up (`worklattice.model.outbox`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from inspect import isawaitable, iscoroutine, iscoroutinefunction
from typing import Final, NamedTuple, TypeAlias, cast

from attrs import frozen

from worklattice import codec
from worklattice.errors import ConflictError, Problem, ValidationError, shown
from worklattice.lang.durations import parse_duration
from worklattice.model import outbox
from worklattice.model.answers import Delivered
from worklattice.model.channels import is_scheme
from worklattice.model.commands import DEFAULT_CONSUMER, Command, Duration, Name, needed
from worklattice.model.log import PAGE
from worklattice.model.notifications import Notification
from worklattice.model.rows import (
    Changes,
    ConsumerRow,
    DeliveryRow,
    Micros,
    WorkspaceRow,
)
from worklattice.model.task import moment_of
from worklattice.model.view import Outbox
from worklattice.orchestrator.engine import Engine
from worklattice.storage.api import Transaction
from worklattice.types import LIMITS

NotificationHandler: TypeAlias = Callable[[Notification], object]
"""Sends a notification; whatever it raises means that it could not."""

_HANDLERS: Final = "arguments.handlers"
_FEW: Final = 2
"""Deliveries that are looked at to find one that somebody can take."""


@frozen(kw_only=True)
class _Terms(Command[Delivered]):
    """On which terms a call delivers; the form of its arguments."""

    consumer: Name = needed("Whose.")
    limit: int = needed("How many.", minimum=1, maximum=LIMITS.page_size)
    lease: Duration = needed("For how long.")


class _Errand(NamedTuple):
    """What a call of `deliver` was given."""

    handlers: Mapping[str, NotificationHandler]
    consumer: str
    lease: Micros


class _Taken(NamedTuple):
    """A delivery in our hands, and what is to be sent."""

    row: DeliveryRow
    stream: str
    notification: Notification


class _Result(NamedTuple):
    """What came of a delivery; no error: it is delivered."""

    taken: _Taken
    error: str | None


class Delivering(Engine):
    """Tells channels what happened."""

    def deliver(
        self,
        handlers: Mapping[str, NotificationHandler],
        *,
        consumer: str = DEFAULT_CONSUMER,
        limit: int = 100,
        lease: str = "5 minutes",
    ) -> Delivered:
        """Hand out the notifications that are due, each at least once, to the handlers for their channels.

        To be called from the application's own loop, by as many threads and processes as there are. It
        delivers the notifications of transitions with `notify_channels`; and of failed gates, fired triggers,
        and service levels, due times and time limits that run out or are missed, of tasks that have channels
        in their attribute `notify_channels` or in an ancestor's. What comes by itself is told once it is
        recorded, by a write or by `tick`. A handler is called with a `Notification`, outside of any
        transaction; it may write to the workspace. What it returns is ignored. Where it raises, the
        notification is tried again 30 seconds later, then after twice as long each time, an hour at most;
        with the ninth failure it becomes a dead letter, and at once where it has no handler.

        A handler that is slower than its lease may find that somebody else has delivered the same; what came
        of it is then not recorded (`late`). One that dies is followed by somebody else after the lease.
        By `event_id` and `channel` together a receiver can recognize a repeat.

        Cost: where nothing is new, a read of a few rows; else a transaction for each 1,000 events, and one
        for each notification.

        Args:
            handlers: by the scheme of the channels that they are for, such as `slack` for `#releases`, `user`
                for `@ann`, `mailto`, or "" for names without a scheme.
            consumer: the name under which the position in the log is kept. Each consumer is told of
                everything, from the beginning of the log, or of what follows the log that was replayed.
            limit: how many notifications to look after in this call, 1 to 1,000.
            lease: how long a handler may take, such as `2 minutes` or `PT2M`.

        Raises:
            ConflictError: it is called inside of a transaction, or on the past.
            ValidationError: `handlers` are not functions by scheme, or are coroutine functions, which
                `worklattice.aio` takes.
        """
        if getattr(self._local, "draft", None) is not None:
            raise ConflictError(
                reason="Nothing can be delivered inside of a transaction, which may still be undone.",
                hint="Call deliver when the transaction is over.",
            )
        codec.check(_Terms(consumer=consumer, limit=limit, lease=lease))
        errand = _Errand(_checked(handlers), consumer, _read_lease(lease))
        is_idle, next_at = self._outlook(consumer)
        fates: Counter[outbox.Fate] = Counter()
        if not is_idle:
            fates = self._hand_out(errand, limit)
            _, next_at = self._outlook(consumer)
        return Delivered(
            delivered=fates["delivered"],
            retried=fates["retried"],
            dead=fates["dead"],
            late=fates["late"],
            next_at=None if next_at is None else moment_of(next_at),
        )

    def _outlook(self, consumer: str) -> tuple[bool, Micros | None]:
        """Whether nothing is to be done now, and when the next delivery is due."""
        with self._store.read(self._workspace) as view:
            workspace = view.workspace()
            if workspace is None:
                return True, None
            next_at = view.next_delivery(consumer)
            is_due = next_at is not None and next_at <= self._now(view, workspace)
            return not is_due and _position_of(consumer, view) >= workspace.position, next_at

    def _hand_out(self, errand: _Errand, limit: int) -> Counter[outbox.Fate]:
        """Create the deliveries of new events, and look after what is due; what became of it."""
        while self._in_turn(partial(self._create_deliveries, errand=errand)):
            pass
        fates: Counter[outbox.Fate] = Counter()
        result: _Result | None = None
        while True:
            room = limit - fates.total()
            ended, taken = self._in_turn(partial(self._take_next, errand=errand, result=result, room=room))
            fates.update(ended)
            if taken is None:
                return fates
            result = _Result(taken, _sent(errand.handlers, taken.notification))

    def _create_deliveries(self, transaction: Transaction, errand: _Errand) -> bool:
        """Turn a page of events into deliveries; whether there are more."""
        workspace = transaction.workspace()
        if workspace is None:
            return False
        after = _position_of(errand.consumer, transaction)
        if after >= workspace.position:
            return False
        page = transaction.events(after, PAGE)
        is_last = len(page) < PAGE
        upto = workspace.position if is_last else page[-1].position
        created = outbox.created(errand.consumer, page, self._now(transaction, workspace))
        transaction.commit(
            Changes.of_nothing(workspace)._replace(
                consumers={errand.consumer: ConsumerRow(errand.consumer, upto)},
                deliveries={row.key: row for row in created},
            )
        )
        return not is_last

    def _take_next(
        self, transaction: Transaction, errand: _Errand, result: _Result | None, room: int
    ) -> tuple[tuple[outbox.Fate, ...], _Taken | None]:
        """Record what came of the last delivery, and take the next one; the fates, and what is in hand."""
        workspace = transaction.workspace()
        if workspace is None:
            return () if result is None else ("late",), None
        now = self._now(transaction, workspace)
        step = outbox.next_step(
            _end_of(result, transaction, workspace, now),
            _due(transaction, errand.consumer, now),
            errand.handlers,
            room=room,
            lease=errand.lease,
            now=now,
        )
        taken = None if step.taken is None else _in_hand(step.taken, transaction, workspace)
        if step.changes:
            transaction.commit(Changes.of_nothing(workspace)._replace(deliveries=step.changes))
        return step.fates, taken


def _position_of(consumer: str, view: Outbox) -> int:
    """Up to where the log was turned into deliveries for the consumer."""
    known = view.consumer(consumer) or view.consumer(outbox.EVERYONE)
    return 0 if known is None else known.position


def _end_of(result: _Result | None, view: Outbox, workspace: WorkspaceRow, now: Micros) -> outbox.Step:
    """How the last try ended, if there was one; late where the workspace is not the same any more."""
    if result is None:
        return outbox.Step({}, ())
    before, stream, _ = result.taken
    row = view.delivery(before.key) if workspace.stream == stream else None
    return outbox.ended(before, row, result.error, now)


def _due(view: Outbox, consumer: str, now: Micros) -> Iterator[DeliveryRow]:
    """What is due; more of it is read only where the first ones do not do."""
    size, seen = _FEW, 0
    while True:
        rows = view.due_deliveries(consumer, now, size)
        yield from rows[seen:]
        if len(rows) < size:
            return
        size, seen = size * 8, size


def _in_hand(row: DeliveryRow, view: Outbox, workspace: WorkspaceRow) -> _Taken:
    event = view.events(row.position - 1, 1)[0]
    stream = workspace.stream
    return _Taken(row, stream, Notification.of(row.channel, row.text, event, stream, row.attempts))


def _sent(handlers: Mapping[str, NotificationHandler], notification: Notification) -> str | None:
    """Call the handler; why it could not send the notification, where it could not."""
    try:
        answer = handlers[notification.scheme](notification)
    except Exception as error:  # noqa: BLE001 - whatever a stranger's handler does
        return outbox.error_kept(error, notification.channel)
    if isawaitable(answer):
        if iscoroutine(answer):
            answer.close()
        return _NOT_AWAITED
    return None


_NOT_AWAITED: Final = "The handler has returned an awaitable, which nobody awaits; worklattice.aio does."


def _checked(handlers: object) -> Mapping[str, NotificationHandler]:
    """The handlers by scheme in small letters."""
    if not isinstance(handlers, Mapping):
        message = f"must be functions by scheme, not {shown(handlers)}"
        raise ValidationError.of(_HANDLERS, message, hint='Write {"slack": send}.')
    if problems := list(_problems(handlers)):
        raise ValidationError.all(problems)
    checked = cast("Mapping[str, NotificationHandler]", handlers)
    return {scheme.lower(): handler for scheme, handler in checked.items()}


def _problems(handlers: Mapping[object, object]) -> Iterator[Problem]:
    seen: set[str] = set()
    for scheme, handler in handlers.items():
        if not isinstance(scheme, str) or not is_scheme(scheme):
            message = f"{shown(scheme)} is no scheme, such as slack for #releases, user for @ann, or mailto"
            yield Problem(field=_HANDLERS, message=message)
            continue
        if scheme.lower() in seen:
            yield Problem(field=_HANDLERS, message=f"{shown(scheme)} is there twice: case is ignored")
        seen.add(scheme.lower())
        if not callable(handler):
            message = f"must be a function that takes a notification, not {shown(handler)}"
            yield Problem(field=f"{_HANDLERS}[{shown(scheme)}]", message=message)
        elif iscoroutinefunction(handler):
            message = "is a coroutine function, which only deliver of worklattice.aio can await"
            yield Problem(field=f"{_HANDLERS}[{shown(scheme)}]", message=message)


def _read_lease(text: str) -> Micros:
    lease = parse_duration(text)
    if lease <= 0:
        raise ValidationError.of("arguments.lease", "a delivery needs a lease longer than nothing")
    return lease
