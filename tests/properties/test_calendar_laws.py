"""Laws of schedules and calendars, against libraries that read the same, and against minutes counted out."""

from bisect import bisect_right
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice, pairwise
from typing import Any

from cronsim import CronSim
from dateutil.rrule import rrulestr
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tests.unit.calendar.moments import DAY, HOUR, MINUTE, at
from worklattice.calendar import Calendar, Zone, parse_calendar, parse_schedule, parse_zone
from worklattice.errors import ValidationError
from worklattice.lang.schedules import parse_words
from worklattice.lang.times import from_micros, to_micros
from worklattice.lang.wording import format_words

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CHANGES = (
    "2025-03-30T01:00Z",
    "2025-10-26T01:00Z",
    "2025-03-09T07:00Z",
    "2018-02-18T02:00Z",
    "2025-10-04T15:30Z",
)

zones = st.sampled_from(ZONES)
minutes_away = st.tuples(st.sampled_from(CHANGES), st.integers(-1500, 1500))
moments = st.one_of(
    st.integers(at("2015-01-01"), at("2035-01-01")),
    minutes_away.map(lambda pair: at(pair[0]) + pair[1] * MINUTE),
)
clocks = st.tuples(st.integers(0, 23), st.integers(0, 59))


# --- words -----------------------------------------------------------------------------------------------


def spelled(clock: tuple[int, int]) -> str:
    return f"{clock[0]:02d}:{clock[1]:02d}"


@st.composite
def words(draw: st.DrawFn) -> str:
    """Schedules in words, of all kinds."""
    times = " and ".join(map(spelled, draw(st.lists(clocks, min_size=1, max_size=3))))
    number = draw(st.integers(1, 5))
    days = " and ".join(draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=3)))
    nth = draw(st.sampled_from(["1st", "2nd", "third", "4th", "fifth", "last", "1st and last"]))
    day = draw(st.sampled_from([*DAYS, "day"]))
    return draw(
        st.sampled_from(
            [
                f"every {number} days at {times}",
                f"every {number} weeks on {days} at {times}",
                f"every {days} at {times}",
                f"every {number} months on the {nth} {day} at {times}",
                f"every {number} months on the {draw(st.integers(1, 31))}th at {times}",
                f"monthly on the {nth} weekday at {times.split()[0]}",
                f"every {number} years on {draw(st.integers(1, 28))} february at {times}",
                f"every {number} hours {draw(st.integers(1, 59))} minutes",
                f"every {number} minutes",
                "weekdays",
                "weekends at noon",
                "@hourly",
                "@yearly",
            ]
        )
    )


@given(words())
def test_written_words_read_back(text: str) -> None:
    """The canonical form says the same, and is its own canonical form."""
    said = parse_words(text)
    assert parse_words(format_words(said)) == said


@given(st.text(alphabet="dailyevrmonthstkw 0129:@*/-#,_\n", max_size=20))
def test_any_text_is_a_schedule_or_refused(text: str) -> None:
    """Whatever is written, it has a next occurrence, or is refused."""
    with suppress(ValidationError):
        assert parse_schedule(text).next_after(0) is not None


crons = st.tuples(
    st.sampled_from(["0", "30", "*/15", "5,35", "0-10", "*", "7/20"]),
    st.sampled_from(["0", "2", "*/3", "1-3", "*", "2,23"]),
    st.sampled_from(["*", "1", "15", "L", "*/10", "31"]),
    st.sampled_from(["*", "3", "10-11", "*/4", "2"]),
    st.sampled_from(["*", "0", "mon-fri", "7", "FRI#2", "6L"]),
).map(" ".join)


@given(st.one_of(words(), crons), zones, moments)
def test_occurrences_ascend_and_find_themselves(text: str, zone: str, after: int) -> None:
    """Each is after the one before, each is found from just before it, and nothing lies between."""
    try:
        schedule = parse_schedule({"at": text, "time_zone": zone})
    except ValidationError:
        assume(False)  # noqa: FBT003 - that day is in none of those months
        return
    found = [after, *schedule.occurrences(after, 8)]
    assert all(one < other for one, other in pairwise(found))
    for one, other in pairwise(found):
        assert schedule.next_after(other - 1) == other
        assert schedule.next_after((one + other) // 2) == other


# --- against cronsim ---------------------------------------------------------------------------------------


def by_cronsim(cron: str, zone: str, after: int, limit: int) -> list[int]:
    """What cronsim tells in the zone, without what it tells twice, or again from within a repeated hour."""
    begin = from_micros(after).astimezone(parse_zone(zone)._info)
    found: list[int] = []
    for moment in islice(CronSim(cron, begin), 3 * limit + 70):
        told = to_micros(moment.astimezone(UTC))
        if told > (found[-1] if found else after):
            found.append(told)
    return found[:limit]


@st.composite
def words_and_crons(draw: st.DrawFn) -> tuple[str, str]:
    """The same schedule in words and as a cron expression."""
    clock = draw(clocks)
    hour, minute = clock
    day = draw(st.sampled_from(range(7)))
    number = draw(st.integers(1, 31))
    return draw(
        st.sampled_from(
            [
                (f"daily at {spelled(clock)}", f"{minute} {hour} * * *"),
                (f"weekdays at {spelled(clock)}", f"{minute} {hour} * * 1-5"),
                (f"every {DAYS[day]} at {spelled(clock)}", f"{minute} {hour} * * {day + 1}"),
                (f"monthly on day {number} at {spelled(clock)}", f"{minute} {hour} {number} * *"),
                (f"monthly on the last day at {spelled(clock)}", f"{minute} {hour} L * *"),
                (f"monthly on the 2nd {DAYS[day]} at {spelled(clock)}", f"{minute} {hour} * * {day + 1}#2"),
                (f"monthly on the last {DAYS[day]} at {spelled(clock)}", f"{minute} {hour} * * {day + 1}L"),
                (f"monthly on the last weekday at {spelled(clock)}", f"{minute} {hour} LW * *"),
                (f"quarterly on the 1st at {spelled(clock)}", f"{minute} {hour} 1 1,4,7,10 *"),
                (f"yearly on 29 february at {spelled(clock)}", f"{minute} {hour} 29 2 *"),
                ("every 15 minutes", "*/15 * * * *"),
                ("every minute", "* * * * *"),
                ("hourly", "0 * * * *"),
            ]
        )
    )


@given(words_and_crons(), zones, moments)
def test_words_mean_what_cron_means(pair: tuple[str, str], zone: str, after: int) -> None:
    """The words, the expression, and cronsim on its own agree, over the changes of the clock too."""
    said, cron = (parse_schedule({"at": text, "time_zone": zone}) for text in pair)
    found = said.occurrences(after, 6)
    assert found == cron.occurrences(after, 6)
    assert found == by_cronsim(pair[1], zone, after, 6)


@given(crons, st.sampled_from(["UTC", "Asia/Kathmandu"]), moments)
def test_cron_is_what_cronsim_says(cron: str, zone: str, after: int) -> None:
    """Where no clock is changed, nothing is added to the library, and nothing taken away."""
    try:
        schedule = parse_schedule({"cron": cron, "time_zone": zone})
    except ValidationError:
        assume(False)  # noqa: FBT003 - that day is in none of those months
        return
    assert schedule.occurrences(after, 6) == by_cronsim(cron, zone, after, 6)


# --- against dateutil --------------------------------------------------------------------------------------


def numbers(low: int, high: int, *, from_end: bool = False, most: int = 4) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    if from_end:
        number = st.one_of(number, number.map(int.__neg__))
    return st.lists(number, min_size=1, max_size=most, unique=True).map(
        lambda found: ",".join(map(str, found))
    )


def some_days(*, numbered: bool) -> st.SearchStrategy[str]:
    day = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
    if numbered:
        day = st.tuples(st.sampled_from(["1", "2", "4", "-1", "-2"]), day).map("".join)
    return st.lists(day, min_size=1, max_size=3, unique=True).map(",".join)


@st.composite
def rrules(draw: st.DrawFn) -> str:
    """Rules with parts that go together; those that dateutil reads in its own way are left out.

    It takes the first week of WEEKLY with BYSETPOS in part only, and wants BYDAY=MO,2TU to be both at once.
    """
    freq = draw(st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY"]))
    parts: dict[str, Any] = {"FREQ": freq, "INTERVAL": draw(st.integers(1, 4))}
    optional: dict[str, st.SearchStrategy[str]] = {"BYMONTH": numbers(1, 12), "BYMINUTE": numbers(0, 59)}
    optional["BYHOUR"] = numbers(0, 23)
    optional["BYDAY"] = some_days(numbered=freq in {"YEARLY", "MONTHLY"} and draw(st.booleans()))
    if freq != "WEEKLY":
        optional["BYMONTHDAY"] = numbers(1, 31, from_end=True)
    if freq in {"YEARLY", "HOURLY"}:
        optional["BYYEARDAY"] = numbers(1, 366, from_end=True)
    if freq in {"YEARLY", "MONTHLY", "DAILY"}:
        optional["BYSETPOS"] = numbers(1, 3, from_end=True)
        optional["BYSECOND"] = numbers(0, 59)
    if freq == "YEARLY":
        optional["BYWEEKNO"] = numbers(1, 53, from_end=True)
    chosen = draw(st.lists(st.sampled_from(sorted(optional)), max_size=3, unique=True))
    for name in chosen:
        parts[name] = draw(optional[name])
    if "BYWEEKNO" in parts and any(character.isdigit() for character in parts.get("BYDAY", "")):
        parts["BYDAY"] = "MO,FR"
    parts["WKST"] = draw(st.sampled_from(["MO", "SU", "TH"]))
    return ";".join(f"{name}={value}" for name, value in parts.items())


def by_dateutil(rule: str, start: datetime, until: datetime, limit: int) -> list[int]:
    bounded = rrulestr(f"{rule};UNTIL={until:%Y%m%dT%H%M%S}", dtstart=start)
    return [to_micros(moment.replace(tzinfo=UTC)) for moment in islice(bounded, limit)]


@st.composite
def crowded_rrules(draw: st.DrawFn) -> str:
    """Rules of many times a day, of which positions from either end of a period choose some."""
    freq = draw(st.sampled_from(["YEARLY", "MONTHLY", "DAILY"]))
    hours, minutes = draw(numbers(0, 23, most=24)), draw(numbers(0, 59, most=6))
    positions = draw(numbers(1, {"YEARLY": 366, "MONTHLY": 90, "DAILY": 20}[freq], from_end=True, most=6))
    days = draw(st.sampled_from(["BYDAY=MO,TU,WE,TH,FR", "BYMONTH=2,3", "BYMONTHDAY=1,-1", "BYDAY=SU"]))
    return f"FREQ={freq};{days};BYHOUR={hours};BYMINUTE={minutes};BYSETPOS={positions}"


@given(st.one_of(rrules(), crowded_rrules()), st.integers(at("9980-01-01"), at("9995-01-01")))
@example("FREQ=MONTHLY;INTERVAL=1;BYMONTH=1;BYSETPOS=1", at("9980-01-01"))
@example("FREQ=YEARLY;BYMONTH=12;BYWEEKNO=-40;WKST=TH", at("9980-01-01"))
def test_rrule_is_what_dateutil_says(rule: str, start: int) -> None:
    """The same occurrences from the same start, for three years.

    Late ones: where a rule never comes, dateutil searches until the year 9999, in spite of UNTIL.
    """
    begin = from_micros(start - start % MINUTE).replace(tzinfo=None)
    until = begin + timedelta(days=1_100)
    try:
        expected = by_dateutil(rule, begin, until, 12)
    except ValueError:  # dateutil sees that some rules can never come
        expected = []
    said = {"rrule": rule, "start": begin.isoformat(), "end": until.isoformat()}
    try:
        schedule = parse_schedule(said)
    except ValidationError:
        assert expected == []
        return
    assert schedule.occurrences(to_micros(begin.replace(tzinfo=UTC)) - 1, 12) == expected
    if expected:
        assert schedule.occurrences(expected[-1] - 1, 1) == expected[-1:]


@st.composite
def rare_rrules(draw: st.DrawFn) -> str:
    """Rules that come once in years or decades, or never."""
    freq = draw(st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY"]))
    days = {
        "YEARLY": ["BYDAY=53MO", "BYYEARDAY=366", "BYYEARDAY=-366;BYDAY=TU", "BYWEEKNO=53;BYDAY=TH"],
        "MONTHLY": ["BYMONTHDAY=29;BYMONTH=2", "BYDAY=FR;BYMONTHDAY=13", "BYDAY=5MO;BYMONTH=2"],
        "WEEKLY": ["BYDAY=MO;BYMONTH=2", "BYDAY=TU,SU"],
        "DAILY": ["BYMONTH=2;BYMONTHDAY=29", "BYMONTHDAY=-31;BYDAY=WE", "BYHOUR=7"],
    }
    interval = draw(st.one_of(st.integers(1, 9), st.integers(1, 1_500)))
    return f"FREQ={freq};INTERVAL={interval};{draw(st.sampled_from(days[freq]))}"


@given(rare_rrules(), st.integers(at("9905-01-01"), at("9985-01-01")))
def test_what_is_rare_is_found_where_dateutil_finds_it(rule: str, start: int) -> None:
    """Over all the years that are left, of which there are fewer than are searched."""
    begin, until = from_micros(start).replace(tzinfo=None, microsecond=0), datetime(9998, 12, 31)  # noqa: DTZ001 - what a clock shows
    expected = by_dateutil(rule, begin, until, 4)
    said = {"rrule": rule, "start": begin.isoformat(), "end": until.isoformat()}
    try:
        found = parse_schedule(said).occurrences(start - DAY, 4)
    except ValidationError:
        found = []
    assert found == expected


slots = st.tuples(st.integers(1, 10_000), st.integers(0, 23), st.integers(0, 59), st.integers(0, 1_439))


@example((1_439, 5, 3, 0), "MINUTELY")
@example((1_441, 5, 3, 1_439), "MINUTELY")
@example((2, 0, 1, 0), "MINUTELY")
@given(slots, st.sampled_from(["HOURLY", "MINUTELY"]))
def test_steps_of_hours_and_minutes_are_steps_counted_out(
    slots: tuple[int, int, int, int], freq: str
) -> None:
    """The first and the second step that falls into the minute or hour that is named, however far off."""
    interval, hour, minute, since = slots
    size = HOUR if freq == "HOURLY" else MINUTE
    begin = at("2025-01-01") + since * MINUTE
    steps = range(begin // size, (begin + 36_500 * DAY) // size, interval)
    in_hour = (step for step in steps if step * size // HOUR % 24 == hour)
    expected = [
        step * size + (minute * MINUTE if freq == "HOURLY" else 0)
        for step in islice(in_hour, 2_000)
        if freq == "HOURLY" or step % 60 == minute
    ]
    said = {"rrule": f"FREQ={freq};INTERVAL={interval};BYHOUR={hour};BYMINUTE={minute}"}
    try:
        schedule = parse_schedule({**said, "start": from_micros(begin).replace(tzinfo=None).isoformat()})
    except ValidationError:
        assert expected == []
        return
    limit = min(2, len(expected))
    assert schedule.occurrences(0, limit) == [step for step in expected if step >= begin][:limit]


# --- against minutes, counted out ---------------------------------------------------------------------------


@lru_cache
def when_reached(zone: Zone, begin: int, end: int) -> dict[int, int]:
    """When the clock first shows each minute, or something later."""
    reached: dict[int, int] = {}
    latest = zone.local(begin - 3 * DAY) // MINUTE
    for moment in range(begin - 3 * DAY, end + 3 * DAY, MINUTE):
        for minute in range(latest + 1, zone.local(moment) // MINUTE + 1):
            reached[minute] = moment
            latest = minute
    return reached


def naive_minutes(calendar: Calendar, begin: int, end: int) -> list[bool]:
    """Whether each minute is worked: of each span, all from when the clock first reaches its start on."""
    reached = when_reached(calendar.zone, begin, end)
    worked = [False] * ((end - begin) // MINUTE)
    for day in range(begin // DAY - 2, end // DAY + 2):
        weekday = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).weekday()
        for start, stop in calendar.exceptions.get(day, calendar.week[weekday]):
            since, to = reached[day * 1_440 + start], reached.get(day * 1_440 + stop, end)
            for minute in range(max(since, begin), min(to, end), MINUTE):
                worked[(minute - begin) // MINUTE] = True
    return worked


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Calendars with spans that are apart, some of them over midnight, and with special days."""
    hours: dict[str, list[str]] = {}
    for day in draw(st.lists(st.sampled_from(DAYS), min_size=1, unique=True)):
        bounds = sorted(draw(st.lists(st.integers(12, 47), min_size=2, max_size=4, unique=True)))
        spans = [f"{a // 2:02d}:{a % 2 * 30:02d}-{b // 2:02d}:{b % 2 * 30:02d}" for a, b in pairwise(bounds)][
            ::2
        ]
        hours[day] = [*spans, "23:45-02:30"] if draw(st.booleans()) else spans
    dates = st.integers(0, 20).map(lambda day: f"{from_micros(at('2025-10-15') + day * DAY):%Y-%m-%d}")
    return parse_calendar(
        {
            "time_zone": draw(zones),
            "working_hours": hours,
            "holidays": draw(st.lists(dates, max_size=3)),
            "extra_working_days": [
                {"date": date, "hours": ["00:30-03:00", "08:00-09:00"]}
                for date in draw(st.lists(dates, max_size=2))
            ],
        }
    )


@given(
    calendars(),
    st.sampled_from(["2025-03-20", "2025-10-18", "2025-03-02", "2018-02-08", "2025-09-25"]),
    st.data(),
)
def test_working_hours_are_minutes_counted_out(calendar: Calendar, first: str, data: st.DataObject) -> None:
    """Open, next opening, next closing, sums and what is added: as a list of minutes has it."""
    begin, end = at(first), at(first) + 24 * DAY
    worked = naive_minutes(calendar, begin, end)
    open_minutes = [begin + index * MINUTE for index, open_now in enumerate(worked) if open_now]
    one, other = (begin + data.draw(st.integers(0, len(worked) - 1)) * MINUTE for _ in range(2))
    start, stop = min(one, other), max(one, other)

    assert calendar.is_open(start) is worked[(start - begin) // MINUTE]
    assert calendar.is_open(start + MINUTE - 1) is worked[(start - begin) // MINUTE]
    left, right = bisect_right(open_minutes, start - 1), bisect_right(open_minutes, stop - 1)
    assert calendar.working_between(start, stop) == (right - left) * MINUTE
    if left < len(open_minutes):
        assert calendar.next_open(start) == open_minutes[left]
    closed = next((m for m in range(start, end, MINUTE) if not worked[(m - begin) // MINUTE]), None)
    if closed is not None:
        assert calendar.next_close(start) == closed
    if right > left:
        amount = data.draw(st.integers(1, right - left))
        assert calendar.add_working(start, amount * MINUTE) == open_minutes[left + amount - 1] + MINUTE
        assert calendar.add_working(stop, -amount * MINUTE) == open_minutes[right - amount]


@example(parse_calendar({"working_hours": {"mon": ["06:00-06:30"]}}), at("2015-01-01"), 2610)
@given(calendars(), moments, st.integers(1, 20_000))
def test_work_that_is_added_is_there(calendar: Calendar, start: int, hours: int) -> None:
    """What was added lies between, over decades; and going back leads no further than to where one was."""
    week = sum(span.end - span.start for spans in calendar.week for span in spans) * MINUTE
    amount = min(hours * HOUR, 5_000 * week)  # 5,000 weeks are less than the 100 years that are looked ahead
    end = calendar.add_working(start, amount)
    assert end is not None
    assert calendar.working_between(start, end) == amount
    back = calendar.add_working(end, -amount)
    assert back is not None
    assert back >= start
    assert calendar.working_between(start, back) == 0


def walked(calendar: Calendar, start: int, stop: int) -> int:
    """The working time between two moments, one day after the other."""
    days = range(start // DAY - 3, stop // DAY + 4)
    openings = (opening for day in days for opening in calendar._openings(day))
    return sum(max(min(end, stop) - max(begin, start), 0) for begin, end in openings)


near = st.tuples(st.integers(-700, 700), st.integers(0, DAY - 1)).map(
    lambda pair: at("2025-10-25") + pair[0] * DAY + pair[1]
)


@given(calendars(), near, near, st.integers(1, 3_000 * HOUR))
def test_working_hours_are_days_walked_through(calendar: Calendar, one: int, other: int, amount: int) -> None:
    """Over years, to the microsecond: what lies between, the first moment ahead, and the last one back."""
    start, stop = min(one, other), max(one, other)
    assert calendar.working_between(start, stop) == walked(calendar, start, stop)
    amount = min(amount, max(walked(calendar, start, stop), HOUR))
    ahead, back = calendar.add_working(start, amount), calendar.add_working(stop, -amount)
    assert ahead is not None
    assert back is not None
    assert (walked(calendar, start, ahead), walked(calendar, start, ahead - 1)) == (amount, amount - 1)
    assert (walked(calendar, back, stop), walked(calendar, back + 1, stop)) == (amount, amount - 1)
