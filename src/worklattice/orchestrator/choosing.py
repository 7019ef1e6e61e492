"""Choosing the tasks that a command changes: those that it names, or those that fit its filters.

Not here: how a chosen task is claimed or updated (`worklattice.model.decide`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from worklattice.errors import LimitExceededError, ValidationError
from worklattice.lang.condition import And
from worklattice.model.answers import BulkUpdated, Claimed, TasksClaimed
from worklattice.model.decide import Conclude
from worklattice.model.decide.claims import acquire, claim_named, lacking_room, leased, read_lease
from worklattice.model.decide.common import check_version, find, show, written
from worklattice.model.decide.update import update_tasks
from worklattice.model.resources import Need, needs_none_of
from worklattice.model.signals import Aftermath
from worklattice.model.task import Claim, moment_of
from worklattice.orchestrator.working import WorkingDraft
from worklattice.query.ast import BY_AGE, Query
from worklattice.query.order import sort_values
from worklattice.query.parse import parse_filters, parse_ready
from worklattice.query.request import BulkUpdate, ClaimTask, GetReadyTasks
from worklattice.types import LIMITS, JsonObject


def claim_task(command: ClaimTask, draft: WorkingDraft) -> Conclude[TasksClaimed]:
    """Claim the task that is named, or the best of those that are ready and fit the filters."""
    lease = leased(draft, read_lease(command.lease))
    if command.task_id is None:
        if command.expected_version is not None:
            raise ValidationError.of("arguments.expected_version", "goes with a task_id, which is not given")
        claims = _claim_first(command, draft, lease)
    else:
        _refuse_choice(command)
        row = find(draft, command.task_id, "arguments.task_id")
        check_version(row, command.expected_version)
        claims = [(row.task_id, claim_named(draft, row, command.worker, lease))]
    return lambda after: _claimed(draft, claims, after)


def _claimed(draft: WorkingDraft, claims: Sequence[tuple[str, Claim]], after: Aftermath) -> TasksClaimed:
    shown = tuple(Claimed(task=show(draft, task_id), claim=claim) for task_id, claim in claims)
    task, claim = (shown[0].task, shown[0].claim) if shown else (None, None)
    return TasksClaimed(task=task, claim=claim, claims=shown, **written(after))


def _refuse_choice(command: ClaimTask) -> None:
    """Refuse what chooses among tasks beside the name of one."""
    chosen = {
        "filters": command.filters is not None,
        "sort": command.sort is not None,
        "count": command.count > 1,
    }
    for name, is_given in chosen.items():
        if is_given:
            raise ValidationError.of(
                f"arguments.{name}", "cannot go with a task_id, which names the one task"
            )


def _claim_first(command: ClaimTask, draft: WorkingDraft, lease: JsonObject) -> list[tuple[str, Claim]]:
    """Claim the best of the ready tasks that fit, looked at page by page: their ids and claims.

    Claims only take room away: a need for which there is none is left out of the pages that follow, so that
    thousands of tasks that wait for the same resource are passed over where they are kept.
    """
    query = parse_ready(
        GetReadyTasks(filters=command.filters, sort=command.sort, leaves_only=command.leaves_only),
        now=moment_of(draft.now),
    ).query
    fitting, size = query.where, command.count
    assert fitting is not None
    busy: set[tuple[str, Need]] = set()
    claims: list[tuple[str, Claim]] = []
    while True:
        where = And((fitting, needs_none_of(busy))) if busy else fitting
        page = draft.select(attrs.evolve(query, where=where, limit=size))
        for row in page:
            if lacking := lacking_room(draft, row):
                busy.update(lacking)
                continue
            claims.append((row.task_id, acquire(draft, row, command.worker, lease)))
            if len(claims) == command.count:
                return claims
        if len(page) < size:
            return claims
        query = attrs.evolve(query, after=(sort_values(query.sort, page[-1]), page[-1].task_id))
        size = min(size * 2, _MOST_AT_ONCE)


_MOST_AT_ONCE: Final = 100
"""Tasks that are looked at together; fewer at first, for mostly the first ones fit."""


def bulk_update(command: BulkUpdate, draft: WorkingDraft) -> Conclude[BulkUpdated]:
    """Make the same change to the tasks that are named, or that fit the filters."""
    if (command.task_ids is None) == (command.filters is None):
        raise ValidationError.of("arguments.task_ids", "give either task_ids or filters")
    return update_tasks(_ids(command, draft), command.updates, draft)


def _ids(command: BulkUpdate, draft: WorkingDraft) -> Sequence[str]:
    if command.task_ids is not None:
        return tuple(dict.fromkeys(command.task_ids))
    assert command.filters is not None
    where, _ = parse_filters(command.filters, now=moment_of(draft.now))
    count = draft.count(where)
    if count > LIMITS.batch_tasks:
        raise LimitExceededError(
            field="arguments.filters", what="tasks in one update", limit=LIMITS.batch_tasks, actual=count
        )
    return [row.task_id for row in draft.select(Query(where=where, sort=BY_AGE))]
