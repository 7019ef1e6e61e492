"""A graph held in dicts, for tests: grows by the answers of `insert`, and counts what a search asks of it."""

from collections.abc import Hashable, Iterable, Iterator
from typing import Generic, TypeVar

from worklattice.graph import insert

K = TypeVar("K", bound=Hashable)


class Arcs(Generic[K]):
    def __init__(self, arcs: Iterable[tuple[K, K]] = ()) -> None:
        self.levels: dict[K, int] = {}
        self.heads: dict[K, list[K]] = {}
        self.tails: dict[K, list[K]] = {}
        self.looked_at = 0
        """Arcs that searches have looked at."""
        for tail, head in arcs:
            self.add(tail, head)

    def add(self, tail: K, head: K) -> dict[K, int]:
        """Insert an arc, or raise the circle that it closes; returns what moved."""
        moved = insert(self, tail, head)
        self.levels.update(moved)
        self.heads.setdefault(tail, []).append(head)
        self.tails.setdefault(head, []).append(tail)
        return moved

    def level(self, node: K, /) -> int:
        return self.levels.get(node, 0)

    def successors(self, node: K, /) -> Iterator[K]:
        return self._look(self.heads.get(node, ()))

    def predecessors(self, node: K, /) -> Iterator[K]:
        return self._look(self.tails.get(node, ()))

    def nodes(self) -> list[K]:
        return list(dict.fromkeys([*self.heads, *self.tails]))

    def arcs(self) -> list[tuple[K, K]]:
        return [(tail, head) for tail, heads in self.heads.items() for head in heads]

    def _look(self, nodes: Iterable[K]) -> Iterator[K]:
        for node in nodes:
            self.looked_at += 1
            yield node
