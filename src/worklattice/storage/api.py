"""What a store is: rows in, rows out, one transaction at a time.

A store keeps the rows of `worklattice.model.rows` for any number of workspaces and knows no command and no
rule. It gives two things: a *read*, one consistent view; and a *write*, the same view with the workspace
locked, at the end of which `commit` takes all changes at once. Whoever gets both right, and passes
`worklattice.testing.store_contract.StoreContract`, is a store.

Rows are shared, not copied: nobody changes what hangs on a row that was given to a store or came from one.

Not here: any SQL, any driver, the names of concrete stores (`worklattice.opening`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, runtime_checkable

from worklattice.lang.condition import Condition
from worklattice.model.rows import Changes, Micros, TaskRow
from worklattice.model.view import Outbox, Scan
from worklattice.query.ast import Query


class StoreView(Scan, Outbox, Protocol):
    """A view that also answers queries. `worklattice.query.evaluate` defines what they mean.

    A view answers until it is left; then every question, and the rest of every stream, raises `StoreError`
    of the kind `closed`. It is used by the thread that entered it.
    """

    def now(self) -> Micros | None:
        """The time by the store's own clock, as of the beginning of this read, or of the turn to write.

        For stores of which many machines are clients: then it is the one clock that all of them go by. None
        where there is no such clock, and the caller's has to do.
        """
        ...

    def select(self, query: Query) -> Sequence[TaskRow]:
        """The tasks that `query.where` is true of, in its order, its page of them."""
        ...

    def count(self, where: Condition | None) -> int:
        """How many tasks `where` is true of; with None, how many there are."""
        ...


class Transaction(StoreView, Protocol):
    """The view of a write: it shows the state before the write, and nobody else writes meanwhile."""

    def write(self, changes: Changes) -> None:
        """Write `changes` ahead of the commit, and as a part of it: for more than should be held in memory.

        From then on this transaction shows them, so that the next portion builds on them: its events follow,
        its previous rows are those that this view shows. Nobody else sees them before the commit, and
        leaving without one, or the end of the process, undoes them. Any number of times; `commit` follows
        with the last portion, which need not have an event. Rows may refer to what a later portion brings.
        What is left streaming ends. Raises as `commit` does, and then the transaction can only be left.
        """
        ...

    def commit(self, changes: Changes) -> None:
        """Make `changes` durable, all or none of them; at most once a transaction, as its last act.

        Afterwards every new view shows them, and this one is over. Raises `StoreError`; then nothing was
        written. Its kind is `incompatible` where the events do not follow the last one of the log, or the
        rows contradict those that are there.

        A task's row that goes takes the comments on the task along. A row whose `seq` is another one than
        before is another task, which got the id of a deleted one: it counts as gone and come. Comments,
        templates, types, calendars, keys, consumers and deliveries that are there already are replaced; that
        one is to go which is not there is no fault.
        """
        ...

    def drop(self) -> None:
        """Take the workspace away with all that is in it, in place of `commit`; it is as if never written."""
        ...


@runtime_checkable
class CopyingStore(Protocol):
    """What a store may be able to do besides: copy itself, while others write to it."""

    def copy_to(self, path: Path, progress: Callable[[int, int], object]) -> None:
        """Copy the whole store, all workspaces as of one moment, into a new file that it can be opened from.

        The file is there when it is whole, checked and on the disk, and not before. `progress` is told from
        time to time how much is done and how much there is in all, both in the store's own measure, and at
        the end once more. Raises `StoreError`: of the kind `unavailable` where there is a file already or
        none can be made, `full` where there is no room; then there is nothing new.
        """
        ...


class Store(Protocol):
    """A place for rows. Safe to share between threads, not with a forked child."""

    def read(self, workspace: str) -> AbstractContextManager[StoreView]:
        """A consistent view of the workspace: the state at the first question or before.

        No commit changes it while it is open. It need not wait for a write that is open, and a commit may
        have to wait for it: leave it soon.
        """
        ...

    def write(self, workspace: str) -> AbstractContextManager[Transaction]:
        """The right to write to the workspace, alone among threads and processes, until it is left.

        Leaving it without `commit` changes nothing. Raises `StoreError` of the kind `busy` where another
        writer does not finish in time, and at once where this thread is in a write already. A thread leaves
        its reads of the workspace before it writes to it; a store may refuse otherwise, as `busy`.
        """
        ...

    def workspaces(self) -> Sequence[str]:
        """The names of the workspaces that something was written to, by code point."""
        ...

    def close(self) -> None:
        """Give back files and connections, those in use as soon as they are left. Doing so twice is harmless.

        Every `read`, `write` and `commit` afterwards raises `StoreError` of the kind `closed`.
        """
        ...
