"""What stores keep: one named tuple for each kind of row.

Rows are plain immutable tuples, so that a store binds them to SQL parameters, and a projection copies them,
at the speed of tuples. Times are integers: microseconds since 1970 in UTC. What was said and what is derived
stand apart: a dump holds the first, `worklattice.model.recount` rebuilds the second.

Not here: the values that callers see (`model.task`, `model.dependency`, `model.events`), which are made from
rows, and JSON (`worklattice.codec`).
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple, Self, TypeAlias

from worklattice.types import JsonObject, JsonValue

Micros: TypeAlias = int
"""A moment, or a span, in microseconds."""

JOIN_ALL: Final = 0
"""The `join` of a task that needs all of its start edges; a positive number needs that many."""


class TaskRow(NamedTuple):
    """A task."""

    # what was said
    task_id: str
    seq: int
    """Position of the event that created it: the order of creation."""
    task_type: str
    parent_id: str | None
    stage: str
    attributes: JsonObject
    version: int
    created_at: Micros
    updated_at: Micros
    started_at: Micros | None
    completed_at: Micros | None
    not_before: Micros | None
    join: int
    template_id: str | None
    template_version: int | None
    superseded_by: str | None
    outcome: str | None
    """How it ended: succeeded, failed, withdrawn, or ended (archived before any of them); None while open."""
    attempt: int
    reopened_at: Micros | None
    """When its present attempt began; None in the first."""
    result: JsonValue
    error: JsonValue
    approval: JsonObject | None
    """The latest decision on it in its present attempt: decision, at, by and comment."""
    artifacts: JsonObject | None
    """What it has delivered in its present attempt, by name: uri or content, media_type, at and by."""
    metrics: JsonObject | None
    """What was last observed of it, by metric: value, at, attempt, source, and what was observed first."""
    gate_waivers: JsonObject | None
    """The gates that are waived in its present attempt: reason, at, by, and until when."""
    series: JsonObject | None
    """On a scheduled task how far its occurrences were handled, on a run which one it is (`model.series`)."""
    token: int | None
    """The fencing token of its last claim: the position of the event that gave it."""
    claimed_by: str | None
    """The worker whose claim is live; with it are None what follows, and while it is there none of them."""
    claimed_until: Micros | None
    lease: Micros | None
    """For how long the claim was given or renewed."""
    holds: JsonObject | None
    """The resources that the claim holds, by name: units, of how many (capacity)."""
    clock: JsonObject | None
    """How its SLA, or its present attempt, runs (`worklattice.model.sla`): used, since, begun."""
    alarms: JsonObject | None
    """For which moment each alarm last went off: warned, breached, overran."""
    # what is derived
    status: str
    ready: bool
    rank: float
    """Its place by `attributes.priority`, lowest first."""
    due_at: Micros | None
    breached_at: Micros | None
    """The due time that it missed, unless it is due later by now."""
    timed: bool
    """Whether its times depend on more than its due date: on stages, ancestors or calendars."""
    closed: bool
    """Whether it could start but for a window that was closed at the last settlement."""
    alarm_at: Micros | None
    """When the next of its alarms goes off, or was to go off and is not told yet."""
    needs: str | None
    """The resources that it needs, as conditions can ask for them (`worklattice.model.resources`)."""
    run_of: str | None
    """The scheduled task that it is a run of."""
    next_run_at: Micros | None
    """Its first occurrence that was not handled yet."""
    depth: int
    root_id: str
    children: int
    open_children: int
    edges: int
    """Dependencies of any type that it has."""
    start_edges: int
    """Those that hold back its start: mandatory and applicable."""
    start_met: int
    """Of these, how many are satisfied or waived."""
    finish_open: int
    """Mandatory, applicable finish edges that are neither satisfied nor waived."""
    holders: int
    """Ancestors that hold it back."""
    in_series: int
    """How many of itself and its ancestors, up to a run, are scheduled: runs are worked on, not they."""
    start_level: int
    finish_level: int
    moment: Micros | None
    """When it next changes by itself after the last settlement: `not_before` passes, its claim expires, or a
    window opens or closes."""

    def but(self, **changes: Any) -> Self:
        """The same row with some fields changed."""
        values = list(self)
        for name, value in changes.items():
            values[_TASK_INDEX[name]] = value
        return tuple.__new__(type(self), values)


_TASK_INDEX: Final = {name: index for index, name in enumerate(TaskRow._fields)}

EdgeKey: TypeAlias = tuple[str, str, str]
"""The dependant's id, the id of the task it depends on as named, and the type."""


class EdgeRow(NamedTuple):
    """A dependency: `task_id` needs `dependency_id`."""

    # what was said
    task_id: str
    dependency_id: str
    type: str
    seq: int
    """Position of the event that added it."""
    mandatory: bool
    outcome: str
    conditions: JsonObject | None
    lag: Micros
    artifact: str | None
    description: str | None
    waived_at: Micros | None
    waived_until: Micros | None
    waived_by: str | None
    waive_reason: str | None
    # what is derived
    effective_id: str
    """The task that it waits for: `dependency_id`, or what that was superseded by in the end."""
    moment: Micros | None
    """When its state next changes by itself (a lag passes, a waiver expires) after the last settlement."""

    @property
    def key(self) -> EdgeKey:
        """What tells it from every other edge."""
        return self[:3]

    def but(self, **changes: Any) -> Self:
        """The same row with some fields changed."""
        values = list(self)
        for name, value in changes.items():
            values[_EDGE_INDEX[name]] = value
        return tuple.__new__(type(self), values)


_EDGE_INDEX: Final = {name: index for index, name in enumerate(EdgeRow._fields)}

NEW_TASK: Final = TaskRow._make([None] * len(TaskRow._fields)).but(
    version=1, attempt=1, status="", ready=False, timed=False, closed=False, depth=0, children=0,
    open_children=0, edges=0, start_edges=0, start_met=0, finish_open=0, holders=0, in_series=0,
    start_level=0, finish_level=1,
)  # fmt: skip
"""A task of which nothing was said yet."""

NEW_EDGE: Final = EdgeRow._make([None] * len(EdgeRow._fields)).but(mandatory=True, outcome="success", lag=0)
"""A dependency of which nothing was said yet."""


HoldKey: TypeAlias = tuple[str, str]
"""The name of a resource, and the id of the task whose claim holds it."""


class HoldRow(NamedTuple):
    """A resource that the claim of a task holds: `TaskRow.holds`, to be found by the resource."""

    resource: str
    task_id: str
    units: int
    capacity: int
    """How many units there are at most, as the holder has it."""

    @property
    def key(self) -> HoldKey:
        """What tells it from every other hold."""
        return self[:2]


class EventRow(NamedTuple):
    """An event of the workspace's log."""

    position: int
    event_type: str
    task_id: str | None
    at: Micros
    actor: str | None
    reason: str | None
    data: JsonObject
    command: int
    """Names the command that it belongs to: the position of that one's first event."""
    undoes: int | None = None
    """The command that its command undoes, where it is an undo."""


CommentKey: TypeAlias = tuple[str, int]
"""A comment's task and `seq`."""


class CommentRow(NamedTuple):
    """A comment on a task; `seq` is the position of its event and names it."""

    task_id: str
    seq: int
    text: str
    author: str | None
    at: Micros

    @property
    def key(self) -> CommentKey:
        """What tells it from every other comment."""
        return self[:2]


TemplateKey: TypeAlias = tuple[str, int]
"""A template's id and version."""


class TemplateRow(NamedTuple):
    """One version of a template, as it was given: `body` is the definition's JSON object."""

    template_id: str
    version: int
    body: JsonObject
    created_at: Micros
    deleted: bool


class TypeRow(NamedTuple):
    """A registered task type, as far as it has something of its own."""

    task_type: str
    lifecycle: JsonObject | None = None
    attributes_schema: JsonObject | None = None
    attribute_names: JsonObject | None = None
    """Its own names for what conventions mean, by the name that conventions have."""
    attribute_defaults: JsonObject | None = None
    """What of conventions holds where a task says nothing."""
    strict: bool = False
    """Whether attributes that mean something and cannot be read are refused."""

    @classmethod
    def of(cls, task_type: str, said: dict[str, Any]) -> Self:
        """The row of what an event says."""
        return cls(task_type, **{name: said[name] for name in cls._fields[1:] if name in said})


class CalendarRow(NamedTuple):
    """A calendar under its name, as it was given: `body` is the JSON object."""

    name: str
    body: JsonObject


class KeyRow(NamedTuple):
    """An idempotency key that was used: the digest of its payload and the answer that was given."""

    key: str
    digest: str
    answer: JsonObject
    at: Micros


class ConsumerRow(NamedTuple):
    """How far a consumer has come: events up to `position` were turned into deliveries for it."""

    consumer: str
    position: int


DeliveryKey: TypeAlias = tuple[str, int, int]
"""A delivery's consumer, the position of its event, and its place among the event's notifications."""


class DeliveryRow(NamedTuple):
    """A notification on its way to a consumer; it goes when it is delivered."""

    consumer: str
    position: int
    """Of the event that it tells of."""
    place: int
    """Which of the notifications that the event makes, from 0."""
    channel: str
    text: str
    attempts: int
    """How often it was tried since it was last put on its way, the try that is under way included."""
    taken: int
    """How often it was ever taken: the fencing token of whoever has it."""
    next_at: Micros | None
    """When it is to be tried, or, while somebody has it, when his lease runs out; None: it is dead."""
    dead_at: Micros | None
    """When it was given up; None: it was not."""
    error: str | None
    """What went wrong the last time."""

    @property
    def key(self) -> DeliveryKey:
        """What tells it from every other delivery."""
        return self[:3]


class WorkspaceRow(NamedTuple):
    """What a workspace knows of itself. A workspace that was never written has position 0."""

    workspace: str
    stream: str
    """Names its log among all logs, so that `event_id` is unique everywhere."""
    position: int
    """Of the last event; 0 where there is none."""
    settled_at: Micros
    """The time of the last event: what is derived is exact as of then."""
    wakes_at: Micros | None = None
    """No task or edge has a `moment`, and no task an `alarm_at`, before this; None: none has one."""
    definitions_at: int = 0
    """Position of the event that last defined, or took away, a task type or a calendar; 0 where none did."""


class Changes(NamedTuple):
    """What one transaction changes. None in place of a row means that it goes.

    `previous_*` hold the rows as they were before, for the keys that existed.
    """

    workspace: WorkspaceRow
    tasks: dict[str, TaskRow | None]
    previous_tasks: dict[str, TaskRow]
    edges: dict[EdgeKey, EdgeRow | None]
    previous_edges: dict[EdgeKey, EdgeRow]
    holds: dict[HoldKey, HoldRow | None]
    previous_holds: dict[HoldKey, HoldRow]
    comments: dict[CommentKey, CommentRow | None]
    templates: dict[TemplateKey, TemplateRow | None]
    types: dict[str, TypeRow | None]
    calendars: dict[str, CalendarRow | None]
    keys: dict[str, KeyRow | None]
    consumers: dict[str, ConsumerRow]
    deliveries: dict[DeliveryKey, DeliveryRow | None]
    events: list[EventRow]

    @classmethod
    def of_nothing(cls, workspace: WorkspaceRow) -> Self:
        """No change but that of the workspace's own row, if that is one."""
        return cls(workspace, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, [])
