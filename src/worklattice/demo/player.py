"""Playing the demo into a workspace, once, and telling whether one holds it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from attrs import frozen

import worklattice
from worklattice.demo.patterns import TITLES, payloads
from worklattice.demo.story import END, tell
from worklattice.testing import ManualClock
from worklattice.types import JsonObject

ACTOR: Final = "worklattice-demo"
"""Who wrote the events of the demo: how it is known again."""

_LAST: Final = ("notification.requested", "critical_bug_fix_123")
"""The last event of the demo, and its task."""


class Chapter(NamedTuple):
    """Something that happened in the story: when it began, what, and by how many calls."""

    at: datetime
    text: str
    calls: int


@frozen
class Played:
    """What was played."""

    chapters: tuple[Chapter, ...]

    @property
    def calls(self) -> int:
        """How many calls were made."""
        return sum(chapter.calls for chapter in self.chapters)


class RefusedError(Exception):
    """A call of the demo was refused, by this answer."""

    def __init__(self, answer: JsonObject) -> None:
        super().__init__(answer)
        self.answer = answer

    def __str__(self) -> str:
        suggestion = self.answer["suggestion"]
        return f"{self.answer['error_type']}: {self.answer['message']}" + (
            f" {suggestion}" if suggestion else ""
        )


class NotOursError(Exception):
    """The workspace holds something else, which is not to be mixed with the demo."""


class CutShortError(Exception):
    """The workspace holds the beginning of the demo only."""


def demo_clock(time: str = END) -> ManualClock:
    """A clock that stands at a time of the story; at its end where none is given."""
    return ManualClock(datetime.fromisoformat(time))


def is_demo(wl: worklattice.Orchestrator) -> bool:
    """Whether the workspace holds the demo, and perhaps more that was done since; False where it is empty.

    Raises:
        NotOursError: it began with something else.
        CutShortError: the demo in it was not played to its end.
    """
    first = next(wl.events(), None)
    if first is None:
        return False
    if first.actor != ACTOR:
        raise NotOursError
    kind, task_id = _LAST
    if not any(event.task_id == task_id for event in wl.events(kinds={kind})):
        raise CutShortError
    return True


def play(wl: worklattice.Orchestrator, clock: ManualClock) -> Played:
    """Play the whole demo into an empty workspace, whose clock is given along.

    Raises:
        RefusedError: a call was refused. The demo stays as it is, cut short.
    """
    player = _Player(wl, clock)
    tell(player)
    return Played(tuple(player.chapters))


class _Player:
    """Makes the calls of the story."""

    def __init__(self, wl: worklattice.Orchestrator, clock: ManualClock) -> None:
        self._wl = wl
        self._clock = clock
        self.chapters: list[Chapter] = []

    def at(self, time: str) -> None:
        self._clock.set(datetime.fromisoformat(time))

    def say(self, text: str) -> None:
        self.chapters.append(Chapter(self._clock.now, text, 0))

    def pattern(self, number: int) -> None:
        self.say(f"Pattern {number}: {TITLES[number]}, as documented")
        for payload in payloads(number):
            self._dispatch(payload)

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        return self._dispatch({"tool": f"orchestrator_{tool}", "arguments": arguments})

    def _dispatch(self, payload: JsonObject) -> JsonObject:
        answer = self._wl.dispatch(payload)
        if answer["status"] != "success":
            raise RefusedError(answer)
        chapter = self.chapters[-1]
        self.chapters[-1] = chapter._replace(calls=chapter.calls + 1)
        return answer
