"""What commands say, read without the code under test: malformed arguments, keys, durations, patches."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final

import attrs

from tests.agreement.facts import HOLDS_AWAITS
from tests.agreement.world import Key, Said
from worklattice.model.commands import DependencySpec, ManageDependencies

LAGS: Final = {"30 minutes": timedelta(minutes=30), "1_hour": timedelta(hours=1), "PT0S": timedelta(0)}
"""Every lag that commands have here, but one that is none."""


def is_malformed(command: object) -> bool:
    """Whether an argument is not of the documented form, whatever is there."""
    return any(_misfit(name, value) for name, value in _arguments(command))


def _arguments(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    kind = type(value)
    if attrs.has(kind):
        for field in attrs.fields(kind):
            yield from _arguments(getattr(value, field.name), field.name)
    elif isinstance(value, tuple):
        for item in value:
            yield from _arguments(item, name)
    elif value is not None and not isinstance(value, Enum):
        yield name, value


def _misfit(name: str, value: object) -> bool:
    match name, value:
        case "lag" | "lease", _:
            return value not in LAGS
        case "join", _:
            return value not in {"all", "any"} and not (isinstance(value, int) and value >= 1)
        case "task_type" | "actor", "":
            return True
        case _, datetime():
            return value.tzinfo is None
        case "task_id", str():
            return " " in value
        case _:
            return not _is_json(value)


def _is_json(value: object) -> bool:
    if isinstance(value, dict):
        return all(map(_is_json, value.values()))
    if isinstance(value, list):
        return all(map(_is_json, value))
    return not isinstance(value, float) or math.isfinite(value)


def needs_in(attributes: Said) -> Said:
    """What a task needs of resources: by name, units and capacity."""
    value = attributes.get("resources", [])
    items = [{"name": each} if isinstance(each, str) else each for each in value]
    return {
        each["name"]: {"units": each.get("units", 1), "capacity": each.get("capacity", 1)} for each in items
    }


def edge_key(task_id: str, spec: DependencySpec) -> Key:
    """The dependency that a specification is about; `blocks` is given the other way round."""
    if spec.dependency_type == "blocks":
        return spec.dependency_task_id, task_id, "completion"
    return task_id, spec.dependency_task_id, spec.dependency_type


def is_named(key: Key, command: ManageDependencies, other: str) -> bool:
    """Whether one of the `dependency_ids` names the dependency."""
    if command.dependency_type == "blocks":
        return key == (other, command.task_id, "completion")
    return key[:2] == (command.task_id, other) and command.dependency_type in {None, key[2]}


def does_not_fit(spec: DependencySpec) -> bool:
    """Whether something is said that the type of the dependency has not."""
    kind = "completion" if spec.dependency_type == "blocks" else spec.dependency_type
    awaits_finish = HOLDS_AWAITS.get(kind, ("", ""))[1] == "finish"
    wants_another_outcome = spec.outcome not in {None, "success"}
    return (wants_another_outcome and not awaits_finish) or (spec.artifact is not None and kind != "data")


def edge_said(spec: DependencySpec) -> Said:
    """What is said of a dependency; what was left out stays as it is."""
    names = ("mandatory", "outcome", "conditions", "artifact", "description")
    said = {name: value for name in names if (value := getattr(spec, name)) is not None}
    return said if spec.lag is None else said | {"lag": LAGS[spec.lag]}


def join_number(join: str | int | None) -> int:
    """How many are needed; 0 for all."""
    return join if isinstance(join, int) else 1 if join == "any" else 0


def patched(target: Any, patch: Said) -> Said:
    """The target with a merge patch applied (RFC 7396)."""
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = patched(result.get(name), value) if isinstance(value, dict) else value
    return result


def spelled(value: Any) -> str:
    """A text that differs where values differ; true and 1 do."""
    return json.dumps(value, sort_keys=True, default=str)
