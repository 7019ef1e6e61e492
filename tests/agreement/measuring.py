"""What metrics do to a world: gates that are judged, triggers that fire, waivers."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any, Final

from tests.agreement.connecting import Refused
from tests.agreement.gauging import CONDITIONS, gates_in, judged, shown_by
from tests.agreement.stepping import Stepping
from tests.agreement.world import Said
from worklattice.model.commands import RecordMetrics, WaiveGate

REPORTS: Final = {"passed", "failed"}
"""What is drawn that is no number."""


class Measuring(Stepping):
    """Recording metrics, and waiving gates."""

    def record(self, command: RecordMetrics) -> None:
        """What is older than what is known changes nothing of it."""
        task = self.subject(command)
        gates = gates_in(self.world.meant(task))
        stood = [judged(task, gate, self.now) for gate in gates]
        news = dict(self._news(task, command))
        task["metrics"] = {**(task["metrics"] or {}), **news}
        self.touch("metrics.recorded", command.task_id)
        for gate, before in zip(gates, stood, strict=True):
            after = judged(task, gate, self.now)
            if after != before and after in {"passed", "failed"}:
                self.tell(f"gate.{after}", command.task_id)
        self._fire(task, command, news)

    def _news(self, task: Said, command: RecordMetrics) -> Iterable[tuple[str, Said]]:
        at = command.observed_at or self.now
        is_earlier = task["reopened_at"] is not None and at < task["reopened_at"]
        attempt = task["attempt"] - 1 if is_earlier else task["attempt"]
        for name, value in command.metrics.items():
            said: Said = {"value": value, "at": at, "attempt": attempt}
            if command.source is not None:
                said["source"] = command.source
            known = (task["metrics"] or {}).get(name)
            if known is not None:
                if known["attempt"] > attempt or (known["attempt"] == attempt and known["at"] > at):
                    continue
                if known["attempt"] == attempt and known.get("first", known["value"]) not in {0, *REPORTS}:
                    said["first"] = known.get("first", known["value"])
            yield name, said

    def _fire(self, task: Said, command: RecordMetrics, news: Container[str]) -> None:
        """Triggers of an open task of whose metric something new is known."""
        meant = self.world.meant(task)
        triggers = meant.get("rollback_triggers", ()) if task["outcome"] is None else ()
        fired = [
            trigger
            for trigger in triggers
            if CONDITIONS[trigger][0] in news and shown_by(task, trigger) == "passed"
        ]
        for _ in fired:
            self.tell("trigger.fired", command.task_id)
        role = {"record": None, "cancel": "withdrawn"}.get(meant.get("rollback_policy", "fail"), "failed")
        lifecycle = self.world.lifecycle(task["task_type"])
        ways = [name for name in lifecycle.leads_to[task["stage"]] if role in lifecycle.stages[name].roles]
        if not fired or not ways:
            return
        target = ways[0]
        self._pass(self.back, command.task_id)
        self.came_from.append((command.task_id, task["stage"]))
        self._enter(task, target, lifecycle.stages[target])
        self.came_to.append((command.task_id, target))
        self._pass(self.again, command.task_id)
        self.entered.append((command.task_id, target))
        numbers = [task["metrics"][CONDITIONS[trigger][0]]["value"] for trigger in fired]
        told: list[Any] = [f"{trigger}: it is {n}" for trigger, n in zip(fired, numbers, strict=True)]
        task["error"] = {"triggered": told}
        self.touch("task.stage_changed", command.task_id, target)

    def waive(self, command: WaiveGate) -> None:
        """A gate is waived, or a waiver taken back."""
        task = self.subject(command)
        waivers = dict(task["gate_waivers"] or {})
        if command.withdraw:
            if command.gate not in waivers:
                raise Refused("ValidationError")
            del waivers[command.gate]
        else:
            is_over = command.expires_at is not None and command.expires_at <= self.now
            if command.gate not in gates_in(self.world.meant(task)) or not command.reason or is_over:
                raise Refused("ValidationError")
            said = {"reason": command.reason, "until": command.expires_at}
            waivers[command.gate] = self._signed(command, said)
        task["gate_waivers"] = waivers or None
        self.touch(f"gate.{'unwaived' if command.withdraw else 'waived'}", command.task_id)
