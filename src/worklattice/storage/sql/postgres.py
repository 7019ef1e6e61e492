"""The store in a PostgreSQL database, by psycopg 3 and its pool.

A write holds the lock of its workspace's row, so that writers of one workspace take turns, whichever process
they are in, and those of different workspaces do not meet. A read sees one snapshot. What is sent does
without triggers, sequences, advisory locks and notifications, and every key is led by the workspace.

Not here: connections (`postgres_pool`), the schema (`postgres_schema`), statements (`view`, `commit`).
"""

from __future__ import annotations

from typing import Final, Self

from worklattice.model.rows import Changes, WorkspaceRow
from worklattice.storage import refusals
from worklattice.storage.sql.postgres_dialect import PostgresDialect
from worklattice.storage.sql.postgres_pool import PostgresDatabase, PostgresSessions
from worklattice.storage.sql.postgres_schema import prepare
from worklattice.storage.sql.store import SqlStore, SqlTransaction

_DIALECT: Final = PostgresDialect()
_PLAN_ANEW: Final = "SET LOCAL plan_cache_mode TO force_custom_plan"
"""After a portion. A plan that was kept from when a table was empty would go on reading all of it."""


class PostgresStore(SqlStore[PostgresSessions]):
    """A `Store` in one schema of a PostgreSQL database.

    Raises `StoreError` where the server cannot be reached, the schema is missing and cannot be made, or is of
    a newer version.
    """

    _dialect = _DIALECT

    def __init__(self, database: PostgresDatabase) -> None:
        prepare(database)
        self._database = database
        self._sessions = PostgresSessions(database)

    def write(self, workspace: str) -> PostgresTransaction:
        self._sessions.refuse_misuse()
        return PostgresTransaction(self._sessions, workspace)

    def __repr__(self) -> str:
        return f"PostgresStore({self._database.shown!r})"


class PostgresTransaction(SqlTransaction):
    """A write: the workspace is locked for other writers from the beginning to the end."""

    def __init__(self, sessions: PostgresSessions, workspace: str) -> None:
        super().__init__(sessions, _DIALECT, workspace)
        self._sessions = sessions

    def __enter__(self) -> Self:
        self._writer, self._row, self._turn = self._sessions.begin_write(self._workspace)
        self._session = self._writer
        return self

    def workspace(self) -> WorkspaceRow | None:
        self._sessions.refuse_misuse()
        return self._row

    def write(self, changes: Changes) -> None:
        super().write(changes)
        self._row = changes.workspace
        self._writer.command(_PLAN_ANEW)

    def __exit__(self, *exception: object) -> None:
        self._session = refusals.LEFT
        self._sessions.end_write(self._writer, self._turn)
