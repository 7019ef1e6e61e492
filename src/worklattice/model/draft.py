"""The working copy of one transaction: a view with the changes so far laid over it.

Decisions read a draft and `record` events into it; each event is projected at once, so that the next line of
the decision sees what follows from it. Nothing is written anywhere: whoever made the draft commits its
`changes`, or forgets it (a dry run, a refusal, a read that looks ahead to what is due).

Not here: how changed tasks and edges are found (`worklattice.model.overlay`), and what is kept beside them
(`worklattice.model.side_rows`), what an event changes (`worklattice.model.project`) and what follows from a
change (`worklattice.model.consequences`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Self, TypeVar

from worklattice.calendar import NamedCalendar
from worklattice.errors import ConflictError, shown
from worklattice.model.dependency import EdgeState
from worklattice.model.lifecycle import DEFAULT, Lifecycle, Stage
from worklattice.model.meanings import CONVENTIONAL, Meanings
from worklattice.model.ports import Schemas
from worklattice.model.registrations import Registrations
from worklattice.model.rows import (
    CalendarRow,
    Changes,
    EdgeKey,
    EventRow,
    Micros,
    TaskRow,
    TypeRow,
    WorkspaceRow,
)
from worklattice.model.side_rows import SideRows
from worklattice.model.view import View
from worklattice.types import JsonObject

R = TypeVar("R", bound=NamedTuple)

_TRIES = 1_000
"""Ids in a row that may be taken, before the factory counts as one that makes no new ones."""


class WhatCame(NamedTuple):
    """What time had brought when a transaction began, which was settled before its first command."""

    events: Sequence[EventRow] = ()
    is_kept: bool = False
    """Whether it is to be committed also where nothing else is done."""


_NOTHING_CAME: Final = WhatCame()


class Draft(SideRows):
    """A transaction's working copy. Satisfies `View`, and shows the state after the events so far.

    A draft over another draft (`inner`, `part`) is a command of its transaction: `absorb` takes over what it
    changed. `actor` and `reason` stand in the events of commands that give none; `command` names the command
    that all of them are a part of, where there is one. One that `looks_ahead` is for a read: what came by
    itself is seen in it and recorded nowhere, and alarms are left to the next write.
    """

    def __init__(
        self,
        view: View,
        *,
        workspace: WorkspaceRow,
        now: Micros,
        ids: Callable[[], str],
        ids_repeat: bool = False,
        schemas: Schemas,
        registrations: Registrations,
        actor: str | None = None,
        reason: str | None = None,
        command: int | None = None,
        came: WhatCame = _NOTHING_CAME,
        looks_ahead: bool = False,
    ) -> None:
        super().__init__(view)
        self.wakes_at = workspace.wakes_at
        self.now = now
        self.settled_at = workspace.settled_at
        self.events_recorded: list[EventRow] = []
        self.touched: dict[str, TaskRow | None] = {}
        """Tasks changed by the present command, as they were before it (None: it was not there)."""
        self.edge_states_before: dict[EdgeKey, EdgeState | None] = {}
        """Edges whose state the present command may have changed, with that before it (None: not there)."""
        self.concerned: list[str] = []
        """Tasks whose times may lack something now by what the present command wrote elsewhere."""
        self.to_carry: dict[str, int] = {}
        """By how much more ancestors hold back what is inside a task than its inside has been told."""
        self.carries_later = False
        self._came = came
        self.looks_ahead = looks_ahead
        self.schemas = schemas
        self.registrations = registrations
        self._workspace = workspace
        self._definitions_at = workspace.definitions_at
        self.ids = ids
        self._ids_repeat = ids_repeat
        self._default_actor = self._actor = actor
        self._default_reason = self._reason = reason
        self._position = workspace.position
        self._part_of = command
        self.command = command or workspace.position + 1
        """Names the present command: the position of its first event."""
        self.undoes: int | None = None
        """The command that the present one undoes."""
        self._bumped: set[str] = set()
        self._in_events: set[str | None] = set()
        """The tasks that events of this transaction are about."""
        self._types: dict[str, TypeRow | None] = {}
        self._calendars: dict[str, CalendarRow | None] = {}

    # --- commands -------------------------------------------------------------------------------------

    def begin(self, *, actor: str | None = None, reason: str | None = None) -> int:
        """Begin the next command of the transaction; returns how many events there were before it."""
        self._actor = actor if actor is not None else self._default_actor
        self._reason = reason if reason is not None else self._default_reason
        self.command = self._part_of or self._position + 1
        self.undoes = None
        self.concerned.clear()
        self._bumped.clear()
        self.touched.clear()
        self.edge_states_before.clear()
        return len(self.events_recorded)

    def new_id(self) -> str:
        """An id that no task of the workspace has, or had; `ids_repeat` says that this must be looked up."""
        task_id = ""
        for _ in range(_TRIES):
            task_id = self.ids()
            if self.task(task_id) is None and not (self._ids_repeat and self.events(0, 1, task_id)):
                return task_id
        raise ConflictError(
            field="arguments.task_id",
            reason=f"The id factory gave out {_TRIES:,} ids in a row that are taken, {shown(task_id)} last.",
            hint="Give a task_id, or open the workspace with a factory that makes new ids.",
            facts={"task_id": task_id},
        )

    def bump(self, row: TaskRow) -> int:
        """The version of the task after the present command: one more, however many events it has."""
        if row.task_id in self._bumped:
            return row.version
        self._bumped.add(row.task_id)
        return row.version + 1

    def append(self, event_type: str, task_id: str | None, data: JsonObject) -> EventRow:
        """Add an event to the log of this transaction, without projecting it."""
        self._position += 1
        event = EventRow(
            self._position,
            event_type,
            task_id,
            self.now,
            self._actor,
            self._reason,
            data,
            self.command,
            self.undoes,
        )
        self.events_recorded.append(event)
        self._in_events.add(task_id)
        return event

    def append_again(self, event: EventRow) -> None:
        """Add an event that was recorded elsewhere, behind the last one, and begin its command."""
        if event.at != self.now:
            self.settled_at, self.now = self.now, event.at
        self._position = event.position
        self.concerned.clear()
        self.touched.clear()
        self.edge_states_before.clear()
        self.events_recorded.append(event)
        self._in_events.add(event.task_id)

    def set_apart_what_came(self) -> None:
        """Let the events so far be what came by itself; one that looks ahead keeps what follows from them."""
        if not self.events_recorded:
            return
        self._came = WhatCame(tuple(self.events_recorded))
        if self.looks_ahead:
            self.events_recorded.clear()
            self._in_events.clear()
            self._position = self._workspace.position

    def keep_what_came(self) -> Sequence[EventRow]:
        """Have what came by itself committed also where nothing else is done; it, when first asked for."""
        events, is_kept = self._came
        self._came = WhatCame(events, is_kept=True)
        return () if is_kept else events

    @property
    def is_behind(self) -> bool:
        """Whether something has come by itself that is not recorded."""
        return bool(self._came.events) and not self._came.is_kept

    @property
    def size(self) -> int:
        """How much there is to commit: events, idempotency keys used, deliveries put on their way again."""
        return len(self.events_recorded) + len(self._keys) + len(self._deliveries)

    @property
    def is_worth_committing(self) -> bool:
        """Whether there is something to commit; what came by itself counts only where it is asked for."""
        return self.size > (0 if self._came.is_kept else len(self._came.events))

    @property
    def stream(self) -> str:
        """The name of the workspace's log."""
        return self._workspace.stream

    @property
    def position(self) -> int:
        """The position of the last event so far."""
        return self._position

    @property
    def position_before(self) -> int:
        """The position of the last event before this draft: the last one, if the draft comes to nothing."""
        return self._workspace.position

    # --- what project and consequences write ------------------------------------------------------------

    def put_task(self, row: TaskRow) -> TaskRow | None:
        """Put a task's row in place of the one before, which is returned, if any."""
        before = super().put_task(row)
        if row.task_id not in self.touched:
            self.touched[row.task_id] = before
        if before is None:
            self._bumped.add(row.task_id)
        elif before.seq != row.seq:
            self._drop_comments(row.task_id)
        return before

    def drop_task(self, task_id: str) -> TaskRow | None:
        """Take a task's row away, with its comments; it is returned."""
        before = super().drop_task(task_id)
        self.touched.setdefault(task_id, before)
        self._drop_comments(task_id)
        return before

    def put_type(self, row: TypeRow) -> None:
        """Put a task type's registration, which the last event made, in place of the one before, if any."""
        self._registered(row.task_type, row)

    def drop_type(self, task_type: str) -> None:
        """Take a task type's registration away."""
        self._registered(task_type, None)

    def _registered(self, task_type: str, row: TypeRow | None) -> None:
        self._types[task_type] = row
        self._definitions_at = self._position
        self.registrations = self.registrations.having_type(task_type, row, self.workspace())

    def put_calendar(self, row: CalendarRow) -> None:
        """Put a calendar, which the last event defined, in place of the one of its name before, if any."""
        self._calendar_defined(row.name, row)

    def drop_calendar(self, name: str) -> None:
        """Take a calendar away."""
        self._calendar_defined(name, None)

    def _calendar_defined(self, name: str, row: CalendarRow | None) -> None:
        self._calendars[name] = row
        self._definitions_at = self._position
        self.registrations = self.registrations.having_calendar(name, row, self.workspace())

    # --- reading ------------------------------------------------------------------------------------------

    def workspace(self) -> WorkspaceRow:
        """The workspace's row as it will be after the commit."""
        if not self.events_recorded:
            return self._workspace
        before = self._workspace
        return WorkspaceRow(
            before.workspace, before.stream, self._position, self.now, self.wakes_at, self._definitions_at
        )

    def events(self, after: int, limit: int, task_id: str | None = None) -> Sequence[EventRow]:
        """Events behind a position, those of this transaction last."""
        rows = self.view.events(after, limit, task_id)
        if task_id is not None and task_id not in self._in_events:
            return rows
        new = (e for e in self.events_recorded if e.position > after and task_id in {None, e.task_id})
        return [*rows, *new][:limit]

    def undone_by(self, command: int) -> int | None:
        """The last command that undid this one."""
        undoings = (event.command for event in reversed(self.events_recorded) if event.undoes == command)
        found = next(undoings, None)
        return self.view.undone_by(command) if found is None else found

    # --- task types and calendars ---------------------------------------------------------------------------

    def task_type(self, task_type: str) -> TypeRow | None:
        """The registration of a task type."""
        return self.registrations.type(self.view, task_type) if self._definitions_at else None

    def task_types(self) -> Sequence[TypeRow]:
        """Every registration, by name."""
        return _in_order({row.task_type: row for row in self.view.task_types()}, self._types)

    def lifecycle(self, task_type: str) -> Lifecycle:
        """The lifecycle of tasks of this type."""
        return self.registrations.lifecycle(self.view, task_type) if self._definitions_at else DEFAULT

    def meanings(self, task_type: str) -> Meanings:
        """What the attributes of tasks of this type mean."""
        return self.registrations.meanings(self.view, task_type) if self._definitions_at else CONVENTIONAL

    def meant(self, row: TaskRow) -> JsonObject:
        """A task's attributes as its type means them."""
        return self.meanings(row.task_type).meant(row.attributes)

    def stage(self, row: TaskRow) -> Stage:
        """The stage that a task is in."""
        return self.lifecycle(row.task_type).stages[row.stage]

    def calendar(self, name: str) -> CalendarRow | None:
        """The calendar of that name, as it was given."""
        return self.registrations.calendar(self.view, name) if self._definitions_at else None

    def calendars(self) -> Sequence[CalendarRow]:
        """Every calendar, by name."""
        return _in_order({row.name: row for row in self.view.calendars()}, self._calendars)

    def named_calendar(self, name: str) -> NamedCalendar | None:
        """The hours and windows of the calendar of that name; None where there is none."""
        return self.registrations.named_calendar(self.view, name) if self._definitions_at else None

    # --- the result ---------------------------------------------------------------------------------------

    def inner(self, ids: Callable[[], str] | None = None) -> Self:
        """A draft over this one for a command that may yet come to nothing; with other ids where given."""
        return self._over(ids, self._default_actor, self._default_reason, None)

    def part(self, ids: Callable[[], str] | None = None) -> Self:
        """Likewise, for a part of the present command."""
        return self._over(ids, self._actor, self._reason, self.command)

    def _over(
        self, ids: Callable[[], str] | None, actor: str | None, reason: str | None, command: int | None
    ) -> Self:
        return type(self)(
            self,
            workspace=self.workspace(),
            now=self.now,
            ids=ids or self.ids,
            ids_repeat=self._ids_repeat,
            schemas=self.schemas,
            registrations=self.registrations,
            actor=actor,
            reason=reason,
            command=command,
            came=self._came,
        )

    def absorb(self, other: Draft) -> None:
        """Take over the changes and events of a draft that was made over this one."""
        for task_id, row in other.changed_tasks.items():
            if row is None:
                self.drop_task(task_id)
            else:
                self.put_task(row)
        for parent_id, children in other._children.items():
            self._children.setdefault(parent_id, set()).update(children)
        self._once_gone |= other._once_gone
        for key, edge in other._edges.items():
            if edge is None:
                self.drop_edge(key)
            else:
                self.put_edge(edge)
        for hold_key, before in other._previous_holds.items():
            if hold_key not in self._holds:
                self._previous_holds[hold_key] = before
        self._holds |= other._holds
        self._comments |= other._comments
        self._templates |= other._templates
        self._types |= other._types
        self._calendars |= other._calendars
        self._definitions_at = other._definitions_at
        self.registrations = other.registrations
        self._keys |= other._keys
        self._deliveries |= other._deliveries
        self.events_recorded += other.events_recorded
        self._in_events |= other._in_events
        self._position = other._position
        self._came = other._came

    def changes(self) -> Changes:
        """Everything that a commit has to write."""
        return Changes(
            workspace=self.workspace(),
            tasks=self.changed_tasks,
            previous_tasks=self._previous_tasks,
            edges=self._edges,
            previous_edges=self._previous_edges,
            holds=self._holds,
            previous_holds=self._previous_holds,
            comments=self._comments,
            templates=self._templates,
            types=self._types,
            calendars=self._calendars,
            keys=self._keys,
            consumers={},
            deliveries=self._deliveries,
            events=self.events_recorded,
        )


def _in_order(stored: dict[str, R], changed: dict[str, R | None]) -> list[R]:
    """The rows that are there after the changes, by name."""
    return [row for _, row in sorted({**stored, **changed}.items()) if row is not None]
