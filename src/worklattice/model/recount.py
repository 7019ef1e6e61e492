"""Counting everything again: what a store derived, against what follows from what was said.

`recount` reads a whole workspace and computes every derived field of every row from scratch, by other means
than `worklattice.model.consequences` keeps it: nothing here looks at a change. A sound store has no
discrepancy after any command. Cost: linear in tasks, edges and the depth of the hierarchy.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import Any, Final

from attrs import frozen

from worklattice.model.consequences import effective, holds
from worklattice.model.dependency import Point
from worklattice.model.draft import Draft
from worklattice.model.due import due_of
from worklattice.model.event_graph import level_of
from worklattice.model.lifecycle import BLOCKED
from worklattice.model.resources import holds_of
from worklattice.model.rows import EdgeRow, Micros, TaskRow
from worklattice.model.view import Scan, View
from worklattice.model.waiting import (
    EventPoint,
    arc_of,
    edge_state,
    next_change,
    next_turn,
    rank_of,
    share_of,
    waits,
)


@frozen(kw_only=True)
class Discrepancy:
    """Something that is stored and does not follow from what was said."""

    subject: str
    """A task's id, or an edge as `dependant → other (type)`."""
    field: str
    stored: Any
    expected: Any

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.subject}: {self.field} is {self.stored!r}, and should be {self.expected!r}"


_COUNTED: Final = ("children", "open_children", "edges", "start_edges", "start_met", "finish_open")


def recount(view: Scan, draft: Draft, settled_at: Micros) -> Iterator[Discrepancy]:
    """Every discrepancy of the workspace, as of the last settlement of time; none where it is sound.

    Where an id refers to nothing, only that is told: the rest cannot be counted. `draft` lies over `view` and
    is only read.
    """
    rows = {row.task_id: row for row in view.all_tasks()}
    edges = list(view.all_edges())
    if dangling := list(_dangling(rows, edges)):
        yield from dangling
        return
    counts = _counts(rows, edges, settled_at)
    depths = _places(rows, draft, counts)
    for row in rows.values():
        expected = {**counts[row.task_id], **depths[row.task_id], **_own(row, settled_at)}
        counted = row.but(**expected)
        stage = draft.stage(row)
        waiting = waits(counted)
        expected["status"] = BLOCKED if waiting else stage.status
        expected["ready"] = stage.startable and not waiting and counted.moment is None
        yield from _differences(row.task_id, row, expected)
    for edge in edges:
        dependant, other = rows[edge.task_id], rows[edge.effective_id]
        moment = next_change(edge, dependant.attributes, other, settled_at)
        yield from _differences(
            _named(edge), edge, {"effective_id": effective(draft, edge.dependency_id), "moment": moment}
        )
    yield from _holds(view, rows)
    yield from _falling_arcs(rows, edges)
    yield from _overslept(view, rows, edges)


def _holds(view: Scan, rows: dict[str, TaskRow]) -> Iterator[Discrepancy]:
    """Whether what is held of resources is what the claims of tasks hold."""
    expected = {hold.key: hold for row in rows.values() for hold in holds_of(row)}
    stored = {hold.key: hold for hold in view.all_holds()}
    for key in sorted(expected.keys() | stored.keys()):
        if expected.get(key) != stored.get(key):
            yield Discrepancy(
                subject=key[1], field=f"hold of {key[0]}", stored=stored.get(key), expected=expected.get(key)
            )


def _overslept(view: View, rows: dict[str, TaskRow], edges: list[EdgeRow]) -> Iterator[Discrepancy]:
    """Whether something changes by itself before the workspace wakes up."""
    workspace = view.workspace()
    of_tasks, of_edges = (row.moment for row in rows.values()), (edge.moment for edge in edges)
    moments = [moment for moment in chain(of_tasks, of_edges) if moment is not None]
    if workspace is None or not moments:
        return
    if workspace.wakes_at is None or workspace.wakes_at > min(moments):
        yield Discrepancy(
            subject="the workspace", field="wakes_at", stored=workspace.wakes_at, expected=min(moments)
        )


def _dangling(rows: dict[str, TaskRow], edges: list[EdgeRow]) -> Iterator[Discrepancy]:
    for row in rows.values():
        for name in ("parent_id", "superseded_by"):
            target = getattr(row, name)
            if target is not None and target not in rows:
                yield Discrepancy(subject=row.task_id, field=name, stored=target, expected=None)
    for edge in edges:
        for name in ("task_id", "dependency_id", "effective_id"):
            target = getattr(edge, name)
            if target not in rows:
                yield Discrepancy(
                    subject=_named(edge), field=name, stored=target, expected="a task that is there"
                )


def _named(edge: EdgeRow) -> str:
    return f"{edge.task_id} → {edge.dependency_id} ({edge.type})"


def _counts(rows: dict[str, TaskRow], edges: list[EdgeRow], now: Micros) -> dict[str, dict[str, Any]]:
    counts: dict[str, dict[str, Any]] = {task_id: dict.fromkeys(_COUNTED, 0) for task_id in rows}
    for row in rows.values():
        if row.parent_id is not None:
            parent = counts[row.parent_id]
            parent["children"] += 1
            parent["open_children"] += row.outcome is None
    for edge in edges:
        own = counts[edge.task_id]
        own["edges"] += 1
        state = edge_state(edge, rows[edge.task_id].attributes, rows[edge.effective_id], now)
        for name, value in share_of(edge, state)._asdict().items():
            own[name] += value
    return counts


def _places(
    rows: dict[str, TaskRow], draft: Draft, counts: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Depth, root and holding ancestors of every task, from the top down."""
    inside: dict[str | None, list[TaskRow]] = defaultdict(list)
    for row in rows.values():
        inside[row.parent_id].append(row)
    places: dict[str, dict[str, Any]] = {}
    stack = [(row, 0, row.task_id, 0) for row in inside[None]]
    while stack:
        row, depth, root_id, holders = stack.pop()
        places[row.task_id] = {"depth": depth, "root_id": root_id, "holders": holders}
        held = holders + holds(row.but(**counts[row.task_id]), draft.stage(row))
        stack += [(child, depth + 1, root_id, held) for child in inside[row.task_id]]
    return places


def _own(row: TaskRow, now: Micros) -> dict[str, Any]:
    return {
        "rank": rank_of(row.attributes),
        "due_at": due_of(row.attributes),
        "moment": next_turn(row, now),
    }


def _differences(subject: str, row: TaskRow | EdgeRow, expected: dict[str, Any]) -> Iterator[Discrepancy]:
    for name, value in expected.items():
        stored = getattr(row, name)
        if stored != value:
            yield Discrepancy(subject=subject, field=name, stored=stored, expected=value)


def _falling_arcs(rows: dict[str, TaskRow], edges: list[EdgeRow]) -> Iterator[Discrepancy]:
    """Arcs of the event graph that do not go up: levels that only rise prove that there is no circle."""
    arcs: list[tuple[EventPoint, EventPoint]] = [arc for edge in edges if (arc := arc_of(edge))]
    for row in rows.values():
        arcs.append(((row.task_id, Point.START), (row.task_id, Point.FINISH)))
        if row.parent_id is not None:
            arcs.append(((row.parent_id, Point.START), (row.task_id, Point.START)))
            arcs.append(((row.task_id, Point.FINISH), (row.parent_id, Point.FINISH)))
    for tail, head in arcs:
        low, high = level_of(rows[tail[0]], tail[1]), level_of(rows[head[0]], head[1])
        if low >= high:
            name = f"level of {head[1]} above that of {tail[1]} of {tail[0]}"
            yield Discrepancy(subject=head[0], field=name, stored=high, expected=f"above {low}")
