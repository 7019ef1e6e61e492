"""Texts that strangers wrote, made fit to be shown: nothing moves the cursor, all is as wide as it says.

Not here: what each picture language needs beyond that (`mermaid`, `dot`).
"""

from __future__ import annotations

from typing import Final
from unicodedata import category, east_asian_width

from worklattice.model.task import Task

ELLIPSIS: Final = "…"
ASCII_ELLIPSIS: Final = "~"
_WIDE: Final = frozenset("WF")
_WITHOUT_WIDTH: Final = frozenset(("Mn", "Me"))


def visible(text: str) -> str:
    r"""`text` with every character that does not show (control, direction, half a surrogate) as an escape.

    >>> print(visible("first\r\n\x1b[31mred"))
    first\r\n\x1b[31mred
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _shown(character) for character in text)


def _shown(character: str) -> str:
    if category(character) == "Zs":
        return " "
    return character.encode("unicode_escape").decode("ascii")


def title_of(task: Task) -> str:
    """What people call a task: its attribute `title`, else its id; visible, spaces at the ends left out."""
    title = task.attributes.get("title")
    named = visible(title).strip() if isinstance(title, str) else ""
    return named or task.task_id


def columns(text: str) -> int:
    """How many columns of a terminal `text` takes."""
    return len(text) if text.isascii() else sum(map(_columns_of, text))


def _columns_of(character: str) -> int:
    if category(character) in _WITHOUT_WIDTH:
        return 0
    return 2 if east_asian_width(character) in _WIDE else 1


def fitted(text: str, room: int) -> str:
    """`text` in exactly `room` columns: filled up with spaces, or cut with an ellipsis."""
    shown = cut(text, room)
    return shown + " " * (room - columns(shown))


def cut(text: str, room: int) -> str:
    """`text` in at most `room` columns, with an ellipsis where something is left out."""
    if columns(text) <= room:
        return text
    kept: list[str] = []
    left = room - 1
    for character in text:
        left -= _columns_of(character)
        if left < 0:
            break
        kept.append(character)
    return ("".join(kept).rstrip() + ELLIPSIS)[: max(room, 0)]
