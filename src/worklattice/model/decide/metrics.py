"""Recording metrics, and what follows at once: gates that change, and triggers that fire.

Not here: which gates a task has and how they are judged (`worklattice.model.gates`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from worklattice.errors import Problem, ValidationError, shown
from worklattice.lang.judging import check
from worklattice.lang.times import format_time
from worklattice.model.answers import FiredTrigger, GateWaived, MetricsRecorded
from worklattice.model.commands import RecordMetrics, WaiveGate
from worklattice.model.decide import Conclude
from worklattice.model.decide.common import show, subject, wire_time, written
from worklattice.model.decide.lifecycle import enter
from worklattice.model.draft import Draft
from worklattice.model.gates import JudgedGate, TaskGate, gates_of, judged, role_when_fired, triggers_of
from worklattice.model.project import record
from worklattice.model.rows import TaskRow
from worklattice.types import LIMITS, JsonObject, JsonValue, copied, from_micros, to_micros

_METRICS = "arguments.metrics"
_GATE = "arguments.gate"
_NAME_RULE = f"a name has 1 to {LIMITS.id_characters} printable characters"


def record_metrics(command: RecordMetrics, draft: Draft) -> Conclude[MetricsRecorded]:
    """Record what was observed of a task.

    An observation that is older than what is known of its metric changes nothing of that.
    """
    before = subject(command, draft)
    _check(command, before)
    data: JsonObject = {"metrics": copied(command.metrics), "version": draft.bump(before)}
    if command.source is not None:
        data["source"] = command.source
    if command.observed_at is not None:
        data["observed_at"] = _observed_at(command.observed_at, draft)
    meant = draft.meant(before)
    gates = gates_of(meant)
    stood = list(judged(before, meant, gates, draft.now))
    record(draft, "metrics.recorded", before.task_id, data)
    row = draft.known(before.task_id)
    stands = tuple(judged(row, meant, gates, draft.now))
    _signal(draft, row.task_id, stood, stands)
    triggered, left = _fire(draft, row, command.metrics)
    return lambda after: MetricsRecorded(
        task_id=row.task_id,
        gates=stands,
        triggered=triggered,
        task=show(draft, row.task_id),
        **written(after, *_unusable(gates, command.metrics), *left),
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
        place = f"{_METRICS}.{name}"
        if not (0 < len(name) <= LIMITS.id_characters and name.isprintable() and name.strip() == name):
            yield Problem(field=_METRICS, message=f"{shown(name)} names no metric: {_NAME_RULE}")
        elif not isinstance(value, bool | int | float | str):
            yield Problem(field=place, message=f"must be a number or a text, not {shown(value)}")
        elif isinstance(value, str) and not 0 < len(value) <= LIMITS.metric_characters:
            yield Problem(
                field=place,
                message=f"must be a text of 1 to {LIMITS.metric_characters} characters",
            )


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
            record(draft, f"gate.{gate.state}", task_id, _told(gate))


def _told(gate: JudgedGate) -> JsonObject:
    said: JsonObject = {"attribute": gate.attribute, "gate": gate.gate, "observed": gate.observed}
    return said if gate.message is None else {**said, "message": gate.message}


def _fire(
    draft: Draft, row: TaskRow, recorded: Collection[str]
) -> tuple[tuple[FiredTrigger, ...], Sequence[str]]:
    """The triggers of an open task that fire because of what was recorded, and what is to be warned of."""
    meant = draft.meant(row)
    triggers = [each for each in triggers_of(meant) if not {*each.metrics}.isdisjoint(recorded)]
    if row.outcome is not None or not triggers:
        return (), ()
    met = [gate for gate in judged(row, meant, triggers, draft.now) if gate.state == "passed"]
    if not met:
        return (), ()
    messages = [f"{gate.gate}: it is {gate.observed}" for gate in met]
    for gate in met:
        said: JsonObject = {"attribute": gate.attribute, "trigger": gate.gate, "observed": gate.observed}
        record(draft, "trigger.fired", row.task_id, said)
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


def _unusable(gates: Sequence[TaskGate], metrics: JsonObject) -> Iterator[str]:
    """The warnings of values by which a gate cannot be judged."""
    for gate in gates:
        for name in gate.metrics:
            if gate.condition is not None and name in metrics:
                for reason in check(gate.condition, name, metrics[name]):
                    yield f"{name} cannot be judged by the gate {shown(gate.text)}: {reason}."


def waive_gate(command: WaiveGate, draft: Draft) -> Conclude[GateWaived]:
    """Waive a gate of a task, or take a waiver back."""
    row = subject(command, draft)
    meant = draft.meant(row)
    gates = gates_of(meant)
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
    listed = "; ".join(map(shown, known)) if known else "There is none"
    return ValidationError.of(_GATE, f"{shown(gate)} {why}", hint=f"Name one of these: {listed}.")
