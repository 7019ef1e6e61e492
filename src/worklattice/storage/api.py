"""What a store is: rows in, rows out, one transaction at a time.

A store keeps the rows of `worklattice.model.rows` for any number of workspaces and knows no command and no
rule. It gives two things: a *read*, one consistent view; and a *write*, the same view with the workspace
locked, at the end of which `commit` takes all changes at once. Whoever gets both right, and passes
`worklattice.testing.StoreContract`, is a store.

Not here: any SQL, any driver, the names of concrete stores (`worklattice.opening`).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from worklattice.lang.condition import Condition
from worklattice.model.rows import Changes, TaskRow
from worklattice.model.view import Scan
from worklattice.query.ast import Query


class StoreView(Scan, Protocol):
    """A view that also answers queries. `worklattice.query.evaluate` defines what they mean."""

    def select(self, query: Query) -> Sequence[TaskRow]:
        """The tasks that `query.where` is true of, in its order, its page of them."""
        ...

    def count(self, where: Condition | None) -> int:
        """How many tasks `where` is true of."""
        ...


class Transaction(StoreView, Protocol):
    """The view of a write: it shows the state before the write, and nobody else writes meanwhile."""

    def commit(self, changes: Changes) -> None:
        """Make `changes` durable, all or none of them; at most once a transaction, as its last act.

        Afterwards every new view shows them. Raises `StoreError`; then nothing was written.
        """
        ...


class Store(Protocol):
    """A place for rows. Safe to share between threads."""

    def read(self, workspace: str) -> AbstractContextManager[StoreView]:
        """A consistent view of the workspace, which no commit changes while it is open."""
        ...

    def write(self, workspace: str) -> AbstractContextManager[Transaction]:
        """The right to write to the workspace, alone among threads and processes, until it is left.

        Leaving it without `commit` changes nothing. Raises `StoreError` of the kind `busy` where another
        writer does not finish in time.
        """
        ...

    def close(self) -> None:
        """Give back files and connections. Closing twice is harmless; every other call afterwards raises
        `StoreError` of the kind `closed`."""
        ...
