"""Looking back: what was meant by a position or a time, and a store that can only be read."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from worklattice.errors import ConflictError, ValidationError
from worklattice.lang.times import format_time
from worklattice.model.rows import EventRow, Micros, WorkspaceRow
from worklattice.storage.api import Store, StoreView, Transaction
from worklattice.types import from_micros, in_utc, to_micros


class Then:
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


class ReadOnly:
    """A store that shows what another one holds, and lets nobody write."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self, workspace: str) -> AbstractContextManager[StoreView]:
        """A consistent view."""
        return self._store.read(workspace)

    def write(self, workspace: str) -> AbstractContextManager[Transaction]:
        """Refuse."""
        raise ConflictError(
            reason=f"This shows the workspace {workspace} as it was; the past cannot be written to.",
            hint="Write to the workspace itself, or try here with dry_run.",
        )

    def workspaces(self) -> Sequence[str]:
        """The names of the workspaces."""
        return self._store.workspaces()

    def close(self) -> None:
        """Close the store beneath."""
        self._store.close()
