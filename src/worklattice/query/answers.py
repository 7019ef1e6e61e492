"""What queries answer, as values."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import field, frozen

from worklattice.model.answers import TaskNode
from worklattice.model.dependency import Dependency
from worklattice.model.task import Task
from worklattice.query.metrics import Metrics


@frozen(slots=False)
class Hit(Task):
    """A task that a query found, with what was asked to come with it (None where it was not)."""

    children: tuple[TaskNode, ...] | None = field(default=None, kw_only=True)
    """What is inside it, nested, in order of creation."""
    path: tuple[str, ...] | None = field(default=None, kw_only=True)
    """The ids from its root down to itself."""
    dependencies: tuple[Dependency, ...] | None = field(default=None, kw_only=True)


@frozen(kw_only=True)
class QueryMetadata:
    """How the query was understood."""

    sort: tuple[dict[str, Any], ...]
    limit: int
    offset: int
    executed_at: datetime


@frozen(kw_only=True)
class TasksFound:
    """A page of the tasks that a query found.

    `next_cursor` reads the next page, null at the end; `truncated` where hierarchies had to be cut.
    """

    total_results: int
    returned_results: int
    tasks: tuple[Hit, ...]
    next_cursor: str | None
    metrics: Metrics | None = None
    truncated: bool | None = None
    warnings: tuple[str, ...] = ()
    query_metadata: QueryMetadata
    fields: tuple[str, ...] | None = field(default=None, metadata={"internal": True})


@frozen(kw_only=True)
class ReadyTasks:
    """Tasks that can be started now."""

    tasks: tuple[Task, ...]
    warnings: tuple[str, ...] = ()
