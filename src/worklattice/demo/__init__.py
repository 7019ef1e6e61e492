"""The demo: ten workflow patterns, played into a file by tool payloads, and the page that shows the outcome.

`playbook.jsonl` holds the payloads, `story` says when each is played and what work is done in between,
`player` plays it; `page` shows the state of any workspace as text, and of one that holds the demo by
`patterns` and `reports`, all of it laid out by `layout`. Nothing here prints: that is the part of
`worklattice.__main__`.
"""

from worklattice.demo.layout import Paper
from worklattice.demo.page import page
from worklattice.demo.player import (
    CutShortError,
    NotOursError,
    Played,
    RefusedError,
    demo_clock,
    is_demo,
    play,
)

__all__ = [
    "CutShortError",
    "NotOursError",
    "Paper",
    "Played",
    "RefusedError",
    "demo_clock",
    "is_demo",
    "page",
    "play",
]
