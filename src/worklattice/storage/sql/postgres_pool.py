"""A PostgreSQL database: how it is connected to, and who may use which connection when.

Not here: the statements (`postgres_session`), the schema (`postgres_schema`).
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock, get_ident
from time import monotonic
from typing import Final, NamedTuple, TypeVar
from weakref import WeakValueDictionary

import psycopg
from attrs import field, frozen
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict
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
    "INSERT INTO workspaces (workspace, stream, position, settled_at, definitions_at) "
    "VALUES (?, '', 0, 0, 0) ON CONFLICT (workspace) DO NOTHING"
)
_TRIES: Final = 3
"""How often a connection is taken from the pool until one turns out to be alive."""
_READ: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITE: Final = "BEGIN ISOLATION LEVEL READ COMMITTED"
_UNLIMITED: Final = "SET LOCAL statement_timeout TO DEFAULT"
_GRACE: Final = 0.5
"""Seconds beyond the timeout for what takes time although nobody is waited for."""
_SHORTEST: Final = 0.1
"""Seconds that a statement is given at least."""
_LEAST_WAIT: Final = 1.0
"""Seconds to wait for a connection at least: it may have to be opened first."""
_RECONNECTING: Final = 2.0
"""Seconds for which the pool tries to connect of itself; from then on it does so whenever it is asked."""


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
        milliseconds = max(1, round(self.timeout * 1000))  # 0 would be to wait without end
        connection.execute(sql.SQL("SET lock_timeout TO {}").format(sql.Literal(milliseconds)))
        connection.execute("SET client_encoding TO 'UTF8'")


def can_be_taken_apart(url: str) -> bool:
    """Whether the driver understands the URL. Ask first: its own errors repeat it, password and all."""
    try:
        hosts = conninfo_to_dict(url).get("host") or ""
        for host in str(hosts).split(","):
            if not host.startswith(("/", "@")):  # the folder of a socket
                host.encode("idna")
    except (psycopg.ProgrammingError, UnicodeError):
        return False
    return url.startswith("postgresql://")


class Turn(NamedTuple):
    """That a thread is the one of this process that writes to a workspace."""

    thread: int
    workspace: str
    lock: Lock


class PostgresSessions:
    """The sessions of one store. Safe to share between threads, not with a forked child."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database
        self._generation = process.generation
        self._closed = False
        self._writing: set[tuple[int, str]] = set()
        self._turns: WeakValueDictionary[str, Lock] = WeakValueDictionary()
        self._turns_lock = Lock()
        self._pool: ConnectionPool[Connection[Record]] = ConnectionPool(
            database.conninfo,
            min_size=1,
            max_size=database.connections,
            reconnect_timeout=_RECONNECTING,
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
        deadline = monotonic() + self._database.timeout
        session, _ = self._begun(lambda session: session.begin(_READ), deadline)
        return session

    def end_read(self, session: PostgresSession) -> None:
        """Take a session back. A forked child leaves it alone: it is the parent's, as the pool is."""
        if self._generation != process.generation:
            return
        try:
            session.end()
        finally:
            self._pool.putconn(session.connection)

    def begin_write(self, workspace: str) -> tuple[PostgresSession, WorkspaceRow | None, Turn]:
        """A session in a transaction that holds the workspace's lock, until `end_write`; and its row.

        Threads of this process take turns before they take a connection, so that those who wait leave the
        connections to others. The timeout is for everything together. The server's limit on waiting for a
        lock is not enough for that: it begins anew with each of the writers that came before.
        """
        if (get_ident(), workspace) in self._writing:
            raise refusals.nested()
        deadline = monotonic() + self._database.timeout
        turn = self._turn(workspace)

        def begin(session: PostgresSession) -> WorkspaceRow | None:
            seconds = max(deadline + _GRACE - monotonic(), _SHORTEST)
            limit = f"SET LOCAL statement_timeout TO {round(seconds * 1000)}"
            locked = session.begin_with((_WRITE, limit), _LOCK, (workspace,), _UNLIMITED)
            while locked is None:  # again where another one inserts it and drops the workspace meanwhile
                session.command(limit)
                session.run([Statement(_FIRST, [(workspace,)])])
                locked = session.one(_LOCK, (workspace,))
                session.command(_UNLIMITED)
            return written_workspace(locked)

        try:
            session, row = self._begun(begin, deadline)
        except BaseException:
            turn.lock.release()
            raise
        self._writing.add((turn.thread, workspace))
        return session, row, turn

    def _turn(self, workspace: str) -> Turn:
        with self._turns_lock:
            lock = self._turns.get(workspace)
            if lock is None:
                lock = self._turns[workspace] = Lock()
        if not lock.acquire(timeout=self._database.timeout):
            raise refusals.busy(self._database.timeout)
        return Turn(get_ident(), workspace, lock)

    def end_write(self, session: PostgresSession, turn: Turn) -> None:
        """Undo what was not committed, and let the next one write."""
        try:
            self.end_read(session)
        finally:
            self._writing.discard((turn.thread, turn.workspace))
            turn.lock.release()

    def close(self) -> None:
        """Close what is idle now, and the rest when it is given back."""
        if not self._closed:
            self._closed = True
            if self._generation == process.generation:
                self._pool.close()

    def _begun(self, begin: Callable[[PostgresSession], T], deadline: float) -> tuple[PostgresSession, T]:
        """A session in which a transaction was begun; connections that turn out dead are replaced."""
        self.refuse_misuse()
        deadline = max(deadline, monotonic() + _LEAST_WAIT)
        tries = 0
        while True:
            tries += 1
            session = self._session(deadline)
            try:
                return session, begin(session)
            except BaseException:
                is_dead = session.connection.closed
                self.end_read(session)
                if not is_dead or tries == _TRIES:
                    raise
            self._pool.check()

    def _session(self, deadline: float) -> PostgresSession:
        wait = max(deadline - monotonic(), _SHORTEST)
        try:
            connection = self._pool.getconn(timeout=wait)
        except psycopg.Error as error:
            raise translated(error, self._database.timeout) from error
        return PostgresSession(connection, self._database.timeout)
