import json
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from jsonschema import Draft202012Validator

from worklattice import codec
from worklattice.model.answers import (
    Claimed,
    ClaimReleased,
    Comment,
    DeadLetter,
    DeadLettersListed,
    DependenciesManaged,
    Executed,
    ExpandedTask,
    Hierarchy,
    History,
    Redelivered,
    StageChanged,
    TaskCreated,
    TaskFound,
    TaskNode,
    TasksClaimed,
)
from worklattice.model.dependency import Dependency, Waiver
from worklattice.model.events import Event
from worklattice.model.notifications import Notification
from worklattice.model.task import Claim, Task
from worklattice.query.answers import Hit, QueryMetadata, TasksFound
from worklattice.query.metrics import measure
from worklattice.testing.rows import event_row, task_row

MORNING = datetime(2025, 6, 16, 9, tzinfo=UTC)
EVENING = datetime(2025, 6, 16, 19, 30, 0, 250_000, tzinfo=UTC)

TASK = Task(
    task_id="a",
    task_type="story",
    parent_task_id=None,
    attributes={"points": 3, "tags": ["x"], "due": None},
    lifecycle_stage="active",
    status="active",
    version=2,
    hierarchy_level=0,
    template_id=None,
    template_version=None,
    superseded_by=None,
    created_at=MORNING,
    updated_at=EVENING,
    started_at=EVENING,
    completed_at=None,
    due_at=None,
    not_before=None,
    join=2,
    attempt=1,
    result=None,
    error=None,
    approval=None,
    artifacts=(),
)
EDGE = Dependency(
    task_id="a",
    dependency_task_id="b",
    effective_task_id="b",
    dependency_type="completion",
    state="waived",
    mandatory=True,
    outcome="success",
    conditions=None,
    lag="PT15M",
    artifact=None,
    description=None,
    waiver=Waiver(waived_at=MORNING, waived_by=None, reason="late", expires_at=EVENING),
)
EVENT = Event(
    position=1,
    event_id="s:1",
    event_type="task.created",
    task_id="a",
    at=MORNING,
    actor=None,
    reason=None,
    data={"task_type": "story"},
    command=1,
)
NOTIFICATION = Notification.of("#dev", "on its way", event_row(7, "a"), "s")


def like(kind: type[Any], **more: object) -> Any:
    return kind(**{field.name: getattr(TASK, field.name) for field in attrs.fields(Task)}, **more)


CLAIM = Claim(token=7, worker="w", expires_at=EVENING)
CLAIMED = attrs.evolve(TASK, claim=CLAIM)
CREATED = TaskCreated(task_id="a", task_type="story", created_at=MORNING, hierarchy_level=0, task=TASK)
FOUND = TasksFound(
    total_results=1,
    returned_results=1,
    tasks=(like(Hit, path=("a",), children=(like(TaskNode),), dependencies=(EDGE,)),),
    next_cursor=None,
    query_metadata=QueryMetadata(sort=({"field": "created_at"},), limit=50, offset=0, executed_at=EVENING),
)

ANSWERS = [
    CREATED,
    attrs.evolve(CREATED, unblocked=("b",), unblocked_count=1, warnings=("careful",), events=(EVENT,)),
    attrs.evolve(CREATED, tasks_created=(like(ExpandedTask, key="design"),)),
    DependenciesManaged(task_id="a", operation="waive", dependencies=(EDGE,), task=TASK),
    StageChanged(
        task_id="a",
        previous_stage="draft",
        current_stage="active",
        prerequisites_met=True,
        events_emitted=("task.stage_changed",),
        notifications=(NOTIFICATION,),
        task=TASK,
        timestamp=EVENING,
    ),
    TasksClaimed(task=CLAIMED, claim=CLAIM, claims=(Claimed(task=CLAIMED, claim=CLAIM),)),
    TasksClaimed(claims=()),
    ClaimReleased(task_id="a", claim=CLAIM, task=TASK),
    TaskFound(task=TASK, comments=(Comment(comment_id="7", text="hm", author=None, at=MORNING),)),
    TaskFound(tasks=(TASK,), missing=("z",)),
    Hierarchy(root_task=like(TaskNode, children=(like(TaskNode),))),
    History(events=(EVENT,), next_after=None),
    DeadLettersListed(
        consumer="c",
        dead_letters=(
            DeadLetter(dead_letter_id="7.0", notification=NOTIFICATION, error="no", dead_at=EVENING),
            DeadLetter(dead_letter_id="8.0", notification=NOTIFICATION, error=None, dead_at=EVENING),
        ),
        next_after="8.0",
    ),
    Redelivered(consumer="c", dead_letter_ids=("7.0", "8.0"), more=False),
    FOUND,
    attrs.evolve(FOUND, metrics=measure([])),
    attrs.evolve(FOUND, metrics=measure([task_row("a", attributes={"estimated_effort": "2-3 h"})])),
]


def test_a_task_on_the_wire() -> None:
    """A task shows all of its fields, null where there is nothing, with times in RFC 3339."""
    assert codec.unstructure(TASK) == {
        "task_id": "a",
        "task_type": "story",
        "parent_task_id": None,
        "attributes": {"points": 3, "tags": ["x"], "due": None},
        "lifecycle_stage": "active",
        "status": "active",
        "version": 2,
        "hierarchy_level": 0,
        "template_id": None,
        "template_version": None,
        "superseded_by": None,
        "created_at": "2025-06-16T09:00:00Z",
        "updated_at": "2025-06-16T19:30:00.250000Z",
        "started_at": "2025-06-16T19:30:00.250000Z",
        "completed_at": None,
        "due_at": None,
        "not_before": None,
        "join": 2,
        "attempt": 1,
        "result": None,
        "error": None,
        "approval": None,
        "artifacts": [],
        "metrics": [],
        "claim": None,
    }


def test_a_dependency_on_the_wire() -> None:
    """A dependency shows its state and its waiver."""
    assert codec.unstructure(EDGE)["waiver"] == {
        "waived_at": "2025-06-16T09:00:00Z",
        "waived_by": None,
        "reason": "late",
        "expires_at": "2025-06-16T19:30:00.250000Z",
    }


def test_what_was_not_asked_for_is_left_out() -> None:
    """Parts of an answer that come only when asked for are not there as null."""
    assert list(codec.unstructure(CREATED)) == [
        "task_id",
        "task_type",
        "created_at",
        "hierarchy_level",
        "task",
        "unblocked",
        "unblocked_count",
        "warnings",
    ]
    assert list(codec.unstructure(TaskFound(task=TASK))) == ["task"]
    assert "metrics" not in codec.unstructure(FOUND)
    assert "events" in codec.unstructure(attrs.evolve(CREATED, events=()))


def test_the_end_of_a_page_is_null() -> None:
    """Where there is nothing to read on, the cursor is there and null."""
    assert codec.unstructure(History(events=(), next_after=None)) == {"events": [], "next_after": None}
    assert codec.unstructure(FOUND)["next_cursor"] is None


def test_nothing_measured_is_null() -> None:
    """A summary of nothing says so of each of its measures."""
    metrics = codec.unstructure(attrs.evolve(FOUND, metrics=measure([])))["metrics"]
    assert metrics["lead_time"] == {"count": 0, "mean": None, "p50": None, "p85": None, "p95": None}


def test_estimates_on_the_wire() -> None:
    """Under each attribute stands a list, since units that do not compare stay apart."""
    rows = [task_row(text, attributes={"estimated_effort": text}) for text in ("2-3 hours", "5 points")]
    metrics = codec.unstructure(attrs.evolve(FOUND, metrics=measure(rows)))["metrics"]
    assert metrics["estimates"] == {
        "estimated_effort": [
            {"count": 1, "low": 5, "high": 5, "unit": "points"},
            {"count": 1, "low": 7200, "high": 10800, "unit": "seconds"},
        ]
    }


def test_only_the_fields_that_were_asked_for() -> None:
    """A query that names fields gets tasks of these fields."""
    document = codec.unstructure(attrs.evolve(FOUND, fields=("task_id", "path", "nonsense")))
    assert document["tasks"] == [{"task_id": "a", "path": ["a"]}]
    assert "fields" not in document


def test_answers_inside_an_answer() -> None:
    """An execute answers what each of its commands answered."""
    document = codec.unstructure(Executed(results=(CREATED, TaskFound(task=TASK))))
    assert document["results"] == [codec.unstructure(CREATED), {"task": codec.unstructure(TASK)}]


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_a_kept_answer_is_read_back(answer: Any) -> None:
    """An answer that was written as JSON is read back as the same value."""
    assert codec.structure_answer(type(answer), codec.unstructure(answer)) == answer


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_an_answer_fits_its_schema(answer: object) -> None:
    """What is written is what the published schema says."""
    schema = codec.output_schema(type(answer))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(codec.unstructure(answer))


def test_the_schema_of_a_tree() -> None:
    """A node of a tree refers to itself for what is inside it."""
    schema: Any = codec.output_schema(Hierarchy)
    children = schema["$defs"]["TaskNode"]["properties"]["children"]
    assert children == {"type": "array", "items": {"$ref": "#/$defs/TaskNode"}}


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_size_of_an_answer(answer: object) -> None:
    """It is that of its JSON text, which nobody has to write to know it."""
    assert codec.size_of(answer) == len(json.dumps(codec.unstructure(answer), ensure_ascii=False))
