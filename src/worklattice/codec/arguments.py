"""Arguments of tool calls: how commands are read from JSON, and the schemas that say so.

A command's fields, their types and their metadata (`doc`, `minimum`, `maximum`) are turned into `Shape`s, and
one shape holds both the reading and the schema of it, so that what is published is what is accepted. Reading
collects every fault, each with its path.

Not here: the forms of texts and numbers (`worklattice.codec.forms`), answers (`worklattice.codec.answers`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin

import attrs
from cattrs import ClassValidationError, Converter, ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn, override

from worklattice.codec.faults import FAULTS_LIMIT, Fault, MisfitError
from worklattice.codec.fields import fields_of
from worklattice.codec.forms import FORMS, Shape, integer, one_of, remarks
from worklattice.errors import did_you_mean, shown
from worklattice.model.commands import Command, Keep, Write
from worklattice.query.request import ONE_OR_MANY
from worklattice.types import LIMITS, JsonObject

T = TypeVar("T")

_CONVERTER: Final = Converter(forbid_extra_keys=True, detailed_validation=True)


def structure(
    cls: type[T], arguments: object, path: str = "arguments", *, warnings: list[str] | None = None
) -> T:
    """The command, or value inside of one, that stands at `path`.

    What is accepted with a warning is appended to `warnings`. The command may share JSON values with the
    arguments; whoever keeps them copies them.

    Raises:
        ValidationError: the arguments are not of the form that `input_schema` publishes.
    """
    token = remarks.set([] if warnings is None else warnings)
    try:
        command: T = object_shape(cls).read(arguments, cls)
    except MisfitError as misfit:
        raise misfit.under(path) from None
    finally:
        remarks.reset(token)
    return command


def input_schema(cls: type) -> JsonObject:
    """The JSON Schema (2020-12) of the arguments that `structure` accepts. To be left unchanged."""
    return object_shape(cls).schema


# --- objects ------------------------------------------------------------------------------------------------


@cache
def object_shape(cls: type) -> Shape:
    """An object whose keys are the fields of an attrs class."""
    fields = fields_of(cls)
    shapes = {field.name: _field_shape(field) for field in fields}
    hooks = {name: override(struct_hook=shape.read) for name, shape in shapes.items()}
    build = make_dict_structure_fn(cls, _CONVERTER, **hooks)  # type: ignore[arg-type] # mypy sees flags in hooks
    names = [field.name for field in _in_order_of_interest(fields)]

    def read(value: Any, _type: Any) -> Any:
        if not isinstance(value, dict):
            raise MisfitError.wanted("an object", value)
        try:
            return build(value, cls)
        except ClassValidationError as group:
            raise MisfitError(tuple(_faults_of(group, value, names))[:FAULTS_LIMIT]) from None

    required = [field.name for field in fields if field.default is attrs.NOTHING]
    schema: JsonObject = {
        "type": "object",
        "properties": {name: shapes[name].schema for name in names},
        "additionalProperties": False,
    }
    return Shape(read, schema | {"required": required} if required else schema)


def _in_order_of_interest(fields: Sequence[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    """What must be given first, what every write takes last."""
    common = {field.name for field in attrs.fields(Write)}
    return sorted(fields, key=lambda f: 0 if f.default is attrs.NOTHING else 1 + (f.name in common))


def _faults_of(group: ClassValidationError, value: Mapping[Any, Any], names: Sequence[str]) -> Iterable[Fault]:
    """The faults in the exceptions that cattrs collected, each named by the note that cattrs put on it."""
    named, unnamed = group.group_exceptions()
    for error in unnamed:
        if not isinstance(error, ForbiddenExtraKeysError):
            raise error
        for key in error.extra_fields:
            hint = did_you_mean(key, names) if isinstance(key, str) else None
            yield Fault((str(key),), f"{shown(key)} is not known here", hint)
    for error, note in named:
        if isinstance(error, MisfitError):
            yield from (fault.inside(note.name) for fault in error.faults)
        elif isinstance(error, KeyError) and note.name not in value:
            yield Fault((note.name,), f"{note.name} is required")
        else:
            raise error


def _field_shape(field: attrs.Attribute[Any]) -> Shape:
    shape = _shape(field.type, field.metadata)
    schema = {**shape.schema, "description": field.metadata["doc"]}
    default = field.default
    if isinstance(default, str | int):  # a bool is an int; arrays and objects are empty where left out
        schema["default"] = default
    return Shape(shape.read, schema)


# --- types --------------------------------------------------------------------------------------------------


def _shape(hint: Any, bounds: Mapping[str, int]) -> Shape:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        of, form = arguments
        return _one_or_many(of, bounds) if form is ONE_OR_MANY else FORMS[form]
    if origin is Literal:
        return one_of(arguments)
    if origin is tuple:
        return _array(_shape(arguments[0], {}), **_of(bounds))
    if origin in {Union, UnionType}:
        return _optional(arguments, bounds)
    if hint is int:
        return integer(**_of(bounds))
    if hint is Command:
        return _PAYLOAD
    if shape := FORMS.get(hint):
        return shape
    return _described(object_shape(hint), cleandoc(hint.__doc__ or ""))


def _of(bounds: Mapping[str, int]) -> dict[str, int]:
    return {name: bounds[name] for name in ("minimum", "maximum") if name in bounds}


def _described(shape: Shape, text: str) -> Shape:
    return Shape(shape.read, {"description": text, **shape.schema})


def _array(item: Shape, *, minimum: int = 0, maximum: int = LIMITS.batch_tasks) -> Shape:
    read_item = item.read
    wanted = f"at most {maximum:,} items" if not minimum else f"{minimum:,} to {maximum:,} items"

    def read(value: Any, _type: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise MisfitError.wanted("an array", value)
        if not minimum <= len(value) <= maximum:
            raise MisfitError.of(f"must have {wanted}, not {len(value):,}")
        items: list[Any] = []
        faults: list[Fault] = []
        for index, given in enumerate(value):
            try:
                items.append(read_item(given, None))
            except MisfitError as error:
                faults += (fault.inside(index) for fault in error.faults)
                if len(faults) >= FAULTS_LIMIT:
                    break
        if faults:
            raise MisfitError(tuple(faults))
        return tuple(items)

    schema: JsonObject = {"type": "array", "items": item.schema, "maxItems": maximum}
    return Shape(read, schema | {"minItems": minimum} if minimum else schema)


def _one_or_many(hint: Any, bounds: Mapping[str, int]) -> Shape:
    """An array, or its only item without the array."""
    one, many = _shape(get_args(hint)[0], {}), _shape(hint, bounds)

    def read(value: Any, _type: Any) -> tuple[Any, ...]:
        if isinstance(value, list | tuple):
            return cast("tuple[Any, ...]", many.read(value, None))
        return (one.read(value, None),)

    return Shape(read, {"anyOf": [one.schema, many.schema]})


def _optional(hints: Sequence[Any], bounds: Mapping[str, int]) -> Shape:
    """A type or null; `Keep` is how a command says that nothing was given, which JSON says by leaving it out."""
    (hint,) = (hint for hint in hints if hint not in {NoneType, Keep})
    shape = _shape(hint, bounds)
    return _or_null(shape) if NoneType in hints else shape


def _or_null(shape: Shape) -> Shape:
    read_value = shape.read

    def read(value: Any, _type: Any) -> Any:
        return None if value is None else read_value(value, None)

    return Shape(read, _schema_or_null(shape.schema))


def _schema_or_null(schema: JsonObject) -> JsonObject:
    if not isinstance(kind := schema.get("type"), str):
        return {"anyOf": [schema, {"type": "null"}]}
    nullable: JsonObject = {**schema, "type": [kind, "null"]}
    if isinstance(options := schema.get("enum"), list):
        nullable["enum"] = [*options, None]
    return nullable


def _structured(value: Any, _type: Any) -> Command:
    if not isinstance(value, Command):
        raise MisfitError.wanted("a payload: an object of tool and arguments", value)
    return value


_PAYLOAD: Final = Shape(
    _structured,
    {
        "type": "object",
        "properties": {
            "tool": {"type": "string", "description": "The name of a tool."},
            "arguments": {"type": "object", "description": "Its arguments."},
        },
        "required": ["tool"],
        "additionalProperties": False,
    },
)
"""A payload inside a command. Which tool has which command is not known here, so it comes structured already."""
