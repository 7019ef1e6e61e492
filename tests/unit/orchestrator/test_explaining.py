"""Explaining a task: what can be done with it, and why not what can't."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.model.asking import finish, go, make, need, task
from worklattice import Orchestrator, TaskNotFoundError, WorklatticeError
from worklattice.model.answers import Explanation
from worklattice.testing import ManualClock


def can(found: Explanation) -> str:
    """What can be done, by first letters."""
    flags = {"s": found.can_start, "f": found.can_finish, "c": found.can_claim}
    return "".join(letter for letter, flag in flags.items() if flag)


def kinds(found: Explanation) -> set[tuple[str, str]]:
    """The reasons: against what, and of which kind."""
    return {(reason.against, reason.kind) for reason in found.reasons}


def test_ready_task(wl: Orchestrator) -> None:
    """It can be started and claimed, and says so; it has to be started before it is completed."""
    make(wl, "a")
    found = wl.explain_task("a")
    assert can(found) == "sc"
    assert kinds(found) == {("finish", "stage")}
    assert found.text.splitlines() == [
        'Task "a" is draft, pending.',
        "It can start.",
        "It cannot finish: it is draft and cannot finish from there.",
        "It can be claimed.",
    ]


def test_task_that_waits(wl: Orchestrator, clock: ManualClock) -> None:
    """Every reason is given at once: what it needs, who holds it back, and the time."""
    make(wl, "a")
    make(wl, "p", dependencies=["a"])
    make(wl, "t", parent_task_id="p", dependencies=["a"], not_before=clock.now + timedelta(hours=1))
    found = wl.explain_task("t")
    assert can(found) == ""
    waits = {"dependency", "ancestor", "not_before"}
    assert {kind for against, kind in kinds(found) if against == "start"} == waits
    assert {kind for against, kind in kinds(found) if against == "claim"} == waits
    assert {task_id for reason in found.reasons for task_id in reason.task_ids} == {"a", "p"}
    finish(wl, "a")
    clock.advance("1 hour")
    assert can(wl.explain_task("t")) == "sc"


def test_started_task_with_open_children(wl: Orchestrator) -> None:
    """It has started, is not handed out, and finishes after what is inside it."""
    make(wl, "p")
    make(wl, "c", parent_task_id="p")
    go(wl, "p", "active")
    assert kinds(wl.explain_task("p")) == {("start", "stage"), ("finish", "children"), ("claim", "stage")}
    finish(wl, "c")
    assert can(wl.explain_task("p")) == "f"


def test_finish_edges(wl: Orchestrator) -> None:
    """They hold back the end alone."""
    make(wl, "a", "t")
    need(wl, "t", "a", "finish_to_finish")
    go(wl, "t", "active")
    assert ("finish", "finish_dependency") in kinds(wl.explain_task("t"))


def test_claimed_task(wl: Orchestrator) -> None:
    """Who has it, until when; and what its resources keep from others."""
    make(wl, "a", "b", attributes={"resources": "lathe"})
    wl.claim_task("ann", task_id="a")
    assert kinds(wl.explain_task("a")) == {("finish", "stage"), ("claim", "claimed")}
    assert 'worker "ann" has claimed it until' in wl.explain_task("a").text
    found = wl.explain_task("b")
    assert can(found) == "s"
    (reason,) = (reason for reason in found.reasons if reason.against == "claim")
    assert (reason.kind, reason.task_ids) == ("resource", ("a",))


def test_ended_task(wl: Orchestrator) -> None:
    """A completed task may be reopened, which is to start it; an archived one stays as it is."""
    make(wl, "a")
    finish(wl, "a")
    assert can(wl.explain_task("a")) == "s"
    go(wl, "a", "archived")
    assert can(wl.explain_task("a")) == ""
    make(wl, "p")
    make(wl, "c", parent_task_id="p")
    finish(wl, "c", "p")
    assert ("start", "completed_ancestor") in kinds(wl.explain_task("c"))


@pytest.mark.parametrize("task_id", ["a", "b", "c", "d", "e"])
def test_explanation_is_what_the_calls_do(wl: Orchestrator, clock: ManualClock, task_id: str) -> None:
    """What is said to be possible is done; what is said not to be is refused."""
    make(wl, "a", "b", "c", "d", attributes={"resources": ["lathe"]})
    make(wl, "e", not_before=clock.now + timedelta(hours=1))
    need(wl, "b", "a")
    go(wl, "c", "active")
    wl.claim_task("ann", task_id="d")
    found = wl.explain_task(task_id)
    held = task(wl, task_id).claim
    token = None if held is None else held.token

    def succeeds(*, stage: str | None) -> bool:
        try:
            if stage is None:
                wl.claim_task("ben", task_id=task_id, dry_run=True)
            else:
                wl.manage_lifecycle(task_id, stage, claim_token=token, dry_run=True)
        except WorklatticeError:
            return False
        return True

    assert succeeds(stage="active") == found.can_start
    assert succeeds(stage="completed") == found.can_finish
    assert succeeds(stage=None) == found.can_claim


def test_task_that_is_not_there(wl: Orchestrator) -> None:
    """Is no task to explain."""
    with pytest.raises(TaskNotFoundError):
        wl.explain_task("nobody")
