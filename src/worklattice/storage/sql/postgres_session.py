"""Connections to a PostgreSQL server: one inside a transaction at a time.

Statements of this package have question marks for parameters; PostgreSQL numbers them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import count
from typing import Final

import psycopg
from psycopg import Connection, RawCursor, RawServerCursor
from psycopg.pq import TransactionStatus

from worklattice.model.rows import Micros
from worklattice.storage import refusals
from worklattice.storage.forks import process
from worklattice.storage.sql.postgres_errors import translated
from worklattice.storage.sql.session import Inserted, Parameters, Record, Statement

_MANY: Final = 50
"""Rows from which on a bulk load is quicker than statements."""
_STREAMED: Final = 2_000
"""Records that a stream fetches at a time."""

_CLOCK: Final = b"SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
"""The server's time, in microseconds since 1970."""

_names = count(1)


class PostgresSession:
    """A connection, and the statements run over it."""

    __slots__ = ("_cursor", "_generation", "_is_spent", "_streams", "_timeout", "connection", "now")

    def __init__(self, connection: Connection[Record], timeout: float) -> None:
        self.connection = connection
        self._generation = process.generation
        self._cursor = RawCursor(connection)
        self._streams: set[RawServerCursor[Record]] = set()
        self._timeout = timeout
        self.now: Micros | None = None
        self._is_spent = False
        """Whether a write, or the beginning of a transaction, has failed. They go out in pipelines, those of
        `executemany` too: the driver takes statements behind the one that failed for prepared, which the
        server never saw, for as long as there is the connection. A load by COPY is no pipeline; it is not
        told apart, for it seldom fails, and a new connection costs little."""

    def one(self, sql: str, parameters: Parameters) -> Record | None:
        self._refuse_in_child()
        try:
            return self._cursor.execute(numbered(sql), parameters).fetchone()
        except psycopg.Error as error:
            raise translated(error, self._timeout) from error

    def all(self, sql: str, parameters: Parameters) -> list[Record]:
        self._refuse_in_child()
        try:
            return self._cursor.execute(numbered(sql), parameters).fetchall()
        except psycopg.Error as error:
            raise translated(error, self._timeout) from error

    def stream(self, sql: str, parameters: Parameters) -> Iterator[Record]:
        self._refuse_in_child()
        cursor = RawServerCursor(self.connection, f"stream_{next(_names)}")
        cursor.itersize = _STREAMED
        self._streams.add(cursor)
        try:
            for record in cursor.execute(numbered(sql), parameters):
                yield record
                self._refuse_in_child()
                if cursor not in self._streams:  # the connection may be another transaction's by now
                    raise refusals.left()
        except psycopg.Error as error:
            raise translated(error, self._timeout) from error
        finally:
            if cursor in self._streams and self._generation == process.generation:
                self._streams.discard(cursor)
                _close(cursor)

    def run(self, statements: Sequence[Statement]) -> Sequence[int]:
        self._refuse_in_child()
        is_small = sum(len(statement.parameters) for statement in statements) < _MANY
        try:
            if is_small:
                return self._run_at_once(statements)
            return [self._run(statement) for statement in statements]
        except psycopg.Error as error:
            self._is_spent = True
            raise translated(error, self._timeout) from error

    def _run_at_once(self, statements: Sequence[Statement]) -> Sequence[int]:
        """Send everything before reading the first answer: one round trip for all."""
        with self.connection.pipeline():
            cursors = [self._sent(statement) for statement in statements]
        return [sum(cursor.rowcount for cursor in of_one) for of_one in cursors]

    def _sent(self, statement: Statement) -> Sequence[RawCursor[Record]]:
        """The cursors over which a statement was sent, with all of its parameters at once where it may be."""
        sql, parameters, _, at_once, _ = statement
        if at_once is not None and len(parameters) > 1:
            sql, together = at_once(parameters)
            parameters = [together]
        return [RawCursor(self.connection).execute(numbered(sql), each) for each in parameters]

    def _run(self, statement: Statement) -> int:
        cursor = self._cursor
        if statement.loads is None or len(statement.parameters) < _MANY:
            cursor.executemany(numbered(statement.sql), statement.parameters)
        else:
            with cursor.copy(_copy_statement(statement.loads)) as copy:
                for row in statement.parameters:
                    copy.write_row(row)
        return cursor.rowcount

    def command(self, sql: str) -> None:
        """Begin a transaction, or set something in it."""
        try:
            self._cursor.execute(sql.encode())
        except psycopg.Error as error:
            raise translated(error, self._timeout) from error

    def begin(self, begin: str) -> None:
        """Begin a transaction, and look at the clock: one round trip."""
        clock = RawCursor(self.connection)
        try:
            with self.connection.pipeline():
                self._cursor.execute(begin.encode())
                clock.execute(_CLOCK)
            self.now = _time_of(clock)
        except psycopg.Error as error:
            self._is_spent = True
            raise translated(error, self._timeout) from error

    def begin_with(self, begin: Sequence[str], sql: str, parameters: Parameters, after: str) -> Record | None:
        """Begin a transaction, ask its first question, look at the clock: one round trip.

        The clock is looked at once the question is answered, for which a lock may have been waited for.
        `after` sets what holds from then on.
        """
        question, clock = RawCursor(self.connection), RawCursor(self.connection)
        try:
            with self.connection.pipeline():
                for command in begin:
                    self._cursor.execute(command.encode())
                question.execute(numbered(sql), parameters)
                clock.execute(_CLOCK)
                self._cursor.execute(after.encode())
            self.now = _time_of(clock)
            return question.fetchone()
        except psycopg.Error as error:
            self._is_spent = True
            raise translated(error, self._timeout) from error

    def commit(self) -> None:
        """Commit. Where the connection breaks meanwhile, nobody knows whether it came to pass."""
        try:
            self._cursor.execute("COMMIT")
        except psycopg.Error as error:
            raise translated(error, self._timeout, committing=self.connection.closed) from error

    def end(self) -> None:
        """Stop what is still being read, and undo what is not committed, where the connection still works."""
        status = self.connection.info.transaction_status
        if self._is_spent:
            self.connection.close()
        if not self.connection.closed and status is not TransactionStatus.IDLE:
            try:
                self._cursor.execute("ROLLBACK")
            except psycopg.Error:
                self.connection.close()
        while self._streams:  # which ended with the transaction: nothing is sent
            _close(self._streams.pop())

    def _refuse_in_child(self) -> None:
        if self._generation != process.generation:
            raise refusals.forked()


def _time_of(clock: RawCursor[Record]) -> Micros:
    record = clock.fetchone()
    assert record is not None
    return int(record[0])


def _copy_statement(table: Inserted) -> bytes:
    return f"COPY {table.name} (workspace, {table.columns}) FROM STDIN".encode()


def _close(cursor: RawServerCursor[Record]) -> None:
    with suppress(psycopg.Error):  # the transaction may have failed already, which ends its cursors
        cursor.close()


@lru_cache(maxsize=4096)
def numbered(sql: str) -> bytes:
    """The statement with `$1`, `$2`, … in place of question marks."""
    first, *rest = sql.split("?")
    return (first + "".join(f"${number}{part}" for number, part in enumerate(rest, 1))).encode()
