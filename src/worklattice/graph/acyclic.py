"""Incremental acyclicity: each node has a level, every arc runs from a lower level to a higher one.

Such levels exist exactly where there is no circle: along a circle they would have to rise for ever. A new arc
whose tail stands below its head costs one comparison. Otherwise `insert` searches, and answers with the few
levels that have to change, or raises the circle. `assign` gives many new nodes their levels at once; `check`
recounts.

**The search.** Say the arc tail → head is to be inserted and level(tail) ≥ level(head). Either *head* must
rise above tail, and with it whatever stands in its way: the successors that it reaches or overtakes, and
theirs. Or *tail* must sink below head, which is the same thing upside down. Both are tried at once, arc by arc
in turn, and the side that first has nothing more to move wins, so that neither a huge fan-out nor a huge
fan-in costs more than twice what the other side costs.

*Each node is settled once.* A side takes its nodes in the order of their old levels, nearest first. Old levels
rise along each arc, so all predecessors of a node that will ever move have moved before it is taken, and its
own new level is final. (For the sinking side read successors.)

*The new levels are right.* The winner has looked at every arc out of every node that it moved: its other end
stood clear, or was moved clear of it. Arcs into a moved node from one that stood still only got longer. And
tail → head holds, for one end went beyond the other, which stood still.

*A circle is found exactly where there is one.* If the arc closes a circle, the old levels along the path
head → … → tail lie between those of the two ends, so the rising side, which lifts head above tail, must lift
all of the path: it comes upon tail, or upon a node from which the sinking side came, before it has nothing
more to move. The same holds upside down: no side can win. Where, on the other hand, one side comes upon a
node of the other, the paths of the two make up one from head to tail.

**Room.** Levels that are only just high enough make some histories dear. Take a container, whose finish comes
after those of its children, children that are appended one after another, and a thousand tasks that await the
container: each append would raise all thousand. So a winner whose search was dear goes on by as many levels
as it has looked at arcs. If that takes not much more work than before, the next searches of this size in
this place are already paid for; if it does, the winner goes on just as far as nothing else has to move. In
the container shapes of `benchmarks/graph_shapes.py` this takes the mean cost of an arc from hundreds of
microseconds to a few.

**Sources.** Levels that only over-approximate a topological order, and a search confined by them: Bender,
Fineman, Gilbert and Tarjan, "A New Approach to Incremental Cycle Detection and Related Problems", ACM
Transactions on Algorithms 12(2), 2016. Searching from both ends in turn, in order: Alpern, Hoover, Rosen,
Sweeney and Zadeck, "Incremental Evaluation of Computational Circuits", SODA 1990. That one side alone moves,
and the room, are ours.

Not here: who keeps the levels, and what nodes and arcs stand for.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping
from heapq import heappop, heappush
from itertools import islice
from typing import Final, Generic, Protocol, TypeVar

from worklattice.graph.circles import Circle
from worklattice.graph.paths import topological_order

K = TypeVar("K", bound=Hashable)

_DEAR: Final = 8
"""From this many arcs on, a search leaves room."""

_PATIENCE: Final = 4
"""How many times the arcs of the search itself may be looked at to leave room beyond what stands in the way."""


class Graph(Protocol[K]):
    """What a search must be told: an acyclic graph with levels that rise along each of its arcs.

    Neighbours may come in any order and more than once; the same order each time gives the same answers.
    """

    def level(self, node: K) -> int:
        """The level of a node; may be negative."""
        ...

    def successors(self, node: K) -> Iterable[K]:
        """The heads of the arcs out of a node."""
        ...

    def predecessors(self, node: K) -> Iterable[K]:
        """The tails of the arcs into a node."""
        ...


def insert(graph: Graph[K], tail: K, head: K) -> dict[K, int]:
    """Decide the arc tail → head: the new levels of the nodes that it moves, and only of those.

    Changes nothing: whoever asked writes the levels and the arc down, or neither. The arc itself should not yet
    be told by `graph`.

    Cost: one comparison where tail stands below head, a step more where head has no successor or tail no
    predecessor. Otherwise O(a log a) for the a arcs that the cheaper side looks at (twice that for both, and up
    to four times more to leave room). A level moves by at most a few times a.

    Raises:
        Circle: there is a path from head to tail. The circle starts at head and ends at tail; of several it
            is any one, not the shortest.
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
    if rising.met:
        raise Circle((*reversed(rising.trail(rising.met[0])), *sinking.trail(rising.met[1])))
    if sinking.met:
        raise Circle((*reversed(rising.trail(sinking.met[1])), *sinking.trail(sinking.met[0])))
    winner = rising if rising.settled else sinking
    return winner.levels() if arcs < _DEAR else _with_room(winner, arcs)


def _with_room(winner: _Side[K], arcs: int) -> dict[K, int]:
    """The levels of a winner that looked at `arcs` arcs, moved by as many levels more, as far as that is cheap."""
    room = winner.clear(arcs)
    if room == arcs:
        return winner.levels(room)
    wider = winner.further(arcs)
    for _ in islice(wider.steps(), _PATIENCE * arcs):
        pass
    return wider.levels() if wider.settled else winner.levels(room)


def _is_empty(nodes: Iterable[object]) -> bool:
    return all(False for _ in nodes)


def assign(
    nodes: Iterable[K], arcs: Iterable[tuple[K, K]], floors: Mapping[K, int] | None = None
) -> dict[K, int]:
    """Levels for new nodes, in topological order: of each the least that its floor and its predecessors allow.

    `arcs` are those among `nodes`. A node that has predecessors elsewhere has a floor: one more than the highest
    of their levels. A node that has neither predecessors nor floor gets level 0. Arcs from new nodes to old ones
    are for `insert`, afterwards; where several lead to one old node, the one from the highest tail first.

    Cost: one topological sort, O(n + m); about a microsecond an arc.

    Raises:
        Circle: the arcs close one.
    """
    successors: dict[K, list[K]] = {node: [] for node in nodes}
    for tail, head in arcs:
        successors[tail].append(head)
    order = topological_order(successors, successors.__getitem__)
    levels = dict(floors or {})
    for node in order:
        beyond = levels.setdefault(node, 0) + 1
        for successor in successors[node]:
            if levels.get(successor, beyond - 1) < beyond:
                levels[successor] = beyond
    return {node: levels[node] for node in order}


def check(graph: Graph[K], nodes: Iterable[K]) -> list[tuple[K, K]]:
    """The arcs out of `nodes` along which the level does not rise; none where `insert` kept the levels.

    Cost: each of those arcs once.
    """
    return [
        (tail, head)
        for tail in nodes
        for head in graph.successors(tail)
        if graph.level(tail) >= graph.level(head)
    ]


class _Side(Generic[K]):
    """One side of a search: `start` has to reach a height, and whatever is ahead of it to stay ahead.

    A height is a level, or for the side that sinks its negative, so that both sides rise.
    """

    __slots__ = ("_ahead", "_behind", "_clear", "_graph", "_sign", "_start", "met", "moved", "settled")

    def __init__(self, graph: Graph[K], start: K, height: int, *, sign: int) -> None:
        self._graph = graph
        self._start = start
        self._sign = sign
        self._ahead, self._behind = graph.successors, graph.predecessors
        if sign < 0:
            self._ahead, self._behind = self._behind, self._ahead
        self._clear: list[tuple[int, K]] = []
        self.moved = {start: height}
        """The new heights; final once settled."""
        self.met: tuple[K, K] | None = None
        """An arc from a node that moved to one that moved on the other side."""
        self.settled = False
        """Whether nothing more has to move."""

    def steps(self, theirs: Container[K] = ()) -> Iterator[None]:
        """Search, one arc a step, until nothing more has to move or a node of the other side stands ahead."""
        level, ahead, sign = self._graph.level, self._ahead, self._sign
        moved, clear = self.moved, self._clear
        frontier = [(0, 0, self._start)]  # old height, a number that keeps nodes from being compared, node
        while frontier:
            node = heappop(frontier)[2]
            height = moved[node]
            for neighbour in ahead(node):
                new = moved.get(neighbour)
                if new is None:
                    old = sign * level(neighbour)
                    if old > height:
                        clear.append((old - height - 1, neighbour))
                    elif neighbour in theirs:
                        self.met = node, neighbour
                        return
                    else:
                        moved[neighbour] = height + 1
                        heappush(frontier, (old, len(moved), neighbour))
                elif new <= height:
                    moved[neighbour] = height + 1
                yield
        self.settled = True

    def levels(self, room: int = 0) -> dict[K, int]:
        """The new levels, all moved `room` further."""
        if not room and self._sign > 0:
            return self.moved
        return {node: self._sign * (height + room) for node, height in self.moved.items()}

    def clear(self, room: int) -> int:
        """How much further, up to `room`, all that moved can move together without moving anything else."""
        return min([room, *(spare for spare, node in self._clear if node not in self.moved)])

    def further(self, room: int) -> _Side[K]:
        """The same side, with `start` to reach a height greater by `room`."""
        return _Side(self._graph, self._start, self.moved[self._start] + room, sign=self._sign)

    def trail(self, node: K) -> list[K]:
        """A path from a node that moved back to the start."""
        path = [node]
        while path[-1] != self._start:
            path.append(next(behind for behind in self._behind(path[-1]) if behind in self.moved))
        return path
