"""Schedules in words."""

import pytest

from worklattice.lang.recurrence import Interval
from worklattice.lang.schedules import ScheduleError, parse_words
from worklattice.lang.wording import format_words


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("daily_at_2am", "every day at 02:00"),
        ("daily at 02:00", "every day at 02:00"),
        ("Daily At 2 AM", "every day at 02:00"),
        ("daily", "every day at 00:00"),
        ("every day at 2:30pm", "every day at 14:30"),
        ("every day at noon and midnight", "every day at 00:00 and 12:00"),
        ("each day at 9, 12 and 9:00", "every day at 09:00 and 12:00"),
        ("every 3 days at 9", "every 3 days at 09:00"),
        ("every other day", "every 2 days at 00:00"),
        ("weekly_on_monday_at_9am", "every monday at 09:00"),
        ("every monday and thursday at 9", "every monday and thursday at 09:00"),
        ("thu, mon", "every monday and thursday at 00:00"),
        ("mondays at 9", "every monday at 09:00"),
        ("every weekday", "every weekday at 00:00"),
        ("weekdays at 17:00", "every weekday at 17:00"),
        ("weekly on weekends", "every weekend at 00:00"),
        ("every other tuesday at 10", "every 2 weeks on tuesday at 10:00"),
        ("every 2 weeks on mon, and fri", "every 2 weeks on monday and friday at 00:00"),
        ("monthly_on_1st_at_3am", "every month on the 1st at 03:00"),
        ("monthly on the 15th and the 1st", "every month on the 1st and 15th at 00:00"),
        ("every month on day 31", "every month on the 31st at 00:00"),
        ("monthly on the last day of the month", "every month on the last day at 00:00"),
        ("monthly on the last and 1st day", "every month on the 1st and last day at 00:00"),
        ("monthly on the last friday at 18:00", "every month on the last friday at 18:00"),
        ("monthly on the first and third monday", "every month on the 1st and 3rd monday at 00:00"),
        ("monthly on the 2nd tuesday of every month", "every month on the 2nd tuesday at 00:00"),
        ("monthly on the last weekday at 18:00", "every month on the last weekday at 18:00"),
        ("quarterly on the 1st", "every 3 months on the 1st at 00:00"),
        ("every 2 quarters on the 12th", "every 6 months on the 12th at 00:00"),
        ("yearly on december 25 at 9", "every year on 25 december at 09:00"),
        ("annually on the 25th of dec", "every year on 25 december at 00:00"),
        ("every 4 years on 29 february", "every 4 years on 29 february at 00:00"),
        ("every year on sept the 3rd", "every year on 3 september at 00:00"),
        ("hourly", "every hour"),
        ("every hour", "every hour"),
        ("every minute", "every minute"),
        ("every 15 minutes", "every 15 minutes"),
        ("every_2_hours", "every 2 hours"),
        ("every 1 hour 30 minutes", "every 90 minutes"),
        ("every 90s", "every 90 seconds"),
        ("every PT2H", "every 2 hours"),
        ("every 1.5 seconds", "every PT1.5S"),
        ("every PT1.5S", "every PT1.5S"),
        ("every 36 hours", "every 36 hours"),
        ("@hourly", "every hour"),
        ("@Daily", "every day at 00:00"),
        ("@midnight", "every day at 00:00"),
        ("@weekly", "every sunday at 00:00"),
        ("@monthly", "every month on the 1st at 00:00"),
        ("@yearly", "every year on 1 january at 00:00"),
        ("@annually", "every year on 1 january at 00:00"),
    ],
)
def test_words_have_one_spelling(text: str, canonical: str) -> None:
    """However it is said, it is written one way, and that reads back."""
    said = parse_words(text)
    assert format_words(said) == canonical
    assert parse_words(canonical) == said


@pytest.mark.parametrize(
    ("text", "reason", "column"),
    [
        ("", "must not be empty", 1),
        (" _ ", "must not be empty", 1),
        ("x" * 201, "at most 200 characters", 1),
        ("sometimes", "does not begin like this", 1),
        ("at 9", "does not begin like this", 1),
        ("9", "does not begin like this", 1),
        ("daily!", "means nothing", 6),
        ("daily\n", "means nothing", 6),
        ("daily 9", "a time follows the word at", 7),
        ("daily at", "no time of the day", 9),
        ("daily at nine", "no time of the day", 10),
        ("daily at 25", "no such time of day", 10),
        ("daily at 13 pm", "the hours 1 to 12", 10),
        ("daily at 9:00 pm pm", "nothing more", 18),
        ("daily at 9 and", "no time of the day", 15),
        ("daily at 9 in the morning", "nothing more", 12),
        ("weekly", "on which day of the week", 7),
        ("weekly on", "no day of the week", 10),
        ("weekly on 1st", "no day of the week", 11),
        ("every monday and fryday", "no day of the week", 18),
        ("every 2000 mondays", "the number here is 1 to 1,000", 12),
        ("every 0 days", "the number here is 1 to 1,000", 9),
        ("every 5000 days", "the number here is 1 to 1,000", 12),
        ("monthly", "on which day of the month", 8),
        ("every 2 months", "on which day of the month", 15),
        ("monthly on friday", "no day of a month", 12),
        ("monthly on the 32nd", "no day of a month", 16),
        ("monthly on the 0th", "no day of a month", 16),
        ("monthly on the last", "the last of which days", 20),
        ("monthly on the 6th friday", "no such day in any month", 16),
        ("monthly on the 1st of may", "expected the word month", 23),
        ("monthly on the last weekday at 8 and 9", "only one time", 29),
        ("yearly", "on which day of the year", 7),
        ("yearly on 25", "no month", 13),
        ("yearly on 25 dezember", "no month", 14),
        ("yearly on february 30", "february has the days 1 to 29", 20),
        ("yearly on 31 april", "april has the days 1 to 30", 11),
        ("yearly on may last", "may has the days 1 to 31", 15),
        ("every", "say how often", 6),
        ("every other", "neither a day nor a span", 7),
        ("every moonday", "neither a day nor a span", 7),
        ("every 5 parsecs", "no unit of time", 9),
        ("every 5", "no unit", 7),
        ("every 0 minutes", "every second at most", 7),
        ("every 10 ms", "every second at most", 7),
        ("every 200 years on", "no day of a month", 19),
        ("@reboot", "no such schedule", 1),
    ],
)
def test_words_are_refused(text: str, reason: str, column: int) -> None:
    """What is no schedule is refused with the reason, where it stands."""
    with pytest.raises(ScheduleError, match=reason) as caught:
        parse_words(text)
    assert caught.value.column == column


def test_span_is_told_in_the_largest_unit_that_fits() -> None:
    """And in ISO 8601 where not even seconds do."""
    spans = [3_600_000_000, 5_400_000_000, 1_000_000, 1_000_001]
    assert [format_words(Interval(span)) for span in spans] == [
        "every hour",
        "every 90 minutes",
        "every second",
        "every PT1.000001S",
    ]
