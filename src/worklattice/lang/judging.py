"""Whether a gate is passed by what was observed: a pure function of the gate and the observations.

Only numbers pass a gate: present, finite, fresh, and in a unit that compares with the threshold's. A verdict
is one of four:

- *passed* and *failed* are said of a comparison whose metric has such a number;
- *stale*, where the observation is too old to count, whatever it says;
- *unknown*, where there is none, or no number, or none that compares; the reason says which.

What is not known decides nothing, as in SQL: with something failed, `and` is failed; with something passed,
`or` is passed, whatever else is not known. Otherwise one unknown makes both unknown, and one stale makes both
stale: a verdict is stale only where a new look at what was observed before is all that is missing. `not`
turns passed into failed and back.

Nothing here raises because of what was observed: an unusable value is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

from attrs import frozen

from worklattice.lang.comparing import OPERATORS
from worklattice.lang.condition import Comparator
from worklattice.lang.gate import (
    And,
    Between,
    Change,
    Compare,
    Comparison,
    Gate,
    Not,
    Or,
    comparisons_of,
    parts_of,
)
from worklattice.lang.quantities import Quantity, QuantityError
from worklattice.lang.quantity_parsing import quantity_of
from worklattice.lang.units import PERCENT, UnitMismatchError


class State(Enum):
    """What became of a gate, or of a comparison in it."""

    PASSED = "passed"
    """It holds of what was observed."""
    FAILED = "failed"
    """It does not hold of what was observed."""
    UNKNOWN = "unknown"
    """There is no observation, or no finite number in it, or none that compares with the threshold."""
    STALE = "stale"
    """There is an observation that is too old to count, whatever it says."""


@frozen(kw_only=True)
class Observation:
    """What was last recorded of a metric."""

    value: object
    """As it was recorded: a number, a text with a unit, or whatever else somebody sent."""
    observed_at: int
    """When it was observed, in microseconds since 1970."""
    stale: bool = False
    """It is too old to count, such as from an earlier attempt."""


@frozen(kw_only=True)
class Finding:
    """What came of one comparison."""

    comparison: Comparison
    state: State
    observed: Quantity | None = None
    """The number that was compared, in the unit of the threshold; None where there is none."""
    observed_at: int | None = None
    """When it was observed; None where nothing was."""
    reason: str | None = None
    """Why it is unknown or stale."""

    @property
    def metric(self) -> str:
        """The name of the metric."""
        return self.comparison.operand.name

    @property
    def operator(self) -> str:
        """The sign of the comparison, or `between`."""
        return self.comparison.op.value if isinstance(self.comparison, Compare) else "between"

    @property
    def threshold(self) -> str:
        """With what the metric is compared."""
        if isinstance(self.comparison, Compare):
            return str(self.comparison.threshold)
        ends = self.comparison.range
        return f"{ends.low} and {ends.high}"

    @property
    def off(self) -> str | None:
        """How far a failed comparison is off, such as `0.4% too high`; None for every other one."""
        if self.state is not State.FAILED or self.observed is None:
            return None
        if isinstance(self.comparison, Compare):
            return _off(self.observed, self.comparison.threshold, strict=self.comparison.op in _STRICT)
        low, high = self.comparison.range.low, self.comparison.range.high
        return _off(self.observed, low if self.observed.magnitude < low.magnitude else high)


@frozen(kw_only=True)
class Verdict:
    """What came of a gate, and of each comparison in it, from left to right."""

    state: State
    findings: tuple[Finding, ...]


def judge(
    gate: Gate,
    observed: Mapping[str, Observation],
    baselines: Mapping[str, object] = MappingProxyType({}),
) -> Verdict:
    """The verdict on the gate, given the last observation of each metric and the baselines of changes.

    A baseline is a value as it was recorded. Never raises, whatever was recorded.

    >>> from worklattice.lang.gate_parsing import parse_gate
    >>> from worklattice.types import LIMITS
    >>> seen = {"error_rate": Observation(value=0.5, observed_at=0)}
    >>> verdict = judge(parse_gate("error_rate < 0.1%", LIMITS), seen)
    >>> verdict.state.value, verdict.findings[0].off
    ('failed', '0.4% too high')
    """
    if isinstance(gate, Compare | Between):  # as most gates are
        finding = _find(gate, observed, baselines)
        return Verdict(state=finding.state, findings=(finding,))
    findings: list[Finding] = []
    states: list[State] = []
    for part in parts_of(gate):
        match part:
            case Not():
                states.append(_NEGATED[states.pop()])
            case And(items):
                states[-len(items) :] = [_first(states[-len(items) :], _WEAKEST_FIRST)]
            case Or(items):
                states[-len(items) :] = [_first(states[-len(items) :], _STRONGEST_FIRST)]
            case comparison:
                findings.append(_find(comparison, observed, baselines))
                states.append(findings[-1].state)
    return Verdict(state=states.pop(), findings=tuple(findings))


def check(gate: Gate, metric: str, value: object) -> tuple[str, ...]:
    """Why the gate can't judge this value of a metric, once for each reason; nothing where it can.

    Changes are not checked against a baseline, only whether there is a number to compare with one.

    >>> from worklattice.lang.gate_parsing import parse_gate
    >>> from worklattice.types import LIMITS
    >>> check(parse_gate("latency < 200ms", LIMITS), "latency", "5%")
    ('% cannot be compared with ms',)
    """
    return tuple(dict.fromkeys(_problems(gate, metric, value)))


def _problems(gate: Gate, metric: str, value: object) -> Iterator[str]:
    for comparison in comparisons_of(gate):
        if comparison.operand.name != metric:
            continue
        try:
            quantity = quantity_of(value)
            if not isinstance(comparison.operand, Change):
                quantity.taking(_threshold(comparison).unit)
        except (QuantityError, UnitMismatchError) as fault:
            yield _reason(fault)


_NEGATED: Final = {
    State.PASSED: State.FAILED,
    State.FAILED: State.PASSED,
    State.UNKNOWN: State.UNKNOWN,
    State.STALE: State.STALE,
}
_WEAKEST_FIRST: Final = (State.FAILED, State.UNKNOWN, State.STALE)
_STRONGEST_FIRST: Final = (State.PASSED, State.UNKNOWN, State.STALE)

_STRICT: Final = frozenset({Comparator.LT, Comparator.GT, Comparator.NE})
"""The comparisons that equal values fail."""


def _first(states: list[State], order: tuple[State, ...]) -> State:
    """The first state of the order that is among the states, else what they all are."""
    return next((state for state in order if state in states), states[0])


def _find(
    comparison: Comparison, observed: Mapping[str, Observation], baselines: Mapping[str, object]
) -> Finding:
    operand = comparison.operand
    observation = observed.get(operand.name)
    if observation is None:
        return Finding(comparison=comparison, state=State.UNKNOWN, reason="nothing has been observed")
    quantity: Quantity | None = None
    reason: str | None = None
    try:
        quantity = quantity_of(observation.value)
        if isinstance(operand, Change):
            quantity = _change(quantity, operand.name, baselines)
        quantity = quantity.taking(_threshold(comparison).unit)
    except (QuantityError, UnitMismatchError) as fault:
        quantity, reason = None, _reason(fault)
    if observation.stale:
        state, reason = State.STALE, "what was observed is too old to count"
    elif quantity is None:
        state = State.UNKNOWN
    else:
        state = State.PASSED if _holds(comparison, quantity) else State.FAILED
    return Finding(
        comparison=comparison,
        state=state,
        observed=quantity,
        observed_at=observation.observed_at,
        reason=reason,
    )


def _threshold(comparison: Comparison) -> Quantity:
    return comparison.threshold if isinstance(comparison, Compare) else comparison.range.low


def _holds(comparison: Comparison, quantity: Quantity) -> bool:
    """Whether the comparison holds of a quantity in the unit of the threshold."""
    if isinstance(comparison, Compare):
        return OPERATORS[comparison.op](quantity.magnitude, comparison.threshold.magnitude)
    ends = comparison.range
    return ends.low.magnitude <= quantity.magnitude <= ends.high.in_unit(quantity.unit).magnitude


def _change(quantity: Quantity, name: str, baselines: Mapping[str, Any]) -> Quantity:
    """By which share the quantity differs from its baseline."""
    if name not in baselines:
        raise QuantityError("there is no baseline")
    try:
        baseline = quantity_of(baselines[name])
    except QuantityError as fault:
        raise QuantityError(f"the baseline is unusable: {fault.reason}") from None
    before = baseline.in_unit(quantity.unit).magnitude
    if not before:
        raise QuantityError("the baseline is 0, of which nothing is a share")
    return Quantity((quantity.magnitude - before) / abs(before) / PERCENT.size, PERCENT)


def _off(observed: Quantity, threshold: Quantity, *, strict: bool = False) -> str:
    difference = observed.magnitude - threshold.in_unit(observed.unit).magnitude
    if not difference and strict:
        return f"exactly {threshold}"
    distance = Quantity(abs(difference), observed.unit)
    return f"{distance} too {'high' if difference > 0 else 'low'}"


def _reason(fault: QuantityError | UnitMismatchError) -> str:
    return fault.reason if isinstance(fault, QuantityError) else str(fault)
