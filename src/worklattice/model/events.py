"""Events as callers and subscribers see them."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from worklattice.model.rows import EventRow
from worklattice.model.task import moment_of
from worklattice.types import JsonObject, copied


@frozen(kw_only=True)
class Event:
    """Something that happened in a workspace.

    `position` grows in commit order and is never reused in the workspace; `event_id` names the event among
    those of all workspaces and stores. `data` is JSON in wire format (times in RFC 3339). `command` is the
    position of the first event of the command that it belongs to, and so names the command; `undoes` names
    the one that this command undoes.
    """

    position: int
    event_id: str
    event_type: str
    task_id: str | None
    at: datetime
    actor: str | None
    reason: str | None
    data: JsonObject
    command: int
    undoes: int | None = field(default=None, metadata={"always_shown": True})

    @classmethod
    def of(cls, row: EventRow, stream: str) -> Event:
        """The event that a row keeps, in the log named `stream`."""
        return cls(
            position=row.position,
            event_id=f"{stream}:{row.position}",
            event_type=row.event_type,
            task_id=row.task_id,
            at=moment_of(row.at),
            actor=row.actor,
            reason=row.reason,
            data=copied(row.data),
            command=row.command,
            undoes=row.undoes,
        )
