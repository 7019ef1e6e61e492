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

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from itertools import chain
from types import MappingProxyType
from typing import Final, NamedTuple, Self

from attrs import evolve, frozen

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
    negated: bool = False
    """Whether it has to fail for the gate to be passed: it stands under a `not`."""

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
    def meets(self) -> State:
        """Whether it is what the gate asks for: its state, or under a `not` the contrary."""
        return _NEGATED[self.state] if self.negated else self.state

    @property
    def off(self) -> str | None:
        """How far one that is not what the gate asks for is off, such as `0.4% too high`; else None."""
        if self.meets is not State.FAILED or self.observed is None:
            return None
        if isinstance(self.comparison, Compare):
            op = _CONTRARY[self.comparison.op] if self.negated else self.comparison.op
            return _off(self.observed, self.comparison.threshold, strict=op in _STRICT)
        if self.negated:
            return f"between {self.threshold}"
        low, high = self.comparison.range.low, self.comparison.range.high
        return _off(self.observed, low if self.observed.magnitude < low.magnitude else high)


@frozen(kw_only=True)
class Verdict:
    """What came of a gate, and of each comparison in it, from left to right."""

    state: State
    findings: tuple[Finding, ...]
    deciding: tuple[Finding, ...]
    """What makes a passed gate pass; of every other one what keeps it from that, what decides first."""


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
        return Verdict(state=finding.state, findings=(finding,), deciding=(finding,))
    findings: list[Finding] = []
    weighed: list[_Weighed] = []
    for part in parts_of(gate):
        match part:
            case Not():
                weighed.append(weighed.pop().negated())
            case And(items):
                weighed[-len(items) :] = [_all_of(weighed[-len(items) :])]
            case Or(items):
                weighed[-len(items) :] = [_any_of(weighed[-len(items) :])]
            case comparison:
                findings.append(_find(comparison, observed, baselines))
                weighed.append(_Weighed.of(findings[-1]))
    (whole,) = weighed
    return Verdict(state=whole.state, findings=tuple(findings), deciding=whole.deciding())


def check(
    gate: Gate, values: Mapping[str, object], baselines: Mapping[str, object] = MappingProxyType({})
) -> Iterator[tuple[str, str]]:
    """Which of the values of metrics the gate can't judge: the name of the metric, and why; each once.

    A change without a baseline is no fault of the value: it may become the baseline itself.

    >>> from worklattice.lang.gate_parsing import parse_gate
    >>> from worklattice.types import LIMITS
    >>> list(check(parse_gate("latency < 200ms", LIMITS), {"latency": "5%"}))
    [('latency', '% cannot be compared with ms')]
    """
    told: set[tuple[str, str]] = set()
    for comparison in comparisons_of(gate):
        operand = comparison.operand
        if operand.name not in values:
            continue
        try:
            if isinstance(operand, Change) and operand.name not in baselines:
                quantity_of(values[operand.name])
            else:
                _compared(comparison, values[operand.name], baselines)
        except (QuantityError, UnitMismatchError) as fault:
            found = operand.name, _reason(fault)
            if found not in told:
                told.add(found)
                yield found


def can_be_baseline(value: object) -> bool:
    """Whether changes can be measured against a value that was recorded."""
    try:
        baseline_of(value)
    except QuantityError:
        return False
    return True


def baseline_of(value: object) -> Quantity:
    """The quantity of which changes are shares. Raises `QuantityError` where the value is none."""
    baseline = quantity_of(value)
    if not baseline.magnitude:
        raise QuantityError("it is 0, of which nothing is a share")
    return baseline


class _Weighed(NamedTuple):
    """What came of a part of a gate, and the findings that stand in the way of anything else.

    Under a `not`, what keeps it from failing is what keeps the whole from passing: so both are kept.
    """

    state: State
    to_pass: tuple[Finding, ...]
    """What keeps it from being passed; nothing where it is."""
    to_fail: tuple[Finding, ...]
    """What keeps it from being failed; nothing where it is."""

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """A comparison."""
        state = finding.state
        return cls(
            state,
            () if state is State.PASSED else (finding,),
            () if state is State.FAILED else (finding,),
        )

    def negated(self) -> Self:
        """The same under a `not`."""
        return type(self)(_NEGATED[self.state], _turned(self.to_fail), _turned(self.to_pass))

    def deciding(self) -> tuple[Finding, ...]:
        """The findings that make the state what it is, and behind them what else is in its way."""
        found = self.to_fail if self.state is State.PASSED else self.to_pass
        return tuple(sorted(found, key=lambda finding: finding.meets is not self.state))


def _all_of(parts: Sequence[_Weighed]) -> _Weighed:
    states = [part.state for part in parts]
    state = next((state for state in _WEAKEST_FIRST if state in states), State.PASSED)
    to_fail = () if state is State.FAILED else _joined(part.to_fail for part in parts)
    return _Weighed(state, _joined(part.to_pass for part in parts), to_fail)


def _any_of(parts: Sequence[_Weighed]) -> _Weighed:
    return _all_of([part.negated() for part in parts]).negated()


def _joined(findings: Iterable[tuple[Finding, ...]]) -> tuple[Finding, ...]:
    return tuple(chain.from_iterable(findings))


def _turned(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(evolve(finding, negated=not finding.negated) for finding in findings)


_NEGATED: Final = {
    State.PASSED: State.FAILED,
    State.FAILED: State.PASSED,
    State.UNKNOWN: State.UNKNOWN,
    State.STALE: State.STALE,
}
_WEAKEST_FIRST: Final = (State.FAILED, State.UNKNOWN, State.STALE)

_STRICT: Final = frozenset({Comparator.LT, Comparator.GT, Comparator.NE})
"""The comparisons that equal values fail."""

_CONTRARY: Final = {
    Comparator.EQ: Comparator.NE,
    Comparator.NE: Comparator.EQ,
    Comparator.LT: Comparator.GE,
    Comparator.GE: Comparator.LT,
    Comparator.GT: Comparator.LE,
    Comparator.LE: Comparator.GT,
}
"""The comparisons that hold where others do not."""


def _find(
    comparison: Comparison, observed: Mapping[str, Observation], baselines: Mapping[str, object]
) -> Finding:
    observation = observed.get(comparison.operand.name)
    if observation is None:
        return Finding(comparison=comparison, state=State.UNKNOWN, reason="nothing has been observed")
    quantity: Quantity | None = None
    reason: str | None = None
    try:
        quantity = _compared(comparison, observation.value, baselines)
    except (QuantityError, UnitMismatchError) as fault:
        reason = _reason(fault)
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


def _compared(comparison: Comparison, value: object, baselines: Mapping[str, object]) -> Quantity:
    """What of a value is compared, in the unit of the threshold. Raises where there is no such thing."""
    quantity = quantity_of(value)
    if isinstance(comparison.operand, Change):
        quantity = _change(quantity, comparison.operand.name, baselines)
    return quantity.taking(_threshold(comparison).unit)


def _threshold(comparison: Comparison) -> Quantity:
    return comparison.threshold if isinstance(comparison, Compare) else comparison.range.low


def _holds(comparison: Comparison, quantity: Quantity) -> bool:
    """Whether the comparison holds of a quantity in the unit of the threshold."""
    if isinstance(comparison, Compare):
        return OPERATORS[comparison.op](quantity.magnitude, comparison.threshold.magnitude)
    ends = comparison.range
    return ends.low.magnitude <= quantity.magnitude <= ends.high.in_unit(quantity.unit).magnitude


def _change(quantity: Quantity, name: str, baselines: Mapping[str, object]) -> Quantity:
    """By which share the quantity differs from its baseline, whose unit it takes where it has none."""
    if name not in baselines:
        raise QuantityError("there is no baseline")
    try:
        baseline = baseline_of(baselines[name])
    except QuantityError as fault:
        raise QuantityError(f"the baseline is unusable: {fault.reason}") from None
    before, now = baseline.magnitude, quantity.taking(baseline.unit).magnitude
    return Quantity((now - before) / abs(before) / PERCENT.size, PERCENT)


def _off(observed: Quantity, threshold: Quantity, *, strict: bool = False) -> str:
    difference = observed.magnitude - threshold.in_unit(observed.unit).magnitude
    if not difference and strict:
        return f"exactly {threshold}"
    distance = Quantity(abs(difference), observed.unit)
    return f"{distance} too {'high' if difference > 0 else 'low'}"


def _reason(fault: QuantityError | UnitMismatchError) -> str:
    return fault.reason if isinstance(fault, QuantityError) else str(fault)
