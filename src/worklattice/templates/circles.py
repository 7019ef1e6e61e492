"""Nodes that would wait for one another, found before there are tasks.

Each node stands for all of its instances: a dependency inside a loop is on the same turn's, and one on a
loop is on all of them, so that the instances have a circle exactly if the nodes have one. Instances that are
chained one on the one before need only an order and are left out.

Not here: circles of includes (`worklattice.templates.including`), and those among tasks
(`worklattice.model`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from worklattice.errors import shown
from worklattice.graph import find_circle
from worklattice.model.dependency import BLOCKS, DEPENDENCY_TYPES, Point
from worklattice.templates.model import Node

_Point: TypeAlias = tuple[int, Point]
"""A node, by its number in `Node.walk`, and one of its two moments."""

_COMPLETION: Final = DEPENDENCY_TYPES["completion"]


def circle_among(root: Node) -> Iterator[tuple[str, str]]:
    """The path and the message of a circle, where there is one. Cost: linear."""
    links = _Links(root)
    circle = find_circle(links.after, lambda point: links.after.get(point, ()))
    if circle is None:
        return
    numbers = list(dict.fromkeys(number for number, _ in circle))
    names = [shown(links.nodes[number].key) for number in (*numbers, numbers[0])]
    path = next(
        path
        for here, there in zip(circle, (*circle[1:], circle[0]), strict=True)
        if (path := links.paths.get((here, there)))
    )
    if len(numbers) == 1:
        yield path, f"{names[0]} would wait for itself"
    else:
        yield path, f"these nodes would wait for one another: {' before '.join(names)}"


class _Links:
    """Which point comes before which."""

    def __init__(self, root: Node) -> None:
        self.nodes = list(root.walk())
        self.after: dict[_Point, list[_Point]] = {}
        self.paths: dict[tuple[_Point, _Point], str] = {}
        """Of the links that a dependency makes, where it stands."""
        self._numbers = {id(node): number for number, node in enumerate(self.nodes)}
        waiting: list[tuple[Node, tuple[tuple[Node, ...], ...]]] = [(root, ((root,),))]
        while waiting:
            node, scopes = waiting.pop()
            self._inside(node)
            self._dependencies(node, scopes)
            waiting.extend((child, (node.children, *scopes)) for child in node.children)

    def _inside(self, node: Node) -> None:
        number = self._numbers[id(node)]
        self._link((number, Point.START), (number, Point.FINISH))
        before: int | None = None
        for child in node.children:
            inner = self._numbers[id(child)]
            self._link((number, Point.START), (inner, Point.START))
            self._link((inner, Point.FINISH), (number, Point.FINISH))
            if node.sequential_children and before is not None:
                self._link((before, Point.FINISH), (inner, Point.START))
            before = inner

    def _dependencies(self, node: Node, scopes: tuple[tuple[Node, ...], ...]) -> None:
        number = self._numbers[id(node)]
        for dependency in node.dependencies:
            if dependency.mandatory is False:
                continue
            target = dependency.target
            other = self._numbers[id(scopes[target.scope][target.child])]
            held, awaited = (other, number) if dependency.type == BLOCKS else (number, other)
            kind = DEPENDENCY_TYPES.get(dependency.type, _COMPLETION)
            if kind.holds is not None and kind.awaits is not None:
                link = ((awaited, kind.awaits), (held, kind.holds))
                self._link(*link)
                self.paths.setdefault(link, dependency.path)

    def _link(self, before: _Point, after: _Point) -> None:
        self.after.setdefault(before, []).append(after)
