"""Triggers: what happens as soon as a metric is recorded that meets one."""

from __future__ import annotations

import pytest

from tests.unit.model.asking import go, make, position, ready, task
from worklattice import Orchestrator
from worklattice.types import JsonObject, JsonValue

TRIGGERS: list[JsonValue] = ["error_rate > 1%", "latency > 500ms and load < 10"]


def rollout(wl: Orchestrator, **more: JsonValue) -> None:
    """A rollout `a` that is under way, and a step that waits for its failure."""
    make(wl, "a", attributes={"rollback_triggers": TRIGGERS, **more})
    make(wl, "back", dependencies=[{"dependency_task_id": "a", "outcome": "failure"}])
    go(wl, "a", "active")


def test_task_fails_when_a_trigger_fires(wl: Orchestrator) -> None:
    """In the same command: whoever waits for the failure can start, and the task says why it failed."""
    rollout(wl)
    recorded = wl.record_metrics("a", {"error_rate": 2})
    (fired,) = recorded.triggered
    assert (fired.trigger, fired.observed, fired.moved_to) == ("error_rate > 1%", "2%", "failed")
    assert recorded.unblocked == ("back",)
    assert ready(wl) == ["back"]
    assert task(wl, "a").error == {"triggered": ["error_rate > 1%: it is 2%"]}


def test_nothing_fires_below_the_threshold(wl: Orchestrator) -> None:
    """Nor where half of what a trigger asks for is not known."""
    rollout(wl)
    assert wl.record_metrics("a", {"error_rate": 1, "latency": 900}).triggered == ()
    assert task(wl, "a").lifecycle_stage == "active"


def test_trigger_looks_at_what_was_recorded_before(wl: Orchestrator) -> None:
    """The metric that was missing completes it."""
    rollout(wl)
    wl.record_metrics("a", {"latency": 900})
    assert [fired.trigger for fired in wl.record_metrics("a", {"load": 5}).triggered] == [TRIGGERS[1]]


def test_trigger_of_other_metrics_does_not_fire_again(wl: Orchestrator) -> None:
    """Only what is recorded now makes it fire."""
    rollout(wl, rollback_policy="record")
    wl.record_metrics("a", {"error_rate": 2})
    assert wl.record_metrics("a", {"users": 7}).triggered == ()
    assert len(wl.record_metrics("a", {"error_rate": 3}).triggered) == 1


@pytest.mark.parametrize(
    ("policy", "stage"),
    [({}, "failed"), ({"rollback_policy": "fail"}, "failed"), ({"rollback_policy": "cancel"}, "cancelled")],
)
def test_where_a_trigger_takes_the_task(wl: Orchestrator, policy: JsonObject, stage: str) -> None:
    """To a failed stage, or as its policy says."""
    rollout(wl, **policy)
    wl.record_metrics("a", {"error_rate": 2})
    assert task(wl, "a").lifecycle_stage == stage


def test_trigger_that_is_only_recorded(wl: Orchestrator) -> None:
    """With the policy record there is an event, and the task goes on."""
    rollout(wl, rollback_policy="record")
    at = position(wl)
    recorded = wl.record_metrics("a", {"error_rate": 2})
    assert recorded.triggered[0].moved_to is None
    assert [event.event_type for event in wl.events(after=at)] == ["metrics.recorded", "trigger.fired"]
    assert task(wl, "a").lifecycle_stage == "active"


def test_task_that_was_not_started_cannot_fail(wl: Orchestrator) -> None:
    """The trigger fires all the same, and the answer says that the task stays where it is."""
    make(wl, "a", attributes={"rollback_triggers": TRIGGERS})
    recorded = wl.record_metrics("a", {"error_rate": 2})
    assert len(recorded.triggered) == 1
    assert recorded.warnings == ('Task "a" stays draft: its lifecycle leads from there to no failed stage.',)


def test_ended_task_has_no_triggers_left(wl: Orchestrator) -> None:
    """What is recorded later changes its metrics alone."""
    rollout(wl)
    go(wl, "a", "completed")
    assert wl.record_metrics("a", {"error_rate": 2}).triggered == ()
    assert task(wl, "a").lifecycle_stage == "completed"


def test_claim_ends_with_the_task(wl: Orchestrator) -> None:
    """A worker whose task was rolled back cannot finish it any more."""
    make(wl, "a", attributes={"rollback_triggers": TRIGGERS})
    claim = wl.claim_task("ann", task_id="a").claim
    assert claim is not None
    wl.manage_lifecycle("a", "active", claim_token=claim.token)
    wl.record_metrics("a", {"error_rate": 2})
    assert task(wl, "a").claim is None
    assert task(wl, "a").lifecycle_stage == "failed"


def test_rehearsal_shows_what_would_fire(wl: Orchestrator) -> None:
    """A dry run writes nothing."""
    rollout(wl)
    before = wl.dump()
    assert len(wl.record_metrics("a", {"error_rate": 2}, dry_run=True).triggered) == 1
    assert wl.dump() == before


def test_trigger_is_undone_with_the_metric(wl: Orchestrator) -> None:
    """The task is under way again, and the metric as it was."""
    rollout(wl)
    wl.record_metrics("a", {"error_rate": 0})
    wl.record_metrics("a", {"error_rate": 2})
    wl.undo()
    assert task(wl, "a").lifecycle_stage == "active"
    assert [metric.value for metric in task(wl, "a").metrics] == [0]
    assert ready(wl) == []
