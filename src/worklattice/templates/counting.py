"""How many tasks an expansion would make, before any is made.

A loop whose items do not decide what stands inside is multiplied instead of run through, so that eight nested
loops of ten are counted in eight steps.

Not here: making the tasks (`worklattice.templates.expand`).
"""

from __future__ import annotations

from worklattice.errors import ExpansionLimitError, LimitExceededError
from worklattice.templates.model import Template
from worklattice.templates.turning import Layer, Turning
from worklattice.types import LIMITS, JsonObject


def count_tasks(root: Layer, turning: Turning, limit: int) -> int:
    """How many tasks the root of a template becomes.

    Raises `ExpansionLimitError` where they are more than `limit`, and `LimitExceededError` where more than
    `LIMITS.expansion_turns` nodes would have to be looked at to find that out. Cost: those that are.
    """
    total = turns = 0
    waiting = [(root, 1)]
    while waiting:
        layer, times = waiting.pop()
        instances, times = _instances(layer, times, turning)
        turns += len(instances) or 1
        if turns > (limit if total > limit else LIMITS.expansion_turns):
            break
        for instance in instances:
            if turning.holds(instance.node, instance.scope):
                total += times
                for node, seen, within in turning.layers(instance, _with_defaults):
                    waiting.extend((Layer(child, seen, within), times) for child in node.children)
    if total > limit:
        raise ExpansionLimitError(template_id=root.template.template_id, limit=limit, count=total)
    if turns > LIMITS.expansion_turns:
        raise LimitExceededError(
            what="nodes, in each turn of their loops, that one expansion looks at",
            limit=LIMITS.expansion_turns,
        )
    return total


def _instances(layer: Layer, times: int, turning: Turning) -> tuple[list[Layer], int]:
    """The instances of a loop that have to be looked at, and how many times each counts."""
    node, scope, template = layer
    if node.loop is None:
        return [layer], times
    variable = node.loop.variable
    items, at = turning.items(node.loop, scope)
    if items and variable not in node.counted_by:
        return [Layer(node, scope.inside(variable, items[0], (*at, 0)), template)], times * len(items)
    inside = (scope.inside(variable, item, (*at, index)) for index, item in enumerate(items))
    return [Layer(node, turn, template) for turn in inside], times


def _with_defaults(template: Template, parameters: JsonObject, _base: str) -> JsonObject:
    """The parameters of an include; they are judged when it is built."""
    return dict(template.parameters.with_defaults(parameters))
