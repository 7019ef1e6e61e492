"""Undoing again and again, further and further back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.model.asking import status
from worklattice import ConflictError, NewTask, Orchestrator


def ids_and_comments(wl: Orchestrator) -> list[Any]:
    """What is there: tasks and comments."""
    lines = map(json.loads, wl.dump_lines())
    return [(line["task_id"], line.get("text")) for line in lines if "task_id" in line]


def test_everything_is_undone_one_after_the_other(wl: Orchestrator) -> None:
    """The last that stands first, however many were undone before, and however long one of them is."""
    states = [ids_and_comments(wl)]
    for number in range(4):
        names = [f"{number}-{n}" for n in range(30 * (number % 2) + 1)]
        wl.batch_create([NewTask(task_type="t", task_id=name) for name in names])
        states.append(ids_and_comments(wl))
        wl.add_comment(names[0], "a remark")
        states.append(ids_and_comments(wl))
    for before in reversed(states[:-1]):
        wl.undo()
        assert ids_and_comments(wl) == before
    with pytest.raises(ConflictError, match="nothing to undo"):
        wl.undo()


def test_what_was_done_again_is_undone_again(wl: Orchestrator) -> None:
    """A command whose undo was undone stands, and is the last one."""
    wl.create_generic_task("t", task_id="a")
    wl.create_generic_task("t", task_id="b")
    undone = wl.undo()
    redone = wl.undo(max(event.position for event in wl.events() if event.undoes == undone.position))
    assert redone.task_ids == ("b",)
    assert wl.undo().task_ids == ("b",)
    assert wl.undo().task_ids == ("a",)


def test_what_was_claimed_before_does_not_stand_in_the_way_of_a_redo(wl: Orchestrator) -> None:
    """Undo and redo go both ways where nothing happened in between, whoever works on the task meanwhile."""
    wl.create_generic_task("t", task_id="other")
    wl.create_generic_task("t", task_id="a")
    wl.claim_task("ann", task_id="a")
    wl.manage_dependencies("a", ["other"])
    undone = wl.undo()
    undoing = next(event.position for event in wl.events() if event.undoes == undone.position)
    wl.undo(undoing)
    assert status(wl, "a") == ["blocked"]
    assert wl.check() == []
