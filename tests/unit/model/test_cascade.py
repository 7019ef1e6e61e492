"""Taking a whole tree along in one step."""

from __future__ import annotations

import pytest

from tests.unit.model.asking import finish, go, kinds, make, need, position, status, task
from worklattice import Orchestrator, PrerequisitesNotMetError


@pytest.fixture
def tree(wl: Orchestrator) -> Orchestrator:
    """`top` contains `a`, with `a1` and `a2` inside, and `b`, which is completed."""
    make(wl, "top")
    make(wl, "a", "b", parent_task_id="top")
    make(wl, "a1", "a2", parent_task_id="a")
    finish(wl, "b")
    return wl


def test_tree_is_cancelled(tree: Orchestrator) -> None:
    """Children go before their parents, older before younger; what is completed cannot go and stays."""
    before = position(tree)
    answer = tree.manage_lifecycle("top", "cancelled", cascade=True)
    assert answer.cascaded == ("a1", "a2", "a")
    assert status(tree, "top", "a", "a1", "a2", "b") == ["cancelled"] * 4 + ["completed"]
    changed = [task_id for kind, task_id in kinds(tree, before) if kind == "task.stage_changed"]
    assert changed == ["a1", "a2", "a", "top"]


def test_tree_is_archived(tree: Orchestrator) -> None:
    """What may be archived is; an active task may not, and stays."""
    go(tree, "a1", "active")
    answer = tree.manage_lifecycle("top", "archived", cascade=True)
    assert answer.cascaded == ("a2", "a", "b")
    assert task(tree, "a1").lifecycle_stage == "active"
    assert status(tree, "a1") == ["blocked"]


def test_tree_is_started_from_the_top(tree: Orchestrator) -> None:
    """Into an open stage parents go before their children."""
    answer = tree.manage_lifecycle("top", "active", cascade=True)
    assert answer.cascaded == ("a", "a1", "a2", "b")


def test_chain_inside_is_completed_in_its_order(tree: Orchestrator) -> None:
    """Where each step waits for the one before it, all of them are taken along."""
    need(tree, "a2", "a1")
    for task_id in ("top", "a", "a1"):
        go(tree, task_id, "active")
    tree.manage_lifecycle("a2", "active", validation_checks=False)
    answer = tree.manage_lifecycle("top", "completed", cascade=True)
    assert answer.cascaded == ("a1", "a2", "a")


def test_what_cannot_go_along_keeps_the_top_back(tree: Orchestrator) -> None:
    """A child that the guards refuse stays open, and so the parent cannot complete; nothing has happened."""
    make(tree, "other")
    need(tree, "a1", "other", "finish_to_finish")
    for task_id in ("top", "a", "a1", "a2"):
        go(tree, task_id, "active")
    with pytest.raises(PrerequisitesNotMetError):
        tree.manage_lifecycle("top", "completed", cascade=True)
    assert status(tree, "a2") == ["active"]
    answer = tree.manage_lifecycle("top", "completed", cascade=True, validation_checks=False)
    assert answer.cascaded == ("a1", "a2", "a")


def test_each_is_judged_by_what_the_cascade_has_done_above(wl: Orchestrator) -> None:
    """A container that was withdrawn and is taken up again lets its inside be taken up with it."""
    wl.register_task_type(
        "task",
        lifecycle={
            "stages": {
                "draft": {"status": "pending", "roles": ["startable"]},
                "doing": {"status": "active", "roles": ["started"]},
                "dropped": {"status": "cancelled", "roles": ["withdrawn"]},
                "done": {"status": "completed", "roles": ["succeeded"]},
            },
            "transitions": {
                "draft": ["doing", "dropped"],
                "doing": ["dropped", "done"],
                "dropped": ["doing"],
            },
        },
    )
    make(wl, "p")
    make(wl, "q", parent_task_id="p")
    make(wl, "r", parent_task_id="q")
    assert wl.manage_lifecycle("p", "dropped", cascade=True).cascaded == ("r", "q")
    assert wl.manage_lifecycle("p", "doing", cascade=True).cascaded == ("q", "r")


def test_supersession_does_not_cascade(tree: Orchestrator) -> None:
    """One task takes the place of one task; what is inside stays and is held back."""
    make(tree, "new")
    answer = tree.manage_lifecycle("top", "superseded", superseded_by="new", cascade=True)
    assert answer.cascaded == ()
    assert status(tree, "a1") == ["blocked"]


def test_result_is_the_top_s_own(tree: Orchestrator) -> None:
    """What came of it is said of the task that was named."""
    tree.manage_lifecycle("top", "cancelled", cascade=True, error="out of money")
    assert (task(tree, "top").error, task(tree, "a").error) == ("out of money", None)
