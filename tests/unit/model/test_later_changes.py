"""What stands on a command: the later changes of tasks for which it is not undone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.model.asking import finish, go, make, need, position, status, task
from worklattice import CircularDependencyError, ConflictError, Orchestrator

CHANGED_SINCE: list[tuple[Callable[[Orchestrator], Any], str]] = [
    (lambda wl: wl.update_task("a", attributes={"z": 1}), "task.updated"),
    (lambda wl: wl.record_approval("a", "approved"), "approval.recorded"),
    (lambda wl: wl.manage_dependencies("a", ["b"]), "dependency.added"),
    (lambda wl: wl.delete_task("a"), "task.deleted"),
]


@pytest.mark.parametrize(("later", "kind"), CHANGED_SINCE)
def test_task_that_was_changed_since(
    wl: Orchestrator, later: Callable[[Orchestrator], Any], kind: str
) -> None:
    """A later change of the same task stands on the command; it is named, and undone first all is well."""
    make(wl, "a", "b")
    wl.update_task("a", attributes={"x": 1})
    later(wl)
    at, before = position(wl), wl.dump()
    with pytest.raises(ConflictError, match=f'{kind} of "a" at') as caught:
        wl.undo(5)
    named = caught.value.facts["position"]
    assert 5 < named <= at
    assert caught.value.facts["event_type"] == kind
    assert wl.dump() == before
    wl.undo(named)
    assert wl.undo(5).position == 5


def test_comments_stand_on_the_task_alone(wl: Orchestrator) -> None:
    """They do not keep a change from being undone, but they do keep a task from vanishing."""
    make(wl, "a")
    wl.update_task("a", attributes={"x": 1})
    wl.add_comment("a", "seen")
    assert wl.undo(3).task_ids == ("a",)
    with pytest.raises(ConflictError, match=r"comment\.added"):
        wl.undo(1)


REFERRED_TO: list[tuple[Callable[[Orchestrator], Any], str]] = [
    (lambda wl: make(wl, "c", parent_task_id="a"), '"c" is inside "a" (task.created at 5)'),
    (lambda wl: need(wl, "b", "a"), '"b" depends on "a" (dependency.added at 5)'),
    (
        lambda wl: wl.manage_lifecycle("b", "superseded", superseded_by="a"),
        '"b" was superseded by "a" (task.superseded at 6)',
    ),
]


@pytest.mark.parametrize(("later", "message"), REFERRED_TO)
def test_created_task_that_others_refer_to(
    wl: Orchestrator, later: Callable[[Orchestrator], Any], message: str
) -> None:
    """It does not vanish under them."""
    make(wl, "b", "a")
    later(wl)
    with pytest.raises(ConflictError, match=re.escape(message)):
        wl.undo(3)


@pytest.mark.parametrize("kind", ["completion", "finish_to_finish"])
def test_dependant_that_went_on_since(wl: Orchestrator, kind: str) -> None:
    """Undoing a completion is refused once a dependant has done what it let it do."""
    make(wl, "a", "b")
    need(wl, "b", "a", kind)
    finish(wl, "a")
    completed = next(event.position for event in wl.events(after=5) if event.data.get("to") == "completed")
    finish(wl, "b")
    with pytest.raises(ConflictError, match=r'task\.stage_changed of "b"') as caught:
        wl.undo(completed)
    assert caught.value.facts["task_id"] == "b"
    wl.undo()
    if kind == "completion":
        wl.undo()
    wl.undo(completed)
    assert task(wl, "a").lifecycle_stage == "active"


def test_what_is_inside_a_dependant_went_on_since(wl: Orchestrator) -> None:
    """A dependant holds its inside back too."""
    make(wl, "a", "b")
    make(wl, "c", parent_task_id="b")
    need(wl, "b", "a")
    finish(wl, "a")
    completed = position(wl) - 3
    go(wl, "c", "active")
    with pytest.raises(ConflictError, match='of "c"'):
        wl.undo(completed)


def test_dependant_that_skipped_its_guards_relies_on_nothing(wl: Orchestrator) -> None:
    """Who started without asking is no reason."""
    make(wl, "a", "b")
    need(wl, "b", "a")
    finish(wl, "a")
    wl.manage_lifecycle("b", "active", validation_checks=False)
    wl.undo(8)
    assert status(wl, "a", "b") == ["active", "blocked"]


def test_ancestor_that_completed_since(wl: Orchestrator) -> None:
    """A child is not opened again inside of a task that completed because it was closed."""
    make(wl, "p")
    make(wl, "c", parent_task_id="p")
    finish(wl, "c")
    ended = position(wl)
    finish(wl, "p")
    with pytest.raises(ConflictError, match='of "p" at'):
        wl.undo(ended)


def test_ancestor_that_was_completed_before(wl: Orchestrator) -> None:
    """What was so before the command may be so again."""
    make(wl, "p")
    make(wl, "c", parent_task_id="p")
    go(wl, "p", "active")
    wl.manage_lifecycle("p", "completed", validation_checks=False)
    go(wl, "c", "cancelled")
    wl.undo()
    assert status(wl, "p", "c") == ["completed", "pending"]


def test_what_is_referred_to_is_gone(wl: Orchestrator) -> None:
    """Nothing comes back into what was deleted since."""
    make(wl, "p", "a")
    make(wl, "c", parent_task_id="p")
    need(wl, "a", "c")
    wl.update_task("c", parent_task_id=None)
    moved = position(wl)
    wl.delete_task("c", detach=True)
    deleted = position(wl)
    wl.delete_task("a")
    with pytest.raises(ConflictError, match=r'task\.deleted of "a"'):
        wl.undo(deleted)
    wl.undo()
    wl.undo()
    wl.delete_task("p")
    with pytest.raises(ConflictError, match='"p" is gone'):
        wl.undo(moved)


def test_circles_are_refused(wl: Orchestrator) -> None:
    """A dependency does not come back where the other way round there is one by now."""
    make(wl, "a", "b")
    need(wl, "a", "b")
    wl.manage_dependencies("a", operation="remove", dependency_ids=["b"])
    removed = next(event.position for event in wl.events(kinds=["dependency.removed"]))
    need(wl, "b", "a")
    with pytest.raises(CircularDependencyError) as caught:
        wl.undo(removed)
    assert caught.value.field == "arguments.position"


def test_parents_that_changed_places(wl: Orchestrator) -> None:
    """A task does not go back into what is inside of it by now."""
    make(wl, "p")
    make(wl, "c", parent_task_id="p")
    wl.update_task("c", parent_task_id=None)
    moved = position(wl)
    wl.update_task("p", parent_task_id="c")
    with pytest.raises(ConflictError, match=r'task\.moved of "p"'):
        wl.undo(moved)


def test_supersession_is_not_redone_in_a_circle(wl: Orchestrator) -> None:
    """Where the replacement was superseded by the task itself meanwhile, that stands in the way."""
    make(wl, "t", "x")
    wl.manage_lifecycle("t", "superseded", superseded_by="x")
    superseded = position(wl)
    undone = wl.undo()
    wl.manage_lifecycle("x", "superseded", superseded_by="t")
    with pytest.raises(ConflictError, match='"x" is superseded by "t" by now'):
        wl.undo(superseded + 1)
    assert undone.task_ids == ("t",)


def test_task_does_not_come_back_superseded_by_one_that_is_gone(wl: Orchestrator) -> None:
    """What it was superseded by has to come back first."""
    make(wl, "t", "x")
    wl.manage_lifecycle("t", "superseded", superseded_by="x")
    wl.delete_task("t")
    deleted = position(wl)
    wl.delete_task("x")
    with pytest.raises(ConflictError, match='"x" is gone'):
        wl.undo(deleted)
    wl.undo()
    wl.undo(deleted)
    assert task(wl, "t").superseded_by == "x"


def test_dependant_that_was_claimed_since(wl: Orchestrator) -> None:
    """Somebody relies on what was completed: it is not undone under their hands."""
    make(wl, "a", "t")
    need(wl, "t", "a")
    finish(wl, "a")
    wl.claim_task("ann", task_id="t")
    with pytest.raises(ConflictError, match='"ann" has claimed "t" since'):
        wl.undo()
