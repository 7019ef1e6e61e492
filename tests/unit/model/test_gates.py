"""Gates: what attributes make of metrics, and when a task completes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.model.asking import go, kinds, make, position, task
from worklattice import Orchestrator, PrerequisitesNotMetError, TaskNotFoundError, ValidationError
from worklattice.model.gates import faults_in_gates, gates_of
from worklattice.model.verdicts import JudgedGate
from worklattice.testing import ManualClock
from worklattice.types import LIMITS, JsonObject, JsonValue


def started(wl: Orchestrator, **attributes: JsonValue) -> None:
    """A task `a` that is under way, with these attributes."""
    make(wl, "a", attributes=attributes)
    go(wl, "a", "active")


def states(wl: Orchestrator) -> list[str]:
    """What became of the gates of `a`."""
    return [gate.state for gate in wl.evaluate_gates("a").gates]


def only(wl: Orchestrator) -> JudgedGate:
    """The one gate of `a`."""
    (gate,) = wl.evaluate_gates("a").gates
    return gate


# --- completing ---------------------------------------------------------------------------------------------


def test_task_completes_when_its_gates_are_passed(wl: Orchestrator) -> None:
    """Until then the refusal says which number is how far off which threshold."""
    started(wl, success_metrics=["error_rate < 0.1%", "latency < 200ms"])
    with pytest.raises(PrerequisitesNotMetError, match="error_rate: nothing has been observed"):
        go(wl, "a", "completed")
    wl.record_metrics("a", {"error_rate": "0.3%", "latency": 150})
    with pytest.raises(PrerequisitesNotMetError, match=r"error_rate is 0\.3%, 0\.2% too high") as caught:
        go(wl, "a", "completed")
    assert [reason.kind for reason in caught.value.unmet] == ["gate"]
    wl.record_metrics("a", {"error_rate": 0.05})
    go(wl, "a", "completed")


def test_task_is_not_born_completed_with_open_gates(wl: Orchestrator) -> None:
    """Guards hold at birth."""
    with pytest.raises(PrerequisitesNotMetError, match="coverage: nothing has been observed"):
        make(wl, "a", attributes={"coverage_target": "90%"}, lifecycle_stage="completed")


def test_guards_that_are_skipped(wl: Orchestrator) -> None:
    """Whoever says so completes a task without its gates, and is told of it."""
    started(wl, coverage_target="90%")
    done = wl.manage_lifecycle("a", "completed", validation_checks=False)
    assert "coverage: nothing has been observed" in done.warnings[0]


def test_a_task_can_fail_or_be_cancelled_whatever_its_gates_say(wl: Orchestrator) -> None:
    """Gates guard success alone."""
    started(wl, coverage_target="90%")
    go(wl, "a", "failed")


def test_explaining_names_the_gates(wl: Orchestrator) -> None:
    """explain_task asks the same guards."""
    started(wl, coverage_target="90%")
    wl.record_metrics("a", {"coverage": 80})
    assert 'its gate "coverage >= 90%" (coverage_target) is failed: coverage is 80%, 10% too low' in (
        wl.explain_task("a").text
    )


# --- what is a gate -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "gates"),
    [
        ({"success_metrics": "a < 1"}, ["a < 1"]),
        ({"success_metrics": ["a<1", "b > 2 and c > 3"]}, ["a<1", "b > 2 and c > 3"]),
        ({"success_metrics": {"b": "> 2", "a": 1}}, ["a >= 1", "b > 2"]),
        ({"performance_targets": {"availability": "99.99%"}}, ["availability >= 99.99%"]),
        ({"data_quality_rules": ["completeness > 95%"]}, ["completeness > 95%"]),
        ({"coverage_target": 80}, ["coverage >= 80"]),
        ({"quality_checks": ["schema", "rows"]}, ["schema", "rows"]),
        ({"quality_checks": "schema", "success_metrics": "a < 1"}, ["a < 1", "schema"]),
        ({"title": "a < 1"}, []),
    ],
)
def test_ways_to_say_gates(attributes: JsonObject, gates: list[str]) -> None:
    """One alone, a list, or targets by the metric; a target without an operator is a minimum."""
    assert [gate.text for gate in gates_of(attributes)] == gates
    assert list(faults_in_gates(attributes)) == []


UNREADABLE: list[tuple[JsonObject, str]] = [
    ({"success_metrics": ["a < 1", "b <"]}, "attributes.success_metrics[1] "),
    ({"success_metrics": [1]}, "attributes.success_metrics[0] "),
    ({"success_metrics": {"a": []}}, "attributes.success_metrics.a "),
    ({"coverage_target": None}, "attributes.coverage_target "),
    ({"coverage_target": True}, "attributes.coverage_target "),
    ({"quality_checks": [""]}, "attributes.quality_checks[0] "),
    ({"quality_checks": [" padded "]}, "attributes.quality_checks[0] "),
    ({"quality_checks": ["a\nb"]}, "attributes.quality_checks[0] "),
    ({"quality_checks": "x" * (LIMITS.id_characters + 1)}, "attributes.quality_checks "),
    ({"performance_targets": {" a": "> 1"}}, 'attributes.performance_targets[" a"] '),
    ({"performance_targets": {"": "> 1"}}, 'attributes.performance_targets[""] '),
    ({"success_metrics": ["` a` > 1"]}, "attributes.success_metrics[0] "),
    ({"metrics_freshness": "0 s"}, "attributes.metrics_freshness "),
    ({"baselines": {"a": "fast"}}, "attributes.baselines.a "),
    ({"baselines": {"a": 5, "b": None}}, "attributes.baselines.b "),
    ({"baselines": {"a b": 0}}, 'attributes.baselines["a b"] '),
    ({"quality_checks": {"a": "b"}}, "attributes.quality_checks "),
    ({"rollback_triggers": ["__import__('os')"]}, "attributes.rollback_triggers[0] "),
    ({"rollback_policy": "explode"}, "attributes.rollback_policy "),
    ({"rollback_policy": ["fail"]}, "attributes.rollback_policy "),
    ({"metrics_freshness": "soon"}, "attributes.metrics_freshness "),
    ({"baselines": [1]}, "attributes.baselines "),
    ({"success_metrics": "a < 1" + " " * LIMITS.gate_characters}, "attributes.success_metrics "),
    ({"success_metrics": "(" * (LIMITS.gate_depth + 1) + "a < 1"}, "attributes.success_metrics "),
    (
        {"success_metrics": " and ".join(["a < 1"] * (LIMITS.gate_terms + 1))},
        "attributes.success_metrics ",
    ),
    ({"quality_checks": [f"c{n}" for n in range(LIMITS.gates + 1)]}, "attributes.quality_checks[100] "),
]


@pytest.mark.parametrize(("attributes", "place"), UNREADABLE)
def test_what_cannot_be_read_guards_nothing(wl: Orchestrator, attributes: JsonObject, place: str) -> None:
    """It is kept as it is, and whoever writes it is warned of the place."""
    made = wl.create_generic_task("t", task_id="a", attributes=attributes)
    (warning,) = made.warnings
    assert place in warning
    assert task(wl, "a").attributes == attributes


def test_warnings_say_where_and_what_to_write(wl: Orchestrator) -> None:
    """The column of the fault, and the hint, as the error of the language has them."""
    made = wl.create_generic_task("t", task_id="a", attributes={"success_metrics": ["error_rate below 1%"]})
    assert made.warnings[0].endswith(
        'guards nothing: "below" cannot stand here (column 12). Expected a comparison such as < or >=.'
    )


def test_a_name_that_a_type_has_for_gates(wl: Orchestrator) -> None:
    """Answers and refusals name the attribute as the task does."""
    wl.register_task_type("task", attribute_names={"success_metrics": "good", "rollback_triggers": "bad"})
    started(wl, good=["x < 1"], bad=["x > 5"], success_metrics=["y < 0"])
    evaluated = wl.evaluate_gates("a")
    assert [each.attribute for each in (*evaluated.gates, *evaluated.triggers)] == ["good", "bad"]
    with pytest.raises(PrerequisitesNotMetError, match=r'its gate "x < 1" \(good\) is unknown'):
        go(wl, "a", "completed")
    assert wl.record_metrics("a", {"x": 9}).triggered[0].attribute == "bad"


def test_as_many_gates_as_there_may_be(wl: Orchestrator) -> None:
    """The limits themselves are read."""
    longest = " and ".join(["a < 1"] * LIMITS.gate_terms)
    deepest = "(" * LIMITS.gate_depth + "a < 1" + ")" * LIMITS.gate_depth
    started(wl, success_metrics=[longest, deepest, "a < 1".ljust(LIMITS.gate_characters)])
    wl.record_metrics("a", {"a": 0})
    assert states(wl) == ["passed"] * 3


# --- what was observed --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "state"),
    [
        (91, "passed"),
        ("92.5%", "passed"),
        (90, "failed"),
        ("0", "unknown"),
        (True, "unknown"),
        ("5ms", "unknown"),
    ],
)
def test_what_passes_a_gate(wl: Orchestrator, value: JsonValue, state: str) -> None:
    """Only numbers that compare do; whatever else was recorded leaves it unknown."""
    started(wl, success_metrics="coverage > 90%")
    wl.record_metrics("a", {"coverage": value})
    assert only(wl).state == state


def test_value_that_the_gate_cannot_compare_is_warned_of(wl: Orchestrator) -> None:
    """Whoever records it hears at once."""
    started(wl, success_metrics="latency < 200ms")
    recorded = wl.record_metrics("a", {"latency": "5%", "other": "5%"})
    assert recorded.warnings == (
        'latency cannot be judged by the gate "latency < 200ms": % cannot be compared with ms.',
    )


def test_warnings_of_one_answer(wl: Orchestrator) -> None:
    """So many are made at most, however many values are of no use."""
    gates = [" and ".join(f"x{n} < {gate}" for n in range(LIMITS.gate_terms)) for gate in range(50)]
    started(wl, success_metrics=list(gates))
    recorded = wl.record_metrics("a", {f"x{n}": "bad" for n in range(LIMITS.gate_terms)})
    assert len(recorded.warnings) == 100
    assert all(len(gate.message or "") <= LIMITS.message_characters for gate in recorded.gates)


@pytest.mark.parametrize(
    ("reported", "state"),
    [
        ("passed", "passed"),
        (True, "passed"),
        ("OK", "passed"),
        (" passed ", "passed"),
        ("failed", "failed"),
        (False, "failed"),
        (1, "unknown"),
        ("success", "unknown"),
    ],
)
def test_named_checks_are_reported(wl: Orchestrator, reported: JsonValue, state: str) -> None:
    """As passed or failed; anything else says neither, and is warned of."""
    started(wl, quality_checks=["schema"])
    assert only(wl).state == "unknown"
    recorded = wl.record_metrics("a", {"schema": reported})
    assert only(wl).state == state
    told = ["is neither passed nor failed" in text for text in recorded.warnings]
    assert told == ([True] if state == "unknown" else [])


def test_observations_grow_stale(wl: Orchestrator, clock: ManualClock) -> None:
    """After `metrics_freshness` they count no longer."""
    started(wl, success_metrics="x > 1", metrics_freshness="15 minutes")
    wl.record_metrics("a", {"x": 2})
    clock.advance("14 minutes")
    assert states(wl) == ["passed"]
    clock.advance("1 minute")
    assert states(wl) == ["stale"]
    recorded = wl.record_metrics("a", {"x": 2}, observed_at=clock.now - timedelta(minutes=15))
    assert recorded.warnings == ("x was observed too long ago, and does not count.",)
    with pytest.raises(PrerequisitesNotMetError, match="too old to count"):
        go(wl, "a", "completed")


def test_observations_are_stale_after_a_reopening(wl: Orchestrator) -> None:
    """They were made of the attempt before, and checks were too."""
    started(wl, success_metrics="x > 1", quality_checks="rows")
    wl.record_metrics("a", {"x": 2, "rows": "passed"})
    go(wl, "a", "completed", "active")
    assert states(wl) == ["stale", "stale"]
    wl.record_metrics("a", {"x": 3})
    assert states(wl) == ["passed", "stale"]


def test_observations_from_before_a_reopening_are_stale(wl: Orchestrator, clock: ManualClock) -> None:
    """Also where they are recorded after it: they were made of another attempt."""
    started(wl, success_metrics="x > 1")
    wl.record_metrics("a", {"x": 2})
    go(wl, "a", "completed")
    clock.advance("1 day")
    go(wl, "a", "active")
    clock.advance("1 hour")
    early = wl.record_metrics("a", {"x": 3}, observed_at=clock.now - timedelta(minutes=61))
    assert early.warnings == ("x was observed before the task was reopened, and does not count.",)
    assert states(wl) == ["stale"]
    wl.record_metrics("a", {"x": 4}, observed_at=clock.now - timedelta(minutes=60))
    assert states(wl) == ["passed"]
    late = wl.record_metrics("a", {"x": 0}, observed_at=clock.now - timedelta(minutes=61))
    assert late.warnings == ("x was observed before what is known of it, and changes nothing.",)
    assert states(wl) == ["passed"]


def test_reopening_that_is_undone_counts_for_nothing(wl: Orchestrator, clock: ManualClock) -> None:
    """What was observed before it belongs to the present attempt again."""
    started(wl, success_metrics="x > 1")
    wl.record_metrics("a", {"x": 2})
    seen_at = clock.now
    go(wl, "a", "completed")
    clock.advance("1 hour")
    go(wl, "a", "active")
    wl.undo()
    clock.advance("1 hour")
    recorded = wl.record_metrics("a", {"x": 3}, observed_at=seen_at)
    assert (states(wl), recorded.warnings) == (["passed"], ())


def test_late_observation_does_not_replace_a_newer_one(wl: Orchestrator, clock: ManualClock) -> None:
    """It is in the log, and what is known stays."""
    started(wl, success_metrics="x > 1")
    clock.advance("1 hour")
    wl.record_metrics("a", {"x": 2}, source="today", observed_at=clock.now - timedelta(minutes=5))
    wl.record_metrics("a", {"x": 0}, source="yesterday", observed_at=clock.now - timedelta(minutes=30))
    (metric,) = task(wl, "a").metrics
    assert (metric.value, metric.source) == (2, "today")
    assert states(wl) == ["passed"]


def test_change_is_measured_against_the_first_observation(wl: Orchestrator) -> None:
    """Or against the baseline that the task names; without one it is unknown."""
    started(wl, success_metrics=["change(sales) > 10%", "change(errors) < 5%"], baselines={"errors": 100})
    wl.record_metrics("a", {"sales": 200, "errors": 104})
    assert states(wl) == ["unknown", "passed"]
    wl.record_metrics("a", {"sales": 230})
    wl.record_metrics("a", {"sales": 215})
    sales, _ = wl.evaluate_gates("a").gates
    assert (sales.state, sales.message) == ("failed", "change(sales) is 7.5%, 2.5% too low")


@pytest.mark.parametrize("useless", ["n/a", 0, True])
def test_first_observation_that_can_be_a_baseline(wl: Orchestrator, useless: JsonValue) -> None:
    """What is no number, or is 0, of which nothing is a share, is none."""
    started(wl, success_metrics=["change(p95) < 5%"])
    for value in (useless, useless, "100ms"):
        wl.record_metrics("a", {"p95": value})
    assert states(wl) == ["unknown"]
    assert wl.record_metrics("a", {"p95": 104}).warnings == ()
    assert only(wl).observed == "4%"


def test_answers_say_what_decided(wl: Orchestrator, clock: ManualClock) -> None:
    """Of several comparisons those that are not passed."""
    started(wl, success_metrics="a > 1 and b < 10ms and c > 3")
    wl.record_metrics("a", {"a": 5, "b": "12.5ms"})
    gate = only(wl)
    assert (gate.state, gate.observed, gate.threshold, gate.observed_at) == (
        "failed",
        "12.5 ms",
        "10 ms",
        clock.now,
    )
    assert gate.message == "b is 12.5 ms, 2.5 ms too high; c: nothing has been observed"


def test_answers_say_what_decided_in_favour(wl: Orchestrator) -> None:
    """Of several comparisons one that makes the gate pass."""
    started(wl, success_metrics="a < 1 or b < 2")
    wl.record_metrics("a", {"a": 9, "b": 0})
    assert (only(wl).state, only(wl).observed, only(wl).threshold) == ("passed", "0", "2")


def test_signals_of_gates(wl: Orchestrator) -> None:
    """Each change to passed or failed is told, once."""
    started(wl, success_metrics=["x > 1", "y > 1"])
    at = position(wl)
    wl.record_metrics("a", {"x": 2})
    wl.record_metrics("a", {"x": 3})
    wl.record_metrics("a", {"x": 0, "y": 0})
    told = [event for event in wl.events(after=at) if event.event_type.startswith("gate.")]
    assert [(event.event_type, event.data["gate"]) for event in told] == [
        ("gate.passed", "x > 1"),
        ("gate.failed", "x > 1"),
        ("gate.failed", "y > 1"),
    ]


BAD_METRICS: list[tuple[Any, str]] = [
    ({}, "arguments.metrics"),
    ({"": 1}, "arguments.metrics."),
    ({" x": 1}, "arguments.metrics. x"),
    ({"a\nb": 1}, "arguments.metrics.a\\nb"),
    ({"x": None}, "arguments.metrics.x"),
    ({"x": [1]}, "arguments.metrics.x"),
    ({"x": ""}, "arguments.metrics.x"),
    ({"x": float("nan")}, "arguments.metrics.x"),
]


@pytest.mark.parametrize(("metrics", "field"), BAD_METRICS)
def test_what_is_no_metric_is_refused(wl: Orchestrator, metrics: Any, field: str) -> None:
    """With its place, and nothing is recorded."""
    started(wl, success_metrics="x > 1")
    before = wl.dump()
    with pytest.raises(ValidationError) as caught:
        wl.record_metrics("a", metrics)
    assert str(caught.value.field).startswith("arguments.metrics")
    assert wl.dump() == before


def test_observation_that_lies_ahead_is_refused(wl: Orchestrator, clock: ManualClock) -> None:
    """It would stay fresh for too long."""
    started(wl)
    with pytest.raises(ValidationError, match="lies ahead"):
        wl.record_metrics("a", {"x": 1}, observed_at=clock.now + timedelta(seconds=1))


def test_no_such_task(wl: Orchestrator) -> None:
    """Nobody's gates are judged."""
    with pytest.raises(TaskNotFoundError):
        wl.evaluate_gates("nobody")


# --- undo and history ---------------------------------------------------------------------------------------


def test_recording_is_undone(wl: Orchestrator) -> None:
    """What was known before is known again."""
    started(wl, success_metrics="x > 1")
    wl.record_metrics("a", {"x": 2})
    wl.record_metrics("a", {"x": 0, "y": 1})
    wl.undo()
    assert [(metric.name, metric.value, metric.first) for metric in task(wl, "a").metrics] == [("x", 2, None)]
    wl.undo()
    assert task(wl, "a").metrics == ()
    assert kinds(wl, position(wl) - 1)[0] == ("metrics.restored", "a")
    wl.undo(position(wl))
    assert states(wl) == ["passed"]


def test_metrics_as_they_were(wl: Orchestrator) -> None:
    """The history shows what was known then."""
    started(wl)
    wl.record_metrics("a", {"x": 2})
    then = position(wl)
    wl.record_metrics("a", {"x": 3})
    past = wl.get_history("a", as_of=then).task
    assert past is not None
    assert [(metric.name, metric.value) for metric in past.metrics] == [("x", 2)]
