"""Answers as JSON: what callers of tools get, the schemas that say so, and reading a kept answer back.

Every field is written under its own name, times in RFC 3339. A field whose default is None is left out while
it is None: it says something only where it was asked for. Answers own the JSON values in them, so nothing is
copied.

Not here: `status` and errors (`worklattice.tools`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cache, lru_cache
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin

import attrs
from cattrs import Converter
from cattrs.fns import identity
from cattrs.gen import (
    make_dict_structure_fn,
    make_dict_unstructure_fn,
    make_dict_unstructure_fn_from_attrs,
    override,
)

from worklattice.codec.fields import AnyJson, AnyJsonObject, fields_of
from worklattice.codec.forms import Schema, or_null
from worklattice.lang.times import format_time, parse_time
from worklattice.model.answers import Written
from worklattice.query.answers import Hit, TasksFound
from worklattice.query.metrics import Summary
from worklattice.types import JsonObject

T = TypeVar("T")


def unstructure(answer: object) -> Any:  # noqa: ANN401 - an object, where the answer is one
    """The answer as JSON values. They are the answer's own: nobody else holds them."""
    return _converter().unstructure(answer)


def structure_answer(cls: type[T], document: JsonObject) -> T:
    """The answer that `unstructure` made the document of."""
    return _converter().structure(document, cls)


def size_of(answer: object) -> int:
    """How many characters the answer has as JSON text, with a space behind each `,` and `:`, before escapes.

    What a query was asked to leave out (`fields`) counts all the same. Cost: a visit of each value, and
    nothing is written.
    """
    if isinstance(answer, str):
        return len(answer) + 2
    if isinstance(answer, list | tuple):
        return _around(map(size_of, answer))
    if isinstance(answer, dict):
        return _around(len(key) + 4 + size_of(value) for key, value in answer.items())
    if attrs.has(type(answer)):
        return _around(_sizes_of_fields(answer))
    return len(_write_time(answer)) + 2 if isinstance(answer, datetime) else len(str(answer))


def _around(sizes: Iterable[int]) -> int:
    """The size of what holds values of these sizes: with brackets, and what stands between them."""
    return max(2, sum(size + 2 for size in sizes))


def _sizes_of_fields(answer: object) -> Iterator[int]:
    for name, size, is_optional in _written_fields(cast("type", type(answer))):
        value = getattr(answer, name)
        if value is not None:
            yield size + size_of(value)
        elif not is_optional:
            yield size + _NULL


_NULL: Final = len("null")


@cache
def _written_fields(cls: type) -> tuple[tuple[str, int, bool], ...]:
    """The fields that are written: the name, its size, and whether it is left out where it is None."""
    fields = (field for field in fields_of(cls) if not _is_internal(field))
    return tuple((field.name, len(field.name) + 4, _is_optional(cls, field)) for field in fields)


# --- values and JSON ----------------------------------------------------------------------------------------

_write_time: Final = lru_cache(maxsize=4096)(format_time)
"""`format_time`, remembering the times that many fields share."""


def _write_optional_time(moment: datetime | None) -> str | None:
    return None if moment is None else _write_time(moment)


def _read_time(text: str, _type: object) -> datetime:
    return parse_time(text)


_PLAIN: Final[dict[object, Schema]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
    AnyJson: {},
    AnyJsonObject: {"type": "object"},
}
"""The types whose values are JSON already, with their schemas."""


def _is_plain(hint: object) -> bool:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        return all(map(_is_plain, arguments))
    if origin is dict:
        return arguments[1] is Any or _is_plain(arguments[1])
    return hint in _PLAIN or origin is Literal


@cache
def _converter() -> Converter:
    def writer(cls: type[T]) -> Callable[[T], JsonObject]:
        return _writer(cls, converter)

    def reader(cls: type[T]) -> Callable[[Any, object], T]:
        fields_of(cls)
        return make_dict_structure_fn(cls, converter)

    converter = Converter(detailed_validation=False, unstruct_collection_overrides={tuple: list})
    converter.register_unstructure_hook_factory(attrs.has, writer)
    converter.register_unstructure_hook(datetime, _write_time)
    converter.register_unstructure_hook_func(lambda hint: hint == datetime | None, _write_optional_time)
    converter.register_unstructure_hook_func(_is_plain, identity)
    converter.register_structure_hook_factory(attrs.has, reader)
    converter.register_structure_hook(datetime, _read_time)
    converter.register_structure_hook_func(_is_plain, lambda value, _: value)
    return converter


def _writer(cls: type[T], converter: Converter) -> Callable[[T], JsonObject]:
    fields = fields_of(cls)
    special: Any = {
        field.name: override(omit_if_default=True) for field in fields if _is_optional(cls, field)
    }
    special |= {field.name: override(omit=True) for field in fields if _is_internal(field)}
    if issubclass(cls, Written):  # in the order of `fields`, for people
        return make_dict_unstructure_fn_from_attrs(fields, cls, converter, **special)
    write = make_dict_unstructure_fn(cls, converter, **special)
    return _only_wanted_fields(write) if cls is TasksFound else write


def _is_optional(cls: type, field: attrs.Attribute[Any]) -> bool:
    if cls is Summary or field.metadata.get("always_shown"):  # where null says something
        return False
    return field.default is None


def _is_internal(field: attrs.Attribute[Any]) -> bool:
    return bool(field.metadata.get("internal"))


def _only_wanted_fields(write: Callable[[Any], JsonObject]) -> Callable[[Any], JsonObject]:
    def write_wanted(found: TasksFound) -> JsonObject:
        document: dict[str, Any] = write(found)
        if found.fields is not None:
            wanted = frozenset(found.fields)
            document["tasks"] = [
                {name: value for name, value in task.items() if name in wanted} for task in document["tasks"]
            ]
        return document

    return write_wanted


# --- schemas ------------------------------------------------------------------------------------------------


def output_schema(cls: type) -> JsonObject:
    """The JSON Schema (2020-12) of what `unstructure` makes of answers of the class.

    Classes inside stand once each under `$defs`: trees of tasks refer to themselves.
    """
    definitions: Schema = {}
    schema = _object_schema(cls, definitions)
    return schema | {"$defs": definitions} if definitions else schema


def _object_schema(cls: type, definitions: Schema) -> Schema:
    fields = [field for field in fields_of(cls) if not _is_internal(field)]
    schema: Schema = {
        "type": "object",
        "description": cleandoc(cls.__doc__ or ""),
        "properties": {field.name: _schema(field.type, definitions) for field in fields},
    }
    if cls is not Hit:  # of which a caller may want some fields only
        schema["required"] = [field.name for field in fields if not _is_optional(cls, field)]
    return schema


def _schema(hint: object, definitions: Schema) -> Schema:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in _PLAIN:
        return _PLAIN[hint]
    if hint is datetime:
        return {"type": "string", "format": "date-time"}
    if origin is Literal:
        return {"type": "string", "enum": list(arguments)}
    if origin is tuple:
        return {"type": "array", "items": _schema(arguments[0], definitions)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema(arguments[1], definitions)}
    if origin in {Union, UnionType}:
        return _union_schema(arguments, definitions)
    if not isinstance(hint, type) or not attrs.has(hint):
        return {}
    name = hint.__name__
    if name not in definitions:
        definitions[name] = {}  # where it refers to itself
        definitions[name] = _object_schema(hint, definitions)
    return {"$ref": f"#/$defs/{name}"}


def _union_schema(hints: tuple[object, ...], definitions: Schema) -> Schema:
    schemas = [_schema(hint, definitions) for hint in hints if hint is not NoneType]
    schema = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
    return or_null(schema) if NoneType in hints else schema
