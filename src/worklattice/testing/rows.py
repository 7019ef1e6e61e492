"""Rows and changes to give to a store in tests, with everything filled in that the test does not care for.

Not here: strategies that make up rows (`strategies`), and the suite that every store must pass
(`store_contract`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from worklattice.model.rows import (
    CalendarRow,
    Changes,
    CommentKey,
    CommentRow,
    ConsumerRow,
    DeliveryKey,
    DeliveryRow,
    EdgeKey,
    EdgeRow,
    EventRow,
    HoldKey,
    HoldRow,
    KeyRow,
    TaskRow,
    TemplateKey,
    TemplateRow,
    TypeRow,
    WorkspaceRow,
)
from worklattice.storage.api import Store, StoreView

_A_TASK: Final = TaskRow(
    task_id="t",
    seq=1,
    task_type="task",
    parent_id=None,
    stage="draft",
    attributes={},
    version=1,
    created_at=0,
    updated_at=0,
    started_at=None,
    completed_at=None,
    not_before=None,
    join=0,
    template_id=None,
    template_version=None,
    superseded_by=None,
    outcome=None,
    attempt=1,
    reopened_at=None,
    result=None,
    error=None,
    approval=None,
    artifacts=None,
    metrics=None,
    gate_waivers=None,
    series=None,
    token=None,
    claimed_by=None,
    claimed_until=None,
    lease=None,
    holds=None,
    clock=None,
    alarms=None,
    status="pending",
    ready=False,
    rank=0.0,
    due_at=None,
    breached_at=None,
    timed=False,
    closed=False,
    alarm_at=None,
    needs=None,
    run_of=None,
    next_run_at=None,
    depth=0,
    root_id="t",
    children=0,
    open_children=0,
    edges=0,
    start_edges=0,
    start_met=0,
    finish_open=0,
    holders=0,
    in_series=0,
    start_level=0,
    finish_level=1,
    moment=None,
)
_AN_EDGE: Final = EdgeRow(
    task_id="t",
    dependency_id="u",
    type="completion",
    seq=1,
    mandatory=True,
    outcome="success",
    conditions=None,
    lag=0,
    artifact=None,
    description=None,
    waived_at=None,
    waived_until=None,
    waived_by=None,
    waive_reason=None,
    effective_id="u",
    moment=None,
)


def task_row(task_id: str, seq: int = 1, **fields: Any) -> TaskRow:
    """A task: a ready-made draft but for what is given."""
    return _A_TASK.but(**{"task_id": task_id, "seq": seq, "root_id": task_id, **fields})


def edge_row(task_id: str, dependency_id: str, seq: int = 1, **fields: Any) -> EdgeRow:
    """A dependency of the first task on the second, which it waits for unless `effective_id` is given."""
    names = {"task_id": task_id, "dependency_id": dependency_id, "seq": seq, "effective_id": dependency_id}
    return _AN_EDGE.but(**{**names, **fields})


def event_row(position: int, task_id: str | None = None, event_type: str = "task.updated") -> EventRow:
    """An event."""
    return EventRow(position, event_type, task_id, position, None, None, {"number": position}, position)


def delivery_row(consumer: str, position: int, place: int = 0, **fields: Any) -> DeliveryRow:
    """A delivery that was not tried yet and is to be tried at time 0, but for what is given."""
    row = DeliveryRow(consumer, position, place, "#c", "hello", 0, 0, 0, None, None)
    return row._replace(**fields)


def changes_over(
    view: StoreView,
    workspace: str,
    *,
    tasks: Iterable[TaskRow] = (),
    edges: Iterable[EdgeRow] = (),
    gone_tasks: Iterable[str] = (),
    gone_edges: Iterable[EdgeKey] = (),
    holds: Iterable[HoldRow] = (),
    gone_holds: Iterable[HoldRow] = (),
    comments: Sequence[CommentRow] = (),
    templates: Sequence[TemplateRow] = (),
    types: Sequence[TypeRow] = (),
    calendars: Sequence[CalendarRow] = (),
    keys: Sequence[KeyRow] = (),
    consumers: Sequence[ConsumerRow] = (),
    deliveries: Sequence[DeliveryRow] = (),
    gone_comments: Iterable[CommentKey] = (),
    gone_templates: Iterable[TemplateKey] = (),
    gone_types: Iterable[str] = (),
    gone_calendars: Iterable[str] = (),
    gone_keys: Iterable[str] = (),
    gone_deliveries: Iterable[DeliveryKey] = (),
    events: Sequence[EventRow] = (),
    at: int = 0,
) -> Changes:
    """The changes that turn what the view shows into these rows; an event is added where none is given."""
    before = view.workspace() or WorkspaceRow(workspace, f"stream-{workspace}", 0, 0)
    log = list(events) or [event_row(before.position + 1)]
    new_tasks: dict[str, TaskRow | None] = {row.task_id: row for row in tasks}
    new_tasks |= dict.fromkeys(gone_tasks)
    new_edges: dict[EdgeKey, EdgeRow | None] = {row.key: row for row in edges}
    new_edges |= dict.fromkeys(gone_edges)
    new_holds: dict[HoldKey, HoldRow | None] = {row.key: row for row in holds}
    old_holds = {row.key: row for row in gone_holds}
    new_holds |= {key: new_holds.get(key) for key in old_holds}
    old_edges = {row.key: row for task_id, _, _ in new_edges for row in view.edges_of(task_id)}
    times = (each for row in new_tasks.values() if row is not None for each in (row.moment, row.alarm_at))
    moments = [moment for moment in times if moment is not None]
    moments += [row.moment for row in new_edges.values() if row is not None and row.moment is not None]
    moments += [before.wakes_at] if before.wakes_at is not None else []
    return Changes(
        workspace=before._replace(
            position=log[-1].position,
            settled_at=at,
            wakes_at=min(moments, default=None),
            definitions_at=log[-1].position if types or calendars else before.definitions_at,
        ),
        tasks=new_tasks,
        previous_tasks=view.tasks(list(new_tasks)),
        edges=new_edges,
        previous_edges={key: old_edges[key] for key in new_edges if key in old_edges},
        holds=new_holds,
        previous_holds=old_holds,
        comments={row.key: row for row in comments} | dict.fromkeys(gone_comments),
        templates={(row.template_id, row.version): row for row in templates} | dict.fromkeys(gone_templates),
        types={row.task_type: row for row in types} | dict.fromkeys(gone_types),
        calendars={row.name: row for row in calendars} | dict.fromkeys(gone_calendars),
        keys={row.key: row for row in keys} | dict.fromkeys(gone_keys),
        consumers={row.consumer: row for row in consumers},
        deliveries={row.key: row for row in deliveries} | dict.fromkeys(gone_deliveries),
        events=log,
    )


def fill(
    store: Store,
    workspace: str = "w",
    *,
    tasks: Iterable[TaskRow] = (),
    edges: Iterable[EdgeRow] = (),
    gone_tasks: Iterable[str] = (),
    gone_edges: Iterable[EdgeKey] = (),
    holds: Iterable[HoldRow] = (),
    gone_holds: Iterable[HoldRow] = (),
    comments: Sequence[CommentRow] = (),
    templates: Sequence[TemplateRow] = (),
    types: Sequence[TypeRow] = (),
    calendars: Sequence[CalendarRow] = (),
    keys: Sequence[KeyRow] = (),
    consumers: Sequence[ConsumerRow] = (),
    deliveries: Sequence[DeliveryRow] = (),
    gone_comments: Iterable[CommentKey] = (),
    gone_templates: Iterable[TemplateKey] = (),
    gone_types: Iterable[str] = (),
    gone_calendars: Iterable[str] = (),
    gone_keys: Iterable[str] = (),
    gone_deliveries: Iterable[DeliveryKey] = (),
    events: Sequence[EventRow] = (),
    at: int = 0,
) -> None:
    """Commit these rows to the store in one transaction."""
    with store.write(workspace) as transaction:
        transaction.commit(
            changes_over(
                transaction,
                workspace,
                tasks=tasks,
                edges=edges,
                gone_tasks=gone_tasks,
                gone_edges=gone_edges,
                holds=holds,
                gone_holds=gone_holds,
                comments=comments,
                templates=templates,
                types=types,
                calendars=calendars,
                keys=keys,
                consumers=consumers,
                deliveries=deliveries,
                gone_comments=gone_comments,
                gone_templates=gone_templates,
                gone_types=gone_types,
                gone_calendars=gone_calendars,
                gone_keys=gone_keys,
                gone_deliveries=gone_deliveries,
                events=events,
                at=at,
            )
        )
