"""Cron expressions, by the library `cronsim` (the extra `schedule`): the only user of it.

The library is asked about clocks without a zone only. What summer time does to a schedule stands in one place
for all kinds of them (`worklattice.calendar.schedules`).
"""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import Final

from worklattice.calendar.zones import Local, local_of, wall_time
from worklattice.errors import ValidationError
from worklattice.lang.cron import FIELDS, Cron, CronError

NOT_INSTALLED: Final = "cron expressions need the library cronsim, which is not installed"
"""The fault of every cron expression whose form is right, where the extra is missing."""

_SAYS: Final = ("minute", "hour", "day-of-month", "month", "day-of-week")
"""The library's names of the fields, which its complaints end with."""


def check_cron(cron: Cron) -> None:
    """Raise `CronError` where a field is wrong, no month has the days, or the extra is not installed."""
    library = _library()
    try:
        library.CronSim(cron.text, wall_time(0))
    except library.CronSimError as error:
        complaint = str(error)
        field = next((at for at, name in enumerate(_SAYS) if complaint.endswith(name)), 0)
        raise cron.fault(field, f"there is no such {FIELDS[field]}") from None


def next_by_cron(text: str, after: Local) -> Local | None:
    """The first time after `after` that the expression names, or None where 50 years have none."""
    try:
        found = next(_library().CronSim(text, wall_time(after)))
    except (StopIteration, OverflowError):  # the latter after the year 9999
        return None
    return local_of(found)


def lacks_library_alone(refused: ValidationError) -> bool:
    """Whether what was refused may well be right, and the missing library is all that is wrong."""
    return all(problem.message.startswith(NOT_INSTALLED) for problem in refused.problems)


@cache
def _library() -> ModuleType:
    try:
        import cronsim  # noqa: PLC0415 - an extra, wanted only where there is a cron expression
    except ImportError:
        raise CronError(
            NOT_INSTALLED,
            hint="Install worklattice[schedule], or say it in words, such as daily at 02:00.",
        ) from None
    return cronsim
