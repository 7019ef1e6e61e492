"""The working copy of one transaction: a view with the changes so far laid over it.

Decisions read a draft and `record` events into it; each event is projected at once, so that the next line of
the decision sees what follows from it. Nothing is written anywhere: whoever made the draft commits its
`changes`, or forgets it (a dry run, a refusal, a read that looks ahead to what is due).

Not here: what an event changes (`worklattice.model.project`) and what follows from a change
(`worklattice.model.consequences`); both write through `put_task` and `put_edge`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from operator import attrgetter

from worklattice.model.dependency import EdgeState
from worklattice.model.lifecycle import DEFAULT, Lifecycle, Stage, read_lifecycle
from worklattice.model.ports import Schemas
from worklattice.model.rows import (
    Changes,
    CommentRow,
    EdgeKey,
    EdgeRow,
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

BY_SEQ = attrgetter("seq")


def _by_seq_and_key(edge: EdgeRow) -> tuple[int, EdgeKey]:
    return edge.seq, edge.key


class Draft:
    """A transaction's working copy. Satisfies `View`, and shows the state after the events so far."""

    def __init__(
        self,
        view: View,
        *,
        workspace: WorkspaceRow,
        now: Micros,
        ids: Callable[[], str],
        ids_repeat: bool = False,
        schemas: Schemas,
        actor: str | None = None,
    ) -> None:
        self.view = view
        self.now = now
        self.settled_at = workspace.settled_at
        self.events_recorded: list[EventRow] = []
        self.changed_tasks: dict[str, TaskRow | None] = {}
        self.touched: dict[str, TaskRow | None] = {}
        """Tasks changed by the present command, as they were before it (None: it was not there)."""
        self.edge_states_before: dict[EdgeKey, EdgeState | None] = {}
        """Edges whose state the present command may have changed, with that before it (None: not there)."""
        self.schemas = schemas
        self._workspace = workspace
        self._ids = ids
        self._ids_repeat = ids_repeat
        self._default_actor = self._actor = actor
        self._reason: str | None = None
        self._bumped: set[str] = set()
        self._seen: dict[str, TaskRow] = {}
        self._previous_tasks: dict[str, TaskRow] = {}
        self._edges: dict[EdgeKey, EdgeRow | None] = {}
        self._previous_edges: dict[EdgeKey, EdgeRow] = {}
        self._children: dict[str, set[str]] = {}
        self._edges_of: dict[str, set[EdgeKey]] = {}
        self._edges_on: dict[str, set[EdgeKey]] = {}
        self._edges_naming: dict[str, set[EdgeKey]] = {}
        self._replaced: dict[str, set[str]] = {}
        self._comments: list[CommentRow] = []
        self._templates: list[TemplateRow] = []
        self._types: dict[str, TypeRow] = {}
        self._keys: list[KeyRow] = []
        self._lifecycles: dict[str, Lifecycle] = {}

    # --- commands -------------------------------------------------------------------------------------

    def begin(self, *, actor: str | None = None, reason: str | None = None) -> int:
        """Begin the next command of the transaction; returns how many events there were before it."""
        self._actor = actor if actor is not None else self._default_actor
        self._reason = reason
        self._bumped.clear()
        self.touched.clear()
        self.edge_states_before.clear()
        return len(self.events_recorded)

    def new_id(self) -> str:
        """An id that no task of the workspace has, or had; `ids_repeat` says that this must be looked up."""
        while self.task(task_id := self._ids()) is not None or (
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
        event = EventRow(self.position + 1, event_type, task_id, self.now, self._actor, self._reason, data)
        self.events_recorded.append(event)
        return event

    def forget_events(self) -> None:
        """Forget the events so far and keep what follows from them: for a read, which records nothing."""
        self.events_recorded.clear()

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
        return self.events_recorded[-1].position if self.events_recorded else self._workspace.position

    # --- what project and consequences write ------------------------------------------------------------

    def put_task(self, row: TaskRow) -> None:
        """Put a task's row in place of the one before, if any."""
        task_id = row.task_id
        before = self.task(task_id)
        self._remember(task_id, before)
        if before is None:
            self._bumped.add(task_id)
        elif before.seq != row.seq:
            self._drop_comments(task_id)
        if row.parent_id is not None and (before is None or before.parent_id != row.parent_id):
            self._children.setdefault(row.parent_id, set()).add(task_id)
        if row.superseded_by is not None and (before is None or before.superseded_by != row.superseded_by):
            self._replaced.setdefault(row.superseded_by, set()).add(task_id)
        self.changed_tasks[task_id] = row

    def drop_task(self, task_id: str) -> None:
        """Take a task's row away, with its comments."""
        self._remember(task_id, self.task(task_id))
        self.changed_tasks[task_id] = None
        self._drop_comments(task_id)

    def _remember(self, task_id: str, before: TaskRow | None) -> None:
        if task_id not in self.touched:
            self.touched[task_id] = before
        if task_id not in self.changed_tasks and before is not None:
            self._previous_tasks[task_id] = before

    def put_edge(self, row: EdgeRow) -> None:
        """Put an edge's row in place of the one before, if any."""
        key = row.key
        self._remember_edge(key)
        self._edges[key] = row
        self._edges_of.setdefault(row.task_id, set()).add(key)
        self._edges_naming.setdefault(row.dependency_id, set()).add(key)
        self._edges_on.setdefault(row.effective_id, set()).add(key)

    def drop_edge(self, key: EdgeKey) -> None:
        """Take an edge's row away."""
        self._remember_edge(key)
        self._edges[key] = None
        self._edges_of.setdefault(key[0], set()).add(key)

    def _remember_edge(self, key: EdgeKey) -> None:
        if key not in self._edges and (before := self.edge(key)) is not None:
            self._previous_edges[key] = before

    def add_comment(self, row: CommentRow) -> None:
        """Add a comment."""
        self._comments.append(row)

    def _drop_comments(self, task_id: str) -> None:
        if self._comments:
            self._comments = [comment for comment in self._comments if comment.task_id != task_id]

    def put_template(self, row: TemplateRow) -> None:
        """Add a version of a template, or put it in place of the same version."""
        self._templates.append(row)

    def put_type(self, row: TypeRow) -> None:
        """Put a task type's registration in place of the one before, if any."""
        self._types[row.task_type] = row
        self._lifecycles.pop(row.task_type, None)

    def add_key(self, row: KeyRow) -> None:
        """Remember the use of an idempotency key."""
        self._keys.append(row)

    # --- reading: tasks -----------------------------------------------------------------------------------

    def workspace(self) -> WorkspaceRow:
        """The workspace's row as it will be after the commit."""
        if not self.events_recorded:
            return self._workspace
        return self._workspace._replace(position=self.position, settled_at=self.now)

    def task(self, task_id: str) -> TaskRow | None:
        """The task, or None."""
        if task_id in self.changed_tasks:
            return self.changed_tasks[task_id]
        row = self._seen.get(task_id)
        if row is None:
            row = self.view.task(task_id)
            if row is not None:
                self._seen[task_id] = row
        return row

    def known(self, task_id: str) -> TaskRow:
        """A task that some row refers to, and that is therefore there."""
        row = self.task(task_id)
        assert row is not None, f"the store lost task {task_id}"
        return row

    def prefetch(self, task_ids: Sequence[str]) -> None:
        """Read many tasks in one round trip, so that `task` finds them."""
        wanted = [t for t in task_ids if t not in self.changed_tasks and t not in self._seen]
        if wanted:
            self._seen.update(self.view.tasks(wanted))

    def tasks(self, task_ids: Sequence[str]) -> dict[str, TaskRow]:
        """Those of the tasks that exist, by id."""
        self.prefetch(task_ids)
        return {task_id: row for task_id in task_ids if (row := self.task(task_id)) is not None}

    def is_born(self, task_id: str) -> bool:
        """Whether the task came with this transaction, so that the view beneath knows nothing of it.

        So did one that was deleted and created anew under its id.
        """
        row = self.changed_tasks.get(task_id)
        before = self._previous_tasks.get(task_id)
        return row is not None and (before is None or before.seq != row.seq)

    def children(self, task_id: str) -> Sequence[TaskRow]:
        """The task's children in order of creation."""
        base = () if self.is_born(task_id) else self.view.children(task_id)
        if not self.changed_tasks:
            return base
        rows = {row.task_id: self.changed_tasks.get(row.task_id, row) for row in base}
        rows.update((child, self.task(child)) for child in self._children.get(task_id, ()))
        return sorted((row for row in rows.values() if row and row.parent_id == task_id), key=BY_SEQ)

    def subtree(self, task_id: str) -> list[TaskRow]:
        """The task's descendants, parents before their children and older siblings before younger ones."""
        stack = [*reversed(self.children(task_id))]
        rows: list[TaskRow] = []
        while stack:
            rows.append(row := stack.pop())
            if row.children:
                stack += reversed(self.children(row.task_id))
        return rows

    def subtree_upwards(self, task_id: str) -> list[TaskRow]:
        """The task's descendants, children before their parents and older siblings before younger ones."""
        stack = [*self.children(task_id)]
        rows: list[TaskRow] = []
        while stack:
            rows.append(row := stack.pop())
            if row.children:
                stack += self.children(row.task_id)
        rows.reverse()
        return rows

    def ancestors(self, task_id: str) -> Iterable[TaskRow]:
        """The task's ancestors, nearest first."""
        row = self.task(task_id)
        while row is not None and row.parent_id is not None:
            row = self.known(row.parent_id)
            yield row

    def replaced_by(self, task_id: str) -> Sequence[str]:
        """Ids of the tasks whose `superseded_by` is this task."""
        ids = dict.fromkeys(chain(self.view.replaced_by(task_id), sorted(self._replaced.get(task_id, ()))))
        return [i for i in ids if (row := self.task(i)) is not None and row.superseded_by == task_id]

    # --- reading: edges -----------------------------------------------------------------------------------

    def edge(self, key: EdgeKey) -> EdgeRow | None:
        """The edge, or None."""
        if key in self._edges:
            return self._edges[key]
        if self.is_born(key[0]):
            return None
        return next((row for row in self.view.edges_of(key[0]) if row.key == key), None)

    def edges_of(self, task_id: str) -> Sequence[EdgeRow]:
        """The dependencies that the task has."""
        row = self.task(task_id)
        if row is not None and row.edges == 0 and task_id not in self._edges_of:
            return ()
        base = () if self.is_born(task_id) else self.view.edges_of(task_id)
        return self._overlaid(base, self._edges_of.get(task_id))

    def edges_on(self, task_id: str) -> Sequence[EdgeRow]:
        """The dependencies of others that wait for this task."""
        base = () if self.is_born(task_id) else self.view.edges_on(task_id)
        rows = self._overlaid(base, self._edges_on.get(task_id))
        return [row for row in rows if row.effective_id == task_id]

    def edges_naming(self, task_id: str) -> Sequence[EdgeRow]:
        """The dependencies of others that name this task."""
        base = () if self.is_born(task_id) else self.view.edges_naming(task_id)
        return self._overlaid(base, self._edges_naming.get(task_id))

    def _overlaid(self, base: Sequence[EdgeRow], touched: set[EdgeKey] | None) -> Sequence[EdgeRow]:
        """The edges as they are now: those of the view, and those that this transaction touched."""
        if not self._edges:
            return base
        keys = dict.fromkeys(chain((edge.key for edge in base), touched or ()))
        before = {edge.key: edge for edge in base}
        rows = (self._edges[key] if key in self._edges else before[key] for key in keys)
        return sorted((row for row in rows if row is not None), key=_by_seq_and_key)

    # --- reading: the rest --------------------------------------------------------------------------------

    def due_tasks(self, now: Micros) -> Sequence[TaskRow]:
        """Tasks whose moment has come."""
        return self.view.due_tasks(now)

    def due_edges(self, now: Micros) -> Sequence[EdgeRow]:
        """Edges whose moment has come."""
        return self.view.due_edges(now)

    def similar_ids(self, task_id: str, limit: int) -> Sequence[str]:
        """Ids that begin like `task_id`, those of this transaction first."""
        begin = task_id[:3]
        new = [t for t, row in self.changed_tasks.items() if row is not None and t.startswith(begin)]
        return [*new[:limit], *self.view.similar_ids(task_id, limit)]

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
        before, row = self._previous_tasks.get(task_id), self.task(task_id)
        is_stored = row is not None and (before is None or before.seq == row.seq)
        stored = self.view.comments(task_id) if is_stored else ()
        return [*stored, *(c for c in self._comments if c.task_id == task_id)]

    def task_type(self, task_type: str) -> TypeRow | None:
        """The registration of a task type."""
        return self._types.get(task_type) or self.view.task_type(task_type)

    def tasks_of_type(self, task_type: str) -> Iterable[TaskRow]:
        """Every task of the type."""
        for row in self.view.tasks_of_type(task_type):
            if row.task_id not in self.changed_tasks:
                yield row
        for changed in list(self.changed_tasks.values()):
            if changed is not None and changed.task_type == task_type:
                yield changed

    def key(self, key: str) -> KeyRow | None:
        """The use of an idempotency key."""
        return next((row for row in self._keys if row.key == key), None) or self.view.key(key)

    def task_types(self) -> Sequence[TypeRow]:
        """Every registration, by name."""
        rows = {row.task_type: row for row in chain(self.view.task_types(), self._types.values())}
        return [rows[name] for name in sorted(rows)]

    def events(self, after: int, limit: int, task_id: str | None = None) -> Sequence[EventRow]:
        """Events behind a position, those of this transaction last."""
        rows = list(self.view.events(after, limit, task_id))
        new = (e for e in self.events_recorded if e.position > after and task_id in {None, e.task_id})
        return [*rows, *new][:limit]

    def lifecycle(self, task_type: str) -> Lifecycle:
        """The lifecycle of tasks of this type."""
        found = self._lifecycles.get(task_type)
        if found is None:
            found = self._lifecycles[task_type] = self._read_lifecycle(task_type)
        return found

    def _read_lifecycle(self, task_type: str) -> Lifecycle:
        row = self.task_type(task_type)
        if row is None or row.lifecycle is None:
            return DEFAULT
        lifecycle = read_lifecycle(row.lifecycle, "lifecycle")
        assert isinstance(lifecycle, Lifecycle), "the store holds a lifecycle that was refused"
        return lifecycle

    def stage(self, row: TaskRow) -> Stage:
        """The stage that a task is in."""
        return self.lifecycle(row.task_type).stages[row.stage]

    # --- the result ---------------------------------------------------------------------------------------

    def born(self) -> list[TaskRow]:
        """The tasks that came with this transaction, parents before children."""
        return [row for row in self.changed_tasks.values() if row is not None and self.is_born(row.task_id)]

    def moved(self) -> list[TaskRow]:
        """The tasks that were there and have another parent now."""
        return [
            row
            for task_id, before in self._previous_tasks.items()
            if (row := self.changed_tasks[task_id]) is not None
            and row.parent_id != before.parent_id
            and row.seq == before.seq
        ]

    def edge_changes(self) -> list[tuple[EdgeRow | None, EdgeRow]]:
        """The edges that came or changed, each with what it was before."""
        return [(self._previous_edges.get(key), row) for key, row in self._edges.items() if row is not None]

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
        self._comments += other._comments
        self._templates += other._templates
        for registration in other._types.values():
            self.put_type(registration)
        self._keys += other._keys
        self.events_recorded += other.events_recorded

    def changes(self) -> Changes:
        """Everything that a commit has to write."""
        return Changes(
            workspace=self.workspace(),
            tasks=self.changed_tasks,
            previous_tasks=self._previous_tasks,
            edges=self._edges,
            previous_edges=self._previous_edges,
            comments=self._comments,
            templates=self._templates,
            types=list(self._types.values()),
            keys=self._keys,
            events=self.events_recorded,
        )
