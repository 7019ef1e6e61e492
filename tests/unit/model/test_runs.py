"""Runs: what a copy of a scheduled task is, and runs that expand a template."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.model.asking import finish, go, make, need, position, ready, task
from tests.unit.model.test_series import DAILY, day, instants
from worklattice import ConflictError, Orchestrator, ValidationError
from worklattice.testing import ManualClock
from worklattice.types import LIMITS

AT = "20250101T020000Z"

EXPANDED: Any = {
    "root_task": {
        "task_type": "report",
        "attributes": {"title": "{title}"},
        "children": [{"key": "one", "task_type": "t"}, {"task_type": "t", "dependencies": ["one"]}],
    }
}


def scheduled(template_id: str, **more: Any) -> Any:
    return {"schedule": {"at": "daily at 02:00", "template_id": template_id, **more}}


def test_a_run_is_a_copy_of_the_tree(wl: Orchestrator, clock: ManualClock) -> None:
    """Types, attributes, joins, order and dependencies inside are the same; stages and times are fresh."""
    make(wl, "project", "outside")
    make(wl, "etl", attributes=DAILY, parent_task_id="project", not_before=clock.now)
    make(wl, "extract", parent_task_id="etl", attributes={"rows": [1]}, lifecycle_stage="active")
    make(wl, "clean", "load", parent_task_id="etl")
    wl.update_task("load", join="any")
    need(wl, "load", "extract", lag="1 hour", description="so", conditions={}, mandatory=False)
    need(wl, "load", "clean", "data", artifact="rows", outcome="any")
    need(wl, "clean", "extract")
    need(wl, "clean", "outside")
    need(wl, "outside", "etl", "information")
    wl.manage_dependencies("load", operation="waive", dependency_ids=["clean"], reason="so")
    wl.manage_lifecycle("extract", "completed", result={"n": 1})
    clock.advance("2 hours")
    (run_id,) = wl.tick().runs
    run = task(wl, run_id)
    assert (run_id, run.task_type, run.parent_task_id) == (f"etl:{AT}", "task", "project")
    assert (run.attributes, run.run_of, run.run_at) == ({"title": "ETL"}, "etl", day(1))
    assert (run.lifecycle_stage, run.not_before, run.created_at) == ("draft", None, clock.now)
    children = wl.get_task_hierarchy(run_id).root_task.children
    assert [child.task_id for child in children] == [f"{name}:{AT}" for name in ("extract", "clean", "load")]
    extract, _, load = children
    assert (extract.attributes, extract.lifecycle_stage, extract.result) == ({"rows": [1]}, "draft", None)
    assert (extract.run_of, load.join) == (None, 1)
    edges = {edge.dependency_task_id: edge for edge in wl.get_dependencies(f"load:{AT}").dependencies}
    assert edges.keys() == {f"extract:{AT}", f"clean:{AT}"}
    one, other = edges[f"extract:{AT}"], edges[f"clean:{AT}"]
    assert (one.lag, one.description, one.conditions, one.mandatory) == ("PT1H", "so", {}, False)
    assert (other.dependency_type, other.artifact, other.outcome) == ("data", "rows", "any")
    assert other.state == "pending"
    assert len(wl.get_dependencies(f"clean:{AT}").dependencies) == 1
    assert set(ready(wl)) == {"project", "outside", run_id, f"extract:{AT}"}
    assert wl.check(replay=True) == []


def test_what_was_withdrawn_is_not_repeated(wl: Orchestrator, clock: ManualClock) -> None:
    """Nor what is inside it; who depended on what was superseded depends on what came in its place."""
    make(wl, "etl", attributes=DAILY)
    make(wl, "old", "new", "dropped", "last", "done", parent_task_id="etl")
    make(wl, "inside", parent_task_id="dropped")
    need(wl, "last", "old")
    need(wl, "last", "dropped")
    wl.manage_lifecycle("old", "superseded", superseded_by="new")
    go(wl, "dropped", "cancelled")
    finish(wl, "done")
    go(wl, "done", "archived")
    clock.advance("1 day")
    (run,) = wl.tick().runs
    names = [child.task_id for child in wl.get_task_hierarchy(run).root_task.children]
    assert names == [f"{name}:{AT}" for name in ("new", "last", "done")]
    (edge,) = wl.get_dependencies(f"last:{AT}").dependencies
    assert edge.dependency_task_id == f"new:{AT}"


def test_a_schedule_inside_a_schedule(wl: Orchestrator, clock: ManualClock) -> None:
    """Each has runs of its own; a copy has neither the other's schedule nor its runs."""
    make(wl, "etl", attributes=DAILY)
    make(wl, "ping", parent_task_id="etl", attributes={"schedule": "hourly", "url": "x"})
    clock.advance("90 minutes")
    assert wl.tick().runs == ("ping:20250101T010000Z",)
    clock.advance("1 hour")
    assert wl.tick().runs == (f"etl:{AT}", "task-1")
    assert task(wl, "task-1").run_of == "ping"
    offered = {"ping:20250101T010000Z", f"etl:{AT}", f"ping:{AT}", "task-1"}
    assert set(ready(wl)) == offered
    make(wl, "below", parent_task_id="task-1")
    wl.update_task("etl", attributes={"schedule": None})
    assert set(ready(wl)) == {"etl", "below", *offered}
    wl.undo()
    wl.update_task("ping", parent_task_id="below")
    wl.update_task("task-1", parent_task_id="ping:20250101T010000Z")
    assert set(ready(wl)) == {"below", *offered}
    names = [child.task_id for child in wl.get_task_hierarchy(f"etl:{AT}").root_task.children]
    assert names == [f"ping:{AT}"]
    copy = task(wl, names[0])
    assert (copy.attributes, copy.next_run_at, copy.run_of) == ({"url": "x"}, None, None)


def test_ids_of_runs(wl: Orchestrator, clock: ManualClock) -> None:
    """They are generated where the one of the task and its instant is taken, or too long."""
    long = "x" * LIMITS.id_characters
    make(wl, long, attributes=DAILY)
    make(wl, "etl", attributes=DAILY)
    make(wl, f"etl:{AT}")
    make(wl, "fine", attributes={"schedule": "2025-01-01T02:00:00.250Z"})
    clock.advance("1 day")
    assert wl.tick().runs == ("task-1", "task-2", "fine:20250101T020000.250000Z")
    assert [task(wl, f"task-{n}").run_of for n in (1, 2)] == [long, "etl"]


def test_a_copy_keeps_what_it_was_made_from(wl: Orchestrator, clock: ManualClock) -> None:
    """So that a template from which tasks of runs were made is not taken away."""
    wl.create_template("steps", {"root_task": {"task_type": "step"}})
    make(wl, "etl", attributes=DAILY)
    wl.create_from_template("steps", task_id="step", parent_task_id="etl")
    clock.advance("1 day")
    wl.tick()
    assert (task(wl, f"step:{AT}").template_id, task(wl, f"etl:{AT}").template_id) == ("steps", None)


def test_types_with_a_lifecycle_of_their_own_begin_at_its_beginning(
    wl: Orchestrator, clock: ManualClock
) -> None:
    """Whatever stage the scheduled task is in."""
    lifecycle: Any = {
        "stages": {
            "planned": {"status": "pending", "roles": ["startable"]},
            "doing": {"status": "active", "roles": ["started"]},
            "done": {"status": "completed", "roles": ["succeeded"]},
        },
        "transitions": {"planned": ["doing"], "doing": ["done"]},
    }
    wl.register_task_type("job", lifecycle=lifecycle)
    wl.create_generic_task("job", task_id="etl", attributes=DAILY)
    wl.manage_lifecycle("etl", "doing")
    clock.advance("1 day")
    assert task(wl, wl.tick().runs[0]).lifecycle_stage == "planned"


# --- templates ----------------------------------------------------------------------------------------------


def test_a_run_expands_the_template_that_the_schedule_names(wl: Orchestrator, clock: ManualClock) -> None:
    """Its root is the run, beside the scheduled task; the newest version counts where none is said."""
    schema: Any = {"properties": {"title": {"type": "string"}}}
    wl.create_template("report", EXPANDED, parameters_schema=schema)
    make(wl, "project")
    for name, more in {"new": {}, "first": {"template_version": 1}}.items():
        attributes = scheduled("report", parameters={"title": "Sales"}, **more)
        make(wl, name, attributes=attributes, parent_task_id="project")
    wl.create_template("report", {"root_task": {"task_type": "changed"}}, parameters_schema=schema)
    clock.advance("1 day")
    assert wl.tick().runs == (f"new:{AT}", f"first:{AT}")
    run = wl.get_task_hierarchy(f"first:{AT}").root_task
    assert (run.task_type, run.attributes, run.parent_task_id) == ("report", {"title": "Sales"}, "project")
    assert (run.run_of, run.run_at, run.template_version) == ("first", day(1), 1)
    assert [child.run_of for child in run.children] == [None, None]
    assert task(wl, f"new:{AT}").task_type == "changed"


@pytest.mark.parametrize(
    ("attributes", "error_type"),
    [
        (scheduled("nothing"), "TemplateNotFoundError"),
        (scheduled("report"), "TemplateParameterError"),
        (scheduled("judged", parameters={}), "ValidationError"),
    ],
)
def test_a_run_that_cannot_be_made(
    wl: Orchestrator, clock: ManualClock, attributes: Any, error_type: str
) -> None:
    """It is recorded as failed, warned of, and leaves nothing behind; the others go on, and so does time."""
    schema: Any = {"properties": {"title": {"type": "string"}}, "required": ["title"]}
    wl.create_template("report", EXPANDED, parameters_schema=schema)
    wl.register_task_type("judged", attributes_schema={"required": ["never"]})
    child: Any = {"task_type": "judged"}
    wl.create_template("judged", {"root_task": {"task_type": "t", "children": [child]}})
    make(wl, "bad", attributes=attributes)
    make(wl, "etl", attributes=DAILY)
    clock.advance("1 day")
    answer = wl.tick()
    assert (answer.runs, answer.failed, answer.skipped) == ((f"etl:{AT}",), 1, 0)
    assert answer.warnings[0].startswith('The run of "bad" at 2025-01-01T02:00:00Z was not made: ')
    (failed,) = [event for event in answer.events or () if event.event_type == "run.failed"]
    assert failed.task_id == "bad"
    data: Any = failed.data
    assert data["error"]["error_type"] == error_type
    assert data["at"] == data["until"] == "2025-01-01T02:00:00Z"
    assert wl.query_tasks(filters={"run_of": "bad"}).total_results == 0
    assert task(wl, "bad").next_run_at == day(2)
    assert wl.check(replay=True) == []


def test_what_is_wrong_with_a_run_is_told_with_its_place(wl: Orchestrator, clock: ManualClock) -> None:
    """In the event and in the warning, of a copy as of an expansion."""
    wl.create_template("one", {"root_task": {"task_type": "judged"}})
    make(wl, "copied", attributes=DAILY)
    wl.create_generic_task("judged", task_id="inner", parent_task_id="copied")
    make(wl, "expanded", attributes=scheduled("one"))
    wl.register_task_type("judged", attributes_schema={"required": ["never"]})
    clock.advance("1 day")
    answer = wl.tick()
    told: list[Any] = [event.data["error"] for event in answer.events or () if "error" in event.data]
    for error, warning, place in zip(told, answer.warnings, ("inner", "arguments"), strict=True):
        assert error["field"] == f"{place}.attributes.never"
        assert error["message"].startswith(f"{error['field']}: ")
        assert warning.endswith(f"was not made: {error['message']}")


def test_a_type_that_requires_a_schedule(wl: Orchestrator, clock: ManualClock) -> None:
    """Its tasks have runs, which are judged by what the scheduled task has, and have no schedule."""
    wl.register_task_type("job", attributes_schema={"required": ["schedule", "title"]})
    wl.create_generic_task("job", task_id="etl", attributes=DAILY)
    wl.create_generic_task("job", task_id="step", parent_task_id="etl", attributes=DAILY)
    clock.advance("2 hours")
    assert wl.tick().runs == (f"etl:{AT}", "task-1")
    assert instants(wl) == [day(1)]
    (copied,) = wl.get_task_hierarchy(f"etl:{AT}").root_task.children
    assert (copied.attributes, copied.next_run_at) == ({"title": "ETL"}, None)
    assert task(wl, "task-1").run_of == "step"
    for name in (f"etl:{AT}", copied.task_id, "task-1"):
        assert wl.update_task(name, attributes={"note": "x"}).task.attributes["note"] == "x"
        with pytest.raises(ValidationError, match="title"):
            wl.update_task(name, attributes={"title": None})
    with pytest.raises(ValidationError, match="schedule"):
        wl.update_task("step", attributes={"schedule": None})


def test_a_schedule_of_which_no_runs_come_is_warned_of(wl: Orchestrator, clock: ManualClock) -> None:
    """Where the task is a run itself, and where the template is not there."""
    make(wl, "etl", attributes=DAILY)
    clock.advance("1 day")
    (run,) = wl.tick().runs
    (warning,) = wl.update_task(run, attributes=DAILY).warnings
    assert warning.endswith('attributes.schedule makes no runs: the task is a run itself, of "etl".')
    (warning,) = wl.create_generic_task("t", attributes=scheduled("none")).warnings
    assert warning.endswith('attributes.schedule makes no runs: there is no template "none".')
    assert wl.create_generic_task("t", attributes=DAILY).warnings == ()


def test_an_expansion_makes_no_runs_itself(wl: Orchestrator, clock: ManualClock) -> None:
    """Schedules of its tasks are left out; else each run would make runs for ever."""
    inner: Any = {"task_type": "step", "attributes": {"schedule": "hourly", "url": "x"}}
    root: Any = {"task_type": "report", "attributes": {"schedule": "hourly"}, "children": [inner]}
    wl.create_template("report", {"root_task": root})
    make(wl, "reports", attributes=scheduled("report"))
    for _ in range(3):
        clock.advance("1 day")
        assert len(wl.tick().runs) == 1
    assert wl.query_tasks().total_results == 1 + 3 * 2
    run = wl.get_task_hierarchy(f"reports:{AT}").root_task
    assert (run.attributes, [child.attributes for child in run.children]) == ({}, [{"url": "x"}])
    made = wl.create_from_template("report").tasks_created
    assert ["schedule" in each.attributes for each in made] == [True, True]


def test_a_run_inside_of_what_has_completed(wl: Orchestrator, clock: ManualClock) -> None:
    """A completed task is given no open children, by a schedule neither."""
    make(wl, "project")
    make(wl, "etl", attributes=DAILY, parent_task_id="project")
    go(wl, "project", "active")
    wl.manage_lifecycle("project", "completed", validation_checks=False)
    clock.advance("1 day")
    assert wl.tick().failed == 1
    wl.manage_lifecycle("project", "active")
    clock.advance("1 day")
    assert wl.tick().runs == ("etl:20250102T020000Z",)


@pytest.mark.parametrize("last", ["cancelled", "archived"])
def test_a_run_inside_of_what_is_over(wl: Orchestrator, clock: ManualClock, last: str) -> None:
    """A project that was cancelled or archived gets no more runs, however deep inside they are scheduled."""
    make(wl, "project")
    make(wl, "part", parent_task_id="project")
    make(wl, "etl", attributes=DAILY, parent_task_id="part")
    go(wl, "project", last)
    clock.advance("1 day")
    ticked = wl.tick()
    assert (ticked.runs, ticked.failed) == ((), 1)
    assert f'its ancestor "project" is {last}' in ticked.warnings[0]
    assert wl.check(replay=True) == []


# --- undoing ------------------------------------------------------------------------------------------------


def test_undoing_a_tick_takes_its_runs_away_for_good(wl: Orchestrator, clock: ManualClock) -> None:
    """The next tick does not make them again; to undo the undo brings them back."""
    make(wl, "etl", attributes=DAILY)
    make(wl, "step", parent_task_id="etl")
    clock.advance("1 day")
    at = position(wl) + 1
    wl.tick()
    wl.undo(at)
    assert instants(wl) == []
    assert wl.tick().runs == ()
    wl.undo(position(wl))
    assert instants(wl) == [day(1)]
    assert wl.check(replay=True) == []


def test_a_tick_is_nobodys_last_command(wl: Orchestrator, clock: ManualClock) -> None:
    """Whoever undoes the last command means his own, whenever somebody has ticked since."""
    make(wl, "etl", attributes=DAILY)
    wl.update_task("etl", attributes={"title": "oops"})
    clock.advance("1 day")
    wl.tick()
    assert wl.undo().undone_events == ("task.updated",)
    assert instants(wl) == [day(1)]
    clock.advance("1 day")
    first = next(event.command for event in wl.events() if event.event_type == "series.advanced")
    wl.tick()
    wl.undo(first)
    assert instants(wl) == [day(2)]


def test_a_run_that_is_worked_on_is_not_undone(wl: Orchestrator, clock: ManualClock) -> None:
    """Later changes stand on it, as on every task."""
    make(wl, "etl", attributes=DAILY)
    clock.advance("1 day")
    at = position(wl) + 1
    (run,) = wl.tick().runs
    go(wl, run, "active")
    with pytest.raises(ConflictError, match="stands on it"):
        wl.undo(at)
