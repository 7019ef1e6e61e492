"""JSON values as text that is the same exactly if they are, and what an idempotency key stands for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, get_origin

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_unstructure_fn

from worklattice.codec.faults import ENVELOPE
from worklattice.codec.fields import fields_of
from worklattice.errors import ValidationError, written
from worklattice.lang.times import format_time
from worklattice.model.commands import Command
from worklattice.types import JsonObject, JsonValue, json_fault

T = TypeVar("T")


def canonical(value: JsonValue) -> str:
    """The value as JSON: keys sorted, no spaces, nothing escaped that need not be; 1.0 is written as 1.

    >>> canonical({"b": 1.0, "a": ["ß", 0.5]})
    '{"a":["ß",0.5],"b":1}'
    """
    return json.dumps(
        _alike(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )


def _alike(value: object) -> object:
    """The value with integers for floats that are integers, within the range that integers have here."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1 << 63 else value
    if isinstance(value, dict):
        return {key: _alike(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_alike(item) for item in value]
    return value


def digest(command: Command[Any]) -> str:
    """A text that is the same for two commands exactly if they ask for the same.

    That is the kind of command and its arguments without `idempotency_key` and `dry_run`; an argument that is
    given its default counts as left out.

    Raises:
        ValidationError: the command holds what JSON does not have.
    """
    payload = _payload(command)
    arguments = payload["arguments"]
    for left_out in ("idempotency_key", "dry_run"):
        arguments.pop(left_out, None)
    if fault := json_fault(arguments, -ENVELOPE):
        raise ValidationError.of("arguments" + written(fault[0]), fault[1])
    return hashlib.sha256(canonical(payload).encode()).hexdigest()


def _payload(command: Command[Any]) -> dict[str, Any]:
    return {"command": type(command).__name__, "arguments": _converter().unstructure(command)}


@cache
def _converter() -> Converter:
    def factory(cls: type[T]) -> Callable[[T], JsonObject]:
        fields_of(cls)
        return make_dict_unstructure_fn(cls, converter, _cattrs_omit_if_default=True)

    converter = Converter()
    converter.register_unstructure_hook_factory(attrs.has, factory)
    converter.register_unstructure_hook_func(_is_command, _payload)
    converter.register_unstructure_hook(datetime, _time)
    return converter


def _time(moment: datetime) -> str:
    """A time without zone is refused later, where the command is decided."""
    return format_time(moment) if moment.tzinfo else moment.isoformat()


def _is_command(hint: object) -> bool:
    return get_origin(hint) is Command
