"""What is due by itself, settled in a draft as events.

A write settles first, so that its decision and its counts are as of its `now`; a read settles in a draft
that it forgets, so that it shows what is due without anyone having called anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from worklattice.lang.times import format_time
from worklattice.model.claims import expire
from worklattice.model.clocks import TOLD_AS, Alarm, pending, times_of
from worklattice.model.draft import Draft
from worklattice.model.project import record
from worklattice.model.rows import EdgeRow, Micros, TaskRow, WorkspaceRow
from worklattice.model.signals import conclude
from worklattice.model.timing import WINDOWS
from worklattice.types import JsonObject, JsonValue, from_micros


def now_of(workspace: WorkspaceRow, clock: Micros) -> Micros:
    """The time of a call: the clock's, or that of the last event where the clock went back."""
    return max(clock, workspace.settled_at)


def settle(draft: Draft, *, to_read: bool = False) -> None:
    """Record, with the signals, what came by itself until now.

    First what may happen from now on: lags, waivers and `not_before` times passed, windows opened or closed.
    Then the alarms that went off, and the claims that expired, each by their times. A read leaves alarms to
    the next write: nothing hangs on them but that they are told, and what is late is seen by its due time.
    Cost: a comparison where the workspace does not wake up yet.
    """
    now = draft.now
    if draft.wakes_at is None or draft.wakes_at > now:
        return
    edges, tasks = draft.due_edges(now), draft.due_tasks(now)
    late = () if to_read else draft.due_alarms(now)
    draft.wakes_at = draft.next_moment(now)
    if not edges and not tasks and not late:
        return
    since = draft.begin()
    turned = [row for row in tasks if _may_have_turned(draft, row)]
    ran_out = [row for row in tasks if row.claimed_until is not None and row.claimed_until <= now]
    if edges or turned:
        record(draft, "time.passed", None, _data(edges, turned))
    _tell(draft, late, lambda row: row.claimed_until or now)
    for row in ran_out:
        expire(draft, draft.known(row.task_id))
    _tell(draft, () if to_read else ran_out, lambda _: now)
    conclude(draft, since)


def _may_have_turned(draft: Draft, row: TaskRow) -> bool:
    """Whether time may have let the task start since the last settlement, or has kept it from it."""
    if row.not_before is not None and draft.settled_at < row.not_before <= draft.now:
        return True
    return row.timed and not WINDOWS.isdisjoint(draft.meant(row))


def _tell(draft: Draft, rows: Sequence[TaskRow], until: Callable[[TaskRow], Micros]) -> None:
    """Record the alarms that went off by a moment, which is another one for each task, earliest first.

    What a claim's end does to a task comes between those before it and those after it.
    """
    due = [(alarm, row.seq, row.task_id) for row in rows for alarm in _gone_off(draft, row, until(row))]
    for alarm, _, task_id in sorted(due):
        kind, told = TOLD_AS[alarm.name]
        data: JsonObject = {told: format_time(from_micros(alarm.at)), "attribute": alarm.attribute}
        record(draft, kind, task_id, data)


def _gone_off(draft: Draft, row: TaskRow, until: Micros) -> Iterator[Alarm]:
    """The alarms of a task whose time has come by then."""
    row = draft.known(row.task_id)
    end = min(until, draft.now)
    return (alarm for alarm in pending(row, times_of(row, draft, draft.now)) if alarm.at <= end)


def _data(edges: Sequence[EdgeRow], tasks: Sequence[TaskRow]) -> JsonObject:
    """What `time.passed` lists: the edges and tasks whose moment has come."""
    dependencies: list[JsonValue] = [
        {"task_id": edge.task_id, "dependency_task_id": edge.dependency_id, "dependency_type": edge.type}
        for edge in edges
    ]
    task_ids: list[JsonValue] = [row.task_id for row in tasks]
    return {"dependencies": dependencies, "tasks": task_ids}
