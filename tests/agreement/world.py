"""What was said to a workspace, as plain dictionaries, and how a canonical dump spells it.

Nothing that follows from it is kept: `facts` works that out at each question.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self, TypeAlias

from worklattice.model.commands import DependencyTypeName

Key: TypeAlias = tuple[str, str, DependencyTypeName]
"""Of a dependency: the dependant, the task it names, the type."""

Said: TypeAlias = dict[str, Any]


CLAIM = ("claimed_by", "claimed_until", "lease", "holds")
"""What is said of a task while somebody has claimed it."""


def series_begun(attributes: Said, at: datetime, *, paused: bool = False) -> Said | None:
    """How far a task with these attributes has come with its schedule, which it has from `at` on."""
    if attributes.get("schedule") is None:
        return None
    return {"until": at} | ({"paused": True} if paused else {})


class StageOf(NamedTuple):
    """A stage of a lifecycle: its status and what it means."""

    status: str
    roles: frozenset[str]

    @property
    def ended(self) -> bool:
        return bool(self.roles & {"ended", "succeeded", "failed", "withdrawn"})


class LifecycleOf(NamedTuple):
    """A lifecycle: the first stage, the stages, and where each leads."""

    initial: str
    stages: dict[str, StageOf]
    leads_to: dict[str, tuple[str, ...]]


def _default() -> LifecycleOf:
    """The table of section 3 of the contract."""
    table = {
        "draft": ("pending", "startable", "ready active cancelled superseded archived"),
        "ready": ("pending", "startable", "draft active blocked cancelled superseded archived"),
        "active": ("active", "started", "ready blocked review completed failed cancelled superseded"),
        "blocked": ("blocked", "", "ready active failed cancelled superseded archived"),
        "review": ("active", "started", "active completed failed cancelled superseded"),
        "completed": ("completed", "succeeded ended", "active superseded archived"),
        "failed": ("failed", "failed ended", "ready active cancelled superseded archived"),
        "cancelled": ("cancelled", "withdrawn ended", "draft ready archived"),
        "superseded": ("superseded", "withdrawn ended", "archived"),
        "archived": ("archived", "ended", ""),
    }
    return LifecycleOf(
        "draft",
        {name: StageOf(status, frozenset(roles.split())) for name, (status, roles, _) in table.items()},
        {name: tuple(targets.split()) for name, (_, _, targets) in table.items()},
    )


DEFAULT = _default()


def lifecycle_in(document: dict[str, Any]) -> LifecycleOf:
    """The lifecycle that a document describes, which is known to be sound."""
    stages: dict[str, StageOf] = {}
    for name, body in document["stages"].items():
        roles = set(body.get("roles", ()))
        if roles & {"succeeded", "failed", "withdrawn"}:
            roles.add("ended")
        stages[name] = StageOf(body["status"], frozenset(roles))
    startable = next(name for name, stage in stages.items() if "startable" in stage.roles)
    leads_to = {name: tuple(document["transitions"].get(name, ())) for name in stages}
    return LifecycleOf(document.get("initial", startable), stages, leads_to)


class World:
    """Everything said so far. Tasks and dependencies stand in the order in which they came."""

    def __init__(self) -> None:
        self.tasks: dict[str, Said] = {}
        self.edges: dict[Key, Said] = {}
        self.types: dict[str, Said] = {}
        self.lifecycles: dict[str, LifecycleOf] = {}
        self.calendars: dict[str, Said] = {}
        self.comments: list[Said] = []
        self.born: dict[str, int] = {}
        """When tasks came, in numbers that count everything that comes."""
        self.added: dict[Key, int] = {}
        """The same of dependencies."""
        self._numbers = 0
        self.last_event_at: datetime | None = None
        self.events = 0
        """How many events there are: the position of the last one."""

    def copy(self) -> Self:
        """The same, to be changed apart."""
        twin = type(self)()
        twin.tasks = {task_id: dict(task) for task_id, task in self.tasks.items()}
        twin.edges = {key: dict(edge) for key, edge in self.edges.items()}
        twin.types = dict(self.types)
        twin.lifecycles = dict(self.lifecycles)
        twin.calendars = dict(self.calendars)
        twin.comments = list(self.comments)
        twin.born, twin.added, twin._numbers = dict(self.born), dict(self.added), self._numbers
        twin.last_event_at = self.last_event_at
        twin.events = self.events
        return twin

    def number(self) -> int:
        """The number of what comes next."""
        self._numbers += 1
        return self._numbers

    def in_order(self) -> None:
        """Put what came back into its old place."""
        self.tasks = dict(sorted(self.tasks.items(), key=lambda item: self.born[item[0]]))
        self.edges = dict(sorted(self.edges.items(), key=lambda item: self.added[item[0]]))
        self.comments.sort(key=lambda comment: comment["number"])

    # --- looking about ----------------------------------------------------------------------------------

    def lifecycle(self, task_type: str) -> LifecycleOf:
        return self.lifecycles.get(task_type, DEFAULT)

    def meant(self, task: Said) -> Said:
        """The attributes of a task as its type means them."""
        return self.meant_by(task["task_type"], task["attributes"])

    def meant_by(self, task_type: str, attributes: Said) -> Said:
        """Attributes as a type means them."""
        said = self.types.get(task_type, {})
        names = said.get("attribute_names") or {}
        meant = dict(said.get("attribute_defaults") or {})
        meant |= {name: value for name, value in attributes.items() if name not in names}
        return meant | {name: attributes[own] for name, own in names.items() if own in attributes}

    def stage(self, task_id: str) -> StageOf:
        task = self.tasks[task_id]
        return self.lifecycle(task["task_type"]).stages[task["stage"]]

    def children(self, task_id: str) -> list[str]:
        return [child for child, task in self.tasks.items() if task["parent_id"] == task_id]

    def ancestors(self, task_id: str) -> Iterator[str]:
        """Nearest first."""
        parent = self.tasks[task_id]["parent_id"]
        while parent is not None:
            yield parent
            parent = self.tasks[parent]["parent_id"]

    def inside(self, task_id: str) -> Iterator[str]:
        """All that is inside a task, parents first, siblings in the order they came."""
        for child in self.children(task_id):
            yield child
            yield from self.inside(child)

    def inside_upwards(self, task_id: str) -> Iterator[str]:
        """All that is inside a task, children first, siblings in the order they came."""
        for child in self.children(task_id):
            yield from self.inside_upwards(child)
            yield child

    def effective(self, task_id: str) -> str:
        """The task itself, or what stands in its place."""
        while (replacement := self.tasks[task_id]["superseded_by"]) is not None:
            task_id = replacement
        return task_id

    # --- claims -----------------------------------------------------------------------------------------

    def has_room(self, needs: Said) -> bool:
        """Whether there is room in all resources beside what claims hold."""
        for name, need in needs.items():
            held = [task["holds"][name] for task in self.tasks.values() if name in (task["holds"] or {})]
            capacity = min(each["capacity"] for each in [need, *held])
            if sum(each["units"] for each in [need, *held]) > capacity:
                return False
        return True

    # --- the dump ---------------------------------------------------------------------------------------

    def dump(self) -> str:
        """The canonical dump."""
        lines = [_line("worklattice", {"format": 1})]
        lines += [_line("task_type", self.types[name]) for name in sorted(self.types)]
        for name in sorted(self.calendars):
            lines.append(_line("calendar", {"name": name, "body": self.calendars[name]}))
        lines += [_line("task", {"task_id": task_id, **task}) for task_id, task in self.tasks.items()]
        for (task_id, other, kind), edge in self.edges.items():
            key = {"task_id": task_id, "dependency_id": other, "type": kind}
            lines.append(_line("dependency", {**key, **edge}))
        lines += [_line("comment", {**comment, "number": None}) for comment in self.comments]
        lines.append(_line("end", {"lines": len(lines) + 1}))
        return "".join(lines)


def _line(kind: str, body: Said) -> str:
    said = {name: _spelled(value) for name, value in body.items() if value is not None}
    text = json.dumps({"kind": kind, **said}, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"{text}\n"


def _spelled(value: Any) -> Any:
    if isinstance(value, datetime):
        return spelled_time(value)
    if isinstance(value, timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        assert seconds == 0
        assert minutes < 24 * 60
        hours, minutes = divmod(minutes, 60)
        clock = f"{hours}H" * bool(hours) + f"{minutes}M" * bool(minutes)
        return f"PT{clock or '0S'}"
    if isinstance(value, dict):
        return {name: _spelled(item) for name, item in value.items()}
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return value


def spelled_time(moment: datetime) -> str:
    """The moment, which lies on a whole second, in RFC 3339."""
    assert moment.microsecond == 0
    return moment.isoformat().replace("+00:00", "Z")
