"""Waivers of gates: with a reason, for a time, in one attempt."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.model.asking import go, make, task
from worklattice import Orchestrator, PrerequisitesNotMetError, ValidationError
from worklattice.testing import ManualClock


@pytest.fixture
def gated(wl: Orchestrator) -> Orchestrator:
    """A task `a` under way, with a gate that is not passed and a check that was not reported."""
    make(wl, "a", attributes={"success_metrics": ["x > 1"], "quality_checks": ["rows"]})
    go(wl, "a", "active")
    wl.record_metrics("a", {"x": 0})
    return wl


def states(wl: Orchestrator) -> list[str]:
    """What became of the gates of `a`."""
    return [gate.state for gate in wl.evaluate_gates("a").gates]


def test_waived_gates_let_the_task_complete(gated: Orchestrator) -> None:
    """Each by itself."""
    waived = gated.waive_gate("a", "x > 1", reason="known, see INC-7", actor="ann")
    assert [(gate.state, gate.message) for gate in waived.gates] == [
        ("waived", "waived by ann: known, see INC-7"),
        ("unknown", "rows has not been reported"),
    ]
    with pytest.raises(PrerequisitesNotMetError, match="rows has not been reported"):
        go(gated, "a", "completed")
    gated.waive_gate("a", "rows", reason="no rows today")
    go(gated, "a", "completed")


def test_waiver_expires(gated: Orchestrator, clock: ManualClock) -> None:
    """From then on the gate counts again."""
    gated.waive_gate("a", "x > 1", reason="for today", expires_at=clock.now + timedelta(hours=1))
    clock.advance("59 minutes")
    assert states(gated) == ["waived", "unknown"]
    clock.advance("1 minute")
    assert states(gated) == ["failed", "unknown"]


def test_waiver_is_taken_back(gated: Orchestrator) -> None:
    """And an undo of that gives it back."""
    gated.waive_gate("a", "x > 1", reason="so")
    gated.waive_gate("a", "x > 1", withdraw=True)
    assert states(gated)[0] == "failed"
    gated.undo()
    assert states(gated)[0] == "waived"
    assert gated.evaluate_gates("a").gates[0].message == "waived: so"


def test_waiver_is_undone(gated: Orchestrator) -> None:
    """The one before it comes back."""
    gated.waive_gate("a", "x > 1", reason="first")
    gated.waive_gate("a", "x > 1", reason="second")
    gated.undo()
    assert gated.evaluate_gates("a").gates[0].message == "waived: first"


def test_waiver_ends_with_a_reopening(gated: Orchestrator) -> None:
    """It was for that attempt."""
    for gate in ("x > 1", "rows"):
        gated.waive_gate("a", gate, reason="so")
    go(gated, "a", "completed", "active")
    assert states(gated) == ["stale", "unknown"]


def test_waiver_of_no_gate(gated: Orchestrator) -> None:
    """Refused with the gates that there are."""
    with pytest.raises(ValidationError) as caught:
        gated.waive_gate("a", "x > 2", reason="so")
    assert caught.value.field == "arguments.gate"
    assert caught.value.suggestion == 'Name one of these: "x > 1"; "rows".'
    with pytest.raises(ValidationError, match="is not waived"):
        gated.waive_gate("a", "x > 1", withdraw=True)


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_waiver_needs_a_reason(gated: Orchestrator, reason: str | None) -> None:
    """Whoever reads the log wants to know."""
    with pytest.raises(ValidationError) as caught:
        gated.waive_gate("a", "x > 1", reason=reason)
    assert caught.value.field == "arguments.reason"


def test_waiver_of_the_past(gated: Orchestrator, clock: ManualClock) -> None:
    """One that has expired already is refused, and so is an end where one is taken back."""
    with pytest.raises(ValidationError, match="has passed already"):
        gated.waive_gate("a", "x > 1", reason="so", expires_at=clock.now)
    with pytest.raises(ValidationError, match="cannot go with withdraw"):
        gated.waive_gate("a", "x > 1", withdraw=True, expires_at=clock.now + timedelta(hours=1))


def test_version_goes_up(gated: Orchestrator) -> None:
    """A waiver is a change of the task, like a metric that is recorded."""
    before = task(gated, "a").version
    gated.waive_gate("a", "x > 1", reason="so")
    assert task(gated, "a").version == before + 1
