from datetime import UTC, datetime
from typing import Any

import pytest

from worklattice.errors import Problem, ValidationError
from worklattice.lang.condition import Condition
from worklattice.lang.folding import fold
from worklattice.model.rows import TaskRow
from worklattice.query.evaluate import compile_filter, matching
from worklattice.query.parse import parse_filters
from worklattice.query.request import TaskFilters
from worklattice.testing.rows import task_row
from worklattice.types import LIMITS, JsonValue, to_micros

NOW = datetime(2025, 6, 16, 9, tzinfo=UTC)
NINE = to_micros(NOW)
HOUR = 3_600_000_000


def found(filters: TaskFilters, *rows: TaskRow) -> list[str]:
    where, _ = parse_filters(filters, now=NOW)
    return [row.task_id for row in matching(where, rows)]


def problems(filters: TaskFilters) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        parse_filters(filters, now=NOW)
    return {problem.field: problem.message for problem in caught.value.problems}


ROOT = task_row("root", task_type="epic", children=2, status="active", stage="active")
STORY = task_row("story", parent_id="root", root_id="root", task_type="story", edges=1, status="blocked")
BUG = task_row("bug", parent_id="root", root_id="root", task_type="bug", template_id="t1", stage="review")


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        (TaskFilters(), ["root", "story", "bug"]),
        (TaskFilters(task_id=("bug",)), ["bug"]),
        (TaskFilters(task_type=("epic", "bug")), ["root", "bug"]),
        (TaskFilters(status=("active", "blocked")), ["root", "story"]),
        (TaskFilters(status=()), []),
        (TaskFilters(lifecycle_stage=("review",)), ["bug"]),
        (TaskFilters(parent_task_id=("root",)), ["story", "bug"]),
        (TaskFilters(parent_task_id=(None,)), ["root"]),
        (TaskFilters(parent_task_id=(None, "root")), ["root", "story", "bug"]),
        (TaskFilters(root_task_id=("root",)), ["root", "story", "bug"]),
        (TaskFilters(template_id=("t1",)), ["bug"]),
        (TaskFilters(has_dependencies=True), ["story"]),
        (TaskFilters(has_dependencies=False), ["root", "bug"]),
        (TaskFilters(has_children=True), ["root"]),
        (TaskFilters(task_type=("story", "bug"), status=("blocked",)), ["story"]),
        (TaskFilters(text="STOR"), ["story"]),
        (TaskFilters(text="bug stor"), []),
    ],
)
def test_columns(filters: TaskFilters, ids: list[str]) -> None:
    """Each filter keeps the tasks that fit it; several keep those that fit all."""
    assert found(filters, ROOT, STORY, BUG) == ids


def test_times() -> None:
    """After and before are strict; a date stands for the midnight that it begins with."""
    row = task_row("t", created_at=NINE, due_at=NINE + HOUR)
    for filters, hits in [
        (TaskFilters(created_after="2025-06-16T08:59:59Z"), True),
        (TaskFilters(created_after="2025-06-16T09:00:00Z"), False),
        (TaskFilters(created_before="2025-06-16T11:00:01+02:00"), True),
        (TaskFilters(created_before="2025-06-16T09:00:00Z"), False),
        (TaskFilters(created_after="2025-06-16"), True),
        (TaskFilters(created_after="2025-06-17"), False),
        (TaskFilters(due_after="2025-06-16T09:30:00Z", due_before="2025-06-17"), True),
        (TaskFilters(completed_before="2026-01-01"), False),
        (TaskFilters(updated_after="1969-12-31"), True),
    ]:
        assert bool(found(filters, row)) is hits


def test_overdue_are_those_that_have_not_ended_in_time() -> None:
    """What is due now is late already; what has ended is not late any more, nor ever what is never due."""
    rows = [
        task_row("late", due_at=NINE - 1),
        task_row("now", due_at=NINE),
        task_row("done", due_at=NINE - 1, completed_at=NINE),
        task_row("free"),
    ]
    for overdue, ids in ((True, ["late", "now"]), (False, ["done", "free"])):
        assert found(TaskFilters(overdue=overdue), *rows) == ids


def test_time_without_zone_is_read_as_utc_with_a_warning() -> None:
    """The answer says where a zone was assumed."""
    where, warnings = parse_filters(TaskFilters(created_after="2025-06-16T08:00:00"), now=NOW)
    assert compile_filter(where)(task_row("t", created_at=NINE)) is True
    assert warnings == ["arguments.filters.created_after has no zone: read as UTC"]


ATTRIBUTES: dict[str, JsonValue] = {
    "team": "backend",
    "points": 5,
    "ratio": 0.5,
    "urgent": True,
    "tags": ["api", 7],
    "owner": {"name": "Ada", "level.1": "x"},
    "a.b": "dotted",
    "gone": None,
    "title": "Reset Password",
    "": "unnamed",
}


@pytest.mark.parametrize(
    ("name", "asked", "hit"),
    [
        ("team", "backend", True),
        ("team", "Backend", False),
        ("team", ["frontend", "backend"], True),
        ("team", ["frontend"], False),
        ("team", [], False),
        ("points", 5.0, True),
        ("points", "5", False),
        ("urgent", True, True),
        ("urgent", 1, False),
        ("gone", None, True),
        ("missing", None, True),
        ("team", None, False),
        ("missing", [None, "x"], True),
        ("owner.name", "Ada", True),
        ("owner.`level.1`", "x", True),
        ("`a.b`", "dotted", True),
        ("a.b", "dotted", False),
        ("", "unnamed", True),
        ("owner", {"name": "Ada", "level.1": "x"}, True),
        ("owner", {"name": "Ada"}, False),
        ("owner", {"eq": {"name": "Ada"}}, False),
        ("tags", {"eq": ["api", 7]}, True),
        ("points", {"eq": 5}, True),
        ("points", {"ne": 6}, True),
        ("missing", {"ne": 6}, False),
        ("points", {"gt": 4, "lt": 6}, True),
        ("points", {"gte": 5, "lte": 5}, True),
        ("points", {"gt": 5}, False),
        ("points", {">=": 5, "<": 6, "!=": 7, "=": 5}, True),
        ("points", {"op": "gte", "value": 5}, True),
        ("points", {"between": [5, 8]}, True),
        ("points", {"between": [6, 8]}, False),
        ("points", {"in": [3, 5]}, True),
        ("points", {"not_in": [3, 5]}, False),
        ("missing", {"not_in": [3, 5]}, False),
        ("missing", {"in": [None]}, True),
        ("title", {"like": "Reset%"}, True),
        ("title", {"like": "reset%"}, False),
        ("title", {"contains": "PASS"}, True),
        ("tags", {"contains": "api"}, True),
        ("tags", {"contains": "ap"}, False),
        ("tags", {"contains": 7}, True),
        ("tags", {"has": "api"}, True),
        ("tags", {"has": "7"}, False),
        ("team", {"has": "backend"}, False),
        ("team", {"exists": True}, True),
        ("gone", {"exists": True}, False),
        ("gone", {"exists": False}, True),
    ],
)
def test_attributes(name: str, asked: JsonValue, *, hit: bool) -> None:
    """Attributes are asked for by value, by list, or by operators, with dotted paths into objects."""
    row = task_row("t", attributes=ATTRIBUTES)
    assert bool(found(TaskFilters(attributes={name: asked}), row)) is hit


def test_faults_are_reported_together() -> None:
    """Every fault has its path, and offers what is near."""
    no_status: Any = "blocekd"
    faulty = TaskFilters(
        status=("active", no_status),
        created_after="soon",
        text="  ",
        attributes={
            "a": {"gt": None},
            "b": {"gtt": 3, "gt": 2},
            "c": {"$in": [1]},
            "d": {"in": 3},
            "e": {"between": [1]},
            "f": {"like": 5},
            "g": {"like": "x\\"},
            "h": {"exists": "yes"},
            "i`": 1,
        },
    )
    assert problems(faulty) == {
        "arguments.filters.status[1]": '"blocekd" is no status. Did you mean "blocked"?',
        "arguments.filters.created_after": (
            'this is no time: "soon". Write RFC 3339, such as 2025-06-16T09:00:00Z or '
            "2025-06-16T09:00:00+02:00."
        ),
        "arguments.filters.attributes.a.gt": "nothing compares with null. Use exists.",
        "arguments.filters.attributes.b.gtt": '"gtt" is no operator. Did you mean "gt" or "gte"?',
        "arguments.filters.attributes.c.$in": '"$in" is no operator. Did you mean "in"?',
        "arguments.filters.attributes.d.in": "must be a list.",
        "arguments.filters.attributes.e.between": (
            "must be a list of two values, the lowest and the highest."
        ),
        "arguments.filters.attributes.f.like": "must be a text of at most 10,000 characters.",
        "arguments.filters.attributes.g.like": "ends with a single backslash. Write it twice.",
        "arguments.filters.attributes.h.exists": "must be true or false.",
        'arguments.filters.attributes["i`"]': (
            "expected a dot. Put a backquote before and after a key that has dots; "
            "write a backquote in it twice."
        ),
        "arguments.filters.text": "must hold 1 to 1,000 words.",
    }


def test_single_fault_carries_its_hint_as_suggestion() -> None:
    """With one problem the message says what is wrong, and the suggestion what to do."""
    no_status: Any = "zzz"
    with pytest.raises(ValidationError) as caught:
        parse_filters(TaskFilters(status=(no_status,)), now=NOW)
    assert caught.value == ValidationError(
        field="arguments.filters.status",
        problems=(Problem(field="arguments.filters.status", message='"zzz" is no status.'),),
        hint=(
            "The statuses are pending, active, blocked, completed, failed, cancelled, superseded, archived."
        ),
    )


@pytest.mark.parametrize(
    "filters",
    [
        TaskFilters(task_id=("x",) * (LIMITS.filter_terms + 1)),
        TaskFilters(attributes={"a": [*"x" * (LIMITS.filter_terms + 1)]}),
        TaskFilters(attributes={f"a{index}": 1 for index in range(LIMITS.filter_terms + 1)}),
        TaskFilters(text="x " * (LIMITS.filter_terms + 1)),
    ],
)
def test_too_many(filters: TaskFilters) -> None:
    """Lists, attributes and words beyond the limit are refused."""
    assert "1,000" in next(iter(problems(filters).values()))


def test_path_of_a_strange_key_is_escaped() -> None:
    """A key that a caller chose cannot spoil the message: it is quoted, escaped and cut."""
    (path,) = problems(TaskFilters(attributes={"\x1b`" + "x" * 1_000: 1}))
    assert path.startswith('arguments.filters.attributes["\\u001b`xxx')
    assert len(path) < 200


def test_filters_do_not_depend_on_the_time() -> None:
    """Structured filters are folded already."""
    where, _ = parse_filters(
        TaskFilters(created_after="2025-06-16", attributes={"a": {"in": [1, None]}}), now=NOW
    )
    assert where is not None
    assert fold(where, datetime(2025, 6, 16, tzinfo=UTC)) == where


def test_no_filters_mean_every_task() -> None:
    """Without filters there is no condition."""
    where: Condition | None
    where, warnings = parse_filters(TaskFilters(), now=NOW)
    assert where is None
    assert warnings == []
