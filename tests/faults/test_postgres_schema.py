"""The schema of a PostgreSQL database that several processes make at once, or that is of a newer version."""

from __future__ import annotations

import threading

import pytest
from psycopg import Connection

from tests.stores import database
from worklattice import StoreError
from worklattice.storage.sql.postgres import PostgresStore
from worklattice.storage.sql.session import Record
from worklattice.testing.rows import fill, task_row


def test_processes_that_open_at_once_make_one_schema() -> None:
    """Whoever comes second waits for the first, and finds the schema."""
    target = database()
    errors: list[BaseException] = []

    def open_and_close() -> None:
        try:
            PostgresStore(target).close()
        except BaseException as error:  # noqa: BLE001 - told below
            errors.append(error)

    threads = [threading.Thread(target=open_and_close) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_a_newer_schema_is_refused() -> None:
    """It is left as it is: its version, its tables and their columns, and what stands in them."""
    target = database()
    store = PostgresStore(target)
    fill(store, tasks=[task_row("t")])
    store.close()
    with target.connect() as connection:
        connection.execute("UPDATE schema_version SET version = 99")
        connection.execute("DROP TABLE comments")
        connection.execute("ALTER TABLE tasks ADD COLUMN newer integer DEFAULT 7")
        before = everything_in(connection, target.schema)
        assert ("tasks", "newer", "integer") in before[0]
    with pytest.raises(StoreError, match="version 99") as caught:
        PostgresStore(target)
    assert caught.value.kind == "incompatible"
    with target.connect() as connection:
        assert everything_in(connection, target.schema) == before


def everything_in(
    connection: Connection[Record], schema: str
) -> tuple[list[Record], dict[str, list[Record]]]:
    """Every column of a schema, and every row of its tables."""
    columns = connection.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns "
        "WHERE table_schema = %s ORDER BY table_name, ordinal_position",
        (schema,),
    ).fetchall()
    tables = sorted({str(table) for table, _, _ in columns})
    rows = {table: connection.execute(f"TABLE {table}".encode()).fetchall() for table in tables}
    return columns, rows
