"""Commands that read, beside queries: one class for each tool, with its arguments' names.

Not here: queries by filters (`worklattice.query.request`), and how they are answered
(`worklattice.orchestrator.reading`).
"""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from worklattice.model import answers
from worklattice.model.commands import DEFAULT_CONSUMER, AsOf, Command, Name, TaskId, Time, doc, needed
from worklattice.types import LIMITS, JsonValue


@frozen(kw_only=True)
class GetTask(Command[answers.TaskFound]):
    """Read a task by its id, or several; of several, ids that do not exist are listed as missing."""

    task_id: TaskId | None = doc("The task.")
    task_ids: tuple[TaskId, ...] | None = doc("Several tasks, instead.", maximum=LIMITS.page_size)
    include_comments: bool = doc("Answer the comments of the task too.", default=False)


@frozen(kw_only=True)
class GetTaskHierarchy(Command[answers.Hierarchy]):
    """Read a task with all that is inside it, as nested children, and statistics over them."""

    root_task_id: TaskId = needed("The task at the top.")
    max_depth: int = doc(
        "How many levels below the root.",
        default=LIMITS.hierarchy_levels,
        minimum=0,
        maximum=LIMITS.hierarchy_levels,
    )
    include_completed: bool = doc("False leaves ended tasks, and what is inside them, out.", default=True)
    include_statistics: bool = doc("Count by status, the share done, sums of estimates.", default=True)


@frozen(kw_only=True)
class GetDependencies(Command[answers.DependenciesFound]):
    """Read what a task needs, what needs it, or both: each dependency with its state."""

    task_id: TaskId = needed("The task.")
    include_transitive: bool = doc("Follow the dependencies of dependencies too.", default=False)
    direction: Literal["dependencies", "dependants", "both"] = doc(
        "dependencies: what it needs; dependants: what needs it. Related tasks are in both.",
        default="dependencies",
    )


@frozen(kw_only=True)
class ExplainTask(Command[answers.Explanation]):
    """Say whether a task can start, finish and be claimed now, and what is missing where it cannot."""

    task_id: TaskId = needed("The task.")


@frozen(kw_only=True)
class EvaluateGates(Command[answers.GatesEvaluated]):
    """Say of each gate of a task whether it is passed: what was observed, the threshold, how far off."""

    task_id: TaskId = needed("The task.")


@frozen(kw_only=True)
class NextTickAt(Command[answers.NextTick]):
    """Say when something is due next by itself, so that tick need not be called before."""


@frozen(kw_only=True)
class PreviewSchedule(Command[answers.SchedulePreview]):
    """Show when a scheduled task, or a schedule that is no task's yet, comes next."""

    task_id: TaskId | None = doc("The scheduled task.")
    schedule: JsonValue = doc("A schedule instead: a text, or an object, as the attribute schedule has it.")
    count: int = doc(
        "How many occurrences at most.", default=10, minimum=1, maximum=LIMITS.previewed_occurrences
    )
    after: Time | None = doc("Those after this time; after now where left out.")


@frozen(kw_only=True)
class GetHistory(Command[answers.History]):
    """Read what happened to a task, or in the whole workspace: the events in order, page by page."""

    task_id: TaskId | None = doc("Only this task's; deleted tasks have a history too.")
    after: int = doc("Only those behind this position.", default=0, minimum=0)
    limit: int = doc("How many at most.", default=100, minimum=1, maximum=LIMITS.page_size)
    as_of: AsOf | None = doc(
        "A position or a time, not ahead: only events up to then, and with task_id the task as it was then."
    )


@frozen(kw_only=True)
class GetTemplate(Command[answers.TemplateFound]):
    """Read a template: its parameters and its tree."""

    template_id: Name = needed("The template.")
    version: int | None = doc("Which version; the newest where left out.", minimum=1)


@frozen(kw_only=True)
class ListTemplates(Command[answers.TemplatesListed]):
    """List the templates: the newest version of each, the shipped ones too."""

    category: Name | None = doc("Only those of this category.")


@frozen(kw_only=True)
class ListCalendars(Command[answers.CalendarsListed]):
    """List the calendars that tasks refer to by name."""


@frozen(kw_only=True)
class ListDeadLetters(Command[answers.DeadLettersListed]):
    """List notifications that could not be delivered and were given up, and what went wrong, page by page."""

    consumer: Name = doc("Whose.", default=DEFAULT_CONSUMER)
    after: str | None = doc("Only those behind this one: next_after of the page before.")
    limit: int = doc("How many at most.", default=100, minimum=1, maximum=LIMITS.page_size)
