"""The contract of a store as a suite of tests: whoever passes it is a store.

Subclass `StoreContract` in a test module, say how a store is opened, and let pytest find it:

    from worklattice.testing.store_contract import StoreContract

    class TestMyStore(StoreContract):
        def open_store(self, folder, timeout):
            return MyStore(folder / "work.db", timeout=timeout)

Needs pytest and Hypothesis (`pip install worklattice[test]`). For asserts that show their values, call
`pytest.register_assert_rewrite("worklattice.testing.store_contract")` in `conftest.py`.

The suite is at the level of rows: what is promised stands in `worklattice.storage.api`. Not here: what an
application sees of a store, and what only some stores promise, such as surviving a crash.
"""

from worklattice.testing.store_contract.concurrency import ConcurrencyContract
from worklattice.testing.store_contract.meanings import MeaningContract
from worklattice.testing.store_contract.outbox import OutboxContract
from worklattice.testing.store_contract.portions import PortionsContract
from worklattice.testing.store_contract.queries import QueryContract
from worklattice.testing.store_contract.reading import ReadingContract
from worklattice.testing.store_contract.writing import WritingContract


class StoreContract(
    WritingContract,
    PortionsContract,
    ReadingContract,
    OutboxContract,
    QueryContract,
    MeaningContract,
    ConcurrencyContract,
):
    """Everything that a store promises. Subclasses define `open_store`."""


__all__ = ["StoreContract"]
