import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from worklattice.lang.decimals import exact, write_decimal
from worklattice.lang.quantities import Quantity, QuantityError, Range, format_quantity
from worklattice.lang.quantity_parsing import (
    LONGEST_NAME,
    LONGEST_TEXT,
    parse_quantity,
    parse_range,
    quantity_of,
)
from worklattice.lang.units import AMBIGUOUS, BARE, LISTED, UnitMismatchError, find_unit


def quantity(text: str) -> Quantity:
    return parse_quantity(text)


@pytest.mark.parametrize(
    ("text", "written", "kind"),
    [
        ("200ms", "200 ms", "time"),
        ("1%", "1%", "share"),
        ("0.10 %", "0.1%", "share"),
        ("5 percent", "5%", "share"),
        ("5\u00a0%", "5%", "share"),
        ("90 per cent", "90%", "share"),
        ("5 Per-Mille", "5\u2030", "share"),
        ("5 m\u00b2", "5 m\u00b2", "#m\u00b2"),
        ("5 thousands", "5000", "number"),
        ("$2 trillion", "$2000000000000", "dollars"),
        ("4.5/5", "4.5/5", "/5"),
        ("9 / 10.0", "9/10", "/10"),
        ("1000 tps", "1000 tps", "transactions/time"),
        ("1k tps", "1000 tps", "transactions/time"),
        ("80 story_points", "80 story_points", "#story_point"),
        ("80 Story points", "80 Story_points", "#story_point"),
        ("5 person-days", "5 person_days", "#person_dai"),
        ("5 to_dos", "5 to_dos", "#to_do"),
        ("$2M", "$2000000", "dollars"),
        ("$2 million", "$2000000", "dollars"),
        ("$2b", "$2000000000", "dollars"),
        ("-$5", "-$5", "dollars"),
        ("$ -5", "-$5", "dollars"),
        ("5 USD", "$5", "dollars"),
        ("€1.5k", "€1500", "euros"),
        ("$5/hour", "$5/h", "dollars/time"),
        ("30_minutes", "30 min", "time"),
        ("3 weeks", "3 w", "time"),
        ("5m", "5 min", "time"),
        ("5M", "5000000", "number"),
        ("2 million users", "2000000 users", "#user"),
        ("PT2H", "2 h", "time"),
        ("P1DT30M", "1470 min", "time"),
        ("1 hour 30 minutes", "90 min", "time"),
        ("1h30m", "90 min", "time"),
        ("-1 hour 30 minutes", "-90 min", "time"),
        ("-0 h 30 min", "-30 min", "time"),
        ("5GB", "5 GB", "data"),
        ("5 gb", "5 GB", "data"),
        ("5GiB", "5 GiB", "data"),
        ("100 Mbit/s", "100 Mbit/s", "data/time"),
        ("10 per minute", "10/min", "number/time"),
        ("100_requests_per_second", "100 requests/s", "requests/time"),
        ("7", "7", "number"),
        (".5", "0.5", "number"),
        ("+5e-3 s", "0.005 s", "time"),
        ("\u22125%", "-5%", "share"),
        ("12345678901234567890123456", "1.2345678901234567890123456e25", "number"),
        ("1e-20", "1e-20", "number"),
    ],
)
def test_quantity_is_read(text: str, written: str, kind: str) -> None:
    """A number and a unit are read as people write them, and written canonically."""
    read = quantity(text)
    assert (str(read), read.unit.kind) == (written, kind)
    assert quantity(written) == read


@pytest.mark.parametrize(
    ("text", "reason", "column"),
    [
        ("", "must not be empty", 1),
        ("ms", "expected a number", 1),
        ("$", "expected a number", 2),
        ("--5", "one sign is enough", 2),
        ("-" * 150, "one sign is enough", 2),
        pytest.param("-" * 1_000_000, "at most 200 characters", 1, id="a million minus signs"),
        ("NaN", "no finite number", 1),
        ("-inf", "no finite number", 2),
        ("\uff15", "only the digits 0 to 9", 1),
        ("1\uff15", "only the digits 0 to 9", 2),
        ("1_000", "not put in groups", 2),
        ("1,000", "not put in groups", 2),
        ("1 000", "not put in groups", 2),
        ("1.2.3", "this is no number", 4),
        ("1%%", "one unit is enough", 3),
        ("9**9**9", "no arithmetic", 2),
        ("5 -", "no arithmetic", 2),
        ("1e999%", "too large", 1),
        ("1e-999", "too small", 1),
        ("1e308k", "too large", 1),
        ("1" * 51, "at most 50 digits", 1),
        ("1/" + "1" * 51, "at most 50 digits", 3),
        ("2-4 hours", "this is a range", 2),
        ("6/5", "6 does not lie on the scale from 0 to 5", 1),
        ("-1/5", "-1 does not lie on the scale", 2),
        ("5/0", "a scale ends above 0", 3),
        ("5 ms nad y", '"nad" cannot stand behind the unit ms', 6),
        ("5 M", "M may mean minutes or millions", 3),
        ("5Mb", "Mb may mean bits or bytes", 2),
        ("5 k", "k may mean a scale or a unit", 3),
        ("5 K users", "K may mean a scale or a unit", 3),
        ("5 \uff4b", "may mean a scale or a unit", 3),
        ("5 bn", "bn may mean a scale or a unit", 3),
        ("5mn", "mn may mean a scale or a unit", 2),
        ("5Bn", "Bn may mean a scale or a unit", 2),
        ("$5 k", '"k" cannot stand here', 4),
        ("5\u00bd", "only the digits 0 to 9 count", 2),
        ("10\u00b2", "only the digits 0 to 9 count", 3),
        ("5 \u216f", "may mean minutes or millions", 3),
        ("5 \u4e07", "only the digits 0 to 9 count", 3),
        ("5 users \u00bd", "only the digits 0 to 9 count", 9),
        ("5 CO2", '"2" cannot stand here', 5),
        ("5 and", '"and" cannot stand here', 3),
        ("5 ms/", "expected a unit", 6),
        ("5 hours 30", '"30" cannot stand here', 9),
        ("5 hours 3 bananas", "no unit of time", 11),
        ("30 minutes 1 hour", "largest unit to the smallest", 12),
        ("PT2X", "cannot stand here", 4),
        ("5 " + "x" * (LONGEST_NAME + 1), "at most 40 characters", 3),
        ("5" + " " * LONGEST_TEXT, "at most 200 characters", 1),
        ("5 m\0", "U+0000", 4),
    ],
)
def test_quantity_is_refused(text: str, reason: str, column: int) -> None:
    """What is no quantity is refused with the reason, where it stands."""
    with pytest.raises(QuantityError, match=re.escape(reason)) as caught:
        quantity(text)
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2-4 hours", "2 h to 4 h"),
        ("2 h - 4 h", "2 h to 4 h"),
        ("30 min \u2013 2 h", "30 min to 2 h"),
        ("2 hours to 4", "2 h to 4 h"),
        ("PT1H-PT2H", "1 h to 2 h"),
        ("1 hour 30 minutes to 2 hours", "90 min to 2 h"),
        ("$2k-4k", "$2000 to $4000"),
        ("4-5/5", "4/5 to 5/5"),
        ("-5--2", "-5 to -2"),
        ("3 weeks", "3 w"),
        ("1-1 h", "1 h"),
    ],
)
def test_range_is_read(text: str, written: str) -> None:
    """A range has two ends, one of which may leave the unit to the other."""
    read = parse_range(text)
    assert str(read) == written
    assert parse_range(written) == read


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "must not be empty"),
        ("4-2 h", "from the lower end to the higher"),
        ("2 h - 4%", "h cannot be compared with %"),
        ("9 to 4/5", "9 does not lie on the scale from 0 to 5"),
        ("2-4k", "not clear whether both"),
        ("$1-2k", "not clear whether both"),
        ("2-4-6", "this is a range"),
        ("5 -", "no arithmetic"),
    ],
)
def test_range_is_refused(text: str, reason: str) -> None:
    """A range that goes nowhere, or may be read in two ways, is refused."""
    with pytest.raises(QuantityError) as caught:
        parse_range(text)
    assert reason in caught.value.reason


def test_range_is_not_built_the_wrong_way_round() -> None:
    """Neither is one between units that do not compare."""
    with pytest.raises(ValueError, match="lower end to the higher"):
        Range(quantity("2 h"), quantity("30 min"))
    with pytest.raises(UnitMismatchError):
        Range(quantity("2 h"), quantity("3%"))


@pytest.mark.parametrize(
    ("text", "unit", "there"),
    [
        ("90 min", "h", "1.5 h"),
        ("1 GiB", "MB", "1073.741824 MB"),
        ("60 req/min", "rps", "1 rps"),
        ("10 per minute", "Hz", "0.166667 Hz"),
        ("8 Mbps", "MB", None),
        ("1 year", "months", "12 mo"),
        ("0.5 %", "ppm", "5000 ppm"),
    ],
)
def test_quantity_in_another_unit(text: str, unit: str, there: str | None) -> None:
    """Units of one kind are counted in one another, exactly; others are not."""
    other = quantity(f"1 {unit}").unit
    if there is None:
        with pytest.raises(UnitMismatchError):
            quantity(text).in_unit(other)
    else:
        moved = quantity(text).in_unit(other)
        assert str(moved) == there
        assert moved.in_unit(quantity(text).unit) == quantity(text)


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("widget", "widgets"),
        ("story", "stories"),
        ("cache", "caches"),
        ("box", "boxes"),
        ("class", "classes"),
        ("status", "statuses"),
        ("Key", "keys"),
        ("story point", "story-points"),
    ],
)
def test_singular_and_plural(one: str, many: str) -> None:
    """A unit of its own name compares with itself, in singular and plural."""
    assert str(quantity(f"2 {many}").in_unit(quantity(f"1 {one}").unit).magnitude) == "2"


@pytest.mark.parametrize(
    ("left", "right", "message"),
    [
        ("5 ms", "5%", "ms cannot be compared with %"),
        ("4.5/5", "9/10", "a rating out of 5 and a rating out of 10 are on different scales"),
        ("4.5/5", "90%", "a rating out of 5 cannot be compared with %"),
        ("5 months", "5 h", "mo cannot be compared with h: months and years have no fixed length"),
        ("5 points", "5 widgets", "points cannot be compared with widgets"),
        ("5 shares", "5%", "shares cannot be compared with %"),
        ("5 rps", "5 tps", "rps cannot be compared with tps"),
        ("5 h", "5", "h cannot be compared with a number without a unit"),
        ("$5", "€5", "$ cannot be compared with €"),
    ],
)
def test_units_that_do_not_compare(left: str, right: str, message: str) -> None:
    """Units of different kinds are an error that names both."""
    with pytest.raises(UnitMismatchError) as caught:
        quantity(left).taking(quantity(right).unit)
    assert str(caught.value) == message


def test_number_takes_the_unit_of_what_it_is_compared_with() -> None:
    """Beside a percentage 0.5 is half a percent, and no half."""
    assert str(quantity("0.5").taking(quantity("1%").unit)) == "0.5%"
    assert str(quantity("4").taking(quantity("4.5/5").unit)) == "4/5"
    with pytest.raises(QuantityError, match="90 does not lie on the scale from 0 to 5"):
        quantity("90").taking(quantity("4.5/5").unit)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (10**26 + 1, "1.00000000000000000000000001e26"),
        (Decimal("0.30"), "0.3"),
        (Fraction(1, 3), "0.333333"),
        (5e-324, "5e-324"),
        ("250ms", "250 ms"),
        (Quantity(Fraction(1), BARE), "1"),
    ],
)
def test_values_that_are_quantities(value: object, written: str) -> None:
    """Numbers are taken exactly, a float by its shortest digits; texts need a unit."""
    read = quantity_of(value)
    assert str(read) == written


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (True, "true is no number"),
        (None, "null is no number"),
        ([], "an array of 0 items is no number"),
        (float("nan"), "NaN is no finite number"),
        (float("-inf"), "-Infinity is no finite number"),
        (Decimal("sNaN"), "sNaN is no finite number"),
        (Decimal("1e999999999"), "too large"),
        (Decimal("1e-999999999"), "too small"),
        (10**4000, "too large"),
        (Fraction(-(10**309)), "too large"),
        ("0", 'the text "0" has no unit'),
        ("fast", "expected a number"),
    ],
)
def test_values_that_are_no_quantities(value: Any, reason: str) -> None:
    """Booleans, null, what is not finite and texts without a unit are no quantities."""
    with pytest.raises(QuantityError) as caught:
        quantity_of(value)
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (Fraction(0), "0"),
        (Fraction(-2, 3), "-0.666667"),
        (Fraction(2, 3) * 10**40, "6.66667e39"),
        (Fraction(1, 10**7), "0.0000001"),
        (Fraction(1, 10**8), "1e-8"),
        (Fraction(10**20), "1" + "0" * 20),
        (Fraction(-(10**21)), "-1e21"),
        (Fraction(12345, 100), "123.45"),
        (Fraction(int("7" * 50)), f"7.{'7' * 49}e49"),
        (Fraction(int("7" * 51)), "7.77778e50"),
    ],
)
def test_numbers_are_written(number: Fraction, written: str) -> None:
    """Up to 50 digits are written, what has more is rounded to six."""
    assert write_decimal(number) == written


def test_decimal_zero_is_exact() -> None:
    """A zero has no power of ten that could be out of bounds."""
    assert exact(Decimal("0e-9999")) == 0


def test_each_listed_unit_is_known_by_each_of_its_names() -> None:
    """A name belongs to one unit, and a unit is written by a name that reads back."""
    for unit, names in LISTED:
        assert names[0] == unit.name
        for name in names:
            assert quantity(f"5 {name}").unit is unit
        assert quantity(format_quantity(Quantity(Fraction(5), unit))).unit is unit
    every_name = [name for _, names in LISTED for name in names]
    assert len(every_name) == len(set(every_name))
    assert not AMBIGUOUS.keys() & set(every_name)


def test_letter_case_of_units() -> None:
    """Letter case is free where no other unit has the same letters."""
    assert find_unit("MINUTES") is find_unit("min")
    assert find_unit("gb") is find_unit("GB")
    assert find_unit("Gb") is None
