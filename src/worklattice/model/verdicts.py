"""What became of the gates and triggers of a task by what was recorded of it.

A waiver lets a gate pass, whatever was observed; triggers know no waivers.

Not here: which gates a task has (`worklattice.model.gates`), what is known of its metrics
(`worklattice.model.observations`), and the meaning of conditions (`worklattice.lang.judging`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, Self, TypeAlias, cast

from attrs import frozen

from worklattice.errors import MESSAGE_LIMIT, cut, shown, worded
from worklattice.lang.judging import Finding, Observation, State, Verdict, check, judge
from worklattice.model.gates import BASELINES, TaskGate, freshness_of
from worklattice.model.observations import why_stale
from worklattice.model.rows import Micros, TaskRow
from worklattice.model.task import moment_of
from worklattice.model.wire import from_wire
from worklattice.types import JsonObject

LETS_PASS: Final = frozenset({"passed", "waived"})
"""The states of gates that let a task complete."""

GateState: TypeAlias = Literal["passed", "failed", "unknown", "stale", "waived"]

_PASSED: Final = frozenset({"passed", "pass", "ok", "true", "yes"})
_FAILED: Final = frozenset({"failed", "fail", "false", "no"})


@frozen(kw_only=True)
class JudgedGate:
    """A gate of a task, or a trigger, and what became of it."""

    attribute: str
    """The attribute that makes it."""
    gate: str
    """The condition, or the name of the check."""
    state: GateState
    """What became of it."""
    observed: str | None
    """The number that decides, in the unit of the threshold; the first of several."""
    threshold: str | None
    """What it is compared with."""
    observed_at: datetime | None
    """When it was observed."""
    message: str | None
    """Of a gate that is not passed which number is how far off, or why it is not known; of a trigger that is
    met by which number."""


@frozen
class _Seen:
    """What there is to judge gates by."""

    observed: Mapping[str, Observation]
    baselines: Mapping[str, object]

    @classmethod
    def of(cls, row: TaskRow, meant: JsonObject, gates: Sequence[TaskGate], now: Micros) -> Self:
        """What was recorded of a task that some gates speak of."""
        metrics = cast("dict[str, dict[str, Any]]", row.metrics or {})
        named = {name for gate in gates for name in gate.metrics if name in metrics}
        freshness = freshness_of(meant)
        observed = {
            name: Observation(
                value=metrics[name]["value"],
                observed_at=from_wire("at", metrics[name]["at"]),
                stale=why_stale(row, name, freshness, now) is not None,
            )
            for name in named
        }
        return cls(observed, baselines_of(row, meant))


def judged(row: TaskRow, meant: JsonObject, gates: Sequence[TaskGate], now: Micros) -> Iterator[JudgedGate]:
    """What became of gates by what was recorded of the task, at a time. Cost: that of the gates.

    `meant` are the task's attributes as its type means them.
    """
    if not gates:
        return
    seen = _Seen.of(row, meant, gates, now)
    waivers = cast("dict[str, dict[str, Any]]", row.gate_waivers or {})
    for gate in gates:
        waiver = waivers.get(gate.text)
        if waiver is not None and _holds(waiver, now):
            yield _waived(gate, waiver)
        elif gate.condition is None:
            yield _checked(gate, seen.observed.get(gate.text))
        else:
            yield _compared(gate, judge(gate.condition, seen.observed, seen.baselines))


def watched(
    row: TaskRow, meant: JsonObject, triggers: Sequence[TaskGate], now: Micros
) -> Iterator[JudgedGate]:
    """Which triggers what was recorded of the task meets, at a time: they are passed, whatever is waived."""
    if not triggers:
        return
    seen = _Seen.of(row, meant, triggers, now)
    for trigger in triggers:
        if trigger.condition is not None:
            yield _compared(trigger, judge(trigger.condition, seen.observed, seen.baselines), fires=True)


def unusable(
    gates: Iterable[TaskGate], values: JsonObject, baselines: Mapping[str, object]
) -> Iterator[tuple[TaskGate, str, str]]:
    """The gates that values of metrics say nothing to: with the name of the metric, and why. Lazy."""
    for gate in gates:
        if gate.condition is not None:
            yield from ((gate, name, reason) for name, reason in check(gate.condition, values, baselines))
        elif gate.text in values and _reported(values[gate.text]) is State.UNKNOWN:
            yield gate, gate.text, f"{shown(values[gate.text])} is neither passed nor failed"


def baselines_of(row: TaskRow, meant: JsonObject) -> Mapping[str, object]:
    """What changes are measured against: as the task says, or else as it was first observed."""
    metrics = cast("dict[str, dict[str, Any]]", row.metrics or {})
    first = {name: said["first"] for name, said in metrics.items() if "first" in said}
    given = meant.get(BASELINES)
    return {**first, **given} if isinstance(given, dict) else first


def _holds(waiver: Mapping[str, Any], now: Micros) -> bool:
    until = from_wire("waived_until", waiver.get("until"))
    return until is None or now < until


def _waived(gate: TaskGate, waiver: Mapping[str, Any]) -> JudgedGate:
    by = f" by {worded(waiver['by'])}" if "by" in waiver else ""
    until = f" until {waiver['until']}" if "until" in waiver else ""
    return _verdict(gate, "waived", message=f"waived{by}{until}: {worded(waiver['reason'], MESSAGE_LIMIT)}")


def _checked(gate: TaskGate, observation: Observation | None) -> JudgedGate:
    """A named check, which was reported as passed, or not."""
    name = worded(gate.text)
    if observation is None:
        return _verdict(gate, State.UNKNOWN.value, message=f"{name} has not been reported")
    value, state = observation.value, _reported(observation.value)
    if observation.stale:
        state, message = State.STALE, f"{name}: what was reported is too old to count"
    elif state is State.PASSED:
        message = None
    elif state is State.FAILED:
        message = f"{name} was reported as failed"
    else:
        message = f"{name}: {shown(value)} is neither passed nor failed"
    return _verdict(
        gate, state.value, observed=str(value), observed_at=observation.observed_at, message=message
    )


def _reported(value: object) -> State:
    """What a value says of a check."""
    word = str(value).strip().lower() if isinstance(value, bool | str) else ""
    if word in _PASSED:
        return State.PASSED
    return State.FAILED if word in _FAILED else State.UNKNOWN


def _compared(gate: TaskGate, verdict: Verdict, *, fires: bool = False) -> JudgedGate:
    """What became of a condition, and why; of one that `fires`, where it is passed."""
    first = verdict.deciding[0]
    message = None
    if verdict.state is not State.PASSED:
        message = "; ".join(map(_said, verdict.deciding))
    elif fires:
        met = (finding for finding in verdict.deciding if finding.meets is State.PASSED)
        message = "; ".join(dict.fromkeys(_met(finding, gate) for finding in met))
    return _verdict(
        gate,
        verdict.state.value,
        observed=None if first.observed is None else str(first.observed),
        threshold=first.threshold,
        observed_at=first.observed_at,
        message=message,
    )


def _said(finding: Finding) -> str:
    operand = worded(str(finding.comparison.operand))
    if finding.off is None:
        return f"{operand}: {finding.reason}"
    return f"{operand} is {finding.observed}, {finding.off}"


def _met(finding: Finding, trigger: TaskGate) -> str:
    is_only = len(trigger.metrics) == 1
    return f"{'it' if is_only else worded(str(finding.comparison.operand))} is {finding.observed}"


def _verdict(
    gate: TaskGate,
    state: GateState,
    *,
    observed: str | None = None,
    threshold: str | None = None,
    observed_at: Micros | None = None,
    message: str | None = None,
) -> JudgedGate:
    return JudgedGate(
        attribute=gate.attribute,
        gate=gate.text,
        state=state,
        observed=observed,
        threshold=threshold,
        observed_at=None if observed_at is None else moment_of(observed_at),
        message=None if message is None else cut(message),
    )
