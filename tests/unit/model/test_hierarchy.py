"""Tasks inside tasks: what holds the inside back, and moving about."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.unit.model.asking import finish, go, make, need, ready, status, task
from worklattice import (
    CircularDependencyError,
    Orchestrator,
    ParentTaskNotFoundError,
    PrerequisitesNotMetError,
)


@pytest.fixture
def tree(wl: Orchestrator) -> Orchestrator:
    """`dev` with a step, and `staging` with a step that contains another, which depends on `dev`."""
    make(wl, "dev", "staging")
    make(wl, "build", parent_task_id="dev")
    make(wl, "deploy", parent_task_id="staging")
    make(wl, "smoke", parent_task_id="deploy")
    need(wl, "staging", "dev")
    return wl


def test_inside_of_a_waiting_task_waits(tree: Orchestrator) -> None:
    """Where staging depends on dev, no step of staging is ready before dev is done."""
    assert ready(tree) == ["build", "dev"]
    assert status(tree, "staging", "deploy", "smoke") == ["blocked"] * 3
    finish(tree, "build")
    tree.manage_lifecycle("dev", "active")
    assert set(tree.manage_lifecycle("dev", "completed").unblocked) == {"staging", "deploy", "smoke"}
    assert ready(tree) == ["deploy", "smoke", "staging"]


def test_leaves_only_leaves_containers_out(tree: Orchestrator) -> None:
    """Only tasks that contain nothing are offered."""
    assert [found.task_id for found in tree.get_ready_tasks(leaves_only=True).tasks] == ["build"]


@pytest.mark.parametrize("stage", ["cancelled", "archived"])
def test_inside_of_a_withdrawn_task_is_held_back(tree: Orchestrator, stage: str) -> None:
    """What is inside a cancelled or archived task cannot be started."""
    tree.manage_lifecycle("dev", stage)
    assert status(tree, "build") == ["blocked"]


def test_inside_of_a_superseded_task_is_held_back(tree: Orchestrator) -> None:
    """What is inside a superseded task stays where it is and waits."""
    make(tree, "better")
    tree.manage_lifecycle("dev", "superseded", superseded_by="better")
    assert status(tree, "build") == ["blocked"]


def test_inside_of_a_failed_task_goes_on(tree: Orchestrator) -> None:
    """A failure does not hold back what is inside."""
    go(tree, "dev", "active", "failed")
    assert "build" in ready(tree)


def test_inside_waits_for_every_ancestor_that_holds_it(tree: Orchestrator) -> None:
    """Two ancestors hold a step back; it is free when both have let go."""
    need(tree, "deploy", "build")
    finish(tree, "build")
    go(tree, "dev", "active", "completed")
    assert status(tree, "smoke") == ["pending"]
    tree.manage_lifecycle("staging", "cancelled")
    assert status(tree, "smoke") == ["blocked"]


def test_moved_task_takes_its_inside_along(tree: Orchestrator) -> None:
    """Moved out of a waiting task, it and what is inside no longer wait; levels and roots follow."""
    answer = tree.update_task("deploy", parent_task_id="dev")
    assert set(answer.unblocked) == {"deploy", "smoke"}
    assert [task(tree, t).hierarchy_level for t in ("deploy", "smoke")] == [1, 2]
    inside = tree.query_tasks(filters={"root_task_id": "dev"}).tasks
    assert {found.task_id for found in inside} == {"dev", "build", "deploy", "smoke"}


def test_moved_task_becomes_a_root(tree: Orchestrator) -> None:
    """Without a parent it stands at the top."""
    assert tree.update_task("deploy", parent_task_id=None).task.hierarchy_level == 0
    assert task(tree, "smoke").hierarchy_level == 1


def test_move_to_where_it_is_changes_nothing(tree: Orchestrator) -> None:
    """Naming its own parent is no move."""
    before = task(tree, "deploy").version
    assert tree.update_task("deploy", parent_task_id="staging").task.version == before


@pytest.mark.parametrize(("parent", "cycle"), [("deploy", ("deploy",)), ("smoke", ("smoke", "deploy"))])
def test_task_is_not_put_inside_itself(tree: Orchestrator, parent: str, cycle: tuple[str, ...]) -> None:
    """Neither into itself nor into what is inside it; the error names the line of ancestors."""
    with pytest.raises(CircularDependencyError) as caught:
        tree.update_task("deploy", parent_task_id=parent)
    assert caught.value.cycle == cycle
    assert caught.value.field == "arguments.updates.parent_task_id"
    assert "inside" in caught.value.message


def test_parent_that_is_not_there(tree: Orchestrator) -> None:
    """A parent of another name is offered."""
    with pytest.raises(ParentTaskNotFoundError) as caught:
        tree.update_task("deploy", parent_task_id="stagin")
    assert caught.value.suggestion == 'Did you mean "staging"?'


def test_child_that_waits_for_its_own_ancestor_is_refused(tree: Orchestrator) -> None:
    """Neither a dependency on an ancestor nor a move into a dependant closes a circle."""
    with pytest.raises(CircularDependencyError):
        need(tree, "smoke", "staging")
    with pytest.raises(CircularDependencyError):
        tree.update_task("dev", parent_task_id="staging")


GIVING_A_CHILD: dict[str, Callable[[Orchestrator], object]] = {
    "create": lambda wl: wl.create_generic_task("task", parent_task_id="dev"),
    "move": lambda wl: wl.update_task("smoke", parent_task_id="dev"),
    "reopen": lambda wl: wl.manage_lifecycle("build", "active"),
}


@pytest.mark.parametrize("give", GIVING_A_CHILD.values(), ids=GIVING_A_CHILD)
def test_completed_task_gets_no_open_child(
    tree: Orchestrator, give: Callable[[Orchestrator], object]
) -> None:
    """Creating, moving or reopening a child of a completed task is refused: reopen that first."""
    finish(tree, "build", "dev")
    with pytest.raises(PrerequisitesNotMetError, match="reopen that first") as caught:
        give(tree)
    assert [reason.kind for reason in caught.value.unmet] == ["completed_ancestor"]


def test_archived_ancestor_stays_as_it_is(tree: Orchestrator) -> None:
    """What was archived as completed gets no open child, and nobody is told to reopen it: it cannot be."""
    finish(tree, "build", "dev")
    tree.manage_lifecycle("dev", "archived")
    with pytest.raises(PrerequisitesNotMetError, match=r'"dev" is archived for good') as caught:
        make(tree, "late", parent_task_id="dev")
    assert "reopen" not in str(caught.value)


def test_completed_ancestor_is_looked_for_beyond_ended_ones(tree: Orchestrator) -> None:
    """A cancelled task inside a completed one gets no open child either; an ended one it may get."""
    tree.manage_lifecycle("build", "cancelled")
    go(tree, "dev", "active", "completed")
    with pytest.raises(PrerequisitesNotMetError):
        make(tree, "late", parent_task_id="build")
    make(tree, "record", parent_task_id="build", lifecycle_stage="completed", validation_checks=False)


def test_open_child_of_a_completed_task_goes_on(tree: Orchestrator) -> None:
    """Where the guards were skipped, an open child is ready and may be worked on."""
    tree.manage_lifecycle("dev", "active")
    tree.manage_lifecycle("dev", "completed", validation_checks=False)
    assert "build" in ready(tree)
    assert go(tree, "build", "ready", "active", "completed").status == "completed"
