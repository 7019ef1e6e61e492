"""What counting and building share: which instances a node has, and what stands in place of an include.

Not here: how many there are (`worklattice.templates.counting`), and the tasks
(`worklattice.templates.expand`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from attrs import define, field

from worklattice.errors import LimitExceededError, TemplateNotFoundError
from worklattice.lang.condition import Attribute, Column, Parameter
from worklattice.lang.evaluation import evaluate
from worklattice.lang.values import Value
from worklattice.schema import Path
from worklattice.templates.filling import Absent, Allowance, Scope
from worklattice.templates.model import Include, Lookup, Loop, Node, Template
from worklattice.types import LIMITS, JsonObject, JsonValue


class Layer(NamedTuple):
    """A node that says what an instance is, with the values that it sees and the template it stands in."""

    node: Node
    scope: Scope
    template: Template


Accept = Callable[[Template, JsonObject, str], JsonObject]
"""Takes the parameters of an include, which stand at a path, and gives those that apply."""


@define
class Turning:
    """Runs through loops, conditions and includes in one expansion."""

    now: datetime
    lookup: Lookup
    allowance: Allowance = field(factory=Allowance)
    _found: dict[tuple[str, int | None], Template | None] = field(factory=dict)

    def items(self, loop: Loop, scope: Scope) -> tuple[list[JsonValue], Path]:
        """The array of a loop, and where it stands; empty where it was not given."""
        value, at = scope.find(loop.source)
        if isinstance(value, Absent):
            return [], at
        if not isinstance(value, list):
            raise scope.fault(at, "must be an array: the template repeats a task for each item")
        return value, at

    def holds(self, node: Node, scope: Scope) -> bool:
        """Whether the node is there: its `when` is true, not false or unknown."""
        if node.when is None:
            return True

        def value(reference: Column | Attribute | Parameter) -> Value:
            return scope.value(reference.path) if isinstance(reference, Parameter) else None

        return evaluate(node.when, value, self.now) is True

    def layers(self, layer: Layer, accept: Accept) -> list[Layer]:
        """The node itself, then the root that it includes, and so on; the last says the type of the task."""
        layers = [layer]
        while include := layers[-1].node.include:
            if len(layers) > LIMITS.include_depth:
                raise LimitExceededError(what="includes in includes", limit=LIMITS.include_depth)
            node, scope, template = layers[-1]
            included = self._template(include, f"{template.template_id}.{node.path}.include")
            base = f"{template.template_id}.{node.path}.with"
            given = accept(included, include.parameters.fill(scope), base)
            layers.append(Layer(included.root, Scope(given, base, self.allowance), included))
        return layers

    def _template(self, include: Include, path: str) -> Template:
        wanted = (include.template_id, include.version)
        if wanted not in self._found:
            self._found[wanted] = self.lookup(*wanted)
        found = self._found[wanted]
        if found is None:
            raise TemplateNotFoundError(name=include.template_id, version=include.version, field=path)
        return found
