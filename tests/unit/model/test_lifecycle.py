"""The default lifecycle, and reading lifecycles of one's own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.model.asking import go, make, status, task
from worklattice import InvalidTransitionError, Orchestrator, PrerequisitesNotMetError, ValidationError
from worklattice.model.lifecycle import DEFAULT, STAGES, Lifecycle, Role, read_lifecycle

CONTRACT = """
    draft      | ready, active, cancelled, superseded, archived                         | pending
    ready      | draft, active, blocked, cancelled, superseded, archived                | pending
    active     | ready, blocked, review, completed, failed, cancelled, superseded       | active
    blocked    | ready, active, failed, cancelled, superseded, archived                 | blocked
    review     | active, completed, failed, cancelled, superseded                       | active
    completed  | active, superseded, archived                                           | completed
    failed     | ready, active, cancelled, superseded, archived                         | failed
    cancelled  | draft, ready, archived                                                 | cancelled
    superseded | archived                                                               | superseded
    archived   |                                                                        | archived
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in CONTRACT.strip().splitlines()]
LEADS_TO = {name: tuple(filter(None, targets.split(", "))) for name, targets, _ in ROWS}

SMALL: dict[str, Any] = {
    "stages": {
        "todo": {"status": "pending", "roles": ["startable"]},
        "doing": {"status": "active", "roles": ["started"]},
        "done": {"status": "completed", "roles": ["succeeded"]},
    },
    "transitions": {"todo": ["doing"], "doing": ["done"], "done": ["doing"]},
}


def test_default_lifecycle_is_the_documented_table() -> None:
    """Stages, statuses and transitions are those of the table, in its order."""
    assert [(name, stage.status) for name, stage in DEFAULT.stages.items()] == [(n, s) for n, _, s in ROWS]
    assert {name: tuple(DEFAULT.next_stages(name)) for name in DEFAULT.stages} == LEADS_TO
    assert DEFAULT.initial == "draft"


@pytest.mark.parametrize("start", LEADS_TO)
@pytest.mark.parametrize("end", LEADS_TO)
def test_only_transitions_of_the_table_happen(wl: Orchestrator, start: str, end: str) -> None:
    """A task goes where the table leads, and nowhere else; the error lists where it leads."""
    make(wl, "new")
    if start == "superseded":
        make(wl, "t")
        wl.manage_lifecycle("t", "superseded", superseded_by="new")
    else:
        make(wl, "t", lifecycle_stage=start)
    replacement = "new" if end == "superseded" else None
    if end in LEADS_TO[start]:
        assert wl.manage_lifecycle("t", end, superseded_by=replacement).current_stage == end
        return
    with pytest.raises(InvalidTransitionError) as caught:
        wl.manage_lifecycle("t", end, superseded_by=replacement)
    assert caught.value.legal == LEADS_TO[start]
    assert caught.value.details["current_stage"] == start


def test_final_stage_says_so(wl: Orchestrator) -> None:
    """From an archived task nothing is offered."""
    make(wl, "t", lifecycle_stage="archived")
    with pytest.raises(InvalidTransitionError) as caught:
        wl.manage_lifecycle("t", "draft")
    assert caught.value.suggestion == '"archived" is final.'


def test_unknown_stage_is_met_with_the_closest(wl: Orchestrator) -> None:
    """A misspelt stage is no stage of the lifecycle; the closest name is offered."""
    make(wl, "t")
    with pytest.raises(InvalidTransitionError, match="no stage of the lifecycle") as caught:
        wl.manage_lifecycle("t", "activ")
    assert '"active"' in (caught.value.suggestion or "")


def test_every_role_of_the_default_is_there() -> None:
    """Each role is played by some stage, and ended stages are those that end."""
    played = {role for _, roles, _ in STAGES.values() for role in roles}
    assert played == set(Role)
    ended = [name for name, stage in DEFAULT.stages.items() if stage.ended]
    assert ended == ["completed", "failed", "cancelled", "superseded", "archived"]


def test_small_lifecycle_is_read() -> None:
    """Without an initial stage, tasks are born in the first that is startable; an outcome ends."""
    lifecycle = read_lifecycle(SMALL, "lifecycle")
    assert isinstance(lifecycle, Lifecycle)
    assert lifecycle.initial == "todo"
    assert lifecycle.stages["done"].ended
    assert lifecycle.allows("todo", "doing")
    assert not lifecycle.allows("todo", "done")


def _with(**more: Any) -> dict[str, Any]:
    return {**SMALL, **more}


def _stages(**more: Any) -> dict[str, Any]:
    return _with(stages={**SMALL["stages"], **more})


@pytest.mark.parametrize(
    ("document", "field", "message"),
    [
        (_with(stage={}), "lifecycle.stage", 'did you mean "stages"?'),
        (_with(stages={}), "lifecycle.stages", "must be an object with a stage for each name"),
        (_with(initial="tudo"), "lifecycle.initial", 'did you mean "todo"?'),
        (_stages(odd="x"), "lifecycle.stages.odd", "must be an object"),
        (_stages(odd={"status": "lost"}), "lifecycle.stages.odd.status", "must be one of"),
        (
            _stages(odd={"status": "active", "color": 1}),
            "lifecycle.stages.odd.color",
            "is no part of a stage",
        ),
        (
            _stages(odd={"status": "active", "roles": ["boss"]}),
            "lifecycle.stages.odd.roles",
            "must be an array of roles",
        ),
        (
            _stages(odd={"status": "active", "roles": ["succeeded"]}),
            "lifecycle.stages.odd.status",
            "an ended stage has one of the statuses",
        ),
        (
            _stages(odd={"status": "completed", "roles": ["started"]}),
            "lifecycle.stages.odd.status",
            "an open stage has one of the statuses",
        ),
        (
            _stages(odd={"status": "failed", "roles": ["failed", "succeeded"]}),
            "lifecycle.stages.odd.roles",
            "only one of succeeded, failed and withdrawn",
        ),
        (
            _stages(odd={"status": "failed", "roles": ["failed", "started"]}),
            "lifecycle.stages.odd.roles",
            "neither startable nor started",
        ),
        (_with(transitions=[]), "lifecycle.transitions", "must be an object"),
        (_with(transitions={"here": []}), "lifecycle.transitions.here", "is no stage"),
        (_with(transitions={"todo": "doing"}), "lifecycle.transitions.todo", "must be an array of stages"),
        (_with(transitions={"todo": ["doin"]}), "lifecycle.transitions.todo[0]", 'did you mean "doing"?'),
        (_with(transitions={"todo": ["todo"]}), "lifecycle.transitions.todo[0]", "does not lead to itself"),
        (_stages(odd={"status": "pending"}), "lifecycle.stages.odd", "cannot be reached"),
        (
            _with(transitions={"todo": ["doing"], "doing": ["todo"]}),
            "lifecycle.stages.todo",
            "is a trap",
        ),
    ],
)
def test_faulty_lifecycle_is_refused(document: dict[str, Any], field: str, message: str) -> None:
    """Unknown names, misfits, stages out of reach and traps are found, each at its place."""
    problems = read_lifecycle(document, "lifecycle")
    assert isinstance(problems, list)
    assert any(problem.field == field and message in problem.message for problem in problems)


def test_superseded_stage_may_only_be_archived() -> None:
    """A superseded task stands for another one for good."""
    stages: dict[str, Any] = {**SMALL["stages"], "gone": {"status": "superseded", "roles": ["withdrawn"]}}
    transitions: dict[str, Any] = {**SMALL["transitions"], "todo": ["doing", "gone"], "gone": ["todo"]}
    problems = read_lifecycle({"stages": stages, "transitions": transitions}, "lifecycle")
    assert isinstance(problems, list)
    assert [problem.message for problem in problems] == ["a superseded task can only be archived"]


def test_all_problems_are_reported_at_once(wl: Orchestrator) -> None:
    """Registering a lifecycle with three faults is refused with all three."""
    document: dict[str, Any] = {"stages": {"a b": {"status": "lost"}}, "transitions": {"x": []}}
    with pytest.raises(ValidationError) as caught:
        wl.register_task_type("odd", lifecycle=document)
    assert len(caught.value.problems) >= 3
    assert list(wl.events()) == []


def test_registered_type_follows_its_own_lifecycle(wl: Orchestrator) -> None:
    """Tasks of a registered type are born in its first stage and go its ways; others keep the default."""
    wl.register_task_type("small", lifecycle=SMALL)
    wl.create_generic_task("small", task_id="s")
    make(wl, "t")
    assert (task(wl, "s").lifecycle_stage, task(wl, "t").lifecycle_stage) == ("todo", "draft")
    go(wl, "s", "doing", "done")
    assert status(wl, "s", "t") == ["completed", "pending"]
    with pytest.raises(InvalidTransitionError):
        wl.manage_lifecycle("s", "archived")


def test_lifecycle_that_strands_tasks_is_refused(wl: Orchestrator) -> None:
    """A type whose tasks stand in stages that the new lifecycle lacks keeps its old one."""
    make(wl, "t")
    with pytest.raises(PrerequisitesNotMetError, match="tasks such as t are in the stage draft") as caught:
        wl.register_task_type("task", lifecycle=SMALL)
    assert caught.value.unmet[0].kind == "stranded"
    assert task(wl, "t").lifecycle_stage == "draft"


def test_stage_that_means_something_else_strands_too(wl: Orchestrator) -> None:
    """The same name with other roles is another stage."""
    wl.register_task_type("small", lifecycle=SMALL)
    wl.create_generic_task("small", task_id="s")
    stages: dict[str, Any] = {
        **SMALL["stages"],
        "todo": {"status": "pending"},
        "queue": {"status": "pending", "roles": ["startable"]},
    }
    transitions: dict[str, Any] = {**SMALL["transitions"], "queue": ["todo"]}
    with pytest.raises(PrerequisitesNotMetError):
        wl.register_task_type("small", lifecycle={"stages": stages, "transitions": transitions})


def test_new_type_must_know_the_stage_of_a_task(wl: Orchestrator) -> None:
    """A task changes its type only where both lifecycles have its stage in the same meaning."""
    wl.register_task_type("small", lifecycle=SMALL)
    make(wl, "t")
    with pytest.raises(PrerequisitesNotMetError, match="does not know its stage draft"):
        wl.update_task("t", task_type="small")
    assert wl.update_task("t", task_type="story").task.task_type == "story"


def test_stage_may_be_startable_and_started() -> None:
    """Both at once: work may begin and counts as begun."""
    both = {"status": "active", "roles": ["startable", "started"]}
    lifecycle = read_lifecycle(_stages(doing=both), "lifecycle")
    assert isinstance(lifecycle, Lifecycle)
    assert lifecycle.stages["doing"].startable
    assert lifecycle.stages["doing"].started
