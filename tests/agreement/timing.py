"""The times of tasks: when they are due, warned of and overrun, and when their windows let them start.

Every question looks at a task's attributes, its ancestors and the calendars anew; no moment is kept but for
what a task says itself. Whatever comes by itself is found by looking at every task.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple, TypeAlias

from tests.agreement.scheduled import scheduled_around
from tests.agreement.world import CLAIM, Said, StageOf, World

SPANS: Final = {"30 minutes": timedelta(minutes=30), "1 hour": timedelta(hours=1)}
"""Every duration that attributes have here, but one that is none."""

WINDOWS: Final = ("maintenance_window", "execution_window")

Span: TypeAlias = tuple[datetime, datetime | None]
"""From when until when a window is open; None for good."""

_FAR_OFF: Final = datetime(2025, 6, 15, tzinfo=UTC)
"""When the calendars that have windows are open: longer than any run lasts."""

_DAYS: Final = 60
"""For so many days are the hours of calendars looked at: longer than any run lasts, too."""


# --- service levels -----------------------------------------------------------------------------------------


def clock_after(world: World, task: Said, name: str, stage: StageOf, now: datetime) -> Said | None:
    """What a task keeps of its service level and limit once it enters a stage, of which it does not say yet.

    Nothing, as long as it has run without a pause since the creation, or the first start.
    """
    meant, clock = world.meant(task), task["clock"]
    if stage.ended:
        return clock  # type: ignore[no-any-return]
    if meant.get("sla") in SPANS:
        clock = _sla_clock_after(task, meant, name, stage, now)
    kept = {each: value for each, value in (clock or {}).items() if each != "begun"}
    begun = _under_way_since(world, task, stage, now)
    return (kept if begun is None else {**kept, "begun": begun}) or None


def _under_way_since(world: World, task: Said, stage: StageOf, now: datetime) -> datetime | None:
    """Since when a task is being worked on in a stage, where it has, or had, a limit."""
    has_limit = world.meant(task).get("rollback_time_limit") in SPANS
    if task["outcome"] is not None:
        return now if has_limit and "started" in stage.roles else None
    if "startable" in stage.roles and "started" not in stage.roles:
        return None
    known: datetime | None = (task["clock"] or {}).get("begun")
    if known is not None or not has_limit:
        return known
    was_waiting = "startable" in world.lifecycle(task["task_type"]).stages[task["stage"]].roles
    first: datetime | None = task["started_at"] if task["attempt"] == 1 and not was_waiting else None
    return now if first is None and "started" in stage.roles else first


def _sla_clock_after(task: Said, meant: Said, name: str, stage: StageOf, now: datetime) -> Said | None:
    pauses = meant.get("sla_pauses_in", [])
    is_pause = name == pauses or (isinstance(pauses, list) and name in pauses)
    sets_going = "started" in stage.roles or meant.get("sla_from") != "start"
    if task["outcome"] is not None:  # it is reopened, and has all of its time again
        return _clock(timedelta(0), now if sets_going and not is_pause else None)
    used, since = _run(task, meant)
    if is_pause:
        if since is None and "used" in (task["clock"] or {}):
            return _clock(used, None)
        return _clock(used if since is None else used + (now - since), None)
    if "used" not in (task["clock"] or {}) or since is not None:
        return task["clock"]  # type: ignore[no-any-return]
    return _clock(used, now if sets_going or used else None)


def clock_now(world: World, task: Said, now: datetime) -> Said | None:
    """What a task keeps once its attributes have changed in the stage that it is in."""
    if world.meant(task).get("sla") not in SPANS:
        begun = {each: value for each, value in (task["clock"] or {}).items() if each == "begun"}
        task = {**task, "clock": begun or None}
    stage = world.lifecycle(task["task_type"]).stages[task["stage"]]
    return clock_after(world, task, task["stage"], stage, now)


def _clock(used: timedelta, since: datetime | None) -> Said:
    return {"used": used} if since is None else {"used": used, "since": since}


def _run(task: Said, meant: Said) -> tuple[timedelta, datetime | None]:
    """How much was used up, and since when more is, if it is."""
    if "used" in (task["clock"] or {}):
        return task["clock"]["used"], task["clock"].get("since")
    return timedelta(0), task["started_at" if meant.get("sla_from") == "start" else "created_at"]


# --- alarms -------------------------------------------------------------------------------------------------


def alarms_of(world: World, task_id: str) -> dict[str, datetime]:
    """The moments for which the alarms of a task go off, told already or not."""
    if scheduled_around(world, task_id):
        return {}
    task = world.tasks[task_id]
    meant = world.meant(task)
    alarms: dict[str, datetime] = {}
    dues = [*_deadlines(world, task_id, meant)]
    used, since = _run(task, meant)
    sla = SPANS.get(meant.get("sla", ""))
    if since is None and "used" in (task["clock"] or {}):
        since = task["completed_at"] if sla is None or used < sla else None
    if sla is not None and used >= sla:
        missed = (task["alarms"] or {}).get("breached", since)
        dues += [] if missed is None else [missed]
    elif sla is not None and since is not None:
        share = 0.5 if meant.get("sla_warn_at") == "50%" else 0.8
        dues.append(since + sla - used)
        alarms |= {"warned": since + sla * share - used} if used < sla * share else {}
    if dues:
        alarms["breached"] = min(dues)
    limit = SPANS.get(meant.get("rollback_time_limit", ""))
    begun = (task["clock"] or {}).get("begun")
    if limit is not None and begun is not None:
        alarms["overran"] = begun + limit
    return alarms


def _deadlines(world: World, task_id: str, meant: Said) -> Iterator[datetime]:
    if "due_at" in meant:
        yield datetime.fromisoformat(meant["due_at"])
    if "deadline" in meant:
        span, side, anchor = meant["deadline"].rsplit(" ", 2)
        for each in (task_id, *world.ancestors(task_id)):
            said = _spans(world.tasks[each]["attributes"].get(f"{anchor}_window"))
            for start, end in said or ():
                if side == "before":
                    yield start - SPANS[span]
                else:
                    yield (end or start) + SPANS[span]
            if said:
                return


def untold(world: World, task_id: str) -> dict[str, datetime]:
    """The alarms that are still to go off, some of them long ago."""
    task = world.tasks[task_id]
    told = task["alarms"] or {}
    if task["outcome"] is not None:
        return {}
    return {name: at for name, at in alarms_of(world, task_id).items() if name not in told or told[name] < at}


def due_at(world: World, task_id: str) -> datetime | None:
    return alarms_of(world, task_id).get("breached")


def breached_at(world: World, task_id: str) -> datetime | None:
    """The due time that was missed; none where the task has got more time since."""
    missed: datetime | None = (world.tasks[task_id]["alarms"] or {}).get("breached")
    due = due_at(world, task_id)
    return None if missed is None or (due is not None and missed < due) else missed


# --- windows ------------------------------------------------------------------------------------------------


def is_closed(world: World, task_id: str, now: datetime) -> bool:
    """Whether one of its windows keeps a task from starting."""
    return any(
        not any(start <= now and (end is None or now < end) for start, end in spans)
        for spans in _windows(world, task_id)
    )


def _windows(world: World, task_id: str) -> Iterator[list[Span]]:
    if scheduled_around(world, task_id):
        return
    meant = world.meant(world.tasks[task_id])
    for name in WINDOWS:
        spans = _spans(meant.get(name))
        if spans is None and name in meant:
            spans = _named(world, task_id, meant[name])
        if spans is not None:
            yield spans


def _spans(value: Any) -> list[Span] | None:
    """The spans of a window that says when it is, and does not name another one."""
    if isinstance(value, dict):
        return [(datetime.fromisoformat(value["start"]), datetime.fromisoformat(value["end"]))]
    return [(datetime.fromisoformat(value), None)] if str(value).startswith("2025-") else None


def _named(world: World, task_id: str, name: str) -> list[Span] | None:
    for ancestor in world.ancestors(task_id):
        spans = _spans(world.tasks[ancestor]["attributes"].get(f"{name}_window"))
        if spans is not None:
            return spans
    return _calendar(world.calendars[name]) if name in world.calendars else None


def _calendar(said: Said) -> list[Span]:
    """When a calendar lets tasks start: in its windows, else in the office hours of working days."""
    if "windows" in said:
        return [(_FAR_OFF, None)]
    days = [date(2025, 1, 1) + timedelta(days=number) for number in range(_DAYS)]
    hours = [
        [datetime(day.year, day.month, day.day, hour, tzinfo=UTC) for hour in (9, 17)]
        for day in days
        if day.weekday() < 5
    ]
    return [(start, end) for start, end in hours]


# --- what comes by itself -----------------------------------------------------------------------------------


class Settled(NamedTuple):
    """A world with what has come by itself until now, and what that was."""

    world: World
    alarms: list[tuple[str, str]]
    """Which went off, of which tasks."""
    expired: list[tuple[str, str | None]]
    """Of which tasks claims have expired, and to which stages they went, if to any."""


def settled(world: World, now: datetime) -> Settled:
    """The alarms that went off, then the claims that have expired, then the alarms after that."""
    twin = world.copy()
    expired = [
        task_id
        for task_id, task in twin.tasks.items()
        if task["claimed_by"] is not None and task["claimed_until"] <= now
    ]
    ends = {task_id: twin.tasks[task_id]["claimed_until"] for task_id in expired}
    alarms = [*_go_off(twin, lambda task_id: ends.get(task_id, now))]
    went = [(task_id, give_back(twin, task_id, now, since=ends[task_id])) for task_id in expired]
    return Settled(twin, [*alarms, *_go_off(twin, lambda _: now)], went)


def _go_off(world: World, until: Callable[[str], datetime]) -> Iterator[tuple[str, str]]:
    for task_id, task in world.tasks.items():
        going_off = {name: at for name, at in untold(world, task_id).items() if at <= until(task_id)}
        if going_off:
            task["alarms"] = {**(task["alarms"] or {}), **going_off}
        for name in going_off:
            yield name, task_id


def has_turned(world: World, task_id: str, last: datetime, now: datetime) -> bool:
    """Whether time may have let the task start since the last event, or has kept it from it.

    A task with windows is looked at again whenever something comes by itself for it.
    """
    task = world.tasks[task_id]
    if task["not_before"] is not None and last < task["not_before"] <= now:
        return True
    if not set(WINDOWS) & world.meant(task).keys():
        return False
    moments: list[datetime] = []
    if task["claimed_by"] is not None:
        moments.append(task["claimed_until"])
    if "startable" in world.stage(task_id).roles and task["outcome"] is None:
        turns = [turn for spans in _windows(world, task_id) for span in spans for turn in span]
        moments += [turn for turn in turns if turn is not None and last < turn]
    return any(moment <= now for moment in moments)


def give_back(world: World, task_id: str, now: datetime, *, since: datetime | None = None) -> str | None:
    """End a claim whose task is not done; the stage to which the task goes, where it goes anywhere.

    It ended at `since`, where that was earlier.
    """
    task = world.tasks[task_id]
    task |= dict.fromkeys(CLAIM)
    lifecycle, stage = world.lifecycle(task["task_type"]), world.stage(task_id)
    if "startable" in stage.roles or "started" not in stage.roles:
        return None
    for name in lifecycle.leads_to[task["stage"]]:
        if "startable" in lifecycle.stages[name].roles:
            task["clock"] = clock_after(world, task, name, lifecycle.stages[name], since or now)
            task["stage"], task["updated_at"] = name, now
            return name
    return None
