import pytest

from worklattice.lang.durations import LONGEST, DurationError, format_duration, parse_duration

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("15 minutes", 15 * MINUTE),
        ("2_hours", 2 * HOUR),
        ("3 weeks", 21 * DAY),
        ("90s", 90 * SECOND),
        ("1 day", DAY),
        ("1 hour 30 minutes", 90 * MINUTE),
        ("1h30m", 90 * MINUTE),
        ("1.5 hours", 90 * MINUTE),
        ("250ms", 250_000),
        ("0 minutes", 0),
        ("2 Hours", 2 * HOUR),
        ("PT2H", 2 * HOUR),
        ("P1DT30M", DAY + 30 * MINUTE),
        ("P2W", 14 * DAY),
        ("PT0.5S", 500_000),
        ("PT0S", 0),
    ],
)
def test_duration_is_read(text: str, micros: int) -> None:
    """Numbers with units, and ISO 8601, are read to the microsecond."""
    assert parse_duration(text) == micros


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (0, "PT0S"),
        (500_000, "PT0.5S"),
        (14 * DAY, "P14D"),
        (90 * MINUTE, "PT1H30M"),
        (DAY + 1, "P1DT0.000001S"),
    ],
)
def test_duration_is_written_canonically(micros: int, text: str) -> None:
    """Every duration has one spelling when written."""
    assert format_duration(micros) == text


def test_negative_duration_is_not_written() -> None:
    """A span that was computed wrongly is not put down as a duration."""
    with pytest.raises(ValueError, match="not negative"):
        format_duration(-1)


@pytest.mark.parametrize(
    ("text", "reason", "column"),
    [
        ("", "must not be empty", 1),
        ("15", "no unit", 1),
        ("15 parsecs", "no unit of time", 4),
        ("30 minutes 1 hour", "largest unit to the smallest", 12),
        ("1 hour 2 hours", "largest unit to the smallest", 8),
        ("24_hours_before_maintenance", "expected a number", 10),
        ("-5 minutes", "no sign", 1),
        ("+PT5M", "no sign", 1),
        ("5 months", "no fixed span", 3),
        ("P1DT", "expected a number", 4),
        ("PT1D", "cannot stand here", 4),
        ("P1H", "cannot stand here", 3),
        ("PT1HT1M", "expected a number", 5),
        ("PT0.0000001S", "finer than a microsecond", 3),
        ("36526 days", "at most 36,525 days", 1),
    ],
)
def test_duration_is_refused(text: str, reason: str, column: int) -> None:
    """What is no duration is refused with the reason, where it stands."""
    with pytest.raises(DurationError, match=reason) as caught:
        parse_duration(text)
    assert caught.value.column == column


def test_longest_duration() -> None:
    """The limit itself is a duration; a microsecond more is none."""
    assert parse_duration(format_duration(LONGEST)) == LONGEST
    with pytest.raises(DurationError):
        parse_duration(format_duration(LONGEST + 1))
