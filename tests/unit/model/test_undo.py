"""Undoing commands: what is as before, how far it goes, and what can never be undone."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import worklattice
from tests.unit.model.asking import finish, go, kinds, make, need, position, ready, task, versions
from worklattice import ConflictError, Orchestrator, PrerequisitesNotMetError, TaskUpdates, ValidationError
from worklattice.model.commands import AddComment, CreateTask, DeleteTask, UpdateTask
from worklattice.model.project import SIGNALS
from worklattice.testing import ManualClock

TEMPLATE: Any = {"root_task": {"task_type": "t", "children": [{"task_type": "u"}]}}
SHORT: Any = {
    "stages": {
        "draft": {"status": "pending", "roles": ["startable"]},
        "doing": {"status": "active", "roles": ["started"]},
        "done": {"status": "completed", "roles": ["succeeded"]},
    },
    "transitions": {"draft": ["doing"], "doing": ["done"]},
}
OFFICE: Any = {"time_zone": "Europe/Berlin", "working_hours": {"mon-fri": ["09:00-17:00"]}}


def said(wl: Orchestrator) -> list[dict[str, Any]]:
    """The dump, but for the versions of tasks and their times of change, which go on."""
    lines = [json.loads(line) for line in wl.dump().splitlines()]
    for line in lines:
        if line["kind"] == "task":
            del line["version"], line["updated_at"]
    return lines


def crowd(wl: Orchestrator) -> None:
    """A little of everything: trees, dependencies, a waiver, comments, deliveries, definitions."""
    make(wl, "a", attributes={"x": 1, "y": [2]})
    make(wl, "p", "q", "r")
    make(wl, "c", "d", parent_task_id="p")
    need(wl, "c", "a", lag="1 hour", conditions={}, description="so")
    need(wl, "d", "c")
    need(wl, "r", "c", "information")
    wl.manage_dependencies("d", operation="waive", dependency_ids=["c"], reason="why", actor="ann")
    wl.add_comment("c", "first", actor="ann")
    wl.add_comment("p", "second")
    go(wl, "r", "active", "completed")
    wl.record_approval("r", "approved", comment="fine", actor="ann")
    wl.add_artifact("r", "report", uri="file:1", actor="ann")
    wl.create_template("own", TEMPLATE)
    wl.register_task_type("short", lifecycle=SHORT)
    wl.define_calendar("office", OFFICE)


COMMANDS: dict[str, Callable[[Orchestrator], Any]] = {
    "create": lambda wl: wl.create_generic_task("t", task_id="n", parent_task_id="p", dependencies=["a"]),
    "create what others wait for": lambda wl: wl.create_generic_task(
        "t", task_id="n", dependencies=[{"dependency_task_id": "d", "dependency_type": "blocks"}]
    ),
    "batch": lambda wl: wl.batch_create(
        [{"task_type": "t", "task_id": "m", "dependencies": ["n"]}, {"task_type": "t", "task_id": "n"}]
    ),
    "expand": lambda wl: wl.create_from_template("own", parent_task_id="p"),
    "start": lambda wl: wl.manage_lifecycle("a", "active", result={"k": 1}),
    "reopen": lambda wl: wl.manage_lifecycle("r", "active"),
    "cancel a tree": lambda wl: wl.manage_lifecycle("p", "cancelled", cascade=True),
    "supersede": lambda wl: wl.manage_lifecycle("c", "superseded", superseded_by="r"),
    "skip guards": lambda wl: wl.manage_lifecycle("c", "active", validation_checks=False),
    "update": lambda wl: wl.update_task("a", attributes={"x": None, "y": 3, "z": {}}, join="any"),
    "retype": lambda wl: wl.update_task("a", task_type="short"),
    "move": lambda wl: wl.update_task("c", parent_task_id="q"),
    "move out": lambda wl: wl.update_task("c", parent_task_id=None, attributes={"x": 1}),
    "bulk": lambda wl: wl.bulk_update(TaskUpdates(attributes={"x": 9}), task_ids=["a", "p", "c"]),
    "delete a leaf": lambda wl: wl.delete_task("d"),
    "delete a tree": lambda wl: wl.delete_task("p", cascade=True, detach=True),
    "delete what others need": lambda wl: wl.delete_task("a", detach=True),
    "comment": lambda wl: wl.add_comment("a", "text", actor="bob"),
    "reject": lambda wl: wl.record_approval("r", "rejected"),
    "approve": lambda wl: wl.record_approval("a", "approved"),
    "deliver": lambda wl: wl.add_artifact("a", "x", content=[1]),
    "deliver again": lambda wl: wl.add_artifact("r", "report", content={"k": 1}, media_type="text/csv"),
    "connect": lambda wl: wl.manage_dependencies("a", ["r"]),
    "change a dependency": lambda wl: wl.manage_dependencies(
        "c", [{"dependency_task_id": "a", "lag": "2 hours", "mandatory": False, "description": "x"}]
    ),
    "replace dependencies": lambda wl: wl.manage_dependencies("d", ["a"], operation="replace"),
    "disconnect": lambda wl: wl.manage_dependencies("d", operation="remove", dependency_ids=["c"]),
    "waive": lambda wl: wl.manage_dependencies("c", operation="waive", dependency_ids=["a"]),
    "waive again": lambda wl: wl.manage_dependencies(
        "d", operation="waive", dependency_ids=["c"], reason="other", actor="bob"
    ),
    "unwaive": lambda wl: wl.manage_dependencies("d", operation="unwaive", dependency_ids=["c"]),
    "define a template": lambda wl: wl.create_template("new", TEMPLATE),
    "define its next version": lambda wl: wl.create_template("own", {"root_task": {"task_type": "z"}}),
    "delete a template": lambda wl: wl.delete_template("own"),
    "register": lambda wl: wl.register_task_type("long", lifecycle=SHORT),
    "register anew": lambda wl: wl.register_task_type("short", attributes_schema={"type": "object"}),
    "define a calendar": lambda wl: wl.define_calendar("night", {"windows": "2025-06-15"}),
    "define it anew": lambda wl: wl.define_calendar("office", {"working_hours": {"mon": ["9-17"]}}),
    "delete a calendar": lambda wl: wl.delete_calendar("office"),
    "several": lambda wl: wl.execute(
        [
            UpdateTask(task_id="c", updates=TaskUpdates(parent_task_id="q", attributes={"q": 1})),
            AddComment(task_id="c", text="moved"),
            DeleteTask(task_id="c", detach=True),
            CreateTask(task_type="t", task_id="c", parent_task_id="p"),
        ]
    ),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_undone_command_leaves_what_was_before(
    wl: Orchestrator, clock: ManualClock, command: Callable[[Orchestrator], Any]
) -> None:
    """All that was said is as before, undone again it is as after; the log is replayed to the same state."""
    crowd(wl)
    clock.advance("3 hours")
    before, at = said(wl), position(wl)
    command(wl)
    after = said(wl)
    for _ in range(2):
        clock.advance("1 hour")
        assert wl.undo(actor="eve").position > at
        assert said(wl) == before
        assert wl.check() == []
        clock.advance("1 hour")
        wl.undo(position(wl))
        assert said(wl) == after
        assert wl.check() == []
    with worklattice.open("memory:") as copy:
        copy.replay(wl.events())
        assert copy.dump() == wl.dump()
        assert copy.check() == []


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_undone_in_the_same_transaction(wl: Orchestrator, command: Callable[[Orchestrator], Any]) -> None:
    """A command and its undoing, committed together, are as if neither had been."""
    crowd(wl)
    before = said(wl)
    with wl.transaction():
        command(wl)
        wl.undo()
    assert said(wl) == before
    assert wl.check() == []


def test_versions_go_on(wl: Orchestrator, clock: ManualClock) -> None:
    """An undo is a command: each task that it changes has one more version, and a new time."""
    make(wl, "a")
    wl.update_task("a", attributes={"x": 1})
    clock.advance("1 hour")
    answer = wl.undo()
    assert (answer.undone_events, answer.task_ids) == (("task.updated",), ("a",))
    assert answer.events_emitted == ("task.updated",)
    assert versions(wl, "a") == [3]
    assert task(wl, "a").updated_at == clock.now
    wl.delete_task("a")
    wl.undo()
    assert versions(wl, "a") == [4]


def test_again_and_again_it_goes_further_back(wl: Orchestrator, clock: ManualClock) -> None:
    """Each call undoes the last command that stands, whoever undid what and whatever time has brought."""
    make(wl, "a")
    wl.update_task("a", attributes={"x": 1})
    wl.create_generic_task("t", task_id="b", not_before=clock.now + clock.now.resolution)
    clock.advance("1 hour")
    wl.update_task("a", attributes={"x": 2})
    assert "time.passed" in [kind for kind, _ in kinds(wl)]
    assert [wl.undo().task_ids for _ in range(4)] == [("a",), ("b",), ("a",), ("a",)]
    assert wl.query_tasks().total_results == 0
    with pytest.raises(ConflictError, match="nothing to undo"):
        wl.undo()


def test_undo_of_an_undo_is_a_redo(wl: Orchestrator) -> None:
    """Done again, a command stands as if it had never been undone."""
    make(wl, "a")
    wl.update_task("a", attributes={"x": 1})
    wl.undo()
    wl.undo(position(wl))
    assert task(wl, "a").attributes == {"x": 1}
    assert wl.undo().position == 3
    assert task(wl, "a").attributes == {}


def test_events_name_their_command(wl: Orchestrator) -> None:
    """All events of a command have the position of its first; an undo names what it undoes."""
    make(wl, "a")
    with wl.transaction():
        make(wl, "b")
        make(wl, "c")
    wl.execute([CreateTask(task_type="t", task_id="d"), CreateTask(task_type="t", task_id="e")])
    wl.undo()
    assert [event.command for event in wl.events()] == [1, 1, 3, 3, 5, 5, 7, 7, 7, 7, 11, 11]
    assert [event.undoes for event in wl.events(after=9)] == [None, 7, 7]


def test_already_undone(wl: Orchestrator) -> None:
    """What was undone cannot be undone once more."""
    make(wl, "a")
    wl.undo()
    with pytest.raises(ConflictError, match="it was undone at 3"):
        wl.undo(2)


def test_no_such_position(wl: Orchestrator) -> None:
    """A position behind the last event is no command."""
    make(wl, "a")
    with pytest.raises(ValidationError, match="no event at 9") as caught:
        wl.undo(9)
    assert caught.value.field == "arguments.position"
    with pytest.raises(ValidationError):
        wl.undo(0)


def test_time_cannot_be_undone(wl: Orchestrator, clock: ManualClock) -> None:
    """What time brought, nobody did."""
    wl.create_generic_task("t", not_before=clock.now + clock.now.resolution)
    clock.advance("1 hour")
    make(wl, "a")
    (passed,) = wl.events(kinds=["time.passed"])
    with pytest.raises(ConflictError, match="it is the time that passed"):
        wl.undo(passed.position)


def test_type_that_tasks_use(wl: Orchestrator) -> None:
    """A registration stays as long as tasks are in stages that only it has."""
    wl.register_task_type("short", lifecycle=SHORT)
    wl.create_generic_task("short", task_id="s", lifecycle_stage="doing")
    with pytest.raises(PrerequisitesNotMetError) as caught:
        wl.undo(1)
    assert caught.value.field == "arguments.position"
    wl.undo()
    wl.register_task_type("short")
    with pytest.raises(ConflictError, match="registered anew"):
        wl.undo(1)


def test_stage_that_is_no_more(wl: Orchestrator) -> None:
    """A task does not go back to a stage that was taken out of its lifecycle."""
    wl.register_task_type("short", lifecycle=SHORT)
    wl.create_generic_task("short", task_id="s")
    go(wl, "s", "doing", "done")
    done = position(wl)
    stages = {name: stage for name, stage in SHORT["stages"].items() if name != "doing"}
    wl.register_task_type("short", lifecycle={"stages": stages, "transitions": {"draft": ["done"]}})
    with pytest.raises(ConflictError, match='no such stage "doing"'):
        wl.undo(done)


def test_calendar_that_was_changed_since(wl: Orchestrator) -> None:
    """What was said of a name is taken back only where nobody has said something else of it."""
    wl.define_calendar("office", OFFICE)
    wl.define_calendar("office", {"working_hours": {"mon": ["9-17"]}})
    with pytest.raises(ConflictError, match='the calendar "office" was defined anew or deleted since'):
        wl.undo(1)
    wl.delete_calendar("office")
    for defined in (1, 2):
        with pytest.raises(ConflictError, match="defined anew or deleted since"):
            wl.undo(defined)
    wl.undo()
    wl.undo()
    assert [each.calendar for each in wl.list_calendars().calendars] == [OFFICE]
    wl.undo()
    assert wl.list_calendars().calendars == ()


def test_template_that_tasks_were_made_from(wl: Orchestrator) -> None:
    """Its version stays as long as tasks say that they come from it, or there is a later one."""
    wl.create_template("own", TEMPLATE)
    made = wl.create_from_template("own").root_task_id
    with pytest.raises(ConflictError, match=f'"{made}" was made from the template "own"'):
        wl.undo(1)
    wl.undo()
    wl.create_template("own", TEMPLATE)
    with pytest.raises(ConflictError, match="defined anew"):
        wl.undo(1)


def test_notifications_are_warned_about(wl: Orchestrator) -> None:
    """Whoever was told is not told of the undoing, and the caller hears that."""
    make(wl, "a")
    wl.manage_lifecycle("a", "active", notify_channels=["mail", "chat"])
    (warning,) = wl.undo().warnings
    assert '"mail", "chat"' in warning
    wl.update_task("a", attributes={"success_metrics": ["errors < 1"], "notify_channels": "#ops"})
    wl.record_metrics("a", {"errors": 7})
    (warning,) = wl.undo().warnings
    assert '"#ops"' in warning


def test_dry_run_changes_nothing(wl: Orchestrator) -> None:
    """It says what would be done, and the same is done afterwards."""
    make(wl, "a")
    before = wl.dump()
    dry = wl.undo(dry_run=True)
    assert [event.event_type for event in dry.events or ()] == ["task.deleted"]
    assert wl.dump() == before
    assert wl.undo(reason="no").events_emitted == dry.events_emitted
    assert [event.reason for event in wl.events(kinds=["task.deleted"])] == ["no"]


def test_execute_does_not_undo(wl: Orchestrator) -> None:
    """An undo is a command of its own."""
    make(wl, "a")
    answer = wl.dispatch(
        {"tool": "orchestrator_execute", "arguments": {"commands": [{"tool": "orchestrator_undo"}]}}
    )
    assert (answer["error_type"], answer["field"]) == ("ValidationError", "arguments.commands[0]")


def test_what_was_released_waits_again(wl: Orchestrator) -> None:
    """Counts, readiness and signals follow as from every command."""
    make(wl, "a", "b", "c")
    need(wl, "b", "a")
    finish(wl, "a")
    assert ready(wl) == ["b", "c"]
    wl.undo()
    assert ready(wl) == ["c"]
    assert kinds(wl, position(wl) - 1) == [("task.blocked", "b")]
    assert wl.undo(position(wl)).unblocked == ("b",)


def test_last_command_of_a_log_with_gaps(wl: Orchestrator) -> None:
    """A log that was replayed without its signals has fewer positions, and is undone all the same."""
    make(wl, "a", "b")
    with worklattice.open("memory:") as again:
        again.replay(event for event in wl.events() if event.event_type not in SIGNALS)
        assert again.undo().task_ids == ("b",)
        assert again.undo().task_ids == ("a",)
        with pytest.raises(ConflictError, match="nothing to undo"):
            again.undo()


def test_claims_are_passed_over(wl: Orchestrator) -> None:
    """The command before them is undone, where nothing of it has been built on."""
    make(wl, "a", "b")
    wl.update_task("b", attributes={"x": 1})
    claim = wl.claim_task("ann", task_id="a").claim
    assert claim is not None
    wl.renew_claim("a", claim.token)
    assert wl.undo().task_ids == ("b",)
    with pytest.raises(ConflictError, match=r"claim\.acquired") as caught:
        wl.undo(1)
    assert caught.value.suggestion == "Change what is there now by a command of its own."


def test_many_undos_of_undos(wl: Orchestrator) -> None:
    """Somebody who presses the same button again and again undoes and redoes."""
    make(wl, "a")
    wl.update_task("a", attributes={"x": 1})
    last = 3
    for _ in range(60):
        before = position(wl)
        wl.undo(last)
        last = before + 1
    assert wl.undo(last).task_ids == ("a",)


def test_values_that_differ_only_to_the_letter_come_back(wl: Orchestrator) -> None:
    """True is not 1, and 1.0 is not 1."""
    make(wl, "a")
    wl.manage_lifecycle("a", "active", result=[True])
    wl.manage_lifecycle("a", "review", result=[1])
    wl.undo()
    assert repr(task(wl, "a").result) == "[True]"


def test_comment_that_came_and_went_several_times(wl: Orchestrator) -> None:
    """What was taken away already is refused in words, whichever undo is undone."""
    make(wl, "a")
    wl.add_comment("a", "hi")
    first = position(wl)
    wl.undo(first)
    gone = position(wl)
    wl.undo(gone)
    back = position(wl)
    wl.undo(first)
    with pytest.raises(ConflictError, match=r"the comment .* is gone by now"):
        wl.undo(back)


def test_task_whose_child_took_its_place_comes_back(wl: Orchestrator) -> None:
    """Before the child, which it names; what happened can be replayed all the same."""
    make(wl, "a")
    make(wl, "b", parent_task_id="a")
    wl.manage_lifecycle("a", "superseded", superseded_by="b")
    wl.delete_task("a", cascade=True)
    wl.undo()
    assert task(wl, "a").superseded_by == "b"
    assert wl.check(replay=True) == []
