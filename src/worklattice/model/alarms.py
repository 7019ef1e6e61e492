"""Alarms: what goes off by itself for a task that is late, or soon will be.

A task's row says in `alarms` for which moment each of them last went off: `warned` for the one at which so
much of the SLA was used, `breached` for the due time that was missed, `overran` for the end of the limit.
So none goes off twice for the same moment, whatever is undone, and one that is due later goes off anew.

Not here: for which moments they go off (`worklattice.model.times`), recording that they did
(`worklattice.model.settle`).
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, TypeAlias, cast

from worklattice.model.rows import Micros, TaskRow
from worklattice.model.wire import from_wire
from worklattice.types import JsonObject, JsonValue

AlarmName: TypeAlias = Literal["warned", "breached", "overran"]

ALARM_EVENTS: Final[dict[AlarmName, tuple[str, str]]] = {
    "warned": ("clock.warned", "warn_at"),
    "breached": ("clock.breached", "due_at"),
    "overran": ("clock.overran", "limit_at"),
}
"""Of each alarm the kind of event that records it, and where that has the moment for which it went off."""


class Alarm(NamedTuple):
    """Something that goes off by itself."""

    at: Micros
    name: AlarmName
    attribute: str
    """The attribute that makes it."""


def went_off(row: TaskRow, name: AlarmName) -> Micros | None:
    """For which moment an alarm last went off."""
    return None if row.alarms is None else cast("Micros | None", from_wire("at", row.alarms.get(name)))


def gone_off(row: TaskRow, name: AlarmName, at: JsonValue) -> JsonObject:
    """The alarms after one went off for a moment."""
    return {**(row.alarms or {}), name: at}


def breached_at(row: TaskRow, due_at: Micros | None) -> Micros | None:
    """The due time that was missed, unless the task is due later by now."""
    missed = went_off(row, "breached")
    return None if missed is None or (due_at is not None and due_at > missed) else missed
