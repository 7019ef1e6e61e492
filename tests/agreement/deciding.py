"""What each command does to a world, by the contract: naive, in place, and with every refusal.

`Decision` changes the world that it is given; whoever made that throws it away where a command is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.agreement.connecting import Refused, refuse_if, refuse_unmet
from tests.agreement.given import join_number, patched, spelled
from tests.agreement.repeating import Repeating
from tests.agreement.stepping import UNCHECKED
from tests.agreement.timing import clock_now
from tests.agreement.world import CLAIM, DEFAULT, LifecycleOf, Said, lifecycle_in, series_begun
from worklattice.model.commands import (
    AddArtifact,
    AddComment,
    BatchCreate,
    CreateTask,
    DefineCalendar,
    DeleteCalendar,
    DeleteTask,
    Keep,
    ManageDependencies,
    ManageLifecycle,
    NewTask,
    PauseSchedule,
    RecordApproval,
    RecordMetrics,
    RegisterTaskType,
    ReleaseClaim,
    RenewClaim,
    ResumeSchedule,
    TaskUpdates,
    Tick,
    UpdateTask,
    WaiveGate,
    Write,
)
from worklattice.query.request import BulkUpdate, ClaimTask

FAULTY_LIFECYCLES = ("trap", "unknown")
"""What the `initial` of a faulty lifecycle says, so that nobody has to find out."""


class Decision(Repeating):
    """One command."""

    def decide(self, command: Write[Any]) -> None:
        """Carry the command out."""
        match command:
            case CreateTask():
                self._create((command,), checks=command.validation_checks)
            case BatchCreate():
                self._create(command.tasks, checks=command.validation_checks)
            case UpdateTask():
                self.subject(command)
                self._update(command.task_id, command.updates)
            case _:
                self._others[type(command)](command)

    @property
    def _others(self) -> dict[type[Write[Any]], Callable[[Any], None]]:
        """The commands that have a method of their own."""
        return {
            ManageDependencies: self.manage_dependencies,
            ManageLifecycle: self._lifecycle,
            BulkUpdate: self._bulk_update,
            DeleteTask: self._delete,
            ClaimTask: self.claim,
            RenewClaim: self.renew,
            ReleaseClaim: self.release,
            AddComment: self._comment,
            RecordApproval: self._approve,
            AddArtifact: self._add_artifact,
            RecordMetrics: self.record,
            WaiveGate: self.waive,
            Tick: self.tick,
            PauseSchedule: self.pause,
            ResumeSchedule: self.resume,
            RegisterTaskType: self._register,
            DefineCalendar: self._define_calendar,
            DeleteCalendar: self._delete_calendar,
        }

    # --- creating ---------------------------------------------------------------------------------------

    def bear_run(self, tasks: Sequence[NewTask], series: Said) -> None:
        """Create tasks of which the first is a run."""
        self._create(tasks, checks=True)
        self.world.tasks[str(tasks[0].task_id)]["series"] = series

    def _create(self, tasks: Sequence[NewTask], *, checks: bool) -> None:
        names: dict[int, str] = {}
        in_batch = {new.task_id: index for index, new in enumerate(tasks) if not isinstance(new, CreateTask)}
        for index in range(len(tasks)):
            line: list[int] = []
            upwards: int | None = index
            while upwards is not None and upwards not in names:
                if upwards in line:
                    raise Refused("ValidationError")
                line.append(upwards)
                parent = tasks[upwards].parent_task_id
                upwards = None if parent is None else in_batch.get(parent)
            for number in reversed(line):
                names[number] = self._bear(tasks[number])
                self.tell("task.created", names[number], *([] if checks else [UNCHECKED]))
                if checks:
                    self.entered.append((names[number], self.world.tasks[names[number]]["stage"]))
        for index, new in enumerate(tasks):
            for spec in new.dependencies:
                self.add_edge(names[index], spec)
        for _, name in sorted(names.items()) if checks else ():
            task, stage = self.world.tasks[name], self.world.stage(name)
            refuse_unmet(self._unmet(name, stage))
            refuse_unmet([] if stage.ended else self._completed_ancestor(task["parent_id"]))

    def _bear(self, new: NewTask) -> str:
        name = new.task_id or self.new_id()
        lifecycle = self.world.lifecycle(new.task_type)
        stage_name = new.lifecycle_stage or lifecycle.initial
        stage = lifecycle.stages.get(stage_name)
        problems = set()
        if (
            self.misfits_schema(new.task_type, new.attributes)
            or stage is None
            or stage.status == "superseded"
        ):
            problems.add("ValidationError")
        if name in self.world.tasks:
            problems.add("DuplicateTaskError")
        if new.parent_task_id is not None and new.parent_task_id not in self.world.tasks:
            problems.add("ParentTaskNotFoundError")
        refuse_if(problems)
        assert stage is not None
        task: Said = dict.fromkeys(
            ("started_at", "completed_at", "reopened_at", "template_id", "template_version")
        )
        task |= dict.fromkeys(
            ("superseded_by", "outcome", "result", "error", "approval", "artifacts", "metrics")
        )
        task |= dict.fromkeys(("gate_waivers", "clock", "alarms"))
        task["series"] = series_begun(new.attributes, self.now)
        task |= dict.fromkeys(("token", *CLAIM))
        task |= {"attempt": 1, "version": 1}
        task |= {"task_type": new.task_type, "parent_id": new.parent_task_id, "stage": stage_name}
        task |= {"attributes": new.attributes, "created_at": self.now, "updated_at": self.now}
        task |= {"not_before": new.not_before, "join": join_number(new.join)}
        self._enter(task, stage_name, stage)
        self.world.tasks[name] = task
        self.world.born[name] = self.world.number()
        self.touched.add(name)
        self.again.stages.append((new.task_type, stage_name, self.world.tasks[name]["outcome"]))
        self.came_to.append((name, stage_name))
        self._need(self.again, new.parent_task_id)
        return name

    # --- updating ---------------------------------------------------------------------------------------

    def _bulk_update(self, command: BulkUpdate) -> None:
        if (command.task_ids is None) == (command.filters is None):
            raise Refused("ValidationError")
        if command.task_ids is not None:
            task_ids = list(dict.fromkeys(command.task_ids))
        else:
            status, wanted = self.facts().status, command.filters and command.filters.status
            by_age = sorted(self.world.tasks, key=lambda t: (self.world.tasks[t]["created_at"], t))
            task_ids = [task_id for task_id in by_age if status[task_id] in (wanted or ())]
        for task_id in task_ids:
            if task_id not in self.world.tasks:
                raise Refused("TaskNotFoundError")
            self._update(task_id, command.updates)
        self.expected = {"task_ids": tuple(task_ids)}

    def _update(self, task_id: str, updates: TaskUpdates) -> None:
        task = self.world.tasks[task_id]
        if updates.parent_task_id is not Keep.KEEP and updates.parent_task_id != task["parent_id"]:
            self._move(task_id, updates.parent_task_id)
        changes: Said = {}
        task_type = updates.task_type or task["task_type"]
        attributes = task["attributes"]
        if updates.attributes is not None:
            attributes = patched(attributes, updates.attributes)
        is_judged = updates.attributes is not None or task_type != task["task_type"]
        if is_judged and self.misfits_schema(task_type, attributes):
            raise Refused("ValidationError")
        if updates.not_before is not Keep.KEEP:
            changes["not_before"] = updates.not_before
        if self.world.lifecycle(task_type).stages.get(task["stage"]) != self.world.stage(task_id):
            raise Refused("PrerequisitesNotMetError", unmet=["stranded"])
        changes |= {"attributes": attributes, "task_type": task_type}
        if updates.join is not None:
            changes["join"] = join_number(updates.join)
        if any(spelled(task[name]) != spelled(value) for name, value in changes.items()):
            self._pass(self.back, task_id)
            self.begin_anew(task_id, attributes)
            reads_anew = any(
                spelled(task[name]) != spelled(changes[name]) for name in ("attributes", "task_type")
            )
            task |= changes
            if reads_anew:
                task["clock"] = clock_now(self.world, task, self.now)
            self._pass(self.again, task_id)
            self.touch("task.updated", task_id)

    def _move(self, task_id: str, parent: str | None) -> None:
        task = self.world.tasks[task_id]
        if parent is not None:
            if parent not in self.world.tasks:
                raise Refused("ParentTaskNotFoundError")
            if task_id in {parent, *self.world.ancestors(parent)}:
                raise Refused("CircularDependencyError")
            if task["outcome"] is None:
                refuse_unmet(self._completed_ancestor(parent))
        self._need(self.back, task["parent_id"])
        self._need(self.again, parent)
        task["parent_id"] = parent
        self.touch("task.moved", task_id, parent)

    # --- deleting, commenting, defining ----------------------------------------------------------------

    def _delete(self, command: DeleteTask) -> None:
        self.subject(command)
        going = [*self.world.inside_upwards(command.task_id), command.task_id]
        if len(going) > 1 and not command.cascade:
            raise Refused("PrerequisitesNotMetError", unmet=["has_children"])
        staying = {task_id: task for task_id, task in self.world.tasks.items() if task_id not in going}
        if any(task["superseded_by"] in going for task in staying.values()):
            raise Refused("PrerequisitesNotMetError", unmet=["is_needed"])
        links = [
            key
            for key in self.world.edges
            if key[0] in staying and (key[1] in going or self.world.effective(key[1]) in going)
        ]
        if not command.detach and any(key[2] not in {"information", "related"} for key in links):
            raise Refused("PrerequisitesNotMetError", unmet=["is_needed"])
        for key in links:
            self.remove_edge(key)
        for task_id in going:
            self._pass(self.back, task_id)
            self.came_from.append((task_id, self.world.tasks[task_id]["stage"]))
            self._need(self.back, self.world.tasks[task_id]["parent_id"])
            self.gone[task_id] = self.world.tasks[task_id]["version"]
        for key in self.world.edges:
            if key[0] in going:
                self._need(self.back, key[1])
        self.world.edges = {key: edge for key, edge in self.world.edges.items() if key[0] in staying}
        self.world.comments = [c for c in self.world.comments if c["task_id"] in staying]
        self.world.tasks = staying
        for task_id in going:
            self.tell("task.deleted", task_id)
        self.expected = {"deleted_task_ids": tuple(going), "dependencies_removed": len(links)}

    def _comment(self, command: AddComment) -> None:
        self.subject(command)
        if not command.text.strip():
            raise Refused("ValidationError")
        self.touch("comment.added", command.task_id)
        comment = {"task_id": command.task_id, "text": command.text, "author": command.actor, "at": self.now}
        self.world.comments.append({**comment, "number": self.world.number()})

    def _approve(self, command: RecordApproval) -> None:
        self.subject(command)
        said = {"decision": command.decision, "comment": command.comment}
        self.world.tasks[command.task_id]["approval"] = self._signed(command, said)
        self.touch("approval.recorded", command.task_id)

    def _add_artifact(self, command: AddArtifact) -> None:
        self.subject(command)
        if (command.uri is None) == (command.content is None):
            raise Refused("ValidationError")
        said = {name: getattr(command, name) for name in ("uri", "content", "media_type")}
        task = self.world.tasks[command.task_id]
        task["artifacts"] = {**(task["artifacts"] or {}), command.name: self._signed(command, said)}
        self.touch("artifact.added", command.task_id)

    def _register(self, command: RegisterTaskType) -> None:
        document, lifecycle = command.lifecycle, DEFAULT
        registration: Said = {"task_type": command.task_type, "strict": command.strict}
        for name in ("attributes_schema", "attribute_names", "attribute_defaults"):
            registration[name] = getattr(command, name)
        if document is not None:
            if document.get("initial") in FAULTY_LIFECYCLES:
                raise Refused("ValidationError")
            lifecycle = lifecycle_in(document)
            registration["lifecycle"] = {**document, "initial": lifecycle.initial}
        if (command.attributes_schema or {}).get("type") == "nothing" or "rank" in (
            command.attribute_names or {}
        ):
            raise Refused("ValidationError")
        self._refuse_if_stranding(command.task_type, lifecycle)
        self.registered.append(command.task_type)
        self.world.types[command.task_type] = registration
        self.world.lifecycles[command.task_type] = lifecycle
        self.read_anew(command.task_type)
        self.tell("task_type.defined", None)

    def _define_calendar(self, command: DefineCalendar) -> None:
        if command.name == "sunday" or not {"working_hours", "windows"} & command.calendar.keys():
            raise Refused("ValidationError")
        self.calendars.add(command.name)
        self.world.calendars[command.name] = command.calendar
        self.tell("calendar.defined", None)

    def _delete_calendar(self, command: DeleteCalendar) -> None:
        if command.name not in self.world.calendars:
            raise Refused("ValidationError")
        self.calendars.add(command.name)
        del self.world.calendars[command.name]
        self.tell("calendar.removed", None)

    def _refuse_if_stranding(self, task_type: str, lifecycle: LifecycleOf) -> None:
        for task_id, task in self.world.tasks.items():
            same = lifecycle.stages.get(task["stage"]) == self.world.stage(task_id)
            if task["task_type"] == task_type and not same:
                raise Refused("PrerequisitesNotMetError", unmet=["stranded"])
