"""Signals: what a command brought about without saying it, worked out by comparing before and after.

A signal goes into the log with the command's other events, so that workers and dashboards hear of it:
`task.ready` and `task.blocked`, `dependency.satisfied` and `dependency.failed`. They carry no state.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import frozen

from worklattice.model.dependency import EdgeState
from worklattice.model.draft import Draft
from worklattice.model.rows import EventRow
from worklattice.model.waiting import edge_state, waits
from worklattice.types import LIMITS

_SIGNAL_OF: Final = {
    EdgeState.SATISFIED: "dependency.satisfied",
    EdgeState.FAILED: "dependency.failed",
}


@frozen(kw_only=True)
class Aftermath:
    """What a command brought about: its events, and the open tasks that stopped waiting."""

    events: tuple[EventRow, ...]
    unblocked: tuple[str, ...]
    unblocked_count: int


def conclude(draft: Draft, since: int) -> Aftermath:
    """End the present command: record its signals. `since` is how many events there were before it."""
    if draft.edge_states_before:
        for task_id, kind, other_id, edge_type in list(_edge_signals(draft)):
            draft.append(kind, task_id, {"dependency_task_id": other_id, "dependency_type": edge_type})
    unblocked: list[str] = []
    for task_id, before in draft.touched.items():
        after = draft.changed_tasks[task_id]
        if after is None:
            continue
        waited, waiting = before is not None and waits(before), waits(after)
        if waited and not waiting and after.outcome is None:
            unblocked.append(task_id)
        if waiting and not waited:
            draft.append("task.blocked", task_id, {})
        elif after.ready and not (before is not None and before.ready):
            draft.append("task.ready", task_id, {})
    return Aftermath(
        events=tuple(draft.events_recorded[since:]),
        unblocked=tuple(unblocked[: LIMITS.unblocked_ids]),
        unblocked_count=len(unblocked),
    )


def _edge_signals(draft: Draft) -> Iterator[tuple[str, str, str, str]]:
    for key, before in draft.edge_states_before.items():
        edge = None if before is None else draft.edge(key)
        if edge is None:
            continue
        dependant, other = draft.known(edge.task_id), draft.known(edge.effective_id)
        after = edge_state(edge, dependant.attributes, other, draft.now)
        if after is not before and after in _SIGNAL_OF:
            yield edge.task_id, _SIGNAL_OF[after], edge.dependency_id, edge.type
