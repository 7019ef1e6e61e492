"""Deadlines as texts."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from worklattice.lang.deadlines import (
    DeadlineError,
    FixedDeadline,
    RelativeDeadline,
    format_deadline,
    parse_deadline,
)

MINUTE, HOUR, DAY = 60_000_000, 3_600_000_000, 86_400_000_000


def relative(amount: int, anchor: str, **more: Any) -> RelativeDeadline:
    return RelativeDeadline(amount=amount, anchor=anchor, **more)


@pytest.mark.parametrize(
    ("text", "expected", "written"),
    [
        ("24_hours_before_maintenance", relative(DAY, "maintenance"), "P1D before maintenance"),
        ("2 days before the release", relative(2 * DAY, "release"), "P2D before release"),
        ("30 minutes after start", relative(30 * MINUTE, "start", before=False), "PT30M after start"),
        ("PT1H BEFORE Code Freeze", relative(HOUR, "code_freeze"), "PT1H before code_freeze"),
        (
            "3_working_days_before_end",
            relative(3, "end", counted="working_days"),
            "3 working days before end",
        ),
        (
            "1 business day after x",
            relative(1, "x", counted="working_days", before=False),
            "1 working day after x",
        ),
        (
            "1.5 working hours before end",
            relative(90 * MINUTE, "end", counted="working_time"),
            "90 working minutes before end",
        ),
        ("2025-06-16", FixedDeadline(date(2025, 6, 16)), "2025-06-16"),
        (
            "2025-06-16T11:00:00+02:00",
            FixedDeadline(datetime(2025, 6, 16, 9, tzinfo=UTC)),
            "2025-06-16T09:00:00Z",
        ),
    ],
)
def test_deadline_is_read_and_written(text: str, expected: Any, written: str) -> None:
    """A span, a side and an anchor, or a time; written canonically it reads back."""
    assert parse_deadline(text) == expected
    assert format_deadline(expected) == written
    assert parse_deadline(written) == expected


@pytest.mark.parametrize(
    ("text", "reason", "column"),
    [
        ("", "no deadline", 1),
        ("soon", "no deadline", 1),
        ("24 hours", "no deadline", 1),
        ("before maintenance", "how long before or after", 1),
        ("24 parsecs before end", "no unit of time", 4),
        ("24 hours before !", "no name to count from", 17),
        ("24 hours before end\n", "no deadline", 1),
        ("2 months before end", "no fixed span", 3),
        ("1.5 working days before end", "a whole number of at most 10,000", 1),
        ("99999 working days before end", "a whole number of at most 10,000", 1),
        ("3 working weeks before end", "minutes, hours and days", 11),
        ("1.2.3 working hours before end", "is no fixed|expected a number|no unit", 1),
        ("0.001 working minutes before end", "in whole minutes", 1),
        ("2025-06-31", "no such day", 1),
        ("2025-06-16T25:00:00Z", "no such time of day", 12),
        ("x" * 201, "at most 200 characters", 1),
    ],
)
def test_deadline_is_refused(text: str, reason: str, column: int) -> None:
    """What is no deadline is refused with the reason, where it stands."""
    with pytest.raises(DeadlineError, match=reason) as caught:
        parse_deadline(text)
    assert caught.value.column == column
