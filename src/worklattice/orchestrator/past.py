"""Looking back: which events had happened by a position or a time.

Not here: reading the past state of one task (`worklattice.model.past`).
"""

from __future__ import annotations

from datetime import datetime

from worklattice.errors import ValidationError, shown
from worklattice.lang.times import format_time
from worklattice.model.rows import EventRow, Micros, WorkspaceRow
from worklattice.types import from_micros, in_utc, to_micros


class AsOfMoment:
    """A moment of a workspace's log: right after a position, or the end of a time.

    Raises:
        ValidationError: it lies ahead.
    """

    def __init__(self, as_of: int | datetime, workspace: WorkspaceRow, now: Micros) -> None:
        self.position: int | None = None
        self.at: Micros | None = None
        if isinstance(as_of, datetime):
            self.at = _moment(as_of)
            if self.at > now:
                asked, present = (format_time(from_micros(at)) for at in (self.at, now))
                raise _ahead(f"{asked} lies ahead; it is {present}")
        elif type(as_of) is not int:
            message = f"must be a position in the log or an aware datetime, not {shown(as_of)}"
            raise ValidationError.of("arguments.as_of", message)
        else:
            self.position = as_of
            if as_of > workspace.position:
                raise _ahead(f"there is no event at {as_of:,} yet; the last one is at {workspace.position:,}")

    def has(self, event: EventRow) -> bool:
        """Whether the event had happened by then."""
        return event.position <= self.position if self.position is not None else event.at <= (self.at or 0)


def _moment(as_of: datetime) -> Micros:
    try:
        return to_micros(in_utc(as_of))
    except ValueError as error:
        raise ValidationError.of("arguments.as_of", str(error)) from None


def _ahead(message: str) -> ValidationError:
    return ValidationError.of("arguments.as_of", message, hint="Ask for what is past, or leave as_of out.")
