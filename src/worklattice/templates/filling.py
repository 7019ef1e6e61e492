"""Templates of JSON values: what is left of a value with placeholders, ready to be filled in many times.

A text that is only a placeholder takes over the parameter's value with its JSON type. In a longer text, and
in the keys of objects, text is put in as it is and every other value as JSON. What was put in is never
looked at again. Where a parameter was not given, whatever would hold it goes: the key of an object with its
value, the item of an array, the whole text.

Not here: reading texts (`worklattice.templates.placeholders`) and which parameters there are
(`worklattice.templates.names`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

from attrs import define, field, frozen

from worklattice.errors import LimitExceededError, TemplateParameterError, shown
from worklattice.schema import Path, written
from worklattice.types import LIMITS, JsonObject, JsonScalar, JsonValue


class Absent:
    """In place of a value that was not given."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False)


def _as_text(value: JsonValue) -> str:
    """A value inside a longer text: as it is, or as JSON."""
    if isinstance(value, str):
        return value
    return str(value) if type(value) is int else _ENCODER.encode(value)


@define
class Allowance:
    """How much one expansion may still write, and how large what it puts in is."""

    left: int = LIMITS.expansion_characters
    _measures: dict[int, tuple[int, int, JsonValue]] = field(factory=dict)

    def spend(self, size: int) -> None:
        """Write `size` characters."""
        self.left -= size
        if self.left < 0:
            raise LimitExceededError(
                what="characters in the attributes of one expansion", limit=LIMITS.expansion_characters
            )

    def measure(self, value: list[JsonValue] | dict[str, JsonValue]) -> tuple[int, int]:
        """Size and depth of a value, counted once for each value."""
        known = self._measures.get(id(value))
        if known is None:
            # The value is kept, so that no other can come to have its id.
            known = self._measures[id(value)] = (*_measure(value), value)
        return known[:2]


def _measure(value: JsonValue) -> tuple[int, int]:
    size = deepest = 0
    waiting = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        size += len(item) + 1 if isinstance(item, str) else 1
        if isinstance(item, dict | list):
            deepest = max(deepest, depth + 1)
            if isinstance(item, dict):
                size += sum(map(len, item))
            waiting.extend(
                (inner, depth + 1) for inner in (item.values() if isinstance(item, dict) else item)
            )
    return size, deepest


class Scope(NamedTuple):
    """The values that names stand for at one place of an expansion: a loop's item, then what is around it."""

    parameters: JsonObject
    base: str
    """Path of the parameters, for errors."""
    allowance: Allowance
    variable: str | None = None
    item: JsonValue = None
    at: Path = ()
    """Where in the parameters the item stands."""
    around: Scope | None = None

    def inside(self, variable: str, item: JsonValue, at: Path) -> Scope:
        """The scope of one turn of a loop."""
        return Scope(self.parameters, self.base, self.allowance, variable, item, at, self)

    def find(self, path: tuple[str, ...]) -> tuple[JsonValue | Absent, Path]:
        """The value that `path` leads to, and where it stands in the parameters.

        Raises `TemplateParameterError` where the path leads into what is no object.
        """
        value, at = self._first(path[0])
        for name in path[1:]:
            if value is ABSENT:
                break
            if not isinstance(value, dict):
                raise self.fault(at, f"must be an object: the template reads its field {shown(name)}")
            value, at = value.get(name, ABSENT), (*at, name)
        return value, at

    def value(self, path: tuple[str, ...]) -> JsonValue:
        """The value that `path` leads to, or None; for conditions, where that is unknown."""
        value: JsonValue | Absent = self._first(path[0])[0]
        for name in path[1:]:
            value = value.get(name) if isinstance(value, dict) else None
        return None if isinstance(value, Absent) else value

    def fault(self, at: Path, message: str) -> TemplateParameterError:
        """The error of a value that stands at `at` in the parameters."""
        return TemplateParameterError.of(self.base + written(at), message)

    def _first(self, name: str) -> tuple[JsonValue | Absent, Path]:
        scope: Scope | None = self
        while scope is not None and scope.variable is not None:
            if scope.variable == name:
                return scope.item, scope.at
            scope = scope.around
        return self.parameters.get(name, ABSENT), (name,)


class Filling(Protocol):
    """A template of a JSON value."""

    def fill(self, scope: Scope) -> JsonValue | Absent:
        """The value in this scope, or `ABSENT`. Arrays and objects that the template writes are new ones."""
        ...

    def holes(self) -> Iterator[tuple[str, ...]]:
        """The paths of its placeholders."""
        ...


@frozen
class Fixed:
    """A value without placeholders."""

    value: JsonScalar

    def fill(self, scope: Scope) -> JsonValue | Absent:  # noqa: ARG002 - the same everywhere
        """The value."""
        return self.value

    def holes(self) -> Iterator[tuple[str, ...]]:
        """None."""
        return iter(())


@frozen
class Whole:
    """A text that is only a placeholder. `level` is how deep it is nested."""

    path: tuple[str, ...]
    level: int = 0

    def fill(self, scope: Scope) -> JsonValue | Absent:
        """The parameter's value, with its type; arrays and objects are the parameter's own."""
        value, at = scope.find(self.path)
        if isinstance(value, dict | list):
            size, depth = scope.allowance.measure(value)
            if self.level + depth > LIMITS.json_depth:
                raise scope.fault(at, f"would be nested deeper than {LIMITS.json_depth} levels in a task")
            scope.allowance.spend(size)
        elif isinstance(value, str):
            scope.allowance.spend(len(value))
        return value

    def holes(self) -> Iterator[tuple[str, ...]]:
        """Itself."""
        yield self.path


@frozen
class Mixed:
    """A text with placeholders in it."""

    parts: tuple[str | Whole, ...]

    def fill(self, scope: Scope) -> str | Absent:
        """The text, or `ABSENT` where any of its parameters was not given."""
        texts: list[str] = []
        length = 0
        for part in self.parts:
            if isinstance(part, str):
                text = part
            else:
                value, at = scope.find(part.path)
                if isinstance(value, Absent):
                    return ABSENT
                text = _as_text(value)
                length += len(text)
                if length > LIMITS.string_characters:
                    raise scope.fault(at, f"makes a text longer than {LIMITS.string_characters:,} characters")
            texts.append(text)
        scope.allowance.spend(length)
        return "".join(texts)

    def holes(self) -> Iterator[tuple[str, ...]]:
        """Its placeholders, in order."""
        return (part.path for part in self.parts if isinstance(part, Whole))


@frozen
class Array:
    """An array; items that were not given are left out."""

    items: tuple[Filling, ...]

    def fill(self, scope: Scope) -> list[JsonValue]:
        """A new array."""
        filled = [item.fill(scope) for item in self.items]
        return [value for value in filled if not isinstance(value, Absent)]

    def holes(self) -> Iterator[tuple[str, ...]]:
        """Those of its items."""
        return (hole for item in self.items for hole in item.holes())


@frozen
class Object:
    """An object; keys whose text or value was not given are left out."""

    entries: tuple[tuple[str | Mixed, Filling], ...]

    def fill(self, scope: Scope) -> JsonObject:
        """A new object. Raises `TemplateParameterError` where two of its keys come to be the same."""
        filled: JsonObject = {}
        for name, item in self.entries:
            value = item.fill(scope)
            key = name if isinstance(name, str) else _key(name, scope)
            if isinstance(value, Absent) or isinstance(key, Absent):
                continue
            if key in filled:
                raise _collision(self, key, scope)
            filled[key] = value
        return filled

    def holes(self) -> Iterator[tuple[str, ...]]:
        """Those of its keys and values."""
        for name, item in self.entries:
            if isinstance(name, Mixed):
                yield from name.holes()
            yield from item.holes()


NOTHING: Final = Object(())


def size_of(filling: Filling) -> int:
    """Characters, and other values, that it writes itself, without what placeholders put in."""
    match filling:
        case Fixed(str(text)):
            return 1 + len(text)
        case Mixed(parts):
            return 1 + sum(len(part) for part in parts if isinstance(part, str))
        case Array(items):
            return 1 + sum(map(size_of, items))
        case Object(entries):
            names = sum(len(name) for name, _ in entries if isinstance(name, str))
            return 1 + names + sum(size_of(item) for _, item in entries)
        case _:
            return 1


def _key(name: Mixed, scope: Scope) -> str | Absent:
    for path in name.holes():
        value, at = scope.find(path)
        if isinstance(value, dict | list):
            raise scope.fault(at, "must be text or a number: the template makes a key of it")
    return name.fill(scope)


def _collision(template: Object, key: str, scope: Scope) -> TemplateParameterError:
    paths = [path for name, _ in template.entries if isinstance(name, Mixed) for path in name.holes()]
    _, at = scope.find(paths[0])
    return scope.fault(at, f"makes two keys {shown(key)} of one object")
