"""Task types and calendars as they are defined, read once and kept for as long as no definition changes."""

from __future__ import annotations

from worklattice.calendar import NamedCalendar, parse_named
from worklattice.errors import ValidationError
from worklattice.model.lifecycle import DEFAULT, Lifecycle, read_lifecycle
from worklattice.model.meanings import CONVENTIONAL, Meanings
from worklattice.model.rows import CalendarRow, TypeRow, WorkspaceRow
from worklattice.model.view import View


class Registrations:
    """What is known of a workspace's definitions as of one point in its log, to be shared by transactions.

    What is not known yet is asked of the view at hand, which must show that point.
    """

    def __init__(self, workspace: WorkspaceRow) -> None:
        self._as_of = (workspace.stream, workspace.definitions_at)
        self._types: dict[str, TypeRow | None] = {}
        self._lifecycles: dict[str, Lifecycle] = {}
        self._meanings: dict[str, Meanings] = {}
        self._calendars: dict[str, CalendarRow | None] = {}
        self._named: dict[str, NamedCalendar] = {}

    def hold_for(self, workspace: WorkspaceRow) -> bool:
        """Whether nothing was defined between the workspace that these are of and this one."""
        return self._as_of == (workspace.stream, workspace.definitions_at)

    def having_type(self, task_type: str, row: TypeRow | None, workspace: WorkspaceRow) -> Registrations:
        """These with another registration of the type, or none of it, as of `workspace`."""
        others = Registrations(workspace)
        others._know(self)
        others._types[task_type] = row
        others._lifecycles.pop(task_type, None)
        others._meanings.pop(task_type, None)
        return others

    def having_calendar(self, name: str, row: CalendarRow | None, workspace: WorkspaceRow) -> Registrations:
        """These with another calendar of that name, or none, as of `workspace`."""
        others = Registrations(workspace)
        others._know(self)
        others._calendars[name] = row
        others._named.pop(name, None)
        return others

    def _know(self, others: Registrations) -> None:
        self._types |= others._types
        self._lifecycles |= others._lifecycles
        self._meanings |= others._meanings
        self._calendars |= others._calendars
        self._named |= others._named

    def type(self, view: View, task_type: str) -> TypeRow | None:
        """The registration; None where the type was never registered."""
        if task_type not in self._types:
            self._types[task_type] = view.task_type(task_type)
        return self._types[task_type]

    def lifecycle(self, view: View, task_type: str) -> Lifecycle:
        """The lifecycle of tasks of the type."""
        found = self._lifecycles.get(task_type)
        if found is None:
            found = self._lifecycles[task_type] = lifecycle_of(self.type(view, task_type))
        return found

    def calendar(self, view: View, name: str) -> CalendarRow | None:
        """The calendar as it was given; None where there is none of that name."""
        if name not in self._calendars:
            self._calendars[name] = view.calendar(name)
        return self._calendars[name]

    def named_calendar(self, view: View, name: str) -> NamedCalendar | None:
        """The hours and windows of the calendar; None where there is none of that name."""
        found = self._named.get(name)
        if found is None:
            row = self.calendar(view, name)
            if row is None:
                return None
            found = self._named[name] = _read_here(row)
        return found

    def meanings(self, view: View, task_type: str) -> Meanings:
        """What the attributes of tasks of the type mean."""
        found = self._meanings.get(task_type)
        if found is None:
            row = self.type(view, task_type)
            found = self._meanings[task_type] = CONVENTIONAL if row is None else Meanings.of(row)
        return found


def _read_here(row: CalendarRow) -> NamedCalendar:
    """A calendar that was looked at when it was defined, elsewhere perhaps."""
    try:
        return parse_named(row.body)
    except ValidationError:
        return NamedCalendar(is_readable=False)


def lifecycle_of(registration: TypeRow | None) -> Lifecycle:
    """The lifecycle that a registration gives its tasks."""
    if registration is None or registration.lifecycle is None:
        return DEFAULT
    lifecycle = read_lifecycle(registration.lifecycle, "lifecycle")
    assert isinstance(lifecycle, Lifecycle), "the store holds a lifecycle that was refused"
    return lifecycle
