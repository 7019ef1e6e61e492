"""What commands do to a world: what all of them share, and the operations on dependencies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import attrs

from tests.agreement.facts import Facts, Told
from tests.agreement.given import does_not_fit, edge_key, edge_said, is_named
from tests.agreement.world import Key, Said, World
from worklattice.model.commands import DependencySpec, ManageDependencies, Write, WriteTask

WAIVER = ("waived_at", "waived_until", "waived_by", "waive_reason")


class Refused(Exception):  # noqa: N818 - a refusal is an answer
    """The command is refused with one of these errors.

    `unmet` are the kinds of reasons of a guard; `world` is what would have been, where that has a circle.
    """

    def __init__(self, *kinds: str, unmet: Iterable[str] = (), world: World | None = None) -> None:
        super().__init__(kinds)
        self.kinds = frozenset(kinds)
        self.unmet = frozenset(unmet)
        self.world = world


def refuse_if(problems: Iterable[str]) -> None:
    """Refuse with one of the problems, if there are any."""
    if problems := set(problems):
        raise Refused(*problems)


def refuse_unmet(reasons: Iterable[str]) -> None:
    """Refuse where a guard finds reasons."""
    if reasons := set(reasons):
        raise Refused("PrerequisitesNotMetError", unmet=reasons)


@attrs.define
class Traces:
    """What a command leaves behind for whoever undoes it, or redoes it."""

    needs: set[str] = attrs.Factory(set)
    """Tasks that must be there."""
    stages: list[tuple[str, str, str | None]] = attrs.Factory(list)
    """Types and stages that lifecycles must have, and how tasks have ended in them."""


class Change:
    """What one command does. `expected` is what its answer must say beside what shows in the dump."""

    def __init__(self, world: World, now: datetime, ids: Iterator[str], position: int) -> None:
        self.world = world
        self.now = now
        self.position = position
        self._ids = ids
        self.changed = False
        self.expected: dict[str, Any] = {}
        self.told: Told = Counter()
        self.touched: set[str] = set()
        self.back = Traces()
        """What must be there for whoever undoes it."""
        self.again = Traces()
        """What must be there for whoever does it again."""
        self.entered: list[tuple[str, str]] = []
        self.came_from: list[tuple[str, str]] = []
        self.came_to: list[tuple[str, str]] = []
        self.gone: dict[str, int] = {}
        self.registered: list[str] = []
        self.calendars: set[str] = set()
        """The names of those that were defined or deleted."""
        self.series_changed: list[tuple[str, str]] = []
        """Tasks whose series was changed, but for ticks, and how."""
        self.series_replaced: dict[str, tuple[Said | None, Said | None]] = {}
        """Of tasks that got another schedule, the series before that and after it."""
        self.undoes: Any = None

    def facts(self) -> Facts:
        """What follows from what was said so far."""
        return Facts(self.world, self.now)

    def new_id(self) -> str:
        """The next id that no task has."""
        return next(task_id for task_id in self._ids if task_id not in self.world.tasks)

    def tell(self, kind: str, *about: str | None) -> None:
        """An event: its kind, its task, and what more it says."""
        self.changed = True
        self.told[kind, *map(str, about)] += 1

    def touch(self, kind: str, task_id: str, *more: str | None) -> None:
        """An event about a task: one more version for the command, however much it says of the task."""
        self.tell(kind, task_id, *more)
        task = self.world.tasks[task_id]
        task["updated_at"] = self.now
        if task_id not in self.touched:
            self.touched.add(task_id)
            task["version"] += 1

    def _signed(self, command: Write[Any], said: Said) -> Said:
        """What was said, with when and by whom; what was not said is left out."""
        signed = {**said, "at": self.now, "by": command.actor}
        return {name: value for name, value in signed.items() if value is not None}

    def subject(self, command: WriteTask[Any]) -> Said:
        """The task that the command is about."""
        task = self.world.tasks.get(command.task_id)
        if task is None:
            raise Refused("TaskNotFoundError")
        if command.expected_version not in {None, task["version"]}:
            raise Refused("ConflictError")
        return task


class Connecting(Change):
    """Operations on dependencies."""

    def manage_dependencies(self, command: ManageDependencies) -> None:
        self.subject(command)
        takes_ids = command.operation in {"remove", "waive", "unwaive"}
        named = command.dependencies or command.dependency_ids or command.operation == "replace"
        if (command.dependency_ids and not takes_ids) or not named:
            raise Refused("ValidationError")
        if command.expires_at is not None and command.operation != "waive":
            raise Refused("ValidationError")
        match command.operation:
            case "add":
                self._add_all(command)
            case "replace":
                wanted = {edge_key(command.task_id, spec) for spec in command.dependencies}
                for key in [key for key in self.world.edges if key[0] == command.task_id]:
                    if key not in wanted:
                        self.remove_edge(key)
                self._add_all(command)
            case "update":
                for spec in command.dependencies:
                    self._update_edge(command.task_id, spec)
            case "remove":
                for key in self._named(command):
                    self.remove_edge(key)
            case "waive":
                self._waive(command)
            case "unwaive":
                for key in self._named(command):
                    if self.world.edges[key]["waived_at"] is not None:
                        self.world.edges[key] |= dict.fromkeys(WAIVER)
                        self.touch("dependency.unwaived", *key)

    def _add_all(self, command: ManageDependencies) -> None:
        for spec in command.dependencies:
            self.add_edge(command.task_id, spec)

    def add_edge(self, task_id: str, spec: DependencySpec) -> None:
        """Add a dependency, or update it."""
        problems = {"ValidationError"} if does_not_fit(spec) else set()
        if spec.dependency_task_id == task_id:
            problems.add("CircularDependencyError")
        elif spec.dependency_task_id not in self.world.tasks:
            problems.add("DependencyNotFoundError")
        refuse_if(problems)
        key = edge_key(task_id, spec)
        if key in self.world.edges:
            self._say(key, **edge_said(spec))
            return
        edge: Said = dict.fromkeys(("conditions", "artifact", "description", *WAIVER))
        edge |= {"mandatory": True, "outcome": "success", "lag": timedelta(0)}
        self.world.edges[key] = edge | edge_said(spec)
        self.world.added[key] = self.world.number()
        self.again.needs.add(key[1])
        self.touch("dependency.added", *key)

    def _update_edge(self, task_id: str, spec: DependencySpec) -> None:
        key = edge_key(task_id, spec)
        problems = {"ValidationError"} if does_not_fit(spec) else set()
        if key not in self.world.edges:
            problems.add("DependencyNotFoundError")
        refuse_if(problems)
        self._say(key, **edge_said(spec))

    def _say(self, key: Key, **said: Any) -> None:
        """Change what is said of an edge; nothing happens where nothing differs."""
        edge = self.world.edges[key]
        if any(edge[name] != value for name, value in said.items()):
            edge.update(said)
            self.touch("dependency.updated", *key)

    def remove_edge(self, key: Key) -> None:
        """Remove a dependency."""
        del self.world.edges[key]
        self.back.needs.add(key[1])
        self.touch("dependency.removed", *key)

    def _waive(self, command: ManageDependencies) -> None:
        own = {edge_key(command.task_id, spec): spec.expires_at for spec in command.dependencies}
        ends = {command.expires_at, *own.values()}
        for key in self._named(command, late=any(end is not None and end <= self.now for end in ends)):
            self.world.edges[key] |= {
                "waived_at": self.now,
                "waived_until": own.get(key) or command.expires_at,
                "waived_by": command.actor,
                "waive_reason": command.reason,
            }
            self.touch("dependency.waived", *key)

    def _named(self, command: ManageDependencies, *, late: bool = False) -> list[Key]:
        problems = {"ValidationError"} if late else set()
        keys: dict[Key, None] = {}
        for spec in command.dependencies:
            key = edge_key(command.task_id, spec)
            if key in self.world.edges:
                keys[key] = None
            else:
                problems.add("DependencyNotFoundError")
        for other in command.dependency_ids:
            found = [key for key in self.world.edges if is_named(key, command, other)]
            if not found:
                problems.add("DependencyNotFoundError")
            keys |= dict.fromkeys(found)
        refuse_if(problems)
        return list(keys)
