"""The gates of a task: the conditions that its attributes make of its metrics, and what becomes of them.

Some attributes are gates, which must be passed before the task completes; others are triggers, which fire
when a metric is recorded that meets them. What cannot be read is an attribute like any other and guards
nothing; whoever writes it is warned.

Not here: the language of conditions (`worklattice.lang.gate_parsing`) and their meaning
(`worklattice.lang.judging`), recording metrics (`worklattice.model.decide.metrics`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, Literal, TypeAlias, TypeGuard, cast

from attrs import frozen

from worklattice.errors import shown
from worklattice.lang.diagnostics import LanguageError
from worklattice.lang.durations import parse_duration
from worklattice.lang.gate import Gate, metrics_of
from worklattice.lang.gate_parsing import parse_gate, parse_target
from worklattice.lang.judging import Finding, Observation, State, judge
from worklattice.model.rows import Micros, TaskRow
from worklattice.model.task import moment_of
from worklattice.model.unreadable import Unreadable
from worklattice.model.wire import from_wire
from worklattice.types import LIMITS, JsonObject, JsonValue

GATES: Final = (
    "success_metrics",
    "performance_targets",
    "data_quality_rules",
    "coverage_target",
    "quality_checks",
)
"""The attributes that are gates, in the order in which they are judged."""

TRIGGERS: Final = "rollback_triggers"
"""The attribute whose conditions fire when a metric meets them."""

POLICY: Final = "rollback_policy"
"""The attribute that says what a trigger does that fires."""

FRESHNESS: Final = "metrics_freshness"
"""The attribute that says for how long what was observed counts."""

BASELINES: Final = "baselines"
"""The attribute with the values against which changes are measured, by the metric's name."""

POLICIES: Final = {"fail": "failed", "cancel": "withdrawn", "record": None}
"""For each policy the role of the stage to which a task goes when a trigger fires; None: it stays."""

_MEANT: Final = frozenset({*GATES, TRIGGERS, POLICY, FRESHNESS, BASELINES})
_PASSED: Final = frozenset({"passed", "pass", "ok", "true", "yes"})
_FAILED: Final = frozenset({"failed", "fail", "false", "no"})


LETS_PASS: Final = frozenset({"passed", "waived"})
"""The states of gates that let a task complete."""

GateState: TypeAlias = Literal["passed", "failed", "unknown", "stale", "waived"]


@frozen
class TaskGate:
    """One condition that an attribute of a task makes."""

    attribute: str
    text: str
    """As it was written; targets, which may be written without a metric or an operator, in full."""
    condition: Gate | None
    """What must hold; None for a named check, which must be reported as passed."""
    metrics: tuple[str, ...]
    """The names of the metrics that it is judged by."""


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
    """The number that decides, in the unit of the threshold."""
    threshold: str | None
    """What it is compared with."""
    observed_at: datetime | None
    """When it was observed."""
    message: str | None
    """Where it is not passed: which number, how far off, or why it is not known."""


# --- what attributes say --------------------------------------------------------------------------------


def gates_of(attributes: JsonObject) -> tuple[TaskGate, ...]:
    """The gates that guard the completion of a task with these attributes."""
    if _MEANT.isdisjoint(attributes):
        return ()
    return tuple(gate for name in GATES if name in attributes for gate in _read(name, attributes[name])[0])


def triggers_of(attributes: JsonObject) -> tuple[TaskGate, ...]:
    """The conditions that fire as soon as a metric meets them."""
    return tuple(_read(TRIGGERS, attributes[TRIGGERS])[0]) if TRIGGERS in attributes else ()


def role_when_fired(attributes: JsonObject) -> str | None:
    """The role of the stage to which a fired trigger takes the task; None where it stays."""
    policy = attributes.get(POLICY)
    return POLICIES[policy] if _is_policy(policy) else POLICIES["fail"]


def _is_policy(value: JsonValue) -> TypeGuard[str]:
    return isinstance(value, str) and value in POLICIES


def faults_in_gates(attributes: JsonObject) -> Iterator[Unreadable]:
    """What in attributes that mean gates cannot be read."""
    if _MEANT.isdisjoint(attributes):
        return
    for name in (*GATES, TRIGGERS):
        if name in attributes:
            yield from _read(name, attributes[name])[1]
    if POLICY in attributes and not _is_policy(attributes[POLICY]):
        yield Unreadable(POLICY, "is kept and counts as fail", f"it is one of {', '.join(POLICIES)}")
    if FRESHNESS in attributes and _freshness(attributes) is None:
        yield Unreadable(FRESHNESS, "is kept and means nothing", "it is no duration, such as 15 minutes")
    if BASELINES in attributes and not isinstance(attributes[BASELINES], dict):
        yield Unreadable(BASELINES, "is kept and means nothing", "it is no object of metrics and values")


_Found: TypeAlias = tuple[list[TaskGate], list[Unreadable]]


def _read(attribute: str, value: JsonValue) -> _Found:
    """The gates that the value of an attribute makes, and what is wrong with the rest of it."""
    found: _Found = ([], [])
    for place, item, metric in _items(attribute, value):
        if len(found[0]) >= LIMITS.gates:
            reason = f"at most {LIMITS.gates} gates are read"
            found[1].append(Unreadable(attribute, "and what follows guard nothing", reason, place))
            break
        gate = _gate(attribute, item, metric)
        if isinstance(gate, str):
            found[1].append(Unreadable(attribute, "is kept and guards nothing", gate, place))
        else:
            found[0].append(gate)
    return found


def _items(attribute: str, value: JsonValue) -> Iterator[tuple[str, JsonValue, str | None]]:
    """Each condition that a value holds, where in it, and the metric of which it is a target."""
    if attribute == "coverage_target":
        yield "", value, "coverage"
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield f"[{index}]", item, None
    elif isinstance(value, dict) and attribute != "quality_checks":
        for metric, target in sorted(value.items()):  # not every store keeps the order of keys
            yield f".{metric}", target, metric
    else:
        yield "", value, None


def _gate(attribute: str, item: JsonValue, metric: str | None) -> TaskGate | str:
    """The gate, or why there is none."""
    if attribute == "quality_checks":
        if isinstance(item, str) and item.strip():
            return TaskGate(attribute, item, None, (item,))
        return f"{shown(item)} is not the name of a check"
    if metric is None and not isinstance(item, str):
        return f"{shown(item)} is not a condition, such as error_rate < 1%"
    if isinstance(item, bool) or not isinstance(item, str | int | float):
        return f"{shown(item)} is not a target, such as > 95%"
    return _parsed(attribute, item, metric)


@lru_cache(maxsize=4096)
def _parsed(attribute: str, item: str | float, metric: str | None) -> TaskGate | str:
    try:
        gate = parse_gate(str(item), LIMITS) if metric is None else parse_target(metric, item, LIMITS)
    except (LanguageError, ValueError) as fault:
        return fault.reason if isinstance(fault, LanguageError) else str(fault)
    return TaskGate(attribute, str(item) if metric is None else str(gate), gate, metrics_of(gate))


# --- what became of it ----------------------------------------------------------------------------------


def judged(row: TaskRow, meant: JsonObject, gates: Sequence[TaskGate], now: Micros) -> Iterator[JudgedGate]:
    """What became of gates by what was recorded of the task, at a time. Cost: that of the gates.

    `meant` are the task's attributes as its type means them.
    """
    if not gates:
        return
    metrics = cast("dict[str, dict[str, Any]]", row.metrics or {})
    named = {name for gate in gates for name in gate.metrics if name in metrics}
    freshness = _freshness(meant)
    observed = _observed(row, {name: metrics[name] for name in named}, freshness, now)
    baselines = _baselines(meant, metrics)
    waivers = cast("dict[str, dict[str, Any]]", row.gate_waivers or {})
    for gate in gates:
        waiver = waivers.get(gate.text)
        if waiver is not None and _holds(waiver, now):
            yield _waived(gate, waiver)
        elif gate.condition is None:
            yield _checked(gate, observed.get(gate.text))
        else:
            yield _compared(gate, gate.condition, observed, baselines)


def _observed(
    row: TaskRow, metrics: Mapping[str, Mapping[str, Any]], freshness: Micros | None, now: Micros
) -> dict[str, Observation]:
    observed: dict[str, Observation] = {}
    for name, said in metrics.items():
        at = from_wire("at", said["at"])
        is_old = freshness is not None and at + freshness <= now
        stale = is_old or said["attempt"] != row.attempt
        observed[name] = Observation(value=said["value"], observed_at=at, stale=stale)
    return observed


def _freshness(attributes: JsonObject) -> Micros | None:
    value = attributes.get(FRESHNESS)
    if not isinstance(value, str):
        return None
    try:
        return parse_duration(value)
    except LanguageError:
        return None


def _baselines(meant: JsonObject, metrics: Mapping[str, Mapping[str, Any]]) -> dict[str, object]:
    """What changes are measured against: as the task says, or else as it was first observed."""
    first = {name: said["first"] for name, said in metrics.items() if "first" in said}
    given = meant.get(BASELINES)
    return {**first, **given} if isinstance(given, dict) else first


def _holds(waiver: Mapping[str, Any], now: Micros) -> bool:
    until = from_wire("waived_until", waiver.get("until"))
    return until is None or now < until


def _waived(gate: TaskGate, waiver: Mapping[str, Any]) -> JudgedGate:
    by = f" by {waiver['by']}" if "by" in waiver else ""
    until = f" until {waiver['until']}" if "until" in waiver else ""
    return _verdict(gate, "waived", message=f"waived{by}{until}: {waiver['reason']}")


def _checked(gate: TaskGate, observation: Observation | None) -> JudgedGate:
    """A named check, which was reported as passed, or not."""
    if observation is None:
        return _verdict(gate, State.UNKNOWN.value, message=f"{gate.text} has not been reported")
    at, value = observation.observed_at, observation.value
    word = str(value).lower() if isinstance(value, bool | str) else ""
    if observation.stale:
        state, message = State.STALE, f"{gate.text}: what was reported is too old to count"
    elif word in _PASSED:
        state, message = State.PASSED, None
    elif word in _FAILED:
        state, message = State.FAILED, f"{gate.text} was reported as failed"
    else:
        state, message = State.UNKNOWN, f"{gate.text}: {shown(value)} is neither passed nor failed"
    return _verdict(gate, state.value, observed=str(value), observed_at=at, message=message)


def _compared(
    gate: TaskGate, condition: Gate, observed: Mapping[str, Observation], baselines: Mapping[str, object]
) -> JudgedGate:
    verdict = judge(condition, observed, baselines)
    deciding = [finding for finding in verdict.findings if finding.state is not State.PASSED]
    finding = deciding[0] if deciding else verdict.findings[0]
    passed = verdict.state is State.PASSED
    return _verdict(
        gate,
        verdict.state.value,
        observed=None if finding.observed is None else str(finding.observed),
        threshold=finding.threshold,
        observed_at=finding.observed_at,
        message=None if passed else "; ".join(map(_said, deciding or verdict.findings)),
    )


def _said(finding: Finding) -> str:
    operand = finding.comparison.operand
    if finding.observed is None or finding.state is not State.FAILED:
        return f"{operand}: {finding.reason or f'is {finding.observed}'}"
    return f"{operand} is {finding.observed}, {finding.off}"


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
        message=message,
    )
