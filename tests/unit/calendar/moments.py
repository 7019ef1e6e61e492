"""Moments as tests write them."""

from worklattice.lang.times import format_time, from_micros, parse_time, to_micros

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND


def at(text: str) -> int:
    """The moment in microseconds; the year, or a date, may be all of it."""
    return to_micros(parse_time(f"{text}T00:00Z" if len(text) == len("2025-01-01") else text))


def told(moments: list[int]) -> list[str]:
    """The moments in UTC, without seconds where there are none."""
    return [format_time(from_micros(moment)).removesuffix(":00Z").removesuffix("Z") for moment in moments]
