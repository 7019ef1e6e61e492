"""Arguments of tool calls: how commands are read from JSON, and the schemas that say so.

A command's fields, their types and their metadata (`doc`, `minimum`, `maximum`) are turned into `Shape`s, and
one shape holds both the reading and the schema of it, so that what is published is what is accepted. Reading
collects every fault, each with its path.

Not here: the forms of texts and numbers (`worklattice.codec.forms`), answers (`worklattice.codec.answers`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from inspect import cleandoc
from itertools import compress, islice
from operator import attrgetter, is_not
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin

import attrs
from cattrs import ClassValidationError, Converter, ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn, override

from worklattice.codec.faults import FAULTS_LIMIT, Fault, MisfitError
from worklattice.codec.fields import fields_of
from worklattice.codec.forms import FORMS, Check, Schema, Shape, integer, one_of, or_null, remarks
from worklattice.errors import closest, did_you_mean, shown
from worklattice.model.commands import Command, Keep
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
        TemplateValidationError, TemplateParameterError: only a template, or its parameters, are not.
    """
    shape = _object(cast("type", cls))
    token = remarks.set([] if warnings is None else warnings)
    try:
        return cast("T", shape.read(arguments))
    except MisfitError as misfit:
        raise misfit.under(path) from None
    finally:
        remarks.reset(token)


def check(command: Command[Any]) -> None:
    """Look at a command that was built in Python, as `structure` looks at one in JSON.

    Raises:
        ValidationError: it holds what a command may not hold; every fault is listed.
        TemplateValidationError, TemplateParameterError: only a template in it, or its parameters, do.
    """
    try:
        _object(cast("type", type(command))).check(command)
    except MisfitError as misfit:
        raise misfit.under("arguments") from None


def input_schema(cls: type) -> JsonObject:
    """The JSON Schema (2020-12) of the arguments that `structure` accepts. To be left unchanged."""
    return _object(cls).schema


# --- objects ------------------------------------------------------------------------------------------------


@cache
def _object(cls: type) -> Shape:
    """An object whose keys are the fields of an attrs class."""
    fields = fields_of(cls)
    shapes = {field.name: _field(field) for field in fields}
    hooks: Any = {name: override(struct_hook=shape.read) for name, shape in shapes.items()}
    build: Callable[[Any, object], Any] = make_dict_structure_fn(cls, _CONVERTER, **hooks)
    required = [field.name for field in fields if field.default is attrs.NOTHING]
    names = sorted(shapes, key=lambda name: name not in required)

    def read(value: object, _type: object = None) -> object:
        if not isinstance(value, dict):
            raise MisfitError.wanted("an object", value)
        try:
            return build(value, cls)
        except ClassValidationError as group:
            raise MisfitError(tuple(islice(_faults(group, value, names), FAULTS_LIMIT))) from None

    schema: Schema = {
        "type": "object",
        "properties": {name: shapes[name].schema for name in names},
        "additionalProperties": False,
    }
    check = _checking(cls, {field: shapes[field.name].check for field in fields})
    return Shape(read, schema | {"required": required} if required else schema, check)


def _checking(cls: type, checks: Mapping[attrs.Attribute[Any], Check]) -> Check:
    """How a value of the class is looked at: each field that does not have its default."""
    names = [field.name for field in checks]
    defaults = [field.default for field in checks]
    check_at = list(checks.values())
    values_of = attrgetter("__class__", "__class__", *names)  # of less than two it gives no tuple
    places = range(len(names))

    def check(value: object) -> None:
        if not isinstance(value, cls):
            raise MisfitError.wanted(f"a {cls.__name__}", value)
        values = values_of(value)[2:]
        faults: list[Fault] = []
        for place in compress(places, map(is_not, values, defaults)):
            try:
                check_at[place](values[place])
            except MisfitError as error:
                faults += (fault.inside(names[place]) for fault in error.faults)
        if faults:
            raise MisfitError(tuple(faults[:FAULTS_LIMIT]))

    return check


def _faults(group: ClassValidationError, value: Mapping[Any, Any], names: Sequence[str]) -> Iterator[Fault]:
    """The faults in the exceptions that cattrs collected, each named by the note that cattrs put on it."""
    noted, unnoted = group.group_exceptions()
    for error in unnoted:
        if not isinstance(error, ForbiddenExtraKeysError):
            raise error
        yield from (_unknown(key, names) for key in error.extra_fields)
    for error, note in noted:
        if isinstance(error, MisfitError):
            yield from (fault.inside(note.name) for fault in error.faults)
        elif isinstance(error, KeyError) and note.name not in value:
            yield Fault((note.name,), f"{note.name} is required")
        else:
            raise error


def _unknown(key: object, names: Sequence[str]) -> Fault:
    if not isinstance(key, str):
        return Fault((), f"has the key {shown(key)}, which is no text")
    near = closest(key, names, count=1)
    offer = f"; did you mean {shown(near[0])}?" if near else ""
    return Fault((key,), f"{shown(key)} is not known here{offer}", did_you_mean(key, names))


def _field(field: attrs.Attribute[Any]) -> Shape:
    shape = _shape(field.type, field.metadata)
    schema = {**shape.schema, "description": field.metadata["doc"]}
    if isinstance(field.default, str | int):  # bools too; arrays and objects are empty where left out
        schema["default"] = field.default
    return Shape(shape.read, schema, shape.own_check)


# --- types --------------------------------------------------------------------------------------------------


def _shape(hint: object, bounds: Mapping[str, int]) -> Shape:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        of, form = arguments
        return _one_or_many(of, bounds) if form is ONE_OR_MANY else FORMS[form]
    if origin is Literal:
        return one_of(arguments)
    if origin is tuple:
        return _array(_shape(arguments[0], {}), **_range(bounds))
    if origin in {Union, UnionType}:
        return _optional(arguments, bounds)
    if hint is int:
        return integer(**_range(bounds))
    if origin is Command:
        return _PAYLOAD
    if shape := FORMS.get(hint):
        return shape
    of_class = _object(cast("type", hint))
    schema = {"description": cleandoc(hint.__doc__ or ""), **of_class.schema}
    return Shape(of_class.read, schema, of_class.own_check)


def _range(bounds: Mapping[str, int]) -> dict[str, int]:
    return {name: bounds[name] for name in ("minimum", "maximum") if name in bounds}


def _optional(hints: Sequence[Any], bounds: Mapping[str, int]) -> Shape:
    """A type or null; `Keep` is how a command says that nothing was given, which JSON says by silence."""
    (hint,) = (hint for hint in hints if hint not in {NoneType, Keep})
    shape = _shape(hint, bounds)
    return _nullable(shape) if NoneType in hints else shape


def _nullable(shape: Shape) -> Shape:
    read_value = shape.read

    def read(value: object, _type: object = None) -> object:
        return None if value is None else read_value(value)

    def check(value: object) -> None:
        if value is not None:
            shape.check(value)

    return Shape(read, or_null(shape.schema), check)


def _array(item: Shape, *, minimum: int = 0, maximum: int = LIMITS.batch_tasks) -> Shape:
    wanted = f"at most {maximum:,} items" if not minimum else f"{minimum:,} to {maximum:,} items"

    def visit(value: object, take: Callable[[object], object]) -> tuple[object, ...]:
        if not isinstance(value, list | tuple):
            raise MisfitError.wanted("an array", value)
        if not minimum <= len(value) <= maximum:
            raise MisfitError.of(f"must have {wanted}, not {len(value):,}")
        items: list[object] = []
        faults: list[Fault] = []
        for index, given in enumerate(value):
            try:
                items.append(take(given))
            except MisfitError as error:
                faults += (fault.inside(index) for fault in error.faults)
                if len(faults) >= FAULTS_LIMIT:
                    break
        if faults:
            raise MisfitError(tuple(faults))
        return tuple(items)

    def read(value: object, _type: object = None) -> tuple[object, ...]:
        return visit(value, item.read)

    schema: Schema = {"type": "array", "items": item.schema, "maxItems": maximum}
    return Shape(
        read,
        schema | {"minItems": minimum} if minimum else schema,
        lambda value: visit(value, item.check),
    )


def _one_or_many(array: object, bounds: Mapping[str, int]) -> Shape:
    """An array, or its only item without the array; a tuple in Python."""
    many, one = _shape(array, bounds), _shape(get_args(array)[0], {})

    def read(value: object, _type: object = None) -> object:
        return many.read(value) if isinstance(value, list | tuple) else (one.read(value),)

    return Shape(read, {"anyOf": [one.schema, many.schema]}, many.check)


def _command(value: object, _type: object = None) -> Command[Any]:
    if not isinstance(value, Command):
        raise MisfitError.wanted("a payload: an object of tool and arguments", value)
    return value


def _check_command(value: object) -> None:
    if not isinstance(value, Command):
        raise MisfitError.wanted("a command, such as worklattice.commands.AddComment", value)
    _object(cast("type", type(value))).check(value)


_PAYLOAD: Final = Shape(
    _command,
    {
        "type": "object",
        "properties": {
            "tool": {"type": "string", "description": "The name of a tool."},
            "arguments": {"type": "object", "description": "Its arguments."},
        },
        "required": ["tool"],
        "additionalProperties": False,
    },
    _check_command,
)
"""A payload inside a command: read already by whoever knows which tool has which command."""
