"""The log, read on and on: what is there, and then what comes, whoever writes it.

A subscription wakes the reader when this process has committed; what other processes commit it finds by
looking again every so often. Either way the events are read from the log, behind the last one that was read:
so none is missed and none comes twice, and a reader that is slow holds up nobody.

Not here: how a page of the log is read (`orchestrator`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeAlias

from worklattice.aio.lanes import Lanes
from worklattice.errors import ValidationError, shown
from worklattice.model.events import Event
from worklattice.orchestrator import Orchestrator

Page: TypeAlias = Callable[[int], Awaitable[Sequence[Event]]]
"""The next events behind a position; none where there are none yet."""


def seconds(poll: object) -> float | None:
    """How long to wait between two looks; None: without end.

    Raises:
        ValidationError: it is no positive number.
    """
    if poll is None:
        return None
    if isinstance(poll, int | float) and not isinstance(poll, bool) and poll > 0:
        return float(poll)
    raise ValidationError.of("poll", f"must be a positive number of seconds, or None, not {shown(poll)}")


class Alarm:
    """Wakes a task of the loop when something was committed, or the store is closed."""

    def __init__(self) -> None:
        self.bell = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._is_rung = False

    def ring(self, _: Event) -> None:
        """Wake the sleeper. Called in the thread that committed, once for each event."""
        if not self._is_rung:
            self._is_rung = True
            with suppress(RuntimeError):  # the loop is closed, and nobody asleep in it any more
                self._loop.call_soon_threadsafe(self.bell.set)

    def set(self) -> None:
        """Be ready to be rung. What is committed from now on rings."""
        self._is_rung = False
        self.bell.clear()

    async def sleep(self, longest: float | None) -> None:
        """Sleep until rung, or for the longest time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(longest):
                await self.bell.wait()


async def follow(
    page: Page,
    orchestrator: Orchestrator,
    lanes: Lanes,
    *,
    after: int,
    kinds: frozenset[str] | None,
    poll: float | None,
) -> AsyncGenerator[Event]:
    """The events behind a position, those to come too, until the store is closed."""
    alarm = Alarm()
    with orchestrator.subscribe(alarm.ring), lanes.waking(alarm.bell):
        while not lanes.is_closed:
            alarm.set()  # before looking, so that what is committed meanwhile is heard
            events = await page(after)
            for event in events:
                after = event.position
                if kinds is None or event.event_type in kinds:
                    yield event
            if not events:
                await alarm.sleep(poll)
