"""A query as a value: which tasks, in which order, which page of them. What stores are asked.

The tree of conditions is `worklattice.lang.condition`; constants in it are folded (`NOW()` and what is
computed from it are already times), so that a store sees columns, attributes and literals.

Not here: reading queries from JSON (`worklattice.query.parse`), their meaning (`worklattice.query.evaluate`).
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from attrs import frozen

from worklattice.lang.condition import Attribute, Column, Condition
from worklattice.lang.values import Value

ColumnType: TypeAlias = Literal["text", "integer", "number", "boolean", "time"]

COLUMNS: Final[dict[str, tuple[str, ColumnType]]] = {
    # name in queries: (field of TaskRow, type)
    "task_id": ("task_id", "text"),
    "task_type": ("task_type", "text"),
    "parent_task_id": ("parent_id", "text"),
    "root_task_id": ("root_id", "text"),
    "lifecycle_stage": ("stage", "text"),
    "status": ("status", "text"),
    "version": ("version", "integer"),
    "attempt": ("attempt", "integer"),
    "hierarchy_level": ("depth", "integer"),
    "template_id": ("template_id", "text"),
    "template_version": ("template_version", "integer"),
    "superseded_by": ("superseded_by", "text"),
    "claimed_by": ("claimed_by", "text"),
    "run_of": ("run_of", "text"),
    "ready": ("ready", "boolean"),
    "priority": ("rank", "number"),
    "has_dependencies": ("edges", "boolean"),
    "has_children": ("children", "boolean"),
    "created_at": ("created_at", "time"),
    "updated_at": ("updated_at", "time"),
    "started_at": ("started_at", "time"),
    "completed_at": ("completed_at", "time"),
    "due_at": ("due_at", "time"),
    "breached_at": ("breached_at", "time"),
    "not_before": ("not_before", "time"),
    "next_run_at": ("next_run_at", "time"),
    "needs": ("needs", "text"),
}
"""The columns of a task. `has_dependencies` and `has_children` are counts in the row: true above 0.

Times are integers in the row (microseconds) and `datetime` in conditions. `priority` (the row's rank) and
`ready` can be sorted and filtered by structured queries; in a `custom_filter` a bare `priority` means the
attribute, as everybody expects who gave it (see `CONDITION_NAMES`). `needs` is for conditions of our own.
"""

SORT_NAMES: Final = tuple(name for name in COLUMNS if name != "needs")
"""The columns that users can sort by, and ask for."""

CONDITION_NAMES: Final = frozenset(SORT_NAMES) - {"priority"}
"""The names that a `custom_filter` reads as columns; every other bare name is an attribute."""


@frozen
class SortKey:
    """One field of an order. Nulls come last in both directions."""

    field: Column | Attribute
    descending: bool = False


BY_AGE: Final = (SortKey(Column("created_at")),)
BY_PRIORITY: Final = (SortKey(Column("priority")), SortKey(Column("created_at")))


@frozen(kw_only=True)
class Query:
    """Which tasks, in which order, which page. Ties are broken by `task_id`, ascending."""

    where: Condition | None = None
    sort: tuple[SortKey, ...] = BY_AGE
    limit: int | None = None
    offset: int = 0
    after: tuple[tuple[Value, ...], str] | None = None
    """Keyset paging: the values of the sort fields, and the id, of the last hit of the page before."""
