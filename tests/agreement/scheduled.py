"""Which tasks are scheduled, so that runs are made of them, and what their schedules say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from tests.agreement.world import World

PERIODS: Final = {"every 30 minutes": 30, "every hour": 60}
"""The schedules that come here, in minutes of the clock."""


def is_scheduled(world: World, task_id: str) -> bool:
    """Whether runs are made of the task."""
    task = world.tasks[task_id]
    return "until" in (task["series"] or {}) and schedule_of(task["attributes"]) is not None


def scheduled_around(world: World, task_id: str) -> list[str]:
    """Which of the task and its ancestors, up to a run, are scheduled, so that runs are worked on."""
    found: list[str] = []
    for each in (task_id, *world.ancestors(task_id)):
        if "of" in (world.tasks[each]["series"] or {}):
            break
        found += [each] * is_scheduled(world, each)
    return found


def schedule_of(attributes: dict[str, Any]) -> tuple[timedelta, str, timedelta] | None:
    """How often a schedule comes, what becomes of what is missed, and the grace; None where it is none."""
    said = attributes.get("schedule")
    if isinstance(said, dict) and "grace" in said and said.get("missed") != "skip":
        return None
    if isinstance(said, dict):
        period, missed = PERIODS[f"every {said['every']}"], said.get("missed", "once")
        return timedelta(minutes=period), missed, timedelta(minutes=30 if "grace" in said else 10)
    return (timedelta(minutes=PERIODS[said]), "once", timedelta(0)) if said in PERIODS else None
