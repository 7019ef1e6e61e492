"""Tasks and lifecycles as diagrams."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from attrs import evolve

from worklattice.model.answers import TaskNode
from worklattice.model.dependency import DEPENDENCY_TYPES, SYMMETRIC, Dependency
from worklattice.model.lifecycle import Lifecycle
from worklattice.model.task import Task
from worklattice.rendering.diagram import Arc, Diagram, Group, Member, Node
from worklattice.rendering.text import title_of

_OUTCOMES = {"success": "on success", "failure": "on failure", "any": "on any end"}
"""How the other task has to end, in words."""

_UNREMARKABLE = frozenset({"completion", "on success", "pending", "satisfied"})
"""Types, outcomes and states of dependencies that an arrow shows without a word."""


def picture_tasks(tasks: Iterable[Task], dependencies: Iterable[Dependency] = ()) -> Diagram:
    """Tasks in groups by their parents, and an arc for each dependency, from what is needed to the dependant.

    Tasks that a dependency names and that are not among `tasks` are drawn with their ids alone.
    """
    known = {task.task_id: task for task in _flat(tasks)}
    inside: dict[str | None, list[Task]] = defaultdict(list)
    for task in known.values():
        inside[task.parent_task_id if task.parent_task_id in known else None].append(task)
    arcs = [_arc(dependency) for dependency in dependencies]
    strangers = dict.fromkeys(key for arc in arcs for key in (arc.tail, arc.head) if key not in known)
    anchored: set[str] = set()
    anchors = [_anchored(arc, known, anchored) for arc in arcs]
    return Diagram(
        members=(*_grouped(inside, anchored), *(Node(key=key, lines=(key,)) for key in strangers)),
        arcs=tuple(anchors),
    )


def _flat(tasks: Iterable[Task]) -> Iterator[Task]:
    left = list(tasks)[::-1]
    while left:
        task = left.pop()
        yield task
        if isinstance(task, TaskNode):
            left += reversed(task.children)


def _arc(dependency: Dependency) -> Arc:
    kind = DEPENDENCY_TYPES.get(dependency.dependency_type)
    holds = kind is not None and kind.holds is not None
    said = [dependency.dependency_type]
    if holds:
        said += (_OUTCOMES.get(dependency.outcome, dependency.outcome), dependency.state)
    words = [word for word in said if word not in _UNREMARKABLE]
    return Arc(
        tail=dependency.effective_task_id,
        head=dependency.task_id,
        label=", ".join(words),
        dotted=not (holds and dependency.mandatory),
        directed=dependency.dependency_type != SYMMETRIC,
    )


def _anchored(arc: Arc, tasks: Mapping[str, Task], anchored: set[str]) -> Arc:
    """The arc, leading to a node inside the group where it would lead from a group to its own inside."""
    tail, head = arc.tail, arc.head
    if tail in _ancestors(head, tasks):
        anchored.add(tail)
        tail = _anchor(tail)
    elif head in _ancestors(tail, tasks):
        anchored.add(head)
        head = _anchor(head)
    else:
        return arc
    return evolve(arc, tail=tail, head=head)


def _anchor(key: str) -> str:
    return f"{key} itself"


def _ancestors(key: str, tasks: Mapping[str, Task]) -> set[str]:
    found: set[str] = set()
    task = tasks.get(key)
    while task is not None and task.parent_task_id is not None and task.parent_task_id not in found:
        found.add(task.parent_task_id)
        task = tasks.get(task.parent_task_id)
    return found


def _grouped(inside: Mapping[str | None, list[Task]], anchored: set[str]) -> tuple[Member, ...]:
    """The roots with all that is in them; built from below, as trees may be deeper than Python's stack."""
    order: list[Task] = list(inside.get(None, ()))
    for task in order:  # grows on the way: parents before children
        order += inside.get(task.task_id, ())
    made: dict[str, Member] = {}
    for task in reversed(order):
        lines = (title_of(task), _standing(task))
        members = tuple(made.pop(child.task_id) for child in inside.get(task.task_id, ()))
        if task.task_id in anchored:
            members = (Node(key=_anchor(task.task_id), lines=(task.task_id,), status=task.status), *members)
        made[task.task_id] = (
            Group(key=task.task_id, lines=lines, status=task.status, members=members)
            if members
            else Node(key=task.task_id, lines=lines, status=task.status)
        )
    return tuple(made[task.task_id] for task in inside.get(None, ()))


def _standing(task: Task) -> str:
    """The stage and the status, once where they are the same word."""
    words = dict.fromkeys((task.lifecycle_stage, task.status))
    return ", ".join(words)


def picture_lifecycle(lifecycle: Lifecycle) -> Diagram:
    """Stages, each with its status, and an arc for each transition."""
    stages = lifecycle.stages.values()
    return Diagram(
        members=tuple(
            Node(key=stage.name, lines=tuple(dict.fromkeys((stage.name, stage.status))), status=stage.status)
            for stage in stages
        ),
        arcs=tuple(
            Arc(tail=stage.name, head=target)
            for stage in stages
            for target in lifecycle.next_stages(stage.name)
        ),
        first=lifecycle.initial,
        last=frozenset(stage.name for stage in stages if not lifecycle.next_stages(stage.name)),
    )
