"""Algorithms on directed graphs, generic over hashable nodes: circles, levels, orders, paths.

An *arc* runs from its *tail* to its *head*; the head is a *successor* of the tail, the tail a *predecessor*
of the head. A *circle* is a path of arcs that comes back to its first node; a graph without one is acyclic. A
*level* is an integer per node such that every arc runs from a lower level to a higher one.

- `circles`: the error that carries a circle, and a search that finds one from scratch;
- `acyclic`: levels, which keep a growing graph free of circles without searching it anew for each arc;
- `paths`: topological order, reachability, the longest path.

Nothing recurses, so depth is bound by memory alone; and nothing is stored: a graph is whatever tells its
levels and neighbours. The same graph, told in the same order, gives the same answers, orders and circles.

Not here: tasks, their points and what an arc between them means (`worklattice.model.waiting`), and where
levels are kept (the stores).
"""

from worklattice.graph.acyclic import Graph, assign, check, insert
from worklattice.graph.circles import Circle, find_circle
from worklattice.graph.paths import longest_path, reachable, topological_order

__all__ = [
    "Circle",
    "Graph",
    "assign",
    "check",
    "find_circle",
    "insert",
    "longest_path",
    "reachable",
    "topological_order",
]
