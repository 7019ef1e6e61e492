"""What every store refuses, in the same words."""

from __future__ import annotations

from typing import Any, Final, NoReturn

from worklattice.errors import StoreError, shown

DEFAULT_TIMEOUT: Final = 5.0
"""Seconds for which a write waits for another writer to finish."""

LOOK_AT_ALL: Final = "Nothing was written. See with wl.check() whether the rows are sound; wl.repair() mends."
"""What to do where rows contradict those that are stored."""


def closed() -> StoreError:
    """The store was closed."""
    return StoreError(kind="closed", reason="This store is closed.", hint="Open it again.")


def left() -> StoreError:
    """The read or write is over."""
    return StoreError(
        kind="closed",
        reason="This view of the store has been left, or its transaction is committed.",
        hint="Ask the store for a new read or write.",
    )


class _Left:
    """Stands where a view had its rows or its session, once the view is left."""

    def __getattr__(self, name: str) -> NoReturn:
        raise left()


LEFT: Final[Any] = _Left()


def forked() -> StoreError:
    """The store was opened by the parent of this process."""
    return StoreError(
        kind="closed",
        reason="This store was opened before the process was forked and belongs to the parent process.",
        hint="Open the store in the child process.",
    )


def gone(name: str) -> StoreError:
    """The file was deleted, or another one was put in its place."""
    return StoreError(
        kind="unavailable",
        reason=f"The file {shown(name)} was deleted, moved or replaced after it was opened.",
        hint="Close this store and open it again.",
    )


def busy(timeout: float) -> StoreError:
    """Another writer did not finish in time."""
    return StoreError(
        kind="busy",
        reason=f"Another writer holds the workspace and did not finish within {timeout:g} s.",
        hint="Try again, keep transactions short, or open the store with a longer timeout.",
    )


def nested() -> StoreError:
    """A write inside a write would wait for itself."""
    return StoreError(
        kind="busy",
        reason="This thread is in a write already, which another one would wait for without end.",
        hint="Finish the first transaction before the next one.",
    )


def write_inside_read() -> StoreError:
    """A write inside a read would have to wait for the read, or change what it shows."""
    return StoreError(
        kind="busy",
        reason="This thread reads the workspace and cannot write to it before the read is left.",
        hint="Leave the read first, or read through the transaction.",
    )


def outrun() -> StoreError:
    """The database could not put the transaction in order with others that ran at the same time."""
    return StoreError(
        kind="busy",
        reason="The transaction was outrun by others each time it was tried.",
        hint="Try again, or write less at the same time to one workspace.",
        outrun=True,
    )


def log_out_of_order(position: int, last: int) -> StoreError:
    """The events to be written do not follow those that are there."""
    return StoreError(
        kind="incompatible",
        reason=f"An event of position {position} cannot follow one of position {last}.",
        hint="Take the next position from the workspace's row, read in the same transaction.",
    )


def unreadable(row: str, field: str, error: Exception) -> StoreError:
    """A row holds what is no JSON: another hand wrote it, or the disk lost it."""
    return StoreError(
        kind="incompatible",
        reason=f"A row of {shown(row)} cannot be read: {field} is no JSON ({error}).",
        hint="Put a backup in its place, or restore a dump into a new store.",
    )
