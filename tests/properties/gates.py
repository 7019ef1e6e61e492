"""Gates, quantities and observations for property tests, and what gates mean, by the book."""

from __future__ import annotations

import operator
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from worklattice.lang.condition import Comparator
from worklattice.lang.gate import And, Between, Change, Compare, Gate, Metric, Not, Or
from worklattice.lang.judging import Observation
from worklattice.lang.quantities import Quantity, Range
from worklattice.lang.units import BARE, LISTED, PERCENT, Unit, own_unit, per, rating

# --- quantities -------------------------------------------------------------------------------------------

_digits = st.integers(-(10**49), 10**49)
decimals = st.one_of(
    st.builds(Fraction, st.integers(-1000, 1000)),
    st.builds(Fraction, _digits, st.integers(0, 40).map(lambda places: 10**places)),
    st.builds(operator.mul, _digits, st.integers(0, 250).map(lambda power: Fraction(10**power))),
)
"""Numbers that a text can say."""

listed_units = st.sampled_from([unit for unit, _ in LISTED])
_words = st.sampled_from(["point", "story points", "Widgets", "größe", "m²", "search_and_rescue", "to_dos"])
simple_units = st.one_of(listed_units, _words.map(own_unit))
units: st.SearchStrategy[Unit] = st.one_of(
    simple_units,
    st.just(BARE),
    st.builds(per, st.one_of(simple_units, st.just(BARE)), simple_units.filter(lambda unit: unit.name != "")),
)
_tops = st.sampled_from([Fraction(5), Fraction(10), Fraction(5, 2)])


def _rating(top: Fraction, eighths: int) -> Quantity:
    return Quantity(top * eighths / 8, rating(top))


ratings = st.builds(_rating, _tops, st.integers(0, 8))
quantities = st.one_of(st.builds(Quantity, decimals, units), ratings)

# --- gates ------------------------------------------------------------------------------------------------

names = st.one_of(
    st.sampled_from("abcd"), st.text(min_size=1, max_size=6).filter(lambda name: "\0" not in name)
)
few_names = st.sampled_from("abcd")
comparators = st.sampled_from(Comparator)
_shares = st.builds(Quantity, decimals, st.just(PERCENT))


def _range(one: Quantity, magnitude: Fraction) -> Range:
    low, high = sorted([one.magnitude, magnitude])
    return Range(Quantity(low, one.unit), Quantity(high, one.unit))


_plain_quantities = st.builds(Quantity, decimals, units)
_comparisons: st.SearchStrategy[Gate] = st.one_of(
    st.builds(Compare, names.map(Metric), comparators, quantities),
    st.builds(Compare, names.map(Change), comparators, _shares),
    st.builds(Between, names.map(Metric), st.builds(_range, _plain_quantities, decimals)),
    st.builds(Between, names.map(Change), st.builds(_range, _shares, decimals)),
)


def _joined(items: st.SearchStrategy[Gate]) -> st.SearchStrategy[Gate]:
    several = st.lists(items, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(Not, items), st.builds(And, several), st.builds(Or, several))


written_gates = st.recursive(_comparisons, _joined, max_leaves=8)
"""Gates with every kind of name and quantity."""

_small = st.builds(Quantity, st.integers(0, 3).map(Fraction))
_judged: st.SearchStrategy[Gate] = st.one_of(
    st.builds(Compare, few_names.map(Metric), comparators, _small),
    st.builds(Between, few_names.map(Metric), st.builds(_range, _small, st.integers(0, 3).map(Fraction))),
)
judged_gates = st.recursive(_judged, _joined, max_leaves=8)
"""Gates on the metrics of `observations`, with thresholds that meet."""

values = st.one_of(
    st.integers(0, 3),
    st.sampled_from([0.0, 1.0, 1.5, float("nan"), True, None, "1", "1 ms", "x", 10**400]),
)


def _observation(value: object, stale: bool) -> Observation:  # noqa: FBT001 - drawn
    return Observation(value=value, observed_at=0, stale=stale)


observations = st.dictionaries(few_names, st.builds(_observation, values, st.booleans()))

# --- by the book ------------------------------------------------------------------------------------------

_HOLDS: dict[str, Any] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def naive(gate: Gate, observed: dict[str, Observation]) -> str:
    """The state of a gate with thresholds that have no unit."""
    match gate:
        case Not(item):
            return {"passed": "failed", "failed": "passed"}.get(state := naive(item, observed), state)
        case And(items):
            states = {naive(item, observed) for item in items}
            return next((each for each in ("failed", "unknown", "stale") if each in states), "passed")
        case Or(items):
            states = {naive(item, observed) for item in items}
            return next((each for each in ("passed", "unknown", "stale") if each in states), "failed")
        case Compare() | Between():
            return _naive_comparison(gate, observed)


def _naive_comparison(gate: Compare | Between, observed: dict[str, Observation]) -> str:
    observation = observed.get(gate.operand.name)
    if observation is None:
        return "unknown"
    if observation.stale:
        return "stale"
    value = observation.value
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 10**300:
        return "unknown"
    if isinstance(gate, Compare):
        holds = _HOLDS[gate.op.value](value, gate.threshold.magnitude)
    else:
        holds = gate.range.low.magnitude <= value <= gate.range.high.magnitude
    return "passed" if holds else "failed"
