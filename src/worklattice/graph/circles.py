"""Circles: the error that carries one, and the search from scratch that finds one.

Not here: how a growing graph is kept free of circles (`worklattice.graph.acyclic`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, TypeVar

K = TypeVar("K", bound=Hashable)


class Circle(Exception):  # noqa: N818 - what it carries is a circle, which for some callers is no error
    """The arcs close a circle.

    `path` holds its nodes, each once, in the order of its arcs: an arc runs from each to the next, and from
    the last to the first. An arc from a node to itself is a circle of one.
    """

    path: tuple[Any, ...]  # an exception cannot be generic

    def __init__(self, path: tuple[Any, ...]) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return "a circle: " + " → ".join(map(repr, (*self.path, self.path[0])))


def find_circle(nodes: Iterable[K], successors: Callable[[K], Iterable[K]]) -> tuple[K, ...] | None:
    """The first circle that a depth-first search from `nodes` meets, in the order of `Circle.path`.

    None where no circle can be reached from `nodes`. Successors need not stand among `nodes`.

    Cost: each node and each arc that can be reached once, O(n + m) (Tarjan, "Depth-First Search and Linear
    Graph Algorithms", SIAM J. Comput. 1972).
    """
    finished: set[K] = set()
    for root in nodes:
        if root in finished:
            continue
        trail: dict[K, Iterator[K]] = {root: iter(successors(root))}  # the path down to here, in order
        while trail:
            node, ahead = next(reversed(trail.items()))
            for successor in ahead:
                if successor in trail:
                    path = tuple(trail)
                    return path[path.index(successor) :]
                if successor not in finished:
                    trail[successor] = iter(successors(successor))
                    break
            else:
                finished.add(node)
                del trail[node]
    return None
