"""Superseding: dependants follow the replacement."""

from __future__ import annotations

import pytest

from tests.unit.model.asking import finish, go, kinds, make, need, position, state, status, task
from worklattice import (
    CircularDependencyError,
    Orchestrator,
    PrerequisitesNotMetError,
    TaskNotFoundError,
    ValidationError,
)


@pytest.fixture
def pair(wl: Orchestrator) -> Orchestrator:
    """`t` depends on `old`; `new` is there to replace it."""
    make(wl, "old", "new", "t")
    need(wl, "t", "old")
    return wl


def supersede(wl: Orchestrator, task_id: str, replacement: str) -> None:
    wl.manage_lifecycle(task_id, "superseded", superseded_by=replacement)


def test_dependants_follow_the_replacement(pair: Orchestrator) -> None:
    """The edge keeps its name, shows whom it waits for, and is satisfied by the replacement."""
    supersede(pair, "old", "new")
    (edge,) = pair.get_dependencies("t").dependencies
    assert (edge.dependency_task_id, edge.effective_task_id, edge.state) == ("old", "new", "pending")
    assert task(pair, "old").superseded_by == "new"
    finish(pair, "new")
    assert state(pair, "t") == "satisfied"


def test_finished_replacement_releases_at_once(pair: Orchestrator) -> None:
    """Where the replacement has succeeded already, the dependants stop waiting, and hear of it."""
    finish(pair, "new")
    before = position(pair)
    assert pair.manage_lifecycle("old", "superseded", superseded_by="new").unblocked == ("t",)
    assert kinds(pair, before) == [
        ("task.stage_changed", "old"),
        ("task.superseded", "old"),
        ("dependency.satisfied", "t"),
        ("task.ready", "t"),
    ]


def test_open_replacement_blocks_again(pair: Orchestrator) -> None:
    """A completed task that is superseded by an open one no longer satisfies."""
    finish(pair, "old")
    supersede(pair, "old", "new")
    assert (state(pair, "t"), status(pair, "t")) == ("pending", ["blocked"])


def test_chain_leads_to_its_end(pair: Orchestrator) -> None:
    """Edges follow a replacement that is itself replaced, and new edges do so from the start."""
    make(pair, "newer", "u")
    supersede(pair, "old", "new")
    supersede(pair, "new", "newer")
    need(pair, "u", "old")
    edges = [*pair.get_dependencies("t").dependencies, *pair.get_dependencies("u").dependencies]
    assert {edge.effective_task_id for edge in edges} == {"newer"}
    assert [edge.task_id for edge in pair.get_dependencies("newer", direction="dependants").dependencies] == [
        "t",
        "u",
    ]


def test_archived_after_supersession_still_points_on(pair: Orchestrator) -> None:
    """Archiving keeps what the task was superseded by."""
    supersede(pair, "old", "new")
    assert go(pair, "old", "archived").superseded_by == "new"
    assert pair.get_dependencies("t").dependencies[0].effective_task_id == "new"


def test_replacement_is_required_and_must_be_there(pair: Orchestrator) -> None:
    """Superseded needs superseded_by, an existing task; other stages take none."""
    with pytest.raises(ValidationError, match="superseded needs superseded_by"):
        pair.manage_lifecycle("old", "superseded")
    with pytest.raises(TaskNotFoundError) as caught:
        supersede(pair, "old", "nww")
    assert caught.value.field == "arguments.superseded_by"
    with pytest.raises(ValidationError, match="only superseded takes superseded_by"):
        pair.manage_lifecycle("old", "cancelled", superseded_by="new")


def test_replacements_go_in_no_circle(pair: Orchestrator) -> None:
    """Nobody takes their own place, not by way of others either."""
    with pytest.raises(CircularDependencyError, match="cannot be superseded by itself") as caught:
        supersede(pair, "old", "old")
    assert caught.value.suggestion == "Name another task."
    supersede(pair, "old", "new")
    with pytest.raises(CircularDependencyError) as caught:
        supersede(pair, "new", "old")
    assert caught.value.cycle == ("new", "old")


def test_dependant_does_not_replace_what_it_needs(pair: Orchestrator) -> None:
    """Following the replacement, the task would wait for itself."""
    with pytest.raises(CircularDependencyError) as caught:
        supersede(pair, "old", "t")
    assert caught.value.cycle == ("t",)
    assert caught.value.field == "arguments.superseded_by"
    assert status(pair, "old") == ["pending"]


def test_circle_that_a_replacement_closes_names_each_task_once(wl: Orchestrator) -> None:
    """Whatever is inside of them, which is no part of it."""
    make(wl, "old", "outer")
    need(wl, "outer", "old")
    make(wl, "inner", parent_task_id="outer")
    need(wl, "inner", "old", "start_to_finish")
    make(wl, "innermost", parent_task_id="inner")
    with pytest.raises(CircularDependencyError) as caught:
        supersede(wl, "old", "inner")
    assert caught.value.cycle == ("inner", "outer")
    assert caught.value.steps == ("is inside", "depends on")


def test_result_is_looked_at_for_circles_as_a_whole(pair: Orchestrator) -> None:
    """A replacement that depends on the dependants closes a circle through others."""
    need(pair, "new", "t")
    with pytest.raises(CircularDependencyError) as caught:
        supersede(pair, "old", "new")
    assert set(caught.value.cycle) == {"new", "t"}


def test_followed_replacement_is_not_deleted(pair: Orchestrator) -> None:
    """While a task follows it, it stays, whatever is detached; it may go together with that task."""
    supersede(pair, "old", "new")
    with pytest.raises(PrerequisitesNotMetError, match='"new" takes the place of "old"'):
        pair.delete_task("new", detach=True)
    pair.delete_task("old", detach=True)
    pair.delete_task("new")
    assert task(pair, "t").status == "pending"


def test_superseded_tree_is_deleted_with_its_replacement(pair: Orchestrator) -> None:
    """Both inside one tree go together, with the dependency on them, once."""
    make(pair, "top")
    for task_id in ("old", "new"):
        pair.update_task(task_id, parent_task_id="top")
    supersede(pair, "old", "new")
    answer = pair.delete_task("top", cascade=True, detach=True)
    assert answer.deleted_task_ids == ("old", "new", "top")
    assert answer.dependencies_removed == 1


def test_tasks_are_not_born_superseded(wl: Orchestrator) -> None:
    """There is nothing that would take its place yet."""
    with pytest.raises(ValidationError, match="cannot be born superseded"):
        make(wl, "t", lifecycle_stage="superseded")
