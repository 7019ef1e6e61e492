"""The keywords of a schema: which there are, how each is read, and what is left of it to judge by.

Not here: walking a schema and following its references (`worklattice.schema.definition`).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from attrs import define, field

from worklattice.schema.equality import Options
from worklattice.schema.faults import Path
from worklattice.schema.formats import CHECKED, NAMED
from worklattice.schema.patterns import Pattern

TYPES: Final = ("string", "number", "integer", "boolean", "object", "array", "null")

IN_PLACE: Final = ("$ref", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas")
"""The keywords whose subschemas judge the value itself, not a part of it."""

ONE: Final = ""
"""The name of the only subschema of a keyword such as `items`."""

_DIALECTS: Final = (
    "https://json-schema.org/draft/2020-12/schema",
    "https://json-schema.org/draft/2020-12/schema#",
)


@define(eq=False)
class Node:
    """One subschema."""

    path: Path
    given: dict[str, Any]
    ready: dict[str, Any] = field(factory=dict)
    """The keywords as judging wants them: patterns read, references followed, annotations gone."""
    parts: dict[str, dict[str, Node]] = field(factory=dict)
    """The subschemas it leads to: by keyword, then by name or index."""
    fills: bool = False
    """Whether it, or a subschema that it leads to, has a default."""

    def in_place(self) -> Iterator[Node]:
        """The subschemas that judge the same value as this one."""
        for keyword in IN_PLACE:
            if keyword in self.parts:
                yield from self.parts[keyword].values()


class Divisor(NamedTuple):
    """What `multipleOf` says: as it was written, and exactly as decimals mean it."""

    written: int | float
    exact: Fraction


class Definition(Protocol):
    """The reading of a schema, as the keywords see it."""

    def fault(self, path: Path, message: str, *, name: object = None, known: Iterable[str] = ()) -> None:
        """Note what is wrong at `path`, with the one of `known` that is most like `name`."""
        ...

    def later(self, schema: object, path: Path) -> Node:
        """The node of a subschema, which is filled in when its turn comes."""
        ...

    def reference(self, node: Node, path: Path, target: str) -> None:
        """Note that `node` refers to `target`, to be followed when all nodes are known."""
        ...

    def pattern(self, text: object, path: Path) -> Pattern | None:
        """The pattern, or None where it is faulty, which is noted."""
        ...


# Each reading takes the definition, the node, the keyword and its value, and gives what judging wants of it,
# or None.

Reading: TypeAlias = Callable[[Definition, Node, str, object], object]


def _subschema(definition: Definition, node: Node, keyword: str, value: object) -> object:
    part = definition.later(value, (*node.path, keyword))
    node.parts[keyword] = {ONE: part}
    return part.ready


def _subschemas(definition: Definition, node: Node, keyword: str, value: object) -> object:
    if not isinstance(value, list) or not value:
        definition.fault((*node.path, keyword), "must be an array of one or more schemas")
        return None
    parts = [definition.later(item, (*node.path, keyword, index)) for index, item in enumerate(value)]
    node.parts[keyword] = {str(index): part for index, part in enumerate(parts)}
    return [part.ready for part in parts]


def _named_subschemas(definition: Definition, node: Node, keyword: str, value: object) -> object:
    if not isinstance(value, dict):
        definition.fault((*node.path, keyword), "must be an object with a schema for each name")
        return None
    parts = {name: definition.later(item, (*node.path, keyword, name)) for name, item in value.items()}
    node.parts[keyword] = parts
    return {name: part.ready for name, part in parts.items()}


def _subschemas_by_pattern(definition: Definition, node: Node, keyword: str, value: object) -> object:
    named = _named_subschemas(definition, node, keyword, value)
    if not isinstance(named, dict):
        return None
    patterns = {name: definition.pattern(name, (*node.path, keyword, name)) for name in named}
    return [(pattern, named[name]) for name, pattern in patterns.items() if pattern]


def _reference(definition: Definition, node: Node, keyword: str, value: object) -> object:
    path = (*node.path, keyword)
    if not isinstance(value, str):
        definition.fault(path, "must be text: # or #/ and the path of a subschema")
    elif value != "#" and not value.startswith("#/"):
        definition.fault(path, "must lead to a part of this schema, such as #/$defs/name; nothing is fetched")
    else:
        definition.reference(node, path, value)
    return None


def _types(definition: Definition, node: Node, keyword: str, value: object) -> object:
    path, names = (*node.path, keyword), value if isinstance(value, list) else [value]
    for name in names:
        if not isinstance(name, str) or name not in TYPES:
            definition.fault(path, f"must name types: {', '.join(TYPES)}", name=name, known=TYPES)
            return None
    if not names:
        definition.fault(path, "must name a type")
    return tuple(names)


def _options(definition: Definition, node: Node, keyword: str, value: object) -> object:
    if not isinstance(value, list) or not value:
        definition.fault((*node.path, keyword), "must be an array of the allowed values")
        return None
    return Options(value)


def _constant(_definition: Definition, _node: Node, _keyword: str, value: object) -> object:
    return Options([value])


def _is_number(value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return math.isfinite(value) if isinstance(value, float) else abs(value) <= sys.float_info.max


def _number(definition: Definition, node: Node, keyword: str, value: object) -> object:
    if not _is_number(value):
        definition.fault((*node.path, keyword), "must be a number")
        return None
    return value


def _divisor(definition: Definition, node: Node, keyword: str, value: object) -> object:
    if not isinstance(value, int | float) or not _is_number(value) or value <= 0:
        definition.fault((*node.path, keyword), "must be a number above 0")
        return None
    return Divisor(value, Fraction(repr(value)))


def _count(definition: Definition, node: Node, keyword: str, value: object) -> object:
    if not isinstance(value, int | float) or not _is_number(value) or value < 0 or value != int(value):
        definition.fault((*node.path, keyword), "must be 0 or a positive integer")
        return None
    return int(value)


def _flag(definition: Definition, node: Node, keyword: str, value: object) -> object:
    if not isinstance(value, bool):
        definition.fault((*node.path, keyword), "must be true or false")
    return value or None


def _note(_definition: Definition, _node: Node, _keyword: str, _value: object) -> object:
    return None


def _flag_note(definition: Definition, node: Node, keyword: str, value: object) -> object:
    _flag(definition, node, keyword, value)
    return None


def _text_note(definition: Definition, node: Node, keyword: str, value: object) -> object:
    if not isinstance(value, str):
        definition.fault((*node.path, keyword), "must be text")
    return None


def _array_note(definition: Definition, node: Node, keyword: str, value: object) -> object:
    if not isinstance(value, list):
        definition.fault((*node.path, keyword), "must be an array")
    return None


def _dialect(definition: Definition, node: Node, keyword: str, value: object) -> object:
    if value not in _DIALECTS:
        definition.fault((*node.path, keyword), f"must be {_DIALECTS[0]}, the only dialect that is read")
    return None


def _identifier(definition: Definition, node: Node, keyword: str, value: object) -> object:
    if node.path:
        definition.fault((*node.path, keyword), "may stand only at the root; refer with #/ and the path")
    return _text_note(definition, node, keyword, value)


def _names(definition: Definition, node: Node, keyword: str, value: object) -> object:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        definition.fault((*node.path, keyword), "must be an array of names")
        return None
    return tuple(dict.fromkeys(value))


def _names_by_name(definition: Definition, node: Node, keyword: str, value: object) -> object:
    if not isinstance(value, dict) or not all(
        isinstance(names, list) and all(isinstance(name, str) for name in names) for names in value.values()
    ):
        definition.fault((*node.path, keyword), "must be an object with an array of names for each name")
        return None
    return {name: tuple(names) for name, names in value.items()}


def _pattern(definition: Definition, node: Node, keyword: str, value: object) -> object:
    return definition.pattern(value, (*node.path, keyword))


def _format(definition: Definition, node: Node, keyword: str, value: object) -> object:
    if not isinstance(value, str) or (value not in CHECKED and value not in NAMED):
        formats = (*CHECKED, *sorted(NAMED))
        path = (*node.path, keyword)
        definition.fault(path, f"must name a format: {', '.join(CHECKED)}", name=value, known=formats)
        return None
    return value if value in CHECKED else None


KEYWORDS: Final[dict[str, Reading]] = {
    "$schema": _dialect,
    "$id": _identifier,
    "$comment": _text_note,
    "$defs": _named_subschemas,
    "definitions": _named_subschemas,
    "$ref": _reference,
    "type": _types,
    "enum": _options,
    "const": _constant,
    "allOf": _subschemas,
    "anyOf": _subschemas,
    "oneOf": _subschemas,
    "not": _subschema,
    "if": _subschema,
    "then": _subschema,
    "else": _subschema,
    "properties": _named_subschemas,
    "patternProperties": _subschemas_by_pattern,
    "additionalProperties": _subschema,
    "unevaluatedProperties": _subschema,
    "propertyNames": _subschema,
    "dependentSchemas": _named_subschemas,
    "required": _names,
    "dependentRequired": _names_by_name,
    "minProperties": _count,
    "maxProperties": _count,
    "prefixItems": _subschemas,
    "items": _subschema,
    "unevaluatedItems": _subschema,
    "contains": _subschema,
    "minContains": _count,
    "maxContains": _count,
    "minItems": _count,
    "maxItems": _count,
    "uniqueItems": _flag,
    "multipleOf": _divisor,
    "minimum": _number,
    "maximum": _number,
    "exclusiveMinimum": _number,
    "exclusiveMaximum": _number,
    "minLength": _count,
    "maxLength": _count,
    "pattern": _pattern,
    "format": _format,
    "title": _text_note,
    "description": _text_note,
    "default": _note,
    "examples": _array_note,
    "deprecated": _flag_note,
    "readOnly": _flag_note,
    "writeOnly": _flag_note,
    "contentEncoding": _text_note,
    "contentMediaType": _text_note,
    "contentSchema": _note,
}
"""Every keyword that is read, and how."""

REFUSED: Final = {
    "$dynamicRef": "is not supported; refer with $ref and #/$defs/name",
    "$dynamicAnchor": "is not supported; refer with $ref and #/$defs/name",
    "$recursiveRef": "is not of Draft 2020-12; refer with $ref and #/$defs/name",
    "$recursiveAnchor": "is not of Draft 2020-12; refer with $ref and #/$defs/name",
    "$anchor": "is not supported; refer with #/$defs/name",
    "$vocabulary": "is not supported; keywords are those of Draft 2020-12",
    "id": "is not of Draft 2020-12; a schema needs no id here",
    "dependencies": "is not of Draft 2020-12; use dependentRequired or dependentSchemas",
    "additionalItems": "is not of Draft 2020-12; use prefixItems and items",
}
"""Keywords of JSON Schema, in one draft or another, that are not read, and what to write."""
