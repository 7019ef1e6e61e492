"""Cursors: opaque texts that say behind which hit the next page begins.

A cursor holds the sort fields' values and the id of the last hit, so that a page neither repeats nor misses
what was there all along, whatever was written in between. A checksum ties it to its workspace and query: a
cursor that was cut, altered, or belongs to another query is refused. It keeps no secret.
"""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from hashlib import blake2b
from typing import Final, TypeAlias

from worklattice.errors import ValidationError
from worklattice.lang.values import Value
from worklattice.model.rows import TaskRow
from worklattice.query.ast import SortKey
from worklattice.query.fields import source_of
from worklattice.query.order import sort_values
from worklattice.types import LIMITS, JsonValue, from_micros, to_micros

Position: TypeAlias = tuple[tuple[Value, ...], str]
"""The values of the sort fields, and the id, of a hit: what `Query.after` takes."""

_HINT: Final = "Pass next_cursor on unchanged, with the same filters and sort, or start again without one."


def write_cursor(row: TaskRow, sort: tuple[SortKey, ...], query: str) -> str | None:
    """The cursor behind `row`; None where its values are too long for one. `query` names the query."""
    values = [_plain(value) for value in sort_values(sort, row)]
    body = json.dumps([*values, row.task_id], separators=(",", ":"))
    text = json.dumps([_checksum(query, body), body], separators=(",", ":"))
    cursor = urlsafe_b64encode(text.encode("ascii")).decode("ascii").rstrip("=")
    return cursor if len(cursor) <= LIMITS.cursor_characters else None


def read_cursor(cursor: str, sort: tuple[SortKey, ...], query: str, path: str) -> Position:
    """The position that a cursor of this query means. Raises `ValidationError` at `path`."""
    try:
        return _position(_opened(cursor, query), sort)
    except (ValueError, TypeError, OverflowError, RecursionError):
        problem = "this is no cursor, or one of another query or workspace."
        raise ValidationError.of(path, problem, hint=_HINT) from None


def _opened(cursor: str, query: str) -> list[JsonValue]:
    if len(cursor) > LIMITS.cursor_characters:
        raise ValueError("too long")
    padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
    text = urlsafe_b64decode(padded)
    if urlsafe_b64encode(text) != padded:
        raise binascii.Error("not what was written")
    checksum, body = json.loads(text)
    if checksum != _checksum(query, body):
        raise ValueError("altered, or of another query")
    parts: list[JsonValue] = json.loads(body)
    return parts


def _position(parts: list[JsonValue], sort: tuple[SortKey, ...]) -> Position:
    *values, task_id = parts
    if not isinstance(task_id, str):
        raise TypeError("no id")
    return tuple(_value(key, value) for key, value in zip(sort, values, strict=True)), task_id


def _checksum(query: str, body: str) -> str:
    return blake2b(f"{query}\0{body}".encode(), digest_size=12).hexdigest()


def _plain(value: Value) -> JsonValue:
    """The value as JSON: a time as its microseconds; of arrays and objects, which sort alike, nothing."""
    match value:
        case datetime():
            return to_micros(value)
        case list() | dict():
            return []
        case _:
            return value


def _value(key: SortKey, value: JsonValue) -> Value:
    if value is None or not source_of(key.field).is_time:
        return value
    if type(value) is not int:
        raise TypeError("no time")
    return from_micros(value)
