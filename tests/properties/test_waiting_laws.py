"""Laws of waiting, over trees of tasks with dependencies of every type.

Circles are looked for by the standard library's topological sorter, over arcs that this module writes down
itself.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from graphlib import CycleError, TopologicalSorter
from typing import Any, Literal, TypeAlias, get_args

from hypothesis import assume, given
from hypothesis import strategies as st

import worklattice
from worklattice import (
    CircularDependencyError,
    DependencySpec,
    NewTask,
    Orchestrator,
    TaskUpdates,
    WorklatticeError,
)
from worklattice.model.commands import Command, CreateTask, ManageDependencies, ManageLifecycle, UpdateTask
from worklattice.testing import ManualClock, SequentialIds

Kind: TypeAlias = Literal[
    "completion", "data", "start_to_start", "finish_to_finish", "start_to_finish", "information"
]
KINDS: Sequence[Kind] = get_args(Kind)
STAGES = ("draft", "ready", "active", "completed", "failed", "cancelled", "archived")

SIZE = 12


@contextmanager
def workspace() -> Generator[Orchestrator]:
    with worklattice.open("memory:", clock=ManualClock(), ids=SequentialIds()) as wl:
        yield wl
        assert wl.check() == []


@st.composite
def projects(draw: st.DrawFn) -> list[NewTask]:
    """Tasks, each inside and after older ones; any may be in any stage."""
    tasks: list[NewTask] = []
    for number in range(draw(st.integers(1, SIZE))):
        older = [task.task_id for task in tasks if task.task_id is not None]
        others = draw(st.lists(st.sampled_from(older), max_size=3, unique=True)) if older else []
        specs = [
            DependencySpec(
                dependency_task_id=other,
                dependency_type=draw(st.sampled_from(KINDS)),
                mandatory=draw(st.sampled_from((None, None, False))),
                outcome=None,
            )
            for other in others
        ]
        tasks.append(
            NewTask(
                task_type="task",
                task_id=f"t{number:02}",
                parent_task_id=draw(st.sampled_from([None, *older])),
                dependencies=tuple(specs),
                lifecycle_stage=draw(st.sampled_from(STAGES)),
                join=draw(st.sampled_from((None, None, "any", 2))),
            )
        )
    return tasks


def accepted(wl: Orchestrator, tasks: Sequence[NewTask]) -> bool:
    """Create the tasks, whatever their guards say; False where they would wait for one another."""
    try:
        wl.batch_create(tasks, validation_checks=False)
    except CircularDependencyError:
        return False
    return True


def state(wl: Orchestrator) -> tuple[dict[str, str], list[str], dict[tuple[str, str, str], str]]:
    """Statuses, ready tasks in their order, and the states of dependencies."""
    found = wl.query_tasks(include_dependencies=True, limit=1000).tasks
    edges = [edge for task in found for edge in task.dependencies or ()]
    return (
        {task.task_id: task.status for task in found},
        [task.task_id for task in wl.get_ready_tasks(limit=1000).tasks],
        {(edge.task_id, edge.dependency_task_id, edge.dependency_type): edge.state for edge in edges},
    )


def waiting(wl: Orchestrator) -> set[str]:
    """The tasks that wait."""
    return {task.task_id for task in wl.query_tasks(filters={"status": "blocked"}, limit=1000).tasks}


def as_commands(tasks: Sequence[NewTask]) -> list[CreateTask]:
    return [
        CreateTask(
            task_type=task.task_type,
            task_id=task.task_id,
            parent_task_id=task.parent_task_id,
            dependencies=task.dependencies,
            lifecycle_stage=task.lifecycle_stage,
            join=task.join,
            validation_checks=False,
        )
        for task in tasks
    ]


@given(tasks=projects(), shuffled=st.randoms(use_true_random=False))
def test_order_of_a_batch_does_not_matter(tasks: list[NewTask], shuffled: Any) -> None:
    """Statuses, readiness and states are the same in whatever order a batch lists its tasks."""
    with workspace() as wl, workspace() as other:
        assume(accepted(wl, tasks))
        mixed = list(tasks)
        shuffled.shuffle(mixed)
        assert accepted(other, mixed)
        assert state(other) == state(wl)


@given(tasks=projects())
def test_batch_is_its_tasks_one_by_one(tasks: list[NewTask]) -> None:
    """What a batch makes is what its tasks make one after the other, alone or in a transaction."""
    with workspace() as wl, workspace() as one_by_one, workspace() as together:
        assume(accepted(wl, tasks))
        for command in as_commands(tasks):
            one_by_one.run(command)
        with together.transaction():
            for command in as_commands(tasks):
                together.run(command)
        assert state(one_by_one) == state(wl)
        assert one_by_one.dump() == together.dump() == wl.dump()


@st.composite
def steps(draw: st.DrawFn, tasks: Sequence[NewTask]) -> list[Command[Any]]:
    """Steps through the lifecycle, without looking at guards."""
    ids = [task.task_id for task in tasks if task.task_id is not None]
    names = draw(st.lists(st.tuples(st.sampled_from(ids), st.sampled_from(STAGES)), max_size=8))
    return [
        ManageLifecycle(task_id=task_id, lifecycle_stage=stage, validation_checks=False)
        for task_id, stage in names
    ]


@given(data=st.data())
def test_transaction_is_its_commands_one_by_one(data: st.DataObject) -> None:
    """Commands in one transaction leave what they leave one by one; refused ones leave nothing in either."""
    tasks = data.draw(projects())
    commands = data.draw(steps(tasks))
    with workspace() as wl, workspace() as together:
        assume(accepted(wl, tasks))
        accepted(together, tasks)
        refused = [_is_refused(wl, command) for command in commands]
        with together.transaction():
            assert [_is_refused(together, command) for command in commands] == refused
        assert together.dump() == wl.dump()
        assert state(together) == state(wl)


def _is_refused(wl: Orchestrator, command: Command[Any]) -> bool:
    try:
        wl.run(command)
    except WorklatticeError:
        return True
    return False


@given(data=st.data())
def test_waiver_never_makes_anyone_wait(data: st.DataObject) -> None:
    """After a waiver nobody waits who did not wait before; taken back, all is as it was."""
    tasks = data.draw(projects())
    edges = [(task.task_id, spec) for task in tasks for spec in task.dependencies if task.task_id]
    assume(edges)
    task_id, spec = data.draw(st.sampled_from(edges))
    with workspace() as wl:
        assume(accepted(wl, tasks))
        before, state_before = waiting(wl), state(wl)
        answer = wl.manage_dependencies(task_id, operation="waive", dependency_ids=[spec.dependency_task_id])
        assert waiting(wl) == before - set(answer.unblocked)
        wl.manage_dependencies(task_id, operation="unwaive", dependency_ids=[spec.dependency_task_id])
        assert state(wl) == state_before


@given(data=st.data(), joins=st.tuples(st.integers(1, 4), st.integers(1, 4)))
def test_greater_join_never_releases(data: st.DataObject, joins: tuple[int, int]) -> None:
    """Whoever waits for few waits for more, too; all is at least as many as any number."""
    tasks = data.draw(projects())
    task_id = data.draw(st.sampled_from([task.task_id for task in tasks if task.task_id is not None]))
    with workspace() as wl:
        assume(accepted(wl, tasks))
        seen: list[set[str]] = []
        wanted: list[int | str] = [*sorted(joins), "all"]
        for join in wanted:
            wl.update_task(task_id, join=join)
            seen.append(waiting(wl))
        assert seen[0] <= seen[1] <= seen[2]


# --- circles ------------------------------------------------------------------------------------------------

ARCS: dict[str, tuple[str, str]] = {
    "completion": ("finish", "start"),
    "data": ("finish", "start"),
    "start_to_start": ("start", "start"),
    "finish_to_finish": ("finish", "finish"),
    "start_to_finish": ("start", "finish"),
}
"""Which point of the other task comes before which point of the dependant."""


def is_circular(parents: dict[str, str | None], edges: set[tuple[str, str, str]]) -> bool:
    """Whether points of tasks would have to come before themselves."""
    sorter: TopologicalSorter[tuple[str, str]] = TopologicalSorter()
    for task_id, parent in parents.items():
        sorter.add((task_id, "finish"), (task_id, "start"))
        if parent is not None:
            sorter.add((task_id, "start"), (parent, "start"))
            sorter.add((parent, "finish"), (task_id, "finish"))
    for task_id, other, kind in edges:
        if kind in ARCS:
            before, after = ARCS[kind]
            sorter.add((task_id, after), (other, before))
    try:
        sorter.prepare()
    except CycleError:
        return True
    return False


NAMES = tuple(f"t{number}" for number in range(8))
CHANGES: st.SearchStrategy[tuple[str, str, str | None, Kind]] = st.tuples(
    st.sampled_from(("need", "need", "need", "drop", "move")),
    st.sampled_from(NAMES),
    st.sampled_from((*NAMES, None)),
    st.sampled_from(KINDS),
)


@given(changes=st.lists(CHANGES, max_size=40))
def test_circles_are_found_exactly_where_there_are_some(
    changes: list[tuple[str, str, str | None, Kind]],
) -> None:
    """An edge or a move is refused as circular exactly if its result has a circle; then nothing changes."""
    parents: dict[str, str | None] = dict.fromkeys(NAMES)
    edges: set[tuple[str, str, str]] = set()
    with workspace() as wl:
        wl.batch_create([NewTask(task_type="task", task_id=name) for name in NAMES])
        for what, task_id, other, kind in changes:
            wished_parents, wished_edges = dict(parents), set(edges)
            command: Command[Any]
            if what == "move":
                wished_parents[task_id] = other
                command = UpdateTask(task_id=task_id, updates=TaskUpdates(parent_task_id=other))
            elif other is None or (what == "drop") != ((task_id, other, kind) in edges):
                continue
            else:
                wished_edges ^= {(task_id, other, kind)}
                spec = DependencySpec(dependency_task_id=other, dependency_type=kind)
                operation: Any = "remove" if what == "drop" else "add"
                command = ManageDependencies(task_id=task_id, operation=operation, dependencies=(spec,))
            try:
                wl.run(command)
            except CircularDependencyError:
                assert task_id == other or is_circular(wished_parents, wished_edges)
            else:
                assert not is_circular(wished_parents, wished_edges)
                parents, edges = wished_parents, wished_edges
