"""Hours of the day and days of the week, as texts."""

import pytest

from worklattice.lang.hours import (
    HoursError,
    HoursSpan,
    format_clock,
    format_span,
    parse_span,
    parse_weekdays,
)


@pytest.mark.parametrize(
    ("text", "span", "written"),
    [
        ("09:00-17:30", (540, 1_050), "09:00-17:30"),
        ("9-17", (540, 1_020), "09:00-17:00"),
        (" 9am - 5:30pm ", (540, 1_050), "09:00-17:30"),
        ("12am-12pm", (0, 720), "00:00-12:00"),
        ("22:00-06:00", (1_320, 1_800), "22:00-06:00"),
        ("00:00-24:00", (0, 1_440), "00:00-24:00"),
        ("18:00-00:00", (1_080, 1_440), "18:00-24:00"),
    ],
)
def test_span_is_read_and_written(text: str, span: tuple[int, int], written: str) -> None:
    """Minutes since midnight; what ends before it begins ends on the next day."""
    assert parse_span(text) == HoursSpan(*span)
    assert format_span(HoursSpan(*span)) == written


@pytest.mark.parametrize(
    ("text", "reason", "column"),
    [
        ("", "no span of hours", 1),
        ("9", "no span of hours", 1),
        ("9-10-11", "no span of hours", 1),
        ("9" * 101, "no span of hours", 1),
        ("9-9", "no length", 3),
        ("24:00-9", "no such time of day", 1),
        ("9-24:01", "no such time of day", 3),
        ("9-10:60", "no such time of day", 3),
        ("9-13pm", "the hours 1 to 12", 3),
        ("0am-9", "the hours 1 to 12", 1),
        ("nine-17", "no time of the day", 1),
    ],
)
def test_span_is_refused(text: str, reason: str, column: int) -> None:
    """What is no span is refused, where it stands."""
    with pytest.raises(HoursError, match=reason) as caught:
        parse_span(text)
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon", (0,)),
        ("Monday", (0,)),
        ("mon-fri", (0, 1, 2, 3, 4)),
        ("sat-mon", (0, 5, 6)),
        ("mon,wed, sun", (0, 2, 6)),
        ("weekdays", (0, 1, 2, 3, 4)),
        ("weekends", (5, 6)),
        ("daily", (0, 1, 2, 3, 4, 5, 6)),
        ("tues-thurs", (1, 2, 3)),
    ],
)
def test_weekdays_are_read(text: str, days: tuple[int, ...]) -> None:
    """Names, ranges that may go over the weekend, and lists of both."""
    assert parse_weekdays(text) == days


@pytest.mark.parametrize(
    ("text", "reason", "column"),
    [
        ("", "no days of the week", 1),
        (",", "no days of the week", 1),
        ("mon, fry", "no day of the week", 6),
        ("mon-", "no day of the week", 5),
        ("-mon", "no day of the week", 1),
        ("mon-weekends", "no day of the week", 5),
    ],
)
def test_weekdays_are_refused(text: str, reason: str, column: int) -> None:
    """What names no day is refused, where it stands."""
    with pytest.raises(HoursError, match=reason) as caught:
        parse_weekdays(text)
    assert caught.value.column == column


def test_clock_has_two_digits_each() -> None:
    """As clocks in offices show it."""
    assert format_clock(545) == "09:05"
