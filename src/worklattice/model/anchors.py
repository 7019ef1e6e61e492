"""What deadlines are counted from: times that a task or an ancestor says under a free name.

Names are those of attributes as they stand on the task, whatever its type calls by convention.

Not here: how deadlines are counted (`worklattice.calendar`), what comes of it (`worklattice.model.times`).
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import Final, Protocol

from worklattice.calendar import UTC_ZONE, FixedWindow, Windows, Zone
from worklattice.calendar.zones import DAY
from worklattice.lang.times import is_date, midnight, parse_date, to_micros
from worklattice.model.rows import Micros, TaskRow
from worklattice.model.series import run_at
from worklattice.model.timing import windows_said
from worklattice.types import JsonValue


class WithAncestors(Protocol):
    """Where a task stands; a draft has it."""

    def ancestors(self, row: TaskRow) -> Iterator[TaskRow]:
        """The task's ancestors, nearest first."""
        ...


def anchor(
    row: TaskRow, name: str, around: WithAncestors, *, is_end: bool, zone: Zone = UTC_ZONE
) -> Micros | None:
    """The moment that a name stands for: an attribute of the task, or of its nearest ancestor that has it.

    `maintenance` is the attribute of that name, or `maintenance_window`, `maintenance_date` or
    `maintenance_at`; `maintenance_start` and `maintenance_end` say which end of it, else `is_end` does.
    `run` is the instant of the run that the task is, or is inside of; `start` and `creation` are those of the
    task where no attribute is called so. Days are those of `zone`, but those of windows are of UTC, as in the
    windows themselves; case is ignored.
    """
    asked, is_end = _end_asked_for(name, is_end=is_end)
    for task in _with_ancestors(row, around):
        if name == RUN and (instant := run_at(task)) is not None:
            return instant
        for spelled, value in _said_under(task, name, *_spellings(asked)):
            days = UTC_ZONE if spelled.endswith(_WINDOW) else zone
            found = _end_of(value, days, is_end=is_end)
            if found is not None:
                return found
    own = ITS_OWN.get(name)
    return None if own is None else getattr(row, own)


ITS_OWN: Final = {"start": "started_at", "creation": "created_at"}
"""What a task says of itself, where no attribute is called so."""

RUN: Final = "run"
"""What deadlines of runs are counted from."""

_WINDOW: Final = "_window"


def window_of_ancestor(row: TaskRow, name: str, around: WithAncestors) -> Windows | None:
    """The windows that the nearest ancestor says under the name, spelled as in `anchor`."""
    for task in around.ancestors(row):
        for _, value in _said_under(task, *_spellings(name.lower())):
            found = _windows_in(value)
            if found is not None:
                return found
    return None


def says_a_time(value: JsonValue) -> bool:
    """Whether others may count from the value of an attribute, or start in the windows that it says."""
    return _windows_in(value) is not None


# --- under which names ------------------------------------------------------------------------------------


def _with_ancestors(row: TaskRow, around: WithAncestors) -> Iterator[TaskRow]:
    yield row
    yield from around.ancestors(row)


def _end_asked_for(name: str, *, is_end: bool) -> tuple[str, bool]:
    """What a name names, and which end of it."""
    for side, of_side in (("start", False), ("end", True)):
        for before, after in ((f"{side}_of_", ""), ("", f"_{side}")):
            if name.startswith(before) and name.endswith(after) and len(name) > len(before + after):
                return name.removeprefix(before).removesuffix(after), of_side
    return name, is_end


def _spellings(name: str) -> Iterator[str]:
    return (f"{name}{suffix}" for suffix in ("", _WINDOW, "_date", "_at"))


def _said_under(task: TaskRow, *names: str) -> Iterator[tuple[str, JsonValue]]:
    """Of these names, which are lower case, those of the task's attributes, in turn, and their values.

    Of attributes that differ by case alone the one in small letters counts, whatever their order.
    """
    by_name = sorted(task.attributes.items(), key=itemgetter(0))  # small letters come last
    said = {name.lower(): value for name, value in by_name}
    return ((name, said[name]) for name in names if name in said)


# --- what is said -----------------------------------------------------------------------------------------


def _end_of(value: JsonValue, zone: Zone, *, is_end: bool) -> Micros | None:
    """The beginning, or the end, of the time that the value of an attribute says."""
    if isinstance(value, str) and is_date(value):
        return _end_of_day(value, zone, is_end=is_end)
    said = _windows_in(value)
    if said is None:
        return None
    spans = [window for window in said.windows if isinstance(window, FixedWindow)]
    if len(spans) < len(said.windows):
        return None  # one that comes again and again has no end to count from
    if not is_end:
        return min(window.start for window in spans)
    if isinstance(value, str):
        return spans[0].start
    ends = [window.end for window in spans if window.end is not None]
    return max(ends) if len(ends) == len(spans) else None


def _end_of_day(date: str, zone: Zone, *, is_end: bool) -> Micros | None:
    try:
        return zone.moment(to_micros(midnight(parse_date(date))) + (DAY if is_end else 0))
    except (ValueError, OverflowError):
        return None


def _windows_in(value: JsonValue) -> Windows | None:
    """The windows, or the time, that the value of an attribute says; None where it says neither."""
    if not (isinstance(value, dict | list) or (isinstance(value, str) and value[:4].isdigit())):
        return None
    said = windows_said.or_none(value)
    return said if said is not None and said.windows else None
