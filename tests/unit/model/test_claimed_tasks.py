"""Tasks that somebody has: tokens that open them, and leases that run out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.unit.model.asking import claim, claimed_ids, finish, kinds, make, need, position, ready, task
from worklattice import (
    ClaimError,
    InvalidTransitionError,
    Orchestrator,
    PrerequisitesNotMetError,
    TaskNotFoundError,
)
from worklattice.testing import ManualClock
from worklattice.types import JsonObject

# --- tokens -----------------------------------------------------------------------------------------------


def test_token_opens_the_task(wl: Orchestrator) -> None:
    """A claimed task is moved along by whoever shows the token; the claim ends with the task."""
    make(wl, "a")
    token = claim(wl, "a").token
    for shown in (None, token + 1, token - 1):
        with pytest.raises(ClaimError):
            wl.manage_lifecycle("a", "active", claim_token=shown)
    wl.manage_lifecycle("a", "active", claim_token=token)
    assert task(wl, "a").claim is not None
    done = wl.manage_lifecycle("a", "completed", claim_token=token).task
    assert (done.lifecycle_stage, done.claim) == ("completed", None)


def test_tokens_grow(wl: Orchestrator) -> None:
    """Each token of a workspace is larger than all before, whatever the task: a resource can compare them."""
    make(wl, "a", "b")
    tokens: list[int] = []
    for task_id in ("a", "b", "a", "a", "b"):
        tokens.append(claim(wl, task_id).token)
        wl.release_claim(task_id, tokens[-1])
    assert tokens == sorted(set(tokens))
    wl.delete_task("a")
    make(wl, "a")
    assert claim(wl, "a").token > tokens[-1]


@pytest.mark.parametrize("call", ["complete", "renew", "release"])
def test_stale_token_is_refused(wl: Orchestrator, clock: ManualClock, call: str) -> None:
    """Whoever slept past the lease finds the door shut, even if a worker of the same name went in."""
    make(wl, "a")
    stale = claim(wl, "a", lease="5 minutes").token
    wl.manage_lifecycle("a", "active", claim_token=stale)
    clock.advance("5 minutes")
    attempts: dict[str, Callable[[], object]] = {
        "complete": lambda: wl.manage_lifecycle("a", "completed", claim_token=stale),
        "renew": lambda: wl.renew_claim("a", stale),
        "release": lambda: wl.release_claim("a", stale),
    }
    with pytest.raises(ClaimError, match="nobody has claimed it now"):
        attempts[call]()
    again = claim(wl, "a")
    with pytest.raises(ClaimError, match="has claimed it until") as refused:
        attempts[call]()
    assert refused.value.details["token"] == stale
    assert task(wl, "a").claim == again


def test_token_of_no_claim(wl: Orchestrator) -> None:
    """A task that nobody has claimed takes no token: whoever shows one has lost it."""
    make(wl, "a")
    with pytest.raises(ClaimError):
        wl.manage_lifecycle("a", "active", claim_token=1)
    with pytest.raises(ClaimError):
        wl.renew_claim("a", 1)


def test_wrong_step_with_the_right_token(wl: Orchestrator) -> None:
    """A token opens the task, not the lifecycle."""
    make(wl, "a")
    with pytest.raises(InvalidTransitionError):
        wl.manage_lifecycle("a", "review", claim_token=claim(wl, "a").token)


def test_cascade_takes_claimed_tasks_along(wl: Orchestrator) -> None:
    """Whoever cancels a tree cancels what is worked on inside; the workers find their tokens stale."""
    make(wl, "p")
    make(wl, "c", parent_task_id="p")
    token = claim(wl, "c").token
    assert wl.manage_lifecycle("p", "cancelled", cascade=True).cascaded == ("c",)
    assert task(wl, "c").claim is None
    with pytest.raises(ClaimError):
        wl.manage_lifecycle("c", "active", claim_token=token)


def test_deleted_task_takes_its_claim_along(wl: Orchestrator) -> None:
    """The worker finds the task gone, and what its claim held is free."""
    make(wl, "a", "b", attributes={"resources": "lathe"})
    token = claim(wl, "a").token
    wl.delete_task("a")
    with pytest.raises(TaskNotFoundError):
        wl.renew_claim("a", token)
    assert claimed_ids(wl) == ["b"]


# --- leases -----------------------------------------------------------------------------------------------


def test_claim_expires_by_the_clock(wl: Orchestrator, clock: ManualClock) -> None:
    """A read shows it without anyone writing; the next write records it, once."""
    make(wl, "a", "other")
    held = claim(wl, "a", lease="10 minutes")
    clock.advance("9 minutes")
    assert ready(wl) == ["other"]
    clock.advance("1 minute")
    before = position(wl)
    assert ready(wl) == ["a", "other"]
    assert task(wl, "a").claim is None
    assert position(wl) == before
    wl.add_comment("other", "a write")
    wl.add_comment("other", "another")
    expired = [event for event in wl.events() if event.event_type == "claim.expired"]
    assert [event.data for event in expired] == [{"token": held.token, "worker": "ann"}]
    assert kinds(wl, before)[:2] == [("claim.expired", "a"), ("task.ready", "a")]


def test_started_task_goes_back_when_its_claim_expires(wl: Orchestrator, clock: ManualClock) -> None:
    """It is handed out again: its worker is taken for dead."""
    make(wl, "a")
    wl.manage_lifecycle("a", "active", claim_token=claim(wl, "a").token)
    began = task(wl, "a").started_at
    clock.advance("1 hour")
    assert task(wl, "a").lifecycle_stage == "ready"
    assert claimed_ids(wl, "ben") == ["a"]
    assert task(wl, "a").started_at == began
    assert kinds(wl, 4)[:2] == [("claim.expired", "a"), ("task.stage_changed", "a")]


def test_task_in_review_stays_there_when_its_claim_expires(wl: Orchestrator, clock: ManualClock) -> None:
    """It was handed in: nobody need do it again."""
    make(wl, "a")
    token = claim(wl, "a").token
    for stage in ("active", "review"):
        wl.manage_lifecycle("a", stage, claim_token=token)
    clock.advance("1 hour")
    assert (task(wl, "a").lifecycle_stage, task(wl, "a").claim) == ("review", None)


def test_stages_of_another_lifecycle(wl: Orchestrator, clock: ManualClock) -> None:
    """A started task goes back to the first startable stage that its own lifecycle leads to."""
    lifecycle: JsonObject = {
        "stages": {
            "todo": {"status": "pending", "roles": ["startable"]},
            "doing": {"status": "active", "roles": ["started"]},
            "stuck": {"status": "blocked"},
            "again": {"status": "pending", "roles": ["startable"]},
            "done": {"status": "completed", "roles": ["succeeded"]},
        },
        "transitions": {
            "todo": ["doing"],
            "doing": ["stuck", "again", "done"],
            "stuck": ["doing"],
            "again": ["doing"],
        },
    }
    wl.register_task_type("errand", lifecycle=lifecycle)
    wl.create_generic_task("errand", task_id="a")
    wl.manage_lifecycle("a", "doing", claim_token=claim(wl, "a").token)
    clock.advance("1 hour")
    assert task(wl, "a").lifecycle_stage == "again"


def test_renewed_claim_lasts_from_now(wl: Orchestrator, clock: ManualClock) -> None:
    """As long as before, or as long as is said; the token stays."""
    make(wl, "a")
    held = claim(wl, "a", lease="10 minutes")
    clock.advance("9 minutes")
    renewed = wl.renew_claim("a", held.token).claim
    assert (renewed.token, renewed.expires_at) == (held.token, clock.now + timedelta(minutes=10))
    clock.advance("9 minutes")
    assert task(wl, "a").claim == renewed
    assert wl.renew_claim("a", held.token, lease="1 hour").claim.expires_at == clock.now + timedelta(hours=1)
    clock.advance("59 minutes")
    assert wl.renew_claim("a", held.token).claim.expires_at == clock.now + timedelta(hours=1)


def test_released_task_is_handed_out_again(wl: Orchestrator) -> None:
    """Started or not, it is ready for the next one, and says so."""
    make(wl, "a", "b")
    for task_id in ("a", "b"):
        token = claim(wl, task_id).token
        if task_id == "b":
            wl.manage_lifecycle("b", "active", claim_token=token)
        before = position(wl)
        answer = wl.release_claim(task_id, token)
        assert (answer.claim.token, answer.task.claim) == (token, None)
        assert ("task.ready", task_id) in kinds(wl, before)
    assert ready(wl) == ["a", "b"]


def test_claimed_task_that_comes_to_wait(wl: Orchestrator, clock: ManualClock) -> None:
    """A new dependency holds back even a claimed task; it is ready once both are over."""
    make(wl, "a", "b")
    token = claim(wl, "a").token
    need(wl, "a", "b")
    with pytest.raises(PrerequisitesNotMetError):
        wl.manage_lifecycle("a", "active", claim_token=token)
    clock.advance("1 hour")
    assert ready(wl) == ["b"]
    finish(wl, "b")
    assert ready(wl) == ["a"]


def test_not_before_on_a_claimed_task(wl: Orchestrator, clock: ManualClock) -> None:
    """Whichever is over first, the other still holds."""
    make(wl, "a", "b")
    for task_id, lease, hours in (("a", "3 hours", 1), ("b", "1 hour", 3)):
        claim(wl, task_id, lease=lease)
        wl.update_task(task_id, not_before=clock.now + timedelta(hours=hours))
    for hour in (1, 2, 3):
        clock.advance("1 hour")
        if hour % 2:
            make(wl, f"write-{hour}", lifecycle_stage="active")
        assert wl.check() == []
        assert set(ready(wl)) == ({"a", "b"} if hour == 3 else set())
    assert [event.data["tasks"] for event in wl.events() if event.event_type == "time.passed"] == [
        ["a"],
        ["b"],
    ]
