"""Time zones: from moments to what the clock on the wall shows, and back.

Moments are microseconds since 1970 in UTC (`Micros`). What a clock shows is counted likewise, as if it showed
UTC (`Local`): one number to compute with, without a zone.

A clock that is put forward skips some times, and one that is put back shows some twice. *A time comes when
the clock first shows it, or something later*: a skipped time comes at the moment when the clock is put
forward, a repeated one when it is shown first. That is what cron does (cron(8) of Debian: jobs of the skipped
time run at once, and no job runs twice).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from attrs import field, frozen

from worklattice.errors import closest, did_you_mean
from worklattice.lang.diagnostics import LanguageError
from worklattice.lang.times import from_micros

Micros: TypeAlias = int
Local: TypeAlias = int

LONGEST_NAME: Final = 64
DAY: Final = 86_400_000_000
"""A day of 24 hours, in microseconds."""

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}")
_NOT_NAMES: Final = frozenset({"Factory", "localtime", "posixrules"})
_FORM: Final = "Write a name of the IANA time zone database, such as Europe/Berlin or UTC."
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - what a clock shows has no zone
_MICROSECOND: Final = timedelta(microseconds=1)

EPOCH_DAY: Final = _EPOCH.toordinal()
"""The day from which days are counted, as `date.toordinal` has it."""


class ZoneError(LanguageError):
    """The text names no time zone."""


class Repeat(NamedTuple):
    """The times that a clock shows twice, from `start` up to, not including, `end`.

    `second` says whether it is for the second time.
    """

    start: Local
    end: Local
    second: bool


@frozen
class Zone:
    """A time zone, known by its name. Outside the years 1 to 9999 its methods raise `OverflowError`."""

    name: str
    _info: ZoneInfo = field(eq=False, repr=False)

    def offset(self, at: Micros) -> int:
        """What the clock is ahead of UTC at a moment, in microseconds."""
        return _micros(from_micros(at).astimezone(self._info).utcoffset())

    def local(self, at: Micros) -> Local:
        """What the clock shows at a moment."""
        return at + self.offset(at)

    def moment(self, local: Local) -> Micros:
        """When the clock first shows `local`, or something later where it skips it."""
        before = self._offset_on_wall(local, fold=0)
        at = local - before
        if self.offset(at) == before:
            return at
        return self._put(local - self._offset_on_wall(local, fold=1), at)

    def repeat(self, at: Micros) -> Repeat | None:
        """What the clock shows twice, where it does so at this moment."""
        local = self.local(at)
        first, second = self._offset_on_wall(local, fold=0), self._offset_on_wall(local, fold=1)
        if first <= second:
            return None
        put_back = self._put(local - first, local - second)
        return Repeat(put_back + second, put_back + first, at >= put_back)

    def _offset_on_wall(self, local: Local, *, fold: int) -> int:
        there = wall_time(local).replace(tzinfo=self._info, fold=fold)
        return _micros(there.utcoffset())

    def _put(self, before: Micros, after: Micros) -> Micros:
        """The moment after `before`, and up to `after`, when the clock is put forward or back."""
        offset = self.offset(before)
        while after - before > 1:
            middle = (before + after) // 2
            if self.offset(middle) == offset:
                before = middle
            else:
                after = middle
        return after


def wall_time(local: Local) -> datetime:
    """What a clock shows, as a time without a zone. Raises `OverflowError` outside the years 1 to 9999."""
    return _EPOCH + timedelta(microseconds=local)


def local_of(time: datetime) -> Local:
    """What a clock shows, counted, that shows this time without a zone."""
    return (time - _EPOCH) // _MICROSECOND


UTC_ZONE: Final = Zone("UTC", ZoneInfo("UTC"))


def parse_zone(name: str) -> Zone:
    """The time zone of this name. Raises `ZoneError`. Names are those of the IANA database, to the letter.

    >>> parse_zone("Europe/Berlin")
    Zone(name='Europe/Berlin')
    """
    if len(name) > LONGEST_NAME:
        raise ZoneError.at(
            name, (0, 1), f"the name of a time zone has at most {LONGEST_NAME} characters", _FORM
        )
    if _NAME.fullmatch(name) is None:
        raise ZoneError.at(name, (0, len(name)), "this is no name of a time zone", _FORM)
    if name not in _names():
        near = did_you_mean(name, sorted(_names()), otherwise=_FORM) if closest(name, _names()) else _FORM
        raise ZoneError.at(name, (0, len(name)), "there is no such time zone", near)
    return _zone(name)


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(available_timezones()) - _NOT_NAMES


@lru_cache(maxsize=1024)
def _zone(name: str) -> Zone:
    try:
        return Zone(name, ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ZoneError.at(name, (0, len(name)), "this time zone cannot be read", _FORM) from None


def _micros(offset: timedelta | None) -> int:
    assert offset is not None
    return offset // _MICROSECOND
