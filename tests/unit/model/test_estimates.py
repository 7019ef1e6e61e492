"""Estimates: what people write, what it adds up to, and what they are told that cannot be read."""

from __future__ import annotations

import pytest

from tests.unit.model.asking import make
from worklattice import Orchestrator
from worklattice.model.estimates import ATTRIBUTES, Estimates, EstimateSum, faults_in_estimates
from worklattice.types import JsonValue


def sums(*texts: JsonValue, attribute: str = "estimated_effort") -> list[tuple[int, float, float, str]]:
    """What these values of one attribute add up to: (count, low, high, unit) for each kind of unit."""
    estimates = Estimates()
    for text in texts:
        estimates.add({attribute: text})
    found: tuple[EstimateSum, ...] = estimates.totals().get(attribute, ())
    return [(one.count, one.low, one.high, one.unit) for one in found]


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("2_hours", 7_200, 7_200, "seconds"),
        ("2-4 hours", 7_200, 14_400, "seconds"),
        ("30 minutes to 1 hour", 1_800, 3_600, "seconds"),
        ("3 weeks", 1_814_400, 1_814_400, "seconds"),
        ("1 week 2 days", 777_600, 777_600, "seconds"),
        ("PT2H", 7_200, 7_200, "seconds"),
        ("0.5 ms", 0.0005, 0.0005, "seconds"),
        ("6 points", 6, 6, "points"),
        ("80 story_points", 80, 80, "story_points"),
        ("80_story_points", 80, 80, "story_points"),
        ("0 h", 0, 0, "seconds"),
        ("1-3 months", 1, 3, "mo"),
        ("$2k-$4k", 2_000, 4_000, "$"),
        ("10 points per sprint", 10, 10, "points/sprint"),
    ],
)
@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_one_estimate(attribute: str, text: str, low: float, high: float, unit: str) -> None:
    """Durations are in seconds, everything else in its own unit; what is no range ends where it begins."""
    assert sums(text, attribute=attribute) == [(1, low, high, unit)]


def test_estimates_that_compare_are_one_sum() -> None:
    """Ranges are added end by end, exactly: ten times a tenth is one."""
    assert sums("2 h", "1-2 days", "PT30M") == [(3, 95_400, 181_800, "seconds")]
    assert sums(*["0.1 points"] * 10) == [(10, 1, 1, "points")]


def test_estimates_that_do_not_compare_stay_apart() -> None:
    """Each kind of unit has a sum of its own; months have no fixed length, so they are not seconds."""
    assert sums("2 h", "5 points", "3 months", "1 h", "8 story points") == [
        (1, 5, 5, "points"),
        (1, 8, 8, "story_points"),
        (1, 3, 3, "mo"),
        (2, 10_800, 10_800, "seconds"),
    ]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("1 GB", "500 MB"), (2, 1_500, 1_500, "MB")),
        (("1 point", "2 points"), (2, 3, 3, "points")),
        (("3 Points", "2 points"), (2, 5, 5, "points")),
        (("1 year", "1 quarter"), (2, 5, 5, "quarter")),
    ],
)
def test_unit_of_a_sum(texts: tuple[str, ...], expected: tuple[int, float, float, str]) -> None:
    """Of units that compare the smallest counts, in the plural, whichever stands first."""
    assert sums(*texts) == sums(*reversed(texts)) == [expected]


def test_sum_that_no_number_holds() -> None:
    """A sum beyond the numbers of JSON is left out; a large one that is within is rounded once."""
    assert sums(*["9e307 points"] * 2) == []
    assert sums("1e30 points") == [(1, 1e30, 1e30, "points")]


@pytest.mark.parametrize("attribute", ATTRIBUTES)
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("soon", "expected a number. Write a number and a unit, such as 200ms, 99.9%, 4.5/5 or 80 points"),
        ("5", '"5" has no unit'),
        ("2-4", '"2-4" has no unit'),
        ("4.5/5", '"4.5/5" is a rating'),
        ("-2 hours", '"-2 hours" is less than nothing'),
        ("4-2 hours", "a range goes from the lower end to the higher"),
        ("2 hours to 3 points", "h cannot be compared with points"),
        ("2 hours" + " " * 200, "an amount has at most 200 characters"),
        (True, "true is no amount, such as 2-4 hours"),
        (["2 hours"], "an array of 1 items is no amount, such as 2-4 hours"),
        (None, "null is no amount, such as 2-4 hours"),
    ],
)
def test_estimate_that_cannot_be_read(attribute: str, value: JsonValue, reason: str) -> None:
    """It counts for nothing, and whoever writes it is told why."""
    assert sums(value, attribute=attribute) == []
    (fault,) = faults_in_estimates({attribute: value})
    assert fault.warning({}) == f"attributes.{attribute} is kept and counts for nothing: {reason}."


@pytest.mark.parametrize("value", ["2 hours", 3, 0.5])
def test_estimate_that_can_be_read(value: JsonValue) -> None:
    """Nothing is said of an amount with a unit, nor of a number, which is summed as one."""
    assert list(faults_in_estimates(dict.fromkeys(ATTRIBUTES, value))) == []


def test_writer_is_warned(wl: Orchestrator) -> None:
    """The answer of a write names the task, the attribute and the reason."""
    make(wl, "a", attributes={"estimated_duration": "2 hours"})
    answer = wl.update_task("a", attributes={"estimated_duration": "some days"})
    assert answer.warnings[0].startswith(
        'Task "a": attributes.estimated_duration is kept and counts for nothing: expected a number. Write a'
    )
