"""What PostgreSQL says in its own way.

Everything here is plain SQL of PostgreSQL 12 and newer over `jsonb`.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from worklattice.storage.sql.filters import is_bindable
from worklattice.storage.sql.session import AttributePath, Sql

_LARGE: Final = 1e16
"""From here on floats are integers, which are kept digit by digit; below, their shortest form says which."""


class PostgresDialect:
    """The `Dialect` of PostgreSQL: operators on `jsonb`, texts by code point."""

    def is_one_of(self, expression: str, texts: Iterable[str]) -> Sql:
        return Sql(f"{expression} = ANY (?::text[])", (list(texts),))

    def can_follow(self, path: AttributePath) -> bool:
        return all(map(is_bindable, path))

    def number(self, value: float) -> object:
        return value if isinstance(value, int) else Decimal(repr(value) if abs(value) < _LARGE else value)

    def text_at(self, path: AttributePath) -> Sql:
        value, keys = _value_at(path)
        text = f"CASE WHEN jsonb_typeof({value}) = 'string' THEN {value} #>> '{{}}' END"
        return Sql(f'({text}) COLLATE "C"', keys * 2)

    def number_at(self, path: AttributePath) -> Sql:
        value, keys = _value_at(path)
        return Sql(f"CASE WHEN jsonb_typeof({value}) = 'number' THEN ({value})::numeric END", keys * 2)

    def boolean_at(self, path: AttributePath) -> Sql:
        value, keys = _value_at(path)
        return Sql(f"CASE WHEN jsonb_typeof({value}) = 'boolean' THEN ({value})::boolean END", keys * 2)

    def nothing_at(self, path: AttributePath) -> Sql:
        value, keys = _value_at(path)
        return Sql(f"coalesce(jsonb_typeof({value}), 'null') = 'null'", keys)

    def text_in_array_at(self, path: AttributePath, text: str) -> Sql:
        value, keys = _value_at(path)
        return Sql(
            f"CASE WHEN jsonb_typeof({value}) = 'array' THEN {value} @> to_jsonb(?::text) END",
            (*keys, *keys, text),
        )

    def order_at(self, path: AttributePath) -> tuple[Sql, Sql, Sql]:
        value, keys = _value_at(path)
        return (
            Sql(
                f"CASE jsonb_typeof({value}) WHEN 'boolean' THEN 1 WHEN 'number' THEN 2 WHEN 'string' THEN 3 "
                "WHEN 'array' THEN 4 WHEN 'object' THEN 4 END",
                keys,
            ),
            Sql(
                f"CASE jsonb_typeof({value}) WHEN 'boolean' THEN ({value})::boolean::int::numeric "
                f"WHEN 'number' THEN ({value})::numeric END",
                keys * 3,
            ),
            self.text_at(path),
        )

    def is_like(self, expression: Sql, pattern: str, escape: str) -> Sql | None:
        text, parameters = expression
        return Sql(f"{text} LIKE ?", (*parameters, _with_backslashes(pattern, escape)))

    def may_contain(self, column: str, word: str) -> Sql:
        text = f"({column})::text"
        beyond_ascii = f"length({text}) <> octet_length({text})"
        if not word.isascii():
            return Sql(beyond_ascii)
        pattern = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return Sql(f'lower({text} COLLATE "C") LIKE ? OR {beyond_ascii}', (f"%{pattern}%",))


def _value_at(path: AttributePath) -> tuple[str, tuple[str, ...]]:
    """The JSON value at the end of the path, and its parameters. Steps lead into objects, not arrays."""
    return "(attributes" + " -> ?::text" * len(path) + ")", path


def _with_backslashes(pattern: str, escape: str) -> str:
    """The pattern with a backslash as its escape character."""
    parts: list[str] = []
    characters = iter(pattern)
    for character in characters:
        if character == escape:
            parts.append(_literally(next(characters, escape)))
        else:
            parts.append("\\\\" if character == "\\" else character)
    return "".join(parts)


def _literally(character: str) -> str:
    return f"\\{character}" if character in "\\%_" else character
