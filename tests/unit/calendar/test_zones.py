"""Time zones: names, and the hours that a clock skips or repeats."""

from unittest.mock import patch
from zoneinfo import ZoneInfoNotFoundError

import pytest

from tests.unit.calendar.moments import DAY, HOUR, MINUTE, at
from worklattice.calendar import Zone, ZoneError, parse_zone
from worklattice.calendar import zones as module
from worklattice.calendar.zones import Repeat


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+3"])
def test_zone_is_known_by_its_name(name: str) -> None:
    """Names of the IANA database are read, and zones of the same name are equal."""
    assert parse_zone(name) == parse_zone(name)
    assert parse_zone(name).name == name


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("../../etc/passwd", "no name of a time zone"),
        ("/etc/passwd", "no name of a time zone"),
        ("Europe/../Europe/Berlin", "no name of a time zone"),
        ("Europe/Berlin\n", "no name of a time zone"),
        ("", "no name of a time zone"),
        ("Europe\x00", "no name of a time zone"),
        ("x" * 600, "at most 64 characters"),
        ("Europe", "no such time zone"),
        ("localtime", "no such time zone"),
        ("Nowhere", "no such time zone"),
        ("Europe/Berln", 'Did you mean "Europe/Berlin"'),
        ("europe/berlin", 'Did you mean "Europe/Berlin"'),
    ],
)
def test_other_names_are_refused(name: str, says: str) -> None:
    """No name reaches outside of the database, and a near miss is told what it is near to."""
    with pytest.raises(ZoneError, match=says):
        parse_zone(name)


def test_zone_that_cannot_be_read() -> None:
    """A database that lists a zone and does not have it is an error of the same kind."""
    module._zone.cache_clear()
    with (
        patch.object(module, "ZoneInfo", side_effect=ZoneInfoNotFoundError),
        pytest.raises(ZoneError, match="cannot be read"),
    ):
        parse_zone("Europe/Berlin")


SKIPPED = [
    ("Europe/Berlin", "2025-03-30T02:30Z", "2025-03-30T01:00Z"),
    ("America/New_York", "2025-03-09T02:00Z", "2025-03-09T07:00Z"),
    ("Australia/Lord_Howe", "2025-10-05T02:15Z", "2025-10-04T15:30Z"),
    ("America/Sao_Paulo", "2018-11-04T00:00Z", "2018-11-04T03:00Z"),
    ("Pacific/Apia", "2011-12-30T12:00Z", "2011-12-30T10:00Z"),
]


@pytest.mark.parametrize(("name", "shown", "moment"), SKIPPED)
def test_skipped_time_comes_when_the_clock_is_put_forward(name: str, shown: str, moment: str) -> None:
    """Half an hour, an hour, midnight or a whole day: all of it comes at the moment of the jump."""
    assert parse_zone(name).moment(at(shown)) == at(moment)


REPEATED = [
    ("Europe/Berlin", "2025-10-26T02:30Z", "2025-10-26T00:30Z", HOUR),
    ("America/New_York", "2025-11-02T01:00Z", "2025-11-02T05:00Z", HOUR),
    ("Australia/Lord_Howe", "2025-04-06T01:45Z", "2025-04-05T14:45Z", 30 * MINUTE),
    ("America/Sao_Paulo", "2018-02-17T23:30Z", "2018-02-18T01:30Z", HOUR),
]


@pytest.mark.parametrize(("name", "shown", "moment", "back"), REPEATED)
def test_repeated_time_comes_when_it_is_shown_first(name: str, shown: str, moment: str, back: int) -> None:
    """The clock shows it again later; both times the zone tells what is repeated."""
    zone, local, first = parse_zone(name), at(shown), at(moment)
    assert zone.moment(local) == first
    assert zone.local(first) == zone.local(first + back) == local
    once, again = zone.repeat(first), zone.repeat(first + back)
    assert once is not None
    assert once.start <= local < once.end == once.start + back
    assert not once.second
    assert again == Repeat(once.start, once.end, second=True)


def test_most_times_are_shown_once() -> None:
    """Outside of those hours nothing is repeated, and moments and times lead to each other."""
    zone = parse_zone("Europe/Berlin")
    for moment in range(at("2025-03-29"), at("2025-11-02"), 7 * HOUR + MINUTE):
        assert zone.repeat(moment) is None
        assert zone.moment(zone.local(moment)) == moment


def test_time_is_when_the_clock_first_shows_it_or_something_later() -> None:
    """The rule, taken literally, minute by minute over both changes of a year."""
    for name in ("Europe/Berlin", "Australia/Lord_Howe"):
        zone = parse_zone(name)
        for day in ("2025-03-29", "2025-04-05", "2025-10-04", "2025-10-25"):
            _check_literally(zone, at(day))


def _check_literally(zone: Zone, begin: int) -> None:
    first = begin - DAY
    shown: dict[int, int] = {}
    latest = zone.local(first) - 15 * MINUTE
    for moment in range(first, begin + 3 * DAY, 15 * MINUTE):
        while (local := latest + 15 * MINUTE) <= zone.local(moment):
            shown[local] = moment
            latest = local
    assert all(zone.moment(local) == moment for local, moment in shown.items())
