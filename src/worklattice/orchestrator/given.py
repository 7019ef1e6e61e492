"""What the Python API takes for the values inside commands: the values themselves, or their JSON objects.

And the kinds of events that are asked for by name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeAlias, TypeVar, cast

from worklattice import codec
from worklattice.errors import Problem, ValidationError, did_you_mean, shown, written
from worklattice.lang.times import format_time
from worklattice.model.commands import DependencySpec, NewTask, TaskUpdates
from worklattice.model.project import EVENT_TYPES
from worklattice.query.request import DateRange, SortSpec, TaskFilters
from worklattice.types import LIMITS, in_utc, is_id

T = TypeVar("T")

DependencyGiven: TypeAlias = DependencySpec | Mapping[str, Any] | str
"""A dependency: a value, its JSON object, or just the id of the other task (a completion)."""

TaskGiven: TypeAlias = NewTask | Mapping[str, Any]
FiltersGiven: TypeAlias = TaskFilters | Mapping[str, Any]
SortGiven: TypeAlias = SortSpec | Mapping[str, Any] | str
"""A field to sort by: a value, its JSON object, or a name, with `-` in front to sort downwards."""


def check_workspace(name: object) -> None:
    """Refuse what is no name of a workspace."""
    if not isinstance(name, str) or not is_id(name):
        rule = f"Like an id it has 1 to {LIMITS.id_characters} characters: letters, digits and _ - . :"
        raise ValidationError.of("workspace", f"{shown(name)} is no name of a workspace", hint=rule)


def listed(given: Iterable[T], name: str) -> tuple[T, ...]:
    """What stands in a list; a single text or object is refused, which Python would take to pieces."""
    whatever = cast("object", given)
    if isinstance(whatever, str | bytes | Mapping) or not isinstance(whatever, Iterable):
        raise ValidationError.of(
            f"arguments.{name}",
            f"must be a list, not {shown(whatever)}",
            hint="Put it into a list of its own.",
        )
    return tuple(given)


def dependency_specs(given: Iterable[DependencyGiven]) -> tuple[DependencySpec, ...]:
    """Dependencies as values."""
    return tuple(
        DependencySpec(dependency_task_id=item)
        if isinstance(item, str)
        else _value(DependencySpec, item, f"arguments.dependencies[{index}]")
        for index, item in enumerate(listed(given, "dependencies"))
    )


def new_tasks(given: Iterable[TaskGiven]) -> tuple[NewTask, ...]:
    """New tasks as values."""
    return tuple(
        _new_task(item, f"arguments.tasks[{index}]") for index, item in enumerate(listed(given, "tasks"))
    )


def _new_task(item: TaskGiven, path: str) -> NewTask:
    if isinstance(item, Mapping) and isinstance(specs := item.get("dependencies"), list | tuple):
        specs = [{"dependency_task_id": spec} if isinstance(spec, str) else spec for spec in specs]
        item = {**item, "dependencies": specs}
    return _value(NewTask, item, path)


def date_range(given: DateRange | Mapping[str, Any] | None) -> DateRange | None:
    """A date range as a value."""
    return None if given is None else _value(DateRange, given, "arguments.date_range")


def updates(given: TaskUpdates | Mapping[str, Any]) -> TaskUpdates:
    """Updates as a value."""
    return _value(TaskUpdates, given, "arguments.updates")


def filters(given: FiltersGiven | None) -> TaskFilters | None:
    """Filters as a value."""
    return None if given is None else _value(TaskFilters, given, "arguments.filters")


def sort_specs(given: SortGiven | Iterable[SortGiven] | None) -> tuple[SortSpec, ...] | None:
    """An order as values."""
    if given is None:
        return None
    if isinstance(given, str | SortSpec | Mapping):
        return (_sort_spec(cast("SortGiven", given), 0),)
    return tuple(_sort_spec(item, index) for index, item in enumerate(listed(given, "sort")))


def _sort_spec(item: SortGiven, index: int) -> SortSpec:
    if isinstance(item, str):
        return SortSpec(field=item.removeprefix("-"), direction="desc" if item.startswith("-") else "asc")
    return _value(SortSpec, item, f"arguments.sort[{index}]")


def event_kinds(given: Collection[str] | None) -> frozenset[str] | None:
    """Kinds of events to look for; None for all. One that no event has would be looked for in vain."""
    if given is None:
        return None
    wanted = listed(given, "kinds")
    for index, kind in enumerate(wanted):
        if kind not in EVENT_TYPES:
            hint = did_you_mean(str(kind), EVENT_TYPES)
            path = f"arguments.kinds[{index}]"
            raise ValidationError.of(path, f"{shown(kind)} is no kind of event", hint=hint)
    return frozenset(wanted)


def _value(kind: type[T], item: object, path: str) -> T:
    if isinstance(item, kind):
        return item
    if not isinstance(item, Mapping):
        raise ValidationError.of(path, f"must be a {kind.__name__} or an object, not a {type(item).__name__}")
    return codec.structure(kind, _with_times_as_text(item, path), path)


def _with_times_as_text(item: Mapping[str, Any], path: str) -> dict[str, Any]:
    """A JSON object that a Python caller wrote, who has a `datetime` or `date` where JSON has its text."""
    plain = dict(item)
    problems: list[Problem] = []
    for key, value in item.items():
        if isinstance(value, datetime):
            try:
                plain[key] = format_time(in_utc(value))
            except ValueError as error:
                problems.append(Problem(field=path + written((key,)), message=str(error)))
        elif isinstance(value, date):
            plain[key] = value.isoformat()
    if problems:
        raise ValidationError.all(problems)
    return plain
