"""What the forms of schedules, calendars and windows share: reading one value, and noting what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any, Final, TypeAlias, TypeVar

from worklattice.calendar.zones import DAY, EPOCH_DAY, Local, Micros, Zone, parse_zone
from worklattice.errors import Problem, ValidationError, did_you_mean, shown, written
from worklattice.lang.diagnostics import LanguageError
from worklattice.lang.durations import parse_duration
from worklattice.lang.times import is_date, midnight, parse_date, parse_time, to_micros

Json: TypeAlias = Any
V = TypeVar("V")

_MOST: Final = 100
"""Problems that are noted at most."""


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - EPOCH_DAY


class Notes:
    """The problems of one document, each with its path."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, path: str, message: str) -> None:
        """Note a problem, unless there are many."""
        if not self.is_full:
            self.found.append(Problem(field=path, message=message))

    @property
    def is_full(self) -> bool:
        """Whether there are so many problems that no more are noted."""
        return len(self.found) >= _MOST

    def check(self) -> None:
        """Raise `ValidationError` where there are problems."""
        if self.found:
            raise ValidationError.all(self.found)

    def taken_over(self, read: Callable[[], V]) -> V | None:
        """What `read` gives, or None and the problems for which it refuses."""
        try:
            return read()
        except ValidationError as refused:
            for problem in refused.problems:
                self.add(problem.field, problem.message)
            return None

    # --- single values ------------------------------------------------------------------------------------

    def read(self, parse: Callable[[str], V], value: Json, path: str) -> V | None:
        """The value read by a mini-language, or None and a problem."""
        if not isinstance(value, str):
            self.add(path, f"must be a text, not {shown(value)}")
            return None
        try:
            return parse(value)
        except LanguageError as error:
            self.add(path, str(error))
            return None

    def zone(self, value: Json, path: str, otherwise: Zone) -> Zone:
        """A time zone; `otherwise` where none is said or it is wrong."""
        return otherwise if value is None else self.read(parse_zone, value, path) or otherwise

    def moment(self, value: Json, path: str, zone: Zone, *, whole_day: bool = False) -> Micros | None:
        """A moment; a date or a time without a zone is one of the clock in `zone`.

        With `whole_day`, a date is the last moment of that day instead of the first.
        """
        return self.read(lambda text: read_moment(text, zone, whole_day=whole_day), value, path)

    def duration(self, value: Json, path: str) -> int | None:
        """A duration longer than nothing, in microseconds."""
        duration = self.read(parse_duration, value, path)
        if duration == 0:
            self.add(path, "must be longer than nothing")
            return None
        return duration

    def keys(self, value: Mapping[str, Json], known: Collection[str], path: str) -> None:
        """Note the keys that are not known."""
        for key in value:
            if self.is_full:
                return
            if key not in known:
                offer = did_you_mean(str(key), list(known))
                self.add(path + written((str(key),)), f"is not known here. {offer}")


def read_moment(text: str, zone: Zone, *, whole_day: bool = False) -> Micros:
    """The moment that a text says, see `Notes.moment`. Raises `LanguageError`."""
    lacks_zone: list[None] = []
    if is_date(text):
        shown_there: Local = to_micros(midnight(parse_date(text))) + (DAY if whole_day else 0)
        return _in_zone(text, shown_there, zone) - whole_day
    at = to_micros(parse_time(text, without_zone=lambda: lacks_zone.append(None)))
    return _in_zone(text, at, zone) if lacks_zone else at


def _in_zone(text: str, local: Local, zone: Zone) -> Micros:
    try:
        return zone.moment(local)
    except OverflowError:
        raise LanguageError.at(text, (0, len(text)), "the time lies outside the years 1 to 9999") from None
