"""The working copy of one transaction: a view with the changes so far laid over it.

Decisions read a draft and `record` events into it; each event is projected at once, so that the next line of
the decision sees what follows from it. Nothing is written anywhere: whoever made the draft commits its
`changes`, or forgets it (a dry run, a refusal, a read that looks ahead to what is due).

Not here: how changed tasks and edges are found (`worklattice.model.overlay`), what an event changes
(`worklattice.model.project`) and what follows from a change (`worklattice.model.consequences`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

from worklattice.model.dependency import EdgeState
from worklattice.model.lifecycle import DEFAULT, Lifecycle, Stage
from worklattice.model.overlay import Overlay
from worklattice.model.ports import Schemas
from worklattice.model.registrations import Registrations
from worklattice.model.rows import (
    Changes,
    CommentRow,
    EdgeKey,
    EventRow,
    KeyRow,
    Micros,
    TaskRow,
    TemplateRow,
    TypeRow,
    WorkspaceRow,
)
from worklattice.model.view import View
from worklattice.types import JsonObject


class Draft(Overlay):
    """A transaction's working copy. Satisfies `View`, and shows the state after the events so far.

    A draft over another draft is a command of its transaction: `absorb` takes over what it changed. `actor`
    and `reason` stand in the events of commands that give none.
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
        self.to_carry: dict[str, int] = {}
        """By how much more ancestors hold back what is inside a task than its inside has been told."""
        self.carries_later = False
        self.schemas = schemas
        self.registrations = registrations
        self._workspace = workspace
        self._types_at = workspace.types_at
        self.ids = ids
        self._ids_repeat = ids_repeat
        self._default_actor = self._actor = actor
        self._default_reason = self._reason = reason
        self._position = workspace.position
        self._bumped: set[str] = set()
        self._in_events: set[str | None] = set()
        """The tasks that events of this transaction are about."""
        self._types: dict[str, TypeRow] = {}
        self._comments: list[CommentRow] = []
        self._templates: list[TemplateRow] = []
        self._keys: dict[str, KeyRow] = {}

    # --- commands -------------------------------------------------------------------------------------

    def begin(self, *, actor: str | None = None, reason: str | None = None) -> int:
        """Begin the next command of the transaction; returns how many events there were before it."""
        self._actor = actor if actor is not None else self._default_actor
        self._reason = reason if reason is not None else self._default_reason
        self._bumped.clear()
        self.touched.clear()
        self.edge_states_before.clear()
        return len(self.events_recorded)

    def new_id(self) -> str:
        """An id that no task of the workspace has, or had; `ids_repeat` says that this must be looked up."""
        while self.task(task_id := self.ids()) is not None or (
            self._ids_repeat and self.events(0, 1, task_id)
        ):
            pass
        return task_id

    def bump(self, row: TaskRow) -> int:
        """The version of the task after the present command: one more, however many events it has."""
        if row.task_id in self._bumped:
            return row.version
        self._bumped.add(row.task_id)
        return row.version + 1

    def append(self, event_type: str, task_id: str | None, data: JsonObject) -> EventRow:
        """Add an event to the log of this transaction, without projecting it."""
        self._position += 1
        event = EventRow(self._position, event_type, task_id, self.now, self._actor, self._reason, data)
        self.events_recorded.append(event)
        self._in_events.add(task_id)
        return event

    def append_again(self, event: EventRow) -> None:
        """Add an event that was recorded elsewhere, behind the last one, and begin its command."""
        if event.at != self.now:
            self.settled_at, self.now = self.now, event.at
        self._position = event.position
        self.touched.clear()
        self.edge_states_before.clear()
        self.events_recorded.append(event)
        self._in_events.add(event.task_id)

    def forget_events(self) -> None:
        """Forget the events so far and keep what follows from them: for a read, which records nothing."""
        self.events_recorded.clear()
        self._in_events.clear()
        self._position = self._workspace.position

    @property
    def size(self) -> int:
        """How much there is to commit: events, and idempotency keys used."""
        return len(self.events_recorded) + len(self._keys)

    @property
    def stream(self) -> str:
        """The name of the workspace's log."""
        return self._workspace.stream

    @property
    def position(self) -> int:
        """The position of the last event so far."""
        return self._position

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

    def add_comment(self, row: CommentRow) -> None:
        """Add a comment."""
        self._comments.append(row)

    def _drop_comments(self, task_id: str) -> None:
        if self._comments:
            self._comments = [comment for comment in self._comments if comment.task_id != task_id]

    def put_template(self, row: TemplateRow) -> None:
        """Add a version of a template, or what became of one: the last row of a version holds."""
        self._templates.append(row)

    def put_type(self, row: TypeRow) -> None:
        """Put a task type's registration, which the last event made, in place of the one before, if any."""
        self._types[row.task_type] = row
        self._types_at = self._position
        self.registrations = self.registrations.having(row, self.workspace())

    def add_key(self, row: KeyRow) -> None:
        """Remember the use of an idempotency key."""
        self._keys[row.key] = row

    # --- reading ------------------------------------------------------------------------------------------

    def workspace(self) -> WorkspaceRow:
        """The workspace's row as it will be after the commit."""
        if not self.events_recorded:
            return self._workspace
        before = self._workspace
        return WorkspaceRow(
            before.workspace, before.stream, self._position, self.now, self.wakes_at, self._types_at
        )

    def template(self, template_id: str, version: int | None = None) -> TemplateRow | None:
        """That version of a template, or the newest."""
        for row in reversed(self._templates):
            if row.template_id == template_id and version in {None, row.version}:
                return row
        return self.view.template(template_id, version)

    def templates(self) -> Sequence[TemplateRow]:
        """The newest version of every template."""
        rows = {row.template_id: row for row in chain(self.view.templates(), self._templates)}
        return [rows[template_id] for template_id in sorted(rows)]

    def comments(self, task_id: str) -> Sequence[CommentRow]:
        """The task's comments, oldest first."""
        is_stored = self.task(task_id) is not None and not self.is_born(task_id)
        stored = self.view.comments(task_id) if is_stored else ()
        return [*stored, *(c for c in self._comments if c.task_id == task_id)]

    def key(self, key: str) -> KeyRow | None:
        """The use of an idempotency key."""
        return self._keys.get(key) or self.view.key(key)

    def events(self, after: int, limit: int, task_id: str | None = None) -> Sequence[EventRow]:
        """Events behind a position, those of this transaction last."""
        rows = self.view.events(after, limit, task_id)
        if task_id is not None and task_id not in self._in_events:
            return rows
        new = (e for e in self.events_recorded if e.position > after and task_id in {None, e.task_id})
        return [*rows, *new][:limit]

    # --- task types ---------------------------------------------------------------------------------------

    def task_type(self, task_type: str) -> TypeRow | None:
        """The registration of a task type."""
        return self.registrations.row(self.view, task_type) if self._types_at else None

    def task_types(self) -> Sequence[TypeRow]:
        """Every registration, by name."""
        rows = {row.task_type: row for row in chain(self.view.task_types(), self._types.values())}
        return [rows[name] for name in sorted(rows)]

    def lifecycle(self, task_type: str) -> Lifecycle:
        """The lifecycle of tasks of this type."""
        return self.registrations.lifecycle(self.view, task_type) if self._types_at else DEFAULT

    def stage(self, row: TaskRow) -> Stage:
        """The stage that a task is in."""
        return self.lifecycle(row.task_type).stages[row.stage]

    # --- the result ---------------------------------------------------------------------------------------

    def absorb(self, other: Draft) -> None:
        """Take over the changes and events of a draft that was made over this one."""
        for task_id, row in other.changed_tasks.items():
            if row is None:
                self.drop_task(task_id)
            else:
                self.put_task(row)
        for key, edge in other._edges.items():
            if edge is None:
                self.drop_edge(key)
            else:
                self.put_edge(edge)
        for hold_key, hold in other._holds.items():
            if hold is not None:
                self.put_hold(hold)
            elif hold_key in other._previous_holds:
                self.drop_hold(other._previous_holds[hold_key])
        self._comments += other._comments
        self._templates += other._templates
        self._types |= other._types
        self._types_at = other._types_at
        self.registrations = other.registrations
        self._keys |= other._keys
        self.events_recorded += other.events_recorded
        self._in_events |= other._in_events
        self._position = other._position

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
            types=list(self._types.values()),
            keys=list(self._keys.values()),
            events=self.events_recorded,
        )
