"""Types that have names of their own for what conventions mean, defaults for them, or are strict."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import worklattice
from tests.unit.model.asking import task
from worklattice import Orchestrator, ValidationError
from worklattice.model.meanings import Meanings
from worklattice.types import JsonObject


def moment(day: str) -> datetime:
    """The beginning of a day."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


GATE: JsonObject = {"success_metrics": ["error_rate < 1%"]}


def test_own_name_takes_the_place_of_the_usual_one() -> None:
    """What the type calls by its own name is meant; the usual name means nothing there any more."""
    meanings = Meanings({"priority": "severity"})
    assert meanings.meant({"severity": "high", "priority": "low", "title": "x"}) == {
        "severity": "high",
        "priority": "high",
        "title": "x",
    }
    assert meanings.meant({"priority": "low"}) == {}


def test_default_holds_where_a_task_says_nothing() -> None:
    """A value of the task comes before the default, under whichever name it stands."""
    meanings = Meanings({"priority": "severity"}, {"priority": "low", "sla": "1 day"})
    assert meanings.meant({}) == {"priority": "low", "sla": "1 day"}
    assert meanings.meant({"severity": 1, "sla": "2 days"})["priority"] == 1
    assert meanings.meant({"severity": 1, "sla": "2 days"})["sla"] == "2 days"


def test_due_date_by_its_own_name(wl: Orchestrator) -> None:
    """The due time follows from the type's own name, and queries find the task by it."""
    wl.register_task_type("ticket", attribute_names={"due_date": "target"})
    wl.create_generic_task("ticket", task_id="t", attributes={"target": "2025-01-01"})
    wl.create_generic_task("ticket", task_id="u", attributes={"due_date": "2025-01-01"})
    found = wl.query_tasks(filters={"due_before": "2025-02-01"})
    assert [hit.task_id for hit in found.tasks] == ["t"]


def test_registering_anew_reads_the_tasks_anew(wl: Orchestrator) -> None:
    """Tasks that exist are due by what the type says now, and again by what it said after an undo."""
    wl.create_generic_task(
        "ticket", task_id="t", attributes={"target": "2025-01-01", "due_date": "2025-03-01"}
    )
    wl.create_generic_task("story", task_id="s", attributes={"due_date": "2025-03-01"})
    usual, by_target = moment("2025-03-02"), moment("2025-01-02")
    assert task(wl, "t").due_at == usual
    wl.register_task_type("ticket", attribute_names={"due_date": "target"})
    assert task(wl, "t").due_at == by_target
    assert task(wl, "s").due_at == usual
    assert wl.check() == []
    wl.undo()
    assert task(wl, "t").due_at == usual
    assert wl.check() == []


def test_change_of_type_reads_the_task_anew(wl: Orchestrator) -> None:
    """A task that becomes of another type is meant as that one means it."""
    wl.register_task_type("ticket", attribute_defaults={"priority": "critical"})
    for name in ("a", "b"):
        wl.create_generic_task("story", task_id=name)
    wl.update_task("b", task_type="ticket")
    assert [ready.task_id for ready in wl.get_ready_tasks().tasks] == ["b", "a"]
    assert wl.check() == []


def test_gate_by_default(wl: Orchestrator) -> None:
    """A gate that the type gives guards tasks that say nothing of it."""
    wl.register_task_type("release", attribute_defaults=GATE)
    wl.create_generic_task("release", task_id="r", lifecycle_stage="active")
    with pytest.raises(worklattice.PrerequisitesNotMetError, match="error_rate < 1%"):
        wl.manage_lifecycle("r", "completed")
    wl.record_metrics("r", {"error_rate": "0.2%"})
    assert wl.manage_lifecycle("r", "completed").task.status == "completed"


def test_estimate_by_its_own_name(wl: Orchestrator) -> None:
    """Sums of estimates count what the type means."""
    wl.register_task_type("ticket", attribute_names={"estimated_effort": "size"})
    wl.create_generic_task("ticket", attributes={"size": "2 hours"})
    metrics = wl.query_tasks(include_metrics=True).metrics
    assert metrics is not None
    assert metrics.estimates["estimated_effort"][0].low == 7200


def test_resource_by_default(wl: Orchestrator) -> None:
    """Two tasks of a type that needs something for itself are not claimed at once."""
    wl.register_task_type("print", attribute_defaults={"resources": "printer"})
    wl.create_generic_task("print", task_id="a")
    wl.create_generic_task("print", task_id="b")
    wl.claim_task("ann", task_id="a", lease="1 hour")
    with pytest.raises(worklattice.ClaimError, match="printer"):
        wl.claim_task("bob", task_id="b", lease="1 hour")


def test_strict_type_refuses_what_it_cannot_read(wl: Orchestrator) -> None:
    """At birth, at a change and at a change of type: with the path, by the type's own name."""
    wl.register_task_type("ticket", attribute_names={"priority": "severity"}, strict=True)
    with pytest.raises(ValidationError) as caught:
        wl.create_generic_task("ticket", attributes={"severity": "dire", "success_metrics": ["x <"]})
    assert [problem.field for problem in caught.value.problems] == [
        "arguments.attributes.severity",
        "arguments.attributes.success_metrics[0]",
    ]
    wl.create_generic_task("ticket", task_id="t", attributes={"priority": "dire"})
    with pytest.raises(ValidationError, match=r"arguments\.updates\.attributes\.severity"):
        wl.update_task("t", attributes={"severity": "dire"})
    wl.create_generic_task("story", task_id="s", attributes={"severity": "dire"})
    with pytest.raises(ValidationError, match=r"attributes\.severity"):
        wl.update_task("s", task_type="ticket")


@pytest.mark.parametrize(
    ("attributes", "warning"),
    [
        ({"priority": "dire"}, "attributes.priority is kept and ranks last"),
        ({"due_date": "soon"}, "attributes.due_date is kept and sets no due time"),
        ({"due_at": 5}, "attributes.due_at is kept and sets no due time"),
    ],
)
def test_type_that_is_not_strict_warns(wl: Orchestrator, attributes: JsonObject, warning: str) -> None:
    """What cannot be read is kept, and the answer says so."""
    answer = wl.create_generic_task("story", attributes=attributes)
    assert answer.task.attributes == attributes
    assert [text.split(": ")[1] for text in answer.warnings] == [warning]


@pytest.mark.parametrize(
    ("field", "given", "place", "reason"),
    [
        ("attribute_names", {"due_dat": "x"}, "attribute_names.due_dat", 'Did you mean "due_date"'),
        ("attribute_names", {"due_date": 5}, "attribute_names.due_date", "must be a name"),
        ("attribute_names", {"due_date": ""}, "attribute_names.due_date", "must be a name"),
        ("attribute_names", {"due_date": "priority"}, "attribute_names.due_date", "of its own"),
        ("attribute_names", {"due_date": "x", "priority": "x"}, "attribute_names.priority", "already"),
        ("attribute_defaults", {"prio": "low"}, "attribute_defaults.prio", "no name that means something"),
        ("attribute_defaults", {"priority": "dire"}, "attribute_defaults.priority", "neither a number"),
        (
            "attribute_defaults",
            {"coverage_target": "high"},
            "attribute_defaults.coverage_target",
            "cannot stand here",
        ),
    ],
)
def test_faulty_registration_is_refused(
    wl: Orchestrator, field: str, given: JsonObject, place: str, reason: str
) -> None:
    """A name that means nothing, or is taken, and a default that cannot be read, are found at once."""
    answer = wl.dispatch(
        {"tool": "orchestrator_register_task_type", "arguments": {"task_type": "t", field: given}}
    )
    assert answer["error_type"] == "ValidationError"
    assert answer["field"] == f"arguments.{place}"
    assert reason in str(answer["message"])


def test_all_faults_of_a_registration_at_once(wl: Orchestrator) -> None:
    """A faulty lifecycle does not hide a faulty name."""
    with pytest.raises(ValidationError) as caught:
        wl.register_task_type("t", lifecycle={}, attribute_names={"x": "y"}, attributes_schema={"type": 1})
    fields = {problem.field.split(".")[1] for problem in caught.value.problems}
    assert fields == {"lifecycle", "attribute_names", "attributes_schema"}


def test_meanings_come_back_from_a_dump(wl: Orchestrator) -> None:
    """A restored workspace means by attributes what the dumped one did."""
    wl.register_task_type(
        "ticket", attribute_names={"due_date": "target"}, attribute_defaults={"priority": 1}, strict=True
    )
    wl.create_generic_task("ticket", task_id="t", attributes={"target": "2025-01-01"})
    with worklattice.open("memory:") as other:
        other.restore(wl.dump().splitlines(keepends=True))
        assert other.dump() == wl.dump()
        assert task(other, "t").due_at == task(wl, "t").due_at
        assert other.check() == []


def test_dump_with_a_faulty_registration_is_refused(wl: Orchestrator) -> None:
    """A line that says what no registration could is named."""
    wl.register_task_type("ticket", attribute_names={"due_date": "target"})
    lines = [line.replace('"due_date"', '"due_dat"') for line in wl.dump().splitlines(keepends=True)]
    with (
        worklattice.open("memory:") as other,
        pytest.raises(ValidationError, match=r"line 2\.attribute_names\.due_dat"),
    ):
        other.restore(lines)


def test_a_default_without_a_zone_is_warned_of_once(wl: Orchestrator) -> None:
    """Whoever says it is told, not whoever makes a task, which says nothing of the kind."""
    registered = wl.register_task_type("release", attribute_defaults={"due_at": "2025-06-30T17:00:00"})
    assert registered.warnings == ("attribute_defaults.due_at says no time zone, and is read as UTC.",)
    made = wl.create_generic_task("release")
    assert made.task.due_at is not None
    assert made.warnings == ()
