"""A task as callers see it: what was said of it and what follows, without the store's bookkeeping."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, Self

from attrs import frozen

from worklattice.model.rows import JOIN_ALL, TaskRow
from worklattice.types import JsonObject, JsonValue, copied, from_micros

moment_of = lru_cache(maxsize=4096)(from_micros)
"""`from_micros`, remembering the times that many rows share."""


def optional_moment(micros: int | None) -> datetime | None:
    """The moment, or None where there is none."""
    return None if micros is None else moment_of(micros)


@frozen(slots=False)  # with slots, a frozen one takes twice as long to make
class Task:
    """A task. `status` follows from `lifecycle_stage` and from what the task waits for.

    Times are aware and in UTC. `version` goes up by one for each command that names or moves the task or
    changes its stage; `attempt` starts at 1 and goes up with each reopening.
    """

    task_id: str
    task_type: str
    parent_task_id: str | None
    attributes: JsonObject
    lifecycle_stage: str
    status: str
    version: int
    hierarchy_level: int
    template_id: str | None
    template_version: int | None
    superseded_by: str | None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    due_at: datetime | None
    not_before: datetime | None
    join: str | int
    attempt: int
    result: JsonValue
    error: JsonValue

    @classmethod
    def of(cls, row: TaskRow, **more: Any) -> Self:
        """The task that a row keeps."""
        created = moment_of(row.created_at)
        return cls(
            row.task_id,
            row.task_type,
            row.parent_id,
            copied(row.attributes),
            row.stage,
            row.status,
            row.version,
            row.depth,
            row.template_id,
            row.template_version,
            row.superseded_by,
            created,
            created if row.updated_at == row.created_at else moment_of(row.updated_at),
            None if row.started_at is None else moment_of(row.started_at),
            None if row.completed_at is None else moment_of(row.completed_at),
            None if row.due_at is None else moment_of(row.due_at),
            None if row.not_before is None else moment_of(row.not_before),
            "all" if row.join == JOIN_ALL else row.join,
            row.attempt,
            None if row.result is None else copied(row.result),
            None if row.error is None else copied(row.error),
            **more,
        )
