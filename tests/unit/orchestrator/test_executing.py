"""Execute: several payloads as one command."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.model.asking import finish, kinds, make, status
from worklattice import Orchestrator, PrerequisitesNotMetError, ValidationError
from worklattice.codec import unstructure
from worklattice.model.commands import AddComment, Command, CreateTask, Execute, ManageLifecycle
from worklattice.model.reads import GetTask
from worklattice.query.request import QueryTasks


def test_commands_see_what_those_before_did(wl: Orchestrator) -> None:
    """The answers stand in the order of the commands; reads may be among them."""
    answer = wl.execute(
        [
            CreateTask(task_type="t", task_id="a"),
            AddComment(task_id="a", text="x"),
            GetTask(task_id="a", include_comments=True),
        ]
    )
    created, commented, found = answer.results
    assert created.task_id == "a"
    assert commented.task.version == 2
    assert [comment.text for comment in found.comments] == ["x"]


def test_refusal_of_one_undoes_them_all(wl: Orchestrator) -> None:
    """The path of the error leads to the command that was refused."""
    make(wl, "a")
    before = wl.dump()
    with pytest.raises(PrerequisitesNotMetError) as caught:
        wl.execute(
            [
                CreateTask(task_type="t", task_id="t", dependencies=()),
                CreateTask(task_type="t", task_id="u", parent_task_id="a", lifecycle_stage="active"),
                ManageLifecycle(task_id="a", lifecycle_stage="active"),
                ManageLifecycle(task_id="a", lifecycle_stage="completed"),
            ]
        )
    assert caught.value.field == "arguments.commands[3].arguments.lifecycle_stage"
    assert wl.dump() == before


def test_who_and_why_hold_for_every_command(wl: Orchestrator) -> None:
    """Commands that name nobody were asked for by who asked for them all; their own names come first."""
    wl.execute(
        [
            CreateTask(task_type="t", task_id="a"),
            AddComment(task_id="a", text="x", actor="bob", reason="because"),
        ],
        actor="ann",
        reason="why",
    )
    said = {(event.event_type, event.actor, event.reason) for event in wl.events()}
    assert said == {
        ("task.created", "ann", "why"),
        ("task.ready", "ann", "why"),
        ("comment.added", "bob", "because"),
    }


def test_unblocked_are_listed_once(wl: Orchestrator) -> None:
    """What the commands unblocked together is the answer's list, without repetition, and counted so."""
    make(wl, "a", "b")
    make(wl, "t", dependencies=["a"])
    make(wl, "u", dependencies=["b"])
    for task_id in ("a", "b"):
        wl.manage_lifecycle(task_id, "active")
    answer = wl.execute(
        [
            ManageLifecycle(task_id="a", lifecycle_stage="completed"),
            ManageLifecycle(task_id="a", lifecycle_stage="active"),
            ManageLifecycle(task_id="a", lifecycle_stage="completed"),
            ManageLifecycle(task_id="b", lifecycle_stage="completed"),
        ]
    )
    assert answer.unblocked == ("t", "u")
    assert answer.unblocked_count == 2


def test_execute_takes_no_execute(wl: Orchestrator) -> None:
    """One level is enough."""
    with pytest.raises(ValidationError):
        wl.execute([Execute(commands=(CreateTask(task_type="t"),))])
    with pytest.raises(ValidationError):
        wl.execute([])


def test_dry_run_of_several(wl: Orchestrator) -> None:
    """All of them are tried together, their events shown, and nothing is written."""
    make(wl, "a")
    before = kinds(wl)
    answer = wl.execute(
        [
            ManageLifecycle(task_id="a", lifecycle_stage="active"),
            ManageLifecycle(task_id="a", lifecycle_stage="completed"),
        ],
        dry_run=True,
    )
    assert answer.events is not None
    assert [event.event_type for event in answer.events] == ["task.stage_changed"] * 2
    assert kinds(wl) == before
    finish(wl, "a")
    assert status(wl, "a") == ["completed"]


def test_answers_of_all_kinds_are_given_again(wl: Orchestrator) -> None:
    """Repeated under its key, an execute gives the answers of its writes and of its reads as they were."""
    make(wl, "a", attributes={"x": 1.0})
    commands: list[Command[Any]] = [
        CreateTask(task_type="t", parent_task_id="a"),
        QueryTasks(include_hierarchy=True, include_dependencies=True, include_metrics=True),
        QueryTasks(fields=("task_id",)),
        GetTask(task_id="a"),
    ]
    first = wl.execute(commands, idempotency_key="k")
    make(wl, "b")
    again = wl.execute(commands, idempotency_key="k")
    assert again == first
    assert unstructure(again) == unstructure(first)
    assert again.results[1].total_results == 2
