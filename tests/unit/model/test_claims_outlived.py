"""Tasks whose worker is gone, and claims that last longer than was meant."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.model.asking import go, make, ready, task
from worklattice import Orchestrator
from worklattice.testing import ManualClock


def start(wl: Orchestrator, task_id: str) -> int:
    """Claim a task and start it; the token."""
    claim = wl.claim_task("ann", task_id=task_id, lease="5 minutes").claim
    assert claim is not None
    wl.manage_lifecycle(task_id, "active", claim_token=claim.token)
    return claim.token


@pytest.mark.parametrize("is_released", [False, True])
def test_worker_that_blocked_its_task_and_went(
    wl: Orchestrator, clock: ManualClock, *, is_released: bool
) -> None:
    """The claim ends, and the task stays blocked until somebody takes it back."""
    make(wl, "a")
    token = start(wl, "a")
    wl.manage_lifecycle("a", "blocked", claim_token=token)
    if is_released:
        wl.release_claim("a", token)
    clock.advance("5 minutes")
    left = task(wl, "a")
    assert (left.lifecycle_stage, left.claim, ready(wl)) == ("blocked", None, [])
    go(wl, "a", "ready")
    assert ready(wl) == ["a"]


def test_lease_given_while_the_clock_was_ahead(wl: Orchestrator, clock: ManualClock) -> None:
    """It lasts until the clock gets there, and is not cut short when that is set right."""
    make(wl, "a")
    clock.advance("1 day")
    start(wl, "a")
    until = clock.now + timedelta(minutes=5)
    clock.advance(timedelta(days=-1))
    clock.advance("1 hour")
    held = task(wl, "a").claim
    assert held is not None
    assert held.expires_at == until
    clock.set(until)
    assert task(wl, "a").claim is None
