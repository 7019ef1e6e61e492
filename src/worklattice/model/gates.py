"""The gates of a task: the conditions that its attributes make of its metrics.

Some attributes are gates, which must be passed before the task completes; others are triggers, which fire
when a metric is recorded that meets them. What cannot be read is an attribute like any other and guards
nothing; whoever writes it is warned.

Not here: the language of conditions (`worklattice.lang.gate_parsing`) and their meaning
(`worklattice.lang.judging`), what becomes of gates (`worklattice.model.verdicts`), recording metrics
(`worklattice.model.decide.metrics`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final, TypeAlias, TypeGuard

from attrs import frozen

from worklattice.errors import shown, written
from worklattice.lang.diagnostics import LanguageError
from worklattice.lang.durations import parse_duration
from worklattice.lang.gate import Gate, metrics_of
from worklattice.lang.gate_parsing import parse_gate, parse_target
from worklattice.lang.judging import baseline_of
from worklattice.model.observations import NAME_RULE, is_metric_name
from worklattice.model.rows import Micros
from worklattice.model.unreadable import Unreadable
from worklattice.types import LIMITS, JsonObject, JsonValue

GATES: Final = (
    "success_metrics",
    "performance_targets",
    "data_quality_rules",
    "coverage_target",
    "quality_checks",
)
"""The attributes that are gates, in the order in which they are judged."""

CHECKS: Final = "quality_checks"
"""The one of them that names checks."""

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

Names: TypeAlias = Mapping[str, str]
"""By meaning, the name that a type has for it, where that is another one."""

_NO_NAMES: Final[Names] = MappingProxyType({})


@frozen
class TaskGate:
    """One condition that an attribute of a task makes."""

    attribute: str
    """The attribute, by the name that the task has it under."""
    text: str
    """As it was written; targets, which may be written without a metric or an operator, in full."""
    condition: Gate | None
    """What must hold; None for a named check, which must be reported as passed."""
    metrics: tuple[str, ...]
    """The names of the metrics that it is judged by."""


def gates_of(meant: JsonObject, names: Names = _NO_NAMES) -> tuple[TaskGate, ...]:
    """The gates that guard the completion of a task with attributes of this meaning.

    `names` are those that its type has for meanings, where it has some of its own.
    """
    if _MEANT.isdisjoint(meant):
        return ()
    return tuple(
        gate
        for meaning in GATES
        if meaning in meant
        for gate in _read(meaning, meant[meaning], names.get(meaning, meaning))[0]
    )


def triggers_of(meant: JsonObject, names: Names = _NO_NAMES) -> tuple[TaskGate, ...]:
    """The conditions that fire as soon as a metric meets them."""
    if TRIGGERS not in meant:
        return ()
    return tuple(_read(TRIGGERS, meant[TRIGGERS], names.get(TRIGGERS, TRIGGERS))[0])


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
            yield from _read(name, attributes[name], name)[1]
    if POLICY in attributes and not _is_policy(attributes[POLICY]):
        yield Unreadable(POLICY, "is kept and counts as fail", f"it is one of {', '.join(POLICIES)}")
    if FRESHNESS in attributes and isinstance(fault := _freshness(attributes[FRESHNESS]), str):
        yield Unreadable(FRESHNESS, "is kept and means nothing", fault)
    if BASELINES in attributes:
        yield from _faults_in_baselines(attributes[BASELINES])


def _faults_in_baselines(value: JsonValue) -> Iterator[Unreadable]:
    if not isinstance(value, dict):
        yield Unreadable(BASELINES, "is kept and means nothing", "it is no object of metrics and values")
        return
    for name, baseline in sorted(value.items()):
        try:
            baseline_of(baseline)
        except LanguageError as fault:
            effect = "is kept and no change is measured against it"
            yield Unreadable(BASELINES, effect, fault.in_short, written((name,)))


_Found: TypeAlias = tuple[list[TaskGate], list[Unreadable]]


def _read(meaning: str, value: JsonValue, attribute: str) -> _Found:
    """The gates that the value of an attribute makes, and what is wrong with the rest of it."""
    found: _Found = ([], [])
    for place, item, metric in _items(meaning, value):
        if len(found[0]) >= LIMITS.gates:
            reason = f"at most {LIMITS.gates} gates are read"
            found[1].append(Unreadable(meaning, "and what follows guard nothing", reason, place))
            break
        gate = _check(attribute, item) if meaning == CHECKS else _gate(attribute, item, metric)
        if isinstance(gate, str):
            found[1].append(Unreadable(meaning, "is kept and guards nothing", gate, place))
        else:
            found[0].append(gate)
    return found


def _items(meaning: str, value: JsonValue) -> Iterator[tuple[str, JsonValue, str | None]]:
    """Each condition that a value holds, where in it, and the metric of which it is a target."""
    if meaning == "coverage_target":
        yield "", value, "coverage"
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield f"[{index}]", item, None
    elif isinstance(value, dict) and meaning != CHECKS:
        for metric, target in sorted(value.items()):  # not every store keeps the order of keys
            yield written((metric,)), target, metric
    else:
        yield "", value, None


def _check(attribute: str, item: JsonValue) -> TaskGate | str:
    """The gate of a named check, or why there is none."""
    if isinstance(item, str) and is_metric_name(item):
        return TaskGate(attribute, item, None, (item,))
    return f"{shown(item)} is not the name of a check: {NAME_RULE}"


def _gate(attribute: str, item: JsonValue, metric: str | None) -> TaskGate | str:
    """The gate, or why there is none."""
    if metric is None and not isinstance(item, str):
        return f"{shown(item)} is not a condition, such as error_rate < 1%"
    if isinstance(item, bool) or not isinstance(item, str | int | float):
        return f"{shown(item)} is not a target, such as > 95%"
    return _parsed(attribute, item, metric)


@lru_cache(maxsize=4096)
def _parsed(attribute: str, item: str | float, metric: str | None) -> TaskGate | str:
    if metric is not None and not is_metric_name(metric):
        return _no_metric(metric)
    try:
        gate = parse_gate(str(item), LIMITS) if metric is None else parse_target(metric, item, LIMITS)
    except LanguageError as fault:
        return fault.in_short
    names = metrics_of(gate)
    for name in names:
        if not is_metric_name(name):
            return _no_metric(name)
    return TaskGate(attribute, str(item) if metric is None else str(gate), gate, names)


def _no_metric(name: str) -> str:
    return f"nothing can be recorded as {shown(name)}: {NAME_RULE}"


def freshness_of(meant: JsonObject) -> Micros | None:
    """For how long what was observed counts; None: for ever."""
    found = _freshness(meant.get(FRESHNESS))
    return None if isinstance(found, str) else found


def _freshness(value: JsonValue) -> Micros | str:
    """The duration, or why it is none."""
    if not isinstance(value, str):
        return f"{shown(value)} is no duration, such as 15 minutes"
    try:
        return parse_duration(value) or "nothing would ever be fresh"
    except LanguageError as fault:
        return fault.in_short
