"""Dotted names: `status`, `attributes.owner.team`, and with backquotes whatever else a key may hold.

Inside backquotes everything stands for itself, and a backquote is written twice: `` `a.b` `` is one key.
"""

from __future__ import annotations

import re
from typing import Final

from worklattice.lang.diagnostics import LanguageError

_QUOTED: Final = r"`(?:[^`]|``)*+`"

_PLAIN: Final = re.compile(r"[^\W\d]\w*")
_KEY: Final = re.compile(rf"{_QUOTED}|[^`.]*+")


def split_name(text: str) -> tuple[str, ...]:
    """The keys that a dotted name follows, outermost first. Raises `LanguageError`.

    Where no condition surrounds the name, only dots and backquotes mean something, so that `story-points` and
    the empty key need no quotes.

    >>> split_name("owner.`a.b`.story-points")
    ('owner', 'a.b', 'story-points')
    """
    keys: list[str] = []
    at = 0
    while True:
        match = _KEY.match(text, at)
        end = match.end() if match else at
        if end < len(text) and text[end] != ".":
            reason = "this backquote is not closed" if text[end] == "`" and end == at else "expected a dot"
            hint = "Put a backquote before and after a key that has dots; write a backquote in it twice."
            raise LanguageError.at(text, (end, end + 1), reason, hint)
        keys.append(unquoted(text[at:end]))
        if end == len(text):
            return tuple(keys)
        at = end + 1


def unquoted(key: str) -> str:
    """The key that a part of a dotted name stands for."""
    return key[1:-1].replace("``", "`") if key.startswith("`") else key


def join_name(keys: tuple[str, ...]) -> str:
    """The dotted name of the keys, quoted where they need it; `split_name` reads it back."""
    return ".".join(key if _PLAIN.fullmatch(key) else "`" + key.replace("`", "``") + "`" for key in keys)
