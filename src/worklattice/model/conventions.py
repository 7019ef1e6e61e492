"""What attributes say by convention, as far as it stands in a task's row to be found by.

Attributes are free; some names (`CONVENTIONS`) mean something where their value can be read: `priority` here,
`due_at` and `due_date` in `worklattice.model.due`, `resources` in `worklattice.model.resources`, estimates in
`worklattice.model.estimates`, gates and what belongs to them in `worklattice.model.gates`, `schedule` in
`worklattice.model.series`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from worklattice.model.due import due_of
from worklattice.model.estimates import faults_in_estimates
from worklattice.model.gates import faults_in
from worklattice.model.resources import needs_in_words, warning_about
from worklattice.model.series import warning_about as warning_about_schedule
from worklattice.types import JsonObject

CONVENTIONS: Final = {
    "priority": "The place among ready tasks: critical, high, medium, low, or a number, lowest first.",
    "due_at": "A time at which the task is due.",
    "due_date": "A date by the end of which, in UTC, the task is due.",
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
    "baselines": "Of metrics by name, the values against which change(metric) is measured.",
}
"""The attributes that mean something by their name, and what. Every other one is the caller's alone."""

PRIORITIES: Final = {"critical": 0.0, "high": 1.0, "medium": 2.0, "low": 3.0}
"""The rank of a named priority. A number is its own rank; whatever else, or nothing, ranks last."""

UNRANKED: Final = float("inf")


def derived_from(attributes: JsonObject) -> dict[str, Any]:
    """The fields of a row that follow from the attributes alone."""
    return {
        "rank": rank_of(attributes),
        "due_at": due_of(attributes),
        "needs": needs_in_words(attributes),
    }


def unreadable(attributes: JsonObject) -> Iterator[str]:
    """What means something by its name and cannot be read: where it stands, and why."""
    text = warning_about(attributes)
    if text is not None:
        yield text
    yield from faults_in_estimates(attributes)
    yield from faults_in(attributes)
    text = warning_about_schedule(attributes)
    if text is not None:
        yield text


def rank_of(attributes: JsonObject) -> float:
    """The task's place by `attributes.priority`, lowest first."""
    priority = attributes.get("priority")
    if isinstance(priority, str):
        return PRIORITIES.get(priority.lower(), UNRANKED)
    if isinstance(priority, int | float) and not isinstance(priority, bool):
        return float(priority)
    return UNRANKED
