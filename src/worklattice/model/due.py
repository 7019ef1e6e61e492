"""When a task is due, read from its attributes.

`due_at` (a time) or `due_date` (a date: due by the end of that day, in UTC) among the attributes; a value
that is neither leaves the task without a due time and is kept as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from worklattice.errors import shown
from worklattice.lang.times import is_date, parse_time
from worklattice.model.rows import Micros
from worklattice.model.unreadable import Unreadable
from worklattice.types import JsonObject, to_micros

ATTRIBUTES: Final = ("due_at", "due_date")
"""The attributes that say when a task is due; the first that holds a text counts."""

_DAY: Final = timedelta(days=1)


def due_of(attributes: JsonObject) -> Micros | None:
    """The due time in microseconds, or None."""
    for name in ATTRIBUTES:
        text = attributes.get(name)
        if isinstance(text, str):
            return _read(text)
    return None


def faults_in_due(attributes: JsonObject) -> Iterator[Unreadable]:
    """Which times at which a task is due cannot be read."""
    for name in ATTRIBUTES:
        value = attributes.get(name)
        if value is not None and (not isinstance(value, str) or _read(value) is None):
            reason = f"{shown(value)} is no time or date, such as 2025-06-30T17:00:00Z or 2025-06-30"
            yield Unreadable(name, "is kept and sets no due time", reason)


def _read(text: str) -> Micros | None:
    try:
        if is_date(text):
            return to_micros(parse_time(f"{text}T00:00:00Z") + _DAY)
        return to_micros(parse_time(text))
    except (ValueError, OverflowError):
        return None
