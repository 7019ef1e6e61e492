"""The store in an SQLite file is a store."""

from pathlib import Path

from worklattice.storage.sql.sqlite import SqliteStore
from worklattice.testing.store_contract import StoreContract


class TestSqliteStore(StoreContract):
    """The whole contract."""

    def open_store(self, folder: Path, timeout: float) -> SqliteStore:
        return SqliteStore(folder / "work.db", timeout=timeout)
