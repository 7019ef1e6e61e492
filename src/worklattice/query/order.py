"""In which order hits come: the one page that says it, for every store.

For each field of a sort, values are ordered

1. by type: booleans, numbers, text, then arrays and objects (times are numbers);
2. among booleans false first, numbers by size, text by code point; arrays and objects are all equal;
3. in reverse, types and values, where the field is `descending`;
4. null and missing last, in both directions.

What is still equal is ordered by the next field, and in the end by `task_id`, ascending by code point. So no
two tasks are equal, and a page can begin behind any of them. In SQL, each field is an expression that is null
for null, one for the place of the type, and one for the value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final, TypeAlias

from worklattice.lang.values import Value
from worklattice.model.rows import TaskRow
from worklattice.query.ast import SortKey
from worklattice.query.fields import source_of
from worklattice.types import from_micros, to_micros

OrderKey: TypeAlias = tuple[Any, ...]
"""Compares as the order goes; its last part is the task's id."""

_TEXT: Final = 3
_STRUCTURE: Final = 4
TYPE_PLACES: Final[dict[type, int]] = {
    bool: 1,
    int: 2,
    float: 2,
    str: _TEXT,
    list: _STRUCTURE,
    dict: _STRUCTURE,
}
"""The places of the types in ascending order; in descending order they are negative."""

_NULL: Final = (5,)


class _Backwards(str):
    """Text that compares the other way round."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        return str.__gt__(self, other)

    def __gt__(self, other: str) -> bool:
        return str.__lt__(self, other)


def order_key(sort: tuple[SortKey, ...]) -> Callable[[TaskRow], OrderKey]:
    """The key of a row in this order."""
    parts = [(source_of(key.field).get, _descending if key.descending else _ascending) for key in sort]
    if len(parts) == 1:
        ((get, part),) = parts
        return lambda row: (part(get(row)), row.task_id)
    return lambda row: (*[part(get(row)) for get, part in parts], row.task_id)


def key_after(sort: tuple[SortKey, ...], values: tuple[Value, ...], task_id: str) -> OrderKey:
    """The key of a row that had these values in the fields of the sort."""
    parts = [
        (_descending if key.descending else _ascending)(
            to_micros(value) if isinstance(value, datetime) else value
        )
        for key, value in zip(sort, values, strict=True)
    ]
    return (*parts, task_id)


def sort_values(sort: tuple[SortKey, ...], row: TaskRow) -> tuple[Value, ...]:
    """The row's values in the fields of the sort, as `Query.after` takes them."""
    values: list[Value] = []
    for key in sort:
        source = source_of(key.field)
        value = source.get(row)
        values.append(from_micros(value) if source.is_time and value is not None else value)
    return tuple(values)


def sort_rows(rows: Iterable[TaskRow], sort: tuple[SortKey, ...]) -> list[TaskRow]:
    """The rows in order."""
    return sorted(rows, key=order_key(sort))


def _ascending(value: Any) -> OrderKey:  # noqa: ANN401 - any JSON value
    if value is None:
        return _NULL
    place = TYPE_PLACES[type(value)]
    return (place, value) if place < _STRUCTURE else (place,)


def _descending(value: Any) -> OrderKey:  # noqa: ANN401 - any JSON value
    if value is None:
        return _NULL
    place = TYPE_PLACES[type(value)]
    if place == _TEXT:
        return (-place, _Backwards(value))
    return (-place, -value) if place < _TEXT else (-place,)
