"""Where the columns and attributes of a task stand in its row."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Final

from worklattice.lang.condition import Attribute, Column
from worklattice.lang.evaluation import Reference, Source
from worklattice.model.rows import TaskRow
from worklattice.query.ast import COLUMNS
from worklattice.types import JsonObject, JsonValue

_PLACES: Final = {name: place for place, name in enumerate(TaskRow._fields)}
_COUNTS: Final[dict[str, Callable[[TaskRow], bool]]] = {
    "children": lambda row: row.children > 0,
    "edges": lambda row: row.edges > 0,
}
"""Fields that hold a count, and say as a column whether there are any."""


def source_of(reference: Reference) -> Source[TaskRow]:
    """How to read the column or attribute from a row: times as microseconds, what is missing as None."""
    match reference:
        case Column(name):
            field, kind = COLUMNS[name]
            return Source(_COUNTS.get(field) or itemgetter(_PLACES[field]), is_time=kind == "time")
        case Attribute(()):
            return Source(_attributes)
        case Attribute((key,)):
            return Source(_attribute(key))
        case Attribute(path):
            return Source(_inside(path))
        case _:
            raise TypeError("a task has no parameters")


def follow(value: JsonValue, path: tuple[str, ...]) -> JsonValue:
    """What stands at the end of the path; None where the path leaves the objects."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def _attributes(row: TaskRow) -> JsonObject:
    return row.attributes


def _attribute(key: str) -> Callable[[TaskRow], JsonValue]:
    return lambda row: row.attributes.get(key)


def _inside(path: tuple[str, ...]) -> Callable[[TaskRow], JsonValue]:
    return lambda row: follow(row.attributes, path)
