"""What a picture shows, before it is written in any language: nodes and groups of them, and arcs between.

Not here: how tasks and lifecycles become a diagram (`picturing`), and the languages (`mermaid`, `dot`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from attrs import field, frozen
from attrs.validators import min_len


@frozen(kw_only=True)
class Node:
    """Something, by a key that no other node or group of the diagram has."""

    key: str
    lines: tuple[str, ...]
    """What stands in it, line by line, as people wrote it: the renderer escapes."""
    status: str | None = None
    """The status whose colours it has."""


@frozen(kw_only=True)
class Group:
    """Something that has others inside it, one at least."""

    key: str
    lines: tuple[str, ...]
    status: str | None = None
    members: tuple[Member, ...] = field(validator=min_len(1))


Member: TypeAlias = Node | Group


@frozen(kw_only=True)
class Arc:
    """An arrow, or a line, between two nodes or groups, never between a group and what is inside it."""

    tail: str
    head: str
    label: str = ""
    dotted: bool = False
    directed: bool = True
    """Whether it has a head: a line without one says the same of both ends."""


@frozen(kw_only=True)
class Diagram:
    """A picture. `first` is where an arrow from nowhere leads, `last` from where one leads out."""

    members: tuple[Member, ...]
    arcs: tuple[Arc, ...] = ()
    first: str | None = None
    last: frozenset[str] = frozenset()

    def walk(self) -> Iterator[tuple[Member, int, bool]]:
        """Every node once and every group twice: (member, how deep, whether a group ends here)."""
        left: list[tuple[Member, int, bool]] = [(member, 0, False) for member in reversed(self.members)]
        while left:
            member, depth, ends = left.pop()
            yield member, depth, ends
            if isinstance(member, Group) and not ends:
                left.append((member, depth, True))
                left += [(inner, depth + 1, False) for inner in reversed(member.members)]
