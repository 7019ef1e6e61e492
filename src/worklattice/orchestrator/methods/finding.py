"""Finding tasks, and looking at them, at what they need and at what happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from worklattice.model import answers, reads
from worklattice.orchestrator import given
from worklattice.orchestrator.methods.running import Running
from worklattice.query import request
from worklattice.query.answers import ReadyTasks, TasksFound
from worklattice.types import LIMITS


class FindingMethods(Running):
    """What only looks: for tasks, at what they need and contain, and at what happened to them."""

    def get_dependencies(
        self,
        task_id: str,
        *,
        include_transitive: bool = False,
        direction: Literal["dependencies", "dependants", "both"] = "dependencies",
    ) -> answers.DependenciesFound:
        """Read what a task needs, what needs it, or both, each with its state.

        Transitive ones come nearest first. Cost: the dependencies that are answered.

        Raises:
            TaskNotFoundError: there is no such task.
        """
        return self.run(
            reads.GetDependencies(task_id=task_id, include_transitive=include_transitive, direction=direction)
        )

    def query_tasks(
        self,
        *,
        filters: given.FiltersGiven | None = None,
        custom_filter: str | None = None,
        date_range: request.DateRange | Mapping[str, Any] | None = None,
        sort: given.SortGiven | Iterable[given.SortGiven] | None = None,
        limit: int | None = None,
        offset: int = 0,
        cursor: str | None = None,
        include_hierarchy: bool = False,
        include_dependencies: bool = False,
        include_metrics: bool = False,
    ) -> TasksFound:
        """Find tasks by structured filters, a condition as in a WHERE clause, or both.

        `filters` and `date_range` are values or JSON objects, whose times are RFC 3339 texts or `datetime`s;
        `sort` is a field, or several, with `-` in front to sort downwards. `limit` is at most 1,000 tasks, 50
        where left out; `.next_cursor` is the `cursor` of the next page. The tool's `fields` chooses what of
        each task its JSON shows; here every task is whole.

        Raises:
            FilterSyntaxError: the condition does not parse; the error points at the place.
            ValidationError: a filter, a field or a time is not one (every problem is listed), or the cursor
                is of another query, or goes with an `offset`.
        """
        return self.run(
            request.QueryTasks(
                filters=given.filters(filters),
                custom_filter=custom_filter,
                date_range=given.date_range(date_range),
                sort=given.sort_specs(sort),
                limit=limit,
                offset=offset,
                cursor=cursor,
                include_hierarchy=include_hierarchy,
                include_dependencies=include_dependencies,
                include_metrics=include_metrics,
            )
        )

    def get_ready_tasks(
        self,
        *,
        filters: given.FiltersGiven | None = None,
        sort: given.SortGiven | Iterable[given.SortGiven] | None = None,
        limit: int | None = None,
        leaves_only: bool = False,
    ) -> ReadyTasks:
        """Find tasks that can be started now, by priority, then age.

        `filters`, `sort` and `limit` are as in `query_tasks`.

        Raises:
            ValidationError: a filter or a field is not one; every problem is listed.
        """
        return self.run(
            request.GetReadyTasks(
                filters=given.filters(filters),
                sort=given.sort_specs(sort),
                limit=limit,
                leaves_only=leaves_only,
            )
        )

    def get_task_hierarchy(
        self,
        root_task_id: str,
        *,
        max_depth: int = LIMITS.hierarchy_levels,
        include_completed: bool = True,
        include_statistics: bool = True,
    ) -> answers.Hierarchy:
        """Read a task with all that is inside it, nested, with statistics.

        At most 64 levels and 10,000 tasks; `.truncated` says whether there are more.

        Raises:
            TaskNotFoundError: there is no such task.
        """
        return self.run(
            reads.GetTaskHierarchy(
                root_task_id=root_task_id,
                max_depth=max_depth,
                include_completed=include_completed,
                include_statistics=include_statistics,
            )
        )

    def explain_task(self, task_id: str) -> answers.Explanation:
        """Whether the task can start, finish and be claimed now, with the reasons and as a text.

        Raises:
            TaskNotFoundError: there is no such task.
        """
        return self.run(reads.ExplainTask(task_id=task_id))

    def evaluate_gates(self, task_id: str) -> answers.GatesEvaluated:
        """What became of each gate and each trigger of the task, by what was recorded of it.

        Each says which number was observed, with what it was compared, and how far off it is. Cost: some
        tens of microseconds a gate, once its text has been read.

        Raises:
            TaskNotFoundError: there is no such task.
        """
        return self.run(reads.EvaluateGates(task_id=task_id))

    def get_history(
        self,
        task_id: str | None = None,
        *,
        after: int = 0,
        limit: int = 100,
        as_of: int | datetime | None = None,
    ) -> answers.History:
        """Read a page of the events of a task, or of the workspace; `events` iterates over all of them.

        `after` is a position, `limit` at most 1,000 events. `as_of`, a position or an aware `datetime`,
        leaves later events out and shows the task as it was then (`.task`), which costs all of its events;
        the workspace as it was is `wl.as_of`.

        Raises:
            TaskNotFoundError: there never was such a task.
            ValidationError: `as_of` lies ahead.
        """
        return self.run(reads.GetHistory(task_id=task_id, after=after, limit=limit, as_of=as_of))
