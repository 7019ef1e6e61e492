from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from worklattice.errors import FilterSyntaxError, ValidationError
from worklattice.lang.condition import Attribute, Column, Comparator, Compare, Literal
from worklattice.query.ast import BY_AGE, BY_PRIORITY, SortKey
from worklattice.query.evaluate import run
from worklattice.query.parse import ParsedQuery, parse_query, parse_ready, task_name
from worklattice.query.request import DateRange, GetReadyTasks, QueryTasks, SortSpec, TaskFilters
from worklattice.testing.rows import task_row
from worklattice.types import LIMITS, to_micros

NOW = datetime(2025, 6, 16, 9, 30, tzinfo=UTC)


def parse(request: QueryTasks) -> ParsedQuery:
    return parse_query(request, workspace="w", now=NOW)


def problems(request: QueryTasks) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        parse(request)
    return {problem.field: problem.message for problem in caught.value.problems}


def test_nothing_asked() -> None:
    """Without arguments a query asks for the first page of all tasks, oldest first."""
    query = parse(QueryTasks()).query
    assert (query.where, query.sort, query.limit, query.offset, query.after) == (
        None,
        BY_AGE,
        LIMITS.page_size_default,
        0,
        None,
    )


def test_custom_filter_is_folded_at_the_time_of_the_call() -> None:
    """NOW() is the call's time, and what is computed from it a literal."""
    parsed = parse(QueryTasks(custom_filter="created_at < DATE_SUB(NOW(), INTERVAL 2 WEEK)"))
    assert parsed.query.where == Compare(
        Comparator.LT, Column("created_at"), Literal(NOW - timedelta(weeks=2))
    )


@pytest.mark.parametrize(
    ("keys", "reference"),
    [
        (("status",), Column("status")),
        (("STATUS",), Column("status")),
        (("team",), Attribute(("team",))),
        (("priority",), Attribute(("priority",))),
        (("attributes", "status"), Attribute(("status",))),
        (("Attributes", "owner", "name"), Attribute(("owner", "name"))),
        (("owner", "name"), Attribute(("owner", "name"))),
        (("__class__",), Attribute(("__class__",))),
    ],
)
def test_names_in_conditions(keys: tuple[str, ...], reference: Column | Attribute) -> None:
    """A bare name is a column if there is one, else an attribute; attributes. always leads to attributes."""
    assert task_name(keys) == reference


@pytest.mark.parametrize(("text", "column"), [("a = 1 AND status.x = 2", 11), ("attributes = 1", 1)])
def test_names_that_mean_nothing(text: str, column: int) -> None:
    """A column has no parts, and all attributes together are no value."""
    with pytest.raises(FilterSyntaxError) as caught:
        parse(QueryTasks(custom_filter=text))
    assert (caught.value.field, caught.value.column) == ("arguments.custom_filter", column)


def test_everything_given_must_hold() -> None:
    """Filters, custom filter and date range narrow one another."""
    rows = [
        task_row("a", task_type="story", attributes={"team": "x"}, created_at=to_micros(NOW)),
        task_row("b", task_type="story", attributes={"team": "y"}, created_at=to_micros(NOW)),
        task_row("c", task_type="bug", attributes={"team": "x"}, created_at=to_micros(NOW)),
        task_row("d", task_type="story", attributes={"team": "x"}, created_at=0),
    ]
    request = QueryTasks(
        filters=TaskFilters(task_type=("story",)),
        custom_filter="team = 'x'",
        date_range=DateRange(start="2025-06-16"),
    )
    assert [row.task_id for row in run(parse(request).query, rows)] == ["a"]


@pytest.mark.parametrize(
    ("request_", "column"),
    [
        (QueryTasks(date_range=DateRange(start="2025-05-01")), "created_at"),
        (QueryTasks(date_range=DateRange(start="2025-05-01", field="due_at")), "due_at"),
        (
            QueryTasks(
                filters=TaskFilters(status=("completed", "failed")), date_range=DateRange(start="2025-05-01")
            ),
            "completed_at",
        ),
        (
            QueryTasks(
                filters=TaskFilters(status=("completed", "active")), date_range=DateRange(start="2025-05-01")
            ),
            "created_at",
        ),
    ],
)
def test_field_of_a_date_range(request_: QueryTasks, column: str) -> None:
    """A date range means completion where only ended statuses are asked for, else creation."""
    assert f"Column(name='{column}')" in str(parse(request_).query.where)


@pytest.mark.parametrize(
    ("date_range", "hits"),
    [
        (DateRange(start="2025-06-16", end="2025-06-16"), ["first", "noon", "last"]),
        (DateRange(start="2025-06-16T12:00:00Z", end="2025-06-16T12:00:00Z"), ["noon"]),
        (DateRange(start="2025-06-16T12:00:00Z"), ["noon", "last", "after"]),
        (DateRange(end="2025-06-15"), ["before"]),
        (DateRange(end="9999-12-31"), ["before", "first", "noon", "last", "after"]),
    ],
)
def test_ends_of_a_date_range(date_range: DateRange, hits: list[str]) -> None:
    """Both ends are included, and a date means its whole day."""
    midnight = to_micros(NOW.replace(hour=0, minute=0))
    day = 86_400_000_000
    rows = [
        task_row("before", created_at=midnight - 1),
        task_row("first", created_at=midnight),
        task_row("noon", created_at=midnight + day // 2),
        task_row("last", created_at=midnight + day - 1),
        task_row("after", created_at=midnight + day),
    ]
    found = run(parse(QueryTasks(date_range=date_range)).query, rows)
    assert [row.task_id for row in found] == hits


def test_days_of_a_date_range() -> None:
    """Throughput is measured over the days of a completed range, whole days counted whole."""
    ended = TaskFilters(status=("completed",))

    def days(start: str | None, end: str | None, filters: TaskFilters | None = ended) -> float | None:
        return parse(QueryTasks(filters=filters, date_range=DateRange(start=start, end=end))).days

    assert days("2025-05-01", "2025-05-31") == 31
    assert days("2025-05-01T00:00:00Z", "2025-05-01T12:00:00Z") == 0.5
    assert days("2025-05-01T00:00:00Z", "2025-05-01T00:00:00Z") is None
    assert days("2025-05-01", None) is None
    assert days("2025-05-01", "2025-05-31", None) is None


@pytest.mark.parametrize(
    ("field", "key"),
    [
        ("created_at", Column("created_at")),
        ("priority", Column("priority")),
        ("has_children", Column("has_children")),
        ("attributes.story_points", Attribute(("story_points",))),
        ("attributes.owner.name", Attribute(("owner", "name"))),
        ("attributes.`a.b`", Attribute(("a.b",))),
    ],
)
def test_sort_fields(field: str, key: Column | Attribute) -> None:
    """Tasks are sorted by a column, or by an attribute that is named as one."""
    request = QueryTasks(sort=(SortSpec(field=field), SortSpec(field="task_id", direction="desc")))
    assert parse(request).query.sort == (SortKey(key), SortKey(Column("task_id"), descending=True))


def test_faults_are_reported_together() -> None:
    """Every fault has its path, whichever argument it is in."""
    no_field: Any = "craeted_at"
    no_direction: Any = "up"
    faulty = QueryTasks(
        filters=TaskFilters(created_after="soon"),
        date_range=DateRange(start="2025-06-17", end="2025-06-16", field=no_field),
        sort=(SortSpec(field="creatd_at"), SortSpec(field="task_id", direction=no_direction)),
        limit=0,
        offset=-1,
        fields=("task_id", "titel"),
    )
    found = problems(faulty)
    assert list(found) == [
        "arguments.filters.created_after",
        "arguments.date_range.field",
        "arguments.sort[0].field",
        "arguments.sort[1].direction",
        "arguments.limit",
        "arguments.offset",
        "arguments.fields[1]",
    ]
    assert '"created_at"' in found["arguments.sort[0].field"]
    assert '"created_at"' in found["arguments.date_range.field"]


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        (QueryTasks(date_range=DateRange()), "arguments.date_range"),
        (QueryTasks(date_range=DateRange(start="2025-06-17", end="2025-06-16")), "arguments.date_range"),
        (QueryTasks(date_range=DateRange(end="2025-06-31")), "arguments.date_range.end"),
        (QueryTasks(sort=()), "arguments.sort"),
        (QueryTasks(sort=(SortSpec(field="task_id"),) * 9), "arguments.sort"),
        (QueryTasks(sort=(SortSpec(field="story_points"),)), "arguments.sort.field"),
        (QueryTasks(sort=(SortSpec(field="attributes"),)), "arguments.sort.field"),
        (QueryTasks(sort=(SortSpec(field="attributes.`a"),)), "arguments.sort.field"),
        (QueryTasks(offset=1, cursor="x"), "arguments.offset"),
    ],
)
def test_single_faults(request_: QueryTasks, path: str) -> None:
    """What cannot be meant is refused where it stands."""
    assert path in problems(request_)


def test_shape_is_checked_before_the_custom_filter() -> None:
    """A custom filter that does not parse is a fault of its own, told when everything else is well."""
    with pytest.raises(FilterSyntaxError) as caught:
        parse(QueryTasks(custom_filter="status ="))
    assert caught.value.field == "arguments.custom_filter"
    assert "arguments.limit" in problems(QueryTasks(custom_filter="status =", limit=0))


@pytest.mark.parametrize("limit", [1, 50, LIMITS.page_size])
def test_limits_that_fit(limit: int) -> None:
    """A page has 1 to 1,000 hits."""
    assert parse(QueryTasks(limit=limit)).query.limit == limit


def test_ready_tasks_come_by_priority_then_age() -> None:
    """Only ready tasks are found; containers too unless leaves alone are asked for."""
    rows = [
        task_row("old", ready=True, rank=2.0, created_at=1),
        task_row("new", ready=True, rank=2.0, created_at=2),
        task_row("urgent", ready=True, rank=0.0, created_at=3, children=1),
        task_row("waiting", ready=False, rank=0.0),
    ]
    parsed = parse_ready(GetReadyTasks(), now=NOW)
    assert parsed.query.sort == BY_PRIORITY
    assert [row.task_id for row in run(parsed.query, rows)] == ["urgent", "old", "new"]
    leaves = parse_ready(
        GetReadyTasks(leaves_only=True, filters=TaskFilters(task_id=("new", "urgent"))), now=NOW
    )
    assert [row.task_id for row in run(leaves.query, rows)] == ["new"]


def test_all_hits_of_a_page() -> None:
    """What is measured are all hits, whatever the page."""
    parsed = parse(QueryTasks(limit=5, offset=3, filters=TaskFilters(task_id=("a",))))
    assert parsed.all_hits.where == parsed.query.where
    assert (parsed.all_hits.limit, parsed.all_hits.offset) == (None, 0)
