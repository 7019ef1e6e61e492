"""Answering queries: parse, select, and put together what belongs to each hit.

Not here: commands that change the tasks that a query finds (`choosing`).
"""

from __future__ import annotations

from typing import Any

import attrs

from worklattice.lang.condition import Column
from worklattice.lang.names import join_name
from worklattice.model.decide.common import dependencies
from worklattice.model.rows import TaskRow
from worklattice.model.task import Task, moment_of
from worklattice.model.times import seen_at
from worklattice.orchestrator.trees import TreeBuilder
from worklattice.orchestrator.working import WorkingDraft
from worklattice.query.answers import Hit, QueryMetadata, ReadyTasks, TasksFound
from worklattice.query.ast import SortKey
from worklattice.query.metrics import Metrics, measure
from worklattice.query.parse import ParsedQuery, parse_query, parse_ready
from worklattice.query.request import GetReadyTasks, QueryTasks
from worklattice.types import LIMITS


def query_tasks(command: QueryTasks, draft: WorkingDraft) -> TasksFound:
    """A page of hits, with what was asked to come with them."""
    now = moment_of(draft.now)
    parsed = parse_query(command, workspace=draft.workspace().workspace, now=now)
    query = parsed.query
    limit = query.limit or LIMITS.page_size_default
    rows = draft.select(attrs.evolve(query, limit=limit + 1))
    page, more = rows[:limit], len(rows) > limit
    trees = TreeBuilder(draft)
    hits = tuple(_hit(command, draft, row, trees) for row in page)
    return TasksFound(
        total_results=draft.count(query.where),
        returned_results=len(hits),
        tasks=hits,
        next_cursor=parsed.cursor_after(page[-1]) if more else None,
        metrics=_metrics(parsed, draft) if command.include_metrics else None,
        truncated=trees.truncated if command.include_hierarchy else None,
        warnings=parsed.warnings,
        query_metadata=QueryMetadata(
            sort=tuple(_sort_entry(key) for key in query.sort),
            limit=limit,
            offset=query.offset,
            executed_at=now,
        ),
        fields=command.fields,
    )


def _metrics(parsed: ParsedQuery, draft: WorkingDraft) -> Metrics:
    return measure(draft.select(parsed.all_hits), meant=draft.meant, days=parsed.days)


def _hit(command: QueryTasks, draft: WorkingDraft, row: TaskRow, trees: TreeBuilder) -> Hit:
    more: dict[str, Any] = {}
    if command.include_hierarchy:
        more["children"] = trees.children(row)
        more["path"] = (*(a.task_id for a in reversed(list(draft.ancestors(row)))), row.task_id)
    if command.include_dependencies or command.include_dependency_status:
        more["dependencies"] = dependencies(draft, draft.edges_of(row.task_id))
    return Hit.of(seen_at(row, draft.now), **more)


def _sort_entry(key: SortKey) -> dict[str, str]:
    name = key.field.name if isinstance(key.field, Column) else join_name(("attributes", *key.field.path))
    return {"field": name, "direction": "desc" if key.descending else "asc"}


def get_ready_tasks(command: GetReadyTasks, draft: WorkingDraft) -> ReadyTasks:
    """The tasks that can be started now."""
    parsed = parse_ready(command, now=moment_of(draft.now))
    return ReadyTasks(tasks=tuple(map(Task.of, draft.select(parsed.query))), warnings=parsed.warnings)
