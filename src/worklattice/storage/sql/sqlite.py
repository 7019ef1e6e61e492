"""The store in an SQLite file, by the driver of the standard library.

Writers take turns, the threads of this process by a lock and other processes by `BEGIN IMMEDIATE`. Readers
have connections of their own and see what was committed before they began: with a write-ahead log they
neither wait for a writer nor hold one up.

Not here: files and settings (`sqlite_file`), connections (`sqlite_session`), statements (`view`, `commit`),
backups (`sqlite_copy`).
"""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Final, Self

from worklattice.storage import refusals
from worklattice.storage.sql.sqlite_copy import copy
from worklattice.storage.sql.sqlite_dialect import SqliteDialect
from worklattice.storage.sql.sqlite_file import SqliteFile, Synchronous
from worklattice.storage.sql.sqlite_session import SqliteSessions
from worklattice.storage.sql.store import SqlStore, SqlTransaction

_DIALECT: Final = SqliteDialect()


class SqliteStore(SqlStore[SqliteSessions]):
    """A `Store` in one SQLite file.

    Raises `StoreError` where the file cannot be opened, is something else, or was written by a newer
    version; then it is left as it is.
    """

    _dialect = _DIALECT

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        timeout: float = refusals.DEFAULT_TIMEOUT,
        synchronous: Synchronous = "normal",
    ) -> None:
        self._path = path  # first, so that a traceback can show what could not be opened
        file = SqliteFile(path=Path(path).absolute(), timeout=timeout, synchronous=synchronous)
        file.prepare()
        self._path = file.path
        self._sessions = SqliteSessions(file)

    def write(self, workspace: str) -> SqliteTransaction:
        self._sessions.refuse_misuse()
        return SqliteTransaction(self._sessions, workspace)

    def copy_to(self, path: Path, progress: Callable[[int, int], object]) -> None:
        self._sessions.refuse_misuse()
        self._sessions.refuse_another_file()
        copy(self._sessions.file, path, progress)

    def __repr__(self) -> str:
        return f"SqliteStore({str(self._path)!r})"


class SqliteTransaction(SqlTransaction):
    """A write: the file is locked for other writers from the beginning to the end."""

    def __init__(self, sessions: SqliteSessions, workspace: str) -> None:
        super().__init__(sessions, _DIALECT, workspace)
        self._sessions = sessions

    def __enter__(self) -> Self:
        self._session = self._writer = self._sessions.begin_write()
        return self

    def __exit__(self, *exception: object) -> None:
        self._session = refusals.LEFT
        self._sessions.end_write()
