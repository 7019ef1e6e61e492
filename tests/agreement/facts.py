"""What follows from what was said, worked out from scratch: sections 3 and 4 of the contract, read literally.

Nothing is remembered between two questions, and nothing is taken from the code under test.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any, TypeAlias

from tests.agreement.scheduled import scheduled_around
from tests.agreement.timing import breached_at, due_at, is_closed
from tests.agreement.world import Key, World

HOLDS_AWAITS = {
    "completion": ("start", "finish"),
    "approval": ("start", "finish"),
    "data": ("start", "finish"),
    "start_to_start": ("start", "start"),
    "finish_to_finish": ("finish", "finish"),
    "start_to_finish": ("finish", "start"),
}
"""Of each type that holds something back: the point of the dependant, and that of the other."""

Point: TypeAlias = tuple[str, str]

Told: TypeAlias = Counter[tuple[str, ...]]
"""How often each event is recorded: its kind, its task, and what more it says."""


class Facts:
    """Everything that follows at one time."""

    def __init__(self, world: World, now: datetime) -> None:
        self.world = world
        self.now = now
        self.states = {key: self._state(key) for key in world.edges}
        self.joins = {task_id: self._join_met(task_id) for task_id in world.tasks}
        self.waits = {task_id: self._waits(task_id) for task_id in world.tasks}
        self.status = {
            task_id: "blocked" if self.waits[task_id] else world.stage(task_id).status
            for task_id in world.tasks
        }
        self.ready = {task_id: self._ready(task_id) for task_id in world.tasks}

    # --- edges ------------------------------------------------------------------------------------------

    def _state(self, key: Key) -> str:
        task_id, other_id, kind = key
        edge = self.world.edges[key]
        if kind not in HOLDS_AWAITS:
            return "satisfied" if kind == "prerequisite" else "not_applicable"
        if not _match(edge["conditions"], self.world.tasks[task_id]["attributes"]):
            return "not_applicable"
        if edge["waived_at"] is not None and (
            edge["waived_until"] is None or self.now < edge["waived_until"]
        ):
            return "waived"
        other = self.world.tasks[self.world.effective(other_id)]
        ended = other["outcome"] is not None
        if HOLDS_AWAITS[kind][1] == "start":
            reached, missed = other["started_at"], ended and other["started_at"] is None
        elif kind == "data" and edge["artifact"] is not None:
            delivered = (other["artifacts"] or {}).get(edge["artifact"])
            reached = None if delivered is None else delivered["at"]
            missed = delivered is None and ended and other["outcome"] != "succeeded"
        else:
            fits = (
                ended
                and {
                    "success": other["outcome"] == "succeeded",
                    "failure": other["outcome"] == "failed",
                    "any": True,
                }[edge["outcome"]]
            )
            reached, missed = other["completed_at"] if fits else None, ended and not fits
            if kind == "approval" and reached is not None:
                said = other["approval"]
                missed = said is not None and said["decision"] == "rejected"
                reached = None if said is None or missed else max(reached, said["at"])
        if missed:
            return "failed"
        return "satisfied" if reached is not None and reached + edge["lag"] <= self.now else "pending"

    def holding(self, task_id: str, point: str) -> list[str]:
        """The states of the mandatory, applicable edges that hold back a point of the task."""
        return [
            state
            for key, state in self.states.items()
            if key[0] == task_id
            and HOLDS_AWAITS.get(key[2], ("", ""))[0] == point
            and self.world.edges[key]["mandatory"]
            and state != "not_applicable"
        ]

    # --- tasks ------------------------------------------------------------------------------------------

    def _join_met(self, task_id: str) -> bool:
        states = self.holding(task_id, "start")
        join = self.world.tasks[task_id]["join"]
        met = sum(state in {"satisfied", "waived"} for state in states)
        return met >= (len(states) if join == 0 else min(join, len(states)))

    def holders(self, task_id: str) -> list[str]:
        """The ancestors that hold the task back."""
        return [ancestor for ancestor in self.world.ancestors(task_id) if self._holds_inside(ancestor)]

    def _holds_inside(self, task_id: str) -> bool:
        if self.world.tasks[task_id]["outcome"] is None:
            return not self.joins[task_id]
        stage = self.world.stage(task_id)
        return "withdrawn" in stage.roles or stage.status == "archived"

    def _waits(self, task_id: str) -> bool:
        is_open = self.world.tasks[task_id]["outcome"] is None
        return is_open and (not self.joins[task_id] or bool(self.holders(task_id)))

    def _ready(self, task_id: str) -> bool:
        not_before = self.world.tasks[task_id]["not_before"]
        startable = "startable" in self.world.stage(task_id).roles
        startable = startable and self.world.tasks[task_id]["claimed_by"] is None
        startable = startable and not scheduled_around(self.world, task_id)
        startable = startable and not is_closed(self.world, task_id, self.now)
        return startable and not self.waits[task_id] and (not_before is None or not_before <= self.now)

    def claims(self) -> dict[str, tuple[int, str, datetime] | None]:
        """The live claim on each task, where there is one: token, worker, and until when."""
        return {
            task_id: None
            if task["claimed_by"] is None
            else (task["token"], task["claimed_by"], task["claimed_until"])
            for task_id, task in self.world.tasks.items()
        }

    def dues(self) -> dict[str, tuple[datetime | None, datetime | None]]:
        """By when each task must be done, and the due time that it has missed."""
        return {
            task_id: (due_at(self.world, task_id), breached_at(self.world, task_id))
            for task_id in self.status
        }

    def overdue(self) -> set[str]:
        """The open tasks whose due time has come."""
        dues = {
            task_id: due for task_id, (due, _) in self.dues().items() if due is not None and due <= self.now
        }
        return {task_id for task_id in dues if self.world.tasks[task_id]["completed_at"] is None}

    def ready_in_order(self) -> list[str]:
        """Ready tasks by priority, then age, ties by id."""

        def place(task_id: str) -> tuple[float, datetime, str]:
            task = self.world.tasks[task_id]
            return rank(self.world.meant(task).get("priority")), task["created_at"], task_id

        return sorted((task_id for task_id, ready in self.ready.items() if ready), key=place)


def rank(priority: Any) -> float:
    """The place among ready tasks that a priority gives."""
    if isinstance(priority, str):
        return {"critical": 0, "high": 1, "medium": 2, "low": 3}.get(priority, float("inf"))
    return float("inf") if priority is None or isinstance(priority, bool) else float(priority)


def _match(conditions: dict[str, Any] | None, attributes: dict[str, Any]) -> bool:
    return all(
        name in attributes and _alike(attributes[name], wanted) for name, wanted in (conditions or {}).items()
    )


def _alike(value: Any, wanted: Any) -> bool:
    """Equal as JSON: true is not 1."""
    return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)


# --- the event graph ----------------------------------------------------------------------------------------


def event_graph(world: World) -> dict[Point, list[Point]]:
    """What must come before what: for each point, those that come after it."""
    graph: dict[Point, list[Point]] = {}
    for task_id, task in world.tasks.items():
        start, finish = graph.setdefault((task_id, "start"), []), graph.setdefault((task_id, "finish"), [])
        start.append((task_id, "finish"))
        if (parent := task["parent_id"]) is not None:
            graph.setdefault((parent, "start"), []).append((task_id, "start"))
            finish.append((parent, "finish"))
    for (task_id, other_id, kind), edge in world.edges.items():
        if edge["mandatory"] and kind in HOLDS_AWAITS:
            holds, awaits = HOLDS_AWAITS[kind]
            graph.setdefault((world.effective(other_id), awaits), []).append((task_id, holds))
    return graph


def has_circle(world: World) -> bool:
    """Whether the event graph has a circle, by depth-first search."""
    graph = event_graph(world)
    under_way: set[Point] = set()
    finished: set[Point] = set()

    def visit(point: Point) -> bool:
        if point in under_way:
            return True
        if point in finished:
            return False
        under_way.add(point)
        found = any(visit(following) for following in graph[point])
        under_way.remove(point)
        finished.add(point)
        return found

    return any(visit(point) for point in list(graph))


def waits_for(world: World, task_id: str, needed_id: str) -> bool:
    """Whether a point of the one task comes right after a point of the other."""
    graph = event_graph(world)
    points = ("start", "finish")
    return any((task_id, point) in graph.get((needed_id, other), ()) for point in points for other in points)
