"""What entering a stage does to a task's times, outcome and attempt."""

from __future__ import annotations

from typing import Any, Final

from worklattice.model.lifecycle import ARCHIVED, ENDED_WITHOUT_OUTCOME, Stage
from worklattice.model.rows import Micros, TaskRow

UNCLAIMED: Final[dict[str, Any]] = dict.fromkeys(("claimed_by", "claimed_until", "lease", "holds"))
"""A task without a claim; the last one's token stays, so that no later one can be less."""


def entry(row: TaskRow, stage: Stage, at: Micros) -> dict[str, Any]:
    """The fields of the row that change, with what they become."""
    changes: dict[str, Any] = {"stage": stage.name}
    if row.started_at is None and (stage.started or stage.succeeded):
        changes["started_at"] = at
    if stage.ended:
        if row.claimed_by is not None:
            changes |= UNCLAIMED
        if row.outcome is None or stage.status != ARCHIVED:
            changes["completed_at"] = at
            changes["outcome"] = stage.outcome or ENDED_WITHOUT_OUTCOME
    elif row.outcome is not None:
        changes |= {
            "completed_at": None,
            "outcome": None,
            "attempt": row.attempt + 1,
            "result": None,
            "error": None,
            "approval": None,
            "artifacts": None,
        }
    return changes
