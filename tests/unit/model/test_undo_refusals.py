"""What a refused undo says: which event stands in the way, at a position that is there, names in quotes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.model.asking import finish, go, make, need, position
from worklattice import ConflictError, Orchestrator, ValidationError
from worklattice.testing import ManualClock
from worklattice.types import JsonObject


def refusal(wl: Orchestrator, command: int) -> ConflictError:
    """Of an undo that must be refused."""
    with pytest.raises(ConflictError) as caught:
        wl.undo(command)
    return caught.value


def come_inside(wl: Orchestrator) -> None:
    wl.update_task("other", parent_task_id="new")


def come_to_depend(wl: Orchestrator) -> None:
    need(wl, "other", "new")


def come_to_be_superseded(wl: Orchestrator) -> None:
    wl.manage_lifecycle("other", "superseded", superseded_by="new")


@pytest.mark.parametrize(
    ("what", "reason", "kind"),
    [
        (come_inside, '"other" is inside "new"', "task.moved"),
        (come_to_depend, '"other" depends on "new"', "dependency.added"),
        (come_to_be_superseded, '"other" was superseded by "new"', "task.superseded"),
    ],
)
def test_task_that_others_refer_to_by_now(
    wl: Orchestrator, what: Callable[[Orchestrator], None], reason: str, kind: str
) -> None:
    """The refusal names what made the other task refer to it, and undoing that makes way."""
    make(wl, "other", "new")
    created = position(wl) - 1
    wl.update_task("other", attributes={"x": 1})
    what(wl)
    refused = refusal(wl, created)
    event = next(event for event in wl.events(kinds=[kind]) if event.task_id == "other")
    assert f"{reason} ({kind} at {event.position})" in refused.message
    assert refused.details["position"] == event.position
    assert refused.suggestion is not None
    assert f"position {event.position};" in refused.suggestion
    wl.undo(event.position)
    assert wl.undo(created).task_ids == ("new",)


def test_dependant_that_has_come_to_need_more(wl: Orchestrator) -> None:
    """The dependency on the task in question is named, not a later one on another."""
    make(wl, "t", "third", "new")
    created = position(wl) - 1
    need(wl, "t", "new")
    need(wl, "t", "third")
    (added, _) = (event.position for event in wl.events(kinds=["dependency.added"]))
    assert f'"t" depends on "new" (dependency.added at {added})' in refusal(wl, created).message


def test_dependant_of_one_that_was_superseded(wl: Orchestrator) -> None:
    """Who depends on a replacement because it is one: the supersession stands in the way."""
    make(wl, "t", "old", "new")
    created = position(wl) - 1
    need(wl, "t", "old")
    wl.manage_lifecycle("old", "superseded", superseded_by="new")
    assert '"old" was superseded by "new" (task.superseded at' in refusal(wl, created).message


def test_parent_that_was_changed_and_deleted_since(wl: Orchestrator) -> None:
    """The deletion stands in the way, not what was done to the parent before it; the last, of several."""
    make(wl, "p")
    make(wl, "c", parent_task_id="p")
    wl.update_task("c", parent_task_id=None)
    moved = position(wl)
    wl.update_task("p", attributes={"x": 1})
    wl.delete_task("p")
    make(wl, "p")
    wl.update_task("p", attributes={"x": 2})
    wl.delete_task("p")
    deleted = position(wl)
    assert f'"p" is gone (task.deleted at {deleted})' in refusal(wl, moved).message


def test_template_that_a_task_was_made_from(wl: Orchestrator) -> None:
    """The task's coming stands in the way, not what was said of it since."""
    wl.create_template("own", {"root_task": {"task_type": "t"}})
    made = wl.create_from_template("own", task_id="made").root_task_id
    created = position(wl) - 1
    wl.update_task(made, attributes={"x": 1})
    assert f'"made" was made from the template "own" (task.created at {created})' in refusal(wl, 1).message


def test_claim_since(wl: Orchestrator) -> None:
    """The claim is named, with its position, whatever was said of the task before it."""
    make(wl, "a", "t")
    need(wl, "t", "a")
    finish(wl, "a")
    completed = position(wl) - 2
    wl.update_task("t", attributes={"x": 1})
    wl.claim_task("ann", task_id="t")
    refused = refusal(wl, completed)
    assert f'worker "ann" has claimed "t" since (claim.acquired at {position(wl)})' in refused.message


def test_stage_of_a_claimed_task(wl: Orchestrator) -> None:
    """Worker and task are quoted, as everywhere."""
    make(wl, "a")
    claim = wl.claim_task("ann", task_id="a").claim
    assert claim is not None
    wl.manage_lifecycle("a", "active", claim_token=claim.token)
    assert 'worker "ann" has claimed "a"' in refusal(wl, position(wl)).message


def test_claim_that_ran_out_meanwhile(wl: Orchestrator, clock: ManualClock) -> None:
    """What time did in the refused call itself has no position that is there; what it did before has one."""
    make(wl, "a")
    claim = wl.claim_task("ann", task_id="a").claim
    assert claim is not None
    wl.manage_lifecycle("a", "active", claim_token=claim.token)
    started = position(wl)
    clock.advance("1 hour")
    why = 'the claim on "a" has run out since, which gave the task back'
    refused = refusal(wl, started)
    assert why in refused.message
    assert "position" not in refused.details
    make(wl, "b")
    refused = refusal(wl, started)
    assert why in refused.message
    assert refused.details["position"] == started + 2


def test_position_that_only_the_time_of_the_call_would_have(wl: Orchestrator, clock: ManualClock) -> None:
    """There is nothing at a position until something was committed there."""
    make(wl, "a", not_before=clock() + timedelta(minutes=5))
    last = position(wl)
    clock.advance("1 hour")
    for beyond in (last + 1, last + 9):
        with pytest.raises(ValidationError, match="no event at") as caught:
            wl.undo(beyond)
        assert caught.value.suggestion is not None
        assert f"The last one is at {last};" in caught.value.suggestion


def test_lifecycle_that_lost_a_stage(wl: Orchestrator) -> None:
    """The type is quoted, as the stage is."""
    stages: dict[str, Any] = {
        "new": {"status": "pending", "roles": ["startable"]},
        "doing": {"status": "active", "roles": ["started"]},
        "done": {"status": "completed", "roles": ["succeeded"]},
    }
    wl.register_task_type(
        "short", lifecycle={"stages": stages, "transitions": {"new": ["doing"], "doing": ["done"]}}
    )
    wl.create_generic_task("short", task_id="s")
    go(wl, "s", "doing", "done")
    done = position(wl)
    del stages["doing"]
    wl.register_task_type("short", lifecycle={"stages": stages, "transitions": {"new": ["done"]}})
    assert 'the lifecycle of "short" has no such stage "doing"' in refusal(wl, done).message


@pytest.mark.parametrize("left_by", ["reopening", "deleting"])
def test_end_that_means_something_else_by_now(wl: Orchestrator, left_by: str) -> None:
    """A task does not come back to a stage in which it would have ended in another way."""

    def lifecycle(end: str) -> JsonObject:
        return {
            "stages": {
                "open": {"status": "pending", "roles": ["startable", "started"]},
                "end": {"status": "completed" if end == "succeeded" else "failed", "roles": [end]},
                "sent": {"status": "completed", "roles": ["succeeded"]},
            },
            "transitions": {"open": ["end", "sent"], "end": ["open"]},
        }

    wl.register_task_type("letter", lifecycle=lifecycle("succeeded"))
    wl.create_generic_task("letter", task_id="a")
    wl.manage_lifecycle("a", "end")
    if left_by == "reopening":
        wl.manage_lifecycle("a", "open")
    else:
        wl.delete_task("a")
    left = position(wl)
    wl.register_task_type("letter", lifecycle=lifecycle("failed"))
    with pytest.raises(ConflictError, match='the lifecycle of "letter" has no such stage "end" by now'):
        wl.undo(left)
