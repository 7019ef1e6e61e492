"""What schedules do to a world: what has come by a time, and the copies that are made of a tree."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.agreement.connecting import Refused
from tests.agreement.facts import rank
from tests.agreement.given import LAGS
from tests.agreement.measuring import Measuring
from tests.agreement.scheduled import is_scheduled, schedule_of
from tests.agreement.timing import SPANS
from tests.agreement.world import Said, series_begun
from worklattice.model.commands import DependencySpec, NewTask, PauseSchedule, ResumeSchedule, Tick, WriteTask

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAGS: Final = {lag: text for text, lag in LAGS.items() if lag}


def after(period: timedelta, moment: datetime) -> datetime:
    """When it comes next after a moment."""
    return _EPOCH + (moment - _EPOCH) // period * period + period


class Repeating(Measuring):
    """Ticks, and schedules that are changed, paused and resumed."""

    @abstractmethod
    def bear_run(self, tasks: Sequence[NewTask], series: Said) -> None:
        """Create tasks of which the first is a run."""

    def misfits_schema(self, task_type: str, attributes: Said) -> bool:
        """Whether the attributes do not fit what is registered of a type."""
        said = self.world.types.get(task_type, {})
        meant = self.world.meant_by(task_type, attributes)
        priority, sla = meant.get("priority"), meant.get("sla")
        is_unread = (
            (priority is not None and rank(priority) == float("inf"))
            or (sla is not None and sla not in SPANS)
            or (attributes.get("schedule") is not None and schedule_of(attributes) is None)
        )
        if said.get("strict") and is_unread:
            return True
        if said.get("strict") and attributes.get("schedule") is not None and schedule_of(attributes) is None:
            return True
        return said.get("attributes_schema") is not None and not isinstance(attributes.get("mode", ""), str)

    def begin_anew(self, task_id: str, attributes: Said) -> None:
        """Note that a task gets other attributes, before it has them."""
        task = self.world.tasks[task_id]
        is_run = "of" in (task["series"] or {})
        if is_run or task["attributes"].get("schedule") == attributes.get("schedule"):
            return
        before = task["series"]
        paused = (before or {}).get("paused", False)
        task["series"] = series_begun(attributes, self.now, paused=paused)
        self.series_changed.append((task_id, "changed"))
        self.series_replaced[task_id] = before, task["series"]

    def pause(self, command: PauseSchedule) -> None:
        task = self._scheduled(command)
        if not task["series"].get("paused"):
            task["series"] = {**task["series"], "paused": True}
            self.series_changed.append((command.task_id, "paused"))
            self.touch("series.paused", command.task_id)

    def resume(self, command: ResumeSchedule) -> None:
        task = self._scheduled(command)
        if task["series"].get("paused"):
            task["series"] = {"until": self.now}
            self.series_changed.append((command.task_id, "resumed"))
            self.touch("series.resumed", command.task_id)

    def _scheduled(self, command: WriteTask[Any]) -> Said:
        task = self.subject(command)
        if not is_scheduled(self.world, command.task_id):
            raise Refused("ValidationError")
        return task

    # --- ticks ------------------------------------------------------------------------------------------

    def tick(self, command: Tick) -> None:
        """Handle what is due, one after the other, the earliest first."""
        runs: list[str] = []
        skipped = failed = 0
        for _ in range(command.limit):
            due = sorted(self._due())
            if not due:
                break
            _, _, task_id = due[0]
            missed, at, until = self._next(task_id)
            skipped += missed
            if at is None:
                self.tell("series.advanced", task_id)
            elif (name := self._make_run(task_id, at)) is not None:
                runs.append(name)
                self.tell("series.advanced", task_id)
            else:
                failed += 1
                self.tell("run.failed", task_id)
            self.world.tasks[task_id]["series"] = {**self.world.tasks[task_id]["series"], "until": until}
        self.expected = {"runs": tuple(runs), "skipped": skipped, "failed": failed}

    def _due(self) -> Iterator[tuple[datetime, int, str]]:
        for task_id, task in self.world.tasks.items():
            if not is_scheduled(self.world, task_id) or task["outcome"] is not None:
                continue
            schedule = schedule_of(task["attributes"])
            if schedule is None or task["series"].get("paused"):
                continue
            at = after(schedule[0], task["series"]["until"])
            if at <= self.now:
                yield at, self.world.born[task_id], task_id

    def _next(self, task_id: str) -> tuple[int, datetime | None, datetime]:
        """How many occurrences are missed, the one that makes a run, and up to when that handles all."""
        task = self.world.tasks[task_id]
        schedule = schedule_of(task["attributes"])
        assert schedule is not None
        period, policy, grace = schedule
        due = [after(period, task["series"]["until"])]
        while (following := after(period, due[-1])) <= self.now:
            due.append(following)
        if policy == "catch_up":
            return 0, due[0], due[0]
        if policy == "once":
            return len(due) - 1, due[-1], due[-1]
        late = [at for at in due if self.now - at > grace]
        in_time = due[len(late) :]
        return (len(late), in_time[0], in_time[0]) if in_time else (len(late), None, due[-1])

    def _make_run(self, task_id: str, at: datetime) -> str | None:
        """The id of the root of a run; None where it cannot be made."""
        members = [task_id, *self._copied(task_id)]
        names = {member: self._name(member, at) for member in members}
        tasks = [self._copy(member, names) for member in members]
        parent = self.world.tasks[task_id]["parent_id"]
        if self._completed_ancestor(parent) or self._is_over_around(task_id):
            return None
        if any(self.misfits_schema(new.task_type, new.attributes) for new in tasks):
            return None
        self.bear_run(tasks, {"of": task_id, "at": at})
        return names[task_id]

    def _is_over_around(self, task_id: str) -> bool:
        """Whether something around the task was withdrawn or archived."""
        there = self.world.tasks
        over = (each for each in self.world.ancestors(task_id) if there[each]["outcome"] is not None)
        stages = map(self.world.stage, over)
        return any("withdrawn" in stage.roles or stage.status == "archived" for stage in stages)

    def _copied(self, task_id: str) -> Iterator[str]:
        for child in self.world.children(task_id):
            task = self.world.tasks[child]
            if task["outcome"] != "withdrawn" and "of" not in (task["series"] or {}):
                yield child
                yield from self._copied(child)

    def _name(self, task_id: str, at: datetime) -> str:
        name = f"{task_id}:{at:%Y%m%dT%H%M%S}Z"
        return name if name not in self.world.tasks else self.new_id()

    def _copy(self, task_id: str, names: dict[str, str]) -> NewTask:
        task = self.world.tasks[task_id]
        parent = task["parent_id"]
        needs = [(key, self.world.effective(key[1])) for key in self.world.edges if key[0] == task_id]
        return NewTask(
            task_type=task["task_type"],
            attributes={name: value for name, value in task["attributes"].items() if name != "schedule"},
            task_id=names[task_id],
            parent_task_id=names.get(parent, parent),
            join=task["join"] or None,
            dependencies=tuple(
                _spec(self.world.edges[key], names[other], key[2]) for key, other in needs if other in names
            ),
        )


def _spec(edge: Said, other: str, kind: Any) -> DependencySpec:
    """A dependency as it would be given; what is as always is left out."""
    return DependencySpec(
        dependency_task_id=other,
        dependency_type=kind,
        mandatory=None if edge["mandatory"] else False,
        outcome=None if edge["outcome"] == "success" else edge["outcome"],
        conditions=edge["conditions"],
        lag=_LAGS.get(edge["lag"]),
        artifact=edge["artifact"],
        description=edge["description"],
    )
