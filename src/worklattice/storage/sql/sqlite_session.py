"""Connections to an SQLite file, and who may use which when.

Not here: how a connection is made (`sqlite_file`), what is asked over it (`view`, `commit`).
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from threading import Lock, get_ident
from typing import Final

from worklattice.storage import refusals
from worklattice.storage.forks import keep_open_in_children, process
from worklattice.storage.sql.session import Parameters, Record, Statement
from worklattice.storage.sql.sqlite_errors import translated
from worklattice.storage.sql.sqlite_file import SqliteFile

_IDLE_READERS: Final = 8
"""How many connections are kept for the next readers."""


class SqliteSession:
    """A connection, and the statements run over it."""

    __slots__ = ("__weakref__", "_connection", "_cursor", "_generation", "_streams", "_timeout")

    now = None
    """A file has no clock."""

    def __init__(self, connection: sqlite3.Connection, timeout: float) -> None:
        self._connection = connection
        self._generation = process.generation
        self._cursor = connection.cursor()
        self._streams: set[sqlite3.Cursor] = set()
        self._timeout = timeout
        keep_open_in_children(self)

    def held_open(self) -> Iterable[object]:
        """What a forked child must not let go of."""
        return (self._connection, self._cursor, *self._streams)

    def one(self, sql: str, parameters: Parameters) -> Record | None:
        records = self.all(sql, parameters)
        return records[0] if records else None

    def all(self, sql: str, parameters: Parameters) -> list[Record]:
        self._refuse_in_child()
        try:
            return self._cursor.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise translated(error, self._timeout) from error

    def stream(self, sql: str, parameters: Parameters) -> Iterator[Record]:
        self._refuse_in_child()
        cursor = self._connection.cursor()
        self._streams.add(cursor)
        try:
            yield from cursor.execute(sql, parameters)
        except sqlite3.Error as error:
            raise translated(error, self._timeout) from error
        finally:
            cursor.close()
            self._streams.discard(cursor)

    def run(self, statements: Sequence[Statement]) -> Sequence[int]:
        self._refuse_in_child()
        execute = self._cursor.executemany
        try:
            return [execute(statement.sql, statement.parameters).rowcount for statement in statements]
        except sqlite3.Error as error:
            raise translated(error, self._timeout) from error

    def commit(self) -> None:
        self.command("COMMIT")

    def command(self, sql: str) -> None:
        """Begin or commit."""
        try:
            self._cursor.execute(sql)
        except sqlite3.Error as error:
            raise translated(error, self._timeout) from error

    def begin_immediate(self, timeout: float) -> None:
        """Begin to write, waiting for other connections for at most so many seconds."""
        if timeout == self._timeout:
            self.command("BEGIN IMMEDIATE")
            return
        self.command(f"PRAGMA busy_timeout = {int(timeout * 1000)}")
        try:
            self.command("BEGIN IMMEDIATE")
        finally:
            self.command(f"PRAGMA busy_timeout = {int(self._timeout * 1000)}")

    def end(self) -> None:
        """Stop what is still being read, and undo what is not committed.

        SQLite may have undone it already, as it does where the disk is full.
        """
        while self._streams:
            self._streams.pop().close()
        if self._connection.in_transaction:
            self.command("ROLLBACK")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _refuse_in_child(self) -> None:
        if self._generation != process.generation:
            raise refusals.forked()


class SqliteSessions:
    """The sessions of one store: one that writes, and as many readers as there are at a time."""

    def __init__(self, file: SqliteFile) -> None:
        self.file = file
        self._generation = process.generation
        self._closed = False
        self._writer = SqliteSession(file.connect(), file.timeout)
        self._identity = file.identity()
        self._writing = Lock()
        self._writing_thread = 0
        self._readers: list[SqliteSession] = []

    def refuse_misuse(self) -> None:
        """Refuse any use after closing, and in a forked child, where SQLite's locks do not hold."""
        if self._closed:
            raise refusals.closed()
        if self._generation != process.generation:
            raise refusals.forked()

    def refuse_another_file(self) -> None:
        """Refuse to go on where the file is gone: what is written to one without a name is lost."""
        if self.file.identity() != self._identity:
            raise refusals.gone(self.file.path.name)

    def begin_read(self) -> SqliteSession:
        """A session that sees one state of the file, until `end_read`."""
        self.refuse_misuse()
        self.refuse_another_file()
        try:
            session = self._readers.pop()
        except IndexError:
            session = SqliteSession(self.file.connect(read_only=True), self.file.timeout)
        session.command("BEGIN")
        return session

    def end_read(self, session: SqliteSession) -> None:
        """Take a reader back. A forked child leaves it alone, like the writer: it is the parent's."""
        if self._generation != process.generation:
            return
        try:
            session.end()
        except BaseException:
            session.close()
            raise
        if len(self._readers) >= _IDLE_READERS:
            session.close()
            return
        self._readers.append(session)
        if self._closed:
            self._close_idle_readers()

    def begin_write(self) -> SqliteSession:
        """The session that writes, inside a transaction, until `end_write`."""
        self.refuse_misuse()
        if self._writing_thread == get_ident():
            raise refusals.nested()
        timeout = self.file.timeout
        if not self._writing.acquire(blocking=False):
            began = time.monotonic()
            if not self._writing.acquire(timeout=timeout):
                raise refusals.busy(timeout)
            timeout = max(0.0, timeout - (time.monotonic() - began))
        try:
            self.refuse_misuse()
            self.refuse_another_file()
            self._writer.begin_immediate(timeout)
        except BaseException:
            self._writing.release()
            raise
        self._writing_thread = get_ident()
        return self._writer

    def end_write(self) -> None:
        """Undo what the writer did not commit, and let the next one write."""
        if self._generation != process.generation:
            return
        try:
            self._writer.end()
            if self._closed:
                self._writer.close()
        finally:
            self._writing_thread = 0
            self._writing.release()

    def close(self) -> None:
        """Close what is idle now, and the rest when it is given back."""
        self._closed = True
        if self._generation != process.generation:
            return
        self._close_idle_readers()
        if self._writing.acquire(blocking=False):
            self._writer.close()
            self._writing.release()

    def _close_idle_readers(self) -> None:
        while self._readers:
            self._readers.pop().close()
