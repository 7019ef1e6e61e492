"""From what was asked to a `Query`: every problem of its form at once, each with its path.

A `custom_filter` that does not parse is a `FilterSyntaxError`, everything else a `ValidationError`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import attrs
from attrs import frozen

from worklattice.errors import FilterSyntaxError, did_you_mean, shown
from worklattice.lang.condition import Attribute, Column, Comparator, Compare, Condition, Expression, Literal
from worklattice.lang.diagnostics import LanguageError
from worklattice.lang.folding import fold
from worklattice.lang.names import split_name
from worklattice.lang.parsing import parse_condition
from worklattice.lang.times import is_date
from worklattice.model.lifecycle import ENDED_STATUSES
from worklattice.model.rows import TaskRow
from worklattice.query.answers import Hit
from worklattice.query.ast import BY_AGE, BY_PRIORITY, COLUMNS, CONDITION_NAMES, SORT_NAMES, Query, SortKey
from worklattice.query.cursor import read_cursor, write_cursor
from worklattice.query.filters import conjunction, read_filters, read_time
from worklattice.query.problems import Problems
from worklattice.query.request import DateRange, GetReadyTasks, QueryTasks, SortSpec, TaskFilters
from worklattice.types import LIMITS

TASK_FIELDS: Final = tuple(field.name for field in attrs.fields(Hit))
"""What `fields` may name."""

_DAY: Final = timedelta(days=1)
_TIME_COLUMNS: Final = tuple(name for name, (_, kind) in COLUMNS.items() if kind == "time")


@frozen(kw_only=True)
class ParsedQuery:
    """A query, read."""

    query: Query
    warnings: tuple[str, ...] = ()
    days: float | None = None
    """How long the date range is, where it is one of completion and has two ends: what `measure` takes."""
    identity: str = ""
    """What tells it from other queries, whatever the page: ties cursors to it."""

    @property
    def all_hits(self) -> Query:
        """The same query without pages."""
        return attrs.evolve(self.query, limit=None, offset=0, after=None)

    def cursor_after(self, row: TaskRow) -> str | None:
        """The cursor of the page behind this row; None where its values are too long for one."""
        return write_cursor(row, self.query.sort, self.identity)


class _Range(NamedTuple):
    conditions: tuple[Condition, ...] = ()
    days: float | None = None


def parse_query(request: QueryTasks, *, workspace: str, now: datetime) -> ParsedQuery:
    """The query that is asked for. Raises `ValidationError` and `FilterSyntaxError`."""
    problems = Problems()
    filters = request.filters or TaskFilters()
    conditions = read_filters(filters, "arguments.filters", problems, now=now)
    span = _read_range(request.date_range, filters, "arguments.date_range", problems)
    sort = _read_sort(request.sort, "arguments.sort", problems) or BY_AGE
    limit = _read_limit(request.limit, "arguments.limit", problems)
    _check_page(request, problems)
    _check_fields(request.fields or (), "arguments.fields", problems)
    problems.check()
    if request.custom_filter is not None:
        conditions.append(parse_custom_filter(request.custom_filter))
    where = conjunction([*conditions, *span.conditions])
    identity = _identity(request, workspace)
    return ParsedQuery(
        query=Query(
            where=None if where is None else fold(where, now),
            sort=sort,
            limit=limit,
            offset=request.offset,
            after=None
            if request.cursor is None
            else read_cursor(request.cursor, sort, identity, "arguments.cursor"),
        ),
        warnings=tuple(problems.warnings),
        days=span.days,
        identity=identity,
    )


def parse_ready(request: GetReadyTasks, *, now: datetime) -> ParsedQuery:
    """The query for tasks that can be started. Raises `ValidationError`."""
    problems = Problems()
    conditions: list[Condition] = [Compare(Comparator.EQ, Column("ready"), Literal(value=True))]
    if request.leaves_only:
        conditions.append(Compare(Comparator.EQ, Column("has_children"), Literal(value=False)))
    conditions += read_filters(request.filters or TaskFilters(), "arguments.filters", problems, now=now)
    sort = _read_sort(request.sort, "arguments.sort", problems) or BY_PRIORITY
    limit = _read_limit(request.limit, "arguments.limit", problems)
    problems.check()
    query = Query(where=conjunction(conditions), sort=sort, limit=limit)
    return ParsedQuery(query=query, warnings=tuple(problems.warnings))


def parse_filters(
    filters: TaskFilters, path: str = "arguments.filters", *, now: datetime
) -> tuple[Condition | None, list[str]]:
    """What filters alone mean, and the warnings. Raises `ValidationError`."""
    problems = Problems()
    where = conjunction(read_filters(filters, path, problems, now=now))
    problems.check()
    return where, problems.warnings


def parse_custom_filter(text: str, path: str = "arguments.custom_filter") -> Condition:
    """The condition over a task's columns and attributes. Raises `FilterSyntaxError`."""
    try:
        return parse_condition(text, task_name, LIMITS)
    except FilterSyntaxError as fault:
        raise fault.at(path) from None


def task_name(keys: tuple[str, ...]) -> Column | Attribute:
    """What a name in a condition over tasks stands for.

    A bare name is a column, in any case of letters, if there is such a column; otherwise, and with dots, it
    leads into the attributes. `attributes.` in front always does.
    """
    first, *rest = keys
    name = first.lower()
    if name == "attributes":
        if not rest:
            raise LanguageError("attributes is an object", hint="Name one of them, as in attributes.team.")
        return Attribute(tuple(rest))
    if name not in CONDITION_NAMES:
        return Attribute(keys)
    if rest:
        raise LanguageError(
            f"{name} is a column, which has no parts",
            hint=f"Write attributes.{first}.{rest[0]} for an attribute.",
        )
    return Column(name)


def _read_sort(specs: Sequence[SortSpec] | None, path: str, problems: Problems) -> tuple[SortKey, ...]:
    if specs is None:
        return ()
    if not 0 < len(specs) <= LIMITS.sort_keys:
        problems.add(path, f"must name 1 to {LIMITS.sort_keys} fields")
    keys: list[SortKey] = []
    for index, spec in enumerate(specs[: LIMITS.sort_keys]):
        where = f"{path}.field" if len(specs) == 1 else f"{path}[{index}].field"
        field = _sort_field(spec.field, where, problems)
        if spec.direction not in {"asc", "desc"}:
            problems.add(where.replace(".field", ".direction"), "must be asc or desc")
        keys.append(SortKey(field, descending=spec.direction == "desc"))
    return tuple(keys)


def _sort_field(name: str, path: str, problems: Problems) -> Column | Attribute:
    """A column, or `attributes.` and a path; a bare name that is no column is refused, as a typing error."""
    if name in SORT_NAMES:
        return Column(name)
    try:
        first, *rest = split_name(name)
    except LanguageError:
        first, rest = name, []
    if first == "attributes" and rest:
        return Attribute(tuple(rest))
    known = (*SORT_NAMES, "attributes.name")
    otherwise = f"Use a column ({', '.join(SORT_NAMES)}), or attributes.name for an attribute."
    problems.add(
        path, f"there is no column {shown(name)} to sort by", did_you_mean(name, known, otherwise=otherwise)
    )
    return Column("task_id")


def _read_range(asked: DateRange | None, filters: TaskFilters, path: str, problems: Problems) -> _Range:
    if asked is None:
        return _Range()
    if asked.start is None and asked.end is None:
        problems.add(path, "needs a start, an end, or both")
    name = asked.field or _default_time(filters)
    if name not in _TIME_COLUMNS:
        problems.add(
            f"{path}.field", f"{shown(name)} is no time of a task", did_you_mean(name, _TIME_COLUMNS)
        )
        return _Range()
    start = read_time(asked.start, f"{path}.start", problems)
    end = read_time(asked.end, f"{path}.end", problems)
    if start is not None and end is not None and start > end:
        problems.add(path, "ends before it starts")
    whole_day = asked.end is not None and is_date(asked.end)
    conditions: list[Condition] = []
    if start is not None:
        conditions.append(Compare(Comparator.GE, Column(name), Literal(start)))
    if end is not None:
        conditions.append(_until(Column(name), end, whole_day=whole_day))
    days = None
    if start is not None and end is not None and name == "completed_at":
        days = (end - start) / _DAY + whole_day
    return _Range(tuple(conditions), days or None)


def _until(column: Expression, end: datetime, *, whole_day: bool) -> Condition:
    if not whole_day:
        return Compare(Comparator.LE, column, Literal(end))
    last = end + (_DAY - timedelta(microseconds=1))
    return Compare(Comparator.LE, column, Literal(last))


def _default_time(filters: TaskFilters) -> str:
    """Whoever asks only for what has ended means when it ended."""
    ended = bool(filters.status) and set(filters.status or ()) <= set(ENDED_STATUSES)
    return "completed_at" if ended else "created_at"


def _read_limit(limit: int | None, path: str, problems: Problems) -> int:
    if limit is None:
        return LIMITS.page_size_default
    if type(limit) is not int or not 1 <= limit <= LIMITS.page_size:
        problems.add(path, f"must be a whole number from 1 to {LIMITS.page_size:,}")
    return limit


def _check_page(request: QueryTasks, problems: Problems) -> None:
    if type(request.offset) is not int or not 0 <= request.offset <= LIMITS.offset:
        most = f"must be a whole number from 0 to {LIMITS.offset:,}"
        problems.add("arguments.offset", most, "To go further, page by cursor.")
    elif request.offset and request.cursor is not None:
        problems.add("arguments.offset", "cannot go with a cursor", "Leave one of them out.")


def _check_fields(names: Sequence[str], path: str, problems: Problems) -> None:
    for index, name in enumerate(names):
        if name not in TASK_FIELDS:
            hint = did_you_mean(name, TASK_FIELDS)
            problems.add(f"{path}[{index}]", f"{shown(name)} is no field of a task", hint)


def _identity(request: QueryTasks, workspace: str) -> str:
    """The workspace and everything that decides which tasks are hits, and in which order."""
    asked = {
        "workspace": workspace,
        "filters": request.filters and attrs.asdict(request.filters),
        "custom_filter": request.custom_filter,
        "date_range": request.date_range and attrs.asdict(request.date_range),
        "sort": [attrs.asdict(spec) for spec in request.sort or ()],
    }
    return json.dumps(asked, sort_keys=True, default=repr)
