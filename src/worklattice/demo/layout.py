"""The page as it is laid out: headings, tables, wrapped texts, within the width of the paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap
from typing import Final

from attrs import frozen

from worklattice.rendering.text import columns, cut, fitted, visible

_GAP: Final = "  "
_INDENT: Final = "  "
WIDEST: Final = 100


@frozen(kw_only=True)
class Paper:
    """What is written on: how wide, whether in colour, and whether it knows lines beyond ASCII."""

    width: int = WIDEST
    colour: bool = False
    ascii_only: bool = False

    def heading(self, text: str) -> Iterator[str]:
        """A heading with a line under it, and an empty line above."""
        shown = cut(visible(text), self.width)
        yield ""
        yield f"\x1b[1m{shown}\x1b[0m" if self.colour else shown
        yield ("-" if self.ascii_only else "─") * columns(shown)

    def text(self, text: str, *, margin: str = "", hanging: int = 0) -> Iterator[str]:
        """A text, wrapped between words; lines after the first stand `hanging` columns further in."""
        yield from wrap(
            visible(text),
            self.width,
            initial_indent=margin,
            subsequent_indent=margin + " " * hanging,
            break_long_words=False,
            break_on_hyphens=False,
        )

    def table(self, rows: Iterable[Sequence[str]], *, notes: Sequence[Sequence[str]] = ()) -> Iterator[str]:
        """Rows of cells, each column as wide as its widest cell; the last one takes what is left.

        `notes` holds, for each row, the lines that stand indented under it.
        """
        cells = [[visible(cell) for cell in row] for row in rows]
        rooms = [max(map(columns, column)) for column in zip(*cells, strict=True)][:-1]
        for index, row in enumerate(cells):
            line = _INDENT
            for cell, room in zip(row, rooms, strict=False):
                line += fitted(cell, room) + _GAP
            yield cut(line + row[-1], self.width).rstrip()
            for note in notes[index] if notes else ():
                yield cut(_INDENT * 3 + visible(note), self.width)
