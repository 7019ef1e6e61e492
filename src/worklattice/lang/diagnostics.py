"""How every mini-language shows a fault: the text, cut and escaped, with carets under the culprit.

Drawings are ASCII except for the ellipsis of a cut, so that carets stand where they should in every terminal
and nothing a caller wrote can move the cursor.
"""

from __future__ import annotations

from typing import Final, NamedTuple, Self

from attrs import frozen

WIDTH: Final = 72
"""Characters of the longest line drawn."""

_CUT: Final = "…"


class Span(NamedTuple):
    """Where something stands in a text: from `start` up to, not including, `end`."""

    start: int
    end: int


@frozen
class LanguageError(ValueError):
    """A text is not in its mini-language. Whoever knows where it came from says so in an error of theirs.

    `column` counts characters from 1; `diagram` is the text with carets under the fault.
    """

    reason: str
    column: int = 1
    diagram: str = ""
    hint: str | None = None

    @classmethod
    def at(cls, text: str, span: tuple[int, int], reason: str, hint: str | None = None) -> Self:
        """The error of a fault in `text` at `span`."""
        return cls(reason, span[0] + 1, draw(text, span), hint)

    @property
    def in_short(self) -> str:
        """The reason, the column and the hint in one line, without the stop at its end."""
        says = f"{self.reason} (column {self.column})" if self.column > 1 else self.reason
        return f"{says}. {self.hint.rstrip('.')}" if self.hint else says

    def __str__(self) -> str:
        """The reason, the hint, and the drawing underneath."""
        says = f"{self.reason}. {self.hint}" if self.hint else self.reason
        return f"{says}\n{self.diagram}" if self.diagram else says


def escaped(character: str) -> str:
    r"""The character as drawn: itself where it is printable ASCII, else an escape such as `\n`."""
    if " " <= character <= "~":
        return character
    return character.encode("unicode_escape").decode("ascii")


def draw(text: str, span: tuple[int, int]) -> str:
    r"""Two lines: the text around the span, and carets under it; nothing for an empty text.

    >>> print(draw("status = = 'x'", (9, 10)))
    status = = 'x'
             ^
    """
    if not text:
        return ""
    start = min(max(span[0], 0), len(text))
    end = min(max(span[1], start + 1), len(text))
    culprit, tail_from = _cells(text, start, end, WIDTH // 2)
    before, first = _cells_back(text, start, (WIDTH - len(culprit)) // 2)
    after, stop = _cells(text, tail_from, len(text), WIDTH - 2 - len(before) - len(culprit))
    shown = f"{_CUT if first else ''}{before}{culprit}{after}{_CUT if stop < len(text) else ''}"
    margin = " " * (len(before) + (1 if first else 0))
    return f"{shown}\n{margin}{'^' * max(len(culprit), 1)}"


def _cells(text: str, start: int, end: int, room: int) -> tuple[str, int]:
    """What fits of `text[start:end]` into `room`, escaped, and where it ends."""
    cells: list[str] = []
    for index in range(start, end):
        cell = escaped(text[index])
        room -= len(cell)
        if room < 0:
            return "".join(cells), index
        cells.append(cell)
    return "".join(cells), end


def _cells_back(text: str, end: int, room: int) -> tuple[str, int]:
    """What fits of the text before `end` into `room`, escaped, and where it starts."""
    cells: list[str] = []
    for index in range(end - 1, -1, -1):
        cell = escaped(text[index])
        room -= len(cell)
        if room < 0:
            return "".join(reversed(cells)), index + 1
        cells.append(cell)
    return "".join(reversed(cells)), 0
