"""Queries as they are asked: the arguments of the tools that find tasks, as typed values.

Their fields carry the names of the arguments, and the published schemas are generated from them, as with
`worklattice.model.commands`. Times in filters are text here: a time in RFC 3339, or a date.

Not here: what they mean (`worklattice.query.parse` and `worklattice.query.filters`).
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias, TypeVar

from attrs import frozen

from worklattice.model.answers import BulkUpdated, TasksClaimed
from worklattice.model.commands import Command, Duration, Keep, Name, TaskId, TaskUpdates, Write, doc, needed
from worklattice.query.answers import ReadyTasks, TasksFound
from worklattice.types import LIMITS, JsonObject

T = TypeVar("T")


@frozen
class OneOrManyForm:
    """Marks a tuple that JSON may also write as its only member, without the list."""


ONE_OR_MANY: Final = OneOrManyForm()

OneOrMany: TypeAlias = Annotated[tuple[T, ...], ONE_OR_MANY]
"""One value or a list of them: any of them will do. Always a tuple in Python."""

StatusName: TypeAlias = Literal[
    "pending", "active", "blocked", "completed", "failed", "cancelled", "superseded", "archived"
]
TimeField: TypeAlias = Literal[
    "created_at", "updated_at", "started_at", "completed_at", "due_at", "not_before"
]

_AFTER: Final = "Later than this time (RFC 3339), or than the midnight (UTC) that this date begins with."
_BEFORE: Final = "Earlier than this time (RFC 3339), or than the midnight (UTC) that this date begins with."
_MANY: Final = LIMITS.filter_terms


@frozen(kw_only=True)
class TaskFilters:
    """Which tasks: those that fit every filter given. A list means one of its members."""

    task_id: OneOrMany[TaskId] | None = doc("Their ids.", maximum=_MANY)
    task_type: OneOrMany[Name] | None = doc("Their types.", maximum=_MANY)
    status: OneOrMany[StatusName] | None = doc("Their statuses.", maximum=_MANY)
    lifecycle_stage: OneOrMany[Name] | None = doc("Their lifecycle stages.", maximum=_MANY)
    parent_task_id: OneOrMany[TaskId | None] | Keep = doc(
        "Their parents; null means roots.", default=Keep.KEEP, maximum=_MANY
    )
    root_task_id: OneOrMany[TaskId] | None = doc(
        "The roots of the trees they are in; a root is in its own.", maximum=_MANY
    )
    claimed_by: OneOrMany[Name | None] | Keep = doc(
        "The workers that have claimed them; null means that nobody has.", default=Keep.KEEP, maximum=_MANY
    )
    run_of: OneOrMany[str | None] | Keep = doc(
        "The scheduled tasks that they are runs of; null means that they are no runs.",
        default=Keep.KEEP,
        maximum=_MANY,
    )
    template_id: OneOrMany[Name] | None = doc("The templates they were made from.", maximum=_MANY)
    has_dependencies: bool | None = doc("Whether they have dependencies, of any type.")
    has_children: bool | None = doc("Whether they have children.")
    attributes: JsonObject | None = doc(
        "By attribute, or dotted path into objects: a value that it equals; a list that has it; null, where "
        "it is null or missing; or an object of operators and operands that all hold, as {gte: 3, lt: 8}: "
        "eq ne lt lte gt gte in not_in between like contains has exists."
    )
    created_after: str | None = doc(_AFTER)
    created_before: str | None = doc(_BEFORE)
    updated_after: str | None = doc(_AFTER)
    updated_before: str | None = doc(_BEFORE)
    completed_after: str | None = doc(_AFTER)
    completed_before: str | None = doc(_BEFORE)
    due_after: str | None = doc(_AFTER)
    due_before: str | None = doc(_BEFORE)
    overdue: bool | None = doc("Whether they are late: due by a time that has come, and not ended.")
    breached: bool | None = doc("Whether they missed the time by which they were due, ended or not.")
    text: str | None = doc(
        "Words that all stand somewhere in the id, the type or the texts of the attributes; case is ignored."
    )


@frozen(kw_only=True)
class DateRange:
    """A span of time, both ends included; a date as an end means its whole day (UTC)."""

    start: str | None = doc("A time (RFC 3339) or a date.")
    end: str | None = doc("A time (RFC 3339) or a date.")
    field: TimeField | None = doc(
        "Which time of the task; completed_at where only ended statuses are asked for, else created_at."
    )


@frozen(kw_only=True)
class SortSpec:
    """One field of an order; tasks without a value come last in both directions."""

    field: str = needed("A column of the task, such as created_at or priority, or attributes.name.")
    direction: Literal["asc", "desc"] = doc("asc: smallest first; desc: largest first.", default="asc")


@frozen(kw_only=True)
class QueryTasks(Command[TasksFound]):
    """Find tasks by filters, in an order, page by page.

    Filters are all to be fulfilled; a list in a filter means one of its members. Each task may come with its
    children, path and dependencies, and all hits may be measured: lead time, cycle time, throughput.
    """

    filters: TaskFilters | None = doc("Which tasks.")
    custom_filter: str | None = doc(
        "A condition as in the WHERE clause of MySQL over the task's columns and attributes, such as "
        "created_at < DATE_SUB(NOW(), INTERVAL 2 WEEK) AND attributes.team IN ('a', 'b')."
    )
    date_range: DateRange | None = doc("A span of time.")
    sort: OneOrMany[SortSpec] | None = doc(
        "In which order; by created_at where left out. Ties are ordered by task_id.", maximum=LIMITS.sort_keys
    )
    limit: int | None = doc(
        f"How many tasks at most; {LIMITS.page_size_default} where left out.",
        minimum=1,
        maximum=LIMITS.page_size,
    )
    offset: int = doc("How many tasks to skip.", default=0, minimum=0, maximum=LIMITS.offset)
    cursor: str | None = doc("The next_cursor of the page before, with the same filters and sort.")
    include_hierarchy: bool = doc("Give each task its children, nested, and its path.", default=False)
    include_dependencies: bool = doc("Give each task its dependencies, with their state.", default=False)
    include_dependency_status: bool = doc("The same as include_dependencies.", default=False)
    include_metrics: bool = doc("Measure all hits, not only this page.", default=False)
    fields: tuple[Name, ...] | None = doc(
        "Answer only these fields of each task.", maximum=LIMITS.answered_fields
    )


@frozen(kw_only=True)
class GetReadyTasks(Command[ReadyTasks]):
    """Find tasks that can be started now: in stage draft or ready, and waiting for nothing.

    In order of attributes.priority (critical, high, medium, low, or a number), then of age.
    """

    filters: TaskFilters | None = doc("Which of them.")
    sort: OneOrMany[SortSpec] | None = doc(
        "In which order; by priority, then created_at where left out.", maximum=LIMITS.sort_keys
    )
    limit: int | None = doc(
        f"How many tasks at most; {LIMITS.page_size_default} where left out.",
        minimum=1,
        maximum=LIMITS.page_size,
    )
    leaves_only: bool = doc("Leave tasks that have children out.", default=False)


@frozen(kw_only=True)
class ClaimTask(Write[TasksClaimed]):
    """Take a task to work on: the one named, or the best ready one; nobody else is given it meanwhile.

    The claim lasts for its lease, and may be renewed. Its token is shown when the task is moved along, and
    whenever the claim is renewed or released: one that is no longer the last is refused. Tasks that need
    resources (attributes.resources) which others hold are passed over.
    """

    worker: Name = needed("Who claims.")
    task_id: TaskId | None = doc("The task; the best ready one where left out.")
    filters: TaskFilters | None = doc("Which of the ready ones.")
    sort: OneOrMany[SortSpec] | None = doc(
        "Which is the best: by priority, then created_at where left out.", maximum=LIMITS.sort_keys
    )
    count: int = doc("How many at most.", default=1, minimum=1, maximum=LIMITS.claims_per_call)
    lease: Duration = doc("For how long.", default="5 minutes")
    leaves_only: bool = doc("False does not leave tasks that have children out.", default=True)
    expected_version: int | None = doc(
        "With task_id: refuse with ConflictError unless the task has this version.", minimum=1
    )


@frozen(kw_only=True)
class BulkUpdate(Write[BulkUpdated]):
    """Make the same change to several tasks, named or found by filters; all or none."""

    updates: TaskUpdates = needed("The changes.")
    task_ids: tuple[TaskId, ...] | None = doc("The tasks.", maximum=LIMITS.batch_tasks)
    filters: TaskFilters | None = doc("The tasks that fit these filters, instead.")
