"""Topological order, reachability and the longest path, each in one pass over the arcs concerned.

Functions take neighbours as a callable: give predecessors for successors, and the same function looks the
other way (ancestors for descendants).

Not here: levels, which say of two nodes at a glance that no path leads back (`worklattice.graph.acyclic`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Generic, NamedTuple, TypeVar

from worklattice.graph.circles import Circle, find_circle

K = TypeVar("K", bound=Hashable)


class LongestPath(NamedTuple, Generic[K]):
    """A path that no other outweighs, and the sum of the weights of its nodes."""

    weight: float
    nodes: tuple[K, ...]


def topological_order(nodes: Iterable[K], successors: Callable[[K], Iterable[K]]) -> list[K]:
    """`nodes`, each after its predecessors among them.

    Arcs to nodes that are not among `nodes` do not count. Nodes without a predecessor keep their order; each
    other follows as soon as the last of its predecessors stands, so the answer is always the same.

    Cost: each arc twice, O(n + m) (Kahn, "Topological Sorting of Large Networks", CACM 1962).

    Raises:
        Circle: some of `nodes` form a circle; it carries one.
    """
    open_arcs = dict.fromkeys(nodes, 0)  # arcs from predecessors that do not stand yet
    for node in open_arcs:
        for successor in successors(node):
            if successor in open_arcs:
                open_arcs[successor] += 1
    order = [node for node, count in open_arcs.items() if not count]
    for node in order:  # grows on the way
        for successor in successors(node):
            if successor in open_arcs:
                open_arcs[successor] -= 1
                if not open_arcs[successor]:
                    order.append(successor)
    if len(order) < len(open_arcs) and (circle := _circle_among(open_arcs, successors)):
        raise Circle(circle)
    return order


def reachable(
    starts: Iterable[K],
    neighbours: Callable[[K], Iterable[K]],
    *,
    within: int | None = None,
    at_most: int | None = None,
) -> dict[K, int]:
    """The nodes that a path leads to from `starts`, each with the arcs of the shortest such path, counted.

    Nearest first; the starts themselves lead, at distance 0. `within` bounds the distance, `at_most` the
    number of nodes (the starts are always told): who asks for one more than wanted learns whether there are
    more.

    Cost: each node told and each arc out of it once; breadth first.
    """
    distances = dict.fromkeys(starts, 0)
    queue = list(distances)
    for node in queue:  # grows on the way
        distance = distances[node] + 1
        if within is not None and distance > within:
            break
        for neighbour in neighbours(node):
            if neighbour not in distances:
                if at_most is not None and len(distances) >= at_most:
                    return distances
                distances[neighbour] = distance
                queue.append(neighbour)
    return distances


def longest_path(
    nodes: Iterable[K], successors: Callable[[K], Iterable[K]], weight: Callable[[K], float]
) -> LongestPath[K]:
    """The heaviest path among `nodes`: the critical path where a weight is a duration.

    Weights are at least 0. Of several longest paths it is the one whose last node comes first in
    `topological_order`. Without nodes the path is empty and weighs 0.

    Cost: a topological sort, then each arc once (Kelley and Walker, "Critical-Path Planning and Scheduling",
    1959).

    Raises:
        Circle: some of `nodes` form a circle, so that there is no longest path.
    """
    order = topological_order(nodes, successors)
    totals = dict.fromkeys(order, 0.0)  # of the heaviest path to the node; its own weight comes last
    previous: dict[K, K] = {}
    for node in order:
        total = totals[node] = totals[node] + weight(node)
        for successor in successors(node):
            if successor in totals and (successor not in previous or totals[successor] < total):
                totals[successor] = total
                previous[successor] = node
    if not order:
        return LongestPath(0.0, ())
    path = [max(order, key=totals.__getitem__)]
    while path[-1] in previous:
        path.append(previous[path[-1]])
    return LongestPath(totals[path[0]], tuple(reversed(path)))


def _circle_among(nodes: Mapping[K, object], successors: Callable[[K], Iterable[K]]) -> tuple[K, ...] | None:
    return find_circle(nodes, lambda node: (head for head in successors(node) if head in nodes))
