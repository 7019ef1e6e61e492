"""Dependencies of every type, as a user meets them: what they hold back, and when they let go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.model.asking import finish, go, make, need, ready, state, status, versions
from worklattice import (
    DependencyNotFoundError,
    DependencySpec,
    Orchestrator,
    PrerequisitesNotMetError,
    TaskNotFoundError,
    ValidationError,
)
from worklattice.model.draft import Draft
from worklattice.model.rows import EdgeRow
from worklattice.testing import ManualClock


def test_last_open_prerequisite_completed(wl: Orchestrator) -> None:
    """Completing the last open prerequisite makes the dependant ready."""
    make(wl, "a", "b")
    make(wl, "t", dependencies=["a", "b"])
    finish(wl, "a")
    assert status(wl, "t") == ["blocked"]
    go(wl, "b", "active")
    answer = wl.manage_lifecycle("b", "completed")
    assert answer.unblocked == ("t",)
    assert answer.unblocked_count == 1
    assert ready(wl) == ["t"]


def test_reopened_prerequisite_blocks_again(wl: Orchestrator) -> None:
    """Reopening what a task had waited for makes it wait once more."""
    make(wl, "a")
    make(wl, "t", dependencies=["a"])
    finish(wl, "a")
    go(wl, "a", "active")
    assert state(wl, "t") == "pending"
    assert status(wl, "t") == ["blocked"]


def test_failed_prerequisite_fails_the_edge(wl: Orchestrator) -> None:
    """A failure never satisfies who waits for success; a second try may."""
    make(wl, "a")
    make(wl, "t", dependencies=["a"])
    go(wl, "a", "active", "failed")
    assert (state(wl, "t"), status(wl, "t")) == ("failed", ["blocked"])
    go(wl, "a", "ready")
    assert state(wl, "t") == "pending"


def test_rollback_waits_for_a_failure(wl: Orchestrator) -> None:
    """A step that wants the failure of another becomes ready when that fails."""
    make(wl, "deploy", "rollback")
    need(wl, "rollback", "deploy", outcome="failure")
    assert ready(wl) == ["deploy"]
    go(wl, "deploy", "active", "failed")
    assert ready(wl) == ["rollback"]


@pytest.mark.parametrize("stage", ["completed", "failed", "cancelled"])
def test_cleaning_up_waits_for_any_end(wl: Orchestrator, stage: str) -> None:
    """With the outcome any, however the other ends will do."""
    make(wl, "work", "clean")
    need(wl, "clean", "work", outcome="any")
    go(wl, "work", "active", stage)
    assert ready(wl) == ["clean"]


def test_start_to_start(wl: Orchestrator) -> None:
    """The dependant may start once the other has started."""
    make(wl, "a", "t")
    need(wl, "t", "a", "start_to_start")
    assert status(wl, "t") == ["blocked"]
    go(wl, "a", "active")
    assert state(wl, "t") == "satisfied"
    go(wl, "t", "active")


@pytest.mark.parametrize(
    ("kind", "stages"),
    [("finish_to_finish", ("active", "completed")), ("start_to_finish", ("active",))],
)
def test_finish_edges_guard_only_the_finish(wl: Orchestrator, kind: str, stages: tuple[str, ...]) -> None:
    """A finish edge lets the task start, and refuses its completion until the other has come so far."""
    make(wl, "a", "t")
    need(wl, "t", "a", kind)
    assert status(wl, "t") == ["pending"]
    go(wl, "t", "active")
    with pytest.raises(PrerequisitesNotMetError, match="to finish it needs") as caught:
        wl.manage_lifecycle("t", "completed")
    assert [reason.kind for reason in caught.value.unmet] == ["finish_dependency"]
    go(wl, "a", *stages)
    assert go(wl, "t", "completed").status == "completed"


def test_approval_is_pending_without_a_decision(wl: Orchestrator) -> None:
    """Success alone does not approve."""
    make(wl, "a", "t")
    need(wl, "t", "a", "approval")
    finish(wl, "a")
    assert (state(wl, "t"), status(wl, "t")) == ("pending", ["blocked"])


def test_data_without_an_artifact_is_success(wl: Orchestrator) -> None:
    """Where no artifact is named, a data dependency waits for success."""
    make(wl, "a", "t")
    need(wl, "t", "a", "data")
    finish(wl, "a")
    assert state(wl, "t") == "satisfied"


def test_data_with_an_artifact_waits_for_it(wl: Orchestrator) -> None:
    """Where an artifact is named, success alone is not enough."""
    make(wl, "a", "t")
    need(wl, "t", "a", "data", artifact="report")
    finish(wl, "a")
    assert state(wl, "t") == "pending"


@pytest.mark.parametrize("kind", ["prerequisite", "information", "related"])
def test_links_never_hold_back(wl: Orchestrator, kind: str) -> None:
    """What only points at another task does not make anything wait."""
    make(wl, "a", "t")
    need(wl, "t", "a", kind)
    assert ready(wl) == ["a", "t"]


def test_blocks_is_stored_the_other_way_round(wl: Orchestrator) -> None:
    """To block another is the other's completion on this one; only the other gets a new version."""
    make(wl, "a", "b")
    answer = wl.manage_dependencies("a", [DependencySpec(dependency_task_id="b", dependency_type="blocks")])
    assert answer.dependencies == ()
    (edge,) = wl.get_dependencies("b").dependencies
    assert (edge.task_id, edge.dependency_task_id, edge.dependency_type) == ("b", "a", "completion")
    assert versions(wl, "a", "b") == [1, 2]
    wl.manage_dependencies("a", operation="remove", dependency_ids=["b"], dependency_type="blocks")
    assert wl.get_dependencies("b").dependencies == ()


def test_active_task_is_blocked_by_a_new_dependency(wl: Orchestrator) -> None:
    """A task that works and gets an open dependency is blocked, and stays in its stage."""
    make(wl, "a", "t")
    go(wl, "t", "active")
    need(wl, "t", "a")
    assert status(wl, "t") == ["blocked"]
    finish(wl, "a")
    assert status(wl, "t") == ["active"]


def test_optional_edge_holds_nothing_back(wl: Orchestrator) -> None:
    """A dependency that is not mandatory shows its state and counts for nothing."""
    make(wl, "a", "t")
    need(wl, "t", "a", mandatory=False)
    assert (state(wl, "t"), ready(wl)) == ("pending", ["a", "t"])


@pytest.mark.parametrize(("join", "needed"), [("all", 3), ("any", 1), (2, 2), (9, 3)])
def test_join_counts_satisfied_edges(wl: Orchestrator, join: str | int, needed: int) -> None:
    """A task waits until as many of its start edges are met as its join asks for."""
    make(wl, "a", "b", "c")
    make(wl, "t", dependencies=["a", "b", "c"], join=join)
    for done, other in enumerate(("a", "b", "c"), start=1):
        finish(wl, other)
        assert status(wl, "t") == ["pending" if done >= needed else "blocked"]


def test_join_counts_neither_finish_edges_nor_those_that_do_not_apply(wl: Orchestrator) -> None:
    """Of five edges only the mandatory, applicable start edges make up the join."""
    make(wl, "a", "b", "c", "d", "e")
    make(wl, "t", join="any", attributes={"mode": "y"})
    need(wl, "t", "a", "finish_to_finish")
    need(wl, "t", "b", mandatory=False)
    need(wl, "t", "c", conditions={"mode": "x"})
    assert "t" in ready(wl)
    need(wl, "t", "d")
    need(wl, "t", "e")
    for other in ("a", "b", "c"):
        finish(wl, other)
    assert status(wl, "t") == ["blocked"]
    finish(wl, "e")
    assert status(wl, "t") == ["pending"]


def test_join_is_changed_later(wl: Orchestrator) -> None:
    """A task that waits for all is released when any will do, and held again when all must."""
    make(wl, "a", "b")
    make(wl, "t", dependencies=["a", "b"])
    finish(wl, "a")
    assert wl.update_task("t", join="any").unblocked == ("t",)
    wl.update_task("t", join="all")
    assert status(wl, "t") == ["blocked"]


def test_conditions_follow_the_attributes(wl: Orchestrator) -> None:
    """An edge with conditions counts exactly while the dependant's attributes match them."""
    make(wl, "a", "t")
    need(wl, "t", "a", conditions={"size": "large"})
    assert (state(wl, "t"), status(wl, "t")) == ("not_applicable", ["pending"])
    wl.update_task("t", attributes={"size": "large"})
    assert (state(wl, "t"), status(wl, "t")) == ("pending", ["blocked"])
    assert wl.update_task("t", attributes={"size": None}).unblocked == ("t",)


def test_conditions_hold_the_inside_back_once(wl: Orchestrator) -> None:
    """What is inside a task is held back when its conditions come to match, and let go when they do not."""
    make(wl, "a", "t")
    make(wl, "inside", parent_task_id="t")
    need(wl, "t", "a", conditions={"size": "large"})
    wl.update_task("t", attributes={"size": "large"})
    assert status(wl, "inside") == ["blocked"]
    wl.update_task("t", attributes={"size": "small"})
    assert status(wl, "inside") == ["pending"]


def test_lag_passes_without_anyone_calling(wl: Orchestrator, clock: ManualClock) -> None:
    """A dependency with a lag of two hours is satisfied two hours after the other's end, and no earlier."""
    make(wl, "a", "t")
    need(wl, "t", "a", lag="2 hours")
    finish(wl, "a")
    clock.advance(timedelta(hours=2) - timedelta(microseconds=1))
    assert (state(wl, "t"), ready(wl)) == ("pending", [])
    clock.advance(timedelta(microseconds=1))
    assert (state(wl, "t"), ready(wl)) == ("satisfied", ["t"])


def test_dependency_added_again_is_updated(wl: Orchestrator) -> None:
    """Adding an edge that is there changes what is said, and leaves the rest."""
    make(wl, "a", "t")
    need(wl, "t", "a", description="first", lag="1 hour")
    need(wl, "t", "a", description="second")
    (edge,) = wl.get_dependencies("t").dependencies
    assert (edge.description, edge.lag) == ("second", "PT1H")


def test_dependency_added_again_as_it_is_changes_nothing(wl: Orchestrator) -> None:
    """Saying the same again makes no event and no version."""
    make(wl, "a", "t")
    need(wl, "t", "a", lag="1 hour")
    before = versions(wl, "t"), len(list(wl.events()))
    need(wl, "t", "a", lag="60 minutes")
    assert (versions(wl, "t"), len(list(wl.events()))) == before


def test_two_types_between_the_same_tasks(wl: Orchestrator) -> None:
    """An edge is known by both tasks and its type; removing by id takes all types unless one is named."""
    make(wl, "a", "t")
    need(wl, "t", "a")
    need(wl, "t", "a", "information")
    wl.manage_dependencies("t", operation="remove", dependency_ids=["a"], dependency_type="completion")
    assert [edge.dependency_type for edge in wl.get_dependencies("t").dependencies] == ["information"]
    need(wl, "t", "a")
    assert wl.manage_dependencies("t", operation="remove", dependency_ids=["a"]).dependencies == ()


def test_replace_leaves_exactly_the_given_ones(wl: Orchestrator) -> None:
    """Edges that are not named go, of all types; those that stay keep what was said of them."""
    make(wl, "a", "b", "c", "t")
    need(wl, "t", "a", lag="1 hour")
    need(wl, "t", "b", "related")
    answer = wl.manage_dependencies("t", ["a", "c"], operation="replace")
    assert [(edge.dependency_task_id, edge.lag) for edge in answer.dependencies] == [
        ("a", "PT1H"),
        ("c", None),
    ]
    assert wl.manage_dependencies("t", operation="replace").dependencies == ()


def test_removing_a_satisfied_edge_frees_nobody_twice(wl: Orchestrator) -> None:
    """The counts stay right when what goes had been met."""
    make(wl, "a", "b")
    make(wl, "t", dependencies=["a", "b"])
    finish(wl, "a")
    wl.manage_dependencies("t", operation="remove", dependency_ids=["a"])
    assert status(wl, "t") == ["blocked"]
    assert wl.manage_dependencies("t", operation="remove", dependency_ids=["b"]).unblocked == ("t",)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"operation": "add"}, "arguments.dependencies"),
        ({"operation": "add", "dependency_ids": ["a"]}, "arguments.dependency_ids"),
        ({"operation": "waive"}, "arguments.dependencies"),
        ({"dependencies": [{"dependency_task_id": "a", "lag": "soon"}]}, "arguments.dependencies[0].lag"),
        (
            {
                "dependencies": [
                    {"dependency_task_id": "a", "dependency_type": "start_to_start", "outcome": "any"}
                ]
            },
            "arguments.dependencies[0].outcome",
        ),
        (
            {"dependencies": [{"dependency_task_id": "a", "artifact": "x"}]},
            "arguments.dependencies[0].artifact",
        ),
    ],
)
def test_ill_fitting_arguments_are_refused(wl: Orchestrator, arguments: Any, field: str) -> None:
    """What an operation or a type does not take is named by its path."""
    make(wl, "a", "t")
    with pytest.raises(ValidationError) as caught:
        wl.manage_dependencies("t", **arguments)
    assert caught.value.field == field


def test_expiry_is_for_waivers(wl: Orchestrator, clock: ManualClock) -> None:
    """Only waive takes a time at which it ends."""
    make(wl, "a", "t")
    with pytest.raises(ValidationError, match="only waive takes expires_at"):
        wl.manage_dependencies("t", ["a"], expires_at=clock.now + timedelta(hours=1))


def test_dependency_on_nothing(wl: Orchestrator) -> None:
    """A dependency on a task that is not there names the closest ones."""
    make(wl, "design", "t")
    with pytest.raises(DependencyNotFoundError) as caught:
        wl.manage_dependencies("t", ["desing"])
    assert caught.value.field == "arguments.dependencies[0].dependency_task_id"
    assert caught.value.details == {"closest": ["design"]}
    with pytest.raises(TaskNotFoundError):
        wl.manage_dependencies("nobody", ["design"])


@pytest.mark.parametrize("operation", ["remove", "waive", "unwaive"])
def test_edge_that_is_not_there(wl: Orchestrator, operation: Any) -> None:
    """Removing or waiving what is not there is refused; the error lists what is."""
    make(wl, "a", "b", "t")
    need(wl, "t", "a")
    with pytest.raises(DependencyNotFoundError, match='has no dependency on "b"') as caught:
        wl.manage_dependencies("t", operation=operation, dependency_ids=["b"])
    assert caught.value.suggestion == 'Its dependencies are "a".'
    with pytest.raises(DependencyNotFoundError, match="has no dependency on") as caught:
        wl.manage_dependencies("t", ["b"], operation="update")
    assert caught.value.error_type == "DependencyNotFoundError"


@pytest.mark.parametrize("operation", ["waive", "unwaive", "remove"])
def test_many_dependencies_named_at_once(
    wl: Orchestrator, monkeypatch: pytest.MonkeyPatch, operation: Any
) -> None:
    """The task's edges are read a few times, not once for each that is named."""
    ids = [f"a{number}" for number in range(40)]
    make(wl, *ids)
    make(wl, "t", dependencies=ids)
    wl.manage_dependencies("t", operation="waive", dependency_ids=ids[:20])
    asked: list[str] = []
    edges_of = Draft.edges_of

    def counted(draft: Draft, task_id: str) -> Sequence[EdgeRow]:
        asked.append(task_id)
        return edges_of(draft, task_id)

    with monkeypatch.context() as patch:
        patch.setattr(Draft, "edges_of", counted)
        wl.manage_dependencies("t", operation=operation, dependency_ids=ids)
    assert len(asked) < 10
