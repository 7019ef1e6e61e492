"""Commands: what a caller can ask for, as values. One class for each tool that writes.

A command says what is wanted and nothing of how; its fields carry the names of the tool's arguments. The
codec structures them from JSON, and the published schemas are generated from them: an alias such as
`TaskId` says of a text what form it has (`worklattice.codec` reads the `Form`).

Not here: what a command does (`worklattice.model.decide`), commands that read (`worklattice.model.reads`),
and those that take filters, bulk_update among them (`worklattice.query.request`).
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum, StrEnum
from typing import Annotated, Any, Final, Generic, Literal, TypeAlias, TypeVar, cast, get_args

from attrs import field, frozen

from worklattice.model import answers
from worklattice.types import LIMITS, JsonObject, JsonValue


class Form(StrEnum):
    """The form of a text or number beyond its JSON type."""

    ID = "id"
    NAME = "name"
    DURATION = "duration"
    TIME = "time"
    JOIN = "join"
    AS_OF = "as_of"


TaskId: TypeAlias = Annotated[str, Form.ID]
CalendarName: TypeAlias = Annotated[str, Form.ID]
Name: TypeAlias = Annotated[str, Form.NAME]
"""A type, stage, template or actor name: 1 to 200 characters."""
Duration: TypeAlias = Annotated[str, Form.DURATION]
"""`15 minutes`, `2_hours`, `PT2H`."""
Time: TypeAlias = Annotated[datetime, Form.TIME]
"""RFC 3339 on the wire, an aware `datetime` in Python."""
Join: TypeAlias = Annotated[str | int, Form.JOIN]
"""`all`, `any`, or how many."""
AsOf: TypeAlias = Annotated[int | datetime, Form.AS_OF]
"""A position in the log, or a time."""
DependencyTypeName: TypeAlias = Literal[
    "completion",
    "approval",
    "data",
    "start_to_start",
    "finish_to_finish",
    "start_to_finish",
    "prerequisite",
    "information",
    "related",
    "blocks",
]
OutcomeName: TypeAlias = Literal["success", "failure", "any"]
OperationName: TypeAlias = Literal["add", "remove", "update", "replace", "waive", "unwaive"]


DEFAULT_CONSUMER: Final = "default"
"""Whose deliveries are meant where no consumer is named."""


class Keep(Enum):
    """Stands for a field that was not given, where null means something."""

    KEEP = "keep"


def doc(text: str, default: Any = None, **more: Any) -> Any:  # noqa: ANN401 - as attrs.field
    """A field with its description for the published schema."""
    return field(default=default, metadata={"doc": text, **more})


def needed(text: str, **more: Any) -> Any:  # noqa: ANN401 - as attrs.field
    """A required field with its description for the published schema."""
    return field(metadata={"doc": text, **more})


A = TypeVar("A")
A_co = TypeVar("A_co", covariant=True)


@frozen(kw_only=True, slots=False)
class Command(Generic[A_co]):
    """Something a caller asks for; `A_co` is what it is answered with."""


def answer_type(command: type[Command[A]]) -> type[A]:
    """What commands of this class are answered with: the `X` of `class Name(Command[X])`."""
    (answer,) = (answer for base in vars(command)["__orig_bases__"] for answer in get_args(base))
    return cast("type[A]", answer)


@frozen(kw_only=True, slots=False)
class Write(Command[A_co]):
    """A command that changes something."""

    idempotency_key: Name | None = doc(
        "The same key with the same arguments gives the first answer again and writes nothing."
    )
    dry_run: bool = doc("Answer as if it had been done, with the events, and write nothing.", default=False)
    actor: Name | None = doc("Who asks; lands in the events.")
    reason: str | None = doc("Why; lands in the events.")


@frozen(kw_only=True, slots=False)
class WriteTask(Write[A_co]):
    """A command that changes one task."""

    task_id: TaskId = needed("The task.")
    expected_version: int | None = doc(
        "Refuse with ConflictError unless the task has this version.", minimum=1
    )


@frozen(kw_only=True, slots=False)
class DependencySpec:
    """A dependency as it is given. Fields left out keep their values when the edge is there already."""

    dependency_task_id: TaskId = needed("The task that is needed.")
    dependency_type: DependencyTypeName = doc("What is needed of it.", default="completion")
    description: str | None = doc("Why it is needed.")
    mandatory: bool | None = doc("Whether it holds anything back; true where left out.")
    outcome: OutcomeName | None = doc("What the other task has to come to; success where left out.")
    conditions: JsonObject | None = doc(
        "Attribute values of the dependant; the dependency counts only where they match."
    )
    lag: Duration | None = doc("How long after the other's start or finish.")
    artifact: Name | None = doc("The artifact that the other has to deliver (type data).")
    expires_at: Time | None = doc("When its waiver ends (only with the operation waive).")


@frozen(kw_only=True, slots=False)  # so that CreateTask can inherit from Write too
class NewTask:
    """What may be said of a task when it is created."""

    task_type: Name = needed("What kind of task it is; any name will do.")
    attributes: JsonObject = field(factory=dict, metadata={"doc": "Anything: kept as it is."})
    parent_task_id: TaskId | None = doc("The task that it is a part of; none makes it a root.")
    task_id: TaskId | None = doc("Its id; generated where left out.")
    dependencies: tuple[DependencySpec, ...] = doc(
        "What it needs.", default=(), maximum=LIMITS.dependencies_per_call
    )
    lifecycle_stage: Name | None = doc("The stage to be born in; the lifecycle's first where left out.")
    join: Join | None = doc(
        "How many of its dependencies it needs to start: all (default), any, or a number."
    )
    not_before: Time | None = doc("It is not ready, and cannot become active, before this time.")


@frozen(kw_only=True, slots=False)
class CreateTask(NewTask, Write[answers.TaskCreated]):
    """Create a task of any type, with free attributes.

    It may be put under a parent, be given dependencies, be born in any lifecycle stage whose guards hold, and
    have a template expanded under it. The answer has the task, with the id that it was given.
    """

    template_id: Name | None = doc("Expand this template under the new task.")
    template_version: int | None = doc("Which version of it; the newest where left out.", minimum=1)
    parameters: JsonObject | None = doc("The template's parameters.")
    validation_checks: bool = doc("False skips the guards of the stage it is born in.", default=True)


@frozen(kw_only=True, slots=False)
class BatchCreate(Write[answers.BatchCreated]):
    """Create many tasks in one transaction, all or none.

    They may name one another by `task_id`, as parents and in dependencies, in any order.
    """

    tasks: tuple[NewTask, ...] = needed("The tasks.", maximum=LIMITS.batch_tasks, minimum=1)
    validation_checks: bool = doc("False skips the guards of the stages they are born in.", default=True)


@frozen(kw_only=True, slots=False)
class CreateFromTemplate(Write[answers.TemplateExpanded]):
    """Expand a template into a tree of tasks, with the dependencies between them; all or none.

    Templates take parameters: get_template shows which. With dry_run the answer shows the tree that would be
    made.
    """

    template_id: Name = needed("The template.")
    parameters: JsonObject = field(factory=dict, metadata={"doc": "Its parameters."})
    parent_task_id: TaskId | None = doc("Put the tree under this task.")
    task_id: TaskId | None = doc("The id of the root; generated where left out.")
    template_version: int | None = doc("Which version; the newest where left out.", minimum=1)


@frozen(kw_only=True, slots=False)
class ManageDependencies(WriteTask[answers.DependenciesManaged]):
    """Add, remove, update, replace, waive or unwaive dependencies of a task.

    A dependency says that `task_id` needs another task. Adding one that is there updates it; replace makes
    the given ones all that there are; waive lets the task go on without a dependency, for a reason. A
    circle of tasks that wait for one another is refused. The answer has all dependencies of the task with
    their states.
    """

    operation: OperationName = doc("What to do.", default="add")
    dependencies: tuple[DependencySpec, ...] = doc(
        "The dependencies.", default=(), maximum=LIMITS.dependencies_per_call
    )
    dependency_ids: tuple[TaskId, ...] = doc(
        "For remove, waive and unwaive: the other tasks, whatever the types unless dependency_type is given.",
        default=(),
        maximum=LIMITS.dependencies_per_call,
    )
    dependency_type: DependencyTypeName | None = doc("Only dependencies of this type, with dependency_ids.")
    expires_at: Time | None = doc("For waive: until when.")


@frozen(kw_only=True, slots=False)
class ManageLifecycle(WriteTask[answers.StageChanged]):
    """Move a task to another lifecycle stage: start it, complete it, cancel it, reopen it.

    Refused where the lifecycle has no such transition, and where a guard does not hold: a task that waits for
    others cannot start, one with open children cannot complete. The answer lists the tasks that this
    unblocked.
    """

    lifecycle_stage: Name = needed("The stage to go to.")
    validation_checks: bool = doc("False skips the guards; the event records it.", default=True)
    notes: str | None = doc("Why; the reason in the events.")
    notify_channels: tuple[str, ...] = doc(
        "Channels to tell, such as #releases; the notifications are in the answer.", default=()
    )
    superseded_by: TaskId | None = doc("For superseded: the task that takes its place.")
    cascade: bool = doc("Take all that is inside along, where its stages allow.", default=False)
    claim_token: int | None = doc("The token of the claim on it, where one is live.", minimum=1)
    result: JsonValue = doc("What came of it.")
    error: JsonValue = doc("What went wrong.")


@frozen(kw_only=True, slots=False)
class TaskUpdates:
    """What may be changed of a task; fields left out stay as they are."""

    attributes: JsonObject | None = doc("A merge patch (RFC 7396): null takes an attribute out.")
    parent_task_id: TaskId | Keep | None = doc("Its new parent; null makes it a root.", default=Keep.KEEP)
    task_type: Name | None = doc("Its new type.")
    not_before: Time | Keep | None = doc("Not before this time; null lifts it.", default=Keep.KEEP)
    join: Join | None = doc("How many of its dependencies it needs to start.")


@frozen(kw_only=True, slots=False)
class UpdateTask(WriteTask[answers.TaskUpdated]):
    """Change a task's attributes, parent, type, join or not_before; its stage is changed by manage_lifecycle.

    Attributes are merged: those left out stay, null takes one out.
    """

    updates: TaskUpdates = needed("The changes.")


@frozen(kw_only=True, slots=False)
class DeleteTask(WriteTask[answers.TaskDeleted]):
    """Delete a task; its history stays.

    Refused while it has children, unless cascade deletes them too, and while other tasks depend on it, unless
    detach removes those dependencies. To keep a record of unfinished work, cancel it instead.
    """

    cascade: bool = doc("Delete all that is inside it too.", default=False)
    detach: bool = doc("Remove the dependencies that others have on it.", default=False)


DecisionName: TypeAlias = Literal["approved", "rejected"]


@frozen(kw_only=True, slots=False)
class RecordApproval(WriteTask[answers.ApprovalRecorded]):
    """Approve or reject a task: what depends on its approval waits for the latest decision.

    The decision is on the present attempt: reopening the task makes it stale.
    """

    decision: DecisionName = needed("What was decided.")
    comment: str | None = doc("Why.")


@frozen(kw_only=True, slots=False)
class AddArtifact(WriteTask[answers.ArtifactAdded]):
    """Say that a task has delivered something: where it is, or the thing itself if it is small.

    An artifact of the same name takes the place of the one before. It belongs to the present attempt:
    reopening the task makes it stale.
    """

    name: Name = needed("What it is called; data dependencies name it.")
    uri: str | None = doc("Where it is. Give this or the content.")
    content: JsonValue = doc("The thing itself: any JSON value.")
    media_type: Name | None = doc("What it is, such as text/csv.")


@frozen(kw_only=True, slots=False)
class RecordMetrics(WriteTask[answers.MetricsRecorded]):
    """Record what was observed of a task: its gates are judged by it, and triggers that it meets fire.

    It counts for the attempt in which it was observed: reopening the task makes it stale. What was observed
    before what is known of a metric changes nothing, and is warned of.
    """

    metrics: JsonObject = needed(
        "Of each metric its name and what was observed: a number, or a text such as 250ms or 4.5/5; "
        "of a named check passed or failed."
    )
    source: Name | None = doc("Where the numbers come from, such as a dashboard.")
    observed_at: Time | None = doc("When it was observed; now where left out.")


@frozen(kw_only=True, slots=False)
class WaiveGate(WriteTask[answers.GateWaived]):
    """Let a task complete although a gate of it is not passed, or take such a waiver back.

    It is for the present attempt: reopening the task ends it. Needs a reason.
    """

    gate: str = needed("The gate, as evaluate_gates shows it.")
    expires_at: Time | None = doc("Until when it is waived; for good where left out.")
    withdraw: bool = doc("Take the waiver back.", default=False)


@frozen(kw_only=True, slots=False)
class RenewClaim(WriteTask[answers.ClaimRenewed]):
    """Keep a claimed task for longer: its lease begins anew. To be called well before it runs out."""

    token: int = needed("The token of the claim.", minimum=1)
    lease: Duration | None = doc("For how long from now; as long as before where left out.")


@frozen(kw_only=True, slots=False)
class ReleaseClaim(WriteTask[answers.ClaimReleased]):
    """Give a claimed task back, undone: others may claim it. If it was started, it is ready again."""

    token: int = needed("The token of the claim.", minimum=1)


@frozen(kw_only=True, slots=False)
class AddComment(WriteTask[answers.CommentAdded]):
    """Add a comment to a task. get_task shows comments with include_comments."""

    text: str = needed("The comment.")


@frozen(kw_only=True, slots=False)
class CreateTemplate(Write[answers.TemplateDefined]):
    """Define a template: a tree of tasks with placeholders for parameters. Or define the next version of one.

    Faults (unknown placeholders, circles, dependencies on no node) are refused here, not when it is used.
    """

    template_id: Name = needed("Its id.")
    task_structure: JsonObject = needed("The tree: {root_task: node}.")
    name: str | None = doc("A name for people.")
    description: str | None = doc("What it is for.")
    category: str | None = doc("To find it by.")
    parameters_schema: JsonObject | None = doc("A JSON Schema (2020-12) of its parameters.")


@frozen(kw_only=True, slots=False)
class DeleteTemplate(Write[answers.TemplateDeleted]):
    """Delete a template; tasks made from it stay, and its versions are not given out again."""

    template_id: Name = needed("The template.")


@frozen(kw_only=True, slots=False)
class RegisterTaskType(Write[answers.TaskTypeRegistered]):
    """Say what is particular to a task type: its lifecycle, and what its attributes must be and mean."""

    task_type: Name = needed("The type.")
    lifecycle: JsonObject | None = doc(
        "Stages, transitions, and what each stage means; the default where left out."
    )
    attributes_schema: JsonObject | None = doc("A JSON Schema (2020-12) that attributes must satisfy.")
    attribute_names: JsonObject | None = doc(
        'By the name of a convention, the type\'s own name for it, such as {"due_date": "target_date"}.'
    )
    attribute_defaults: JsonObject | None = doc(
        'By the name of a convention, what holds where a task says nothing, such as {"priority": "low"}.'
    )
    strict: bool = doc(
        "Refuse attributes that mean something and cannot be read, instead of warning.", default=False
    )


@frozen(kw_only=True, slots=False)
class DefineCalendar(Write[answers.CalendarDefined]):
    """Define a calendar that tasks refer to by name: working hours, maintenance windows, or both.

    One that there was under the name before is replaced.
    """

    name: CalendarName = needed("The name, which must not read as a time, as hours or as days of the week.")
    calendar: JsonObject = needed(
        "Any of time_zone, working_hours, holidays, extra_working_days and windows; "
        "at least working_hours or windows."
    )


@frozen(kw_only=True, slots=False)
class DeleteCalendar(Write[answers.CalendarDeleted]):
    """Delete a calendar."""

    name: CalendarName = needed("The calendar.")


@frozen(kw_only=True, slots=False)
class Redeliver(Write[answers.Redelivered]):
    """Put notifications that could not be delivered on their way again: those named, or all of a consumer."""

    consumer: Name = doc("Whose dead letters.", default=DEFAULT_CONSUMER)
    dead_letter_ids: tuple[str, ...] | None = doc(
        "Which, as list_dead_letters shows them; where left out the first 1,000.",
        minimum=1,
        maximum=LIMITS.page_size,
    )


@frozen(kw_only=True, slots=False)
class Tick(Write[answers.Ticked]):
    """Let everything happen that is due: what ends, opens or goes off by itself, and runs of schedules.

    Claims, lags and waivers end, start times pass, windows open and close, service levels, due times and time
    limits run out. Call it from time to time, from as many processes as you like: each thing happens once.
    The answer has the events, the runs that were made, and when something is due next.
    """

    limit: int = doc(
        "How many runs are made at most; the rest is left to the next call.",
        default=LIMITS.runs_per_tick,
        minimum=1,
        maximum=LIMITS.runs_per_tick,
    )


@frozen(kw_only=True, slots=False)
class PauseSchedule(WriteTask[answers.SchedulePaused]):
    """Make no runs of a scheduled task until its schedule is resumed. Runs that are there are left alone."""


@frozen(kw_only=True, slots=False)
class ResumeSchedule(WriteTask[answers.ScheduleResumed]):
    """Make runs of a scheduled task again, from now on: what came while it was paused is not made up for."""


@frozen(kw_only=True, slots=False)
class Undo(Write[answers.Undone]):
    """Undo a command: what it said of tasks is taken back, by a command with events of its own.

    Without a position the last command that stands is undone: call it again to go further back. To undo an
    undo is to redo. Refused where later changes stand on the command; the error names the first of them.
    """

    position: int | None = doc(
        "The position of any event of the command, as get_history shows it; the last command where left out.",
        minimum=1,
    )


@frozen(kw_only=True, slots=False)
class Execute(Write[answers.Executed]):
    """Carry out several tool payloads, one after the other, as one transaction: all or none.

    Each payload sees what those before it did. The answer lists what each of them answered; where one is
    refused, nothing is written, and the field of the error names it; so where the answers are too large
    together. `actor` and `reason` hold for those that give none of their own.
    """

    commands: tuple[Command[Any], ...] = needed(
        "The payloads: objects of tool and arguments, as dispatch takes them.",
        minimum=1,
        maximum=LIMITS.batch_tasks,
    )
