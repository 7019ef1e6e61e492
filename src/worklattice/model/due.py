"""When a task is due, read from its attributes.

`due_at` (a time) or `due_date` (a date: due by the end of that day, in UTC) among the attributes; a value
that is neither leaves the task without a due time and is kept as it is.
"""

from __future__ import annotations

from datetime import timedelta

from worklattice.lang.times import is_date, parse_time
from worklattice.model.rows import Micros
from worklattice.types import JsonObject, to_micros

_DAY = timedelta(days=1)


def due_of(attributes: JsonObject) -> Micros | None:
    """The due time in microseconds, or None."""
    for name in ("due_at", "due_date"):
        text = attributes.get(name)
        if isinstance(text, str):
            return _read(text)
    return None


def _read(text: str) -> Micros | None:
    try:
        if is_date(text):
            return to_micros(parse_time(f"{text}T00:00:00Z") + _DAY)
        return to_micros(parse_time(text))
    except (ValueError, OverflowError):
        return None
