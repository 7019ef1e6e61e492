"""The draft that commands run in: a working copy that also answers queries."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Final, Protocol

from worklattice.lang.condition import Condition
from worklattice.model.draft import Draft
from worklattice.model.rows import TaskRow
from worklattice.model.view import View
from worklattice.query import overlay
from worklattice.query.ast import Query


class Queryable(View, Protocol):
    """A view that answers queries: a store's, or another draft."""

    def select(self, query: Query) -> Sequence[TaskRow]:
        """The query's page of tasks, in its order."""
        ...

    def count(self, where: Condition | None) -> int:
        """How many tasks the condition is true of."""
        ...


class WorkingDraft(Draft):
    """A draft over a view that answers queries; it answers them as if its changes were stored."""

    view: Queryable

    def select(self, query: Query) -> Sequence[TaskRow]:
        """The query's page of tasks, in its order."""
        rows = overlay.select(self.view, self.changed_tasks, query)
        self.note(rows)
        return rows

    def count(self, where: Condition | None) -> int:
        """How many tasks the condition is true of."""
        return overlay.count(self.view, self.changed_tasks, where)


class PlaceholderIds:
    """Ids for a dry run: they take none from the real ones, and say what they are."""

    _PREFIX: Final = "dry-run-"

    def __init__(self) -> None:
        self._numbers = count(1)

    def __call__(self) -> str:
        """The next placeholder."""
        return f"{self._PREFIX}{next(self._numbers)}"
