"""The schema of a PostgreSQL database that several processes make at once, or that is of a newer version."""

from __future__ import annotations

import threading

import pytest

from tests.stores import database
from worklattice import StoreError
from worklattice.storage.sql.postgres import PostgresStore


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
    """It is left as it is."""
    target = database()
    PostgresStore(target).close()
    with target.connect() as connection:
        connection.execute("UPDATE schema_version SET version = 99")
    with pytest.raises(StoreError, match="version 99") as caught:
        PostgresStore(target)
    assert caught.value.kind == "incompatible"
