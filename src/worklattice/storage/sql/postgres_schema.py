"""The schema in a PostgreSQL database: made, brought up to date, and looked at.

Two processes may begin at once: one makes the schema, the other waits for it. Whoever finds the schema in its
present version needs no right to change it.
"""

from __future__ import annotations

import random
import time
from typing import Final

import psycopg
from psycopg import Connection, sql

from worklattice.errors import StoreError
from worklattice.storage.sql.migrations import SCHEMA_VERSION, TypeNames, steps_from
from worklattice.storage.sql.postgres_errors import translated
from worklattice.storage.sql.postgres_pool import PostgresDatabase
from worklattice.storage.sql.session import Record

_TYPES: Final = TypeNames(
    text='text COLLATE "C"',
    integer="bigint",
    number="double precision",
    boolean="boolean",
    json="jsonb",
    document="json",
    by_key="",
)
_TRIES: Final = 20
_RACES: Final = ("23505", "42P07", "42P06", "40001", "40P01", "XX000")
"""What the server says to the slower of two that make the same thing at once."""


def prepare(database: PostgresDatabase) -> None:
    """Make the schema or bring it up to date, where it is not; refuse one of a newer version."""
    for tries in range(_TRIES):
        try:
            with database.connect() as connection:
                if _version(connection, database) < SCHEMA_VERSION:
                    _migrate(connection, database)
                return
        except psycopg.Error as error:
            if error.sqlstate not in _RACES or tries == _TRIES - 1:
                raise translated(error, database.timeout) from error
            time.sleep(random.uniform(0.01, 0.05) * (tries + 1))  # noqa: S311 - jitter is no secret


def check_version(database: PostgresDatabase) -> None:
    """Refuse a database whose schema is not there, or is of another version."""
    try:
        with database.connect() as connection:
            version = _version(connection, database)
    except psycopg.Error as error:
        raise translated(error, database.timeout) from error
    if version < SCHEMA_VERSION:
        raise StoreError(
            kind="incompatible",
            reason=f"The schema has version {version}; this worklattice needs {SCHEMA_VERSION}.",
            hint="Call worklattice.opening.create_schema(url) with a role that may change the schema.",
        )


def _version(connection: Connection[Record], database: PostgresDatabase) -> int:
    """The version of the schema, 0 where it is not there."""
    name = f'"{database.schema}".schema_version'
    found = connection.execute("SELECT to_regclass(%s)", (name,)).fetchone()
    if found is None or found[0] is None:
        return 0
    record = connection.execute("SELECT version FROM schema_version").fetchone()
    version = 0 if record is None else int(record[0])
    if version > SCHEMA_VERSION:
        raise StoreError(
            kind="incompatible",
            reason=f"The schema has version {version}; this worklattice reads up to {SCHEMA_VERSION}.",
            hint="Use the worklattice that wrote it, or a newer one. Nothing was changed.",
        )
    return version


def _migrate(connection: Connection[Record], database: PostgresDatabase) -> None:
    with connection.transaction():
        found = connection.execute("SELECT FROM pg_namespace WHERE nspname = %s", (database.schema,))
        if found.fetchone() is None:  # to say IF NOT EXISTS takes the right to create, even where it does
            name = sql.Identifier(database.schema)
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(name))
        connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_version (one integer PRIMARY KEY, version integer)"
        )
        connection.execute("INSERT INTO schema_version VALUES (1, 0) ON CONFLICT DO NOTHING")
    with connection.transaction():
        record = connection.execute("SELECT version FROM schema_version FOR UPDATE").fetchone()
        version = 0 if record is None else int(record[0])
        for statement in steps_from(version, _TYPES):
            connection.execute(statement.encode())
        connection.execute("UPDATE schema_version SET version = %s", (SCHEMA_VERSION,))
