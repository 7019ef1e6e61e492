"""Delivering notifications: handlers are called with what is due, outside of any transaction.

A call begins by turning new events into deliveries, a page of the log in each transaction. Then each
transaction records what came of the last delivery and takes the next one. Nothing of this adds an event to
the log, and none of it is in a dump.

Not here: when a delivery is tried again, and given up (`worklattice.model.outbox`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from inspect import isawaitable, iscoroutine, iscoroutinefunction
from typing import Final, Literal, NamedTuple, TypeAlias, cast

from attrs import frozen

from worklattice import codec
from worklattice.errors import ConflictError, Problem, ValidationError, shown
from worklattice.lang.durations import parse_duration
from worklattice.model import outbox
from worklattice.model.answers import Delivered
from worklattice.model.channels import channel_of
from worklattice.model.commands import DEFAULT_CONSUMER, Command, Duration, Name, needed
from worklattice.model.log import PAGE
from worklattice.model.notifications import Notification
from worklattice.model.rows import (
    Changes,
    ConsumerRow,
    DeliveryKey,
    DeliveryRow,
    EventRow,
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
    """What came of a delivery; no error: it was made."""

    taken: _Taken
    error: str | None


_Fate: TypeAlias = Literal["delivered", "retried", "dead", "late"]


class _Step(NamedTuple):
    """What one transaction has done."""

    fates: list[_Fate]
    taken: _Taken | None


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

        To be called from the application's own loop, by as many threads and processes as there are. Told are
        transitions with `notify_channels`; and failed gates, fired triggers, and service levels, due times
        and time limits that run out or are missed, of tasks that have channels in their attribute
        `notify_channels` or in an ancestor's. What comes by itself is told once it is recorded, by a write or
        by `tick`. A handler is called with a `Notification`, outside of any transaction; it may write to the
        workspace. What it returns is ignored. Where it raises, the notification is tried again 30 seconds
        later, then after twice as long each time, an hour at most; with the ninth failure it becomes a dead
        letter, and at once where it has no handler.

        A handler that is slower than its lease may find that somebody else has delivered the same; what came
        of it is then not recorded (`late`). One that dies is followed by somebody else after the lease.
        `event_id` and `channel` together tell a receiver what came twice.

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
        fates: Counter[_Fate] = Counter()
        if self._has_nothing_for(consumer):
            return self._delivered(fates, consumer)
        while self._in_turn(partial(self._make_deliveries, errand=errand)):
            pass
        result: _Result | None = None
        while True:
            room = limit - fates.total()
            step = self._in_turn(partial(self._take_next, errand=errand, result=result, room=room))
            fates.update(step.fates)
            if step.taken is None:
                return self._delivered(fates, consumer)
            result = _Result(step.taken, _sent(errand.handlers, step.taken.notification))

    def _has_nothing_for(self, consumer: str) -> bool:
        """Whether no event is new, and no delivery is due."""
        with self._store.read(self._workspace) as view:
            workspace = view.workspace()
            if workspace is None:
                return True
            if _position_of(consumer, view) < workspace.position:
                return False
            due = view.next_delivery(consumer)
            return due is None or due > self._now(view, workspace)

    def _delivered(self, fates: Counter[_Fate], consumer: str) -> Delivered:
        with self._store.read(self._workspace) as view:
            due = view.next_delivery(consumer)
        return Delivered(
            delivered=fates["delivered"],
            retried=fates["retried"],
            dead=fates["dead"],
            late=fates["late"],
            next_at=None if due is None else moment_of(due),
        )

    def _make_deliveries(self, transaction: Transaction, errand: _Errand) -> bool:
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
        made = outbox.made(errand.consumer, page, self._now(transaction, workspace))
        transaction.commit(
            Changes.of_nothing(workspace)._replace(
                consumers={errand.consumer: ConsumerRow(errand.consumer, upto)},
                deliveries={row.key: row for row in made},
            )
        )
        return not is_last

    def _take_next(
        self, transaction: Transaction, errand: _Errand, result: _Result | None, room: int
    ) -> _Step:
        """Record what came of the last delivery, and take the next one, if there is room for it."""
        workspace = transaction.workspace()
        if workspace is None:
            return _Step([] if result is None else ["late"], None)
        changed: dict[DeliveryKey, DeliveryRow | None] = {}
        step = _Step([], None)
        now = self._now(transaction, workspace)
        if result is not None:
            step.fates.append(_record(transaction, workspace, result, changed, now))
        for row in _due(transaction, errand.consumer, changed, now):
            if len(step.fates) >= room:
                break
            if (fault := _fault(row, errand.handlers)) is not None:
                changed[row.key] = outbox.dead(row, fault, now)
                step.fates.append("dead")
                continue
            taken = changed[row.key] = outbox.taken(row, errand.lease, now)
            event = transaction.events(row.position - 1, 1)[0]
            step = step._replace(taken=_in_hand(taken, event, workspace))
            break
        if changed:
            transaction.commit(Changes.of_nothing(workspace)._replace(deliveries=changed))
        return step


def _position_of(consumer: str, view: Outbox) -> int:
    """Up to where the log was turned into deliveries for the consumer."""
    known = view.consumer(consumer) or view.consumer(outbox.EVERYONE)
    return 0 if known is None else known.position


def _record(
    transaction: Transaction,
    workspace: WorkspaceRow,
    result: _Result,
    changed: dict[DeliveryKey, DeliveryRow | None],
    now: Micros,
) -> _Fate:
    """Note what came of a delivery, unless somebody else has had it since."""
    before, row = result.taken.row, transaction.delivery(result.taken.row.key)
    if row is None or row.taken != before.taken or workspace.stream != result.taken.stream:
        return "late"
    if result.error is None:
        changed[row.key] = None
        return "delivered"
    after = changed[row.key] = outbox.failed(row, result.error, now)
    return "dead" if after.next_at is None else "retried"


def _due(
    transaction: Transaction, consumer: str, changed: Mapping[DeliveryKey, object], now: Micros
) -> Iterator[DeliveryRow]:
    """What is due and was not changed; more of it is read only where the first ones do not do."""
    size = _FEW
    while True:
        rows = transaction.due_deliveries(consumer, now, size)
        for row in rows:
            if row.key not in changed:
                yield row
        if len(rows) < size:
            return
        size *= 8


def _fault(row: DeliveryRow, handlers: Mapping[str, NotificationHandler]) -> str | None:
    """Why nobody can deliver it, where nobody can."""
    if outbox.is_worn_out(row):
        return outbox.NEVER_CAME_BACK
    scheme = channel_of(row.channel).scheme
    return None if scheme in handlers else outbox.no_handler(scheme, handlers)


def _in_hand(row: DeliveryRow, event: EventRow, workspace: WorkspaceRow) -> _Taken:
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
    for scheme, handler in handlers.items():
        if not isinstance(scheme, str):
            yield Problem(field=_HANDLERS, message=f"{shown(scheme)} is no scheme, which is a text")
        elif not callable(handler):
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
