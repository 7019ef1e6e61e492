"""The rows of one workspace in memory, and the one way to change them.

Not here: locks and transactions (`store`), queries (`planner`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final, TypeAlias, cast

from sortedcontainers import SortedSet

from worklattice.model.rows import (
    CalendarRow,
    Changes,
    CommentKey,
    CommentRow,
    ConsumerRow,
    DeliveryKey,
    DeliveryRow,
    EdgeKey,
    EdgeRow,
    EventRow,
    HoldKey,
    HoldRow,
    KeyRow,
    Micros,
    TaskRow,
    TemplateRow,
    TypeRow,
    WorkspaceRow,
)
from worklattice.storage import refusals
from worklattice.storage.memory.indexes import (
    IN_NONE,
    Buckets,
    Children,
    EdgeChange,
    EdgeLists,
    Ordered,
    TaskChange,
    TaskIndex,
    alarm_key,
    awaited_by,
    created_key,
    dead_key,
    delivery_due_key,
    dependant_of,
    diverted_from,
    due_key,
    edge_due_key,
    indexed,
    late_key,
    missed_key,
    note,
    ready_key,
    replaced_key,
    run_key,
    seldom,
    timed_key,
)

_POSITION: Final = attrgetter("position")
_SEQ: Final = attrgetter("seq")
_used: Final = attrgetter("at", "key")
_NOTHING: Final = object()
_Undo: TypeAlias = list[tuple[dict[Any, Any], Any, object]]


class WorkspaceState:
    """Rows by their keys, and indexes over them.

    Rows are shared with whoever wrote them and whoever reads them: nobody changes what hangs on a row.
    """

    def __init__(self) -> None:
        self.row: WorkspaceRow | None = None
        self.tasks: dict[str, TaskRow] = {}
        self.edges: dict[EdgeKey, EdgeRow] = {}
        self.holds: dict[str, dict[str, HoldRow]] = {}
        """What claims hold, by resource and then by task."""
        self.log: list[EventRow] = []
        self.comments: dict[str, tuple[CommentRow, ...]] = {}
        self.templates: dict[tuple[str, int], TemplateRow] = {}
        self.newest_templates: dict[str, TemplateRow] = {}
        self.types: dict[str, TypeRow] = {}
        self.calendars: dict[str, CalendarRow] = {}
        self.keys: dict[str, KeyRow] = {}
        self.consumers: dict[str, ConsumerRow] = {}
        self.deliveries: dict[DeliveryKey, DeliveryRow] = {}
        self._build_indexes()

    def _build_indexes(self) -> None:
        self.children = Children(self.tasks)
        self.by_age: Ordered[TaskRow, str] = Ordered(created_key)
        self.ready: Ordered[TaskRow, str] = Ordered(ready_key)
        self.due_tasks: Ordered[TaskRow, str] = Ordered(due_key)
        self.next_runs: Ordered[TaskRow, str] = Ordered(run_key)
        self.replaced: Ordered[TaskRow, str] = Ordered(replaced_key)
        self.timed: Ordered[TaskRow, str] = Ordered(timed_key)
        self.alarms: Ordered[TaskRow, str] = Ordered(alarm_key)
        self.late: Ordered[TaskRow, str] = Ordered(late_key)
        self.missed: Ordered[TaskRow, str] = Ordered(missed_key)
        self._buckets = {field: Buckets(field) for field in ("status", "task_type")}
        self._task_indexes: list[TaskIndex] = [self.by_age, self.ready, *self._buckets.values()]
        self._of_few: list[TaskIndex] = [
            self.due_tasks, self.next_runs, self.replaced, self.timed, self.alarms, self.late, self.missed,
        ]  # fmt: skip
        self.edges_of = EdgeLists(dependant_of)
        self.edges_on = EdgeLists(awaited_by)
        self.edges_diverted = EdgeLists(diverted_from)
        self._edge_lists = (self.edges_of, self.edges_on, self.edges_diverted)
        self.due_edges: Ordered[EdgeRow, EdgeKey] = Ordered(edge_due_key)
        self.keys_by_use: SortedSet[tuple[Micros, str]] = SortedSet(map(_used, self.keys.values()))
        self.due_deliveries: Ordered[DeliveryRow, DeliveryKey] = Ordered(delivery_due_key)
        self.dead_letters: Ordered[DeliveryRow, DeliveryKey] = Ordered(dead_key)
        for delivery in self.deliveries.values():
            self._index_delivery(None, delivery)
        self._histories: dict[str, list[EventRow]] | None = None
        self._undoings: dict[int, int] | None = None
        self._index_tasks([(None, row) for row in self.tasks.values()])
        self._index_edges([(None, row) for row in self.edges.values()])

    def copy(self) -> WorkspaceState:
        """Another one with the same rows. Cost: linear."""
        other = WorkspaceState()
        other.row, other.log = self.row, [*self.log]
        for mine, its in (
            (self.tasks, other.tasks),
            (self.edges, other.edges),
            (self.comments, other.comments),
            (self.templates, other.templates),
            (self.newest_templates, other.newest_templates),
            (self.types, other.types),
            (self.calendars, other.calendars),
            (self.keys, other.keys),
            (self.consumers, other.consumers),
            (self.deliveries, other.deliveries),
        ):
            cast("dict[Any, Any]", its).update(mine)
        other.holds = {resource: {**holds} for resource, holds in self.holds.items()}
        other._build_indexes()
        return other

    # --- what is built when it is first asked for -------------------------------------------------------

    def bucket(self, field: str, value: str) -> set[str] | frozenset[str]:
        """The ids of the tasks that have this value in the field. Not a copy."""
        buckets = self._buckets.get(field)
        if buckets is None:
            buckets = Buckets(field)
            for row in self.tasks.values():
                buckets.add(row)
            self._buckets[field] = buckets
            self._task_indexes.append(buckets)
        return buckets.ids(value)

    def history(self, task_id: str) -> Sequence[EventRow]:
        """The events of one task, in order. Not a copy."""
        histories = self._histories
        if histories is None:
            histories = {}
            _chronicle(self.log, histories)
            self._histories = histories
        return histories.get(task_id, ())

    def undone_by(self, command: int) -> int | None:
        """The last command that undid this one."""
        undoings = self._undoings
        if undoings is None:
            undoings = self._undoings = {}
            _note_undoings(self.log, undoings)
        return undoings.get(command)

    # --- the one way to change --------------------------------------------------------------------------

    def apply(self, changes: Changes) -> None:
        """Make all of the changes, or, where that fails (or is interrupted), none."""
        new_tasks, new_edges, events, log = changes.tasks, changes.edges, changes.events, self.log
        if events and log and events[0].position <= log[-1].position:
            raise refusals.log_out_of_order(events[0].position, log[-1].position)
        task_before, edge_before = self.tasks.get, self.edges.get
        tasks = [(task_before(key), row) for key, row in new_tasks.items()]
        edges = [(edge_before(key), row) for key, row in new_edges.items()] if new_edges else []
        workspace_before, length_before = self.row, len(log)
        undo: _Undo = []
        try:
            self._apply_tasks(new_tasks, tasks, undo)
            if edges:
                _lay(new_edges, self.edges)
                self._index_edges(edges)
            if changes.holds:
                self._lay_holds(changes.holds, undo)
            self._put_others(changes, undo)
            log.extend(events)
            if self._histories is not None:
                _chronicle(events, self._histories)
            if self._undoings is not None:
                _note_undoings(events, self._undoings)
            self.row = changes.workspace
        except BaseException:
            self.row = workspace_before
            del log[length_before:]
            self._put_back(changes, tasks, edges, undo)
            raise

    def _apply_tasks(
        self, rows: Mapping[str, TaskRow | None], changes: Sequence[TaskChange], undo: _Undo
    ) -> None:
        moved = [
            (old, new) for old, new in changes if old is None or new is None or indexed(old) != indexed(new)
        ]
        if moved:
            self.children.leave(moved)
        _lay(rows, self.tasks)
        if moved:
            self._index_tasks(moved)
            if self.comments:
                self._drop_comments(moved, undo)

    def _index_tasks(self, changes: Sequence[TaskChange]) -> None:
        for old, new in changes:
            note(old, new, self._task_indexes)
            before = IN_NONE if old is None else seldom(old)
            after = IN_NONE if new is None else seldom(new)
            if before != after or (before != IN_NONE and _is_another(old, new)):
                note(old, new, self._of_few)
        self.children.join(changes)

    def _index_edges(self, changes: Sequence[EdgeChange]) -> None:
        for index in self._edge_lists:
            move = index.move
            for old, new in changes:
                move(old, new)
        for old, new in changes:
            note(old, new, (self.due_edges,))

    def _drop_comments(self, tasks: Sequence[TaskChange], undo: _Undo) -> None:
        for old, new in tasks:
            if old is not None and (new is None or new.seq != old.seq) and old.task_id in self.comments:
                _put(self.comments, old.task_id, None, undo)

    def _lay_holds(self, changed: Mapping[HoldKey, HoldRow | None], undo: _Undo) -> None:
        for (resource, task_id), hold in changed.items():
            on_it = self.holds.get(resource)
            if on_it is None:
                _put(self.holds, resource, on_it := {}, undo)
            _put(on_it, task_id, hold, undo)
            if not on_it:
                _put(self.holds, resource, None, undo)

    def _put_others(self, changes: Changes, undo: _Undo) -> None:
        for key, comment in changes.comments.items():
            self._put_comment(key, comment, undo)
        for template_key, template in changes.templates.items():
            _put(self.templates, template_key, template, undo)
            _put(self.newest_templates, template_key[0], self._newest(*template_key), undo)
        for name, task_type in changes.types.items():
            _put(self.types, name, task_type, undo)
        for name, calendar in changes.calendars.items():
            _put(self.calendars, name, calendar, undo)
        for name, key_row in changes.keys.items():
            if (used := self.keys.get(name)) is not None:
                self.keys_by_use.discard(_used(used))
            _put(self.keys, name, key_row, undo)
            if key_row is not None:
                self.keys_by_use.add(_used(key_row))

        for name, consumer in changes.consumers.items():
            _put(self.consumers, name, consumer, undo)
        for delivery_key, delivery in changes.deliveries.items():
            self._index_delivery(self.deliveries.get(delivery_key), delivery)
            _put(self.deliveries, delivery_key, delivery, undo)

    def _index_delivery(self, old: DeliveryRow | None, new: DeliveryRow | None) -> None:
        note(old, new, (self.due_deliveries, self.dead_letters))

    def _put_comment(self, key: CommentKey, comment: CommentRow | None, undo: _Undo) -> None:
        thread = self.comments.get(key[0], ())
        if comment is not None and (not thread or thread[-1].seq < comment.seq):
            thread = (*thread, comment)
        else:
            others = [other for other in thread if other.key != key]
            thread = tuple(sorted([*others, comment] if comment is not None else others, key=_SEQ))
        _put(self.comments, key[0], thread or None, undo)

    def _newest(self, template_id: str, changed: int) -> TemplateRow | None:
        """The newest version of a template of which this version has come, changed or gone."""
        before = self.newest_templates.get(template_id)
        versions = range(changed if before is None else max(changed, before.version), 0, -1)
        found = (self.templates.get((template_id, version)) for version in versions)
        return next((row for row in found if row is not None), None)

    def _put_back(
        self, changes: Changes, tasks: Sequence[TaskChange], edges: Sequence[EdgeChange], undo: _Undo
    ) -> None:
        _lay({key: old for key, (old, _) in zip(changes.tasks, tasks, strict=True)}, self.tasks)
        _lay({key: old for key, (old, _) in zip(changes.edges, edges, strict=True)}, self.edges)
        for table, key, before in reversed(undo):
            if before is _NOTHING:
                table.pop(key, None)
            else:
                table[key] = before
        self._build_indexes()


def _is_another(old: TaskRow | None, new: TaskRow | None) -> bool:
    """Whether a task has come in the place of another one of the same id."""
    return old is not None and new is not None and old.seq != new.seq


def _lay(changed: Mapping[Any, Any], table: dict[Any, Any]) -> None:
    """Put the changed rows into the table; where a row is None, take the old one out."""
    if None not in changed.values():
        table.update(changed)
        return
    for key, row in changed.items():
        if row is None:
            table.pop(key, None)
        else:
            table[key] = row


def _put(table: dict[Any, Any], key: object, value: object, undo: _Undo) -> None:
    """Write one entry, or with None take it out, having noted in `undo` what was there."""
    undo.append((table, key, table.get(key, _NOTHING)))
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value


def _chronicle(events: Iterable[EventRow], histories: dict[str, list[EventRow]]) -> None:
    for event in events:
        if event.task_id is not None:
            histories.setdefault(event.task_id, []).append(event)


def _note_undoings(events: Iterable[EventRow], undoings: dict[int, int]) -> None:
    undoings.update((event.undoes, event.command) for event in events if event.undoes is not None)


def behind(events: Sequence[EventRow], position: int, limit: int) -> Sequence[EventRow]:
    """Up to `limit` of the events, which are in order, that stand behind a position."""
    start = bisect_right(events, position, key=_POSITION)
    return events[start : start + limit]
