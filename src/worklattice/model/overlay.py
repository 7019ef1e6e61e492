"""Tasks and edges with changes laid over them: how a transaction sees what it has changed already.

An overlay remembers, for every row that it was given, the row that was there before, and finds tasks and
edges as if its changes were stored. It asks the view for no task and no edge that it has read before, and
once for what is not there.

Not here: what is kept beside tasks and edges (`worklattice.model.side_rows`), events and commands
(`worklattice.model.draft`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from heapq import nlargest, nsmallest
from itertools import chain, takewhile
from operator import attrgetter
from typing import cast

from worklattice.lang.times import LATEST
from worklattice.model.rows import EdgeKey, EdgeRow, HoldKey, HoldRow, Micros, TaskRow
from worklattice.model.view import View

BY_SEQ = attrgetter("seq")
BY_NEXT_RUN = attrgetter("next_run_at", "seq")


def _common_length(one: str, other: str) -> int:
    """With how many characters both begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _by_seq_and_key(edge: EdgeRow) -> tuple[int, EdgeKey]:
    return edge.seq, edge.key


class Overlay:
    """The tasks and edges of a view with changed rows laid over them."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.changed_tasks: dict[str, TaskRow | None] = {}
        self.wakes_at: Micros | None = None
        """Nothing changes by itself before this; None: nothing does."""
        self._previous_tasks: dict[str, TaskRow] = {}
        self._once_gone: set[str] = set()
        """Tasks that were deleted in this transaction, those that came back, too."""
        self._seen_tasks: dict[str, TaskRow | None] = {}
        self._children: dict[str, set[str]] = {}
        self._replaced: dict[str, set[str]] = {}
        self._edges: dict[EdgeKey, EdgeRow | None] = {}
        self._previous_edges: dict[EdgeKey, EdgeRow] = {}
        self._seen_edges: dict[EdgeKey, EdgeRow | None] = {}
        self._edges_of: dict[str, set[EdgeKey]] = {}
        self._edges_on: dict[str, set[EdgeKey]] = {}
        self._edges_naming: dict[str, set[EdgeKey]] = {}
        self._holds: dict[HoldKey, HoldRow | None] = {}
        self._previous_holds: dict[HoldKey, HoldRow] = {}

    # --- changing -----------------------------------------------------------------------------------------

    def put_task(self, row: TaskRow) -> TaskRow | None:
        """Put a task's row in place of the one before, which is returned, if any."""
        task_id = row.task_id
        before = self._remembered(task_id)
        if row.parent_id is not None and (before is None or before.parent_id != row.parent_id):
            self._children.setdefault(row.parent_id, set()).add(task_id)
        if row.superseded_by is not None and (before is None or before.superseded_by != row.superseded_by):
            self._replaced.setdefault(row.superseded_by, set()).add(task_id)
        if row.moment is not None:
            self._wake_at(row.moment)
        if row.alarm_at is not None:
            self._wake_at(row.alarm_at)
        self.changed_tasks[task_id] = row
        return before

    def drop_task(self, task_id: str) -> TaskRow | None:
        """Take a task's row away; it is returned."""
        before = self._remembered(task_id)
        self.changed_tasks[task_id] = None
        self._once_gone.add(task_id)
        return before

    def _remembered(self, task_id: str) -> TaskRow | None:
        """The task as it is, noted as the row before this transaction where it is the first to be changed."""
        if task_id in self.changed_tasks:
            return self.changed_tasks[task_id]
        before = self.task(task_id)
        if before is not None:
            self._previous_tasks[task_id] = before
        return before

    def put_edge(self, row: EdgeRow) -> None:
        """Put an edge's row in place of the one before, if any."""
        key = row.key
        self._edge_touched(key)
        self._edges[key] = row
        self._edges_on.setdefault(row.effective_id, set()).add(key)
        if row.moment is not None:
            self._wake_at(row.moment)

    def drop_edge(self, key: EdgeKey) -> None:
        """Take an edge's row away."""
        self._edge_touched(key)
        self._edges[key] = None

    def _edge_touched(self, key: EdgeKey) -> None:
        """Note an edge that changes for the first time: what it was, and where it was to be found."""
        if key in self._edges:
            return
        before = self.edge(key)
        if before is not None:
            self._previous_edges[key] = before
            self._edges_on.setdefault(before.effective_id, set()).add(key)
        self._edges_of.setdefault(key[0], set()).add(key)
        self._edges_naming.setdefault(key[1], set()).add(key)

    def put_hold(self, row: HoldRow) -> None:
        """Put what a claim holds, which nobody held for its task before."""
        self._holds[row.key] = row

    def drop_hold(self, row: HoldRow) -> None:
        """Take away what a claim held."""
        if row.key not in self._holds:
            self._previous_holds[row.key] = row
        self._holds[row.key] = None

    def _wake_at(self, moment: Micros) -> None:
        if self.wakes_at is None or moment < self.wakes_at:
            self.wakes_at = moment

    # --- tasks --------------------------------------------------------------------------------------------

    def task(self, task_id: str) -> TaskRow | None:
        """The task, or None."""
        if task_id in self.changed_tasks:
            return self.changed_tasks[task_id]
        if task_id in self._seen_tasks:
            return self._seen_tasks[task_id]
        row = self._seen_tasks[task_id] = self.view.task(task_id)
        return row

    def known(self, task_id: str) -> TaskRow:
        """A task that some row refers to, and that is therefore there."""
        row = self.changed_tasks.get(task_id) or self.task(task_id)
        assert row is not None, f"the store lost task {task_id}"
        return row

    def prefetch(self, task_ids: Iterable[str]) -> None:
        """Read many tasks in one round trip, so that `task` finds them; one alone it may as well ask for."""
        unknown = (t for t in task_ids if t not in self.changed_tasks and t not in self._seen_tasks)
        wanted = list(dict.fromkeys(unknown))
        if len(wanted) > 1:
            found = self.view.tasks(wanted)
            self._seen_tasks.update((task_id, found.get(task_id)) for task_id in wanted)

    def note(self, rows: Iterable[TaskRow]) -> None:
        """Remember rows that were read by another way, as they are here; they need not be asked for again."""
        changed = self.changed_tasks
        self._seen_tasks.update((row.task_id, row) for row in rows if row.task_id not in changed)

    def tasks(self, task_ids: Sequence[str]) -> dict[str, TaskRow]:
        """Those of the tasks that exist, by id."""
        self.prefetch(task_ids)
        return {task_id: row for task_id in task_ids if (row := self.task(task_id)) is not None}

    def is_born(self, task_id: str) -> bool:
        """Whether the task came with this transaction, so that the view beneath knows nothing of it.

        So did one that was deleted and created anew under its id, or brought back.
        """
        if self.changed_tasks.get(task_id) is None:
            return False
        return task_id in self._once_gone or task_id not in self._previous_tasks

    def children(self, task_id: str) -> Sequence[TaskRow]:
        """The task's children in order of creation."""
        base = () if self.is_born(task_id) else self.view.children(task_id)
        self.note(base)
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

    def ancestors(self, row: TaskRow) -> Iterator[TaskRow]:
        """The task's ancestors, nearest first."""
        while row.parent_id is not None:
            row = self.known(row.parent_id)
            yield row

    def replaced_by(self, task_id: str) -> Sequence[str]:
        """Ids of the tasks whose `superseded_by` is this task."""
        ids = dict.fromkeys(chain(self.view.replaced_by(task_id), sorted(self._replaced.get(task_id, ()))))
        return [i for i in ids if (row := self.task(i)) is not None and row.superseded_by == task_id]

    def tasks_of_type(self, task_type: str) -> Iterable[TaskRow]:
        """Every task of the type, those of this transaction last."""
        for row in self.view.tasks_of_type(task_type):
            if row.task_id not in self.changed_tasks:
                yield row
        for changed in list(self.changed_tasks.values()):
            if changed is not None and changed.task_type == task_type:
                yield changed

    def timed_tasks(self) -> Sequence[TaskRow]:
        """Every task that is `timed`, those of this transaction last."""
        stored = [row for row in self.view.timed_tasks() if row.task_id not in self.changed_tasks]
        return [*stored, *(row for row in self.changed_tasks.values() if row is not None and row.timed)]

    def tasks_from_template(self, template_id: str, version: int) -> Iterable[TaskRow]:
        """Every task that was made from this version of the template, those of this transaction last."""
        for row in self.view.tasks_from_template(template_id, version):
            if row.task_id not in self.changed_tasks:
                yield row
        for changed in list(self.changed_tasks.values()):
            if changed is None or changed.template_id != template_id:
                continue
            if changed.template_version == version:
                yield changed

    def similar_ids(self, task_id: str, limit: int) -> Sequence[str]:
        """Ids that begin like `task_id`, the most alike first."""
        changed, begin = self.changed_tasks, task_id[:3]
        new = (t for t, row in changed.items() if row is not None and t.startswith(begin))
        stored = (t for t in self.view.similar_ids(task_id, limit) if t not in changed)
        return nlargest(limit, chain(new, stored), key=lambda other: _common_length(task_id, other))

    # --- edges --------------------------------------------------------------------------------------------

    def edge(self, key: EdgeKey) -> EdgeRow | None:
        """The edge, or None."""
        if key in self._edges:
            return self._edges[key]
        if key in self._seen_edges:
            return self._seen_edges[key]
        dependant = self.task(key[0])
        is_possible = dependant is not None and dependant.edges > 0 and not self.is_born(key[0])
        row = self._seen_edges[key] = self.view.edge(key) if is_possible else None
        return row

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
        return [row for row in rows if row.effective_id == task_id] if rows else rows

    def edges_naming(self, task_id: str) -> Sequence[EdgeRow]:
        """The dependencies of others that name this task."""
        base = () if self.is_born(task_id) else self.view.edges_naming(task_id)
        return self._overlaid(base, self._edges_naming.get(task_id))

    def edges_of_others(self, task_id: str) -> list[EdgeRow]:
        """The dependencies of others that name this task, and those that wait for it; each once."""
        edges = (*self.edges_naming(task_id), *self.edges_on(task_id))
        return list({edge.key: edge for edge in edges}.values())

    def edges_touching(self, task_id: str) -> list[EdgeRow]:
        """The dependencies that the task has, and those that others have on it; each once."""
        edges = (*self.edges_of(task_id), *self.edges_of_others(task_id))
        return list({edge.key: edge for edge in edges}.values())

    def _overlaid(self, base: Sequence[EdgeRow], touched: set[EdgeKey] | None) -> Sequence[EdgeRow]:
        """The edges as they are now: those of the view, and those that this transaction touched."""
        self._seen_edges.update((edge.key, edge) for edge in base)
        if not touched:
            return base
        rows: dict[EdgeKey, EdgeRow | None] = {edge.key: edge for edge in base}
        rows.update((key, self._edges[key]) for key in touched)
        return sorted((row for row in rows.values() if row is not None), key=_by_seq_and_key)

    # --- holds --------------------------------------------------------------------------------------------

    def holds_on(self, resource: str) -> Sequence[HoldRow]:
        """What the claims of tasks hold of a resource."""
        base = self.view.holds_on(resource)
        if not self._holds:
            return base
        rows: dict[HoldKey, HoldRow | None] = {hold.key: hold for hold in base}
        rows.update((key, hold) for key, hold in self._holds.items() if key[0] == resource)
        return [hold for _, hold in sorted(rows.items()) if hold is not None]

    # --- time ---------------------------------------------------------------------------------------------

    def due_tasks(self, now: Micros) -> Sequence[TaskRow]:
        """Tasks whose moment has come, before anything was changed here."""
        return self.view.due_tasks(now)

    def due_alarms(self, now: Micros) -> Sequence[TaskRow]:
        """Tasks of which an alarm has gone off, before anything was changed here."""
        return self.view.due_alarms(now)

    def due_edges(self, now: Micros) -> Sequence[EdgeRow]:
        """Edges whose moment has come, before anything was changed here."""
        return self.view.due_edges(now)

    def next_moment(self, after: Micros) -> Micros | None:
        """The first moment behind `after` at which something changes by itself.

        Nothing does before it, but at it perhaps nothing does any more, where something was changed here.
        """
        moments = (moment for moment in self._moments() if moment > after)
        stored = self.view.next_moment(after)
        return min(moments if stored is None else chain([stored], moments), default=None)

    def is_due(self, now: Micros) -> bool:
        """Whether something that was changed, here or in a draft beneath, changes by itself by now."""
        if any(moment <= now for moment in self._moments()):
            return True
        return isinstance(self.view, Overlay) and self.view.is_due(now)

    def _moments(self) -> Iterator[Micros]:
        """When what was changed here changes by itself, or its alarms go off."""
        tasks = [row for row in self.changed_tasks.values() if row is not None]
        edges = (row.moment for row in self._edges.values() if row is not None)
        moments = chain((row.moment for row in tasks), (row.alarm_at for row in tasks), edges)
        return (moment for moment in moments if moment is not None)

    def next_runs(self, limit: int, upto: Micros | None = None) -> Sequence[TaskRow]:
        """The tasks that come next by their schedules, as they are now."""
        changed = self.changed_tasks
        if not changed:
            return self.view.next_runs(limit, upto)
        hidden = sum(1 for row in self._previous_tasks.values() if row.next_run_at is not None)
        stored = (row for row in self.view.next_runs(limit + hidden, upto) if row.task_id not in changed)
        latest = LATEST if upto is None else upto
        mine = (row for row in changed.values() if row is not None and row.next_run_at is not None)
        coming = (row for row in mine if cast("int", row.next_run_at) <= latest)
        return nsmallest(limit, chain(stored, coming), key=BY_NEXT_RUN)

    # --- the result ---------------------------------------------------------------------------------------

    def born(self) -> list[TaskRow]:
        """The tasks that came with this transaction, parents before children."""
        return [row for row in self.changed_tasks.values() if row is not None and self.is_born(row.task_id)]

    def placed(self) -> Iterator[TaskRow]:
        """The tasks that have a parent now which they did not have before."""
        for row in self.changed_tasks.values():
            if row is not None and row.parent_id is not None:
                before = None if self.is_born(row.task_id) else self._previous_tasks.get(row.task_id)
                if before is None or before.parent_id != row.parent_id:
                    yield row

    def edge_changes(self) -> list[tuple[EdgeRow | None, EdgeRow]]:
        """The edges that came or changed, each with what it was before."""
        return [(self._previous_edges.get(key), row) for key, row in self._edges.items() if row is not None]
