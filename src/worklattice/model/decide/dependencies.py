"""Adding, updating, removing and waiving dependencies."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from worklattice.errors import (
    CircularDependencyError,
    DependencyNotFoundError,
    EdgeNotFoundError,
    ValidationError,
)
from worklattice.lang.durations import DurationError, format_duration, parse_duration
from worklattice.model.answers import DependenciesManaged
from worklattice.model.commands import DependencySpec, ManageDependencies
from worklattice.model.decide import Conclude
from worklattice.model.decide.common import (
    dependencies,
    find,
    show,
    subject,
    wire_time,
    written,
)
from worklattice.model.dependency import BLOCKS, DEPENDENCY_TYPES, OUTCOME_WANTED, Point
from worklattice.model.draft import Draft
from worklattice.model.project import record
from worklattice.model.rows import EdgeKey, EdgeRow
from worklattice.model.waiting import same
from worklattice.model.wire import EDGE_TERMS
from worklattice.types import JsonObject, JsonValue, copied, to_micros


def manage_dependencies(command: ManageDependencies, draft: Draft) -> Conclude[DependenciesManaged]:
    """Carry out one operation on the dependencies of a task."""
    task_id = subject(command, draft).task_id
    _check_operands(command)
    match command.operation:
        case "add":
            _add(command, draft)
        case "replace":
            _replace(command, draft)
        case "update":
            _update(command, draft)
        case "remove":
            for edge in _named(command, draft):
                remove_dependency(draft, edge)
        case "waive":
            _waive(command, draft)
        case "unwaive":
            for edge in _named(command, draft):
                if edge.waived_at is not None:
                    _record(draft, "dependency.unwaived", edge.key, {})
    return lambda after: DependenciesManaged(
        task_id=task_id,
        operation=command.operation,
        dependencies=dependencies(draft, draft.edges_of(task_id)),
        task=show(draft, task_id),
        **written(after),
    )


def _check_operands(command: ManageDependencies) -> None:
    takes_ids = command.operation in {"remove", "waive", "unwaive"}
    if command.dependency_ids and not takes_ids:
        raise ValidationError.of(
            "arguments.dependency_ids", f"{command.operation} takes dependencies, not dependency_ids"
        )
    if not command.dependencies and not command.dependency_ids and command.operation != "replace":
        what = "dependencies or dependency_ids" if takes_ids else "dependencies"
        raise ValidationError.of("arguments.dependencies", f"{command.operation} needs {what}")
    if command.dependency_type is not None and not command.dependency_ids:
        raise ValidationError.of(
            "arguments.dependency_type",
            "says of dependency_ids which are meant, and there are none",
            hint="Give the dependency_type in each of the dependencies.",
        )
    if command.expires_at is not None and command.operation != "waive":
        raise ValidationError.of("arguments.expires_at", "only waive takes expires_at")


def _add(command: ManageDependencies, draft: Draft) -> None:
    draft.prefetch([spec.dependency_task_id for spec in command.dependencies])
    for index, spec in enumerate(command.dependencies):
        add_dependency(draft, command.task_id, spec, path=_path(index))


def _replace(command: ManageDependencies, draft: Draft) -> None:
    wanted = {_key(command.task_id, spec) for spec in command.dependencies}
    for edge in draft.edges_of(command.task_id):
        if edge.key not in wanted:
            remove_dependency(draft, edge)
    _add(command, draft)


def _update(command: ManageDependencies, draft: Draft) -> None:
    for index, spec in enumerate(command.dependencies):
        key = _key(command.task_id, spec)
        edge = draft.edge(key)
        if edge is None:
            raise _no_edge(
                draft, command.task_id, spec.dependency_task_id, f"{_path(index)}.dependency_task_id"
            )
        _change(draft, edge, _said(spec, path=_path(index)))


def _waive(command: ManageDependencies, draft: Draft) -> None:
    """Waive what is named; what an object among the dependencies says of its end comes first."""
    for_all = _until(draft, command.expires_at, "arguments.expires_at")
    own = {
        _key(command.task_id, spec): _until(draft, spec.expires_at, f"{_path(index)}.expires_at")
        for index, spec in enumerate(command.dependencies)
    }
    for edge in _named(command, draft):
        _record(draft, "dependency.waived", edge.key, {**for_all, **own.get(edge.key, {})})


def _until(draft: Draft, moment: datetime | None, path: str) -> JsonObject:
    """When a waiver ends, as its event says it; refused where that is over."""
    if moment is None:
        return {}
    until = wire_time(moment, path)
    if to_micros(moment) <= draft.now:
        raise ValidationError.of(path, f"{until} has passed already")
    return {"expires_at": until}


def add_dependency(draft: Draft, task_id: str, spec: DependencySpec, *, path: str) -> EdgeKey:
    """Add a dependency, or update it where it is there already."""
    other_path = f"{path}.dependency_task_id"
    if spec.dependency_task_id == task_id:
        raise CircularDependencyError(field=other_path, cycle=(task_id,))
    find(draft, spec.dependency_task_id, other_path, error=DependencyNotFoundError)
    key = _key(task_id, spec)
    said = _said(spec, path=path)
    edge = draft.edge(key)
    if edge is None:
        _record(draft, "dependency.added", key, said)
    else:
        _change(draft, edge, said)
    return key


def remove_dependency(draft: Draft, edge: EdgeRow) -> None:
    """Remove a dependency."""
    _record(draft, "dependency.removed", edge.key, {})


def _change(draft: Draft, edge: EdgeRow, said: JsonObject) -> None:
    """Update an edge with what differs; nothing where nothing does."""
    differing = {name: value for name, value in said.items() if not same(_field(edge, name), value)}
    if differing:
        _record(draft, "dependency.updated", edge.key, differing)


def _field(edge: EdgeRow, name: str) -> JsonValue:
    value = getattr(edge, name)
    return format_duration(value) if name == "lag" else value


def _said(spec: DependencySpec, *, path: str) -> JsonObject:
    """What the caller said of the edge, in the form of events; refused where it does not fit the type."""
    kind = DEPENDENCY_TYPES.get("completion" if spec.dependency_type == BLOCKS else spec.dependency_type)
    if kind is None:
        known = ", ".join([*DEPENDENCY_TYPES, BLOCKS])
        raise ValidationError.of(f"{path}.dependency_type", f"must be one of {known}")
    if spec.expires_at is not None:
        raise ValidationError.of(f"{path}.expires_at", "only a dependency that is waived takes expires_at")
    said: JsonObject = {}
    for name in EDGE_TERMS:
        value = getattr(spec, name)
        if value is not None:
            said[name] = value
    if spec.conditions is not None:
        said["conditions"] = copied(spec.conditions)
    if spec.lag is not None:
        said["lag"] = _lag(spec.lag, f"{path}.lag")
    if spec.outcome is not None and spec.outcome not in OUTCOME_WANTED:
        raise ValidationError.of(f"{path}.outcome", f"must be one of {', '.join(OUTCOME_WANTED)}")
    if spec.outcome not in {None, "success"} and kind.awaits is not Point.FINISH:
        raise ValidationError.of(
            f"{path}.outcome", f"{spec.dependency_type} does not look at how the other ends"
        )
    if spec.artifact is not None and spec.dependency_type != "data":
        raise ValidationError.of(f"{path}.artifact", "only a data dependency names an artifact")
    return said


def _lag(text: str, path: str) -> str:
    try:
        return format_duration(parse_duration(text))
    except DurationError as error:
        raise ValidationError.of(path, str(error)) from None


def _key(task_id: str, spec: DependencySpec) -> EdgeKey:
    if spec.dependency_type == BLOCKS:
        return spec.dependency_task_id, task_id, "completion"
    return task_id, spec.dependency_task_id, spec.dependency_type


def _named(command: ManageDependencies, draft: Draft) -> list[EdgeRow]:
    """The edges that remove, waive and unwaive name; each must be there."""
    task_id = command.task_id
    found: dict[EdgeKey, EdgeRow] = {}
    for index, spec in enumerate(command.dependencies):
        edge = draft.edge(_key(task_id, spec))
        if edge is None:
            raise _no_edge(draft, task_id, spec.dependency_task_id, f"{_path(index)}.dependency_task_id")
        found[edge.key] = edge
    by_other = _by_other(command, draft)
    for index, other_id in enumerate(command.dependency_ids):
        if other_id not in by_other:
            raise _no_edge(draft, task_id, other_id, f"arguments.dependency_ids[{index}]")
        found.update((edge.key, edge) for edge in by_other[other_id])
    return list(found.values())


def _by_other(command: ManageDependencies, draft: Draft) -> dict[str, list[EdgeRow]]:
    """The edges that `dependency_ids` and `dependency_type` name, by the other task."""
    task_id, others, kind = command.task_id, command.dependency_ids, command.dependency_type
    if not others:
        return {}
    if kind == BLOCKS:
        keys = {other_id: (other_id, task_id, "completion") for other_id in others}
        return {other_id: [edge] for other_id, key in keys.items() if (edge := draft.edge(key)) is not None}
    by_other: dict[str, list[EdgeRow]] = {}
    for edge in draft.edges_of(task_id):
        if kind in {None, edge.type}:
            by_other.setdefault(edge.dependency_id, []).append(edge)
    return by_other


def _no_edge(draft: Draft, task_id: str, other_id: str, path: str) -> EdgeNotFoundError:
    others = tuple(dict.fromkeys(edge.dependency_id for edge in draft.edges_of(task_id)))
    return EdgeNotFoundError(field=path, name=other_id, candidates=others, task_id=task_id)


def _record(draft: Draft, event_type: str, key: EdgeKey, said: JsonObject) -> None:
    task_id, other_id, kind = key
    version = draft.bump(draft.known(task_id))
    data = {"dependency_task_id": other_id, "dependency_type": kind, "version": version}
    record(draft, event_type, task_id, cast("JsonObject", data) | said)


def _path(index: int) -> str:
    return f"arguments.dependencies[{index}]"
