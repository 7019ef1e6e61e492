"""Notifications: which events are told of, to whom, and in which words.

`TOLD` says of each kind of event in which words it is told: a kind that is added there is delivered like the
others. Whom to tell, and what, is worked out when the event is recorded, and stands in it: to the channels
that its task named then, under the title that the task had then, whatever became of the task, its ancestors
and its type since. So everybody who reads the same log tells the same.

Not here: when a notification is delivered, and again (`worklattice.model.outbox`), what names of channels
mean (`worklattice.model.channels`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import chain
from typing import Any, Final, TypeAlias

from attrs import frozen

from worklattice.model.channels import channel_of, channels_in
from worklattice.model.draft import Draft
from worklattice.model.rows import EventRow, TaskRow
from worklattice.model.task import moment_of
from worklattice.types import LIMITS, JsonObject


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
    """Together with `channel`, identifies the notification, so that a receiver can recognize a repeat."""
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
    if not isinstance(title, str) or not title.strip():
        return task_id
    limit = LIMITS.title_characters
    return title if len(title) <= limit else title[: limit - 1] + "…"


# --- in which words ---------------------------------------------------------------------------------------


def _gate_failed(data: dict[str, Any]) -> str:
    why = data.get("message") or f"it is {data['observed']}"
    return f"gate {data['gate']} failed: {why}"


def _trigger_fired(data: dict[str, Any]) -> str:
    what = data.get("message") or f"it is {data['observed']}"
    return f"trigger {data['trigger']} fired: {what}"


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
"""The kind of event by which a command says which channel to tell, and what."""


# --- to whom ----------------------------------------------------------------------------------------------

ChannelAndText: TypeAlias = tuple[str, str]


def with_notifications(draft: Draft, event_type: str, task_id: str | None, data: JsonObject) -> JsonObject:
    """The data of an event that is about to happen, with the channels that are to be told, and what.

    Where there are none, nothing is added. Cost: of a kind that is told, the ancestors up to the nearest that
    names channels.
    """
    words = TOLD.get(event_type)
    if words is None or task_id is None:
        return data
    row = draft.known(task_id)
    channels = _channels_of(draft, row)
    if not channels:
        return data
    text = f"{title_of(task_id, row.attributes)}: {words(data)}"
    return {**data, "channels": [*channels], "text": text}


def _channels_of(draft: Draft, row: TaskRow) -> tuple[str, ...]:
    """Those of the task, or of its nearest ancestor that names some."""
    for task in chain([row], draft.ancestors(row)):
        if (channels := channels_in(draft.meant(task))) is not None:
            return channels
    return ()


def notifications_in(event: EventRow) -> tuple[ChannelAndText, ...]:
    """Whom the event is to be told, and in which words, as it says itself."""
    data: dict[str, Any] = event.data
    if event.event_type == REQUESTED:
        return ((data["channel"], data["text"]),)
    if event.event_type not in TOLD:
        return ()
    return tuple((channel, data["text"]) for channel in data.get("channels", ()))
