from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from worklattice.lang.times import (
    TimeError,
    format_time,
    from_micros,
    parse_date,
    parse_time,
    parse_time_or_date,
    read_micros,
    shift,
    to_micros,
)

NINE = datetime(2025, 6, 16, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2025-06-16T09:00:00Z",
        "2025-06-16t09:00:00z",
        "2025-06-16 09:00:00Z",
        "2025-06-16T09:00Z",
        "2025-06-16T09:00:00.000Z",
        "2025-06-16T09:00:00-00:00",
        "2025-06-16T11:00:00+02:00",
        "2025-06-15T22:30:00-10:30",
    ],
)
def test_time_is_read(text: str) -> None:
    """Every spelling of RFC 3339 is the same moment, aware and in UTC."""
    assert parse_time(text) == NINE
    assert parse_time(text).tzinfo is UTC


def test_finer_than_a_microsecond_is_cut_off() -> None:
    """Digits behind the microseconds are dropped, not rounded."""
    assert parse_time("2025-06-16T09:00:00.1234569Z") == NINE + timedelta(microseconds=123_456)


def test_time_without_zone_is_utc_and_said_so() -> None:
    """The caller hears that a zone was assumed, and only then."""
    said: list[str] = []
    assert parse_time("2025-06-16T09:00:00", without_zone=lambda: said.append("no zone")) == NINE
    assert parse_time("2025-06-16T09:00:00Z", without_zone=lambda: said.append("zone")) == NINE
    assert said == ["no zone"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("soon", "no time"),
        ("2025-06-16", "no time"),
        ("2025-06-16T09:00:00Z\n", "no time"),
        ("\uff12\uff10\uff12\uff15-06-16T09:00:00Z", "no time"),
        ("2025-6-16T09:00:00Z", "no time"),
        ("2025-02-30T09:00:00Z", "no such day"),
        ("0000-01-01T09:00:00Z", "no such day"),
        ("2025-06-16T24:00:00Z", "no such time of day"),
        ("2025-06-16T23:59:60Z", "leap seconds"),
        ("2025-06-16T09:00:00+24:00", "no such offset"),
        ("0001-01-01T00:00+14:00", "outside the years"),
        ("9999-12-31T23:59:59-14:00", "outside the years"),
        ("1" * 1000, "no time"),
    ],
)
def test_time_is_refused(text: str, reason: str) -> None:
    """What is no time, or lies outside the years 1 to 9999 in UTC, is refused with the reason."""
    with pytest.raises(TimeError, match=reason):
        parse_time(text)


def test_date_is_midnight_where_a_time_is_wanted() -> None:
    """A date stands for the moment in UTC that it begins with."""
    assert parse_date("2025-06-16") == date(2025, 6, 16)
    assert parse_time_or_date("2025-06-16") == NINE - timedelta(hours=9)


@pytest.mark.parametrize("text", ["2025-06-16T09:00:00Z", "2025-W25", "2025-06-31", "20250616"])
def test_date_is_refused(text: str) -> None:
    """Only a day of the calendar, written YYYY-MM-DD, is a date."""
    with pytest.raises(TimeError):
        parse_date(text)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NINE, "2025-06-16T09:00:00Z"),
        (NINE + timedelta(microseconds=5), "2025-06-16T09:00:00.000005Z"),
        (NINE.astimezone(timezone(timedelta(hours=2))), "2025-06-16T09:00:00Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
    ],
)
def test_time_is_written_in_utc(moment: datetime, text: str) -> None:
    """A time is written in UTC with a Z, with microseconds only where there are any."""
    assert format_time(moment) == text


def test_text_read_for_a_comparison() -> None:
    """A comparison reads times and dates, and takes anything else for no time."""
    assert read_micros("2025-06-16T09:00:00Z") == to_micros(NINE)
    assert read_micros("2025-06-16") == to_micros(NINE - timedelta(hours=9))
    assert read_micros("soon") is None
    assert read_micros("2025-06-16T09:00:00." + "0" * 1_000 + "Z") is None


def _moved(text: str, amount: int, unit: str) -> str | None:
    moved = shift(to_micros(parse_time_or_date(text)), amount, unit)
    return None if moved is None else format_time(from_micros(moved))


@pytest.mark.parametrize(
    ("text", "amount", "unit", "moved"),
    [
        ("2025-06-16", -2, "week", "2025-06-02T00:00:00Z"),
        ("2025-06-16", 36, "hour", "2025-06-17T12:00:00Z"),
        ("2025-01-31", 1, "month", "2025-02-28T00:00:00Z"),
        ("2024-01-31", 1, "month", "2024-02-29T00:00:00Z"),
        ("2024-02-29", 1, "year", "2025-02-28T00:00:00Z"),
        ("2025-11-30", 1, "quarter", "2026-02-28T00:00:00Z"),
        ("2025-03-31", -1, "month", "2025-02-28T00:00:00Z"),
        ("2025-01-15", -1, "month", "2024-12-15T00:00:00Z"),
    ],
)
def test_moving_by_units(text: str, amount: int, unit: str, moved: str) -> None:
    """Months, quarters and years keep the day, or take the month's last, as in MySQL."""
    assert _moved(text, amount, unit) == moved


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("9999-12-31", 1, "day"),
        ("9999-12-31", 1, "month"),
        ("0001-01-01", -1, "microsecond"),
        ("0001-01-01", -1, "year"),
        ("2025-06-16", 10**18, "year"),
        ("2025-06-16", -(10**18), "week"),
    ],
)
def test_moving_out_of_the_calendar(text: str, amount: int, unit: str) -> None:
    """Beyond the years 1 to 9999 there is no time, and no overflow either."""
    assert _moved(text, amount, unit) is None
