"""The store in memory is a store."""

from pathlib import Path

from worklattice.storage.memory.store import MemoryStore
from worklattice.testing.store_contract import StoreContract


class TestMemoryStore(StoreContract):
    """The whole contract."""

    def open_store(self, folder: Path, timeout: float) -> MemoryStore:
        return MemoryStore(timeout=timeout)
