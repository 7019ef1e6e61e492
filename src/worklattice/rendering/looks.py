"""How each status looks, in a terminal and in a picture: one table for all renderers."""

from __future__ import annotations

from typing import Final, NamedTuple


class Look(NamedTuple):
    """The colours of a status."""

    terminal: str
    """Parameters of the escape sequence that sets the colour (SGR)."""
    fill: str
    stroke: str


INK: Final = "#1c1c1c"
"""The colour of texts in pictures: the fills are light, on dark pages too."""

LOOKS: Final[dict[str, Look]] = {
    "pending": Look(terminal="36", fill="#e7f0fa", stroke="#5b7fa6"),
    "active": Look(terminal="33;1", fill="#fff3cd", stroke="#b58900"),
    "blocked": Look(terminal="31", fill="#fbe3e0", stroke="#b5473c"),
    "completed": Look(terminal="32", fill="#ddf1dd", stroke="#4b8b4b"),
    "failed": Look(terminal="31;1", fill="#f6c9c4", stroke="#8f1d14"),
    "cancelled": Look(terminal="2", fill="#ececec", stroke="#8a8a8a"),
    "superseded": Look(terminal="2", fill="#ece6f3", stroke="#7d67a0"),
    "archived": Look(terminal="2", fill="#f4f4f4", stroke="#b0b0b0"),
}
"""By status; whatever has another has no colour."""
