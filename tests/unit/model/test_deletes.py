"""Deleting tasks, with what is inside and with what others say of them."""

from __future__ import annotations

import pytest

from tests.unit.model.asking import finish, kinds, make, need, position, ready, status, task
from worklattice import DependencySpec, Orchestrator, PrerequisitesNotMetError, TaskNotFoundError


def test_deleted_task_is_gone(wl: Orchestrator) -> None:
    """It is not found any more; its history stays, and its id may be used again."""
    make(wl, "t", attributes={"x": 1})
    assert wl.delete_task("t").deleted_task_ids == ("t",)
    with pytest.raises(TaskNotFoundError):
        wl.get_task("t")
    assert [event.event_type for event in wl.get_history("t").events] == [
        "task.created",
        "task.ready",
        "task.deleted",
    ]
    make(wl, "t")
    assert (task(wl, "t").attributes, task(wl, "t").version) == ({}, 1)


def test_task_with_children_needs_cascade(wl: Orchestrator) -> None:
    """Without cascade the children are named; with it they go first."""
    make(wl, "p")
    make(wl, "a", "b", parent_task_id="p")
    make(wl, "a1", parent_task_id="a")
    with pytest.raises(PrerequisitesNotMetError, match=r"2 children \(3 tasks inside it\)") as caught:
        wl.delete_task("p")
    assert caught.value.field == "arguments.cascade"
    assert caught.value.unmet[0].task_ids == ("a", "b")
    assert wl.delete_task("p", cascade=True).deleted_task_ids == ("a1", "a", "b", "p")


def test_needed_task_needs_detach(wl: Orchestrator) -> None:
    """Without detach the dependants are named; with it their dependencies go, and they may become ready."""
    make(wl, "a", "t", "u")
    need(wl, "t", "a")
    need(wl, "u", "a", "prerequisite")
    with pytest.raises(PrerequisitesNotMetError, match='2 tasks need it: "t", "u"') as caught:
        wl.delete_task("a")
    assert caught.value.field == "arguments.detach"
    answer = wl.delete_task("a", detach=True)
    assert (answer.dependencies_removed, answer.unblocked) == (2, ("t",))
    assert ready(wl) == ["t", "u"]


def test_mere_links_go_without_being_asked_about(wl: Orchestrator) -> None:
    """Information and related dependencies need nothing of the task."""
    make(wl, "a", "t")
    need(wl, "t", "a", "information")
    need(wl, "t", "a", "related")
    assert wl.delete_task("a").dependencies_removed == 2
    assert wl.get_dependencies("t").dependencies == ()


def test_one_is_counted_as_one(wl: Orchestrator) -> None:
    """Errors speak of one child and of one task in the singular."""
    make(wl, "a")
    make(wl, "child", parent_task_id="a")
    make(wl, "t", dependencies=["child"])
    with pytest.raises(PrerequisitesNotMetError, match=r"1 child \(1 task inside it\)"):
        wl.delete_task("a")
    with pytest.raises(PrerequisitesNotMetError, match='1 task needs it: "t"'):
        wl.delete_task("child")


@pytest.mark.parametrize("order", [("x", "y"), ("y", "x")])
def test_dependencies_inside_the_tree_go_with_it(wl: Orchestrator, order: tuple[str, str]) -> None:
    """Whichever of two siblings depends on the other, the tree goes in one step, without detach."""
    make(wl, "p")
    make(wl, "x", "y", parent_task_id="p")
    need(wl, *order)
    answer = wl.delete_task("p", cascade=True)
    assert answer.deleted_task_ids == ("x", "y", "p")
    assert answer.dependencies_removed == 0
    assert wl.dump().count("\n") == 2


def test_dependency_on_a_descendant_needs_detach_too(wl: Orchestrator) -> None:
    """What is needed inside the tree is looked for from outside."""
    make(wl, "p", "t")
    make(wl, "x", parent_task_id="p")
    need(wl, "t", "x")
    with pytest.raises(PrerequisitesNotMetError):
        wl.delete_task("p", cascade=True)
    wl.delete_task("p", cascade=True, detach=True)
    assert status(wl, "t") == ["pending"]


def test_deleting_the_last_open_child_lets_the_parent_complete(wl: Orchestrator) -> None:
    """The count of open children goes down with the child."""
    make(wl, "p", lifecycle_stage="active")
    make(wl, "x", "y", parent_task_id="p")
    finish(wl, "x")
    wl.delete_task("y")
    assert wl.manage_lifecycle("p", "completed").prerequisites_met


def test_comments_go_with_their_task(wl: Orchestrator) -> None:
    """A task that gets the id of a deleted one begins without comments."""
    make(wl, "t")
    wl.add_comment("t", "of the first")
    wl.delete_task("t")
    make(wl, "t")
    wl.add_comment("t", "of the second")
    comments = wl.get_task("t", include_comments=True).comments
    assert comments is not None
    assert [comment.text for comment in comments] == ["of the second"]


def test_task_is_born_again_in_one_transaction(wl: Orchestrator) -> None:
    """Deleted and created anew under its id, in its place, a task has new levels, edges and no comments."""
    make(wl, "a", "p")
    make(wl, "t", parent_task_id="p", dependencies=["a"])
    with wl.transaction():
        wl.add_comment("t", "of the first")
        wl.delete_task("t")
        make(wl, "t", parent_task_id="p", dependencies=["a"])
    found = wl.get_task("t", include_comments=True)
    assert found.comments == ()
    assert (task(wl, "t").version, status(wl, "t")) == (1, ["blocked"])


def test_events_of_a_deletion(wl: Orchestrator) -> None:
    """First the dependencies from outside go, each told of its dependant; then the tasks."""
    make(wl, "p", "t")
    make(wl, "x", parent_task_id="p")
    wl.manage_dependencies("t", [DependencySpec(dependency_task_id="x")])
    before = position(wl)
    wl.delete_task("p", cascade=True, detach=True)
    assert kinds(wl, before) == [
        ("dependency.removed", "t"),
        ("task.deleted", "x"),
        ("task.deleted", "p"),
        ("task.ready", "t"),
    ]
