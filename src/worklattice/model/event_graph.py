"""Keeping the event graph free of circles: the levels of a transaction's new arcs, settled at its end.

The graph is that of `worklattice.model.waiting`: two points a task, an arc for what must come before what.
Every point has a level, above those of all points before it; a task is born with levels right above its
parent's start. What a transaction adds is looked at as a whole, when it ends, so that only its result has to
be free of circles:

- an arc along which levels rise already costs a comparison, and closes no circle;
- where some arc to a new task falls, the points of all new tasks are sorted once, and get the lowest levels
  that fit;
- arcs between older points, and from new points to older ones, are inserted one by one, which costs a
  search only where the levels do not already show the way (`worklattice.graph.acyclic`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from worklattice.errors import CircularDependencyError
from worklattice.graph import Circle, assign, insert
from worklattice.model.dependency import Point
from worklattice.model.draft import Draft
from worklattice.model.rows import EdgeRow, TaskRow
from worklattice.model.waiting import Arc, EventPoint, arc_of

START, FINISH = Point.START, Point.FINISH


def settle_levels(draft: Draft) -> None:
    """Give the transaction's new points and arcs their levels; refuse a circle.

    Raises:
        CircularDependencyError: with the tasks of the circle, each waiting for the next.
    """
    new = list(_new_arcs(draft))
    if not new:
        return
    falling = [(tail, head) for tail, head in new if _level(draft, tail) >= _level(draft, head)]
    if not falling:
        return
    arcs = _NewArcs(draft, new)
    graph = EventGraph(draft, {*arcs.out_of_born, *arcs.between_old})
    try:
        if any(draft.is_born(head[0]) for _, head in falling):
            graph.move(assign(arcs.points, arcs.among_born, arcs.floors))
        upwards = sorted(arcs.out_of_born, key=lambda arc: -graph.level(arc[0]))
        for arc in (*upwards, *arcs.between_old):
            graph.move(insert(graph, *arc))
            graph.excluded.discard(arc)
    except Circle as circle:
        raise _refusal(draft, circle.path) from None


def _new_arcs(draft: Draft) -> Iterator[Arc]:
    """The arcs that the transaction adds, but for those from a new task's start to its own finish."""
    for row in draft.placed():
        assert row.parent_id is not None
        yield (row.parent_id, START), (row.task_id, START)
        yield (row.task_id, FINISH), (row.parent_id, FINISH)
    for before, edge in draft.edge_changes():
        arc = arc_of(edge)
        if arc is not None and (before is None or arc_of(before) != arc or _has_born_end(draft, arc)):
            yield arc


def _has_born_end(draft: Draft, arc: Arc) -> bool:
    """Whether it has no level yet: its edge may be older, if a task was deleted and created anew."""
    return any(draft.is_born(task_id) for task_id, _ in arc)


class _NewArcs:
    """The arcs that a transaction adds, by where they run."""

    def __init__(self, draft: Draft, arcs: Iterable[Arc]) -> None:
        born = draft.born()
        self.points = [(row.task_id, point) for row in born for point in (START, FINISH)]
        """The points of tasks that the transaction created."""
        self.among_born: list[Arc] = [((row.task_id, START), (row.task_id, FINISH)) for row in born]
        self.floors: dict[EventPoint, int] = {}
        """The least levels of new points that come after older ones."""
        self.out_of_born: dict[Arc, None] = {}
        self.between_old: dict[Arc, None] = {}
        for arc in arcs:
            tail, head = arc
            if draft.is_born(tail[0]):
                if draft.is_born(head[0]):
                    self.among_born.append(arc)
                else:
                    self.out_of_born[arc] = None
            elif draft.is_born(head[0]):
                self.floors[head] = max(_level(draft, tail) + 1, self.floors.get(head, 0))
            else:
                self.between_old[arc] = None


def _level(draft: Draft, point: EventPoint) -> int:
    return level_of(draft.known(point[0]), point[1])


def level_of(row: TaskRow, point: Point) -> int:
    """The level of one of the task's points."""
    return row.start_level if point is START else row.finish_level


class EventGraph:
    """The event graph of a draft, as the search sees it. Arcs in `excluded` are not there yet.

    Only levels change while it is searched; so what surrounds a task is read once, however often the search
    comes by.
    """

    def __init__(self, draft: Draft, excluded: set[Arc]) -> None:
        self.draft = draft
        self.excluded = excluded
        self._ends = {end for arc in excluded for end in arc}
        self._children: dict[str, list[str]] = {}
        self._arcs_from: dict[str, list[Arc]] = {}
        self._arcs_to: dict[str, list[Arc]] = {}

    def level(self, point: EventPoint) -> int:
        """The level of a point."""
        return level_of(self.draft.known(point[0]), point[1])

    def successors(self, point: EventPoint) -> Iterator[EventPoint]:
        """The points that come right after `point`."""
        others = self._after(point)
        return self._others_than_excluded(point, others, forwards=True) if point in self._ends else others

    def predecessors(self, point: EventPoint) -> Iterator[EventPoint]:
        """The points that come right before `point`."""
        others = self._before(point)
        return self._others_than_excluded(point, others, forwards=False) if point in self._ends else others

    def move(self, levels: dict[EventPoint, int]) -> None:
        """Give points new levels."""
        for (task_id, point), level in levels.items():
            name = "start_level" if point is START else "finish_level"
            self.draft.put_task(self.draft.known(task_id).but(**{name: level}))

    def _others_than_excluded(
        self, point: EventPoint, others: Iterator[EventPoint], *, forwards: bool
    ) -> Iterator[EventPoint]:
        for other in others:
            arc = (point, other) if forwards else (other, point)
            if arc not in self.excluded:
                yield other

    def _after(self, point: EventPoint) -> Iterator[EventPoint]:
        task_id, kind = point
        row = self.draft.known(task_id)
        if kind is START:
            yield task_id, FINISH
            for child_id in self._children_of(row):
                yield child_id, START
        elif row.parent_id is not None:
            yield row.parent_id, FINISH
        for tail, head in _read_once(self._arcs_from, task_id, self.draft.edges_on):
            if tail[1] is kind:
                yield head

    def _before(self, point: EventPoint) -> Iterator[EventPoint]:
        task_id, kind = point
        row = self.draft.known(task_id)
        if kind is FINISH:
            yield task_id, START
            for child_id in self._children_of(row):
                yield child_id, FINISH
        elif row.parent_id is not None:
            yield row.parent_id, START
        if row.edges:
            for tail, head in _read_once(self._arcs_to, task_id, self.draft.edges_of):
                if head[1] is kind:
                    yield tail

    def _children_of(self, row: TaskRow) -> list[str]:
        if not row.children:
            return []
        found = self._children.get(row.task_id)
        if found is None:
            found = [child.task_id for child in self.draft.children(row.task_id)]
            self._children[row.task_id] = found
        return found


def _read_once(
    known: dict[str, list[Arc]], task_id: str, edges: Callable[[str], Iterable[EdgeRow]]
) -> list[Arc]:
    """The arcs that the edges of a task put into the graph, read where they are not `known`."""
    arcs = known.get(task_id)
    if arcs is None:
        arcs = known[task_id] = [arc for edge in edges(task_id) if (arc := arc_of(edge)) is not None]
    return arcs


def _refusal(draft: Draft, path: tuple[EventPoint, ...]) -> CircularDependencyError:
    """The circle as tasks: `path` is in the order of time, the error says who waits for whom."""
    points = [*reversed(_without_detours(path))]
    cycle: list[str] = []
    steps: list[str] = []
    for index, point in enumerate(points):
        following = points[(index + 1) % len(points)]
        if following[0] != point[0]:
            cycle.append(point[0])
            steps.append(_link(draft, point[0], following[0]))
    first = cycle.index(min(cycle)) if cycle else 0
    if not cycle:
        return CircularDependencyError(cycle=(points[0][0],))
    return CircularDependencyError(
        cycle=(*cycle[first:], *cycle[:first]),
        steps=(*steps[first:], *steps[:first]),
    )


def _without_detours(path: tuple[EventPoint, ...]) -> tuple[EventPoint, ...]:
    """The circle with each task in it at most once, its start and finish side by side.

    Where a task stands in it twice, the arc from its start to its finish cuts the circle in two, of which one
    is a circle.
    """
    shorter = _cut(path)
    while shorter is not None:
        path, shorter = shorter, _cut(shorter)
    return path


def _cut(path: tuple[EventPoint, ...]) -> tuple[EventPoint, ...] | None:
    seen: dict[str, int] = {}
    for index, (task_id, kind) in enumerate(path):
        before = seen.setdefault(task_id, index)
        if before == index:
            continue
        shorter = (*path[: before + 1], *path[index:]) if kind is FINISH else path[before : index + 1]
        if len(shorter) < len(path):
            return shorter
    return None


def _link(draft: Draft, task_id: str, needed_id: str) -> str:
    """Why a task waits for another: what a step of the circle says."""
    if any(edge.effective_id == needed_id and arc_of(edge) for edge in draft.edges_of(task_id)):
        return "depends on"
    return "is inside" if draft.known(task_id).parent_id == needed_id else "contains"
