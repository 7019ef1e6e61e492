"""What each command does to a world, by the contract: naive, in place, and with every refusal.

`Decision` changes the world that it is given; whoever made that throws it away where a command is refused.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.agreement.facts import HOLDS_AWAITS, Facts
from tests.agreement.world import DEFAULT, Key, LifecycleOf, Said, StageOf, World, lifecycle_in
from worklattice.model.commands import (
    AddComment,
    BatchCreate,
    CreateTask,
    DeleteTask,
    DependencySpec,
    Keep,
    ManageDependencies,
    ManageLifecycle,
    NewTask,
    RegisterTaskType,
    TaskUpdates,
    UpdateTask,
    Write,
    WriteTask,
)
from worklattice.query.request import BulkUpdate

LAGS = {"30 minutes": timedelta(minutes=30), "1_hour": timedelta(hours=1), "PT0S": timedelta(0)}
"""Every lag that commands use here."""

NO_LIFECYCLES = ("trap", "unreachable", "unknown")
"""What the `initial` of a faulty lifecycle says, so that nobody has to find out."""


class Refused(Exception):  # noqa: N818 - a refusal is an answer
    """The command is refused with one of these errors; `unmet` are the kinds of reasons of a guard."""

    def __init__(self, *kinds: str, unmet: Iterable[str] = ()) -> None:
        super().__init__(kinds)
        self.kinds = frozenset(kinds)
        self.unmet = frozenset(unmet)


def _unmet(reasons: Iterable[str]) -> None:
    if reasons := list(reasons):
        raise Refused("PrerequisitesNotMetError", unmet=reasons)


class Decision:
    """One command. `expected` is what its answer must say, as far as that does not show in the dump."""

    def __init__(self, world: World, now: datetime, names: Sequence[str]) -> None:
        self.world = world
        self.now = now
        self.names = names
        self.changed = False
        self.expected: dict[str, Any] = {}
        self.notified: list[tuple[str, str]] = []
        self._touched: set[str] = set()

    def decide(self, command: Write) -> None:
        """Carry the command out."""
        match command:
            case CreateTask():
                self._create([command], checks=command.validation_checks)
            case BatchCreate():
                self._create(command.tasks, checks=command.validation_checks)
            case ManageDependencies():
                self._dependencies(command)
            case ManageLifecycle():
                self._lifecycle(command)
            case UpdateTask():
                self._subject(command)
                self._update(command.task_id, command.updates)
            case BulkUpdate():
                self._bulk_update(command)
            case DeleteTask():
                self._delete(command)
            case AddComment():
                self._comment(command)
            case RegisterTaskType():
                self._register(command)
            case _:
                raise NotImplementedError(type(command).__name__)

    # --- what commands share ----------------------------------------------------------------------------

    def _facts(self) -> Facts:
        return Facts(self.world, self.now)

    def _touch(self, task_id: str) -> None:
        """One more version for the command, however much it says of the task."""
        self.changed = True
        task = self.world.tasks[task_id]
        task["updated_at"] = self.now
        if task_id not in self._touched:
            self._touched.add(task_id)
            task["version"] += 1

    def _subject(self, command: WriteTask) -> Said:
        task = self.world.tasks.get(command.task_id)
        if task is None:
            raise Refused("TaskNotFoundError")
        if command.expected_version not in {None, task["version"]}:
            raise Refused("ConflictError")
        return task

    def _enter(self, task: Said, name: str, stage: StageOf) -> None:
        was = task["outcome"]
        task["stage"] = name
        if task["started_at"] is None and stage.roles & {"started", "succeeded"}:
            task["started_at"] = self.now
        if stage.ended:
            if was is None or stage.status != "archived":
                outcomes = stage.roles & {"succeeded", "failed", "withdrawn"}
                task["completed_at"], task["outcome"] = self.now, next(iter(outcomes), "ended")
        elif was is not None:
            task["completed_at"] = task["outcome"] = task["result"] = task["error"] = None
            task["attempt"] += 1

    def _unmet(self, task_id: str, stage: StageOf) -> list[str]:
        """Why the guards of a stage refuse the task."""
        facts, task = self._facts(), self.world.tasks[task_id]
        unmet: list[str] = []
        if stage.roles & {"started", "succeeded"}:
            unmet += ["dependency"] * (not facts.joins[task_id]) + ["ancestor"] * bool(facts.holders(task_id))
        if "started" in stage.roles and task["not_before"] is not None and task["not_before"] > self.now:
            unmet.append("not_before")
        if "succeeded" in stage.roles:
            if any(self.world.tasks[child]["outcome"] is None for child in self.world.children(task_id)):
                unmet.append("children")
            if set(facts.holding(task_id, "finish")) - {"satisfied", "waived"}:
                unmet.append("finish_dependency")
        return unmet

    def _completed_ancestor(self, parent: str | None) -> list[str]:
        """Why an open task cannot newly be inside `parent`."""
        while parent is not None and (task := self.world.tasks[parent])["outcome"] is not None:
            if task["outcome"] == "succeeded":
                return ["completed_ancestor"]
            parent = task["parent_id"]
        return []

    def _bad_attributes(self, task_type: str, attributes: Said) -> bool:
        if not _is_json(attributes):
            return True
        has_schema = self.world.types.get(task_type, {}).get("attributes_schema") is not None
        return has_schema and not isinstance(attributes.get("mode", ""), str)

    # --- creating ---------------------------------------------------------------------------------------

    def _create(self, tasks: Sequence[NewTask], *, checks: bool) -> None:
        names = [new.task_id or self.names[index] for index, new in enumerate(tasks)]
        in_batch = {new.task_id: index for index, new in enumerate(tasks) if not isinstance(new, CreateTask)}
        born: set[int] = set()
        for index in range(len(tasks)):
            line: list[int] = []
            upwards: int | None = index
            while upwards is not None and upwards not in born:
                if upwards in line:
                    raise Refused("ValidationError")
                line.append(upwards)
                parent = tasks[upwards].parent_task_id
                upwards = None if parent is None else in_batch.get(parent)
            for number in reversed(line):
                self._bear(tasks[number], names[number])
            born.update(line)
        for new, name in zip(tasks, names, strict=True):
            for spec in new.dependencies:
                self._add_edge(name, spec)
        for name in names if checks else ():
            task, stage = self.world.tasks[name], self.world.stage(name)
            late = [] if stage.ended else self._completed_ancestor(task["parent_id"])
            _unmet([*self._unmet(name, stage), *late])

    def _bear(self, new: NewTask, name: str) -> None:
        lifecycle = self.world.lifecycle(new.task_type)
        stage_name = new.lifecycle_stage or lifecycle.initial
        stage = lifecycle.stages.get(stage_name)
        problems = set()
        if self._bad_attributes(new.task_type, new.attributes) or not new.task_type:
            problems.add("ValidationError")
        if stage is None or stage.status == "superseded" or _bad_join(new.join) or _bad_time(new.not_before):
            problems.add("ValidationError")
        if name in self.world.tasks:
            problems.add("DuplicateTaskError")
        if not all(letter.isalnum() or letter in "_-.:?" for letter in name):
            problems.add("ValidationError")
        if new.parent_task_id is not None and new.parent_task_id not in self.world.tasks:
            problems.add("ParentTaskNotFoundError")
        if problems:
            raise Refused(*problems)
        assert stage is not None
        task: Said = dict.fromkeys(
            ("started_at", "completed_at", "template_id", "template_version", "superseded_by", "outcome")
        )
        task |= {"result": None, "error": None, "attempt": 1, "version": 1}
        task |= {"task_type": new.task_type, "parent_id": new.parent_task_id, "stage": stage_name}
        task |= {"attributes": new.attributes, "created_at": self.now, "updated_at": self.now}
        task |= {"not_before": new.not_before, "join": _join(new.join)}
        self._enter(task, stage_name, stage)
        self.world.tasks[name] = task
        self._touched.add(name)
        self.changed = True

    # --- dependencies -----------------------------------------------------------------------------------

    def _dependencies(self, command: ManageDependencies) -> None:
        self._subject(command)
        takes_ids = command.operation in {"remove", "waive", "unwaive"}
        named = command.dependencies or command.dependency_ids or command.operation == "replace"
        if (command.dependency_ids and not takes_ids) or not named:
            raise Refused("ValidationError")
        if command.expires_at is not None and command.operation != "waive":
            raise Refused("ValidationError")
        match command.operation:
            case "add":
                for spec in command.dependencies:
                    self._add_edge(command.task_id, spec)
            case "replace":
                wanted = {_key(command.task_id, spec) for spec in command.dependencies}
                for key in [key for key in self.world.edges if key[0] == command.task_id]:
                    if key not in wanted:
                        self._remove_edge(key)
                for spec in command.dependencies:
                    self._add_edge(command.task_id, spec)
            case "update":
                for spec in command.dependencies:
                    self._update_edge(command.task_id, spec)
            case "remove":
                for key in self._named(command):
                    self._remove_edge(key)
            case "waive":
                self._waive(command)
            case "unwaive":
                for key in self._named(command):
                    if self.world.edges[key]["waived_at"] is not None:
                        self._say(key, waived_at=None, waived_until=None, waived_by=None, waive_reason=None)

    def _add_edge(self, task_id: str, spec: DependencySpec) -> None:
        problems = {"ValidationError"} if _bad_spec(spec) else set()
        if spec.dependency_task_id == task_id:
            problems.add("CircularDependencyError")
        elif spec.dependency_task_id not in self.world.tasks:
            problems.add("DependencyNotFoundError")
        if problems:
            raise Refused(*problems)
        key = _key(task_id, spec)
        if key in self.world.edges:
            self._say(key, **_said(spec))
        else:
            edge: Said = dict.fromkeys(
                ("conditions", "artifact", "description", "waived_at", "waived_until", "waived_by", "waive_reason")
            )
            edge |= {"mandatory": True, "outcome": "success", "lag": timedelta(0)}
            self.world.edges[key] = edge | _said(spec)
            self._touch(key[0])

    def _update_edge(self, task_id: str, spec: DependencySpec) -> None:
        key = _key(task_id, spec)
        problems = {"ValidationError"} if _bad_spec(spec) else set()
        if key not in self.world.edges:
            problems.add("DependencyNotFoundError")
        if problems:
            raise Refused(*problems)
        self._say(key, **_said(spec))

    def _say(self, key: Key, **said: Any) -> None:
        """Change what is said of an edge; nothing happens where nothing differs."""
        edge = self.world.edges[key]
        if any(edge[name] != value for name, value in said.items()):
            edge.update(said)
            self._touch(key[0])

    def _remove_edge(self, key: Key) -> None:
        del self.world.edges[key]
        self._touch(key[0])

    def _waive(self, command: ManageDependencies) -> None:
        keys = self._named(command, late=command.expires_at is not None and command.expires_at <= self.now)
        for key in keys:
            self.world.edges[key] |= {
                "waived_at": self.now,
                "waived_until": command.expires_at,
                "waived_by": command.actor,
                "waive_reason": command.reason,
            }
            self._touch(key[0])

    def _named(self, command: ManageDependencies, *, late: bool = False) -> list[Key]:
        problems = {"ValidationError"} if late else set()
        keys: dict[Key, None] = {}
        for spec in command.dependencies:
            key = _key(command.task_id, spec)
            if key in self.world.edges:
                keys[key] = None
            else:
                problems.add("DependencyNotFoundError")
        for other in command.dependency_ids:
            found = [key for key in self.world.edges if _is_named(key, command, other)]
            if not found:
                problems.add("DependencyNotFoundError")
            keys |= dict.fromkeys(found)
        if problems:
            raise Refused(*problems)
        return list(keys)

    # --- lifecycle --------------------------------------------------------------------------------------

    def _lifecycle(self, command: ManageLifecycle) -> None:
        task = self._subject(command)
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
            _unmet(unmet)
        self._enter(task, target, stage)
        task["superseded_by"] = command.superseded_by or task["superseded_by"]
        for name in ("result", "error"):
            if getattr(command, name) is not None:
                task[name] = getattr(command, name)
        self._touch(command.task_id)
        if not stage.ended and command.cascade:
            taken = self._cascade(command, list(self.world.inside(command.task_id)))
        self.expected = {"cascaded": tuple(taken), "prerequisites_met": not unmet}
        self.notified = [(command.task_id, channel) for channel in dict.fromkeys(command.notify_channels)]

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
        if problems:
            raise Refused(*problems)

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
            self._enter(task, command.lifecycle_stage, stage)
            self._touch(task_id)
            taken.append(task_id)
        return taken

    # --- updating ---------------------------------------------------------------------------------------

    def _bulk_update(self, command: BulkUpdate) -> None:
        if (command.task_ids is None) == (command.filters is None):
            raise Refused("ValidationError")
        if command.task_ids is not None:
            task_ids = list(dict.fromkeys(command.task_ids))
        else:
            status, wanted = self._facts().status, command.filters and command.filters.status
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
        problems = _bad_join(updates.join)
        task_type = updates.task_type or task["task_type"]
        attributes = task["attributes"]
        if updates.attributes is not None:
            problems |= not _is_json(updates.attributes)
            attributes = _patched(attributes, updates.attributes)
        if updates.attributes is not None or task_type != task["task_type"]:
            problems |= self._bad_attributes(task_type, attributes)
        if updates.not_before is not Keep.KEEP:
            problems |= _bad_time(updates.not_before)
            changes["not_before"] = updates.not_before
        if problems:
            raise Refused("ValidationError")
        if self.world.lifecycle(task_type).stages.get(task["stage"]) != self.world.stage(task_id):
            raise Refused("PrerequisitesNotMetError", unmet=["stranded"])
        changes |= {"attributes": attributes, "task_type": task_type}
        if updates.join is not None:
            changes["join"] = _join(updates.join)
        if any(_spelled(task[name]) != _spelled(value) for name, value in changes.items()):
            task |= changes
            self._touch(task_id)

    def _move(self, task_id: str, parent: str | None) -> None:
        task = self.world.tasks[task_id]
        if parent is not None:
            if parent not in self.world.tasks:
                raise Refused("ParentTaskNotFoundError")
            if task_id in {parent, *self.world.ancestors(parent)}:
                raise Refused("CircularDependencyError")
            if task["outcome"] is None:
                _unmet(self._completed_ancestor(parent))
        task["parent_id"] = parent
        self._touch(task_id)

    # --- deleting, commenting, registering -------------------------------------------------------------

    def _delete(self, command: DeleteTask) -> None:
        self._subject(command)
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
            self._remove_edge(key)
        self.world.edges = {key: edge for key, edge in self.world.edges.items() if key[0] in staying}
        self.world.comments = [c for c in self.world.comments if c["task_id"] in staying]
        self.world.tasks = staying
        self.changed = True
        self.expected = {"deleted_task_ids": tuple(going), "dependencies_removed": len(links)}

    def _comment(self, command: AddComment) -> None:
        self._subject(command)
        if not command.text.strip():
            raise Refused("ValidationError")
        self._touch(command.task_id)
        comment = {"task_id": command.task_id, "text": command.text, "author": command.actor, "at": self.now}
        self.world.comments.append(comment)

    def _register(self, command: RegisterTaskType) -> None:
        document, lifecycle = command.lifecycle, DEFAULT
        registration: Said = {"task_type": command.task_type, "attributes_schema": command.attributes_schema}
        if document is not None:
            if document.get("initial") in NO_LIFECYCLES:
                raise Refused("ValidationError")
            lifecycle = lifecycle_in(document)
            registration["lifecycle"] = {**document, "initial": lifecycle.initial}
        if (command.attributes_schema or {}).get("type") == "nothing":
            raise Refused("ValidationError")
        self._refuse_if_stranding(command.task_type, lifecycle)
        self.world.types[command.task_type] = registration
        self.changed = True

    def _refuse_if_stranding(self, task_type: str, lifecycle: LifecycleOf) -> None:
        for task_id, task in self.world.tasks.items():
            same = lifecycle.stages.get(task["stage"]) == self.world.stage(task_id)
            if task["task_type"] == task_type and not same:
                raise Refused("PrerequisitesNotMetError", unmet=["stranded"])


# --- reading what was given --------------------------------------------------------------------------------


def _key(task_id: str, spec: DependencySpec) -> Key:
    if spec.dependency_type == "blocks":
        return spec.dependency_task_id, task_id, "completion"
    return task_id, spec.dependency_task_id, spec.dependency_type


def _is_named(key: Key, command: ManageDependencies, other: str) -> bool:
    if command.dependency_type == "blocks":
        return key == (other, command.task_id, "completion")
    return key[:2] == (command.task_id, other) and command.dependency_type in {None, key[2]}


def _bad_spec(spec: DependencySpec) -> bool:
    kind = "completion" if spec.dependency_type == "blocks" else spec.dependency_type
    awaits_finish = HOLDS_AWAITS.get(kind, ("", ""))[1] == "finish"
    return (
        (spec.outcome not in {None, "success"} and not awaits_finish)
        or (spec.artifact is not None and kind != "data")
        or (spec.lag is not None and spec.lag not in LAGS)
        or not _is_json(spec.conditions)
    )


def _said(spec: DependencySpec) -> Said:
    names = ("mandatory", "outcome", "conditions", "artifact", "description")
    said = {name: value for name in names if (value := getattr(spec, name)) is not None}
    return said if spec.lag is None else said | {"lag": LAGS[spec.lag]}


def _join(join: str | int | None) -> int:
    return {None: 0, "all": 0, "any": 1}.get(join, join)  # type: ignore[arg-type, return-value]


def _bad_join(join: str | int | None) -> bool:
    return join not in {None, "all", "any"} and not (isinstance(join, int) and join >= 1)


def _bad_time(moment: Any) -> bool:
    return moment is not None and moment.tzinfo is None


def _is_json(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(_is_json, value))
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, str | int)


def _patched(target: Any, patch: Said) -> Said:
    """RFC 7396."""
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _patched(result.get(name), value) if isinstance(value, dict) else value
    return result


def _spelled(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
