"""Approvals and artifacts: what others wait for beside the end of a task."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.model.asking import finish, go, kinds, make, need, position, ready, state, status, task
from worklattice import Orchestrator, ValidationError
from worklattice.testing import ManualClock


def state_of(wl: Orchestrator, task_id: str, kind: str) -> str:
    """The state of the task's only dependency of this type."""
    (found,) = (
        edge.state for edge in wl.get_dependencies(task_id).dependencies if edge.dependency_type == kind
    )
    return found


def test_approved_task_lets_its_dependants_go(wl: Orchestrator) -> None:
    """Whoever waits for approval waits for the end and for the decision, in whichever order they come."""
    make(wl, "a", "b", "t", "u")
    need(wl, "t", "a", "approval")
    need(wl, "u", "b", "approval")
    finish(wl, "a")
    assert state(wl, "t") == "pending"
    answer = wl.record_approval("a", "approved", actor="ann", comment="fine")
    assert (answer.decision, answer.unblocked) == ("approved", ("t",))
    assert answer.task.approval is not None
    assert (answer.task.approval.by, answer.task.approval.comment) == ("ann", "fine")
    wl.record_approval("b", "approved")
    assert state(wl, "u") == "pending"
    before = position(wl)
    finish(wl, "b")
    assert ("dependency.satisfied", "u") in kinds(wl, before)


def test_rejection_fails_the_dependency(wl: Orchestrator) -> None:
    """The latest decision counts: a rejection holds back until an approval takes its place."""
    make(wl, "a", "t")
    need(wl, "t", "a", "approval")
    finish(wl, "a")
    wl.record_approval("a", "approved")
    wl.record_approval("a", "rejected")
    assert (state(wl, "t"), status(wl, "t")) == ("failed", ["blocked"])
    wl.record_approval("a", "approved")
    assert (state(wl, "t"), status(wl, "t")) == ("satisfied", ["pending"])


def test_reopening_makes_both_stale(wl: Orchestrator) -> None:
    """A new attempt has been approved by nobody, and has delivered nothing."""
    make(wl, "a", "t")
    need(wl, "t", "a", "approval")
    need(wl, "t", "a", "data", artifact="report")
    finish(wl, "a")
    wl.record_approval("a", "approved")
    wl.add_artifact("a", "report", uri="s3://bucket/report")
    assert ready(wl) == ["t"]
    go(wl, "a", "active")
    again = task(wl, "a")
    assert (again.attempt, again.approval, again.artifacts) == (2, None, ())
    assert (state_of(wl, "t", "approval"), state_of(wl, "t", "data")) == ("pending", "pending")
    go(wl, "a", "completed")
    assert status(wl, "t") == ["blocked"]


def test_artifact_satisfies_before_the_end(wl: Orchestrator) -> None:
    """A named artifact is enough, while its task goes on; another name is not."""
    make(wl, "a", "t")
    need(wl, "t", "a", "data", artifact="report")
    go(wl, "a", "active")
    wl.add_artifact("a", "log", content="…")
    assert state(wl, "t") == "pending"
    answer = wl.add_artifact("a", "report", content={"rows": [1, 2]}, media_type="application/json")
    assert answer.unblocked == ("t",)
    assert answer.artifact.content == {"rows": [1, 2]}
    assert [artifact.name for artifact in answer.task.artifacts] == ["log", "report"]


def test_task_that_fails_without_delivering_fails_who_waits(wl: Orchestrator) -> None:
    """It may still deliver afterwards, and then satisfies after all; a completed one may take its time."""
    make(wl, "a", "b", "t", "u")
    need(wl, "t", "a", "data", artifact="report")
    need(wl, "u", "b", "data", artifact="report")
    go(wl, "a", "active", "failed")
    finish(wl, "b")
    assert (state(wl, "t"), state(wl, "u")) == ("failed", "pending")
    wl.add_artifact("a", "report", uri="file:late")
    assert state(wl, "t") == "satisfied"


def test_lag_counts_from_the_later_of_both(wl: Orchestrator, clock: ManualClock) -> None:
    """From the approval where it comes last, from the delivery for an artifact."""
    make(wl, "a", "t")
    need(wl, "t", "a", "approval", lag="1 hour")
    finish(wl, "a")
    clock.advance("2 hours")
    wl.record_approval("a", "approved")
    assert state(wl, "t") == "pending"
    clock.advance(timedelta(minutes=59))
    assert ready(wl) == []
    clock.advance(timedelta(minutes=1))
    assert ready(wl) == ["t"]


@pytest.mark.parametrize("given", [{}, {"uri": "file:x", "content": 1}])
def test_artifact_has_a_place_or_a_content(wl: Orchestrator, given: dict[str, Any]) -> None:
    """Neither and both are refused, and nothing is recorded."""
    make(wl, "a")
    before = position(wl)
    with pytest.raises(ValidationError, match="and not both"):
        wl.add_artifact("a", "report", **given)
    assert position(wl) == before


def test_waiting_for_an_artifact_is_part_of_the_order(wl: Orchestrator) -> None:
    """A dependency on data counts from the finish of the other when circles are looked for."""
    make(wl, "a", "b")
    need(wl, "b", "a", "data", artifact="report")
    with pytest.raises(Exception, match="wait for one another"):
        need(wl, "a", "b")
