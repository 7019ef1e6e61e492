"""Reading the log from a position on, in pages.

Not here: reading it backwards, command by command (`worklattice.model.decide.standing`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from worklattice.model.rows import EventRow
from worklattice.model.view import View

PAGE: Final = 1_000
"""Events that are read at a time."""


def events_behind(view: View, after: int, task_id: str | None = None) -> Iterator[EventRow]:
    """All events behind position `after`, in order; only the task's where one is given."""
    while page := view.events(after, PAGE, task_id):
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].position
