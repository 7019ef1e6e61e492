"""What commands answer, as values: the fields that the wire shows under the same names.

Not here: JSON (`worklattice.codec`); the answers of queries (`worklattice.query.answers`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from attrs import field, frozen

from worklattice.model.dependency import Dependency
from worklattice.model.estimates import EstimateSum
from worklattice.model.events import Event
from worklattice.model.notifications import Notification
from worklattice.model.task import Artifact, Claim, PastTask, Task
from worklattice.model.verdicts import JudgedGate
from worklattice.types import JsonObject


@frozen(kw_only=True)
class Written:
    """What every write answers.

    `unblocked` lists tasks that stopped waiting (at most 1,000; `unblocked_count` counts them all).
    `events` is there for a dry run: what would have been recorded.
    """

    unblocked: tuple[str, ...] = ()
    unblocked_count: int = 0
    warnings: tuple[str, ...] = ()
    events: tuple[Event, ...] | None = None


@frozen(kw_only=True)
class TaskCreated(Written):
    """A task was created; `tasks_created` lists what a template expanded under it."""

    task_id: str
    task_type: str
    created_at: datetime
    hierarchy_level: int
    task: Task
    tasks_created: tuple[ExpandedTask, ...] | None = None


@frozen(slots=False)
class ExpandedTask(Task):
    """A task that came from a template, with the key of its node."""

    key: str = field(kw_only=True)


@frozen(kw_only=True)
class BatchCreated(Written):
    """Tasks were created, in the order they were given."""

    task_ids: tuple[str, ...]
    tasks: tuple[Task, ...]
    total_created: int


@frozen(kw_only=True)
class TemplateExpanded(Written):
    """A template was expanded: tasks with parents first."""

    root_task_id: str
    template_id: str
    template_version: int
    tasks_created: tuple[ExpandedTask, ...]
    dependencies_created: int
    parameters_applied: JsonObject


@frozen(kw_only=True)
class DependenciesManaged(Written):
    """A task's dependencies after the operation."""

    task_id: str
    operation: str
    dependencies: tuple[Dependency, ...]
    task: Task


@frozen(kw_only=True)
class StageChanged(Written):
    """A task went to another stage, and with `cascade` what is inside it (`cascaded`)."""

    task_id: str
    previous_stage: str
    current_stage: str
    prerequisites_met: bool
    events_emitted: tuple[str, ...]
    notifications: tuple[Notification, ...]
    cascaded: tuple[str, ...] = ()
    task: Task
    timestamp: datetime


@frozen(kw_only=True)
class TaskUpdated(Written):
    """A task after its change."""

    task_id: str
    task: Task


@frozen(kw_only=True)
class BulkUpdated(Written):
    """Tasks after their change."""

    task_ids: tuple[str, ...]
    updated_count: int


@frozen(kw_only=True)
class TaskDeleted(Written):
    """Tasks that are gone, children before parents."""

    task_id: str
    deleted_task_ids: tuple[str, ...]
    dependencies_removed: int


@frozen(kw_only=True)
class Comment:
    """A comment on a task."""

    comment_id: str
    text: str
    author: str | None
    at: datetime


@frozen(kw_only=True)
class ApprovalRecorded(Written):
    """A decision on a task was recorded."""

    task_id: str
    decision: str
    task: Task


@frozen(kw_only=True)
class ArtifactAdded(Written):
    """A task has delivered something."""

    task_id: str
    artifact: Artifact
    task: Task


@frozen(kw_only=True)
class FiredTrigger:
    """A condition that a recorded metric has met, and what came of it."""

    attribute: str
    trigger: str
    """The condition."""
    observed: str | None
    """The number that met it."""
    message: str
    moved_to: str | None
    """The stage to which the task went because of it, where it went to one."""


@frozen(kw_only=True)
class MetricsRecorded(Written):
    """The gates of a task as its metrics leave them, and the triggers that fired."""

    task_id: str
    gates: tuple[JudgedGate, ...]
    triggered: tuple[FiredTrigger, ...]
    task: Task


@frozen(kw_only=True)
class GateWaived(Written):
    """The gates of a task, one of which is waived, or no longer."""

    task_id: str
    gates: tuple[JudgedGate, ...]
    task: Task


@frozen(kw_only=True)
class GatesEvaluated:
    """The gates of a task, and its triggers: what became of each."""

    task_id: str
    passed: bool
    """Whether all gates are passed or waived; true where there are none."""
    gates: tuple[JudgedGate, ...]
    triggers: tuple[JudgedGate, ...]
    """The conditions of its triggers: passed means that what was recorded meets it."""


@frozen(kw_only=True)
class CommentAdded(Written):
    """The comment, and the task that it is on."""

    task_id: str
    comment: Comment
    task: Task


@frozen(kw_only=True)
class Claimed:
    """A task, and the claim on it."""

    task: Task
    claim: Claim


@frozen(kw_only=True)
class TasksClaimed(Written):
    """What was claimed, in order; `task` and `claim` are the first, null where nothing fitted."""

    task: Task | None = field(default=None, metadata={"always_shown": True})
    claim: Claim | None = field(default=None, metadata={"always_shown": True})
    claims: tuple[Claimed, ...]


@frozen(kw_only=True)
class ClaimRenewed(Written):
    """A claim lasts longer."""

    task_id: str
    claim: Claim
    task: Task


@frozen(kw_only=True)
class ClaimReleased(Written):
    """A claim was given up; `claim` is what it was."""

    task_id: str
    claim: Claim
    task: Task


@frozen(kw_only=True)
class TaskTypeRegistered(Written):
    """A task type's registration."""

    task_type: str
    lifecycle: JsonObject | None = None
    attributes_schema: JsonObject | None = None
    attribute_names: JsonObject | None = None
    attribute_defaults: JsonObject | None = None
    strict: bool = False


@frozen(kw_only=True)
class TemplateDefined(Written):
    """A template, or a new version of one, was defined."""

    template_id: str
    version: int


@frozen(kw_only=True)
class TemplateDeleted(Written):
    """A template is gone; `version` was its last."""

    template_id: str
    version: int


@frozen(kw_only=True)
class Ticked(Written):
    """What was due has happened: `events` are all that were recorded, `runs` the ids of the roots of runs.

    In a transaction, `events` has also what came by itself until it began, unless a tick in it told of that.

    `skipped` counts the occurrences that make no run because they were missed, of each series up to 1,000 at
    a time, and `failed` those whose run could not be made. `next_tick_at` is now where more is due.
    """

    runs: tuple[str, ...]
    skipped: int
    failed: int
    next_tick_at: datetime | None = field(metadata={"always_shown": True})


@frozen(kw_only=True)
class SchedulePaused(Written):
    """A scheduled task makes no runs for now."""

    task_id: str
    task: Task


@frozen(kw_only=True)
class ScheduleResumed(Written):
    """A scheduled task makes runs again."""

    task_id: str
    task: Task


@frozen(kw_only=True)
class NextTick:
    """When something is due next: not before; null where nothing is at all, now where it is already."""

    next_tick_at: datetime | None = field(metadata={"always_shown": True})


@frozen(kw_only=True)
class SchedulePreview:
    """When a schedule comes next; `schedule` is its canonical form, in the `time_zone`."""

    schedule: str
    time_zone: str
    occurrences: tuple[datetime, ...]


@frozen(kw_only=True)
class CalendarDefined(Written):
    """A calendar, as it was given."""

    name: str
    calendar: JsonObject


@frozen(kw_only=True)
class CalendarDeleted(Written):
    """A calendar is gone."""

    name: str


@frozen(kw_only=True)
class Undone(Written):
    """A command was undone: the one whose first event is at `position`, which `actor` gave at `at`.

    `undone_events` are the kinds of its events that carried state, `task_ids` the tasks that they were about.
    """

    position: int
    undone_events: tuple[str, ...]
    task_ids: tuple[str, ...]
    at: datetime
    actor: str | None = field(metadata={"always_shown": True})
    events_emitted: tuple[str, ...]


@frozen(kw_only=True)
class Delivered:
    """What came of a call of `deliver`; nothing of it is in the log."""

    delivered: int
    """Notifications that their handlers took."""
    retried: int
    """Those whose handlers failed, to be tried again."""
    dead: int
    """Those that were given up, for good or until they are redelivered."""
    late: int
    """Those whose handlers came back when the lease had run out and somebody else had them."""
    next_at: datetime | None
    """When the next one is to be tried; None where none is left. One that has passed: call at once."""


@frozen(kw_only=True)
class DeadLetter:
    """A notification that was given up, when, and what went wrong last."""

    dead_letter_id: str
    """What it is called among those of the consumer."""
    notification: Notification
    error: str | None
    dead_at: datetime


@frozen(kw_only=True)
class DeadLettersListed:
    """Dead letters of a consumer in the order of their events; `next_after` reads on, null at the end."""

    consumer: str
    dead_letters: tuple[DeadLetter, ...]
    next_after: str | None


@frozen(kw_only=True)
class Redelivered(Written):
    """Dead letters that are on their way again; `more` says whether others are left."""

    consumer: str
    dead_letter_ids: tuple[str, ...]
    more: bool


@frozen(kw_only=True)
class Executed(Written):
    """What each command answered, in order."""

    results: tuple[Any, ...]


@frozen(kw_only=True)
class TaskFound:
    """A task, several tasks, or a task with its comments; ids that do not exist are in `missing`."""

    task: Task | None = None
    tasks: tuple[Task, ...] | None = None
    missing: tuple[str, ...] | None = None
    comments: tuple[Comment, ...] | None = None


@frozen(kw_only=True)
class Statistics:
    """Counts over the tasks of an answer, the root included.

    `completed_share` is the share of completed ones among those not cancelled or superseded, 0 to 1; `sums`
    adds up the numeric attributes, but for those whose sum is beyond the numbers of JSON; `estimates` adds up
    amounts with units, as the metrics of a query do.
    """

    total: int
    by_status: dict[str, int]
    completed_share: float
    sums: dict[str, float]
    estimates: dict[str, tuple[EstimateSum, ...]] = field(factory=dict)


@frozen(slots=False)
class TaskNode(Task):
    """A task with what is inside it, in order of creation."""

    children: tuple[TaskNode, ...] = field(default=(), kw_only=True)


@frozen(kw_only=True)
class Hierarchy:
    """A tree of tasks; `truncated` where it has more levels or tasks than one answer holds."""

    root_task: TaskNode
    statistics: Statistics | None = None
    truncated: bool = False


@frozen(kw_only=True)
class DependenciesFound:
    """The dependencies of a task, in the order they were added; with transitive ones nearest first."""

    task_id: str
    dependencies: tuple[Dependency, ...]


@frozen(kw_only=True)
class Reason:
    """Something that is missing: for whom (`start`, `finish` or `claim`), of which kind, in words."""

    against: Literal["start", "finish", "claim"]
    kind: str
    message: str
    task_ids: tuple[str, ...]
    """The tasks that are waited for, or hold what is needed."""


@frozen(kw_only=True)
class Explanation:
    """What can be done with a task now, why not what can't, and all of it as a text for people."""

    task_id: str
    can_start: bool
    can_finish: bool
    can_claim: bool
    reasons: tuple[Reason, ...]
    text: str


@frozen(kw_only=True)
class History:
    """Events in order; pass `next_after` as `after` to read on, null at the end.

    `task` is the task as of `as_of`, left out where that was not given, or the task was not there then.
    """

    events: tuple[Event, ...]
    next_after: int | None
    task: PastTask | None = None


@frozen(kw_only=True)
class TemplateInfo:
    """A template's definition."""

    template_id: str
    version: int
    name: str | None
    description: str | None
    category: str | None
    parameters_schema: JsonObject
    task_structure: JsonObject
    shipped: bool


@frozen(kw_only=True)
class TemplateFound:
    """A template."""

    template: TemplateInfo


@frozen(kw_only=True)
class TemplateSummary:
    """A line of the list of templates."""

    template_id: str
    version: int
    name: str | None
    description: str | None
    category: str | None
    shipped: bool


@frozen(kw_only=True)
class TemplatesListed:
    """The templates, by id."""

    templates: tuple[TemplateSummary, ...]
    total: int


@frozen(kw_only=True)
class CalendarInfo:
    """A calendar, as it was given."""

    name: str
    calendar: JsonObject


@frozen(kw_only=True)
class CalendarsListed:
    """The calendars, by name."""

    calendars: tuple[CalendarInfo, ...]
    total: int
