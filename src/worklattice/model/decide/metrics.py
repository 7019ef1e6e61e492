"""Recording metrics, and what follows at once: gates that change, and triggers that fire.

Not here: which gates a task has (`worklattice.model.gates`), how they are judged
(`worklattice.model.verdicts`), and which observations are kept (`worklattice.model.observations`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, islice

from worklattice.errors import Problem, ValidationError, shown, worded
from worklattice.errors import written as quoted
from worklattice.lang.times import format_time
from worklattice.model.answers import FiredTrigger, GateWaived, MetricsRecorded
from worklattice.model.commands import RecordMetrics, WaiveGate
from worklattice.model.decide import Conclude
from worklattice.model.decide.common import REMARKS, show, subject, wire_time, written
from worklattice.model.decide.lifecycle import enter
from worklattice.model.draft import Draft
from worklattice.model.gates import TaskGate, freshness_of, gates_of, role_when_fired, triggers_of
from worklattice.model.observations import NAME_RULE, is_metric_name, news, value_fault, why_stale
from worklattice.model.project import record
from worklattice.model.rows import Micros, TaskRow
from worklattice.model.verdicts import JudgedGate, baselines_of, judged, unusable, watched
from worklattice.types import LIMITS, JsonObject, JsonValue, copied, from_micros, to_micros

_METRICS = "arguments.metrics"
_GATE = "arguments.gate"


def record_metrics(command: RecordMetrics, draft: Draft) -> Conclude[MetricsRecorded]:
    """Record what was observed of a task.

    An observation that is older than what is known of its metric changes nothing of that, and is warned of.
    """
    before = subject(command, draft)
    _check(command, before)
    data: JsonObject = {"metrics": copied(command.metrics), "version": draft.bump(before)}
    if command.source is not None:
        data["source"] = command.source
    if command.observed_at is not None:
        data["observed_at"] = _observed_at(command.observed_at, draft)
    meant, names = draft.meant(before), draft.meanings(before.task_type).names
    gates, triggers = gates_of(meant, names), triggers_of(meant, names)
    kept = news(before, data, draft.now).keys()
    stood = list(judged(before, meant, gates, draft.now))
    record(draft, "metrics.recorded", before.task_id, data)
    row = draft.known(before.task_id)
    stands = tuple(judged(row, meant, gates, draft.now))
    _signal(draft, row.task_id, stood, stands)
    watching = [trigger for trigger in triggers if not kept.isdisjoint(trigger.metrics)]
    triggered, left = _fire(draft, row, meant, watching)
    values = {name: value for name, value in command.metrics.items() if name in kept}
    lost = _lost(row, command.metrics, kept, freshness_of(meant), draft.now)
    useless = _useless(gates, triggers, values, baselines_of(row, meant))
    warnings = list(islice(chain(left, lost, useless), REMARKS))
    return lambda after: MetricsRecorded(
        task_id=row.task_id,
        gates=stands,
        triggered=triggered,
        task=show(draft, row.task_id),
        **written(after, *warnings),
    )


def _check(command: RecordMetrics, row: TaskRow) -> None:
    """Refuse names and values that can be no metric's, all of them at once."""
    problems = list(_problems(command.metrics))
    if len({*command.metrics, *(row.metrics or {})}) > LIMITS.metrics:
        problems.append(Problem(field=_METRICS, message=f"a task has at most {LIMITS.metrics:,} metrics"))
    if problems:
        raise ValidationError.all(problems)


def _problems(metrics: JsonObject) -> Iterator[Problem]:
    if not metrics:
        yield Problem(field=_METRICS, message='must name a metric at least, such as {"error_rate": "0.2%"}')
    for name, value in metrics.items():
        if not is_metric_name(name):
            yield Problem(field=_METRICS, message=f"{shown(name)} names no metric: {NAME_RULE}")
        elif (fault := value_fault(value)) is not None:
            yield Problem(field=_METRICS + quoted((name,)), message=fault)


def _observed_at(moment: datetime, draft: Draft) -> str:
    path = "arguments.observed_at"
    said = wire_time(moment, path)
    if to_micros(moment) > draft.now:
        now = format_time(from_micros(draft.now))
        raise ValidationError.of(path, f"lies ahead: it is {now}", hint="Leave it out where it is now.")
    return said


def _signal(draft: Draft, task_id: str, before: Sequence[JudgedGate], after: Sequence[JudgedGate]) -> None:
    """Tell of the gates that are passed now and were not, and of those that are failed now."""
    for was, gate in zip(before, after, strict=True):
        if gate.state != was.state and gate.state in {"passed", "failed"}:
            record(draft, f"gate.{gate.state}", task_id, _told(gate, "gate"))


def _told(gate: JudgedGate, what: str) -> JsonObject:
    """What the event says of a gate, or of a trigger."""
    said: JsonObject = {"attribute": gate.attribute, what: gate.gate, "observed": gate.observed}
    return said if gate.message is None else {**said, "message": gate.message}


def _fire(
    draft: Draft, row: TaskRow, meant: JsonObject, triggers: Sequence[TaskGate]
) -> tuple[tuple[FiredTrigger, ...], Sequence[str]]:
    """The triggers of an open task that fire now, and what is to be warned of."""
    met = [gate for gate in watched(row, meant, triggers, draft.now) if gate.state == "passed"]
    messages = [f"{worded(gate.gate)}: {gate.message}" for gate in met]
    if row.outcome is not None:
        what = f"Task {shown(row.task_id)} is {row.stage}: no trigger fires any more"
        return (), [f"{what}, though one is met: {message}." for message in messages]
    if not met:
        return (), ()
    for gate in met:
        record(draft, "trigger.fired", row.task_id, _told(gate, "trigger"))
    role = role_when_fired(meant)
    moved_to = None if role is None else _leave(draft, row, role, messages)
    fired = tuple(
        FiredTrigger(
            attribute=gate.attribute,
            trigger=gate.gate,
            observed=gate.observed,
            message=message,
            moved_to=moved_to,
        )
        for gate, message in zip(met, messages, strict=True)
    )
    stays = [] if role is None or moved_to is not None else [_stays(row, role)]
    return fired, stays


def _leave(draft: Draft, row: TaskRow, role: str, messages: Sequence[str]) -> str | None:
    """Move the task to the first stage of the role that its lifecycle leads to; its name, if there is one."""
    lifecycle = draft.lifecycle(row.task_type)
    ways = (lifecycle.stages[name] for name in lifecycle.next_stages(row.stage))
    stage = next((way for way in ways if way.outcome == role), None)
    if stage is None:
        return None
    reasons: list[JsonValue] = list(messages)
    enter(draft, row.task_id, stage, {"error": {"triggered": reasons}})
    return stage.name


def _stays(row: TaskRow, role: str) -> str:
    return f"Task {shown(row.task_id)} stays {row.stage}: its lifecycle leads from there to no {role} stage."


def _lost(
    row: TaskRow, recorded: Collection[str], kept: Collection[str], freshness: Micros | None, now: Micros
) -> Iterator[str]:
    """The warnings of observations that changed nothing, or count no longer."""
    for name in recorded:
        if name not in kept:
            yield f"{worded(name)} was observed before what is known of it, and changes nothing."
        elif (why := why_stale(row, name, freshness, now)) is not None:
            yield f"{worded(name)} was observed {why}, and does not count."


def _useless(
    gates: Sequence[TaskGate],
    triggers: Sequence[TaskGate],
    values: JsonObject,
    baselines: Mapping[str, object],
) -> Iterator[str]:
    """The warnings of values by which a gate or a trigger cannot be judged."""
    for what, conditions in (("gate", gates), ("trigger", triggers)):
        for each, name, reason in unusable(conditions, values, baselines):
            yield f"{worded(name)} cannot be judged by the {what} {shown(each.text)}: {reason}."


def waive_gate(command: WaiveGate, draft: Draft) -> Conclude[GateWaived]:
    """Waive a gate of a task, or take a waiver back."""
    row = subject(command, draft)
    meant = draft.meant(row)
    gates = gates_of(meant, draft.meanings(row.task_type).names)
    waived = row.gate_waivers or {}
    if command.withdraw:
        _refuse_terms(command)
        if command.gate not in waived:
            raise _unknown(command.gate, "is not waived", waived)
        record(draft, "gate.unwaived", row.task_id, {"gate": command.gate, "version": draft.bump(row)})
    else:
        named = [gate.text for gate in gates]
        if command.gate not in named:
            raise _unknown(command.gate, "is no gate of the task", named)
        record(draft, "gate.waived", row.task_id, _waiver(command, draft, row))
    stands = tuple(judged(draft.known(row.task_id), meant, gates, draft.now))
    return lambda after: GateWaived(
        task_id=row.task_id, gates=stands, task=show(draft, row.task_id), **written(after)
    )


def _refuse_terms(command: WaiveGate) -> None:
    if command.expires_at is not None:
        raise ValidationError.of("arguments.expires_at", "cannot go with withdraw")


def _waiver(command: WaiveGate, draft: Draft, row: TaskRow) -> JsonObject:
    if not (command.reason or "").strip():
        raise ValidationError.of("arguments.reason", "a waiver needs a reason", hint="Say why it may pass.")
    data: JsonObject = {"gate": command.gate, "reason": command.reason, "version": draft.bump(row)}
    if command.expires_at is not None:
        data["until"] = wire_time(command.expires_at, "arguments.expires_at")
        if to_micros(command.expires_at) <= draft.now:
            raise ValidationError.of("arguments.expires_at", "has passed already")
    return data


def _unknown(gate: str, why: str, known: Collection[str]) -> ValidationError:
    listed = "; ".join(map(shown, known))
    hint = f"Name one of these: {listed}." if known else "There is none."
    return ValidationError.of(_GATE, f"{shown(gate)} {why}", hint=hint)
