"""The forms of texts, numbers and JSON values in arguments: one table, how each is read and its schema.

A form is read strictly: "1" is no number and true is no integer, as in JSON Schema; and as there, 1.0 is the
integer 1. Patterns in the schemas say what a pattern can say; whether a day is in the calendar, and how long
a duration may be, only the mini-languages know.

Not here: objects, arrays and alternatives, which are made of these (`worklattice.codec.arguments`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Final, Protocol, TypeAlias

from attrs import Factory, field, frozen

from worklattice.codec.faults import Fault, MisfitError, described
from worklattice.codec.fields import AnyJson, AnyJsonObject
from worklattice.errors import did_you_mean, shown
from worklattice.lang.diagnostics import LanguageError
from worklattice.lang.durations import parse_duration
from worklattice.lang.times import parse_time
from worklattice.model.commands import Form
from worklattice.types import ID_PATTERN, LIMITS, is_id, json_fault

Schema: TypeAlias = dict[str, Any]
"""A JSON Schema of Draft 2020-12."""


class Read(Protocol):
    """Reads a JSON value. cattrs calls it with a second argument, the type, which is known already."""

    def __call__(self, value: Any, _type: object = None, /) -> Any:  # noqa: ANN401 - whatever was given
        """The value; raises `MisfitError` where it is not of the form."""
        ...


Check: TypeAlias = Callable[[Any], object]
"""Looks at a Python value; raises `MisfitError` where a command may not hold it."""


def _check_of(shape: Shape) -> Check:
    return shape.read if shape.own_check is None else shape.own_check


@frozen
class Shape:
    """What a type is: how it is read from JSON (raises `MisfitError`), and the schema of what is accepted.

    `own_check` looks at the value that a Python caller gives in its place; where there is none, the value in
    Python is that of JSON, and reading it is the check.
    """

    read: Read
    schema: Schema
    own_check: Check | None = None
    check: Check = field(init=False, default=Factory(_check_of, takes_self=True))
    """Raises `MisfitError` where a command may not hold this value."""


SAFE_INTEGER: Final = 2**53 - 1
"""The largest integer that every JSON reader gets right (RFC 8259, section 6)."""

remarks: Final[ContextVar[list[str]]] = ContextVar("remarks")
"""Where reading notes what it accepted with a warning; `structure` provides it."""


# --- JSON types ---------------------------------------------------------------------------------------------


def _text(value: object, _type: object = None) -> str:
    if type(value) is not str:
        raise MisfitError.wanted("text", value)
    if not value.isascii() or len(value) > LIMITS.string_characters or "\x00" in value:
        _json(value)
    return value


def _boolean(value: object, _type: object = None) -> bool:
    if type(value) is not bool:
        raise MisfitError.wanted("true or false", value)
    return value


def _json(value: object, _type: object = None) -> object:
    if fault := json_fault(value):
        raise MisfitError((Fault(*fault),))
    return value


def _json_object(value: object, _type: object = None) -> object:
    if not isinstance(value, dict):
        raise MisfitError.wanted("an object", value)
    return _json(value) if value else value


def integer(minimum: int = -SAFE_INTEGER, maximum: int = SAFE_INTEGER) -> Shape:
    """A whole number from `minimum` to `maximum`."""
    wanted = f"an integer from {minimum:,} to {maximum:,}"

    def read(value: object, _type: object = None) -> int:
        if type(value) is float and value.is_integer():
            value = int(value)
        if type(value) is not int or not minimum <= value <= maximum:
            raise MisfitError.wanted(wanted, value)
        return value

    return Shape(read, {"type": "integer", "minimum": minimum, "maximum": maximum})


def one_of(options: Sequence[str]) -> Shape:
    """One of the texts."""
    known = frozenset(options)

    def read(value: object, _type: object = None) -> str:
        if type(value) is str and value in known:
            return value
        hint = did_you_mean(value, options) if isinstance(value, str) else None
        raise MisfitError.of(f"must be one of {', '.join(options)}, not {described(value)}", hint)

    return Shape(read, {"type": "string", "enum": list(options)})


def or_null(schema: Schema) -> Schema:
    """The schema that accepts null besides."""
    if not schema:
        return schema
    if not isinstance(kind := schema.get("type"), str):
        return {"anyOf": [schema, {"type": "null"}]}
    nullable = {**schema, "type": [kind, "null"]}
    return nullable | {"enum": [*schema["enum"], None]} if "enum" in schema else nullable


# --- forms --------------------------------------------------------------------------------------------------


def _id(value: object, _type: object = None) -> str:
    if type(value) is str and is_id(value):
        return value
    rule = f"An id has 1 to {LIMITS.id_characters} characters: letters, digits and _ - . :"
    raise MisfitError.of(f"{described(value)} is no id", rule)


_NAME_CHARACTERS: Final = r"[^\u0000-\u001f\u007f-\u009f]"
_is_name = re.compile(rf"{_NAME_CHARACTERS}{{1,{LIMITS.id_characters}}}").fullmatch


def _name(value: object, _type: object = None) -> str:
    if type(value) is not str or not _is_name(value):
        wanted = f"a name of 1 to {LIMITS.id_characters} characters without control characters"
        raise MisfitError.wanted(wanted, value)
    return _text(value)


def _duration(value: object, _type: object = None) -> str:
    if type(value) is not str:
        raise MisfitError.wanted("a duration, such as 15 minutes or PT2H", value)
    try:
        parse_duration(value)
    except LanguageError as error:
        raise _misfit(value, error) from None
    return value


def _time(value: object, _type: object = None) -> datetime:
    if type(value) is not str:
        raise MisfitError.wanted("a time, such as 2025-06-16T09:00:00Z", value)
    try:
        return parse_time(value, without_zone=lambda: _assume_utc(value))
    except LanguageError as error:
        raise _misfit(value, error) from None


def _moment(value: object) -> None:
    if not isinstance(value, datetime):
        raise MisfitError.wanted("a datetime with a time zone", value)
    if value.utcoffset() is None:
        hint = "Give it a time zone: datetime.now(UTC), or value.replace(tzinfo=UTC) where it is in UTC."
        raise MisfitError.of("must be a datetime with a time zone, and has none", hint)


def _assume_utc(text: str) -> None:
    remarks.get().append(f"{shown(text)} has no time zone and was read as UTC.")


def _misfit(text: str, error: LanguageError) -> MisfitError:
    return MisfitError.of(f"{shown(text)}: {error.reason}", error.hint)


_JOIN_WORDS: Final = ("all", "any")
_how_many: Final = integer(minimum=1)


def _join(value: object, _type: object = None) -> object:
    if type(value) is str:
        if value in _JOIN_WORDS:
            return value
        raise MisfitError.wanted("all, any, or a whole number from 1", value)
    return _how_many.read(value)


_position: Final = integer(minimum=0)


def _position_or_time(value: object, _type: object = None) -> object:
    if type(value) is str:
        return _time(value)
    if type(value) in {int, float}:
        return _position.read(value)
    raise MisfitError.wanted("a position or a time", value)


def _position_or_moment(value: object) -> None:
    if isinstance(value, datetime):
        _moment(value)
    elif type(value) is int:
        _position.read(value)
    else:
        raise MisfitError.wanted("a position or a datetime with a time zone", value)


_TIME_SCHEMA: Final[Schema] = {
    "type": "string",
    "maxLength": 64,
    "pattern": (
        r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
        r"[Tt ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?"
        r"([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?$"
    ),
    "examples": ["2025-06-16T09:00:00Z", "2025-06-16T09:00:00+02:00"],
}

FORMS: Final[dict[object, Shape]] = {
    str: Shape(_text, {"type": "string"}),
    bool: Shape(_boolean, {"type": "boolean"}),
    AnyJson: Shape(_json, {}),
    AnyJsonObject: Shape(_json_object, {"type": "object"}),
    Form.ID: Shape(_id, {"type": "string", "pattern": ID_PATTERN}),
    Form.NAME: Shape(
        _name, {"type": "string", "pattern": rf"^{_NAME_CHARACTERS}{{1,{LIMITS.id_characters}}}$"}
    ),
    Form.DURATION: Shape(
        _duration,
        {
            "type": "string",
            "maxLength": 100,
            "pattern": r"^(P[0-9.TWDHMS]+|[ _]*([0-9]+(\.[0-9]+)?[ _]*[A-Za-z]+[ _]*)+)$",
            "examples": ["15 minutes", "2_hours", "1 hour 30 minutes", "PT2H"],
        },
    ),
    Form.TIME: Shape(_time, _TIME_SCHEMA, _moment),
    Form.AS_OF: Shape(_position_or_time, {"anyOf": [_position.schema, _TIME_SCHEMA]}, _position_or_moment),
    Form.JOIN: Shape(_join, {"anyOf": [{"enum": list(_JOIN_WORDS)}, _how_many.schema]}),
}
"""What each form is: plain JSON types, and the `Form`s that qualify texts and numbers in commands."""
