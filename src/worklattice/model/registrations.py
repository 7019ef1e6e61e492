"""Task types as they are registered, read once and kept for as long as no registration changes."""

from __future__ import annotations

from worklattice.model.lifecycle import DEFAULT, Lifecycle, read_lifecycle
from worklattice.model.meanings import CONVENTIONAL, Meanings
from worklattice.model.rows import TypeRow, WorkspaceRow
from worklattice.model.view import View


class Registrations:
    """What is known of a workspace's task types as of one point in its log, to be shared by transactions.

    What is not known yet is asked of the view at hand, which must show that point.
    """

    def __init__(self, workspace: WorkspaceRow) -> None:
        self._as_of = (workspace.stream, workspace.types_at)
        self._rows: dict[str, TypeRow | None] = {}
        self._lifecycles: dict[str, Lifecycle] = {}
        self._meanings: dict[str, Meanings] = {}

    def hold_for(self, workspace: WorkspaceRow) -> bool:
        """Whether no type was registered between the workspace that these are of and this one."""
        return self._as_of == (workspace.stream, workspace.types_at)

    def having(self, task_type: str, row: TypeRow | None, workspace: WorkspaceRow) -> Registrations:
        """These with another registration of the type, or none of it, as of `workspace`."""
        others = Registrations(workspace)
        others._rows = self._rows | {task_type: row}
        others._lifecycles = {**self._lifecycles}
        others._lifecycles.pop(task_type, None)
        others._meanings = {**self._meanings}
        others._meanings.pop(task_type, None)
        return others

    def row(self, view: View, task_type: str) -> TypeRow | None:
        """The registration; None where the type was never registered."""
        if task_type not in self._rows:
            self._rows[task_type] = view.task_type(task_type)
        return self._rows[task_type]

    def lifecycle(self, view: View, task_type: str) -> Lifecycle:
        """The lifecycle of tasks of the type."""
        found = self._lifecycles.get(task_type)
        if found is None:
            found = self._lifecycles[task_type] = lifecycle_of(self.row(view, task_type))
        return found

    def meanings(self, view: View, task_type: str) -> Meanings:
        """What the attributes of tasks of the type mean."""
        found = self._meanings.get(task_type)
        if found is None:
            row = self.row(view, task_type)
            found = self._meanings[task_type] = CONVENTIONAL if row is None else Meanings.of(row)
        return found


def lifecycle_of(registration: TypeRow | None) -> Lifecycle:
    """The lifecycle that a registration gives its tasks."""
    if registration is None or registration.lifecycle is None:
        return DEFAULT
    lifecycle = read_lifecycle(registration.lifecycle, "lifecycle")
    assert isinstance(lifecycle, Lifecycle), "the store holds a lifecycle that was refused"
    return lifecycle
