"""Laws of quantities and gates: exact, read back as written, three-valued, and nothing raises."""

from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

import attrs
import pint
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.properties.gates import (
    decimals,
    judged_gates,
    listed_units,
    naive,
    names,
    observations,
    quantities,
    written_gates,
)
from worklattice.lang.decimals import exact, read_decimal, write_decimal
from worklattice.lang.diagnostics import LanguageError
from worklattice.lang.gate import And, Compare, Gate, Metric, Not, Or, metrics_of
from worklattice.lang.gate_parsing import parse_gate, parse_target
from worklattice.lang.judging import Observation, State, check, judge
from worklattice.lang.quantities import Quantity
from worklattice.lang.quantity_parsing import parse_quantity, parse_range
from worklattice.lang.units import LISTED, UnitMismatchError
from worklattice.types import LIMITS

ROOMY = attrs.evolve(LIMITS, gate_characters=100_000)

pieces = st.sampled_from(
    [
        *("a", "b.c", "`x y`", "change(a)", "(", ")", "'", "<", ">=", "\u2260", "at least", "between"),
        *("and", "or", "not", "5", "-5", "1.5e3", "%", "ms", "/5", "points", "$", "k", "per", "-", "to"),
        *("PT2H", "\uff11", "_", " "),
    ]
)

# --- numbers ----------------------------------------------------------------------------------------------


@given(decimals)
def test_written_number_reads_back(number: Fraction) -> None:
    """What a text can say is written without a loss."""
    written = write_decimal(number)
    assert Fraction(Decimal(written)) == number
    assert read_decimal(written.removeprefix("-")) == abs(number)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_float_is_its_shortest_decimal(number: float) -> None:
    """A float stands for the digits that JSON shows for it."""
    assert exact(number) == Fraction(Decimal(repr(number)))


# --- quantities -------------------------------------------------------------------------------------------


@given(quantities)
def test_written_quantity_reads_back(quantity: Quantity) -> None:
    """The canonical text loses nothing."""
    assert parse_quantity(str(quantity)) == quantity


@given(st.one_of(st.text(max_size=20), st.lists(pieces, max_size=8).map("".join)))
@example("1 " * 90)
def test_any_text_is_a_quantity_or_refused(text: str) -> None:
    """Whatever is written, it is read, and reads back as the same, or it is refused where it stands."""
    for read in (parse_quantity, parse_range):
        try:
            value = read(text)
        except LanguageError as fault:
            column = fault.column
        else:
            assert read(str(value)) == value
            continue
        assert 1 <= column <= len(text) + 1


@given(decimals, decimals, listed_units, listed_units)
def test_conversion_is_exact(one: Fraction, other: Fraction, unit: Any, to: Any) -> None:
    """There and back is where it began, and order is kept; units of two kinds never convert."""
    left, right = Quantity(one, unit), Quantity(other, unit)
    if unit.kind != to.kind:
        with pytest.raises(UnitMismatchError):
            left.in_unit(to)
        return
    assert left.in_unit(to).in_unit(unit) == left
    assert (left.in_unit(to).magnitude < right.in_unit(to).magnitude) == (one < other)


_registry: Any = pint.UnitRegistry(non_int_type=cast("Any", Fraction))
_PINT_NAMES = {
    "%": "percent",
    "\u2030": "permille",
    "min": "minute",
    "d": "day",
    "w": "week",
    "mo": None,  # a mean month of a mean year
    "quarter": None,
    "y": None,
    "Hz": "1/second",  # a hertz is a radian per second to pint
    "kHz": "1000/second",
    "MHz": "1000000/second",
    "GHz": "1000000000/second",
    "kbps": "kbit/second",
    "Mbps": "Mbit/second",
    "Gbps": "Gbit/second",
}
_KNOWN_TO_PINT = ("share", "time", "data", "data/time", "number/time")
_TO_PINT = {
    unit: _registry.parse_expression(name)
    for unit, _ in LISTED
    if unit.kind in _KNOWN_TO_PINT and (name := _PINT_NAMES.get(unit.name, unit.name))
}


@given(decimals, decimals, st.sampled_from(list(_TO_PINT)), st.sampled_from(list(_TO_PINT)))
def test_comparisons_agree_with_pint(one: Fraction, other: Fraction, unit: Any, to: Any) -> None:
    """Where both know the units, they say the same of which quantities compare, and how."""
    left = Quantity(one, unit)
    theirs, others = one * _TO_PINT[unit], other * _TO_PINT[to]
    if unit.kind != to.kind:  # bits and shares are plain numbers to pint, and compare
        assert not theirs.check(others.dimensionality) or "time" not in {unit.kind, to.kind}
        with pytest.raises(UnitMismatchError):
            left.in_unit(to)
        return
    ours = left.in_unit(to).magnitude
    assert ours == theirs.to(others.units).magnitude / (_TO_PINT[to].magnitude)
    assert (ours < other, ours == other) == (theirs < others, theirs == others)


# --- gates ------------------------------------------------------------------------------------------------


@given(written_gates)
def test_written_gate_reads_back(gate: Gate) -> None:
    """The canonical text of any gate is read as the same gate, and is its own canonical text."""
    read = parse_gate(str(gate), ROOMY)
    assert read == gate
    assert str(read) == str(gate)


@given(st.one_of(st.text(max_size=30), st.lists(pieces, max_size=10).map(" ".join)))
def test_any_text_is_a_gate_or_refused(text: str) -> None:
    """Whatever is written, it is a gate, and reads back as the same, or it is refused where it stands."""
    try:
        gate = parse_gate(text, LIMITS)
    except LanguageError as fault:
        column = fault.column
    else:
        assert parse_gate(str(gate), LIMITS) == gate
        return
    assert 1 <= column <= len(text) + 1


@given(names, st.one_of(st.text(max_size=20), st.lists(pieces, max_size=5).map(" ".join)))
def test_any_text_is_a_target_or_refused(metric: str, text: str) -> None:
    """Whatever is written, it is a gate on the metric, or refused."""
    try:
        gate = parse_target(metric, text, LIMITS)
    except LanguageError:
        return
    assert metrics_of(gate) == (metric,)


@given(judged_gates, observations)
def test_verdict_agrees_with_the_book(gate: Gate, observed: dict[str, Observation]) -> None:
    """The verdict is what the rules say, one by one, and its findings are the comparisons."""
    verdict = judge(gate, observed)
    assert verdict.state.value == naive(gate, observed)
    assert tuple(dict.fromkeys(each.metric for each in verdict.findings)) == metrics_of(gate)


@given(judged_gates, judged_gates, observations)
def test_laws_of_logic(one: Gate, other: Gate, observed: dict[str, Observation]) -> None:
    """Double negation and De Morgan hold for all four states, and order does not matter."""

    def state(gate: Gate) -> State:
        return judge(gate, observed).state

    assert state(Not(Not(one))) is state(one)
    assert state(Not(And((one, other)))) is state(Or((Not(one), Not(other))))
    assert state(Not(Or((one, other)))) is state(And((Not(one), Not(other))))
    assert state(And((one, other))) is state(And((other, one)))
    assert state(Or((one, other))) is state(Or((other, one)))


@given(judged_gates, observations, observations)
def test_more_knowledge_never_changes_what_was_decided(
    gate: Gate, observed: dict[str, Observation], more: dict[str, Observation]
) -> None:
    """What is passed or failed stays so when metrics become known that were not."""
    state = judge(gate, observed).state
    if state in {State.PASSED, State.FAILED}:
        assert judge(gate, {**more, **observed}).state is state


@given(judged_gates, observations)
def test_what_decides_is_enough(gate: Gate, observed: dict[str, Observation]) -> None:
    """The comparisons that make a gate pass or fail do so whatever else is known."""
    verdict = judge(gate, observed)
    deciding = {each.metric for each in verdict.deciding if each.meets is verdict.state}
    assert verdict.deciding[0].meets is verdict.state
    if verdict.state in {State.PASSED, State.FAILED}:
        assert judge(gate, {name: observed[name] for name in deciding}).state is verdict.state


_json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), quantities.map(str)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=3,
)


@given(written_gates, _json, _json, st.booleans())
def test_nothing_that_is_recorded_raises(gate: Gate, value: object, baseline: object, stale: bool) -> None:  # noqa: FBT001 - drawn
    """Any JSON value gets a verdict, and what there is to say of it can be written down."""
    metrics = metrics_of(gate)
    observed = {name: Observation(value=value, observed_at=0, stale=stale) for name in metrics}
    verdict = judge(gate, observed, dict.fromkeys(metrics, baseline))
    for found in verdict.findings:
        assert found.state is State.STALE or (found.reason is None) == (found.observed is not None)
        assert (found.off is not None) == (found.state is State.FAILED)
        assert all(isinstance(each, str) for each in (found.threshold, found.operator, str(found.observed)))
    for found in verdict.deciding:
        assert (found.off is not None) == (found.meets is State.FAILED)
    values = dict.fromkeys(metrics, value)
    assert {name for name, _ in check(gate, values, dict.fromkeys(metrics, baseline))} <= {*metrics}


@given(quantities, st.sampled_from(["<", ">", "<=", ">=", "=", "!="]))
def test_a_threshold_compares_with_itself(threshold: Quantity, op: str) -> None:
    """A quantity is neither above nor below itself, however it is recorded."""
    gate = parse_gate(f"x {op} {threshold}", LIMITS)
    assert isinstance(gate, Compare)
    assert gate.operand == Metric("x")
    expected = State.PASSED if "=" in op and op != "!=" else State.FAILED
    assert judge(gate, {"x": Observation(value=threshold, observed_at=0)}).state is expected
