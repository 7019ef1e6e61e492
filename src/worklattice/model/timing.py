"""What attributes say of time beyond a due date: deadlines, SLAs, windows and limits.

Reading only, each value by itself. What it comes to for a task, with its ancestors and the workspace's
calendars, is worked out in `worklattice.model.times`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final, TypeAlias, TypeVar

from attrs import frozen

from worklattice.calendar import Windows, lacks_library_alone, name_fault, parse_windows
from worklattice.errors import ValidationError, shown
from worklattice.lang.deadlines import Deadline, FixedDeadline, parse_deadline
from worklattice.lang.diagnostics import LanguageError
from worklattice.lang.durations import parse_duration
from worklattice.lang.quantity_parsing import parse_quantity
from worklattice.lang.times import parse_time
from worklattice.lang.units import PERCENT
from worklattice.model.remembered import Remembered
from worklattice.model.rows import Micros
from worklattice.model.unreadable import Unreadable, reason_of
from worklattice.types import LIMITS, JsonObject, JsonValue, is_id

_FIXED: Final = ("due_at", "due_date")
_COUNTED: Final = ("deadline", "completion_deadline")  # which may be counted from another time

DEADLINES: Final = (*_FIXED, *_COUNTED)
"""The attributes that say by when a task must be done; the earliest counts."""

WINDOWS: Final = frozenset({"maintenance_window", "execution_window"})
"""The attributes that say when a task may start."""

WARN_AT: Final = Fraction(4, 5)
"""The share of an SLA at which is warned, where nothing is said."""

BEGINNINGS: Final = ("creation", "start")
"""From when an SLA may run."""

T = TypeVar("T")

NOT_READ: Final = Windows(())
"""Windows of which none is ever open, in place of some that need a library that is not installed here."""

WindowsOrName: TypeAlias = Windows | str
"""When a task may start: windows, or the name of a calendar, or of something found on an ancestor."""


@frozen(kw_only=True)
class Timing:
    """What the attributes of a task say of its times."""

    deadlines: tuple[tuple[str, Deadline], ...] = ()
    """By the attribute that says it."""
    sla: Micros | None = None
    """How long it may take, in the hours of `calendar` where there is one."""
    sla_from_start: bool = False
    """Whether that runs from the task's start rather than its creation."""
    sla_pauses_in: frozenset[str] = frozenset()
    """The stages in which it does not run."""
    sla_warn_at: Fraction = WARN_AT
    """The share of it after which is warned."""
    limit: Micros | None = None
    """For how long the task may be under way before it should be rolled back."""
    calendar: str | None = None
    windows: tuple[tuple[str, WindowsOrName], ...] = ()
    """By the attribute that says it; each must let the task start."""


def calendars_of(meant: JsonObject) -> tuple[str, ...]:
    """The names by which attributes may refer to calendars."""
    named = (_read(name, meant) for name in ("calendar", *sorted(WINDOWS)))
    return tuple(name for name in named if isinstance(name, str))


def timing_of(meant: JsonObject) -> Timing:
    """The timing that attributes, as they are meant, say; what cannot be read is left out."""
    said: dict[str, Any] = {name: read for name in _READERS if (read := _read(name, meant)) is not None}
    return Timing(
        deadlines=tuple((name, said[name]) for name in DEADLINES if name in said),
        sla=said.get("sla"),
        sla_from_start=said.get("sla_from") == "start",
        sla_pauses_in=said.get("sla_pauses_in", frozenset()),
        sla_warn_at=said.get("sla_warn_at", WARN_AT),
        limit=said.get("rollback_time_limit"),
        calendar=said.get("calendar"),
        windows=tuple((name, said[name]) for name in sorted(WINDOWS) if name in said),
    )


def faults_in_timing(attributes: JsonObject) -> Iterator[Unreadable]:
    """What attributes say of time that cannot be read."""
    for name, (read, effect) in _READERS.items():
        if attributes.get(name) is not None:
            try:
                read(attributes[name])
            except ValueError as fault:
                yield Unreadable(name, effect, str(fault))


def _any_windows(value: JsonValue) -> Windows:
    try:
        return parse_windows(value)
    except ValidationError as fault:
        raise ValueError(str(fault)) from None


windows_said: Final = Remembered(_any_windows)
"""The windows, or the time, that the value of any attribute says. Raises `ValueError`."""


def without_zone(meant: JsonObject) -> Iterator[str]:
    """The attributes of which a time says no zone, so that it is read as UTC."""
    for name in (*DEADLINES, *sorted(WINDOWS)):
        if _read(name, meant) is not None and _lacks_zone(meant[name]):
            yield name


def _lacks_zone(value: JsonValue) -> bool:
    """Whether a time in the value says no zone, and what it stands in says none either."""
    match value:
        case str():
            return _is_without_zone(value)
        case list():
            return any(map(_lacks_zone, value))
        case dict() if "time_zone" not in value:
            return any(_lacks_zone(value.get(end)) for end in ("start", "end"))
        case _:
            return False


@lru_cache(maxsize=4096)
def _is_without_zone(text: str) -> bool:
    lacking: list[None] = []
    try:
        parse_time(text, without_zone=lambda: lacking.append(None))
    except LanguageError:
        return False
    return bool(lacking)


def _read(name: str, meant: JsonObject) -> object:
    """What an attribute says; None where it is not there, or cannot be read."""
    value = meant.get(name)
    return None if value is None else _READERS[name][0].or_none(value)


def _deadline(value: JsonValue) -> Deadline:
    return _said(parse_deadline, value, "time, date or deadline, such as 2 days before release")


def _fixed(value: JsonValue) -> Deadline:
    what = "time or date, such as 2025-06-30T17:00:00Z or 2025-06-30"
    deadline = _said(parse_deadline, value, what)
    if isinstance(deadline, FixedDeadline):
        return deadline
    raise ValueError(f"{shown(value)} is no {what}")


def _duration(value: JsonValue) -> Micros:
    span = _said(parse_duration, value, "duration, such as 15 minutes")
    if span <= 0:
        raise ValueError("it must be longer than nothing")
    return span


def _beginning(value: JsonValue) -> str:
    if value not in BEGINNINGS:
        raise ValueError(f"{shown(value)} is none of {', '.join(BEGINNINGS)}")
    return str(value)


def _stages(value: JsonValue) -> frozenset[str]:
    names = value if isinstance(value, list) else [value]
    if not all(isinstance(name, str) and name for name in names):
        raise ValueError(f"{shown(value)} is neither a stage nor a list of stages")
    return frozenset(map(str, names))


def _share(value: JsonValue) -> Fraction:
    share: Fraction | None = None
    if isinstance(value, str):
        share = _percentage(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        share = Fraction(str(value)) if 0 < value <= 1 else None
    if share is None or not 0 < share <= 1:
        raise ValueError(f"{shown(value)} is no share of the SLA, such as 80%")
    return share


def _percentage(text: str) -> Fraction | None:
    quantity = _said(parse_quantity, text, "share")
    return quantity.magnitude * quantity.unit.size if quantity.unit.kind == PERCENT.kind else None


def _calendar(value: JsonValue) -> str:
    if not isinstance(value, str) or not is_id(value) or name_fault(value) is not None:
        raise ValueError(f"{shown(value)} is not the name of a calendar")
    return value


def _windows(value: JsonValue) -> WindowsOrName:
    if isinstance(value, str) and 0 < len(value) <= LIMITS.id_characters and name_fault(value) is None:
        return value
    try:
        windows = parse_windows(value, "it")
    except ValidationError as fault:
        if lacks_library_alone(fault):
            return NOT_READ
        raise ValueError(reason_of(fault.problems[0], "it")) from None
    if not windows.windows:
        raise ValueError("it has no windows at all")
    return windows


def _said(parse: Callable[[str], T], value: JsonValue, what: str) -> T:
    """What a text says. Raises `ValueError` with the reason where it says nothing, or is no text."""
    if isinstance(value, str):
        try:
            return parse(value)
        except LanguageError as fault:
            raise ValueError(f"{shown(value)} is no {what}: {fault.reason}") from None
    raise ValueError(f"{shown(value)} is no {what}")


_SETS_NO_DUE_TIME: Final = "is kept and sets no due time"
_HOLDS_NOBODY: Final = "is kept and holds nobody back"

_READERS: Final[dict[str, tuple[Remembered[object], str]]] = {
    **dict.fromkeys(_FIXED, (Remembered(_fixed), _SETS_NO_DUE_TIME)),
    **dict.fromkeys(_COUNTED, (Remembered(_deadline), _SETS_NO_DUE_TIME)),
    "sla": (Remembered(_duration), _SETS_NO_DUE_TIME),
    "sla_from": (Remembered(_beginning), "is kept and counts as creation"),
    "sla_pauses_in": (Remembered(_stages), "is kept and pauses nothing"),
    "sla_warn_at": (Remembered(_share), "is kept and counts as 80%"),
    "rollback_time_limit": (Remembered(_duration), "is kept and limits nothing"),
    "calendar": (Remembered(_calendar), "is kept and counts no hours"),
    **dict.fromkeys(sorted(WINDOWS), (Remembered(_windows), _HOLDS_NOBODY)),
}
"""How to read each attribute, and what becomes of a value that cannot be."""

OF_TIME: Final = frozenset(_READERS)
"""The attributes that say anything of time."""

TIMED: Final = OF_TIME.difference(_FIXED)
"""Those whose meaning depends on more than themselves: times, stages, ancestors, calendars."""
