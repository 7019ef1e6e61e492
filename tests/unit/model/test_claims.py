"""Claiming: who is given which task, and who is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import worklattice
from tests.stores import url_of
from tests.unit.model.asking import claim, claimed_ids, go, make, need, position, ready, task, versions
from worklattice import (
    ClaimError,
    ConflictError,
    Orchestrator,
    PrerequisitesNotMetError,
    TaskNotFoundError,
    ValidationError,
)
from worklattice.testing import ManualClock

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
