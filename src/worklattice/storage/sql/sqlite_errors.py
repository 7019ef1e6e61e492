"""Errors of the SQLite driver as `StoreError`: the one place that knows their codes."""

from __future__ import annotations

import sqlite3
from typing import Final

from worklattice.errors import StoreError, shown
from worklattice.storage import refusals

_NO_ROOM: Final = frozenset(
    {
        sqlite3.SQLITE_IOERR_WRITE,  # a limit on the size of files; a full disk of some network file systems
        sqlite3.SQLITE_IOERR_SHMSIZE,  # no room for the index of the write-ahead log
        sqlite3.SQLITE_IOERR_SHMMAP,
    }
)


def translated(error: sqlite3.Error, timeout: float) -> StoreError:
    """What callers get to see of an error of the driver; raise it `from` the error."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    if code is None:  # raised by the driver itself
        return refusals.left() if "closed" in str(error) else _incompatible("values that do not fit", error)
    match code & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED | sqlite3.SQLITE_PROTOCOL:
            return refusals.busy(timeout)
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_TOOBIG:
            return _full()
        case sqlite3.SQLITE_IOERR if code in _NO_ROOM:
            return _full()
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_SCHEMA:
            return StoreError(
                kind="incompatible",
                reason=f"The file is no intact SQLite database ({shown(str(error))}).",
                hint="Check the path, or restore the file from a backup.",
            )
        case sqlite3.SQLITE_CONSTRAINT:
            return _incompatible("rows that contradict those that are there", error)
        case _:
            return StoreError(
                kind="unavailable",
                reason=f"SQLite could not do it: {shown(str(error))}.",
                hint="Check that the file and its folder can be read and written.",
            )


def _incompatible(what: str, error: sqlite3.Error) -> StoreError:
    return StoreError(
        kind="incompatible",
        reason=f"The database was given {what} ({shown(str(error))}).",
        hint=refusals.LOOK_AT_ALL,
    )


def _full() -> StoreError:
    return StoreError(
        kind="full",
        reason="There is no room left for the database.",
        hint="Make room on the disk, or raise the limit on the size of files; reads go on meanwhile.",
    )
