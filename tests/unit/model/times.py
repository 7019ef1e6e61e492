"""Moments, calendars and alarms, for tests of what is due when."""

from __future__ import annotations

from datetime import UTC, datetime

from worklattice import Orchestrator
from worklattice.types import JsonObject

OFFICE: JsonObject = {"working_hours": {"mon-fri": ["09:00-17:00"]}, "time_zone": "Europe/Berlin"}
WINDOW: JsonObject = {"start": "2025-01-29T02:00:00Z", "end": "2025-01-29T06:00:00Z"}


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def alarms(wl: Orchestrator) -> list[tuple[str, str | None, str]]:
    """The alarms that went off: kind, task, and the moment for which."""
    kinds = {"clock.warned", "clock.breached", "clock.overran"}
    events = wl.events(kinds=kinds)
    return [
        (event.event_type.split(".")[1], event.task_id, next(str(v) for v in event.data.values()))
        for event in events
    ]
