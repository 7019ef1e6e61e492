"""What `filters` mean: each field as a condition over the columns and attributes of a task.

As in SQL, a filter on a value leaves out tasks that have no such value: `ne` and `not_in` do too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from worklattice.errors import did_you_mean, shown
from worklattice.lang.condition import (
    And,
    Attribute,
    Between,
    Column,
    Comparator,
    Compare,
    Condition,
    Contains,
    Has,
    In,
    IsNull,
    Like,
    Literal,
    Not,
    Or,
    TextSearch,
)
from worklattice.lang.diagnostics import LanguageError
from worklattice.lang.names import split_name
from worklattice.lang.times import TimeError, parse_time_or_date
from worklattice.model.commands import Keep
from worklattice.model.lifecycle import STATUSES
from worklattice.query.problems import Problems, step
from worklattice.query.request import TaskFilters
from worklattice.types import LIMITS, JsonValue

_ONE_OF: Final = ("task_id", "task_type", "status", "lifecycle_stage", "root_task_id", "template_id")
"""Filters that name values of the column of their name."""

_ONE_OF_OR_NONE: Final = ("parent_task_id", "claimed_by", "run_of")
"""The same, where null says that there is none."""

_WHETHER: Final = ("has_dependencies", "has_children")

_TIMES: Final = {
    f"{name}_{side}": (Column(f"{name}_at"), comparator)
    for name in ("created", "updated", "completed", "due")
    for side, comparator in (("after", Comparator.GT), ("before", Comparator.LT))
}


def read_filters(filters: TaskFilters, path: str, problems: Problems, *, now: datetime) -> list[Condition]:
    """The conditions that must all hold at `now`. What is wrong with the filters is added to `problems`."""
    conditions = [
        _among(Column(name), values, f"{path}.{name}", problems)
        for name in _ONE_OF
        if (values := getattr(filters, name)) is not None
    ]
    _check_statuses(filters.status or (), f"{path}.status", problems)
    conditions += [
        _among(Column(name), values, f"{path}.{name}", problems)
        for name in _ONE_OF_OR_NONE
        if not isinstance(values := getattr(filters, name), Keep)
    ]
    conditions.extend(
        Compare(Comparator.EQ, Column(name), Literal(asked))
        for name in _WHETHER
        if (asked := getattr(filters, name)) is not None
    )
    if filters.overdue is not None:
        conditions.append(_overdue(now) if filters.overdue else _not_overdue(now))
    if filters.breached is not None:
        conditions.append(_breached(now) if filters.breached else _not_breached(now))
    for name, (column, comparator) in _TIMES.items():
        moment = read_time(getattr(filters, name), f"{path}.{name}", problems)
        if moment is not None:
            conditions.append(Compare(comparator, column, Literal(moment)))
    conditions.extend(_read_attributes(filters.attributes or {}, f"{path}.attributes", problems))
    if filters.text is not None:
        words = tuple(filters.text.split())
        if not 0 < len(words) <= LIMITS.filter_terms:
            problems.add(f"{path}.text", f"must hold 1 to {LIMITS.filter_terms:,} words")
        conditions.append(TextSearch(words))
    return conditions


def _overdue(now: datetime) -> Condition:
    """That a task has not ended, and the time by which it was due has come."""
    return And((Compare(Comparator.LE, Column("due_at"), Literal(now)), IsNull(Column("completed_at"))))


def _breached(now: datetime) -> Condition:
    """That a task missed the time by which it was due, whether that was told already or not."""
    was_told = Compare(Comparator.LE, Column("breached_at"), Literal(now))  # as it is wherever it is there
    return Or((was_told, _overdue(now)))


def _not_breached(now: datetime) -> Condition:
    """The contrary, of tasks that are never due too."""
    has_not_come = Compare(Comparator.GT, Column("due_at"), Literal(now))
    in_time = Or((IsNull(Column("due_at")), has_not_come, Not(IsNull(Column("completed_at")))))
    return And((IsNull(Column("breached_at")), in_time))


def _not_overdue(now: datetime) -> Condition:
    """The contrary, of tasks that are never due too."""
    return Or((IsNull(Column("due_at")), Not(_overdue(now))))


def conjunction(conditions: Sequence[Condition]) -> Condition | None:
    """The condition that all of them hold; None where there are none."""
    if len(conditions) > 1:
        return And(tuple(conditions))
    return conditions[0] if conditions else None


def read_time(text: str | None, path: str, problems: Problems) -> datetime | None:
    """The time, or the midnight (UTC) that a date begins with; a time without zone is UTC, with a warning."""
    if text is None:
        return None
    try:
        return parse_time_or_date(text, without_zone=lambda: problems.warn(path, "has no zone: read as UTC"))
    except TimeError as fault:
        problems.add(path, f"{fault.reason}: {shown(text)}", fault.hint)
        return None


def _check_statuses(asked: Sequence[str], path: str, problems: Problems) -> None:
    for index, status in enumerate(asked):
        if status not in STATUSES:
            where = path if len(asked) == 1 else f"{path}[{index}]"
            known = f"The statuses are {', '.join(STATUSES)}."
            problems.add(
                where, f"{shown(status)} is no status", did_you_mean(status, STATUSES, otherwise=known)
            )


def _among(
    expression: Column | Attribute, values: Sequence[JsonValue], path: str, problems: Problems
) -> Condition:
    """Whether it is one of the values; null among them means that it may be missing."""
    if len(values) > LIMITS.filter_terms:
        problems.add(path, f"has more than {LIMITS.filter_terms:,} members")
    present = tuple(Literal(value) for value in values if value is not None)
    if values and not present:
        return IsNull(expression)
    is_one = In(expression, present) if len(present) != 1 else Compare(Comparator.EQ, expression, present[0])
    return is_one if len(present) == len(values) else Or((is_one, IsNull(expression)))


# --- attributes ---------------------------------------------------------------------------------------


def _read_attributes(asked: Mapping[str, JsonValue], path: str, problems: Problems) -> list[Condition]:
    if len(asked) > LIMITS.filter_terms:
        problems.add(path, f"names more than {LIMITS.filter_terms:,} attributes")
        return []
    conditions: list[Condition] = []
    for name, value in asked.items():
        where = step(path, name)
        try:
            attribute = Attribute(split_name(name))
        except LanguageError as fault:
            problems.add(where, fault.reason, fault.hint)
            continue
        if isinstance(value, dict) and _has_operators(value):
            conditions.extend(_read_operators(attribute, value, where, problems))
        else:
            values = value if isinstance(value, list) else [value]
            conditions.append(_among(attribute, values, where, problems))
    return conditions


def _has_operators(value: Mapping[str, JsonValue]) -> bool:
    """Whether an object asks something; any other object is a value to be equal to."""
    return set(value) == _LONG_FORM or any(name in _OPERATORS or name.startswith("$") for name in value)


def _read_operators(
    attribute: Attribute, asked: Mapping[str, JsonValue], path: str, problems: Problems
) -> list[Condition]:
    if set(asked) == _LONG_FORM:
        asked = {str(asked["op"]): asked["value"]}
    conditions: list[Condition] = []
    for name, operand in asked.items():
        where = step(path, name)
        if name in _OPERATORS:
            conditions.extend(_OPERATORS[name](attribute, operand, where, problems))
        else:
            hint = did_you_mean(name, OPERATOR_NAMES, otherwise=f"Use {', '.join(OPERATOR_NAMES)}.")
            problems.add(where, f"{shown(name)} is no operator", hint)
    return conditions


def _comparing(comparator: Comparator) -> _Operator:
    def compare(
        attribute: Attribute, operand: JsonValue, path: str, problems: Problems
    ) -> Sequence[Condition]:
        if operand is None:
            problems.add(path, "nothing compares with null", "Use exists.")
        return [Compare(comparator, attribute, Literal(operand))]

    return compare


def _equals(attribute: Attribute, operand: JsonValue, path: str, problems: Problems) -> Sequence[Condition]:
    return [_among(attribute, [operand], path, problems)]


def _is_in(attribute: Attribute, operand: JsonValue, path: str, problems: Problems) -> Sequence[Condition]:
    if isinstance(operand, list):
        return [_among(attribute, operand, path, problems)]
    problems.add(path, "must be a list")
    return []


def _is_not_in(
    attribute: Attribute, operand: JsonValue, path: str, problems: Problems
) -> Sequence[Condition]:
    return [Not(condition) for condition in _is_in(attribute, operand, path, problems)]


def _is_between(
    attribute: Attribute, operand: JsonValue, path: str, problems: Problems
) -> Sequence[Condition]:
    match operand:
        case [low, high] if low is not None and high is not None:
            return [Between(attribute, Literal(low), Literal(high))]
        case _:
            problems.add(path, "must be a list of two values, the lowest and the highest")
            return []


def _is_like(attribute: Attribute, operand: JsonValue, path: str, problems: Problems) -> Sequence[Condition]:
    if not isinstance(operand, str) or len(operand) > LIMITS.filter_characters:
        problems.add(path, f"must be a text of at most {LIMITS.filter_characters:,} characters")
        return []
    if operand.replace("\\\\", "").endswith("\\"):
        problems.add(path, "ends with a single backslash", "Write it twice.")
    return [Like(attribute, operand)]


def _contains(attribute: Attribute, operand: JsonValue, _: str, __: Problems) -> Sequence[Condition]:
    """A text within a text, or a member of an array."""
    has = Has(attribute, operand)
    return [Or((Contains(attribute, operand), has)) if isinstance(operand, str) else has]


def _has(attribute: Attribute, operand: JsonValue, _: str, __: Problems) -> Sequence[Condition]:
    return [Has(attribute, operand)]


def _exists(attribute: Attribute, operand: JsonValue, path: str, problems: Problems) -> Sequence[Condition]:
    if not isinstance(operand, bool):
        problems.add(path, "must be true or false")
    return [Not(IsNull(attribute)) if operand else IsNull(attribute)]


_Operator = Callable[[Attribute, JsonValue, str, Problems], Sequence[Condition]]

_NAMED: Final[dict[str, _Operator]] = {
    "eq": _equals,
    "ne": _comparing(Comparator.NE),
    "lt": _comparing(Comparator.LT),
    "lte": _comparing(Comparator.LE),
    "gt": _comparing(Comparator.GT),
    "gte": _comparing(Comparator.GE),
    "in": _is_in,
    "not_in": _is_not_in,
    "between": _is_between,
    "like": _is_like,
    "contains": _contains,
    "has": _has,
    "exists": _exists,
}
OPERATOR_NAMES: Final = tuple(_NAMED)
"""What may be asked of an attribute."""

_SIGNS: Final = {"=": "eq", "!=": "ne", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
_OPERATORS: Final = {**_NAMED, **{sign: _NAMED[name] for sign, name in _SIGNS.items()}}
_LONG_FORM: Final = {"op", "value"}
"""An operator may also be written as `{"op": "gte", "value": 5}`."""
