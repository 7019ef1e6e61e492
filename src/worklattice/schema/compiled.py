"""A schema that was found sound and can judge: what the other rooms hold.

Not here: how it is read (`definition`), how it judges (`judging`), what it promises (`places`).
"""

from __future__ import annotations

from typing import Any, TypeAlias

from worklattice.schema.budget import Budget, SpentError
from worklattice.schema.definition import Definition
from worklattice.schema.faults import FAULTS_LIMIT, TOO_LARGE, FaultySchemaError, SchemaFault
from worklattice.schema.keywords import Node
from worklattice.schema.places import Place, filled

Json: TypeAlias = Any


class Schema:
    """A user's JSON Schema, found sound. Made by `compile_schema`; safe to share between threads."""

    def __init__(self, root: Node) -> None:
        """Judge by `root`."""
        self._root = root
        self.root = Place.of([root])
        """What it promises of the whole value."""

    def faults(self, instance: object) -> list[SchemaFault]:
        """Everything that is wrong with `instance` (the first hundred faults); empty where it fits.

        Messages do not repeat the value. What would take too long to judge has one fault that says so.
        """
        return _judge(self._root, instance, Budget())

    def with_defaults(self, instance: Json) -> Json:
        """`instance` with defaults put in (see `places.filled`); as it is where that would take too long."""
        try:
            return filled(instance, self.root, Budget().spend)
        except (SpentError, RecursionError):
            return instance

    def completed(self, instance: Json) -> tuple[Json, list[SchemaFault]]:
        """`instance` with defaults put in, and everything that is wrong with that."""
        try:
            whole = filled(instance, self.root, Budget().spend)
        except (SpentError, RecursionError):
            return instance, [TOO_LARGE]
        return whole, self.faults(whole)


def compile_schema(schema: object, *, node_limit: int) -> Schema:
    """The schema, ready to judge. Raises `FaultySchemaError` with everything that is wrong with it.

    `node_limit` bounds the objects and arrays that it may hold. A default that does not fit the subschema in
    which it stands is a fault too. Cost: linear in the schema and in what its patterns write out to.
    """
    definition = Definition(schema, node_limit=node_limit)
    if faults := _faulty_defaults(definition):
        raise FaultySchemaError(tuple(faults[:FAULTS_LIMIT]))
    return Schema(definition.root)


def _faulty_defaults(definition: Definition) -> list[SchemaFault]:
    budget = Budget()
    return [
        SchemaFault((*node.path, "default"), f"does not fit its own schema: {fault.text}")
        for node in definition.nodes
        if "default" in node.given
        for fault in _judge(node, node.given["default"], budget)
    ]


def _judge(node: Node, instance: object, budget: Budget) -> list[SchemaFault]:
    from worklattice.schema.judging import judge  # noqa: PLC0415 - jsonschema is imported when first needed

    return judge(node.ready, instance, budget)
