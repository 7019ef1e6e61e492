"""What SQLite says in its own way."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from worklattice.storage.sql.filters import is_bindable
from worklattice.storage.sql.session import AttributePath, Sql

EXACT_NUMBER: Final = "exact_number"
"""A function that each connection must have: text to number, correctly rounded. Not every version and build
of SQLite reads the last digits of a number in JSON as Python does."""

_LONGEST_PATTERN: Final = 1_000
_MOST_WILDCARDS: Final = 8
"""Patterns beyond take SQLite too long, or are refused by it."""


class SqliteDialect:
    """The `Dialect` of SQLite: JSON functions over text."""

    def is_one_of(self, expression: str, texts: Iterable[str]) -> Sql:
        members = "(SELECT value FROM json_each(?))"
        return Sql(f"{expression} IN {members}", (json.dumps(list(texts)),))

    def can_follow(self, path: AttributePath) -> bool:
        return all(map(_can_name, path))

    def number(self, value: float) -> object:
        return value

    def text_at(self, path: AttributePath) -> Sql:
        at = _json_path(path)
        return Sql(
            "CASE WHEN json_type(attributes, ?) = 'text' THEN json_extract(attributes, ?) END", (at, at)
        )

    def number_at(self, path: AttributePath) -> Sql:
        at = _json_path(path)
        return Sql(
            "CASE json_type(attributes, ?) WHEN 'integer' THEN json_extract(attributes, ?) "
            f"WHEN 'real' THEN {EXACT_NUMBER}(attributes -> ?) END",
            (at, at, at),
        )

    def boolean_at(self, path: AttributePath) -> Sql:
        return Sql(
            "CASE json_type(attributes, ?) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END",
            (_json_path(path),),
        )

    def nothing_at(self, path: AttributePath) -> Sql:
        return Sql("coalesce(json_type(attributes, ?), 'null') = 'null'", (_json_path(path),))

    def text_in_array_at(self, path: AttributePath, text: str) -> Sql:
        at = _json_path(path)
        return Sql(
            "CASE WHEN json_type(attributes, ?) = 'array' THEN EXISTS (SELECT 1 FROM "
            "json_each(attributes, ?) AS member WHERE member.type = 'text' AND member.value = ?) END",
            (at, at, text),
        )

    def order_at(self, path: AttributePath) -> tuple[Sql, Sql, Sql]:
        at = _json_path(path)
        return (
            Sql(
                "CASE json_type(attributes, ?) WHEN 'true' THEN 1 WHEN 'false' THEN 1 WHEN 'integer' THEN 2 "
                "WHEN 'real' THEN 2 WHEN 'text' THEN 3 WHEN 'array' THEN 4 WHEN 'object' THEN 4 END",
                (at,),
            ),
            Sql(
                "CASE json_type(attributes, ?) WHEN 'true' THEN 1 WHEN 'false' THEN 0 "
                "WHEN 'integer' THEN json_extract(attributes, ?) "
                f"WHEN 'real' THEN {EXACT_NUMBER}(attributes -> ?) END",
                (at, at, at),
            ),
            self.text_at(path),
        )

    def is_like(self, expression: Sql, pattern: str, escape: str) -> Sql | None:
        if len(pattern) > _LONGEST_PATTERN or pattern.count("%") > _MOST_WILDCARDS:
            return None
        text, parameters = expression
        return Sql(f"{text} GLOB ?", (*parameters, _glob(pattern, escape)))

    def may_contain(self, column: str, word: str) -> Sql:
        beyond_ascii = f"length({column}) <> length(CAST({column} AS BLOB))"
        if not word.isascii():
            return Sql(beyond_ascii)
        pattern = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return Sql(rf"{column} LIKE ? ESCAPE '\' OR {beyond_ascii}", (f"%{pattern}%",))


def _can_name(key: str) -> bool:
    """Whether a path can name the key: JSON writes it as it is, and every version of SQLite reads it so."""
    return bool(key) and is_bindable(key) and not any(each in '"\\' or each < " " for each in key)


def _json_path(path: AttributePath) -> str:
    return "$" + "".join(f'."{key}"' for key in path)


def _glob(pattern: str, escape: str) -> str:
    """The LIKE pattern as a GLOB, which minds the letter case."""
    parts: list[str] = []
    characters = iter(pattern)
    for character in characters:
        if character == escape:
            parts.append(_literally(next(characters, escape)))
        else:
            parts.append({"%": "*", "_": "?"}.get(character) or _literally(character))
    return "".join(parts)


def _literally(character: str) -> str:
    return f"[{character}]" if character in "*?[" else character
