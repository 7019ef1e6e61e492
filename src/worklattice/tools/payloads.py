"""Payloads as they come in: JSON text is read strictly, and the envelope around the arguments is checked.

Not here: the arguments themselves (`worklattice.codec`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final, NoReturn

from worklattice.errors import LimitExceededError, Problem, ValidationError, shown, written
from worklattice.types import LIMITS

_WHOLE: Final = "payload"
"""The path of faults that concern the payload as a whole."""

_FORM: Final = 'Write {"tool": name, "arguments": {…}}.'
_KEYS: Final = ("tool", "arguments")
_LONGEST_INTEGER: Final = 20
"""Characters of the longest integer that fits into 64 bits, its sign included."""


def parsed(payload: object) -> object:
    """The payload, parsed where it is JSON text or bytes.

    Raises:
        LimitExceededError: it is longer than `LIMITS.payload_bytes`.
        ValidationError: it is not one JSON document, or a key stands twice in an object.
    """
    if isinstance(payload, bytes | bytearray):
        _measure(len(payload))
        try:
            payload = payload.decode()
        except UnicodeDecodeError as error:
            raise _refused(f"is not UTF-8: byte {error.start} cannot stand there") from None
    elif isinstance(payload, str):
        _measure(len(payload) if payload.isascii() else len(payload.encode(errors="surrogatepass")))
    else:
        return payload
    try:
        return _DECODER.decode(payload)
    except json.JSONDecodeError as error:
        raise _refused(f"is not JSON: {error.msg} (line {error.lineno}, column {error.colno})") from None
    except RecursionError:
        raise _refused(f"is nested deeper than {LIMITS.json_depth} levels") from None


def opened(payload: object, at: str) -> tuple[str, dict[Any, Any]]:
    """The tool that a payload names and the arguments for it; `at` is the path of a payload inside another.

    Raises:
        ValidationError: it is not an object of `tool` and `arguments`.
    """
    if not isinstance(payload, dict):
        message = f"must be an object of tool and arguments, not {shown(payload)}"
        raise ValidationError.of(at or _WHOLE, message, hint=_FORM)
    tool, arguments = payload.get("tool"), payload.get("arguments", {})
    if type(tool) is str and isinstance(arguments, dict) and len(payload) == 1 + ("arguments" in payload):
        return tool, arguments
    raise ValidationError.all(list(_faults(payload, at))[: LIMITS.problems], hint=_FORM)


def within(at: str, key: str) -> str:
    """The path of a key in the payload at `at`.

    >>> within("", "tool"), within("arguments.commands[2]", "tool")
    ('tool', 'arguments.commands[2].tool')
    """
    return (at + written((key,))).removeprefix(".")


def _faults(payload: dict[Any, Any], at: str) -> Iterator[Problem]:
    if "tool" not in payload:
        yield Problem(field=within(at, "tool"), message="tool is required")
    elif type(tool := payload["tool"]) is not str:
        yield Problem(field=within(at, "tool"), message=f"must be the name of a tool, not {shown(tool)}")
    if not isinstance(arguments := payload.get("arguments", {}), dict):
        yield Problem(field=within(at, "arguments"), message=f"must be an object, not {shown(arguments)}")
    for key in payload:
        if key not in _KEYS:
            field = within(at, key) if isinstance(key, str) else at or _WHOLE
            yield Problem(field=field, message=f"{shown(key)} is not known here, only tool and arguments")


def _refused(message: str) -> ValidationError:
    return ValidationError.of(_WHOLE, message, hint="Give one JSON object in UTF-8, at most 64 levels deep.")


def _measure(size: int) -> None:
    if size > LIMITS.payload_bytes:
        raise LimitExceededError(
            field=_WHOLE, what="a JSON payload, in bytes,", limit=LIMITS.payload_bytes, actual=size
        )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        ((twice, _),) = Counter(key for key, _ in pairs).most_common(1)
        raise _refused(f"has the key {shown(twice)} twice in one object")
    return made


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_INTEGER:
        count = len(digits.removeprefix("-"))
        raise _refused(f"has an integer of {count:,} digits, which does not fit into 64 bits")
    return int(digits)


def _constant(name: str) -> NoReturn:
    raise _refused(f"has the number {name}; numbers must be finite")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_constant=_constant)
