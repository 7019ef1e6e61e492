"""What steps through the lifecycle do to a world: how a task enters a stage, and the guards before it."""

from __future__ import annotations

from collections.abc import Iterable

from tests.agreement.claiming import Claiming
from tests.agreement.connecting import Refused, Traces, refuse_if, refuse_unmet
from tests.agreement.gauging import gates_in, judged
from tests.agreement.timing import clock_after, is_closed
from tests.agreement.world import CLAIM, Said, StageOf
from worklattice.model.commands import ManageLifecycle

UNCHECKED = "unchecked"
"""What an event says more where guards were skipped."""


class Stepping(Claiming):
    """Moving tasks, one or a whole subtree."""

    def _enter(self, task: Said, name: str, stage: StageOf) -> None:
        was = task["outcome"]
        task["clock"] = clock_after(self.world, task, name, stage, self.now)
        task["stage"] = name
        if task["started_at"] is None and stage.roles & {"started", "succeeded"}:
            task["started_at"] = self.now
        if stage.ended:
            task |= dict.fromkeys(CLAIM)
            if was is None or stage.status != "archived":
                outcomes = stage.roles & {"succeeded", "failed", "withdrawn"}
                task["completed_at"], task["outcome"] = self.now, next(iter(outcomes), "ended")
        elif was is not None:
            task["completed_at"] = task["outcome"] = task["result"] = task["error"] = None
            task["approval"] = task["artifacts"] = task["gate_waivers"] = None
            task["attempt"] += 1
            task["reopened_at"] = self.now
            if task["series"] is not None and "until" in task["series"]:
                task["series"] = {**task["series"], "until": self.now}

    def _pass(self, traces: Traces, task_id: str) -> None:
        """Note the stage that a task is in."""
        task = self.world.tasks[task_id]
        traces.stages.append((task["task_type"], task["stage"], task["outcome"]))

    def read_anew(self, task_type: str) -> None:
        """Let the clocks of the tasks of a type follow what it means by attributes now."""
        for task in self.world.tasks.values():
            if task["task_type"] == task_type:
                stage = self.world.lifecycle(task_type).stages[task["stage"]]
                task["clock"] = clock_after(self.world, task, task["stage"], stage, self.now)

    def _need(self, traces: Traces, task_id: str | None) -> None:
        """Note a task that is referred to."""
        if task_id is not None:
            traces.needs.add(task_id)

    def _unmet(self, task_id: str, stage: StageOf) -> list[str]:
        """Why the guards of a stage refuse the task."""
        facts, task = self.facts(), self.world.tasks[task_id]
        unmet: list[str] = []
        if stage.roles & {"started", "succeeded"}:
            unmet += ["dependency"] * (not facts.joins[task_id]) + ["ancestor"] * bool(facts.holders(task_id))
        present = self.world.lifecycle(task["task_type"]).stages[task["stage"]]
        starts = "started" in stage.roles and (stage is present or "started" not in present.roles)
        if starts and task["not_before"] is not None and task["not_before"] > self.now:
            unmet.append("not_before")
        if starts and is_closed(self.world, task_id, self.now):
            unmet.append("window")
        if "succeeded" in stage.roles:
            if any(self.world.tasks[child]["outcome"] is None for child in self.world.children(task_id)):
                unmet.append("children")
            if set(facts.holding(task_id, "finish")) - {"satisfied", "waived"}:
                unmet.append("finish_dependency")
            unmet += ["gate"] * self._has_open_gates(task)
        return unmet

    def _has_open_gates(self, task: Said) -> bool:
        """Whether a gate of the task is neither passed nor waived."""
        states = [judged(task, gate, self.now) for gate in gates_in(self.world.meant(task))]
        return bool({*states} - {"passed", "waived"})

    def _completed_ancestor(self, parent: str | None) -> list[str]:
        """Why an open task cannot newly be inside `parent`."""
        while parent is not None and (task := self.world.tasks[parent])["outcome"] is not None:
            if task["outcome"] == "succeeded":
                return ["completed_ancestor"]
            parent = task["parent_id"]
        return []

    def _lifecycle(self, command: ManageLifecycle) -> None:
        task = self.subject(command)
        self.check_token(task, command.claim_token)
        target = command.lifecycle_stage
        lifecycle = self.world.lifecycle(task["task_type"])
        if target not in lifecycle.leads_to[task["stage"]]:
            raise Refused("InvalidTransitionError")
        stage = lifecycle.stages[target]
        self._check_request(command, stage)
        taken: list[str] = []
        if stage.ended and command.cascade:
            taken = self._cascade(command, list(self.world.inside_upwards(command.task_id)))
        unmet = self._unmet(command.task_id, stage)
        if task["outcome"] is not None and not stage.ended:
            unmet += self._completed_ancestor(task["parent_id"])
        if command.validation_checks:
            refuse_unmet(unmet)
        self._go(command.task_id, stage, command)
        if command.superseded_by is not None:
            task["superseded_by"] = command.superseded_by
            self._need(self.again, command.superseded_by)
            self.touch("task.superseded", command.task_id)
        for name in ("result", "error"):
            if getattr(command, name) is not None:
                task[name] = getattr(command, name)
        if not stage.ended and command.cascade:
            taken = self._cascade(command, list(self.world.inside(command.task_id)))
        self.expected = {"cascaded": tuple(taken), "prerequisites_met": not unmet}
        for channel in dict.fromkeys(command.notify_channels):
            self.tell("notification.requested", command.task_id, channel)

    def _go(self, task_id: str, stage: StageOf, command: ManageLifecycle) -> None:
        target = command.lifecycle_stage
        self._pass(self.back, task_id)
        self.came_from.append((task_id, self.world.tasks[task_id]["stage"]))
        series = self.world.tasks[task_id]["series"]
        self._enter(self.world.tasks[task_id], target, stage)
        if self.world.tasks[task_id]["series"] != series:
            self.series_changed.append((task_id, "reopened"))
        self.came_to.append((task_id, target))
        self._pass(self.again, task_id)
        if command.validation_checks:
            self.entered.append((task_id, target))
        self.touch("task.stage_changed", task_id, target, *([] if command.validation_checks else [UNCHECKED]))

    def _check_request(self, command: ManageLifecycle, stage: StageOf) -> None:
        problems = set()
        says_more = command.result is not None or command.error is not None
        if says_more and not (stage.ended or "started" in stage.roles):
            problems.add("ValidationError")
        if (stage.status == "superseded") != (command.superseded_by is not None):
            problems.add("ValidationError")
        following = command.superseded_by if stage.status == "superseded" else None
        while following is not None and not problems:
            if following not in self.world.tasks:
                problems.add("TaskNotFoundError")
            elif following == command.task_id:
                problems.add("CircularDependencyError")
            else:
                following = self.world.tasks[following]["superseded_by"]
        refuse_if(problems)

    def _cascade(self, command: ManageLifecycle, inside: Iterable[str]) -> list[str]:
        """Take along what can go, one after the other."""
        taken: list[str] = []
        for task_id in inside:
            task = self.world.tasks[task_id]
            lifecycle = self.world.lifecycle(task["task_type"])
            if command.lifecycle_stage not in lifecycle.leads_to[task["stage"]]:
                continue
            stage = lifecycle.stages[command.lifecycle_stage]
            unmet = self._unmet(task_id, stage)
            if task["outcome"] is not None and not stage.ended:
                unmet += self._completed_ancestor(task["parent_id"])
            if stage.status == "superseded" or (command.validation_checks and unmet):
                continue
            self._go(task_id, stage, command)
            taken.append(task_id)
        return taken
