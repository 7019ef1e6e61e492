"""Triggers: what happens as soon as a metric is recorded that meets one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.model.asking import go, make, position, ready, task
from worklattice import Orchestrator
from worklattice.testing import ManualClock
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
    """What is recorded later changes its metrics alone, and whoever records it is told what is met."""
    rollout(wl)
    go(wl, "a", "completed")
    recorded = wl.record_metrics("a", {"error_rate": 2})
    assert recorded.triggered == ()
    assert recorded.warnings == (
        'Task "a" is completed: no trigger fires any more, though one is met: error_rate > 1%: it is 2%.',
    )
    assert task(wl, "a").lifecycle_stage == "completed"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("5", 'the text "5" has no unit'),
        ("5 ms", "ms cannot be compared with %"),
        ("high", "expected a number"),
        (True, "true is no number"),
    ],
)
def test_value_that_no_trigger_can_judge(wl: Orchestrator, value: JsonValue, reason: str) -> None:
    """Nothing fires, and whoever records it hears at once."""
    rollout(wl)
    recorded = wl.record_metrics("a", {"error_rate": value})
    assert recorded.triggered == ()
    assert recorded.warnings == (f'error_rate cannot be judged by the trigger "error_rate > 1%": {reason}.',)


@pytest.mark.parametrize(
    ("metrics", "observed", "message"),
    [
        ({"e": 0, "f": 5}, "5", "e > 1 or f > 1: f is 5"),
        ({"f": 5}, "5", "e > 1 or f > 1: f is 5"),
        ({"e": 3, "f": 5}, "3", "e > 1 or f > 1: e is 3; f is 5"),
    ],
)
def test_trigger_of_several_metrics(
    wl: Orchestrator, metrics: JsonObject, observed: str, message: str
) -> None:
    """It says which of them met it."""
    make(wl, "a", attributes={"rollback_triggers": ["e > 1 or f > 1"]})
    go(wl, "a", "active")
    (fired,) = wl.record_metrics("a", metrics).triggered
    assert (fired.observed, fired.message) == (observed, message)


def test_late_observation_fires_nothing(wl: Orchestrator, clock: ManualClock) -> None:
    """It changes nothing, so that what fired before does not fire again; the answer says so."""
    rollout(wl, rollback_policy="record")
    clock.advance("1 hour")
    wl.record_metrics("a", {"error_rate": 2})
    late = wl.record_metrics("a", {"error_rate": 50}, observed_at=clock.now - timedelta(seconds=1))
    assert late.triggered == ()
    assert late.warnings == ("error_rate was observed before what is known of it, and changes nothing.",)


def test_observation_of_an_earlier_attempt_fires_nothing(wl: Orchestrator, clock: ManualClock) -> None:
    """What was seen before the task was reopened is no reason to fail it again."""
    rollout(wl)
    wl.record_metrics("a", {"error_rate": 2})
    clock.advance("1 hour")
    go(wl, "a", "active")
    early = wl.record_metrics("a", {"error_rate": 3}, observed_at=clock.now - timedelta(minutes=1))
    assert early.triggered == ()
    assert early.warnings == ("error_rate was observed before the task was reopened, and does not count.",)
    assert len(wl.record_metrics("a", {"error_rate": 3}, observed_at=clock.now).triggered) == 1


def test_waiver_of_a_gate_mutes_no_trigger(wl: Orchestrator) -> None:
    """Though both are the same condition."""
    make(wl, "a", attributes={"success_metrics": ["x != 5"], "rollback_triggers": ["x != 5"]})
    go(wl, "a", "active")
    wl.waive_gate("a", "x != 5", reason="so")
    assert len(wl.record_metrics("a", {"x": 1}).triggered) == 1
    assert [trigger.state for trigger in wl.evaluate_gates("a").triggers] == ["passed"]


def test_change_with_a_baseline_fires(wl: Orchestrator) -> None:
    """A number without a unit takes that of its baseline."""
    attributes: JsonObject = {"rollback_triggers": ["change(p95) > 20%"], "baselines": {"p95": "100ms"}}
    make(wl, "a", attributes=attributes)
    go(wl, "a", "active")
    (fired,) = wl.record_metrics("a", {"p95": 500}).triggered
    assert fired.message == "change(p95) > 20%: it is 400%"


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
