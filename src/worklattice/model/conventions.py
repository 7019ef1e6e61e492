"""What attributes say by convention, as far as it stands in a task's row to be found by.

Attributes are free; some names (`CONVENTIONS`) mean something where their value can be read: `priority` here,
times in `worklattice.model.timing`, `resources` in `worklattice.model.resources`, estimates in
`worklattice.model.estimates`, gates and what belongs to them in `worklattice.model.gates`, whom to tell in
`worklattice.model.channels`, `schedule` in `worklattice.model.series`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from worklattice.errors import shown
from worklattice.model.channels import faults_in_channels
from worklattice.model.estimates import faults_in_estimates
from worklattice.model.gates import faults_in_gates
from worklattice.model.resources import faults_in_resources, needs_in_words
from worklattice.model.series import faults_in_schedule
from worklattice.model.timing import TIMED, faults_in_timing
from worklattice.model.unreadable import Unreadable
from worklattice.types import JsonObject

CONVENTIONS: Final = {
    "priority": "The place among ready tasks: critical, high, medium, low, or a number, lowest first.",
    "due_at": "A time at which the task is due; where there are several, the earliest counts.",
    "due_date": "A date by the end of which the task is due, in the time zone of its calendar, else in UTC.",
    "deadline": "Likewise; or counted from a time on the task or an ancestor: 2 days before release.",
    "completion_deadline": "Likewise.",
    "sla": "How long it may take until it is done: a duration, in the hours of its calendar.",
    "sla_from": "From when that runs: creation (where nothing is said) or start.",
    "sla_pauses_in": "The stages in which it does not run: one or a list.",
    "sla_warn_at": "The share of it after which is warned, such as 75%; 80% where nothing is said.",
    "calendar": "The name of the calendar whose hours count for its SLA and its deadlines.",
    "maintenance_window": "When it may start: a time, windows, or the name of a calendar.",
    "execution_window": "Likewise; or the name of a window on an ancestor, such as maintenance.",
    "rollback_time_limit": "For how long it may be under way, from its start, before that is told.",
    "resources": "What the claim of the task holds: a name, or name, units and capacity; one or a list.",
    "estimated_duration": "How long it takes: an amount with its unit, or a range, such as 2-4 hours.",
    "estimated_effort": "How much work it is, likewise, such as PT2H, 3 weeks or 6 points.",
    "story_points": "A number; or, likewise, an amount with its unit.",
    "capacity": "A number; or, likewise, an amount with its unit, such as 80 story_points.",
    "success_metrics": "Gates: a condition, a list of them, or targets by the metric's name.",
    "performance_targets": "Gates, likewise; a target without a sign is a minimum.",
    "data_quality_rules": "Gates, likewise.",
    "coverage_target": "A gate: the target of the metric coverage.",
    "quality_checks": "Gates: names of checks, which must be reported as passed.",
    "rollback_triggers": "Conditions, as for success_metrics, that fire when a metric meets them.",
    "rollback_policy": "What a trigger does that fires: fail (where nothing is said), cancel or record.",
    "metrics_freshness": "For how long what was observed counts: a duration; for ever where nothing is said.",
    "schedule": "When runs of it are made: in words, as cron or RRULE, or an object that says more.",
    "baselines": "By metric, the value against which change(metric) is measured; else the first number is.",
    "notify_channels": "Who is told of failed gates, fired triggers and missed times: a channel or a list; "
    "where it is not there, those of the nearest ancestor; an empty list tells nobody.",
}
"""The attributes that mean something by their name, and what. Every other one is the caller's alone."""

PRIORITIES: Final = {"critical": 0.0, "high": 1.0, "medium": 2.0, "low": 3.0}
"""The rank of a named priority. A number is its own rank; whatever else, or nothing, ranks last."""

UNRANKED: Final = float("inf")


def derived_from(meant: JsonObject) -> dict[str, Any]:
    """The fields of a row that follow from its attributes alone, as its type means them."""
    return {"rank": rank_of(meant), "timed": not TIMED.isdisjoint(meant), "needs": needs_in_words(meant)}


def unreadable(attributes: JsonObject) -> Iterator[Unreadable]:
    """What means something by its name and cannot be read."""
    priority = attributes.get("priority")
    if priority is not None and rank_of(attributes) == UNRANKED:
        reason = f"{shown(priority)} is neither a number nor one of {', '.join(PRIORITIES)}"
        yield Unreadable("priority", "is kept and ranks last", reason)
    yield from faults_in_timing(attributes)
    yield from faults_in_resources(attributes)
    yield from faults_in_estimates(attributes)
    yield from faults_in_gates(attributes)
    yield from faults_in_channels(attributes)
    yield from faults_in_schedule(attributes)


def rank_of(attributes: JsonObject) -> float:
    """The task's place by `attributes.priority`, lowest first."""
    priority = attributes.get("priority")
    if isinstance(priority, str):
        return PRIORITIES.get(priority.lower(), UNRANKED)
    if isinstance(priority, int | float) and not isinstance(priority, bool):
        return float(priority)
    return UNRANKED
