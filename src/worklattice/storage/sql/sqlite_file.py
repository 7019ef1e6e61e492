"""Opening SQLite files: which are refused, how connections are set up, bringing the schema up to date.

Not here: what is done over a connection (`sqlite`), the schema (`migrations`).
"""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Final, Literal, TypeAlias

from attrs import frozen

from worklattice.errors import StoreError, shown
from worklattice.storage.sql.migrations import SCHEMA_VERSION, TypeNames, steps_from
from worklattice.storage.sql.sqlite_dialect import EXACT_NUMBER
from worklattice.storage.sql.sqlite_errors import translated

Synchronous: TypeAlias = Literal["normal", "full"]
"""When a commit reaches the disk. `full`: before `commit` returns. `normal`: soon after; a crash of the
process loses nothing, a power cut may lose the last commits, whole."""

APPLICATION_ID: Final = int.from_bytes(b"wlat")
"""Stands in the header of every database of this kind."""

OLDEST_SQLITE: Final = (3, 38, 0)
"""The first with JSON operators that need no build option."""

_TYPES: Final = TypeNames(
    text="TEXT",
    integer="INTEGER",
    number="REAL",
    boolean="INTEGER",
    json="TEXT",
    document="TEXT",
    by_key=" WITHOUT ROWID",
)
_LARGEST_RESTING_LOG: Final = 64 * 1024 * 1024
"""Bytes to which the write-ahead log is cut back once it has grown beyond."""
_PAUSE: Final = 0.01

_STATISTICS: Final = (
    # table, index, rows of the index, and how many of them share its first 1, 2, … columns
    ("workspaces", "workspaces", "1000 1"),
    ("tasks", "sqlite_autoindex_tasks_1", "1000000 1000000 1"),
    ("tasks", "tasks_by_age", "1000000 1000000 10 1"),
    ("tasks", "tasks_by_status", "1000000 1000000 150000 2 1"),
    ("tasks", "tasks_by_type", "1000000 1000000 50000 2 1"),
    ("tasks", "tasks_ready", "50000 50000 10000 2 1"),
    ("tasks", "tasks_children", "900000 900000 10 1"),
    ("tasks", "tasks_replaced", "1000 1000 2 1"),
    ("tasks", "tasks_due", "1000 1000 10 1"),
    ("tasks", "tasks_alarms", "100000 100000 2 1"),
    ("tasks", "tasks_late", "1000 1000 2"),
    ("tasks", "tasks_missed", "1000 1000 2"),
    ("tasks", "tasks_timed", "100000 100000 1"),
    ("tasks", "tasks_coming", "1000 1000 2 1"),
    ("tasks", "tasks_runs", "500000 500000 400 2 1"),
    ("tasks", "tasks_templated", "500000 500000 1000 300 1"),
    ("tasks", "tasks_claimed", "1000 1000 10 2 1"),
    ("holds", "holds", "1000 1000 10 1"),
    ("edges", "edges", "1000000 1000000 2 1 1"),
    ("edges", "edges_awaiting", "1000000 1000000 2"),
    ("edges", "edges_naming", "1000000 1000000 2"),
    ("edges", "edges_due", "1000 1000 10 1"),
    ("events", "events", "3000000 3000000 1"),
    ("events", "events_of_task", "3000000 3000000 3 1"),
    ("events", "events_undoing", "10000 10000 2 1"),
    ("idempotency_keys", "keys_by_use", "100000 100000 2 1"),
    ("deliveries", "sqlite_autoindex_deliveries_1", "10000 10000 5000 2 1"),
    ("deliveries", "deliveries_due", "5000 5000 2500 2 2 1"),
    ("deliveries", "deliveries_dead", "5000 5000 2500 2 1"),
)
"""What SQLite's planner is told of the data, once and for all.

Without statistics it takes it that few rows share a workspace, and reads all of them where an index on a
further column would find the right one. A measured state (`ANALYZE`) would be that of the first day."""


@frozen(kw_only=True)
class SqliteFile:
    """A database file and how to connect to it."""

    path: Path
    """Absolute."""
    timeout: float
    """Seconds to wait for other connections that write."""
    synchronous: Synchronous

    def prepare(self) -> None:
        """Create the file if need be, and bring its schema up to date; refuse a file that does not fit."""
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            oldest = ".".join(map(str, OLDEST_SQLITE))
            raise StoreError(
                kind="incompatible",
                reason=f"Python's SQLite is {sqlite3.sqlite_version}; {oldest} or newer is needed.",
                hint="Use a Python that is built with a newer SQLite; sqlite3.sqlite_version tells.",
            )
        self._refuse_what_is_no_file()
        connection = self._connect()
        try:
            connection.execute("BEGIN")  # so that all that tells the version is of one moment
            version = self._version(connection)
            connection.execute("COMMIT")
            self._turn_on_write_ahead_log(connection)
            if version < SCHEMA_VERSION:
                self._migrate(connection)
        except sqlite3.Error as error:
            raise translated(error, self.timeout) from error
        finally:
            connection.close()

    def identity(self) -> tuple[int, int] | None:
        """Which file the path leads to now; None where there is none."""
        try:
            found = os.stat(self.path)  # noqa: PTH116 - faster, and asked each time
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def connect(self, *, read_only: bool = False) -> sqlite3.Connection:
        """A connection to the prepared file."""
        connection = self._connect()
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA synchronous = {self.synchronous}")
            connection.execute(f"PRAGMA journal_size_limit = {_LARGEST_RESTING_LOG}")
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.create_function(EXACT_NUMBER, 1, float, deterministic=True)
            if read_only:
                connection.execute("PRAGMA query_only = ON")
            (checks_references,) = connection.execute("PRAGMA foreign_keys").fetchone()
        except sqlite3.Error as error:
            connection.close()
            raise translated(error, self.timeout) from error
        if not checks_references:
            connection.close()
            raise StoreError(
                kind="incompatible",
                reason="Python's SQLite cannot check foreign keys.",
                hint="Use a Python whose SQLite is built without SQLITE_OMIT_FOREIGN_KEY.",
            )
        return connection

    def _refuse_what_is_no_file(self) -> None:
        name = shown(self.path.name)
        if self.path.is_dir():
            raise StoreError(
                kind="unavailable", reason=f"{name} is a directory.", hint="Name a file inside of it."
            )
        if not self.path.parent.is_dir():
            raise StoreError(
                kind="unavailable",
                reason=f"The directory that {name} would be in does not exist.",
                hint="Create it first.",
            )

    def _connect(self) -> sqlite3.Connection:
        try:
            # An absolute path is never taken for a URI or for ":memory:", whatever the build of SQLite.
            return sqlite3.connect(
                self.path,
                timeout=self.timeout,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=256,
            )
        except sqlite3.Error as error:
            raise translated(error, self.timeout) from error

    def _version(self, connection: sqlite3.Connection) -> int:
        """The version of the schema in the file, 0 where it is empty."""
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (objects,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application != APPLICATION_ID and (application or version or objects):
            raise StoreError(
                kind="incompatible",
                reason="The file is an SQLite database of another program.",
                hint="Choose another file; it is created where it does not exist.",
            )
        if version > SCHEMA_VERSION:
            raise StoreError(
                kind="incompatible",
                reason=f"The file has version {version} of the schema; this worklattice reads up to "
                f"{SCHEMA_VERSION}.",
                hint="Use the worklattice that wrote it, or a newer one. The file was not touched.",
            )
        return int(version)

    def _turn_on_write_ahead_log(self, connection: sqlite3.Connection) -> None:
        """Set the journal mode, which the file keeps. SQLite does not wait for others here, so this does."""
        deadline = time.monotonic() + self.timeout
        while True:
            try:
                (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                    raise
                time.sleep(_PAUSE)
                continue
            if mode != "wal":
                raise StoreError(
                    kind="incompatible",
                    reason="The file is on a file system where SQLite cannot keep a write-ahead log.",
                    hint="Put it on a local disk.",
                )
            return

    def _migrate(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = self._version(connection)  # another process may have been faster
            for statement in steps_from(version, _TYPES):
                connection.execute(statement)
            _set_statistics(connection)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def _set_statistics(connection: sqlite3.Connection) -> None:
    connection.execute("ANALYZE")  # makes the table that holds them
    connection.execute("DELETE FROM sqlite_stat1")
    connection.executemany("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", _STATISTICS)
