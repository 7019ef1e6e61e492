"""Series: tasks that are scheduled, and what becomes of them when time passes.

A task is scheduled where its attribute `schedule` says when it comes: a text, or an object that may say more
(`MORE`), all of it read here. It is then worked on by its *runs*, copies of it that are made one for each
instant. `TaskRow.series` keeps how far that has come: on a scheduled task `until`, the moment up to which
every occurrence was handled, and `paused`; on the root of a run `of`, the scheduled task, and `at`, its
instant.

A value that cannot be read is an attribute like any other and makes no runs; whoever writes it is warned.
Where that is for want of a library that other processes may have, the task is scheduled nevertheless, and
what they have foreseen is left alone.

Not here: how schedules are written, and when they come (`worklattice.calendar`); how runs are made
(`worklattice.model.decide.runs`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple, cast

from attrs import frozen

from worklattice.calendar import Schedule, lacks_library_alone, parse_schedule
from worklattice.errors import Problem, ValidationError, shown
from worklattice.lang.diagnostics import LanguageError
from worklattice.lang.durations import parse_duration
from worklattice.lang.times import format_time, read_micros
from worklattice.model.remembered import Remembered
from worklattice.model.rows import Micros, TaskRow
from worklattice.model.unreadable import Unreadable, reason_of
from worklattice.types import LIMITS, JsonObject, JsonValue, from_micros, identical

SCHEDULE: Final = "schedule"
"""The attribute that says when a task comes."""

MISSED: Final = ("once", "catch_up", "skip")
"""What becomes of occurrences that nobody handled in time: one run for the last of them, a run for each, or
none for those that came longer ago than `grace`. The first where nothing is said."""

GRACE: Final[Micros] = 600_000_000
"""How late an occurrence may be handled and is not missed, where nothing is said: ten minutes."""

MORE: Final = ("missed", "grace", "template_id", "template_version", "parameters")
"""What the object may say beside when it comes."""

_PROBLEMS_SHOWN: Final = 3
"""Problems of a schedule that one warning shows."""


@frozen(kw_only=True)
class Plan:
    """What a `schedule` says: when, what becomes of missed occurrences, and of what there are runs."""

    schedule: Schedule
    missed: str = MISSED[0]
    grace: Micros = GRACE
    template_id: str | None = None
    """The template that each run expands; None for a copy of the task and what is inside it."""
    template_version: int | None = None
    parameters: JsonObject | None = None


class Due(NamedTuple):
    """What is to be done next about a series."""

    at: Micros | None
    """The instant to make a run for; None where all that is due was missed."""
    missed: int
    """How many occurrences before it make no run; counted up to 1,000."""
    until: Micros
    """Up to when occurrences are handled by that."""


# --- reading ------------------------------------------------------------------------------------------------


def read_plan(value: JsonValue, path: str = f"attributes.{SCHEDULE}") -> Plan:
    """The plan that a schedule, as it is written, describes.

    Raises:
        ValidationError: it cannot be read; with every problem and its path.
    """
    if not isinstance(value, dict):
        return Plan(schedule=parse_schedule(value, path))
    problems, more = _more(value, path)
    schedule: Schedule | None = None
    try:
        schedule = parse_schedule(value, path, besides=MORE)
    except ValidationError as refused:
        problems = [*refused.problems, *problems]
    if problems or schedule is None:
        raise ValidationError.all(problems)
    return Plan(schedule=schedule, **more)


def _more(value: JsonObject, path: str) -> tuple[list[Problem], dict[str, Any]]:
    """What the object says beside when it comes, and what is wrong with that."""
    said: dict[str, Any] = {name: value[name] for name in MORE if value.get(name) is not None}
    problems: list[Problem] = []

    def note(name: str, message: str) -> None:
        problems.append(Problem(field=f"{path}.{name}", message=message))

    if said.get("missed", MISSED[0]) not in MISSED:
        note("missed", f"must be one of {', '.join(MISSED)}, not {shown(said['missed'])}")
    if "grace" in said:
        if said.get("missed") != "skip":
            note("grace", "says what is skipped, and goes with missed skip only")
        grace = said["grace"]
        try:
            said["grace"] = parse_duration(grace if isinstance(grace, str) else "")
        except LanguageError:
            note("grace", f"must be a duration, such as 15 minutes or PT2H, not {shown(grace)}")
    name = said.get("template_id", "-")
    if not isinstance(name, str) or not 0 < len(name) <= LIMITS.id_characters:
        note("template_id", f"must be a text of 1 to {LIMITS.id_characters} characters")
    version = said.get("template_version", 1)
    if type(version) is not int or version < 1:
        note("template_version", "must be a whole number from 1")
    if not isinstance(said.get("parameters", {}), dict):
        note("parameters", f"must be an object, not {shown(said['parameters'])}")
    if "template_id" not in said:
        for other in ("template_version", "parameters"):
            if other in said:
                note(other, "goes with a template_id only")
    return problems, said


def plan_of(attributes: JsonObject) -> Plan | None:
    """The plan among attributes; None where there is none, or none that can be read."""
    found = _found(attributes)
    return found if isinstance(found, Plan) else None


class _Unread(NamedTuple):
    """Why a value describes no plan."""

    why: str
    lacks_library: bool
    """Whether it may well describe one, and a library is missing here."""


def _found(attributes: JsonObject) -> Plan | _Unread | None:
    """The plan that attributes describe, or why they describe none; None where they do not mean to."""
    value = attributes.get(SCHEDULE)
    return None if value is None else _plan_or_why(value)


def _tried(value: JsonValue) -> Plan | _Unread:
    try:
        return read_plan(value)
    except ValidationError as refused:
        why = "; ".join(
            reason_of(problem, f"attributes.{SCHEDULE}") for problem in refused.problems[:_PROBLEMS_SHOWN]
        )
        return _Unread(why, lacks_library_alone(refused))


_plan_or_why: Final = Remembered(_tried)


def faults_in_schedule(attributes: JsonObject) -> Iterator[Unreadable]:
    """Why `schedule` among the attributes cannot be read, where it is there and cannot."""
    found = _found(attributes)
    if isinstance(found, _Unread):
        yield Unreadable(SCHEDULE, "is kept and makes no runs", found.why)


# --- what a row keeps ---------------------------------------------------------------------------------------


def series_from(attributes: JsonObject, at: Micros, *, paused: bool = False) -> JsonObject | None:
    """The series of a task that has its schedule from `at` on; None where it has no schedule.

    Whether the schedule can be read is no matter: what was said does not hang on who reads it.
    """
    if attributes.get(SCHEDULE) is None:
        return None
    series: JsonObject = {"until": format_time(from_micros(at))}
    return series | {"paused": True} if paused else series


def begins_anew(row: TaskRow, attributes: JsonObject) -> bool:
    """Whether the series of a task is another one with these attributes: where they change its schedule."""
    return run_of(row) is None and not identical(row.attributes.get(SCHEDULE), attributes.get(SCHEDULE))


def series_after(row: TaskRow, attributes: JsonObject, at: Micros) -> JsonObject | None:
    """The series of a task that gets these attributes at `at`."""
    return series_from(attributes, at, paused=is_paused(row)) if begins_anew(row, attributes) else row.series


def series_back(row: TaskRow, before: JsonObject, left: Micros | None) -> JsonObject:
    """The series before a change of the schedule that is undone, and after which it was handled up to `left`.

    It goes on where it was; what a tick has handled since stays handled.
    """
    until, was = until_of(row), until_in(before)
    has_gone_on = until is not None and was is not None and until > was and until != left
    return {**before, "until": row.series["until"]} if has_gone_on and row.series else before


def handled_until(series: JsonObject, until: Micros) -> JsonObject:
    """The series with its occurrences handled up to a moment."""
    return {**series, "until": format_time(from_micros(until))}


def until_of(row: TaskRow) -> Micros | None:
    """Up to when the occurrences of the task were handled; None where it has no series of its own."""
    return until_in(row.series)


def until_in(series: JsonObject | None) -> Micros | None:
    """Up to when occurrences were handled, as a series says it."""
    return None if series is None else read_micros(str(series.get("until", "")))


def is_paused(row: TaskRow) -> bool:
    """Whether the task has a series that is paused."""
    return row.series is not None and row.series.get("paused") is True


def run_of(row: TaskRow) -> str | None:
    """The scheduled task that the task is a run of; None where it is none."""
    return None if row.series is None else cast("str | None", row.series.get("of"))


def run_at(row: TaskRow) -> Micros | None:
    """The instant of the run that the task is; None where it is none."""
    return None if row.series is None else read_micros(str(row.series.get("at", "")))


def is_scheduled(row: TaskRow) -> bool:
    """Whether there are runs of the task, so that it is not itself worked on."""
    if row.series is None or "until" not in row.series:
        return False
    found = _found(row.attributes)
    return isinstance(found, Plan) or (found is not None and found.lacks_library)


def derived_from_series(row: TaskRow) -> dict[str, Any]:
    """The fields of the row that follow from its series."""
    return {"run_of": run_of(row), "next_run_at": _next_run_at(row)}


def _next_run_at(row: TaskRow) -> Micros | None:
    """When the task comes next after what was handled; None where it is paused, over, or has no schedule.

    Where a library is missing to tell, it is what was foreseen before, or else no later than it comes:
    whoever has the library foresees it anew then.
    """
    until = until_of(row)
    if until is None or row.outcome is not None or is_paused(row):
        return None
    found = _found(row.attributes)
    if isinstance(found, Plan):
        return found.schedule.next_after(until)
    if found is None or not found.lacks_library:
        return None
    return until if row.next_run_at is None else row.next_run_at


# --- what is due --------------------------------------------------------------------------------------------


def due_of(plan: Plan, until: Micros, now: Micros) -> Due | None:
    """What is to be done next about a series that was handled up to a moment; None for nothing."""
    first = plan.schedule.next_after(until)
    if first is None or first > now:
        return None
    if plan.missed == "catch_up":
        return Due(first, 0, first)
    if plan.missed == "once":
        passed = plan.schedule.passed(until, now)
        assert passed is not None
        return Due(passed[1], passed[0] - 1, passed[1])
    in_time = plan.schedule.next_after(max(until, now - plan.grace - 1))
    if in_time is not None and in_time <= now:
        missed = plan.schedule.passed(until, in_time - 1)
        return Due(in_time, missed[0] if missed else 0, in_time)
    missed = plan.schedule.passed(until, now)
    assert missed is not None
    return Due(None, *missed)
