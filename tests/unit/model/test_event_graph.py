"""Circles of waiting: which are refused, in which words, and what is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.unit.model.asking import finish, make, need, ready
from worklattice import CircularDependencyError, NewTask, Orchestrator
from worklattice.model.draft import Draft
from worklattice.model.rows import TaskRow

ALL_TYPES = ("completion", "approval", "data", "start_to_start", "finish_to_finish", "start_to_finish")


def test_circle_of_three_is_told_in_order(wl: Orchestrator) -> None:
    """Each task waits for the next; the text says by which link, beginning with the least id."""
    make(wl, "a", "b", "c")
    need(wl, "b", "a")
    need(wl, "c", "b")
    with pytest.raises(CircularDependencyError) as caught:
        need(wl, "a", "c")
    error = caught.value
    assert error.cycle == ("a", "c", "b")
    assert error.steps == ("depends on",) * 3
    assert error.message == (
        'These tasks would wait for one another: "a" depends on "c" depends on "b" depends on "a".'
    )
    assert error.details == {"cycle": ["a", "c", "b"], "steps": ["depends on"] * 3}
    assert wl.get_dependencies("a").dependencies == ()


def test_task_does_not_depend_on_itself(wl: Orchestrator) -> None:
    """The error says so, and names the dependency."""
    make(wl, "a")
    with pytest.raises(CircularDependencyError, match='"a" cannot depend on itself') as caught:
        need(wl, "a", "a", "related")
    assert caught.value.field == "arguments.dependencies[0].dependency_task_id"


@pytest.mark.parametrize("kind", ["completion", "start_to_start"])
def test_child_does_not_wait_for_the_whole_it_is_part_of(wl: Orchestrator, kind: str) -> None:
    """A child starts within its parent, so it may wait for the parent's start but not for its end."""
    make(wl, "p")
    make(wl, "c", parent_task_id="p")
    if kind == "start_to_start":
        need(wl, "c", "p", kind)
        return
    with pytest.raises(CircularDependencyError) as caught:
        need(wl, "c", "p", kind)
    assert caught.value.message == (
        'These tasks would wait for one another: "c" depends on "p" contains "c".'
    )


@pytest.mark.parametrize("kind", ["completion", "start_to_start", "finish_to_finish"])
def test_parent_waits_for_its_child_only_to_finish(wl: Orchestrator, kind: str) -> None:
    """A parent does not begin after its own child; that it ends after it is so anyway."""
    make(wl, "p")
    make(wl, "c", parent_task_id="p")
    if kind == "finish_to_finish":
        need(wl, "p", "c", kind)
        return
    with pytest.raises(CircularDependencyError):
        need(wl, "p", "c", kind)


def test_trees_do_not_wait_for_each_other_s_insides(wl: Orchestrator) -> None:
    """A step of one waits for the other as a whole, and the other way round: refused."""
    make(wl, "p", "q")
    make(wl, "p1", parent_task_id="p")
    make(wl, "q1", parent_task_id="q")
    need(wl, "p1", "q")
    with pytest.raises(CircularDependencyError) as caught:
        need(wl, "q1", "p")
    assert set(caught.value.cycle) == {"p", "p1", "q", "q1"}
    need(wl, "q", "p1", "information")


@pytest.mark.parametrize("kind", ALL_TYPES)
def test_two_tasks_waiting_for_each_other(wl: Orchestrator, kind: str) -> None:
    """Of whatever type the first dependency is, a completion back closes a circle."""
    make(wl, "a", "b")
    need(wl, "b", "a", kind)
    if kind == "start_to_finish":
        need(wl, "a", "b", "start_to_finish")
        return
    with pytest.raises(CircularDependencyError):
        need(wl, "a", "b")


@pytest.mark.parametrize(
    "harmless",
    [
        {"kind": "information"},
        {"kind": "related"},
        {"kind": "prerequisite"},
        {"kind": "completion", "mandatory": False},
    ],
)
def test_what_does_not_hold_back_closes_no_circle(wl: Orchestrator, harmless: Any) -> None:
    """Links and optional dependencies order nothing."""
    make(wl, "a", "b")
    need(wl, "b", "a")
    need(wl, "a", "b", **harmless)
    assert ready(wl) == ["a"]


def test_circle_is_refused_whatever_the_states(wl: Orchestrator) -> None:
    """Satisfied, waived and failed dependencies count, and so do those beyond a join."""
    make(wl, "a", "b")
    make(wl, "t", dependencies=["a", "b"], join="any")
    finish(wl, "a")
    wl.manage_dependencies("t", operation="waive", dependency_ids=["b"])
    for other in ("a", "b"):
        with pytest.raises(CircularDependencyError):
            need(wl, other, "t")


def test_optional_dependency_made_mandatory_is_looked_at(wl: Orchestrator) -> None:
    """Updating an edge so that it counts is refused where it closes a circle."""
    make(wl, "a", "b")
    need(wl, "b", "a")
    need(wl, "a", "b", mandatory=False)
    with pytest.raises(CircularDependencyError):
        need(wl, "a", "b", mandatory=True)


def test_batch_with_a_circle_is_refused_as_a_whole(wl: Orchestrator) -> None:
    """New tasks that wait for one another are found, also by way of an old one."""
    make(wl, "old")
    tasks = [
        {"task_type": "t", "task_id": "x", "dependencies": [{"dependency_task_id": "y"}]},
        {
            "task_type": "t",
            "task_id": "y",
            "dependencies": [
                {"dependency_task_id": "old"},
                {"dependency_task_id": "old", "dependency_type": "blocks"},
            ],
        },
    ]
    with pytest.raises(CircularDependencyError) as caught:
        wl.batch_create(tasks)
    assert caught.value.cycle == ("old", "y")
    assert caught.value.field == "arguments.tasks"
    tasks[1]["dependencies"] = [{"dependency_task_id": "x"}]
    with pytest.raises(CircularDependencyError) as caught:
        wl.batch_create(tasks)
    assert caught.value.cycle == ("x", "y")
    assert [task.task_id for task in wl.query_tasks().tasks] == ["old"]


def test_circle_within_a_transaction_that_is_broken_again(wl: Orchestrator) -> None:
    """Only the result of a transaction has to be free of circles."""
    make(wl, "a", "b")
    need(wl, "b", "a")
    with wl.transaction():
        need(wl, "a", "b")
        wl.manage_dependencies("b", operation="remove", dependency_ids=["a"])
    assert ready(wl) == ["b"]


def test_circle_left_in_a_transaction_undoes_it(wl: Orchestrator) -> None:
    """Where the result has a circle, nothing of the transaction stays."""
    make(wl, "a", "b")
    need(wl, "b", "a")
    with pytest.raises(CircularDependencyError), wl.transaction():  # noqa: PT012 - the whole block is undone
        make(wl, "c")
        need(wl, "a", "b")
    assert [task.task_id for task in wl.query_tasks().tasks] == ["a", "b"]


def test_levels_stay_right_when_arcs_fall_against_the_order_of_creation(wl: Orchestrator) -> None:
    """A long chain, wired from its end to its beginning, is accepted, and its circle refused."""
    names = [f"t{number:02}" for number in range(40)]
    wl.batch_create([NewTask(task_type="t", task_id=name) for name in names])
    for before, after in zip(names[::-1], names[-2::-1], strict=False):
        need(wl, before, after, "start_to_start")
    assert ready(wl) == names[:1]
    with pytest.raises(CircularDependencyError) as caught:
        need(wl, names[0], names[-1], "start_to_start")
    assert len(caught.value.cycle) == 40
    assert "… (32 more) …" in caught.value.message


def test_what_surrounds_a_task_is_read_once(wl: Orchestrator, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many of a transaction's arcs lead to a container, its children are asked for once."""
    read: list[str] = []
    children = Draft.children

    def counted(draft: Draft, task_id: str) -> Sequence[TaskRow]:
        read.append(task_id)
        return children(draft, task_id)

    make(wl, "container")
    make(wl, *(f"child-{number}" for number in range(3)), parent_task_id="container")
    others = [f"other-{number}" for number in range(5)]
    make(wl, *others)
    monkeypatch.setattr(Draft, "children", counted)
    wl.manage_dependencies("container", others)
    assert read.count("container") == 2  # here, and where what is inside is held back
