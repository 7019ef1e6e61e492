"""A template as values: what was read and found sound, ready to be expanded.

Not here: how it is read (`worklattice.templates.parse`) and what it expands into
(`worklattice.templates.expand`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

from attrs import field, frozen

from worklattice.lang.condition import Condition
from worklattice.schema import Schema
from worklattice.templates.filling import NOTHING, Filling, Object
from worklattice.types import JsonObject


@frozen(kw_only=True)
class Loop:
    """`for_each`, `as`, `sequential`: a node is repeated for each item of an array."""

    source: tuple[str, ...]
    """The names that lead to the array."""
    variable: str
    """What an item is called inside."""
    sequential: bool = False
    """Whether each instance needs the one before it."""


@frozen(kw_only=True)
class Include:
    """`include`, `include_version`, `with`: another template, expanded in place of the node."""

    template_id: str
    version: int | None
    """None for the newest at expansion."""
    parameters: Object


class Target(NamedTuple):
    """The node that a dependency names: in which scope, counted outwards from its own, and which child."""

    scope: int
    child: int


@frozen(kw_only=True)
class NodeDependency:
    """A dependency of a node on another; what was left out is None."""

    path: str
    """Where it stands in `task_structure`."""
    target: Target
    type: str = "completion"
    mandatory: bool | None = None
    outcome: str | None = None
    description: Filling | None = None
    lag: Filling | None = None
    artifact: Filling | None = None
    conditions: Object | None = None


@frozen(kw_only=True)
class Node:
    """One node of the tree. Its children are a scope: their keys differ."""

    path: str
    """Where it stands in `task_structure`."""
    key: str
    task_type: Filling | None = None
    """None where `include` stands in its place."""
    include: Include | None = None
    attributes: Object = NOTHING
    size: int = 0
    """Characters, and other values, that its attributes hold without what placeholders put in."""
    lifecycle_stage: Filling | None = None
    join: Filling | None = None
    not_before: Filling | None = None
    when: Condition | None = None
    loop: Loop | None = None
    dependencies: tuple[NodeDependency, ...] = ()
    sequential_children: bool = False
    children: tuple[Node, ...] = ()
    counted_by: frozenset[str] = field(default=frozenset())
    """The names that decide how many tasks the node and what is inside it become."""

    def walk(self) -> Iterator[Node]:
        """The node and everything inside it, parents first, in order."""
        waiting: list[Node] = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))


@frozen(kw_only=True)
class Template:
    """One version of a template."""

    template_id: str
    version: int
    name: str | None
    description: str | None
    category: str | None
    parameters_schema: JsonObject
    parameters: Schema
    root: Node

    def includes(self) -> Iterator[tuple[str, Include]]:
        """The includes of its nodes, with the paths of the nodes."""
        return ((node.path, node.include) for node in self.root.walk() if node.include)


Lookup: TypeAlias = Callable[[str, int | None], Template | None]
"""The version of a template, or the newest where None is asked for; None where there is none."""
