"""Working hours: a week in an office, and what is special about it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch

import pytest

from tests.unit.calendar.moments import DAY, HOUR, MINUTE, at, told
from worklattice.calendar import Calendar, parse_calendar, working
from worklattice.calendar.working import BLOCK_DAYS, BLOCKS, DAYS
from worklattice.lang.hours import HoursSpan
from worklattice.lang.times import EARLIEST, LATEST

OFFICE: dict[str, Any] = {
    "time_zone": "Europe/Berlin",
    "working_hours": {"mon-fri": ["09:00-12:00", "13:00-17:30"], "sat": []},
    "holidays": ["2025-12-25", {"start": "2025-12-29", "end": "2025-12-31"}],
    "extra_working_days": ["2025-12-20", {"date": "2025-12-21", "hours": ["10:00-14:00"]}],
}
office = parse_calendar(OFFICE)
nights = parse_calendar({"time_zone": "Europe/Berlin", "working_hours": {"daily": ["22:00-06:00"]}})
always = parse_calendar({"working_hours": {"daily": ["00:00-24:00"]}})


def only(hours: str, **more: Any) -> Calendar:
    return parse_calendar({"working_hours": {"mon": [hours]}, **more})


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2025-06-02T07:00Z", True),
        ("2025-06-02T06:59:59.999999Z", False),
        ("2025-06-02T10:00Z", False),
        ("2025-06-02T11:00Z", True),
        ("2025-06-02T15:30Z", False),
        ("2025-06-07T08:00Z", False),
        ("2025-12-25T09:00Z", False),
        ("2025-12-30T09:00Z", False),
        ("2025-12-20T09:00Z", True),
        ("2025-12-21T08:30Z", False),
        ("2025-12-21T09:30Z", True),
    ],
)
def test_office_is_open(moment: str, *, is_open: bool) -> None:
    """Spans begin with their first moment and end before their last; holidays and extra days count."""
    assert office.is_open(at(moment)) is is_open


def test_opening_and_closing() -> None:
    """Where it is open it opens now, where it is closed it closes now."""
    assert office.next_open(at("2025-06-06T16:00Z")) == at("2025-06-09T07:00Z")
    assert office.next_open(at("2025-06-06T08:00Z")) == at("2025-06-06T08:00Z")
    assert office.next_close(at("2025-06-06T08:00Z")) == at("2025-06-06T10:00Z")
    assert office.next_close(at("2025-06-06T16:00Z")) == at("2025-06-06T16:00Z")


def test_spans_that_touch_are_one() -> None:
    """From one span into the next nothing closes."""
    calendar = parse_calendar(
        {"working_hours": {"mon": ["08:00-12:00", "12:00-24:00"], "tue": ["00:00-01:00"]}}
    )
    assert calendar.next_close(at("2025-06-02T09:00Z")) == at("2025-06-03T01:00Z")


def test_what_never_closes() -> None:
    """Open day and night: it never closes, and time that passes is working time."""
    assert always.next_close(0) is None
    assert always.add_working(HOUR, 1_000 * DAY) == HOUR + 1_000 * DAY
    assert always.working_between(HOUR, 900 * DAY) == 900 * DAY - HOUR
    holiday = parse_calendar({"working_hours": {"daily": ["00:00-24:00"]}, "holidays": ["1980-01-01"]})
    assert holiday.next_close(0) == at("1980-01-01")


@pytest.mark.parametrize("amount", [0, 1, BLOCK_DAYS * DAY, 3 * BLOCK_DAYS * DAY])
def test_to_the_ends_of_blocks(amount: int) -> None:
    """What is remembered is cut where a block ends, and not a microsecond is lost there."""
    edge = 4 * DAY + 50 * BLOCK_DAYS * DAY
    for start in (edge - 2 * DAY, edge, edge + DAY, edge + 5 * DAY):
        for reached in (edge + sign * amount + more for sign in (1, -1) for more in (-1, 0, 1)):
            assert always.add_working(start, reached - start) == reached
            assert always.working_between(start, reached) == reached - start


def test_what_never_opens() -> None:
    """A calendar of which only a holiday is left does not open, and no work gets done."""
    once = Calendar(week=((),) * 7, exceptions={3: (HoursSpan(0, 60),)})
    assert once.next_close(3 * DAY) == 3 * DAY + HOUR
    calendar = Calendar(week=((),) * 7)
    assert calendar.next_open(0) is None
    assert calendar.next_close(0) == 0
    assert calendar.add_working(0, 1) is None
    assert calendar.add_working_days(0, 1) is None
    assert calendar.working_between(0, 5_000 * DAY) == 0


def test_work_that_would_take_longer_than_a_hundred_years_has_no_end() -> None:
    """Half an hour a week: 5,200 weeks lie within a hundred years, 5,220 do not, forwards and backwards."""
    calendar = parse_calendar({"working_hours": {"mon": ["06:00-06:30"]}})
    assert calendar.add_working(0, 2_600 * HOUR) is not None
    assert calendar.add_working(0, 2_610 * HOUR) is None
    assert calendar.add_working(0, -2_600 * HOUR) is not None
    assert calendar.add_working(0, -2_610 * HOUR) is None


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2025-06-02T07:00Z", 3, "2025-06-02T10:00Z"),
        ("2025-06-02T07:00Z", 4, "2025-06-02T12:00Z"),
        ("2025-06-02T05:00Z", 1, "2025-06-02T08:00Z"),
        ("2025-06-06T15:00Z", 1, "2025-06-09T07:30Z"),
        ("2025-06-02T07:00Z", 75, "2025-06-13T15:30Z"),
        ("2025-12-24T16:00Z", 1, "2025-12-26T08:30Z"),
        ("2025-06-02T10:00Z", 0, "2025-06-02T10:00Z"),
        ("2025-06-02T10:00Z", -3, "2025-06-02T07:00Z"),
        ("2025-06-09T08:00Z", -2, "2025-06-06T14:30Z"),
        ("2025-06-13T15:30Z", -75, "2025-06-02T07:00Z"),
    ],
)
def test_adding_working_time(start: str, hours: int, end: str) -> None:
    """Nights, lunch, weekends and holidays do not count; the first moment is told, going back the last."""
    assert told([office.add_working(at(start), hours * HOUR) or 0]) == told([at(end)])


def test_years_of_work() -> None:
    """Whole weeks are not walked through, and still nothing is miscounted: 104 weeks, two summer times."""
    start, end = at("2023-01-02T08:00Z"), at("2024-12-30T08:00Z")
    work = office.working_between(start, end)
    assert work == 104 * 5 * 7.5 * HOUR
    assert office.working_between(end, start) == -work
    assert office.add_working(start, work + MINUTE) == end + MINUTE
    assert office.add_working(end, -work - MINUTE) == at("2022-12-30T16:29Z")


def test_weeks_with_holidays() -> None:
    """Between plain weeks, four holidays and two extra days count: 9 weeks of 37.5 hours, and -30 + 11.5."""
    start, end = at("2025-11-03"), at("2026-01-05")
    assert office.working_between(start, end) == 319 * HOUR
    assert office.add_working(start, 319 * HOUR) == at("2026-01-02T16:30Z")
    assert office.add_working(end, -319 * HOUR) == at("2025-11-03T08:00Z")


def test_night_shift_over_the_change_of_the_clock() -> None:
    """A shift has seven hours when the clock is put forward, and nine when it is put back."""
    for day, hours in (("2025-03-29", 7), ("2025-10-25", 9), ("2025-06-01", 8)):
        begin = at(f"{day}T12:00Z")
        assert nights.working_between(begin, begin + DAY) == hours * HOUR


def test_week_in_which_the_clock_is_put_forward_and_back() -> None:
    """In Recife, in October of 2000, summer time lasted for a week; its nights are counted one by one."""
    calendar = parse_calendar({"time_zone": "America/Recife", "working_hours": {"daily": ["22:00-06:00"]}})
    start, end = at("2000-09-01T12:00Z"), at("2000-11-01T12:00Z")
    minutes = sum(calendar.is_open(moment) for moment in range(start, end, MINUTE))
    assert minutes == 61 * 8 * 60  # one hour less in one night, and one more in another
    assert calendar.working_between(start, end) == minutes * MINUTE
    for hours in range(1, 61 * 8, 5):
        reached = calendar.add_working(start, hours * HOUR)
        assert reached is not None
        assert calendar.working_between(start, reached) == hours * HOUR


def test_much_is_asked_about() -> None:
    """What is remembered is bounded, and forgetting it changes nothing."""
    calendar = parse_calendar({"working_hours": {"daily": ["22:00-06:00", "09:00-10:00"]}})
    for day in range(-10_000, 10_000, 9):
        assert calendar.working_between(day * DAY, (day + 1_000) * DAY) == 9_000 * HOUR
        assert calendar.add_working(day * DAY + 12 * HOUR, -9_000 * HOUR) == (day - 1_000) * DAY + 22 * HOUR
    assert calendar.working_between(at("1800-01-01"), at("2100-01-01")) == 109_573 * 9 * HOUR
    assert 0 < len(calendar._blocks) <= BLOCKS
    assert 0 < len(calendar._days) <= DAYS


def test_threads_ask_at_once() -> None:
    """Whoever fills the tables, all are told the same, and what one alone is told."""
    moments = [at("1995-01-01") + number * 97 * DAY for number in range(200)]
    alone = [parse_calendar(OFFICE).add_working(moment, 500 * HOUR) for moment in moments]
    shared = parse_calendar(OFFICE)

    def ask(_: int) -> list[int | None]:
        return [shared.add_working(moment, 500 * HOUR) for moment in moments]

    with (
        patch.object(working, "BLOCKS", 3),
        patch.object(working, "DAYS", 5),
        ThreadPoolExecutor(4) as threads,
    ):
        assert list(threads.map(ask, range(8))) == [alone] * 8


def test_shift_that_ends_in_a_skipped_hour() -> None:
    """It ends when the clock is put forward; a span all of it skipped is none."""
    shift = parse_calendar(
        {"time_zone": "Europe/Berlin", "working_hours": {"sun": ["01:00-02:30", "02:40-02:50"]}}
    )
    assert told([shift.next_close(at("2025-03-30T00:00Z")) or 0]) == ["2025-03-30T01:00"]
    assert told([shift.next_open(at("2025-03-30T01:00Z")) or 0]) == ["2025-04-05T23:00"]


def test_day_on_which_the_clock_goes_back_over_midnight() -> None:
    """Where the clock is put back into the day before, the new day's hours have begun all the same."""
    calendar = parse_calendar({"time_zone": "America/St_Johns", "working_hours": {"sun": ["00:00-01:00"]}})
    first = calendar.next_open(at("2010-11-06T20:00Z"))
    assert told([first or 0]) == ["2010-11-07T02:30"]
    assert calendar.is_open(at("2010-11-07T02:45Z"))
    assert calendar.working_between(at("2010-11-07"), at("2010-11-08")) == 2 * HOUR
    assert calendar.working_between(at("2010-11-07"), at("2010-11-07T02:45Z")) == 15 * MINUTE


def test_extra_day_that_runs_into_the_next() -> None:
    """What two days cover counts once."""
    calendar = only("05:00-09:00", extra_working_days=[{"date": "2025-06-01", "hours": ["22:00-06:00"]}])
    assert calendar.working_between(at("2025-06-01"), at("2025-06-03")) == 11 * HOUR
    assert calendar.working_between(at("2025-06-01"), at("2025-06-10")) == 15 * HOUR
    assert calendar.next_close(at("2025-06-01T22:00Z")) == at("2025-06-02T09:00Z")
    covered = only("03:00-05:00", extra_working_days=[{"date": "2025-06-01", "hours": ["22:00-06:00"]}])
    assert covered.working_between(at("2025-06-01"), at("2025-06-03")) == 8 * HOUR


def test_extra_day_without_hours_of_its_own() -> None:
    """It has those of its weekday, or of the first that has any."""
    calendar = parse_calendar(
        {
            "working_hours": {"tue": ["08:00-10:00"], "wed": ["12:00-13:00"]},
            "holidays": ["2025-06-04"],
            "extra_working_days": ["2025-06-04", "2025-06-07"],
        }
    )
    assert calendar.is_open(at("2025-06-04T12:30Z"))
    assert calendar.is_open(at("2025-06-07T08:30Z"))


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2025-06-06T14:00Z", 1, "2025-06-09T14:00Z"),
        ("2025-06-07T14:00Z", 1, "2025-06-09T14:00Z"),
        ("2025-06-09T14:00Z", -1, "2025-06-06T14:00Z"),
        ("2025-06-08T14:00Z", -3, "2025-06-04T14:00Z"),
        ("2025-06-08T14:00Z", 0, "2025-06-08T14:00Z"),
        ("2025-03-28T14:00Z", 1, "2025-03-31T13:00Z"),
        ("2025-12-24T14:00Z", 2, "2026-01-01T14:00Z"),
    ],
)
def test_adding_working_days(start: str, days: int, end: str) -> None:
    """The same time of the day, by the clock, so many dates with working hours away."""
    assert told([office.add_working_days(at(start), days) or 0]) == told([at(end)])


def test_at_the_ends_of_time() -> None:
    """What lies beyond the year 9999 is not there."""
    late = LATEST - 3 * DAY
    assert office.add_working(late, 1_000 * HOUR) is None
    assert office.add_working_days(late, 50) is None
    assert office.next_open(late + DAY) is None
    assert office.add_working(EARLIEST + 3 * DAY, -1_000 * HOUR) is None
