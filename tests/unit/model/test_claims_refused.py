"""A task that cannot be claimed by its name: each refusal says what to do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.model.asking import finish, go, make, need, task
from worklattice import ClaimError, Orchestrator, PrerequisitesNotMetError, WorklatticeError
from worklattice.testing import ManualClock

LIFECYCLE: Any = {
    "stages": {
        "asked": {"status": "pending", "roles": []},
        "queued": {"status": "pending", "roles": ["startable"]},
        "done": {"status": "completed", "roles": ["succeeded"]},
    },
    "transitions": {"asked": ["queued", "done"], "queued": ["done"]},
    "initial": "asked",
}


def advice(wl: Orchestrator, task_id: str, worker: str = "ben") -> str:
    """What the refusal of a claim suggests."""
    with pytest.raises(WorklatticeError) as refused:
        wl.claim_task(worker, task_id=task_id)
    assert isinstance(refused.value, ClaimError | PrerequisitesNotMetError)
    assert refused.value.suggestion is not None
    assert wl.explain_task(task_id).can_claim is False
    return refused.value.suggestion


@pytest.mark.parametrize("stages", [["active"], ["active", "blocked"], ["active", "failed"], ["cancelled"]])
def test_stage_that_leads_back(wl: Orchestrator, stages: list[str]) -> None:
    """Whoever does what is suggested can claim it."""
    make(wl, "a")
    go(wl, "a", *stages)
    back = "draft" if stages == ["cancelled"] else "ready"
    assert advice(wl, "a") == f'Take it to "{back}" with manage_lifecycle, then claim it.'
    wl.manage_lifecycle("a", back)
    assert wl.claim_task("ben", task_id="a").claim is not None


def test_stage_that_does_not_lead_back(wl: Orchestrator) -> None:
    """Where it may go instead is said: nowhere, where it is final."""
    make(wl, "a", "b", "c")
    finish(wl, "a")
    go(wl, "b", "active", "review")
    go(wl, "c", "archived")
    other = "Claim another task: from"
    assert advice(wl, "a") == f'{other} "completed" this one may go to active, superseded, archived.'
    assert advice(wl, "b").startswith(f'{other} "review" this one may go to active, completed,')
    assert advice(wl, "c") == f'{other} "archived" this one may go to no other stage.'


def test_stage_of_an_own_lifecycle(wl: Orchestrator) -> None:
    """The stage is that of the task's type."""
    wl.register_task_type("wish", lifecycle=LIFECYCLE)
    wl.create_generic_task("wish", task_id="a")
    assert advice(wl, "a") == 'Take it to "queued" with manage_lifecycle, then claim it.'


def test_claimed_by_another(wl: Orchestrator, clock: ManualClock) -> None:
    """The end of the lease is told, and comes."""
    make(wl, "a")
    wl.claim_task("ann", task_id="a", lease="10 minutes")
    until = "2025-01-01T00:10:00Z"
    assert advice(wl, "a") == (
        f"Wait until the lease ends at {until}, unless it is renewed, or claim another task."
    )
    clock.advance("10 minutes")
    assert wl.claim_task("ben", task_id="a").claim is not None


def test_claimed_by_oneself(wl: Orchestrator) -> None:
    """Who has it needs no other claim, but the token."""
    make(wl, "a")
    wl.claim_task("ann", task_id="a")
    assert advice(wl, "a", "ann") == (
        "Go on with the token of that claim; without it, wait until the lease ends at 2025-01-01T00:05:00Z."
    )


def test_waiting_for_others(wl: Orchestrator) -> None:
    """For a dependency of its own, or an ancestor's: the tool that tells it all is named."""
    make(wl, "a", "p")
    need(wl, "p", "a")
    make(wl, "c", parent_task_id="p")
    said = "Claim it when that is over, which explain_task tells, or claim another task."
    assert advice(wl, "p") == advice(wl, "c") == said
    finish(wl, "a")
    assert wl.claim_task("ben", task_id="c").claim is not None


def test_too_early(wl: Orchestrator, clock: ManualClock) -> None:
    """The moment is told, and comes."""
    make(wl, "a", not_before=clock.now + timedelta(hours=1))
    assert advice(wl, "a") == "Claim it from 2025-01-01T01:00:00Z on, or claim another task."
    clock.advance("1 hour")
    assert wl.claim_task("ben", task_id="a").claim is not None


def test_resource_that_others_hold(wl: Orchestrator) -> None:
    """The tasks are named whose claims hold it."""
    make(wl, "a", "b", attributes={"resources": "lathe"})
    wl.claim_task("ann", task_id="a")
    said = 'Try again when a claim on one of the holders ends ("a"), or claim another task.'
    assert advice(wl, "b") == said
    held = task(wl, "a").claim
    assert held is not None
    wl.release_claim("a", held.token)
    assert wl.claim_task("ben", task_id="b").claim is not None
