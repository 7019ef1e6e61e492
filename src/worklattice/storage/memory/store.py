"""The store in memory: nothing on disk, gone with the process.

Readers do not wait for a writer while it makes up its mind: the writer reads what only it may change, and
changes it in one go, at commit, while no reader is inside. Workspaces have nothing in common.

Not here: what a workspace holds (`state`), how a query finds its rows (`planner`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from math import inf
from operator import attrgetter
from threading import Lock, RLock, get_ident
from typing import Final, Self

from worklattice.lang.condition import Condition
from worklattice.model.rows import (
    CalendarRow,
    Changes,
    CommentRow,
    ConsumerRow,
    DeliveryKey,
    DeliveryRow,
    EdgeKey,
    EdgeRow,
    EventRow,
    HoldRow,
    KeyRow,
    Micros,
    TaskRow,
    TemplateRow,
    TypeRow,
    WorkspaceRow,
)
from worklattice.query.ast import Query
from worklattice.storage import refusals
from worklattice.storage.forks import process
from worklattice.storage.memory import planner
from worklattice.storage.memory.indexes import edge_order
from worklattice.storage.memory.state import WorkspaceState, behind
from worklattice.storage.similar import similar_ids

_SEQ: Final = attrgetter("seq")
_SEARCHED_IDS: Final = 100_000
"""How many ids are looked through for similar ones; it is a courtesy, not a promise."""


class _Room:
    """One workspace: its rows, and the locks that guard them."""

    __slots__ = ("closed", "generation", "lock", "reader", "reads", "state", "writer", "writing")

    def __init__(self) -> None:
        self.state = WorkspaceState()
        self.closed = False
        self.generation = process.generation
        self.lock = RLock()
        """Held by each read until it is left, and by a commit."""
        self.reads = 0
        """How many reads are open, all of them by the thread `reader`."""
        self.reader = 0
        self.writing = Lock()
        """Held by a write until it is left."""
        self.writer = 0
        """The thread that writes."""


class MemoryStore:
    """A `Store` in memory. Its workspaces live as long as it does."""

    def __init__(self, *, timeout: float = refusals.DEFAULT_TIMEOUT) -> None:
        self._timeout = timeout
        self._rooms: dict[str, _Room] = {}
        self._generation = process.generation
        self._closed = False

    def read(self, workspace: str) -> MemoryRead:
        return MemoryRead(self._room(workspace), self._timeout)

    def write(self, workspace: str) -> MemoryTransaction:
        return MemoryTransaction(self._room(workspace), self._timeout)

    def workspaces(self) -> Sequence[str]:
        self._refuse_misuse()
        return sorted(name for name, room in self._rooms.items() if room.state.row is not None)

    def close(self) -> None:
        self._closed = True
        for room in list(self._rooms.values()):
            room.closed = True
        self._rooms = {}

    def _refuse_misuse(self) -> None:
        if self._closed:
            raise refusals.closed()
        if self._generation != process.generation:
            raise refusals.forked()

    def _room(self, workspace: str) -> _Room:
        self._refuse_misuse()
        room = self._rooms.get(workspace)
        return self._rooms.setdefault(workspace, _Room()) if room is None else room

    def __repr__(self) -> str:
        return "MemoryStore()"


class _MemoryView:
    """The reading that a read and a write have in common."""

    __slots__ = ("_room", "_state", "_timeout")

    def __init__(self, room: _Room, timeout: float) -> None:
        self._room = room
        self._timeout = timeout
        self._state: WorkspaceState = refusals.LEFT

    def now(self) -> Micros | None:
        return None

    def workspace(self) -> WorkspaceRow | None:
        return self._state.row

    def task(self, task_id: str) -> TaskRow | None:
        return self._state.tasks.get(task_id)

    def tasks(self, task_ids: Sequence[str]) -> dict[str, TaskRow]:
        rows = self._state.tasks
        return {task_id: rows[task_id] for task_id in task_ids if task_id in rows}

    def children(self, task_id: str) -> Sequence[TaskRow]:
        rows = self._state.tasks
        return [rows[child] for child in self._state.children[task_id]]

    def edge(self, key: EdgeKey) -> EdgeRow | None:
        return self._state.edges.get(key)

    def edges_of(self, task_id: str) -> Sequence[EdgeRow]:
        return tuple(self._state.edges_of[task_id])

    def edges_on(self, task_id: str) -> Sequence[EdgeRow]:
        return tuple(self._state.edges_on[task_id])

    def edges_naming(self, task_id: str) -> Sequence[EdgeRow]:
        named = [edge for edge in self._state.edges_on[task_id] if edge.dependency_id == task_id]
        if diverted := self._state.edges_diverted[task_id]:
            named = sorted([*named, *diverted], key=edge_order)
        return named

    def replaced_by(self, task_id: str) -> Sequence[str]:
        return list(self._state.replaced.ids_led_by(task_id))

    def due_tasks(self, now: Micros) -> Sequence[TaskRow]:
        rows = self._state.tasks
        return [rows[task_id] for task_id in self._state.due_tasks.ids_until(now)]

    def due_edges(self, now: Micros) -> Sequence[EdgeRow]:
        rows = self._state.edges
        return [rows[key] for key in self._state.due_edges.ids_until(now)]

    def due_alarms(self, now: Micros) -> Sequence[TaskRow]:
        rows = self._state.tasks
        return [rows[task_id] for task_id in self._state.alarms.ids_until(now)]

    def next_moment(self, after: Micros) -> Micros | None:
        indexes = (self._state.due_tasks, self._state.alarms, self._state.due_edges)
        moments = (index.first_behind(after) for index in indexes)
        return min((moment for moment in moments if moment is not None), default=None)

    def next_runs(self, limit: int, upto: Micros | None = None) -> Sequence[TaskRow]:
        rows, index = self._state.tasks, self._state.next_runs
        ids = index.ids() if upto is None else index.ids_until(upto)
        return [rows[task_id] for task_id in islice(ids, limit)]

    def holds_on(self, resource: str) -> Sequence[HoldRow]:
        return [hold for _, hold in sorted(self._state.holds.get(resource, {}).items())]

    def similar_ids(self, task_id: str, limit: int) -> Sequence[str]:
        return similar_ids(task_id, limit, self._ids_beginning_with)

    def _ids_beginning_with(self, beginnings: Sequence[str], limit: int) -> Sequence[str]:
        searched, wanted = islice(self._state.tasks, _SEARCHED_IDS), tuple(beginnings)
        return sorted(task_id for task_id in searched if task_id.startswith(wanted))[:limit]

    def comments(self, task_id: str) -> Sequence[CommentRow]:
        return self._state.comments.get(task_id, ())

    def template(self, template_id: str, version: int | None = None) -> TemplateRow | None:
        if version is None:
            return self._state.newest_templates.get(template_id)
        return self._state.templates.get((template_id, version))

    def templates(self) -> Sequence[TemplateRow]:
        newest = self._state.newest_templates
        return [newest[template_id] for template_id in sorted(newest)]

    def task_type(self, task_type: str) -> TypeRow | None:
        return self._state.types.get(task_type)

    def task_types(self) -> Sequence[TypeRow]:
        types = self._state.types
        return [types[name] for name in sorted(types)]

    def calendar(self, name: str) -> CalendarRow | None:
        return self._state.calendars.get(name)

    def calendars(self) -> Sequence[CalendarRow]:
        calendars = self._state.calendars
        return [calendars[name] for name in sorted(calendars)]

    def tasks_of_type(self, task_type: str) -> Iterable[TaskRow]:
        rows = self._state.tasks
        return sorted((rows[task_id] for task_id in self._state.bucket("task_type", task_type)), key=_SEQ)

    def timed_tasks(self) -> Sequence[TaskRow]:
        return [self._state.tasks[task_id] for task_id in self._state.timed.ids()]

    def key(self, key: str) -> KeyRow | None:
        return self._state.keys.get(key)

    def tasks_from_template(self, template_id: str, version: int) -> Iterable[TaskRow]:
        rows = self._state.tasks
        made = (rows[task_id] for task_id in self._state.bucket("template_id", template_id))
        return sorted((row for row in made if row.template_version == version), key=_SEQ)

    def keys_used_before(self, moment: Micros, limit: int) -> Sequence[str]:
        earlier = self._state.keys_by_use.irange(maximum=(moment, ""), inclusive=(True, False))
        return [key for _, key in islice(earlier, limit)]

    def undone_by(self, command: int) -> int | None:
        return self._state.undone_by(command)

    def consumer(self, consumer: str) -> ConsumerRow | None:
        return self._state.consumers.get(consumer)

    def delivery(self, key: DeliveryKey) -> DeliveryRow | None:
        return self._state.deliveries.get(key)

    def due_deliveries(self, consumer: str, now: Micros, limit: int) -> Sequence[DeliveryRow]:
        due = self._state.due_deliveries.ids_between((consumer,), (consumer, now, inf))
        return [self._state.deliveries[key] for key in islice(due, limit)]

    def next_delivery(self, consumer: str) -> Micros | None:
        due = self._state.due_deliveries.ids_between((consumer,), (consumer, inf))
        return next((self._state.deliveries[key].next_at for key in due), None)

    def dead_letters(self, consumer: str, after: tuple[int, int], limit: int) -> Sequence[DeliveryRow]:
        position, place = after
        dead = self._state.dead_letters.ids_between((consumer, position, place + 1), (consumer, inf))
        return [self._state.deliveries[key] for key in islice(dead, limit)]

    def events(self, after: int, limit: int, task_id: str | None = None) -> Sequence[EventRow]:
        log = self._state.log if task_id is None else self._state.history(task_id)
        return behind(log, after, limit)

    def all_tasks(self) -> Iterable[TaskRow]:
        return iter(sorted(self._state.tasks.values(), key=_SEQ))

    def all_edges(self) -> Iterable[EdgeRow]:
        return iter(sorted(self._state.edges.values(), key=edge_order))

    def all_holds(self) -> Iterable[HoldRow]:
        holds = self._state.holds
        return (hold for resource in sorted(holds) for _, hold in sorted(holds[resource].items()))

    def all_comments(self) -> Iterable[CommentRow]:
        threads = self._state.comments.values()
        return iter(sorted((comment for thread in threads for comment in thread), key=_SEQ))

    def all_templates(self) -> Iterable[TemplateRow]:
        templates = self._state.templates
        return iter([templates[key] for key in sorted(templates)])

    def select(self, query: Query) -> Sequence[TaskRow]:
        with self._room.lock:
            return planner.select(self._state, query)

    def count(self, where: Condition | None) -> int:
        with self._room.lock:
            return planner.count(self._state, where)


class MemoryRead(_MemoryView):
    """A read: commits wait until it is left."""

    __slots__ = ()

    def __enter__(self) -> Self:
        room = self._room
        if not room.lock.acquire(timeout=self._timeout):
            raise refusals.busy(self._timeout)
        room.reader = get_ident()
        room.reads += 1
        self._state = room.state
        return self

    def __exit__(self, *exception: object) -> None:
        self._state = refusals.LEFT
        self._room.reads -= 1
        self._room.lock.release()


class MemoryTransaction(_MemoryView):
    """A write: other writes of the workspace wait until it is left, reads only while it commits."""

    __slots__ = ()

    def __enter__(self) -> Self:
        room, thread = self._room, get_ident()
        if room.writer == thread:
            raise refusals.nested()
        if room.reads and room.reader == thread:
            raise refusals.write_inside_read()
        if not room.writing.acquire(timeout=self._timeout):
            raise refusals.busy(self._timeout)
        room.writer = thread
        self._state = room.state
        return self

    def __exit__(self, *exception: object) -> None:
        self._state = refusals.LEFT
        self._room.writer = 0
        self._room.writing.release()

    def write(self, changes: Changes) -> None:
        state, self._state = self._state, refusals.LEFT
        if self._room.closed:
            raise refusals.closed()
        if state is self._room.state:
            state = state.copy()
        state.apply(changes)
        self._state = state

    def commit(self, changes: Changes) -> None:
        state = self._state
        _ = state.row  # which refuses where this transaction is over
        self._change(lambda: self._show(state, changes))

    def _show(self, state: WorkspaceState, changes: Changes) -> None:
        state.apply(changes)
        self._room.state = state

    def drop(self) -> None:
        _ = self._state.row  # which refuses where this transaction is over
        self._change(self._forget)

    def _forget(self) -> None:
        self._room.state = WorkspaceState()

    def _change(self, change: Callable[[], None]) -> None:
        """Make a change that no reader may see half of, as the transaction's last act."""
        room = self._room
        if room.closed:
            raise refusals.closed()
        if room.generation != process.generation:
            raise refusals.forked()
        if not room.lock.acquire(timeout=self._timeout):
            raise refusals.busy(self._timeout)
        try:
            if room.reads:
                raise refusals.write_inside_read()
            change()
            self._state = refusals.LEFT
        finally:
            room.lock.release()
