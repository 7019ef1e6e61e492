"""How the suite gets at a store."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from worklattice.errors import StoreError
from worklattice.storage.api import Store
from worklattice.testing.rows import fill

Result = TypeVar("Result")

PATIENT = 30.0
"""Seconds to wait for other writers where a test does not ask to be refused."""


class Contract:
    """What the parts of the suite share."""

    def open_store(self, folder: Path, timeout: float) -> Store:
        """A fresh store, in `folder` if it keeps files, whose writes wait `timeout` seconds for others."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        """An empty store, closed in the end."""
        store = self.open_store(tmp_path, PATIENT)
        yield store
        store.close()

    @pytest.fixture
    def hasty_store(self, tmp_path: Path) -> Iterator[Store]:
        """An empty store whose writes do not wait for long."""
        store = self.open_store(tmp_path, 0.05)
        yield store
        store.close()


@contextmanager
def refused(kind: str) -> Generator[None]:
    """Expect a `StoreError` of this kind, which says what can be done about it."""
    with pytest.raises(StoreError) as caught:
        yield
    assert caught.value.kind == kind
    assert caught.value.suggestion


def fresh_workspace(store: Store) -> str:
    """The name of a workspace that was never written, for the next example of a property."""
    with store.read("counter") as view:
        row = view.workspace()
    fill(store, "counter")
    return f"example-{row.position if row else 0}"


def elsewhere(act: Callable[[], Result]) -> Result:
    """What `act` gives when another thread does it."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(act).result()


def results(futures: list[Future[Result]]) -> list[Result]:
    """The results of all, or the first one's exception."""
    return [future.result() for future in futures]
