"""Reading tasks, trees, dependencies and histories."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import worklattice
from tests.unit.model.asking import finish, go, make, need
from worklattice import Orchestrator, TaskNotFoundError, ValidationError
from worklattice.model.estimates import EstimateSum
from worklattice.testing import ManualClock


def test_one_task_or_several(wl: Orchestrator) -> None:
    """Several are given in the order asked for, each once; those that are not there are listed apart."""
    make(wl, "a", "b")
    found = wl.get_task(task_ids=["b", "nobody", "a", "b"])
    assert found.tasks is not None
    assert [task.task_id for task in found.tasks] == ["b", "a"]
    assert found.missing == ("nobody",)
    with pytest.raises(ValidationError, match="either task_id or task_ids"):
        wl.get_task()
    with pytest.raises(ValidationError):
        wl.get_task("a", task_ids=["b"])


def test_task_that_is_not_there(wl: Orchestrator) -> None:
    """The closest ids are offered."""
    make(wl, "design-login", "design-logout")
    with pytest.raises(TaskNotFoundError) as caught:
        wl.get_task("design-logon")
    assert set(caught.value.details["closest"]) == {"design-login", "design-logout"}


@pytest.fixture
def tree(wl: Orchestrator) -> Orchestrator:
    make(wl, "top", attributes={"points": 1})
    make(wl, "a", "b", parent_task_id="top", attributes={"points": 2, "title": "x"})
    make(wl, "a1", parent_task_id="a", attributes={"points": 0.5, "done": True})
    return wl


def test_hierarchy_is_nested(tree: Orchestrator) -> None:
    """Children stand in order of creation, with statistics over the whole tree."""
    finish(tree, "a1")
    tree.manage_lifecycle("b", "cancelled")
    answer = tree.get_task_hierarchy("top")
    assert [child.task_id for child in answer.root_task.children] == ["a", "b"]
    assert [child.task_id for child in answer.root_task.children[0].children] == ["a1"]
    assert answer.statistics is not None
    assert answer.statistics.total == 4
    assert answer.statistics.by_status == {"cancelled": 1, "completed": 1, "pending": 2}
    assert answer.statistics.completed_share == pytest.approx(1 / 3)
    assert answer.statistics.sums == {"points": 5.5}
    assert not answer.truncated


def test_sum_that_no_number_holds_is_left_out(wl: Orchestrator) -> None:
    """Statistics are JSON, which knows no infinity; a sum is rounded once, whatever the order."""
    wl.create_generic_task("t", task_id="root", attributes={"huge": 1e308, "cost": 1e16})
    for cost in (1.0, 1.0):
        wl.create_generic_task("t", parent_task_id="root", attributes={"huge": 1e308, "cost": cost})
    statistics = wl.get_task_hierarchy("root").statistics
    assert statistics is not None
    assert statistics.sums == {"cost": 1e16 + 2}


def test_estimates_of_a_hierarchy(wl: Orchestrator) -> None:
    """Statistics add up estimates that have a unit, from the low ends to the high ones."""
    make(wl, "root", attributes={"estimated_duration": "1 day"})
    for text in ("2-4 hours", "PT30M", "unknown"):
        wl.create_generic_task("t", parent_task_id="root", attributes={"estimated_duration": text})
    statistics = wl.get_task_hierarchy("root").statistics
    assert statistics is not None
    assert statistics.sums == {}
    assert statistics.estimates == {
        "estimated_duration": (EstimateSum(count=3, low=95_400, high=102_600, unit="seconds"),)
    }


def test_hierarchy_down_to_a_depth(tree: Orchestrator) -> None:
    """Below the depth asked for nothing is shown."""
    answer = tree.get_task_hierarchy("top", max_depth=1, include_statistics=False)
    assert [child.children for child in answer.root_task.children] == [(), ()]
    assert answer.statistics is None
    assert tree.get_task_hierarchy("top", max_depth=0).root_task.children == ()


def test_hierarchy_without_what_has_ended(tree: Orchestrator) -> None:
    """Ended tasks are left out with all that is inside them."""
    go(tree, "a", "cancelled")
    answer = tree.get_task_hierarchy("top", include_completed=False)
    assert [child.task_id for child in answer.root_task.children] == ["b"]


@pytest.fixture
def chain(wl: Orchestrator) -> Orchestrator:
    """`d` needs `c`, which needs `b`, which needs `a`; `d` needs `a` too."""
    make(wl, "a", "b", "c", "d")
    for task_id, other in (("b", "a"), ("c", "b"), ("d", "c"), ("d", "a")):
        need(wl, task_id, other)
    return wl


@pytest.mark.parametrize(
    ("task_id", "direction", "transitive", "expected"),
    [
        ("c", "dependencies", False, [("c", "b")]),
        ("c", "dependants", False, [("d", "c")]),
        ("c", "both", False, [("c", "b"), ("d", "c")]),
        ("d", "dependencies", True, [("d", "c"), ("d", "a"), ("c", "b"), ("b", "a")]),
        ("a", "dependants", True, [("b", "a"), ("d", "a"), ("c", "b"), ("d", "c")]),
        ("a", "dependencies", True, []),
    ],
)
def test_dependencies_in_a_direction(
    chain: Orchestrator,
    task_id: str,
    direction: Any,
    transitive: bool,  # noqa: FBT001 - a column of the table
    expected: list[tuple[str, str]],
) -> None:
    """What a task needs, what needs it, and so on; nearest first."""
    answer = chain.get_dependencies(task_id, direction=direction, include_transitive=transitive)
    assert [(edge.task_id, edge.dependency_task_id) for edge in answer.dependencies] == expected


@pytest.mark.parametrize("direction", ["dependencies", "dependants", "both"])
def test_what_is_related_is_seen_from_both_ends(wl: Orchestrator, direction: Any) -> None:
    """The link is one, as it was given, whichever end is asked and in whichever direction."""
    make(wl, "a", "b")
    need(wl, "b", "a", "related")
    for task_id in ("a", "b"):
        (edge,) = wl.get_dependencies(task_id, direction=direction).dependencies
        assert (edge.task_id, edge.dependency_task_id, edge.dependency_type) == ("b", "a", "related")


@pytest.mark.parametrize("direction", ["dependencies", "dependants", "both"])
def test_what_is_related_is_not_followed(chain: Orchestrator, direction: Any) -> None:
    """Nobody needs what is only related: neither what it needs nor the links of others are shown."""
    make(chain, "x", "y")
    need(chain, "x", "d", "related")
    need(chain, "b", "y", "related")
    edges = chain.get_dependencies("x", direction=direction, include_transitive=True).dependencies
    assert [(edge.task_id, edge.dependency_task_id) for edge in edges] == [("x", "d")]
    edges = chain.get_dependencies("c", direction=direction, include_transitive=True).dependencies
    assert "related" not in {edge.dependency_type for edge in edges}


def test_history_page_by_page(wl: Orchestrator) -> None:
    """Each page begins behind the one before; the last says that there is no more."""
    make(wl, "a", "b")
    first = wl.get_history(limit=3)
    assert ([event.position for event in first.events], first.next_after) == ([1, 2, 3], 3)
    second = wl.get_history(limit=3, after=3)
    assert ([event.position for event in second.events], second.next_after) == ([4], None)


def test_history_of_one_task(wl: Orchestrator) -> None:
    """Only its own events are there; of a task that never was there is none."""
    make(wl, "a", "b")
    assert {event.task_id for event in wl.get_history("a").events} == {"a"}
    assert wl.get_history("a", after=99).events == ()
    with pytest.raises(TaskNotFoundError):
        wl.get_history("nobody")


def test_history_shows_no_time_that_was_not_recorded(wl: Orchestrator, clock: ManualClock) -> None:
    """What a read finds due is in its answer, not in the log."""
    make(wl, "a", not_before=clock.now + timedelta(hours=1))
    clock.advance("1 hour")
    before = wl.get_history().events
    assert wl.get_history().events == before


def test_workspaces_do_not_see_each_other(tmp_path: Path) -> None:
    """An id of another workspace is as if it were not there, as a task, a parent or a dependency."""
    url = f"sqlite:///{tmp_path}/work.db"
    with worklattice.open(url, workspace="one") as one, worklattice.open(url, workspace="two") as two:
        make(one, "a")
        for call in (
            lambda: two.get_task("a"),
            lambda: two.manage_lifecycle("a", "active"),
            lambda: make(two, "b", parent_task_id="a"),
        ):
            with pytest.raises(TaskNotFoundError) as caught:
                call()
            assert caught.value.details == {"closest": []}
        make(two, "a")
        two.delete_task("a")
        assert one.get_task("a").task is not None
        assert one.dump() != two.dump()
