"""Incremental acyclicity: each node has a level, and every arc runs from a lower level to a higher one.

Such levels exist exactly where there is no circle: along a circle they would have to rise for ever. A new arc
whose tail stands below its head costs one comparison. Otherwise `insert` searches, and answers with the few
levels that have to change, or raises the circle. `assign` gives many new nodes their levels at once; `check`
recounts.

**The search.** Let tail → head be the new arc, and level(tail) ≥ level(head). Either head must *rise* above
tail, and with it whatever stands in its way: the successors that it reaches or overtakes, and theirs in turn.
Or tail must *sink* below head, which is the same thing upside down. Both are tried at once, arc by arc in
turn, and the side that first has nothing more to move wins. So neither a huge fan-out nor a huge fan-in costs
more than twice what the other side would have cost alone.

*Each node is settled once.* A side takes its nodes in the order of their old levels, nearest first. Old
levels rise along every arc, so whatever can still push a node is taken before it, and the new level with
which it is taken is final.

*The new levels are right.* Say the rising side won. It has looked at every arc out of every node that it
raised, and its head stood clear or was raised clear. An arc from a node at rest into a raised one only grew.
And tail → head holds, for head is above tail now, which is at rest (it was not met). Sinking is the same
upside down.

*A circle is found where there is one, and only there.* If a path head → … → tail exists, its levels lie
between those of its ends. So the rising side, which lifts head above tail, pushes each node of the path in
turn and cannot finish before it meets tail or a node that the sinking side has reached; and the sinking side
cannot finish before it meets head or a raised node. Where, on the other hand, one side meets a node of the
other, the ways of both make up such a path.

**Room.** Levels that are just high enough make some histories dear. Take a container, whose finish comes
after those of its children; children that are appended one after another; and a thousand tasks that await the
container: each append would raise all thousand. So a winner whose search was dear moves further than it must,
by some levels for each arc that it looked at, and has paid for the next searches of that size in the same
place. What it has to push for that keeps, arc by arc, half of its distance; else two containers, one before
the other, would use up each other's room in turn. Where there is too much to push, the winner goes just as
far as pushes nothing. On the shapes of `benchmarks/graph_shapes.py` that have containers, about ten arcs are
looked at for each arc inserted, against hundreds without room; to the others it makes no great difference.

**Sources.** Levels that rise along arcs and confine the search: Bender, Fineman, Gilbert and Tarjan, "A New
Approach to Incremental Cycle Detection and Related Problems", ACM Transactions on Algorithms 12(2), 2016.
Searching from both ends at once, each in the order of what is known: Alpern, Hoover, Rosen, Sweeney and
Zadeck, "Incremental Evaluation of Computational Circuits", SODA 1990. That only the cheaper side moves, and
the room it leaves, are chosen here.

Not here: who keeps the levels, and what nodes and arcs stand for.
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterable, Iterator, Mapping
from heapq import heappop, heappush
from itertools import islice
from sys import maxsize
from typing import Final, Generic, Protocol, TypeVar

from worklattice.graph.circles import Circle
from worklattice.graph.paths import topological_order

K = TypeVar("K", bound=Hashable)

# Found by measuring, on containers that grow by turns in many orders: less room, or less patience, and some
# order makes two of them use up each other's room.
_DEAR: Final = 32
"""From so many arcs on, a search leaves room."""

_ROOM: Final = 256
"""Levels of room to leave for each arc that the search looked at."""

_ENOUGH: Final = 16
"""With so many levels for each arc the search is content, where more would mean to push."""

_PATIENCE: Final = 16
"""To push for room, at most so many times the arcs of the search are looked at."""


class Graph(Protocol[K]):
    """What a search must be told: an acyclic graph, with levels that rise along each of its arcs.

    Neighbours come in any order. The same order each time gives the same answers each time.
    """

    def level(self, node: K, /) -> int:
        """The level of a node, which may be negative."""
        ...

    def successors(self, node: K, /) -> Iterable[K]:
        """The heads of the arcs out of a node."""
        ...

    def predecessors(self, node: K, /) -> Iterable[K]:
        """The tails of the arcs into a node."""
        ...


def insert(graph: Graph[K], tail: K, head: K) -> dict[K, int]:
    """Decide the new arc tail → head: the new levels of the nodes that must move for it, and of no others.

    Nothing is changed: the caller writes both arc and levels down, or neither. `graph` does not tell the arc
    yet.

    Cost: one comparison where tail stands below head; a step more where head has no successor or tail no
    predecessor. Otherwise, where the cheaper side of the search looks at m arcs, O(m log m): 2 m for both
    sides, and up to 16 m more to leave room. No level moves by more than
    level(tail) − level(head) + 256 m + 1.

    Raises:
        Circle: there is a path from head to tail. The circle told begins with head and ends with tail; it is
            not always the shortest.
    """
    above, below = graph.level(tail), graph.level(head)
    if above < below:
        return {}
    if tail == head:
        raise Circle((head,))
    if _is_empty(graph.successors(head)):
        return {head: above + 1}
    if _is_empty(graph.predecessors(tail)):
        return {tail: below - 1}
    rising, sinking = _Side(graph, head, above + 1, sign=1), _Side(graph, tail, 1 - below, sign=-1)
    arcs = 0
    for _ in zip(rising.steps(sinking.moved), sinking.steps(rising.moved), strict=False):
        arcs += 1
    if crossing := rising.crossing or sinking.crossing:
        raise Circle((*reversed(rising.trail(crossing[0])), *sinking.trail(crossing[1])))
    winner = rising if rising.settled else sinking
    return winner.levels() if arcs < _DEAR else _with_room(winner, arcs)


def assign(
    nodes: Iterable[K], arcs: Iterable[tuple[K, K]], floors: Mapping[K, int] | None = None
) -> dict[K, int]:
    """Levels for new nodes, in topological order: each the least that its floor and its predecessors allow.

    `arcs` are those among `nodes`. A node with predecessors elsewhere has a floor, one more than the highest
    of their levels; a node with neither gets level 0. Arcs from new nodes to old ones are for `insert`,
    afterwards; where several lead to the same old node, the one with the highest tail first.

    Cost: one topological sort, O(n + m); one or two microseconds an arc.

    Raises:
        Circle: the arcs close one.
    """
    successors: dict[K, list[K]] = {node: [] for node in nodes}
    for tail, head in arcs:
        successors[tail].append(head)
    order = topological_order(successors, successors.__getitem__)
    levels = dict(floors or {})
    for node in order:
        level = levels.setdefault(node, 0)
        for successor in successors[node]:
            if levels.get(successor, level) <= level:
                levels[successor] = level + 1
    return {node: levels[node] for node in order}


def check(graph: Graph[K], nodes: Iterable[K]) -> list[tuple[K, K]]:
    """The arcs out of `nodes` along which the level does not rise: none, unless something went wrong.

    Cost: each of those arcs once.
    """
    return [
        (tail, head)
        for tail in nodes
        for head in graph.successors(tail)
        if graph.level(tail) >= graph.level(head)
    ]


class _Side(Generic[K]):
    """One side of a search: `start` is to reach a height, and whatever is ahead of it is to stay ahead.

    A height is a level, or on the sinking side its negative, so that both sides climb.
    """

    __slots__ = (
        "_ahead",
        "_behind",
        "_graph",
        "_sign",
        "_start",
        "clearance",
        "crossing",
        "moved",
        "settled",
    )

    def __init__(self, graph: Graph[K], start: K, height: int, *, sign: int) -> None:
        self._graph = graph
        self._start = start
        self._sign = sign
        self._ahead, self._behind = graph.successors, graph.predecessors
        if sign < 0:
            self._ahead, self._behind = self._behind, self._ahead
        self.moved = {start: height}
        """The new height of each node reached; final where settled."""
        self.settled = False
        """Whether nothing more has to move."""
        self.clearance = maxsize
        """Where settled: by how much more all that moved may move before it reaches anything else."""
        self.crossing: tuple[K, K] | None = None
        """The arc, where one was met, from a node of the rising side to one of the sinking side."""

    def steps(self, theirs: Container[K] = (), *, elastic: bool = False) -> Iterator[None]:
        """Search, an arc a step, until nothing more has to move or one of `theirs` stands in the way.

        Whatever is pushed goes just ahead of what pushes it, or if `elastic` keeps half of its distance.
        """
        level, ahead, sign = self._graph.level, self._ahead, self._sign
        moved, clearance = self.moved, self.clearance
        # Old height; a number, so that nodes are never compared; node.
        frontier = [(sign * level(self._start), 0, self._start)]
        while frontier:
            origin, _, node = heappop(frontier)
            height = moved[node] + 1
            for neighbour in ahead(node):
                old = sign * level(neighbour)
                least = height + (old - origin) // 2 if elastic else height
                if old >= least:
                    clearance = min(clearance, old - least)
                elif neighbour in theirs:
                    self.crossing = (node, neighbour) if sign > 0 else (neighbour, node)
                    return
                elif neighbour not in moved:
                    moved[neighbour] = least
                    heappush(frontier, (old, len(moved), neighbour))
                elif moved[neighbour] < least:
                    moved[neighbour] = least
                yield
        self.settled, self.clearance = True, clearance

    def levels(self, room: int = 0) -> dict[K, int]:
        """The new levels, each moved by `room` more."""
        if self._sign > 0 and not room:
            return self.moved
        return {node: self._sign * (height + room) for node, height in self.moved.items()}

    def further(self, room: int) -> _Side[K]:
        """A new side, whose start is to reach a height greater by `room`."""
        return _Side(self._graph, self._start, self.moved[self._start] + room, sign=self._sign)

    def trail(self, node: K) -> list[K]:
        """A path, from a node reached back to the start."""
        path = [node]
        while path[-1] != self._start:
            path.append(next(behind for behind in self._behind(path[-1]) if behind in self.moved))
        return path


def _with_room(winner: _Side[K], arcs: int) -> dict[K, int]:
    """The levels of a winner that looked at `arcs` arcs, with room beyond them as far as it is cheap."""
    room = min(_ROOM * arcs, winner.clearance)
    if room < _ENOUGH * arcs:
        further = winner.further(_ROOM * arcs)
        for _ in islice(further.steps(elastic=True), _PATIENCE * arcs):
            pass
        if further.settled:
            return further.levels()
    return winner.levels(room)


def _is_empty(nodes: Iterable[object]) -> bool:
    return all(False for _ in nodes)
