"""Notifications: which events are told of, to whom, and in which words.

`TOLD` says of each kind of event how it is told: a kind that is added there is delivered like the others. An
event is told as things stood when it happened: to the channels that its task named then, under the title
that the task had then, whatever became of either since. So everybody who reads the same log tells the same.

Not here: when a notification is delivered, and again (`worklattice.model.outbox`), what names of channels
mean (`worklattice.model.channels`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final, TypeAlias

from attrs import frozen

from worklattice.model.channels import channel_of, channels_in
from worklattice.model.log import events_behind
from worklattice.model.past import said_then
from worklattice.model.registrations import Registrations
from worklattice.model.rows import EventRow, TaskRow
from worklattice.model.task import moment_of
from worklattice.model.view import View
from worklattice.types import JsonObject


@frozen(kw_only=True)
class Notification:
    """Something to tell a channel, and the event that it tells of."""

    channel: str
    """The channel's name, as it was given."""
    scheme: str
    """What kind of channel it is: slack for `#x`, user for `@x`, that of a URL, or nothing."""
    target: str
    """Where to send it: the name of the channel without its scheme; a URL as a whole."""
    text: str
    task_id: str | None
    event_type: str
    event_id: str
    """With the channel it tells a notification from all others, for receivers who may get one twice."""
    at: datetime
    """When it happened."""
    actor: str | None
    reason: str | None
    attempt: int = 0
    """Which try it is, from 1; 0 where none was made yet."""

    @classmethod
    def of(cls, channel: str, text: str, event: EventRow, stream: str, attempt: int = 0) -> Notification:
        """The notification that tells a channel of an event in the log named `stream`."""
        read = channel_of(channel)
        return cls(
            channel=channel,
            scheme=read.scheme,
            target=read.target,
            text=text,
            task_id=event.task_id,
            event_type=event.event_type,
            event_id=f"{stream}:{event.position}",
            at=moment_of(event.at),
            actor=event.actor,
            reason=event.reason,
            attempt=attempt,
        )


def title_of(task_id: str, attributes: JsonObject) -> str:
    """What to call a task when people are told of it."""
    title = attributes.get("title")
    return title if isinstance(title, str) and title.strip() else task_id


# --- in which words ---------------------------------------------------------------------------------------


def _gate_failed(data: dict[str, Any]) -> str:
    why = data.get("message") or f"it is {data['observed']}"
    return f"gate {data['gate']} failed: {why}"


def _trigger_fired(data: dict[str, Any]) -> str:
    return f"trigger {data['trigger']} fired: it is {data['observed']}"


def _warned(data: dict[str, Any]) -> str:
    return f"its {data['attribute']} will soon run out"


def _breached(data: dict[str, Any]) -> str:
    return f"it has not ended by {data['due_at']} ({data['attribute']})"


def _overran(data: dict[str, Any]) -> str:
    return f"it has not ended by {data['limit_at']}, and should be rolled back ({data['attribute']})"


TOLD: Final[dict[str, Callable[[dict[str, Any]], str]]] = {
    "gate.failed": _gate_failed,
    "trigger.fired": _trigger_fired,
    "clock.warned": _warned,
    "clock.breached": _breached,
    "clock.overran": _overran,
}
"""The kinds of events that the channels of a task are told of, and in which words behind its title."""

REQUESTED: Final = "notification.requested"
"""The kind of event that itself says which channel to tell, and what."""


# --- to whom ----------------------------------------------------------------------------------------------

ChannelAndText: TypeAlias = tuple[str, str]


class Teller:
    """Makes notifications of events, which come in the order of the log.

    Reads only what is in the log, and the rows that it has led to. Cost: of a kind that is told, the later
    events of the task and its ancestors, each read once.
    """

    def __init__(self, view: View, registrations: Registrations) -> None:
        self._view = view
        self._registrations = registrations
        self._later: dict[str, list[EventRow]] = {}

    def notifications(self, event: EventRow) -> tuple[ChannelAndText, ...]:
        """Whom the event is to be told, and in which words."""
        if event.event_type == REQUESTED:
            return ((str(event.data["channel"]), str(event.data["text"])),)
        words = TOLD.get(event.event_type)
        if words is None or event.task_id is None:
            return ()
        row = self._task_then(event.task_id, event.position)
        if row is None:
            return ()
        text = f"{title_of(row.task_id, row.attributes)}: {words(event.data)}"
        return tuple((channel, text) for channel in self._channels(row, event.position))

    def _channels(self, row: TaskRow, position: int) -> tuple[str, ...]:
        """Those of the task, or of its nearest ancestor that named some."""
        for task in self._upwards(row, position):
            if (channels := channels_in(self._meant(task))) is not None:
                return channels
        return ()

    def _meant(self, row: TaskRow) -> JsonObject:
        return self._registrations.meanings(self._view, row.task_type).meant(row.attributes)

    def _upwards(self, row: TaskRow, position: int) -> Iterator[TaskRow]:
        task: TaskRow | None = row
        while task is not None:
            yield task
            task = None if task.parent_id is None else self._task_then(task.parent_id, position)

    def _task_then(self, task_id: str, position: int) -> TaskRow | None:
        """The task as it was after the event at `position`."""
        later = self._later.get(task_id)
        if later is None:
            later = self._later[task_id] = list(events_behind(self._view, position, task_id))
        return said_then(self._view.task(task_id), later, position)
