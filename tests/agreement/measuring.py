"""What metrics do to a world: gates that are judged, triggers that fire, waivers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.agreement.connecting import Refused
from tests.agreement.gauging import CONDITIONS, gates_in, judged
from tests.agreement.stepping import Stepping
from tests.agreement.world import Said
from worklattice.model.commands import RecordMetrics, WaiveGate


class Measuring(Stepping):
    """Recording metrics, and waiving gates."""

    def record(self, command: RecordMetrics) -> None:
        """What is older than what is known changes nothing of it."""
        task = self.subject(command)
        gates = gates_in(self.world.meant(task))
        stood = [judged(task, gate, self.now) for gate in gates]
        task["metrics"] = {**(task["metrics"] or {}), **dict(self._news(task, command))}
        self.touch("metrics.recorded", command.task_id)
        for gate, before in zip(gates, stood, strict=True):
            after = judged(task, gate, self.now)
            if after != before and after in {"passed", "failed"}:
                self.tell(f"gate.{after}", command.task_id)
        self._fire(task, command)

    def _news(self, task: Said, command: RecordMetrics) -> Iterable[tuple[str, Said]]:
        for name, value in command.metrics.items():
            said: Said = {"value": value, "at": command.observed_at or self.now, "attempt": task["attempt"]}
            if command.source is not None:
                said["source"] = command.source
            known = (task["metrics"] or {}).get(name)
            if known is not None and known["attempt"] == task["attempt"]:
                if known["at"] > said["at"]:
                    continue
                said["first"] = known.get("first", known["value"])
            yield name, said

    def _fire(self, task: Said, command: RecordMetrics) -> None:
        """Triggers of an open task whose metric was recorded now."""
        meant = self.world.meant(task)
        triggers = meant.get("rollback_triggers", ()) if task["outcome"] is None else ()
        fired = [
            trigger
            for trigger in triggers
            if CONDITIONS[trigger][0] in command.metrics and judged(task, trigger, self.now) == "passed"
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
