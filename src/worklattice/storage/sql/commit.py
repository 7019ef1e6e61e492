"""The writing of one transaction: `Changes` as statements, many rows to a statement.

References between rows are checked when the transaction ends, so rows may come in any order; what goes,
goes first, so that a task may be deleted and its id given to another one within one transaction.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from worklattice.errors import StoreError
from worklattice.model.rows import Changes, TaskRow
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
    Table,
)
from worklattice.storage.sql.session import Session, Statement

_PUT_WORKSPACE: Final = (
    "INSERT INTO workspaces (workspace, stream, position, settled_at, wakes_at, definitions_at) "
    "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (workspace) DO UPDATE SET "
    "stream = excluded.stream, position = excluded.position, settled_at = excluded.settled_at, "
    "wakes_at = excluded.wakes_at, definitions_at = excluded.definitions_at"
)

KeyT = TypeVar("KeyT")
RowT = TypeVar("RowT", bound=NamedTuple)


def write(session: Session, changes: Changes) -> None:
    """Write all of the changes into the session's transaction."""
    statements = list(_statements(changes))
    for statement, hits in zip(statements, session.run(statements), strict=True):
        if hits != len(statement.parameters) and not statement.may_miss:
            raise StoreError(
                kind="incompatible",
                reason="A row to be changed is not there as the transaction saw it.",
                hint="Give the rows that the transaction itself has read as previous ones.",
            )


def drop(session: Session, workspace: str) -> None:
    """Delete all that is in the workspace."""
    session.run([Statement(f"DELETE FROM {name} WHERE workspace = ?", [(workspace,)]) for name in _EMPTIED])  # noqa: S608 - our own names


_EMPTIED: Final = (
    *(table.name for table in (COMMENTS, EDGES, HOLDS, TASKS, EVENTS, TEMPLATES, TYPES, CALENDARS, KEYS)),
    *(table.name for table in (CONSUMERS, DELIVERIES)),
    "workspaces",
)
"""What rows are deleted from, those that refer to others first."""


def _statements(changes: Changes) -> Iterator[Statement]:
    workspace = changes.workspace.workspace
    tasks = _sorted_out(TASKS, workspace, changes.tasks, changes.previous_tasks, is_same=_is_same_task)
    edges = _sorted_out(EDGES, workspace, changes.edges, changes.previous_edges)
    holds = _sorted_out(HOLDS, workspace, changes.holds, changes.previous_holds)
    for writes in (edges, holds, tasks):
        if writes.deleted:
            yield Statement(writes.table.delete, writes.deleted)
    for writes in (tasks, edges, holds):
        table = writes.table
        if writes.inserted:
            yield Statement(table.insert, writes.inserted, table, table.insert_at_once)
        for places, parameters in writes.updated.items():
            at_once = functools.partial(table.update_at_once, places)
            yield Statement(table.update(places), parameters, at_once=at_once)
    yield from _new(EVENTS, workspace, changes.events)
    yield from _changed(COMMENTS, workspace, changes.comments)
    yield from _changed(TEMPLATES, workspace, changes.templates)
    yield from _changed(TYPES, workspace, {(name,): row for name, row in changes.types.items()})
    yield from _changed(CALENDARS, workspace, {(name,): row for name, row in changes.calendars.items()})
    yield from _changed(KEYS, workspace, {(key,): row for key, row in changes.keys.items()})
    yield from _changed(CONSUMERS, workspace, {(name,): row for name, row in changes.consumers.items()})
    yield from _changed(DELIVERIES, workspace, changes.deliveries)
    yield Statement(_PUT_WORKSPACE, [changes.workspace])


def _new(table: Table[RowT], workspace: str, rows: Sequence[RowT]) -> Iterator[Statement]:
    if rows:
        parameters = [table.parameters(workspace, row) for row in rows]
        yield Statement(table.insert, parameters, table, table.insert_at_once)


def _changed(
    table: Table[RowT], workspace: str, rows: Mapping[tuple[Any, ...], RowT | None]
) -> Iterator[Statement]:
    """Rows of which nobody knows whether they were there: those that go, and those that come."""
    gone = [key for key, row in rows.items() if row is None]
    if gone:
        yield Statement(table.delete, [(workspace, *key) for key in gone], may_miss=True)
    if len(gone) < len(rows):
        kept = [row for row in rows.values() if row is not None]
        yield Statement(table.put, [table.parameters(workspace, row) for row in kept])


def _is_same_task(old: TaskRow, new: TaskRow) -> bool:
    """Whether it is one task, and not another one that got the id of a deleted one."""
    return old.seq == new.seq


def _always(_old: object, _new: object) -> bool:
    return True


class _Writes(NamedTuple):
    """What happens to the rows of one table, as parameters of its statements."""

    table: Table[Any]
    inserted: list[list[Any]]
    deleted: list[list[Any]]
    updated: dict[tuple[int, ...], list[list[Any]]]
    """By the places of the fields to be written."""


def _sorted_out(
    table: Table[RowT],
    workspace: str,
    changed: Mapping[KeyT, RowT | None],
    previous: Mapping[KeyT, RowT],
    *,
    is_same: Callable[[RowT, RowT], bool] = _always,
) -> _Writes:
    writes = _Writes(table, [], [], {})
    for key, new in changed.items():
        old = previous.get(key)
        if old is not None and (new is None or not is_same(old, new)):
            writes.deleted.append(table.key_of(workspace, old))
            old = None
        if new is None:
            continue
        if old is None:
            writes.inserted.append(table.parameters(workspace, new))
        elif places := table.changed(old, new):
            parameters = table.update_parameters(places, workspace, new)
            writes.updated.setdefault(places, []).append(parameters)
    return writes
