"""The store in a PostgreSQL database is a store."""

from pathlib import Path

from tests.stores import database
from worklattice.storage.sql.postgres import PostgresStore
from worklattice.testing.store_contract import StoreContract


class TestPostgresStore(StoreContract):
    """The whole contract."""

    def open_store(self, folder: Path, timeout: float) -> PostgresStore:
        return PostgresStore(database(timeout=timeout))
