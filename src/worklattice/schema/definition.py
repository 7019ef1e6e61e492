"""Reading a schema: every fault of it at once, and what is left of it to judge values by.

Of Draft 2020-12 all keywords are read but those that reach beyond the schema or rename places in it:
`$dynamicRef`, `$dynamicAnchor`, `$anchor`, `$vocabulary`, and `$id` anywhere but at the root. `$ref` leads to
a subschema of the same document (`#`, `#/$defs/name`); nothing is ever fetched. What is no keyword is a
typing mistake and refused, except names that begin with `x-`.

Bounds: the objects and arrays in the schema (given by the caller), `IN_PLACE_LIMIT` subschemas that judge one
and the same value, and the size of all patterns together. A circle of references that goes into no part of
the value would never end and is refused.

Not here: judging (`worklattice.schema.judging`), and what a schema lets one expect of a value before there is
one (`worklattice.schema.places`).
"""

from __future__ import annotations

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from typing import Final
from urllib.parse import unquote

from worklattice.errors import shown
from worklattice.schema.faults import FAULTS_LIMIT, FaultySchemaError, Path, SchemaFault, hint
from worklattice.schema.keywords import KEYWORDS, ONE, REFUSED, Node
from worklattice.schema.pattern_syntax import PatternError
from worklattice.schema.patterns import Pattern

DEPTH_LIMIT: Final = 64
"""How deep objects and arrays in a schema may be nested."""

IN_PLACE_LIMIT: Final = 2_000
"""Subschemas that judge one value, counted as often as references repeat them."""

IN_PLACE_DEPTH_LIMIT: Final = 32
"""How deep subschemas of one value may be nested, references followed."""

PATTERNS_LIMIT: Final = 20_000
"""The size of all patterns of one schema together."""


class Definition:
    """A schema that was read without a fault: its nodes, the root first."""

    def __init__(self, schema: object, *, node_limit: int) -> None:
        """Read `schema`; raises `FaultySchemaError`."""
        self._faults: list[SchemaFault] = []
        self._unread: list[tuple[Node, object]] = []
        self._references: list[tuple[Node, Path, str]] = []
        self._pattern_size = 0
        self.nodes: list[Node] = []
        self._measure(schema, node_limit)
        self.root = self.later(schema, ())
        while self._unread:
            self._read(*self._unread.pop())
        self._follow_references()
        self._finish()
        self._bound_places()
        self._finish()
        self._mark_defaults()

    def fault(self, path: Path, message: str, *, name: object = None, known: Iterable[str] = ()) -> None:
        """Note what is wrong at `path`, with the one of `known` that is most like `name`."""
        if len(self._faults) < FAULTS_LIMIT:
            self._faults.append(SchemaFault(path, message + hint(name, known)))

    def later(self, schema: object, path: Path) -> Node:
        """The node of a subschema, which is filled in when its turn comes: nothing here recurses."""
        node = Node(path, schema if isinstance(schema, dict) else {})
        self.nodes.append(node)
        self._unread.append((node, schema))
        return node

    def reference(self, node: Node, path: Path, target: str) -> None:
        """Note that `node` refers to `target`, to be followed when all nodes are known."""
        self._references.append((node, path, target))

    def pattern(self, text: object, path: Path) -> Pattern | None:
        """The pattern, or None where it is faulty or one too many."""
        if not isinstance(text, str):
            self.fault(path, "must be text: a regular expression")
            return None
        if self._pattern_size > PATTERNS_LIMIT:
            return None
        pattern = None
        try:
            pattern = Pattern(text)
            self._pattern_size += pattern.size
        except PatternError as error:
            self.fault(path, f"the pattern {shown(text)} cannot be used: {error}")
            self._pattern_size += error.size
        if self._pattern_size > PATTERNS_LIMIT:
            self.fault(path, "the patterns of this schema are too large, taken together")
        return pattern

    def _read(self, node: Node, schema: object) -> None:
        if isinstance(schema, bool):
            if not schema:
                node.ready["not"] = {}
            return
        if not isinstance(schema, dict):
            self.fault(node.path, "must be a schema: an object, true or false")
            return
        for keyword, value in schema.items():
            path = (*node.path, keyword)
            if read := KEYWORDS.get(keyword):
                ready = read(self, node, keyword, value)
                if ready is not None:
                    node.ready[keyword] = ready
            elif keyword in REFUSED:
                self.fault(path, REFUSED[keyword])
            elif not keyword.startswith("x-"):
                self.fault(path, "is no keyword of JSON Schema", name=keyword, known=KEYWORDS)

    def _follow_references(self) -> None:
        places = {tuple(map(str, node.path)): node for node in self.nodes}
        for node, path, target in self._references:
            steps = unquote(target[1:]).split("/")[1:]
            found = places.get(tuple(step.replace("~1", "/").replace("~0", "~") for step in steps))
            if found is None:
                self.fault(path, f"there is no subschema at {shown(target)}")
            else:
                node.parts["$ref"] = {ONE: found}
                node.ready["$ref"] = found.ready

    def _bound_places(self) -> None:
        around = {node: list(node.in_place()) for node in self.nodes}
        try:
            order = list(TopologicalSorter(around).static_order())
        except CycleError as error:
            circle: list[Node] = error.args[1]
            culprit = next((node for node in circle if "$ref" in node.parts), circle[0])
            self.fault((*culprit.path, "$ref"), "refers back to itself without going into the value")
            return
        cost: dict[Node, tuple[int, int]] = {}
        for node in order:
            parts = [cost[part] for part in around[node]]
            size, depth = cost[node] = (
                1 + sum(size for size, _ in parts),
                1 + max((depth for _, depth in parts), default=0),
            )
            if size > IN_PLACE_LIMIT:
                self.fault(node.path, f"judges one value by more than {IN_PLACE_LIMIT:,} subschemas")
                return
            if depth > IN_PLACE_DEPTH_LIMIT:
                self.fault(node.path, f"nests subschemas of one value deeper than {IN_PLACE_DEPTH_LIMIT}")
                return

    def _mark_defaults(self) -> None:
        leading: dict[Node, list[Node]] = {}
        for node in self.nodes:
            for parts in node.parts.values():
                for part in parts.values():
                    leading.setdefault(part, []).append(node)
        waiting = [node for node in self.nodes if "default" in node.given]
        while waiting:
            node = waiting.pop()
            if not node.fills:
                node.fills = True
                waiting.extend(leading.get(node, ()))

    def _measure(self, schema: object, node_limit: int) -> None:
        count, waiting = 0, [(schema, 1)] if isinstance(schema, dict | list) else []
        while waiting:
            value, depth = waiting.pop()
            count += 1
            if count > node_limit or depth > DEPTH_LIMIT:
                bound = f"{node_limit:,} objects and arrays, nested at most {DEPTH_LIMIT} deep"
                self.fault((), f"must hold at most {bound}")
                break
            inside = value.values() if isinstance(value, dict) else value
            waiting.extend([(item, depth + 1) for item in inside if isinstance(item, dict | list)])
        self._finish()

    def _finish(self) -> None:
        if self._faults:
            raise FaultySchemaError(tuple(self._faults))
