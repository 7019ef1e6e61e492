"""The reading of one transaction: every question of a view as a statement.

Not here: queries (`selecting`), writing (`commit`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from worklattice.lang.condition import Condition
from worklattice.model.rows import (
    CalendarRow,
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
from worklattice.storage.similar import similar_ids
from worklattice.storage.sql import selecting
from worklattice.storage.sql.rows import (
    CALENDARS,
    COMMENTS,
    CONSUMERS,
    DELIVERIES,
    EDGES,
    EVENTS,
    HOLDS,
    KEYS,
    TASKS,
    TEMPLATES,
    TYPES,
)
from worklattice.storage.sql.session import Dialect, Record, Session

WORKSPACE: Final = (
    "SELECT workspace, stream, position, settled_at, wakes_at, definitions_at "
    "FROM workspaces WHERE workspace = ?"
)

_CHILDREN: Final = f"{TASKS.select} AND parent_id = ? ORDER BY seq"
_TASKS_OF_TYPE: Final = f"{TASKS.select} AND task_type = ? ORDER BY seq"
_TASKS_FROM_TEMPLATE: Final = (
    f"{TASKS.select} AND template_id IS NOT NULL AND template_id = ? AND template_version = ? ORDER BY seq"
)
_ALL_TASKS: Final = f"{TASKS.select} ORDER BY seq"
_TIMED_TASKS: Final = f"{TASKS.select} AND timed ORDER BY seq"
_DUE_ALARMS: Final = f"{TASKS.select} AND alarm_at IS NOT NULL AND alarm_at <= ? ORDER BY alarm_at, seq"
_DUE_TASKS: Final = f"{TASKS.select} AND moment IS NOT NULL AND moment <= ? ORDER BY moment, seq"
_NEXT_RUNS: Final = f"{TASKS.select} AND next_run_at IS NOT NULL ORDER BY next_run_at, seq LIMIT ?"
_NEXT_RUNS_UPTO: Final = (
    f"{TASKS.select} AND next_run_at IS NOT NULL AND next_run_at <= ? ORDER BY next_run_at, seq LIMIT ?"
)
_REPLACED: Final = (
    "SELECT task_id FROM tasks WHERE workspace = ? AND superseded_by IS NOT NULL AND superseded_by = ? "
    "ORDER BY seq"
)
_BEGINNING: Final = (
    "SELECT task_id FROM tasks WHERE workspace = ? AND task_id >= ? AND task_id < ? ORDER BY task_id LIMIT ?"
)
_LAST_CHARACTER: Final = "\U0010ffff"

_EDGE_ORDER: Final = "ORDER BY seq, task_id, dependency_id, type"
_EDGES_OF: Final = f"{EDGES.select} AND task_id = ? {_EDGE_ORDER}"
_EDGES_ON: Final = f"{EDGES.select} AND effective_id = ? {_EDGE_ORDER}"
_EDGES_NAMING: Final = f"{EDGES.select} AND dependency_id = ? {_EDGE_ORDER}"
_ALL_EDGES: Final = f"{EDGES.select} {_EDGE_ORDER}"
_DUE_EDGES: Final = (
    f"{EDGES.select} AND moment IS NOT NULL AND moment <= ? "
    "ORDER BY moment, seq, task_id, dependency_id, type"
)

_HOLDS_ON: Final = f"{HOLDS.select} AND resource = ? ORDER BY task_id"
_ALL_HOLDS: Final = f"{HOLDS.select} ORDER BY resource, task_id"

_NEXT_MOMENT: Final = (
    "SELECT min(moment) FROM ("
    "SELECT min(moment) AS moment FROM tasks WHERE workspace = ? AND moment IS NOT NULL AND moment > ? "
    "UNION ALL "
    "SELECT min(alarm_at) AS moment FROM tasks WHERE workspace = ? AND alarm_at IS NOT NULL AND alarm_at > ? "
    "UNION ALL "
    "SELECT min(moment) AS moment FROM edges WHERE workspace = ? AND moment IS NOT NULL AND moment > ?"
    ") AS moments"
)

_DUE_DELIVERIES: Final = (
    f"{DELIVERIES.select} AND consumer = ? AND next_at IS NOT NULL AND next_at <= ? "
    "ORDER BY next_at, position, place LIMIT ?"
)
_NEXT_DELIVERY: Final = (
    "SELECT min(next_at) FROM deliveries WHERE workspace = ? AND consumer = ? AND next_at IS NOT NULL"
)
_DEAD_LETTERS: Final = (
    f"{DELIVERIES.select} AND consumer = ? AND dead_at IS NOT NULL AND (position, place) > (?, ?) "
    "ORDER BY position, place LIMIT ?"
)

_EVENTS: Final = f"{EVENTS.select} AND position > ? ORDER BY position LIMIT ?"
_HISTORY: Final = (
    f"{EVENTS.select} AND task_id IS NOT NULL AND task_id = ? AND position > ? ORDER BY position LIMIT ?"
)

_UNDONE_BY: Final = (
    "SELECT max(command) FROM events WHERE workspace = ? AND undoes IS NOT NULL AND undoes = ?"
)

_COMMENTS: Final = f"{COMMENTS.select} AND task_id = ? ORDER BY seq"
_ALL_COMMENTS: Final = f"{COMMENTS.select} ORDER BY seq"

_NEWEST_TEMPLATE: Final = f"{TEMPLATES.select} AND template_id = ? ORDER BY version DESC LIMIT 1"
_NEWEST_VERSION: Final = (
    "SELECT max(newer.version) FROM templates AS newer "
    "WHERE newer.workspace = templates.workspace AND newer.template_id = templates.template_id"
)
_NEWEST_TEMPLATES: Final = f"{TEMPLATES.select} AND version = ({_NEWEST_VERSION}) ORDER BY template_id"
_ALL_TEMPLATES: Final = f"{TEMPLATES.select} ORDER BY template_id, version"
_TYPES: Final = f"{TYPES.select} ORDER BY task_type"
_CALENDARS: Final = f"{CALENDARS.select} ORDER BY name"
_KEYS_BEFORE: Final = (
    "SELECT key FROM idempotency_keys WHERE workspace = ? AND at < ? ORDER BY at, key LIMIT ?"
)


def written_workspace(record: Record | None) -> WorkspaceRow | None:
    """The row in a record of `WORKSPACE`; None where nothing was written yet, record or not."""
    row = None if record is None else WorkspaceRow(*record)
    return None if row is None or row.position == 0 else row


class SqlView:
    """A `StoreView` over a session. Subclasses give it one when they are entered, until they are left."""

    def __init__(self, session: Session, dialect: Dialect, workspace: str) -> None:
        self._session = session
        self._dialect = dialect
        self._workspace = workspace

    def now(self) -> Micros | None:
        return self._session.now

    def workspace(self) -> WorkspaceRow | None:
        return written_workspace(self._session.one(WORKSPACE, (self._workspace,)))

    # --- tasks ------------------------------------------------------------------------------------------

    def task(self, task_id: str) -> TaskRow | None:
        record = self._session.one(TASKS.select_one, (self._workspace, task_id))
        return None if record is None else TASKS.row(record)

    def tasks(self, task_ids: Sequence[str]) -> dict[str, TaskRow]:
        is_wanted = self._dialect.is_one_of("task_id", task_ids)
        sql = f"{TASKS.select} AND {is_wanted.text}"
        records = self._session.all(sql, (self._workspace, *is_wanted.parameters))
        return {row.task_id: row for row in TASKS.rows(records)}

    def children(self, task_id: str) -> Sequence[TaskRow]:
        return TASKS.rows(self._session.all(_CHILDREN, (self._workspace, task_id)))

    def replaced_by(self, task_id: str) -> Sequence[str]:
        return [other for (other,) in self._session.all(_REPLACED, (self._workspace, task_id))]

    def due_tasks(self, now: Micros) -> Sequence[TaskRow]:
        return TASKS.rows(self._session.all(_DUE_TASKS, (self._workspace, now)))

    def next_runs(self, limit: int, upto: Micros | None = None) -> Sequence[TaskRow]:
        if upto is None:
            return TASKS.rows(self._session.all(_NEXT_RUNS, (self._workspace, limit)))
        return TASKS.rows(self._session.all(_NEXT_RUNS_UPTO, (self._workspace, upto, limit)))

    def due_alarms(self, now: Micros) -> Sequence[TaskRow]:
        return TASKS.rows(self._session.all(_DUE_ALARMS, (self._workspace, now)))

    def similar_ids(self, task_id: str, limit: int) -> Sequence[str]:
        return similar_ids(task_id, limit, self._ids_beginning_with)

    def _ids_beginning_with(self, beginnings: Sequence[str], limit: int) -> Sequence[str]:
        found: list[str] = []
        for beginning in beginnings:
            parameters = (self._workspace, beginning, beginning + _LAST_CHARACTER, limit)
            found += (task_id for (task_id,) in self._session.all(_BEGINNING, parameters))
        return found[:limit]

    def tasks_of_type(self, task_type: str) -> Iterable[TaskRow]:
        return map(TASKS.row, self._session.stream(_TASKS_OF_TYPE, (self._workspace, task_type)))

    def timed_tasks(self) -> Sequence[TaskRow]:
        return TASKS.rows(self._session.all(_TIMED_TASKS, (self._workspace,)))

    def all_tasks(self) -> Iterable[TaskRow]:
        return map(TASKS.row, self._session.stream(_ALL_TASKS, (self._workspace,)))

    def select(self, query: Query) -> Sequence[TaskRow]:
        return selecting.select(self._session, self._dialect, self._workspace, query)

    def count(self, where: Condition | None) -> int:
        return selecting.count(self._session, self._dialect, self._workspace, where)

    def tasks_from_template(self, template_id: str, version: int) -> Iterable[TaskRow]:
        parameters = (self._workspace, template_id, version)
        return map(TASKS.row, self._session.stream(_TASKS_FROM_TEMPLATE, parameters))

    # --- edges ------------------------------------------------------------------------------------------

    def edge(self, key: EdgeKey) -> EdgeRow | None:
        record = self._session.one(EDGES.select_one, (self._workspace, *key))
        return None if record is None else EDGES.row(record)

    def edges_of(self, task_id: str) -> Sequence[EdgeRow]:
        return EDGES.rows(self._session.all(_EDGES_OF, (self._workspace, task_id)))

    def edges_on(self, task_id: str) -> Sequence[EdgeRow]:
        return EDGES.rows(self._session.all(_EDGES_ON, (self._workspace, task_id)))

    def edges_naming(self, task_id: str) -> Sequence[EdgeRow]:
        return EDGES.rows(self._session.all(_EDGES_NAMING, (self._workspace, task_id)))

    def due_edges(self, now: Micros) -> Sequence[EdgeRow]:
        return EDGES.rows(self._session.all(_DUE_EDGES, (self._workspace, now)))

    def next_moment(self, after: Micros) -> Micros | None:
        record = self._session.one(_NEXT_MOMENT, (self._workspace, after) * 3)
        return None if record is None else record[0]

    def all_edges(self) -> Iterable[EdgeRow]:
        return map(EDGES.row, self._session.stream(_ALL_EDGES, (self._workspace,)))

    # --- holds ------------------------------------------------------------------------------------------

    def holds_on(self, resource: str) -> Sequence[HoldRow]:
        return HOLDS.rows(self._session.all(_HOLDS_ON, (self._workspace, resource)))

    def all_holds(self) -> Iterable[HoldRow]:
        return map(HOLDS.row, self._session.stream(_ALL_HOLDS, (self._workspace,)))

    # --- the log ----------------------------------------------------------------------------------------

    def events(self, after: int, limit: int, task_id: str | None = None) -> Sequence[EventRow]:
        if task_id is None:
            return EVENTS.rows(self._session.all(_EVENTS, (self._workspace, after, limit)))
        return EVENTS.rows(self._session.all(_HISTORY, (self._workspace, task_id, after, limit)))

    def undone_by(self, command: int) -> int | None:
        record = self._session.one(_UNDONE_BY, (self._workspace, command))
        return None if record is None else record[0]

    # --- the rest ---------------------------------------------------------------------------------------

    def comments(self, task_id: str) -> Sequence[CommentRow]:
        return COMMENTS.rows(self._session.all(_COMMENTS, (self._workspace, task_id)))

    def all_comments(self) -> Iterable[CommentRow]:
        return map(COMMENTS.row, self._session.stream(_ALL_COMMENTS, (self._workspace,)))

    def template(self, template_id: str, version: int | None = None) -> TemplateRow | None:
        if version is None:
            record = self._session.one(_NEWEST_TEMPLATE, (self._workspace, template_id))
        else:
            record = self._session.one(TEMPLATES.select_one, (self._workspace, template_id, version))
        return None if record is None else TEMPLATES.row(record)

    def templates(self) -> Sequence[TemplateRow]:
        return TEMPLATES.rows(self._session.all(_NEWEST_TEMPLATES, (self._workspace,)))

    def all_templates(self) -> Iterable[TemplateRow]:
        return map(TEMPLATES.row, self._session.stream(_ALL_TEMPLATES, (self._workspace,)))

    def task_type(self, task_type: str) -> TypeRow | None:
        record = self._session.one(TYPES.select_one, (self._workspace, task_type))
        return None if record is None else TYPES.row(record)

    def task_types(self) -> Sequence[TypeRow]:
        return TYPES.rows(self._session.all(_TYPES, (self._workspace,)))

    def calendar(self, name: str) -> CalendarRow | None:
        record = self._session.one(CALENDARS.select_one, (self._workspace, name))
        return None if record is None else CALENDARS.row(record)

    def calendars(self) -> Sequence[CalendarRow]:
        return CALENDARS.rows(self._session.all(_CALENDARS, (self._workspace,)))

    def key(self, key: str) -> KeyRow | None:
        record = self._session.one(KEYS.select_one, (self._workspace, key))
        return None if record is None else KEYS.row(record)

    def keys_used_before(self, moment: Micros, limit: int) -> Sequence[str]:
        return [key for (key,) in self._session.all(_KEYS_BEFORE, (self._workspace, moment, limit))]

    # --- deliveries -------------------------------------------------------------------------------------

    def consumer(self, consumer: str) -> ConsumerRow | None:
        record = self._session.one(CONSUMERS.select_one, (self._workspace, consumer))
        return None if record is None else CONSUMERS.row(record)

    def delivery(self, key: DeliveryKey) -> DeliveryRow | None:
        record = self._session.one(DELIVERIES.select_one, (self._workspace, *key))
        return None if record is None else DELIVERIES.row(record)

    def due_deliveries(self, consumer: str, now: Micros, limit: int) -> Sequence[DeliveryRow]:
        return DELIVERIES.rows(self._session.all(_DUE_DELIVERIES, (self._workspace, consumer, now, limit)))

    def next_delivery(self, consumer: str) -> Micros | None:
        record = self._session.one(_NEXT_DELIVERY, (self._workspace, consumer))
        return None if record is None else record[0]

    def dead_letters(self, consumer: str, after: tuple[int, int], limit: int) -> Sequence[DeliveryRow]:
        parameters = (self._workspace, consumer, *after, limit)
        return DELIVERIES.rows(self._session.all(_DEAD_LETTERS, parameters))
