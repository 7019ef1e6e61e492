from typing import Any

import pytest

from worklattice.lang.condition import Comparator
from worklattice.lang.gate import Change, Compare
from worklattice.lang.gate_parsing import parse_gate
from worklattice.lang.judging import Finding, Observation, State, check, judge
from worklattice.lang.quantity_parsing import parse_quantity
from worklattice.types import LIMITS

NOON = 1_750_000_000_000_000


def seen(value: object, *, stale: bool = False) -> Observation:
    return Observation(value=value, observed_at=NOON, stale=stale)


def finding(text: str, value: object, **baselines: object) -> Finding:
    """What comes of a gate of one comparison of `x`."""
    verdict = judge(parse_gate(text, LIMITS), {"x": seen(value)}, baselines)
    (only,) = verdict.findings
    assert verdict.state is only.state
    return only


@pytest.mark.parametrize(
    ("text", "value", "state", "off"),
    [
        ("x < 200ms", 150, "passed", None),
        ("x < 200ms", "0.15 s", "passed", None),
        ("x < 200ms", 250, "failed", "50 ms too high"),
        ("x < 200ms", "0.25 s", "failed", "50 ms too high"),
        ("x < 200ms", 200, "failed", "exactly 200 ms"),
        ("x <= 200ms", 200, "passed", None),
        ("x < 0.1%", 0.5, "failed", "0.4% too high"),
        ("x < 0.1%", 0.05, "passed", None),
        ("x > 4.5/5", 4.2, "failed", "0.3/5 too low"),
        ("x > 4.5/5", "4.8/5", "passed", None),
        ("x >= 99.99%", 99.9, "failed", "0.09% too low"),
        ("x > 1k tps", "60k transactions/min", "failed", "exactly 1000 tps"),
        ("x >= 80 story_points", "81 story points", "passed", None),
        ("x = 5", 5.0, "passed", None),
        ("x = 5", 4, "failed", "1 too low"),
        ("x = 0.3", 0.1 + 0.2, "failed", "4e-17 too high"),
        ("x != 5", 5, "failed", "exactly 5"),
        ("x != 5", 4, "passed", None),
        ("x between 30 min and 2 h", "1 hour", "passed", None),
        ("x between 30 min and 2 h", 30, "passed", None),
        ("x between 30 min and 2 h", "2 hours", "passed", None),
        ("x between 30 min and 2 h", 20, "failed", "10 min too low"),
        ("x between 30 min and 2 h", "3 hours", "failed", "60 min too high"),
        ("x < $2M", "$2.5M", "failed", "$500000 too high"),
    ],
)
def test_number_passes_or_fails(text: str, value: object, state: str, off: str | None) -> None:
    """A number is compared exactly, in the unit of the threshold; a failure says how far it is off."""
    found = finding(text, value)
    assert (found.state.value, found.off) == (state, off)
    assert found.reason is None
    assert found.observed_at == NOON


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (float("nan"), "NaN is no finite number"),
        (float("inf"), "Infinity is no finite number"),
        ("NaN", "this is no finite number"),
        ("0", 'the text "0" has no unit'),
        (True, "true is no number"),
        (None, "null is no number"),
        ({"value": 5}, "an object of 1 keys is no number"),
        ("fast", "expected a number"),
        (10**400, "too large"),
        ("5%", "% cannot be compared with ms"),
        ("5 points", "points cannot be compared with ms"),
        (object(), "object is no number"),
    ],
)
def test_no_usable_number(value: Any, reason: str) -> None:
    """What is no finite number, or does not compare, never passes and never raises: it is unknown."""
    for text in ("x < 200ms", "x >= 200ms", "x != 200ms", "x between 1 and 2 ms"):
        found = finding(text, value)
        assert found.state is State.UNKNOWN
        assert reason in (found.reason or "")
        assert (found.observed, found.off) == (None, None)


def test_missing_metric() -> None:
    """A gate on a metric that nobody recorded is not passed, nor is its opposite."""
    for text in ("x < 5", "not x < 5"):
        verdict = judge(parse_gate(text, LIMITS), {"y": seen(1)})
        assert verdict.state is State.UNKNOWN
        assert verdict.findings[0].reason == "nothing has been observed"
        assert verdict.findings[0].observed_at is None


def test_rating_off_the_scale() -> None:
    """A bare 90 is no rating out of 5: it is unknown, not passed; nor is a rating on another scale."""
    assert finding("x > 4.5/5", 90).reason == "90 does not lie on the scale from 0 to 5"
    assert "different scales" in (finding("x > 4.5/5", "9/10").reason or "")


def test_threshold_without_a_unit() -> None:
    """It compares with bare numbers only: nobody knows what 200 would be in seconds."""
    assert finding("x < 200", 150).state is State.PASSED
    assert finding("x < 200", "1 s").reason == "s cannot be compared with a number without a unit"


def test_stale_observation() -> None:
    """What is too old to count is stale, whether it would pass, fail or be unusable."""
    for value in (1, 9, "fast"):
        (found,) = judge(parse_gate("x < 5", LIMITS), {"x": seen(value, stale=True)}).findings
        assert found.state is State.STALE
        assert found.reason == "what was observed is too old to count"
        assert found.off is None


@pytest.mark.parametrize(
    ("text", "value", "baseline", "observed", "off"),
    [
        ("change(x) > 20%", 130, 100, "30%", None),
        ("change(x) > 20%", "1.1 s", "1000 ms", "10%", "10% too low"),
        ("change(x) < -5%", 90, 100, "-10%", None),
        ("change(x) between -5% and 5%", -90, -100, "10%", "5% too high"),
        ("change(x) < 1%", 4, 3, "33.3333%", "32.3333% too high"),
        ("change(x) < 5%", 500, "100ms", "400%", "395% too high"),
    ],
)
def test_change_against_a_baseline(
    text: str, value: object, baseline: object, observed: str, off: str | None
) -> None:
    """A change is the share by which the metric grew, of what it was; a bare one takes the unit of that."""
    found = finding(text, value, x=baseline)
    assert found.state is (State.FAILED if off else State.PASSED)
    assert (str(found.observed), found.off) == (observed, off)


@pytest.mark.parametrize(
    ("value", "baselines", "reason"),
    [
        (5, {}, "there is no baseline"),
        (5, {"x": None}, "the baseline is unusable: null is no number"),
        (5, {"x": 0}, "the baseline is unusable: it is 0"),
        ("5 ms", {"x": 4}, "ms cannot be compared with a number without a unit"),
        ("5 ms", {"x": "4%"}, "ms cannot be compared with %"),
        (90, {"x": "4.5/5"}, "90 does not lie on the scale from 0 to 5"),
        (None, {"x": 4}, "null is no number"),
    ],
)
def test_change_without_a_usable_baseline(value: object, baselines: dict[str, object], reason: str) -> None:
    """There is no change from what is not there, is 0, or does not compare."""
    found = finding("change(x) > 20%", value, **baselines)
    assert found.state is State.UNKNOWN
    assert reason in (found.reason or "")


def test_change_against_something_other_than_a_share() -> None:
    """A gate that no text says is judged without an error, too."""
    gate = Compare(Change("x"), Comparator.GT, parse_quantity("20 ms"))
    (found,) = judge(gate, {"x": seen(5)}, {"x": 4}).findings
    assert found.reason == "% cannot be compared with ms"


STATES = {"p": seen(1), "f": seen(9), "s": seen(1, stale=True)}


@pytest.mark.parametrize(
    ("names", "both", "some"),
    [
        ("pp", "passed", "passed"),
        ("pf", "failed", "passed"),
        ("ff", "failed", "failed"),
        ("pu", "unknown", "passed"),
        ("fu", "failed", "unknown"),
        ("ps", "stale", "passed"),
        ("fs", "failed", "stale"),
        ("us", "unknown", "unknown"),
        ("ss", "stale", "stale"),
        ("psu", "unknown", "passed"),
        ("fsu", "failed", "unknown"),
    ],
)
def test_what_is_not_known_decides_nothing(names: str, both: str, some: str) -> None:
    """One failure fails `and`, one pass passes `or`; else unknown comes before stale. Order is the same."""
    for order in (names, names[::-1]):
        for word, state in (("and", both), ("or", some)):
            verdict = judge(parse_gate(f" {word} ".join(f"{name} < 5" for name in order), LIMITS), STATES)
            assert verdict.state.value == state
            assert [each.metric for each in verdict.findings] == list(order)


@pytest.mark.parametrize(
    ("name", "state"), [("p", "failed"), ("f", "passed"), ("u", "unknown"), ("s", "stale")]
)
def test_not(name: str, state: str) -> None:
    """Only what is known has an opposite; the finding speaks of the comparison itself."""
    verdict = judge(parse_gate(f"not {name} < 5", LIMITS), STATES)
    assert verdict.state.value == state
    assert verdict.findings[0].state is not State.PASSED or name == "p"


NUMBERS = {"a": seen(9), "b": seen(0), "c": seen(1, stale=True)}


@pytest.mark.parametrize(
    ("text", "state", "deciding"),
    [
        ("a < 1 or b < 1", "passed", "b None"),
        ("a < 1 or b < -1", "failed", "a 8 too high, b 1 too high"),
        ("a < 1 and b < 1", "failed", "a 8 too high"),
        ("a > 1 and b < 1", "passed", "a None, b None"),
        ("not a > 5", "failed", "a 4 too high"),
        ("not a >= 9", "failed", "a exactly 9"),
        ("not a < 12", "failed", "a 3 too low"),
        ("not a != 10", "failed", "a 1 too low"),
        ("not a = 9", "failed", "a exactly 9"),
        ("a not between 8 and 9", "failed", "a between 8 and 9"),
        ("not (a < 1 or b > 1)", "passed", "a None, b None"),
        ("not (a > 1 and b < 1)", "failed", "a 8 too high, b 1 too low"),
        ("not not a < 1", "failed", "a 8 too high"),
        ("u < 1 and a < 1", "failed", "a 8 too high, u None"),
        ("a < 1 or u < 1", "unknown", "u None, a 8 too high"),
        ("a > 1 and (u < 1 or c < 1)", "unknown", "u None, c None"),
        ("c < 1 and u < 1", "unknown", "u None, c None"),
        ("(a < 1 or b < 1) and b > 5", "failed", "b 5 too low"),
    ],
)
def test_what_decides(text: str, state: str, deciding: str) -> None:
    """Of a passed gate the comparisons that make it pass; else those in its way, what decides first."""
    verdict = judge(parse_gate(text, LIMITS), NUMBERS)
    assert verdict.state.value == state
    assert ", ".join(f"{each.metric} {each.off}" for each in verdict.deciding) == deciding


def test_findings_say_what_was_asked() -> None:
    """Each comparison of a gate has a finding, from left to right, in words for people."""
    gate = parse_gate("not (p >= 3 ms or f between 1 and 2%) and u != 5", LIMITS)
    assert [(each.metric, each.operator, each.threshold) for each in judge(gate, STATES).findings] == [
        ("p", ">=", "3 ms"),
        ("f", "between", "1% and 2%"),
        ("u", "!=", "5"),
    ]


@pytest.mark.parametrize(
    ("metric", "value", "problems"),
    [
        ("x", 5, []),
        ("x", "5 s", []),
        ("x", "5%", ["% cannot be compared with ms"]),
        ("x", "0", ['the text "0" has no unit']),
        ("y", True, ["true is no number"]),
        ("y", "5 s", ["s cannot be compared with %"]),
        ("y", 5, []),
        ("w", "5 s", []),
        ("w", None, ["null is no number"]),
        ("z", None, []),
    ],
)
def test_check_of_a_value_before_it_is_recorded(metric: str, value: object, problems: list[str]) -> None:
    """Each reason is given once; of another metric, and of a good value, there is nothing to say.

    A change that has no baseline yet needs a number only.
    """
    gate = parse_gate("x > 1ms and x < 200 ms and change(y) > 5% and change(w) > 5%", LIMITS)
    assert list(check(gate, {metric: value}, {"y": "1%"})) == [(metric, problem) for problem in problems]
