"""worklattice: an embeddable task graph.

    import worklattice

    with worklattice.open("sqlite:///work.db") as wl:
        wl.create_generic_task("sprint", task_id="sprint_23", attributes={"title": "Sprint 23"})

`open` gives an `Orchestrator`: one method for each command, `dispatch` for JSON tool payloads, `events` and
`subscribe` for what happened. The values that it takes and answers, and the errors that it raises, are here.
"""

from worklattice.assembly import Report, check, open  # noqa: A004 - verbs of the module, as in gzip.open
from worklattice.errors import (
    CircularDependencyError,
    ClaimError,
    ConflictError,
    DependencyNotFoundError,
    DuplicateTaskError,
    ExpansionLimitError,
    FilterSyntaxError,
    InvalidTransitionError,
    LimitExceededError,
    ParentTaskNotFoundError,
    PrerequisitesNotMetError,
    StoreError,
    TaskNotFoundError,
    TemplateNotFoundError,
    TemplateParameterError,
    TemplateValidationError,
    UnknownToolError,
    ValidationError,
    WorklatticeError,
)
from worklattice.model import commands
from worklattice.model.commands import DependencySpec, NewTask, TaskUpdates
from worklattice.model.dependency import Dependency
from worklattice.model.events import Event
from worklattice.model.notifications import Notification
from worklattice.model.soundness import Discrepancy
from worklattice.model.task import Task
from worklattice.orchestrator import Orchestrator
from worklattice.query.request import BulkUpdate, ClaimTask, DateRange, SortSpec, TaskFilters

__all__ = [
    "BulkUpdate",
    "CircularDependencyError",
    "ClaimError",
    "ClaimTask",
    "ConflictError",
    "DateRange",
    "Dependency",
    "DependencyNotFoundError",
    "DependencySpec",
    "Discrepancy",
    "DuplicateTaskError",
    "Event",
    "ExpansionLimitError",
    "FilterSyntaxError",
    "InvalidTransitionError",
    "LimitExceededError",
    "NewTask",
    "Notification",
    "Orchestrator",
    "ParentTaskNotFoundError",
    "PrerequisitesNotMetError",
    "Report",
    "SortSpec",
    "StoreError",
    "Task",
    "TaskFilters",
    "TaskNotFoundError",
    "TaskUpdates",
    "TemplateNotFoundError",
    "TemplateParameterError",
    "TemplateValidationError",
    "UnknownToolError",
    "ValidationError",
    "WorklatticeError",
    "check",
    "commands",
    "open",
]
