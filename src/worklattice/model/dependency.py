"""Dependencies: their types as one table, and an edge as callers see it.

Not here: when an edge is satisfied and what waits for it (`worklattice.model.waiting`).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

from attrs import frozen

from worklattice.lang.durations import format_duration
from worklattice.model.rows import EdgeRow
from worklattice.model.task import optional_moment
from worklattice.types import JsonObject, copied


class Point(StrEnum):
    """The two moments of a task that others can wait for, and that can wait."""

    START = "start"
    FINISH = "finish"


@frozen(kw_only=True)
class DependencyType:
    """What an edge of a type does: which point of the dependant waits for which point of the other."""

    meaning: str
    holds: Point | None
    """The point of the dependant that waits; None where nothing does."""
    awaits: Point | None
    """The point of the other task that it waits for."""
    needs_nothing: bool = False
    """Whether the other task can be deleted without asking: the edge goes with it."""


DEPENDENCY_TYPES: Final[dict[str, DependencyType]] = {
    "completion": DependencyType(
        meaning="may start when the other has succeeded", holds=Point.START, awaits=Point.FINISH
    ),
    "approval": DependencyType(
        meaning="may start when the other has succeeded and is approved",
        holds=Point.START,
        awaits=Point.FINISH,
    ),
    "data": DependencyType(
        meaning="may start when the other has delivered the artifact", holds=Point.START, awaits=Point.FINISH
    ),
    "start_to_start": DependencyType(
        meaning="may start when the other has started", holds=Point.START, awaits=Point.START
    ),
    "finish_to_finish": DependencyType(
        meaning="may finish when the other has succeeded", holds=Point.FINISH, awaits=Point.FINISH
    ),
    "start_to_finish": DependencyType(
        meaning="may finish when the other has started", holds=Point.FINISH, awaits=Point.START
    ),
    "prerequisite": DependencyType(meaning="needs the other to exist", holds=None, awaits=None),
    "information": DependencyType(meaning="refers to the other", holds=None, awaits=None, needs_nothing=True),
    "related": DependencyType(
        meaning="is related to the other, in both directions", holds=None, awaits=None, needs_nothing=True
    ),
}
"""The types as stored."""

BLOCKS: Final = "blocks"
"""The type given the other way round: stored as the other task's `completion` on this one."""

SYMMETRIC: Final = "related"
"""The type without a direction: what is stored with one of the two tasks is said of both."""

OUTCOME_WANTED: Final = ("success", "failure", "any")
"""What the other task has to come to for an edge that awaits its finish."""


class EdgeState(StrEnum):
    """Where an edge stands."""

    SATISFIED = "satisfied"
    PENDING = "pending"
    FAILED = "failed"
    """The other ended in a way that does not satisfy it; a reopening makes it pending again."""
    WAIVED = "waived"
    NOT_APPLICABLE = "not_applicable"
    """Its conditions do not match the dependant's attributes, or its type never holds anything back."""


MET: Final = frozenset({EdgeState.SATISFIED, EdgeState.WAIVED})
"""The states that count towards a join."""


@frozen(kw_only=True)
class Waiver:
    """Why an edge does not hold back: who waived it, when, and until when."""

    waived_at: datetime
    waived_by: str | None
    reason: str | None
    expires_at: datetime | None


@frozen(kw_only=True)
class Dependency:
    """`task_id` needs `dependency_task_id`.

    It waits for `effective_task_id`, which differs where the named task was superseded.
    """

    task_id: str
    dependency_task_id: str
    effective_task_id: str
    dependency_type: str
    state: Literal["satisfied", "pending", "failed", "waived", "not_applicable"]
    mandatory: bool
    outcome: str
    conditions: JsonObject | None
    lag: str | None
    """An ISO 8601 duration; None where there is no lag."""
    artifact: str | None
    description: str | None
    waiver: Waiver | None

    @classmethod
    def of(cls, row: EdgeRow, state: EdgeState) -> Dependency:
        """The dependency that a row keeps, in the given state."""
        return cls(
            task_id=row.task_id,
            dependency_task_id=row.dependency_id,
            effective_task_id=row.effective_id,
            dependency_type=row.type,
            state=state.value,
            mandatory=row.mandatory,
            outcome=row.outcome,
            conditions=copied(row.conditions),
            lag=format_duration(row.lag) if row.lag else None,
            artifact=row.artifact,
            description=row.description,
            waiver=_waiver(row),
        )


def _waiver(row: EdgeRow) -> Waiver | None:
    waived_at = optional_moment(row.waived_at)
    if waived_at is None:
        return None
    return Waiver(
        waived_at=waived_at,
        waived_by=row.waived_by,
        reason=row.waive_reason,
        expires_at=optional_moment(row.waived_until),
    )
