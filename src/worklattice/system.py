"""The world outside: the time of day, and ids that are unique everywhere.

The only place that asks for the time and for randomness; everything else is handed a `Clock` and ids.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from threading import Lock


def system_clock() -> datetime:
    """The computer's time, in UTC."""
    return datetime.now(UTC)


class TimeOrderedIds:
    """UUIDs of version 7 (RFC 9562): ascending within a process, so that databases append them.

    The 12 bits behind the milliseconds count the ids of one millisecond (method 1 of section 6.2); when
    they run out, the count borrows from the next millisecond. Safe to share between threads.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._last = 0

    def __call__(self) -> str:  # noqa: D102 - the protocol IdFactory says it
        with self._lock:
            tick = max(time.time_ns() // 1_000_000 << 12, self._last + 1)
            self._last = tick
        high = (tick >> 12) << 16 | 0x7000 | (tick & 0xFFF)
        low = int.from_bytes(os.urandom(8)) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        text = f"{high:016x}{low:016x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
