"""A clock that stops who asks for the time: in the middle of a call, with the workspace's lock in hand."""

from __future__ import annotations

import asyncio
from datetime import datetime
from threading import Event

from tests.unit.aio.looping import PATIENCE
from worklattice.testing import ManualClock


class StoppingClock:
    """Tells the time; when armed, holds up the next thread that asks until it is let go."""

    def __init__(self) -> None:
        self._clock = ManualClock()
        self._armed = False
        self._arrived = Event()
        self._go = Event()

    def __call__(self) -> datetime:
        if self._armed:
            self._armed = False
            self._arrived.set()
            assert self._go.wait(PATIENCE)
        return self._clock()

    def arm(self) -> None:
        self._armed = True
        self._arrived.clear()
        self._go.clear()

    async def arrival(self) -> None:
        """Until a thread is held up."""
        assert await asyncio.to_thread(self._arrived.wait, PATIENCE)

    def let_go(self) -> None:
        self._go.set()
