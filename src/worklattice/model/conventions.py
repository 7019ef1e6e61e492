"""What attributes say by convention, as far as it stands in a task's row to be found by.

Attributes are free; some names mean something where their value can be read: `priority` (here), `due_at` and
`due_date` (`worklattice.model.due`), `resources` (`worklattice.model.resources`).
"""

from __future__ import annotations

from typing import Any, Final

from worklattice.model.due import due_of
from worklattice.model.resources import needs_in_words
from worklattice.types import JsonObject

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


def rank_of(attributes: JsonObject) -> float:
    """The task's place by `attributes.priority`, lowest first."""
    priority = attributes.get("priority")
    if isinstance(priority, str):
        return PRIORITIES.get(priority.lower(), UNRANKED)
    if isinstance(priority, int | float) and not isinstance(priority, bool):
        return float(priority)
    return UNRANKED
