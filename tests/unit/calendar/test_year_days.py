"""Days of a year as bits."""

from datetime import date

import pytest

from worklattice.calendar.year_days import allowed_days, every, first_day, month_spans, ones
from worklattice.lang.recurrence import Recurrence, Weekday

BEGIN = date(2025, 1, 6)


def dates(rule: Recurrence, year: int) -> list[str]:
    """The days that the rule allows in a year, as month and day."""
    found = (date.fromordinal(first_day(year) + at) for at in ones(allowed_days(rule, BEGIN, year)))
    return [f"{day:%m-%d}" for day in found]


def test_years_are_as_dates_have_them() -> None:
    """Years begin and months are as long as `date` says, and others begin somewhere too."""
    for year in (1, 4, 1900, 2000, 2024, 2025, 9999):
        assert first_day(year) == date(year, 1, 1).toordinal()
        begins = [date(year, month, 1).toordinal() - first_day(year) for month in range(1, 13)]
        assert [at for at, _ in month_spans(year)] == begins
    assert first_day(1) - first_day(0) == 366
    assert first_day(10_000) == date.max.toordinal() + 1


def test_bits_at_even_distances() -> None:
    """They begin with the first, and end with the last that is below the length."""
    assert list(ones(every(3, 10))) == [0, 3, 6, 9]
    assert list(ones(every(3, 9))) == [0, 3, 6]
    assert list(ones(every(10, 9))) == [0]
    assert list(ones(0)) == []


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Recurrence(frequency="daily", interval=100), "01-06 04-16 07-25 11-02"),
        (Recurrence(frequency="weekly", interval=20, weekdays=(Weekday(6),)), "01-12 06-01 10-19"),
        (Recurrence(frequency="monthly", interval=5, month_days=(-1,)), "01-31 06-30 11-30"),
        (
            Recurrence(frequency="monthly", weekdays=(Weekday(4, 5), Weekday(4, -5))),
            "01-03 01-31 05-02 05-30 08-01 08-29 10-03 10-31",
        ),
        (Recurrence(frequency="yearly", weekdays=(Weekday(2, 53), Weekday(2, -53))), "01-01 12-31"),
        (Recurrence(frequency="yearly", year_days=(1, 366, -1, -366)), "01-01 12-31"),
        (Recurrence(frequency="yearly", weeks=(1,), weekdays=(Weekday(2), Weekday(6))), "01-01 01-05 12-31"),
        (Recurrence(frequency="yearly", months=(2,), month_days=(29,)), ""),
    ],
)
def test_days_of_2025(rule: Recurrence, expected: str) -> None:
    """From Monday, the sixth, on, and before it in the same steps."""
    assert " ".join(dates(rule, 2025)) == expected


def test_years_out_of_step() -> None:
    """A year that the interval leaves out has no days."""
    rule = Recurrence(frequency="yearly", interval=3, months=(1,), month_days=(6,))
    assert [year for year in range(2020, 2030) if dates(rule, year)] == [2022, 2025, 2028]
