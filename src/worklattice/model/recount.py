"""Counting everything again: what a store derived, against what follows from what was said.

A recount reads a whole workspace and computes every derived field of every row from scratch, by other means
than `worklattice.model.consequences` keeps it: nothing here looks at a change. A sound store has no
discrepancy after any command. Cost: linear in tasks, edges and the depth of the hierarchy.

Not here: whether the rows can be counted at all (`worklattice.model.soundness`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import Any, Final

from worklattice.graph import assign
from worklattice.model.consequences import holds_inside
from worklattice.model.conventions import derived_from
from worklattice.model.dependency import Point
from worklattice.model.draft import Draft
from worklattice.model.event_graph import level_of
from worklattice.model.lifecycle import BLOCKED
from worklattice.model.resources import holds_of
from worklattice.model.rows import (
    Changes,
    EdgeKey,
    EdgeRow,
    HoldKey,
    HoldRow,
    Micros,
    TaskRow,
    WorkspaceRow,
)
from worklattice.model.series import derived_from_series, is_scheduled
from worklattice.model.soundness import THE_WORKSPACE, Discrepancy, Rows, named
from worklattice.model.times import may_start, times_fields
from worklattice.model.waiting import (
    Arc,
    EventPoint,
    arc_of,
    edge_state,
    next_change,
    share_of,
    waits,
)

_COUNTED: Final = ("children", "open_children", "edges", "start_edges", "start_met", "finish_open")


class Recount:
    """Everything that is derived in a workspace, counted again as of the last settlement of time."""

    def __init__(self, rows: Rows, draft: Draft, workspace: WorkspaceRow) -> None:
        self._rows = rows
        self._workspace = workspace
        now = workspace.settled_at
        self.edges: list[tuple[EdgeRow, EdgeRow]] = [
            (edge, _counted_edge(edge, rows, now)) for edge in rows.edges
        ]
        """Each edge as it is stored, and as it should be."""
        self.tasks: list[tuple[TaskRow, TaskRow]] = [
            *_counted_tasks(rows.tasks, [edge for _, edge in self.edges], draft, now)
        ]
        """Each task likewise, but for its levels: many are right, as long as they rise."""
        of_tasks = (moment for _, row in self.tasks for moment in (row.moment, row.alarm_at))
        of_edges = (edge.moment for _, edge in self.edges)
        moments = (moment for moment in chain(of_tasks, of_edges) if moment is not None)
        self._first_moment = min(moments, default=None)

    def discrepancies(self) -> Iterator[Discrepancy]:
        """What is stored and should be something else."""
        for task, counted_task in self.tasks:
            yield from _differences(task.task_id, task, counted_task)
        for edge, counted_edge in self.edges:
            yield from _differences(named(edge), edge, counted_edge)
        yield from self._misheld()
        yield from self._falling_arcs()
        if self._oversleeps():
            yield Discrepancy(
                subject=THE_WORKSPACE,
                field="wakes_at",
                stored=self._workspace.wakes_at,
                expected=self._first_moment,
            )

    def changes(self) -> Changes | None:
        """What a commit has to write to put everything right; None where nothing is wrong.

        No event goes with it, for nothing that was said changes.

        Raises:
            Circle: tasks wait for one another, so that there are no levels.
        """
        tasks = {old.task_id: new for old, new in self.tasks if new != old}
        if any(self._falling_arcs()):
            tasks = {row.task_id: row for row in self._leveled()}
        edges = {old.key: (old, new) for old, new in self.edges if new != old}
        oversleeps = self._oversleeps()
        counted = self._holds()
        holds: dict[HoldKey, HoldRow | None] = {
            key: counted.get(key)
            for key in counted.keys() | self._rows.holds.keys()
            if counted.get(key) != self._rows.holds.get(key)
        }
        if not tasks and not edges and not holds and not oversleeps:
            return None
        wakes_at = self._first_moment if oversleeps else self._workspace.wakes_at
        new_edges: dict[EdgeKey, EdgeRow | None] = {key: new for key, (_, new) in edges.items()}
        return Changes.of_nothing(self._workspace._replace(wakes_at=wakes_at))._replace(
            tasks={**tasks},
            previous_tasks={task_id: self._rows.tasks[task_id] for task_id in tasks},
            edges=new_edges,
            previous_edges={key: old for key, (old, _) in edges.items()},
            holds=holds,
            previous_holds={key: old for key, old in self._rows.holds.items() if key in holds},
        )

    def _holds(self) -> dict[HoldKey, HoldRow]:
        """What the claims of tasks hold of resources."""
        return {hold.key: hold for row in self._rows.tasks.values() for hold in holds_of(row)}

    def _misheld(self) -> Iterator[Discrepancy]:
        """Where something else is kept than what the claims of tasks hold."""
        stored, expected = self._rows.holds, self._holds()
        for key in sorted(expected.keys() | stored.keys()):
            if expected.get(key) != stored.get(key):
                yield Discrepancy(
                    subject=key[1],
                    field=f"hold of {key[0]}",
                    stored=stored.get(key),
                    expected=expected.get(key),
                )

    def _oversleeps(self) -> bool:
        """Whether something changes by itself before the workspace wakes up."""
        wakes_at, first = self._workspace.wakes_at, self._first_moment
        return first is not None and (wakes_at is None or wakes_at > first)

    def _leveled(self) -> Iterator[TaskRow]:
        """Every task with a new pair of levels, the lowest that rise along all arcs."""
        points = [(task_id, point) for task_id in self._rows.tasks for point in Point]
        levels = assign(points, self._arcs())
        for _, row in self.tasks:
            yield row.but(
                start_level=levels[row.task_id, Point.START], finish_level=levels[row.task_id, Point.FINISH]
            )

    def _falling_arcs(self) -> Iterator[Discrepancy]:
        """Arcs of the event graph that do not go up: levels that only rise prove that there is no circle."""
        rows = self._rows.tasks
        for tail, head in self._arcs():
            low, high = level_of(rows[tail[0]], tail[1]), level_of(rows[head[0]], head[1])
            if low >= high:
                name = f"level of {head[1]} above that of {tail[1]} of {tail[0]}"
                yield Discrepancy(subject=head[0], field=name, stored=high, expected=f"above {low}")

    def _arcs(self) -> Iterator[Arc]:
        """Every arc of the event graph."""
        for _, edge in self.edges:
            if (arc := arc_of(edge)) is not None:
                yield arc
        for row in self._rows.tasks.values():
            start: EventPoint = (row.task_id, Point.START)
            finish: EventPoint = (row.task_id, Point.FINISH)
            yield start, finish
            if row.parent_id is not None:
                yield (row.parent_id, Point.START), start
                yield finish, (row.parent_id, Point.FINISH)


def _counted_edge(edge: EdgeRow, rows: Rows, now: Micros) -> EdgeRow:
    effective_id = rows.effective(edge.dependency_id)
    dependant, other = rows.tasks[edge.task_id], rows.tasks[effective_id]
    moment = next_change(edge, dependant.attributes, other, now)
    return edge.but(effective_id=effective_id, moment=moment)


def _counted_tasks(
    rows: dict[str, TaskRow], edges: list[EdgeRow], draft: Draft, now: Micros
) -> Iterator[tuple[TaskRow, TaskRow]]:
    counts = _counts(rows, edges, now)
    places = _places(rows, draft, counts)
    for row in rows.values():
        counted = row.but(**counts[row.task_id], **places[row.task_id])
        counted = counted.but(**_own(counted, draft, now))
        stage, waiting = draft.stage(row), waits(counted)
        ready = stage.startable and not waiting and may_start(counted, now)
        yield row, counted.but(status=BLOCKED if waiting else stage.status, ready=ready)


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
    """Depth, root, holding and scheduled ancestors of every task, from the top down."""
    inside: dict[str | None, list[TaskRow]] = defaultdict(list)
    for row in rows.values():
        inside[row.parent_id].append(row)
    places: dict[str, dict[str, Any]] = {}
    stack = [(row, 0, row.task_id, 0, 0) for row in inside[None]]
    while stack:
        row, depth, root_id, holders, above = stack.pop()
        in_series = 0 if row.run_of is not None else above + is_scheduled(row)
        places[row.task_id] = {
            "depth": depth, "root_id": root_id, "holders": holders, "in_series": in_series
        }  # fmt: skip
        held = holders + holds_inside(row.but(**counts[row.task_id]), draft.stage(row))
        stack += [(child, depth + 1, root_id, held, in_series) for child in inside[row.task_id]]
    return places


def _own(row: TaskRow, draft: Draft, now: Micros) -> dict[str, Any]:
    own = {**derived_from(draft.meant(row)), **derived_from_series(row)}
    return {**own, **times_fields(row.but(**own), draft.stage(row), draft, now)}


def _differences(
    subject: str, stored: TaskRow | EdgeRow, counted: TaskRow | EdgeRow
) -> Iterator[Discrepancy]:
    for name, old, new in zip(stored._fields, stored, counted, strict=True):
        if old != new:
            yield Discrepancy(subject=subject, field=name, stored=old, expected=new)
