"""A PostgreSQL database: how it is connected to, and who may use which connection when.

Not here: the statements (`postgres_session`), the schema (`postgres_schema`).
"""

from __future__ import annotations

from collections.abc import Callable
from threading import get_ident
from typing import Final, TypeVar

import psycopg
from attrs import field, frozen
from psycopg import Connection, sql
from psycopg.types.string import TextLoader
from psycopg_pool import ConnectionPool

from worklattice.model.rows import WorkspaceRow
from worklattice.storage import refusals
from worklattice.storage.forks import process
from worklattice.storage.sql.postgres_errors import translated
from worklattice.storage.sql.postgres_session import PostgresSession
from worklattice.storage.sql.session import Record, Statement
from worklattice.storage.sql.view import WORKSPACE, written_workspace

T = TypeVar("T")

_LOCK: Final = f"{WORKSPACE} FOR UPDATE"
_FIRST: Final = (
    "INSERT INTO workspaces (workspace, stream, position, settled_at, types_at) VALUES (?, '', 0, 0, 0) "
    "ON CONFLICT (workspace) DO NOTHING"
)
_TRIES: Final = 3
"""How often a connection is taken from the pool until one turns out to be alive."""
_READ: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITE: Final = "BEGIN ISOLATION LEVEL READ COMMITTED"


@frozen(kw_only=True)
class PostgresDatabase:
    """Which schema of which database, and how to reach it."""

    conninfo: str = field(repr=False)
    """What libpq takes; it may hold a password."""
    shown: str
    """The same as a URL without the password."""
    schema: str
    timeout: float
    """Seconds to wait for another writer, and for a connection."""
    connections: int
    """How many there are at most."""

    def connect(self) -> Connection[Record]:
        """A connection of its own. Raises what the driver raises."""
        connection: Connection[Record] = psycopg.connect(self.conninfo, autocommit=True)
        self.configure(connection)
        return connection

    def configure(self, connection: Connection[Record]) -> None:
        """Make a new connection ready for use."""
        connection.autocommit = True
        for kind in ("json", "jsonb"):  # as text, which the rows read in their own way
            connection.adapters.register_loader(kind, TextLoader)
        name = sql.Identifier(self.schema)
        connection.execute(sql.SQL("SET search_path TO {}").format(name))
        connection.execute(sql.SQL("SET lock_timeout TO {}").format(sql.Literal(int(self.timeout * 1000))))
        connection.execute("SET client_encoding TO 'UTF8'")


class PostgresSessions:
    """The sessions of one store. Safe to share between threads, not with a forked child."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database
        self._generation = process.generation
        self._closed = False
        self._writing: set[tuple[int, str]] = set()
        self._pool: ConnectionPool[Connection[Record]] = ConnectionPool(
            database.conninfo,
            min_size=1,
            max_size=database.connections,
            timeout=max(database.timeout, 1.0),
            configure=database.configure,
            kwargs={"autocommit": True},
            open=True,
        )

    def refuse_misuse(self) -> None:
        """Refuse any use after closing, and in a forked child, with which connections cannot be shared."""
        if self._closed:
            raise refusals.closed()
        if self._generation != process.generation:
            raise refusals.forked()

    def begin_read(self) -> PostgresSession:
        """A session that sees one state of the database, until `end_read`."""
        session, _ = self._begun(lambda session: session.command(_READ))
        return session

    def end_read(self, session: PostgresSession) -> None:
        """Take a session back."""
        session.end()
        self._pool.putconn(session.connection)

    def begin_write(self, workspace: str) -> tuple[PostgresSession, WorkspaceRow | None]:
        """A session in a transaction that holds the workspace's lock, until `end_write`; and its row."""
        if (get_ident(), workspace) in self._writing:
            raise refusals.nested()

        def begin(session: PostgresSession) -> WorkspaceRow | None:
            locked = session.begin_with(_WRITE, _LOCK, (workspace,))
            if locked is None:
                session.run([Statement(_FIRST, [(workspace,)])])
                locked = session.one(_LOCK, (workspace,))
            return written_workspace(locked)

        begun = self._begun(begin)
        self._writing.add((get_ident(), workspace))
        return begun

    def end_write(self, session: PostgresSession, workspace: str) -> None:
        """Undo what was not committed, and let the next one write."""
        self._writing.discard((get_ident(), workspace))
        self.end_read(session)

    def close(self) -> None:
        """Close what is idle now, and the rest when it is given back."""
        if not self._closed:
            self._closed = True
            if self._generation == process.generation:
                self._pool.close()

    def _begun(self, begin: Callable[[PostgresSession], T]) -> tuple[PostgresSession, T]:
        """A session in which a transaction was begun; connections that turn out dead are replaced."""
        self.refuse_misuse()
        for _ in range(_TRIES - 1):
            session = self._session()
            try:
                return session, begin(session)
            except BaseException:
                is_dead = session.connection.closed
                self.end_read(session)
                if not is_dead:
                    raise
            self._pool.check()
        session = self._session()
        try:
            return session, begin(session)
        except BaseException:
            self.end_read(session)
            raise

    def _session(self) -> PostgresSession:
        try:
            connection = self._pool.getconn()
        except psycopg.Error as error:
            raise translated(error, self._database.timeout) from error
        return PostgresSession(connection, self._database.timeout)
