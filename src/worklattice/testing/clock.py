"""Time and ids that a test decides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from worklattice.lang.durations import parse_duration
from worklattice.types import in_utc


class ManualClock:
    """A clock that stands still until it is told to go on.

    >>> clock = ManualClock()
    >>> clock.advance("2 hours").isoformat()
    '2025-01-01T02:00:00+00:00'
    """

    def __init__(self, start: datetime = datetime(2025, 1, 1, tzinfo=UTC)) -> None:
        self._now = in_utc(start)

    def __call__(self) -> datetime:  # noqa: D102 - the protocol Clock says it
        return self._now

    @property
    def now(self) -> datetime:
        """The time that it shows."""
        return self._now

    def advance(self, by: timedelta | float | str) -> datetime:
        """Go on by a `timedelta`, a number of seconds or a duration such as `15 minutes`; the new time.

        A negative `timedelta` or number goes back, as real clocks do.
        """
        if isinstance(by, str):
            by = timedelta(microseconds=parse_duration(by))
        elif not isinstance(by, timedelta):
            by = timedelta(seconds=by)
        self._now += by
        return self._now

    def set(self, moment: datetime) -> datetime:
        """Show `moment` from now on."""
        self._now = in_utc(moment)
        return self._now


class SequentialIds:
    """Ids that count: `task-1`, `task-2` and so on.

    >>> ids = SequentialIds()
    >>> ids(), ids()
    ('task-1', 'task-2')
    """

    def __init__(self, prefix: str = "task-", start: int = 1) -> None:
        self._prefix = prefix
        self._next = start

    def __call__(self) -> str:  # noqa: D102 - the protocol IdFactory says it
        number = self._next
        self._next += 1
        return f"{self._prefix}{number}"
