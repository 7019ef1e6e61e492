"""A store of the past: what another one holds, to be read and not written."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

from worklattice.errors import ConflictError
from worklattice.storage.api import Store, StoreView, Transaction


class ReadOnlyStore:
    """A store that shows what another one holds, and lets nobody write."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self, workspace: str) -> AbstractContextManager[StoreView]:
        """A consistent view."""
        return self._store.read(workspace)

    def write(self, workspace: str) -> AbstractContextManager[Transaction]:
        """Refuse."""
        raise ConflictError(
            reason=f"This shows the workspace {workspace} as it was; the past cannot be written to.",
            hint="Write to the workspace itself, or try here with dry_run.",
        )

    def workspaces(self) -> Sequence[str]:
        """The names of the workspaces."""
        return self._store.workspaces()

    def close(self) -> None:
        """Close the store beneath."""
        self._store.close()
