"""Claims: who has a task, until when, and who may touch it meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import worklattice
from tests.stores import url_of
from tests.unit.model.asking import finish, go, kinds, make, need, position, ready, task, versions
from worklattice import (
    ClaimError,
    ConflictError,
    InvalidTransitionError,
    Orchestrator,
    PrerequisitesNotMetError,
    TaskNotFoundError,
    ValidationError,
)
from worklattice.model.task import Claim
from worklattice.testing import ManualClock
from worklattice.types import JsonObject


def claim(wl: Orchestrator, task_id: str | None = None, worker: str = "ann", **more: Any) -> Claim:
    """Claim a task, which must come to pass; the claim."""
    claimed = wl.claim_task(worker, task_id=task_id, **more).claim
    assert claimed is not None
    return claimed


def claimed_ids(wl: Orchestrator, worker: str = "ann", **more: Any) -> list[str]:
    """The tasks that are claimed, in order."""
    return [claimed.task.task_id for claimed in wl.claim_task(worker, **more).claims]


# --- handing out ------------------------------------------------------------------------------------------


def test_best_ready_task_is_handed_out_once(wl: Orchestrator, clock: ManualClock) -> None:
    """By priority, then age; whoever asks next gets the next one, and in the end nothing."""
    make(wl, "old")
    clock.advance("1 minute")
    make(wl, "young")
    make(wl, "urgent", attributes={"priority": "critical"})
    make(wl, "waits")
    need(wl, "waits", "old")
    got = [claimed_ids(wl, worker) for worker in ("ann", "ben", "eve", "joe")]
    assert got == [["urgent"], ["old"], ["young"], []]
    answer = wl.claim_task("joe")
    assert (answer.task, answer.claim, answer.claims) == (None, None, ())
    assert ready(wl) == []


def test_claim_is_shown_with_the_task(wl: Orchestrator, clock: ManualClock) -> None:
    """Who has it, until when, and the token; and tasks are found by who has them."""
    make(wl, "a", "b")
    held = claim(wl, "a", lease="2 hours")
    assert held.worker == "ann"
    assert held.expires_at == clock.now + timedelta(hours=2)
    assert task(wl, "a").claim == held
    assert [found.task_id for found in wl.query_tasks(filters={"claimed_by": "ann"}).tasks] == ["a"]
    assert [found.task_id for found in wl.query_tasks(filters={"claimed_by": None}).tasks] == ["b"]
    assert [found.task_id for found in wl.query_tasks(custom_filter="claimed_by LIKE 'a%'").tasks] == ["a"]


def test_claim_that_finds_nothing_writes_nothing(wl: Orchestrator) -> None:
    """Workers may ask as often as they like."""
    make(wl, "a", lifecycle_stage="active")
    before = position(wl)
    assert wl.claim_task("ann").claims == ()
    assert position(wl) == before


def test_several_at_once(wl: Orchestrator) -> None:
    """Up to `count`, best first, each with a claim of its own; what does not fit the filters stays."""
    make(wl, "a", "b", "c", "d")
    make(wl, "x", attributes={"team": "ops"})
    assert claimed_ids(wl, count=2, filters={"attributes": {"team": None}}) == ["a", "b"]
    assert claimed_ids(wl, count=10, filters={"attributes": {"team": None}}, sort="-task_id") == ["d", "c"]
    assert ready(wl) == ["x"]


def test_containers_are_left_out_unless_asked_for(wl: Orchestrator) -> None:
    """What has children is worked on through them, but may be claimed by its name or on demand."""
    make(wl, "p")
    make(wl, "c", parent_task_id="p")
    assert claimed_ids(wl, count=10) == ["c"]
    assert claimed_ids(wl, count=10, leaves_only=False) == ["p"]
    make(wl, "q")
    make(wl, "d", parent_task_id="q")
    assert claim(wl, "q").worker == "ann"


def test_named_task_that_cannot_be_claimed(wl: Orchestrator, clock: ManualClock) -> None:
    """The reasons are those for which it is not ready; somebody's task is a `ClaimError`."""
    make(wl, "a", "t", "late", not_before=None)
    make(wl, "later", not_before=clock.now + timedelta(hours=1))
    make(wl, "p", "q")
    need(wl, "p", "a")
    make(wl, "c", parent_task_id="p")
    need(wl, "t", "a")
    go(wl, "late", "active")
    expected = {"t": "dependency", "late": "stage", "later": "not_before", "c": "ancestor"}
    for task_id, kind in expected.items():
        with pytest.raises(PrerequisitesNotMetError) as refused:
            wl.claim_task("ann", task_id=task_id)
        assert [reason.kind for reason in refused.value.unmet] == [kind]
    claim(wl, "a")
    with pytest.raises(ClaimError, match="ann") as taken:
        wl.claim_task("ann", task_id="a")
    assert taken.value.details == {"task_id": "a", "worker": "ann", "expires_at": "2025-01-01T00:05:00Z"}
    with pytest.raises(TaskNotFoundError):
        wl.claim_task("ann", task_id="nobody")


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"task_id": "a", "count": 2}, "count"),
    ({"task_id": "a", "filters": {}}, "filters"),
    ({"task_id": "a", "sort": "created_at"}, "sort"),
    ({"expected_version": 1}, "expected_version"),
    ({"lease": "PT0S"}, "lease"),
    ({"lease": "soon"}, "lease"),
    ({"count": 0}, "count"),
    ({"count": 1_001}, "count"),
    ({"worker": ""}, "worker"),
]


@pytest.mark.parametrize(("arguments", "field"), REFUSED)
def test_arguments_that_do_not_fit(wl: Orchestrator, arguments: dict[str, Any], field: str) -> None:
    """A name goes with no choice, a lease lasts, and somebody claims."""
    make(wl, "a")
    with pytest.raises(ValidationError) as refused:
        wl.claim_task(arguments.get("worker", "ann"), **{k: v for k, v in arguments.items() if k != "worker"})
    assert refused.value.field == f"arguments.{field}"


def test_lease_beyond_the_calendar() -> None:
    """A claim that would end after the year 9999 is refused."""
    with worklattice.open("memory:", clock=ManualClock(datetime(9990, 1, 1, tzinfo=UTC))) as wl:
        make(wl, "a")
        with pytest.raises(ValidationError, match="9999"):
            wl.claim_task("ann", lease="1000 weeks")


def test_expected_version_of_a_claimed_task(wl: Orchestrator) -> None:
    """A claim is a write of the task: it takes a version to expect and gives it a new one."""
    make(wl, "a")
    with pytest.raises(ConflictError, match="version 1, not 2"):
        wl.claim_task("ann", task_id="a", expected_version=2)
    held = claim(wl, "a", expected_version=1)
    wl.renew_claim("a", held.token, expected_version=2)
    wl.release_claim("a", held.token, expected_version=3)
    assert versions(wl, "a") == [4]


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


# --- beside -----------------------------------------------------------------------------------------------


def test_dry_run_foretells_the_token(wl: Orchestrator) -> None:
    """And claims nothing."""
    make(wl, "a")
    foretold = wl.claim_task("ann", dry_run=True)
    assert foretold.events is not None
    assert [event.event_type for event in foretold.events] == ["claim.acquired"]
    assert task(wl, "a").claim is None
    assert claim(wl) == foretold.claim


def test_repeated_call_gets_the_same_claim(wl: Orchestrator) -> None:
    """With a key, a worker whose answer was lost asks again and has claimed once."""
    make(wl, "a", "b")
    first = wl.claim_task("ann", idempotency_key="k")
    assert wl.claim_task("ann", idempotency_key="k") == first
    assert ready(wl) == ["b"]


def test_claims_in_one_transaction(wl: Orchestrator) -> None:
    """What was claimed and given up inside is as it was when the block is left."""
    make(wl, "a", "b", attributes={"resources": "lathe"})
    with wl.transaction():
        first = claim(wl, "a")
        assert wl.claim_task("ben").claims == ()
        wl.release_claim("a", first.token)
        second = claim(wl, worker="ben")
        assert second.token > first.token
    assert task(wl, "a").claim == second
    assert wl.claim_task("eve").claims == ()

    def change_hands_twice() -> None:
        with wl.transaction():
            wl.release_claim("a", second.token)
            assert claim(wl, "b").worker == "ann"
            wl.release_claim("a", second.token)

    with pytest.raises(ClaimError):
        change_hands_twice()
    assert wl.claim_task("eve").claims == ()
    assert wl.check() == []


def test_two_handles_on_one_file(tmp_path: Path, clock: ManualClock) -> None:
    """Another handle on the same file sees the claim, and its end."""
    url = f"sqlite:///{tmp_path}/work.db"
    with worklattice.open(url, clock=clock) as one, worklattice.open(url, clock=clock) as other:
        make(one, "a", attributes={"resources": ["lathe"]})
        make(one, "b", attributes={"resources": ["lathe"]})
        claim(one, "a")
        assert other.claim_task("ben").claims == ()
        clock.advance("5 minutes")
        assert claimed_ids(other, "ben") == ["a"]
        assert other.check() == []


@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_claim_given_up_and_taken_again_in_a_nested_transaction(store: str, tmp_path: Path) -> None:
    """What was held before the outer one began is known to the inner one."""
    with worklattice.open(url_of(store, tmp_path)) as wl:
        make(wl, "a", attributes={"resources": "lathe"})
        first = claim(wl, "a")
        with wl.transaction():
            wl.add_comment("a", "outer")
            with wl.transaction():
                wl.release_claim("a", first.token)
                second = claim(wl, "a", "ben")
        assert task(wl, "a").claim == second
        assert wl.check() == []
