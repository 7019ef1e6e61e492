"""What was said of a task, a dependency or a comment, in wire form: as dumps and events spell it.

Only what was said: what is derived is worked out again by whoever reads it back. Fields have the names that
rows give them; times are in RFC 3339, durations in ISO 8601, and a field without a value is left out.

Not here: JSON text (`worklattice.codec`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from worklattice.lang.durations import format_duration, parse_duration
from worklattice.lang.times import format_time, parse_time, read_micros
from worklattice.model.rows import CommentRow, EdgeRow, Micros, TaskRow
from worklattice.types import from_micros, to_micros

TASK_SAID: Final = TaskRow._fields[: TaskRow._fields.index("status")]
EDGE_SAID: Final = EdgeRow._fields[: EdgeRow._fields.index("effective_id")]
COMMENT_SAID: Final = CommentRow._fields

EDGE_TERMS: Final = ("mandatory", "outcome", "conditions", "lag", "artifact", "description")
"""What may be said of a dependency, under the same names in commands, events and rows."""

WAIVER: Final = ("waived_at", "waived_until", "waived_by", "waive_reason")
"""What is said of the waiver of a dependency."""

TIMES: Final = frozenset(
    {
        "created_at",
        "updated_at",
        "started_at",
        "completed_at",
        "reopened_at",
        "not_before",
        "waived_at",
        "waived_until",
        "claimed_until",
        "at",
    }
)
"""Fields that hold moments."""
SPANS: Final = frozenset({"lag", "lease"})
"""Fields that hold durations."""


def said(row: NamedTuple, names: Iterable[str]) -> dict[str, Any]:
    """These fields of a row, those without a value left out."""
    return {name: to_wire(name, value) for name in names if (value := getattr(row, name)) is not None}


def to_wire(name: str, value: Any) -> Any:  # noqa: ANN401 - whatever a row holds
    """The value of a row's field as JSON."""
    if value is None:
        return None
    if name in TIMES:
        return format_time(from_micros(value))
    return format_duration(value) if name in SPANS else value


def from_wire(name: str, value: Any) -> Any:  # noqa: ANN401 - likewise
    """The value of a row's field that JSON stands for."""
    if value is None:
        return None
    if name in TIMES:
        return _micros(value)
    return parse_duration(value) if name in SPANS else value


def _micros(text: str) -> Micros:
    """The moment that a text stands for. Raises `TimeError`."""
    moment = read_micros(text)
    return to_micros(parse_time(text)) if moment is None else moment


def read(said_of_it: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Those of the fields that were said, as a row holds them."""
    return {name: from_wire(name, said_of_it[name]) for name in names if name in said_of_it}
