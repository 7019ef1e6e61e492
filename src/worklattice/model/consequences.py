"""What follows from a change: counts, statuses and moments, carried to the neighbours it concerns.

Waiting is counted, not searched. A task's row knows how many of its start edges are met and how many of its
ancestors hold it back, and every change of a row goes through `change_task` or `change_edge`, which carry
the difference on:

- the task began, ended or was reopened: its dependants' counts, edge by edge;
- it holds back what is inside it, or no longer does: one for each descendant;
- it is ended, or open again: its parent's count of open children;
- it is claimed, or no longer: what its claim holds of resources;
- it says another time: when what is inside it, and counts from that, is due;
- it is scheduled, or no longer: one for each descendant, which are then not worked on themselves.

A dependant whose counts change may start or stop holding back its own inside, and there it ends: whether a
task holds back depends on its own edges and stage alone. Cost: the edges on the task, and the subtrees of
those that start or stop holding back.

Not here: which events there are (`worklattice.model.project`) and who is told (`worklattice.model.signals`).
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

from worklattice.model.anchors import says_a_time
from worklattice.model.dependency import EdgeState
from worklattice.model.draft import Draft
from worklattice.model.lifecycle import BLOCKED, Stage
from worklattice.model.resources import holds_of
from worklattice.model.rows import EdgeKey, EdgeRow, TaskRow
from worklattice.model.series import derived_from_series, is_scheduled
from worklattice.model.times import may_start, with_times
from worklattice.model.timing import calendars_of
from worklattice.model.waiting import (
    NOTHING,
    Share,
    edge_state,
    join_met,
    next_change,
    share_of,
    waits,
)


def holds_inside(row: TaskRow, stage: Stage) -> bool:
    """Whether the task holds back everything inside it."""
    return stage.holds_inside if row.outcome is not None else not join_met(row)


def add_task(draft: Draft, row: TaskRow) -> None:
    """Put a task that was not there and is a root so far, with its place in the hierarchy and its status."""
    parent = None if row.parent_id is None else draft.known(row.parent_id)
    if row.series is not None:
        row = row.but(**derived_from_series(row), in_series=int(is_scheduled(row)))
    stage = draft.stage(row)
    if parent is not None:
        levels = {"start_level": parent.start_level + 1, "finish_level": parent.start_level + 2}
        row = row.but(**_place_under(draft, parent, row), **levels)
    draft.put_task(_derived(draft, with_times(row, stage, draft, draft.now), stage))
    if parent is not None:
        _count_child(draft, parent.task_id, 1, 0 if row.outcome is not None else 1)


_ROOT_PLACE: Final[dict[str, Any]] = {"depth": 0, "holders": 0}


def remove_task(draft: Draft, row: TaskRow) -> None:
    """Take away a task that has neither children nor edges."""
    draft.drop_task(row.task_id)
    for hold in holds_of(row):
        draft.drop_hold(hold)
    if row.parent_id is not None and draft.task(row.parent_id) is not None:
        _count_child(draft, row.parent_id, -1, 0 if row.outcome is not None else -1)


def change_task(draft: Draft, old: TaskRow, new: TaskRow) -> None:
    """Put `new` in place of `old` (same parent), and carry the difference to its neighbours."""
    stage = draft.stage(new)
    in_series = 0
    if new.series is not None or old.series is not None:
        in_series = is_scheduled(new) - is_scheduled(old)
        new = new.but(**derived_from_series(new), in_series=new.in_series + in_series)
    new = _derived(draft, with_times(new, stage, draft, draft.now), stage)
    draft.put_task(new)
    if in_series and new.children:
        _carry_series(draft, new.task_id, in_series)
    if new.holds is not old.holds:
        _change_holds(draft, old, new)
    _carry_holding(draft, new, stage, held_before=holds_inside(old, draft.stage(old)))
    if (new.outcome is None) != (old.outcome is None) and new.parent_id is not None:
        _count_child(draft, new.parent_id, 0, 1 if new.outcome is None else -1)
    if _points(new) != _points(old):
        _carry_points(draft, old, new)
    if new.attributes is not old.attributes:
        _reconsider_conditions(draft, old, new)
        if new.children and _others_count_from(old, new):
            _refresh_times_inside(draft, new.task_id)


def move_task(draft: Draft, old: TaskRow, parent_id: str | None) -> None:
    """Put the task, with all that is inside it, under another parent, or make it a root."""
    parent = None if parent_id is None else draft.known(parent_id)
    place: dict[str, Any] = (
        _ROOT_PLACE | {"root_id": old.task_id, "in_series": int(is_scheduled(old))}
        if parent is None
        else _place_under(draft, parent, old)
    )
    inside = draft.subtree(old.task_id)
    open_now = 0 if old.outcome is not None else 1
    if old.parent_id is not None:
        _count_child(draft, old.parent_id, -1, -open_now)
    stage, moved = draft.stage(old), old.but(parent_id=parent_id, **place)
    if old.timed or moved.in_series != old.in_series:
        moved = with_times(moved, stage, draft, draft.now)
    draft.put_task(_derived(draft, moved, stage))
    if parent is not None:
        _count_child(draft, parent.task_id, 1, open_now)
    deeper, held = place["depth"] - old.depth, place["holders"] - old.holders
    in_series, in_runs = place["in_series"] - old.in_series, set[str]()
    for row in inside:
        if row.run_of is not None or row.parent_id in in_runs:
            in_runs.add(row.task_id)
        moved = row.but(
            depth=row.depth + deeper,
            holders=row.holders + held,
            in_series=row.in_series + (0 if row.task_id in in_runs else in_series),
            root_id=place["root_id"],
        )
        stage = draft.stage(row)
        if row.timed or in_series:
            moved = with_times(moved, stage, draft, draft.now)
        draft.put_task(_derived(draft, moved, stage))


def effective(draft: Draft, task_id: str) -> str:
    """The task that stands for `task_id`: itself, or what it was superseded by in the end."""
    while (replacement := draft.known(task_id).superseded_by) is not None:
        task_id = replacement
    return task_id


def change_edge(draft: Draft, old: EdgeRow | None, new: EdgeRow | None) -> None:
    """Put `new` in place of `old` (None: it was not, or is no longer, there), and count the difference."""
    edge = new or old
    assert edge is not None
    dependant = draft.known(edge.task_id)
    state_before, before, after = None, NOTHING, NOTHING
    if old is not None:
        state_before = _state(draft, old, dependant)
        before = share_of(old, state_before)
    draft.edge_states_before.setdefault(edge.key, state_before)
    if new is None:
        draft.drop_edge(edge.key)
    else:
        other = draft.known(new.effective_id)
        new = new.but(moment=next_change(new, dependant.attributes, other, draft.now))
        draft.put_edge(new)
        after = share_of(new, _state(draft, new, dependant))
    _shift(draft, edge.task_id, before, after, edges=(new is not None) - (old is not None))


def pass_time(draft: Draft, edges: list[EdgeKey], tasks: list[str]) -> None:
    """Settle the edges and tasks whose moment has come: from now on their state is that of now."""
    for key in edges:
        edge = draft.edge(key)
        if edge is not None:
            _settle_edge(draft, edge)
    for task_id in tasks:
        row = draft.task(task_id)
        if row is not None and row.moment is not None:
            change_task(draft, row, row)


def _change_holds(draft: Draft, old: TaskRow, new: TaskRow) -> None:
    for hold in holds_of(old):
        draft.drop_hold(hold)
    for hold in holds_of(new):
        draft.put_hold(hold)


def _settle_edge(draft: Draft, edge: EdgeRow) -> None:
    dependant, other = draft.known(edge.task_id), draft.known(edge.effective_id)
    before = edge_state(edge, dependant.attributes, other, draft.settled_at)
    after = edge_state(edge, dependant.attributes, other, draft.now)
    draft.put_edge(edge.but(moment=next_change(edge, dependant.attributes, other, draft.now)))
    draft.edge_states_before.setdefault(edge.key, before)
    _shift(draft, edge.task_id, share_of(edge, before), share_of(edge, after))


def _derived(draft: Draft, row: TaskRow, stage: Stage) -> TaskRow:
    """The row with the status and readiness that follow from its stage, counts and times."""
    waiting = waits(row)
    status = BLOCKED if waiting else stage.status
    ready = stage.startable and not waiting and may_start(row, draft.now)
    if status == row.status and ready == row.ready:
        return row
    return row.but(status=status, ready=ready)


def _place_under(draft: Draft, parent: TaskRow, row: TaskRow) -> dict[str, Any]:
    """The place of a task under a parent. A run is worked on wherever it is, and so is what is inside it."""
    held = parent.holders + holds_inside(parent, draft.stage(parent))
    in_series = 0 if row.run_of is not None else parent.in_series + is_scheduled(row)
    return {"depth": parent.depth + 1, "root_id": parent.root_id, "holders": held, "in_series": in_series}


def _count_child(draft: Draft, parent_id: str, children: int, open_children: int) -> None:
    parent = draft.known(parent_id)
    draft.put_task(
        parent.but(children=parent.children + children, open_children=parent.open_children + open_children)
    )


def _carry_series(draft: Draft, task_id: str, change: int) -> None:
    """Tell what is inside a task, but for runs, that it is scheduled now, or no longer."""
    containers = [task_id]
    while containers:
        for row in draft.children(containers.pop()):
            if row.run_of is not None:
                continue
            stage, told = draft.stage(row), row.but(in_series=row.in_series + change)
            draft.put_task(_derived(draft, with_times(told, stage, draft, draft.now), stage))
            if row.children:
                containers.append(row.task_id)


def _carry_holding(draft: Draft, new: TaskRow, stage: Stage, *, held_before: bool) -> None:
    change = holds_inside(new, stage) - held_before
    if change and new.children:
        draft.to_carry[new.task_id] = draft.to_carry.get(new.task_id, 0) + change
        if not draft.carries_later:
            _carry(draft)


@contextmanager
def carrying_later(draft: Draft) -> Generator[None]:
    """Let what is inside of changed tasks be held back, or released, at the end, all at once.

    For a command that changes many tasks of one tree, each of which would walk all that is inside it. Until
    then counts of holders are behind; guards ask the ancestors themselves.
    """
    draft.carries_later = True
    try:
        yield
    finally:
        draft.carries_later = False
    _carry(draft)


def _carry(draft: Draft) -> None:
    """Carry what was left for later: from the top down, each task once."""
    changes = draft.to_carry
    for top in sorted(changes, key=lambda task_id: draft.known(task_id).depth):
        containers = [(top, 0)]
        while containers:
            task_id, above = containers.pop()
            change = above + changes.pop(task_id, 0)
            for row in draft.children(task_id) if change else ():
                held = row.but(holders=row.holders + change)
                draft.put_task(_derived(draft, held, draft.stage(held)))
                if row.children:
                    containers.append((row.task_id, change))


def _points(row: TaskRow) -> tuple[object, ...]:
    """What others may wait for."""
    return row.outcome, row.started_at, row.completed_at, row.approval, row.artifacts


def _carry_points(draft: Draft, old: TaskRow, new: TaskRow) -> None:
    """Count again, for each edge on the task, what its beginning, ending or reopening changed."""
    edges = draft.edges_on(new.task_id)
    draft.prefetch(edge.task_id for edge in edges)
    for edge in edges:
        dependant = draft.known(edge.task_id)
        before = edge_state(edge, dependant.attributes, old, draft.now)
        after = edge_state(edge, dependant.attributes, new, draft.now)
        if edge.lag or edge.waived_until is not None:
            moment = next_change(edge, dependant.attributes, new, draft.now)
            if moment != edge.moment:
                draft.put_edge(edge.but(moment=moment))
        if before is not after:
            draft.edge_states_before.setdefault(edge.key, before)
            _shift(draft, edge.task_id, share_of(edge, before), share_of(edge, after))


def _reconsider_conditions(draft: Draft, old: TaskRow, new: TaskRow) -> None:
    """Count again the task's own edges whose conditions its new attributes may have changed."""
    for edge in draft.edges_of(new.task_id):
        if edge.conditions:
            before, after = _state(draft, edge, old), _state(draft, edge, new)
            other = draft.known(edge.effective_id)
            moment = next_change(edge, new.attributes, other, draft.now)
            if moment != edge.moment:
                draft.put_edge(edge.but(moment=moment))
            draft.edge_states_before.setdefault(edge.key, before)
            _shift(draft, new.task_id, share_of(edge, before), share_of(edge, after))


def _others_count_from(old: TaskRow, new: TaskRow) -> bool:
    """Whether an attribute changed from which deadlines and windows of others may be counted."""
    before, after = old.attributes, new.attributes
    return any(
        before.get(name) is not after.get(name)
        and (says_a_time(before.get(name)) or says_a_time(after.get(name)))
        for name in before.keys() | after.keys()
    )


def _refresh_times_inside(draft: Draft, task_id: str) -> None:
    """Work out anew the times of the tasks inside one on which they may depend. Cost: its subtree."""
    for row in draft.subtree(task_id):
        if row.timed:
            change_task(draft, row, row)
            if row.outcome is None and _has_more_time(draft.known(row.task_id), row):
                draft.concerned.append(row.task_id)


def _has_more_time(row: TaskRow, before: TaskRow) -> bool:
    """Whether a task is due later than before, or never, or may start where it might not."""
    if before.closed and not row.closed:
        return True
    return before.due_at is not None and (row.due_at is None or row.due_at > before.due_at)


def refresh_times_by_calendar(draft: Draft, calendar: str) -> None:
    """Work out anew the times of the tasks that go by a calendar. Cost: all tasks that are timed."""
    for row in draft.timed_tasks():
        if calendar in calendars_of(draft.meant(row)):
            change_task(draft, row, row)
            if row.outcome is None:
                draft.concerned.append(row.task_id)


def _state(draft: Draft, edge: EdgeRow, dependant: TaskRow) -> EdgeState:
    return edge_state(edge, dependant.attributes, draft.known(edge.effective_id), draft.now)


def _shift(draft: Draft, task_id: str, before: Share, after: Share, *, edges: int = 0) -> None:
    """Change a dependant's counts by the difference of two shares."""
    if before == after and not edges:
        return
    old = draft.known(task_id)
    new = old.but(
        edges=old.edges + edges,
        start_edges=old.start_edges + after.start_edges - before.start_edges,
        start_met=old.start_met + after.start_met - before.start_met,
        finish_open=old.finish_open + after.finish_open - before.finish_open,
    )
    stage = draft.stage(new)
    new = _derived(draft, new, stage)
    draft.put_task(new)
    _carry_holding(draft, new, stage, held_before=holds_inside(old, stage))
