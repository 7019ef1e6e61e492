"""The recount finds whatever does not follow from what was said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import worklattice
from tests.unit.model.asking import finish, make, need
from worklattice import Orchestrator
from worklattice.model.soundness import Discrepancy
from worklattice.storage.api import Store
from worklattice.testing import ManualClock, SequentialIds
from worklattice.testing.rows import changes_over, fill

TASK_DAMAGE: dict[str, Callable[[Any], Any]] = {
    "status": lambda _: "failed",
    "ready": lambda value: not value,
    "rank": lambda _: 17.0,
    "due_at": lambda _: 5,
    "needs": lambda _: "\nlathe 1/1\n",
    "depth": lambda value: value + 1,
    "root_id": lambda _: "a",
    "children": lambda value: value + 1,
    "open_children": lambda value: value + 1,
    "edges": lambda value: value + 1,
    "start_edges": lambda value: value + 1,
    "start_met": lambda value: value + 1,
    "finish_open": lambda value: value + 1,
    "holders": lambda value: value + 1,
    "moment": lambda _: 7,
}


@pytest.fixture
def damaged() -> Orchestrator:
    """A workspace that nobody checks at the end; `t` depends on `a`, with a lag, and contains `c`."""
    wl = worklattice.open("memory:", clock=ManualClock(), ids=SequentialIds())
    make(wl, "a", "t")
    make(wl, "c", parent_task_id="t")
    need(wl, "t", "a", lag="1 hour")
    finish(wl, "a")
    assert wl.check() == []
    return wl


def store_of(wl: Orchestrator) -> Store:
    return wl._store


@pytest.mark.parametrize("field", TASK_DAMAGE)
def test_damaged_task_is_found(damaged: Orchestrator, field: str) -> None:
    """A derived field of a task that was changed by another hand is reported, with what it should be."""
    with store_of(damaged).read("default") as view:
        row = view.task("t")
    assert row is not None
    was = getattr(row, field)
    fill(store_of(damaged), "default", tasks=[row.but(**{field: TASK_DAMAGE[field](was)})])
    found = {(problem.subject, problem.field): problem for problem in damaged.check()}
    assert found["t", field].expected == was
    assert found["t", field].stored == TASK_DAMAGE[field](was)


@pytest.mark.parametrize(("field", "value"), [("effective_id", "c"), ("moment", None)])
def test_damaged_edge_is_found(damaged: Orchestrator, field: str, value: object) -> None:
    """So is a derived field of an edge, which is named by its ends and its type."""
    with store_of(damaged).read("default") as view:
        (edge,) = view.edges_of("t")
    fill(store_of(damaged), "default", edges=[edge.but(**{field: value})])
    assert ("t → a (completion)", field) in {(found.subject, found.field) for found in damaged.check()}


@pytest.mark.parametrize("field", ["start_level", "finish_level"])
def test_falling_level_is_found(damaged: Orchestrator, field: str) -> None:
    """A level that does not lie above those before it proves nothing any more."""
    with store_of(damaged).read("default") as view:
        row = view.task("t")
    assert row is not None
    fill(store_of(damaged), "default", tasks=[row.but(**{field: -5})])
    assert any("level of" in problem.field for problem in damaged.check())


def test_oversleeping_is_found(damaged: Orchestrator) -> None:
    """A workspace that wakes up after something changes by itself would not notice it in time."""
    store = store_of(damaged)
    with store.write("default") as transaction:
        changes = changes_over(transaction, "default")
        moment = changes.workspace.wakes_at
        assert moment is not None
        transaction.commit(changes._replace(workspace=changes.workspace._replace(wakes_at=moment + 1)))
    (problem,) = (found for found in damaged.check() if found.field == "wakes_at")
    assert (problem.subject, problem.field) == ("the workspace", "wakes_at")
    assert (problem.stored, problem.expected) == (moment + 1, moment)


def test_lost_task_is_found(damaged: Orchestrator) -> None:
    """Ids that refer to nothing are reported, and nothing else, for the rest cannot be counted."""
    fill(store_of(damaged), "default", gone_tasks=["a", "t"])
    found = {
        (problem.subject, problem.field, problem.stored)
        for problem in damaged.check()
        if problem.subject != "the workspace"
    }
    edge = "t → a (completion)"
    assert found == {
        ("c", "parent_id", "t"),
        (edge, "task_id", "t"),
        (edge, "dependency_id", "a"),
        (edge, "effective_id", "a"),
    }


def test_discrepancy_reads_like_a_sentence() -> None:
    """It names what is wrong, what is stored, and what should be."""
    problem = Discrepancy(subject="t", field="ready", stored=True, expected=False)
    assert str(problem) == "t: ready is True, and should be False"


def test_unwritten_workspace_is_sound() -> None:
    """Where nothing was written there is nothing wrong."""
    with worklattice.open("memory:") as wl:
        assert wl.check() == []
