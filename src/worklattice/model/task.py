"""A task as callers see it: what was said of it and what follows, without the store's bookkeeping."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, Self, cast

from attrs import field, frozen

from worklattice.lang.times import parse_time
from worklattice.model.rows import JOIN_ALL, TaskRow
from worklattice.model.series import is_paused, run_at
from worklattice.types import JsonObject, JsonValue, copied, from_micros

moment_of = lru_cache(maxsize=4096)(from_micros)
"""`from_micros`, remembering the times that many rows share."""


def optional_moment(micros: int | None) -> datetime | None:
    """The moment, or None where there is none."""
    return None if micros is None else moment_of(micros)


@frozen(kw_only=True)
class Approval:
    """The latest decision on a task in its present attempt: approved or rejected."""

    decision: str
    at: datetime
    by: str | None
    comment: str | None

    @classmethod
    def of(cls, said: JsonObject) -> Self:
        """The decision that a row keeps."""
        kept = cast("dict[str, str]", said)
        return cls(
            decision=kept["decision"],
            at=parse_time(kept["at"]),
            by=kept.get("by"),
            comment=kept.get("comment"),
        )


@frozen(kw_only=True)
class Artifact:
    """Something that a task has delivered in its present attempt: where it is, or the thing itself."""

    name: str
    uri: str | None
    content: JsonValue
    media_type: str | None
    at: datetime
    by: str | None

    @classmethod
    def of(cls, name: str, said: JsonValue) -> Self:
        """The artifact that a row keeps under its name."""
        kept = cast("dict[str, Any]", said)
        return cls(
            name=name,
            uri=kept.get("uri"),
            content=copied(kept.get("content")),
            media_type=kept.get("media_type"),
            at=parse_time(kept["at"]),
            by=kept.get("by"),
        )


@frozen(kw_only=True)
class Metric:
    """What was last observed of a metric of a task."""

    name: str
    value: JsonValue
    observed_at: datetime
    source: str | None
    attempt: int
    """In which attempt at the task; what was observed before the present one counts for no gate."""
    first: JsonValue
    """The first number other than 0 that was observed in that attempt, where it was observed again since."""

    @classmethod
    def of(cls, name: str, said: JsonValue) -> Self:
        """The metric that a row keeps under its name."""
        kept = cast("dict[str, Any]", said)
        return cls(
            name=name,
            value=kept["value"],
            observed_at=parse_time(kept["at"]),
            source=kept.get("source"),
            attempt=kept["attempt"],
            first=kept.get("first"),
        )


def metrics_of(kept: JsonObject) -> tuple[Metric, ...]:
    """The metrics that a row keeps, by name."""
    return tuple(Metric.of(name, kept[name]) for name in sorted(kept))


@frozen(kw_only=True)
class Claim:
    """That a worker has a task until some time; its fencing token is larger than those of earlier claims."""

    token: int
    worker: str
    expires_at: datetime


def claim_of(row: TaskRow) -> Claim | None:
    """The claim on the task, where one is live."""
    if row.claimed_by is None:
        return None
    assert row.token is not None
    assert row.claimed_until is not None
    return Claim(token=row.token, worker=row.claimed_by, expires_at=moment_of(row.claimed_until))


def artifacts_of(kept: JsonObject) -> tuple[Artifact, ...]:
    """The artifacts that a row keeps, by name."""
    return tuple(Artifact.of(name, kept[name]) for name in sorted(kept))


def _series_shown(row: TaskRow) -> dict[str, Any]:
    """What a task shows of its series."""
    return {
        "next_run_at": optional_moment(row.next_run_at),
        "is_paused": True if is_paused(row) else None,
        "run_of": row.run_of,
        "run_at": optional_moment(run_at(row)),
    }


@frozen(slots=False)  # with slots, a frozen one takes twice as long to make
class Task:
    """A task. `status` follows from `lifecycle_stage` and from what the task waits for.

    Times are aware and in UTC. `version` goes up by one for each command that names or moves the task or
    changes its stage; `attempt` starts at 1 and goes up with each reopening. `breached_at` is the
    `due_at` that it missed, unless it is due later by now.
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
    approval: Approval | None = field(default=None, metadata={"always_shown": True})
    artifacts: tuple[Artifact, ...] = ()
    metrics: tuple[Metric, ...] = ()
    claim: Claim | None = field(default=None, metadata={"always_shown": True})
    breached_at: datetime | None = None
    next_run_at: datetime | None = None
    """Of a scheduled task: when its next run is made, or was to be made and is due."""
    is_paused: bool | None = None
    """True where its schedule is paused."""
    run_of: str | None = None
    """Of a run: the scheduled task."""
    run_at: datetime | None = None
    """Of a run: its instant."""

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
            None if row.approval is None else Approval.of(row.approval),
            () if row.artifacts is None else artifacts_of(row.artifacts),
            () if row.metrics is None else metrics_of(row.metrics),
            None if row.claimed_by is None else claim_of(row),
            None if row.breached_at is None else moment_of(row.breached_at),
            **(more if row.series is None else _series_shown(row) | more),
        )


@frozen(kw_only=True)
class PastTask:
    """A task as it was: what was said of it. What followed from other tasks, as its status, is not known."""

    task_id: str
    task_type: str
    parent_task_id: str | None
    attributes: JsonObject
    lifecycle_stage: str
    version: int
    template_id: str | None
    template_version: int | None
    superseded_by: str | None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    not_before: datetime | None
    join: str | int
    attempt: int
    result: JsonValue
    error: JsonValue
    approval: Approval | None
    artifacts: tuple[Artifact, ...]
    metrics: tuple[Metric, ...]

    @classmethod
    def of(cls, row: TaskRow) -> Self:
        """The task of which a row holds what was said."""
        return cls(
            task_id=row.task_id,
            task_type=row.task_type,
            parent_task_id=row.parent_id,
            attributes=copied(row.attributes),
            lifecycle_stage=row.stage,
            version=row.version,
            template_id=row.template_id,
            template_version=row.template_version,
            superseded_by=row.superseded_by,
            created_at=moment_of(row.created_at),
            updated_at=moment_of(row.updated_at),
            started_at=optional_moment(row.started_at),
            completed_at=optional_moment(row.completed_at),
            not_before=optional_moment(row.not_before),
            join="all" if row.join == JOIN_ALL else row.join,
            attempt=row.attempt,
            result=copied(row.result),
            error=copied(row.error),
            approval=None if row.approval is None else Approval.of(row.approval),
            artifacts=() if row.artifacts is None else artifacts_of(row.artifacts),
            metrics=() if row.metrics is None else metrics_of(row.metrics),
        )
