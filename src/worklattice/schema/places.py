"""What a schema lets one expect at a place in a value, and the defaults that it puts there.

A subschema judges a place for *sure* where nothing but `$ref` and `allOf` lead to it, and *maybe* where
`anyOf`, `oneOf`, `then`, `else` or `dependentSchemas` do: that depends on the value.

Not here: whether a value fits (`worklattice.schema.judging`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any, Final, TypeAlias

from attrs import define, field

from worklattice.schema.keywords import ONE, Node

_SURELY: Final = ("$ref", "allOf")
_PERHAPS: Final = ("anyOf", "oneOf", "then", "else", "dependentSchemas")
_ON_OTHER_KEYS: Final = (
    "additionalProperties",
    "patternProperties",
    "unevaluatedProperties",
    "propertyNames",
)
_ABSENT: Final = object()

Json: TypeAlias = Any


@define(frozen=True, slots=False, eq=False)
class Place:
    """A place in a value: the subschemas that judge it."""

    sure: tuple[Node, ...]
    maybe: tuple[Node, ...] = ()
    _fields: dict[str, Place] = field(factory=dict, init=False)
    """The places under the keys that `properties` speak of, as far as they were asked for."""

    @classmethod
    def of(cls, sure: Iterable[Node], maybe: Iterable[Node] = ()) -> Place:
        """The place that these judge, and what they lead to."""
        surely = _closure(sure, _SURELY)
        perhaps = _closure([*surely, *maybe], (*_SURELY, *_PERHAPS))
        return cls(tuple(surely), tuple(node for node in perhaps if node not in surely))

    @cached_property
    def types(self) -> frozenset[str] | None:
        """The JSON types that can stand here; None where the schema leaves that open."""
        said = [frozenset(node.ready["type"]) for node in self.sure if "type" in node.ready]
        return frozenset.intersection(*said) if said else None

    @cached_property
    def names(self) -> dict[str, None]:
        """The keys that `properties` speak of, in their order."""
        return {name: None for node in (*self.sure, *self.maybe) for name in node.parts.get("properties", ())}

    @cached_property
    def needed(self) -> frozenset[str]:
        """The keys that have to be given: required, and without a default."""
        required = {name for node in self.sure for name in node.ready.get("required", ())}
        return frozenset(name for name in required if self.default(name) is _ABSENT)

    @cached_property
    def given(self) -> frozenset[str]:
        """The keys that are always there: required, or with a default."""
        required = {name for node in self.sure for name in node.ready.get("required", ())}
        return frozenset(required | {name for name in self._own_names() if self.default(name) is not _ABSENT})

    @property
    def says_other_keys(self) -> bool:
        """Whether the schema itself says something about keys that `properties` do not speak of."""
        return any(keyword in node.given for node in (*self.sure, *self.maybe) for keyword in _ON_OTHER_KEYS)

    def field(self, name: str) -> Place:
        """The place under a key."""
        known = self._fields.get(name)
        if known is None:
            known = Place.of(_under(self.sure, name), _under(self.maybe, name))
            if name in self.names:
                self._fields[name] = known
        return known

    def items(self) -> Place:
        """The place of each item of an array, whatever its index."""
        sure = [node.parts["items"][ONE] for node in self.sure if {*node.parts} & _ITEMS == {"items"}]
        return Place.of(sure, (part for node in (*self.sure, *self.maybe) for part in _any_item(node)))

    def item(self, index: int) -> Place:
        """The place of one item of an array."""
        return Place.of(_at(self.sure, index), _at(self.maybe, index))

    def default(self, name: str) -> object:
        """The default of a key, or `_ABSENT`."""
        for node in self.field(name).sure:
            if "default" in node.given:
                return node.given["default"]
        return _ABSENT

    def _own_names(self) -> dict[str, None]:
        return {name: None for node in self.sure for name in node.parts.get("properties", ())}

    def defaults(self) -> Iterator[tuple[str, Any]]:
        """The keys that have a default, and the defaults."""
        for name in self._own_names():
            if (value := self.default(name)) is not _ABSENT:
                yield name, value


_ITEMS: Final = frozenset({"items", "prefixItems"})


def _closure(nodes: Iterable[Node], keywords: tuple[str, ...]) -> dict[Node, None]:
    found: dict[Node, None] = {}
    waiting = list(nodes)[::-1]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found[node] = None
            led = [part for keyword in keywords for part in node.parts.get(keyword, {}).values()]
            waiting.extend(reversed(led))
    return found


def _under(nodes: Iterable[Node], name: str) -> Iterator[Node]:
    for node in nodes:
        if part := node.parts.get("properties", {}).get(name):
            yield part
        elif "patternProperties" not in node.parts and (other := node.parts.get("additionalProperties")):
            yield other[ONE]


def _at(nodes: Iterable[Node], index: int) -> Iterator[Node]:
    for node in nodes:
        if part := node.parts.get("prefixItems", {}).get(str(index)):
            yield part
        elif items := node.parts.get("items"):
            yield items[ONE]


def _any_item(node: Node) -> Iterator[Node]:
    for keyword in _ITEMS:
        yield from node.parts.get(keyword, {}).values()


def filled(value: Json, place: Place, spend: Callable[[int], None]) -> Json:
    """`value` with the defaults put in, as deep as it goes itself; the value given is not changed.

    A default is looked for under each key of `properties` that the value has not, in subschemas that judge
    the place for sure. It is put in as it is written: objects that are not there are not made up, and nothing
    is filled in inside a default. Recurses as deep as the value.
    """
    if not any(node.fills for node in place.sure):
        return value
    spend(1 + len(place.sure))
    if isinstance(value, dict):
        given = {name: filled(item, place.field(name), spend) for name, item in value.items()}
        return given | {name: copied(default) for name, default in place.defaults() if name not in value}
    if isinstance(value, list):
        return [filled(item, place.item(index), spend) for index, item in enumerate(value)]
    return value


def copied(value: Json) -> Json:
    """A copy of a JSON value that shares no array and no object with it."""
    if isinstance(value, dict):
        return {name: copied(item) for name, item in value.items()}
    if isinstance(value, list):
        return [copied(item) for item in value]
    return value
