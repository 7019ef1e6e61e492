"""The reference of the tools, made from the catalogue that MCP clients read.

Not here: other tables (`code_tables`).
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final, TypeAlias

import attrs
from code_tables import code, first_line, table

import worklattice
from worklattice import codec
from worklattice.model import commands
from worklattice.query import request
from worklattice.types import ID_PATTERN

Schema: TypeAlias = dict[str, Any]

_PREFIX: Final = "orchestrator_"
_SAFE: Final = 2**53 - 1
"""The largest bound of an integer argument; it says nothing."""

_ARGUMENT_OBJECTS: Final = (
    commands.NewTask,
    commands.DependencySpec,
    commands.TaskUpdates,
    request.TaskFilters,
    request.DateRange,
    request.SortSpec,
)
"""Objects inside arguments that have a section of their own."""

_SHARED_ARGUMENTS: Final = (
    "idempotency_key",
    "dry_run",
    "actor",
    "reason",
    "expected_version",
)
"""Arguments that the page describes once."""

_SHARED_ANSWERS: Final = (
    "status",
    "unblocked",
    "unblocked_count",
    "warnings",
    "events",
)

_ON_A_TASK: Final = ("TaskNotFoundError",)
_NEW_TASK: Final = (
    *("DuplicateTaskError", "ParentTaskNotFoundError", "DependencyNotFoundError"),
    *("CircularDependencyError", "PrerequisitesNotMetError"),
)
_EXPANSION: Final = (
    "TemplateNotFoundError",
    "TemplateParameterError",
    "ExpansionLimitError",
)

_ERRORS: Final[dict[str, tuple[str, ...]]] = {
    "create_generic_task": (*_NEW_TASK, *_EXPANSION),
    "create_from_template": (
        *_EXPANSION, "ParentTaskNotFoundError", "DuplicateTaskError", "CircularDependencyError",
        "PrerequisitesNotMetError",
    ),
    "manage_dependencies": (*_ON_A_TASK, "DependencyNotFoundError", "CircularDependencyError"),
    "query_tasks": ("FilterSyntaxError",),
    "manage_lifecycle": (
        *_ON_A_TASK, "ClaimError", "InvalidTransitionError", "PrerequisitesNotMetError",
        "CircularDependencyError",
    ),
    "get_task": _ON_A_TASK,
    "update_task": (
        *_ON_A_TASK, "ParentTaskNotFoundError", "CircularDependencyError", "PrerequisitesNotMetError",
    ),
    "delete_task": (*_ON_A_TASK, "PrerequisitesNotMetError"),
    "get_task_hierarchy": _ON_A_TASK,
    "get_dependencies": _ON_A_TASK,
    "batch_create": _NEW_TASK,
    "bulk_update": (
        *_ON_A_TASK, "ParentTaskNotFoundError", "CircularDependencyError", "PrerequisitesNotMetError",
    ),
    "create_template": ("TemplateValidationError",),
    "get_template": ("TemplateNotFoundError",),
    "list_templates": (),
    "delete_template": ("TemplateNotFoundError",),
    "get_ready_tasks": (),
    "claim_task": ("TaskNotFoundError", "PrerequisitesNotMetError", "ClaimError"),
    "renew_claim": (*_ON_A_TASK, "ClaimError"),
    "release_claim": (*_ON_A_TASK, "ClaimError"),
    "record_approval": _ON_A_TASK,
    "add_artifact": _ON_A_TASK,
    "record_metrics": _ON_A_TASK,
    "evaluate_gates": _ON_A_TASK,
    "waive_gate": _ON_A_TASK,
    "tick": (),
    "next_tick_at": (),
    "pause_schedule": _ON_A_TASK,
    "resume_schedule": _ON_A_TASK,
    "preview_schedule": _ON_A_TASK,
    "add_comment": _ON_A_TASK,
    "explain_task": _ON_A_TASK,
    "get_history": _ON_A_TASK,
    "list_dead_letters": (),
    "redeliver": (),
    "register_task_type": ("PrerequisitesNotMetError",),
    "define_calendar": (),
    "delete_calendar": (),
    "list_calendars": (),
    "undo": ("ConflictError", "PrerequisitesNotMetError", "CircularDependencyError"),
    "execute": ("UnknownToolError",),
}  # fmt: skip
"""The error types that each tool may answer beyond those that every call may."""


@cache
def _catalogue() -> tuple[Schema, ...]:
    with worklattice.open("memory:") as wl:
        return tuple(wl.tools())


def overview() -> str:
    """One line for each tool."""
    rows = (
        (
            f"[`{tool['name']}`](#{_anchor(tool['name'])})",
            first_line(tool["description"]),
            _effects(tool),
        )
        for tool in _catalogue()
    )
    return table(("tool", "what it does", "effect"), rows)


def tools() -> str:
    """A section for each tool."""
    return "\n\n".join("\n\n".join(_section(tool)) for tool in _catalogue())


def _section(tool: Schema) -> Iterator[str]:
    name = str(tool["name"])
    short = name.removeprefix(_PREFIX)
    yield f"### {name}"
    yield str(tool["description"])
    yield f"Effect: {_effects(tool)}. In Python: `{short}`."
    arguments = tool["inputSchema"]
    rows = list(_argument_rows(arguments))
    yield (
        table(("argument", "type", "meaning"), rows)
        if rows
        else "It takes no arguments."
    )
    shared = [
        argument
        for argument in _SHARED_ARGUMENTS
        if argument in arguments["properties"]
    ]
    if shared:
        yield f"Also {code(shared)}, as [every write](#arguments-of-every-write)."
    success = tool["outputSchema"]["oneOf"][0]
    yield f"Answer: {first_line(success['description'])}"
    writes = "unblocked" in success["properties"]
    yield table(
        ("field", "type", "there"),
        _answer_rows(success, _SHARED_ANSWERS if writes else ("status",)),
    )
    if writes:
        yield "Also `unblocked`, `unblocked_count` and `warnings`, as [every write](#answers-of-every-write)."
    if errors := _ERRORS[short]:
        yield f"Errors of its own: {', '.join(f'[`{e}`](errors.md#{e.lower()})' for e in errors)}."


def _anchor(name: str) -> str:
    return name.lower()


def _effects(tool: Schema) -> str:
    hints = tool["annotations"]
    if hints["readOnlyHint"]:
        return "reads"
    words = ["changes" if hints["destructiveHint"] else "adds"]
    if hints["idempotentHint"]:
        words.append("may be repeated")
    return ", ".join(words)


def _argument_rows(schema: Schema) -> Iterator[tuple[str, str, str]]:
    required = schema.get("required", [])
    for name, argument in schema["properties"].items():
        if name in _SHARED_ARGUMENTS:
            continue
        default = argument.get("default")
        tail = "" if default is None else f" Default: `{_json(default)}`."
        yield (
            f"`{name}`" + ("\\*" if name in required else ""),
            _kind(argument),
            f"{argument['description']}{tail}",
        )


def _answer_rows(
    schema: Schema, shared: Sequence[str] = ()
) -> Iterator[tuple[str, str, str]]:
    required = schema.get("required", [])
    for name, answer in schema["properties"].items():
        if name not in shared:
            yield (
                f"`{name}`",
                _kind(answer) + (" or null" if _may_be_null(answer) else ""),
                "always" if name in required else "where asked for",
            )


def _json(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


# --- objects inside -----------------------------------------------------------------------------------------


def argument_objects() -> str:
    """A section for each object that arguments hold."""
    parts: list[str] = []
    for cls in _ARGUMENT_OBJECTS:
        rows = _argument_rows(codec.input_schema(cls))
        parts += [
            f"### {cls.__name__}",
            first_line(cls.__doc__),
            table(("key", "type", "meaning"), rows),
        ]
    return "\n\n".join(parts)


def answer_objects() -> str:
    """A section for each object that answers hold, by name."""
    definitions: dict[str, Schema] = {}
    for tool in _catalogue():
        definitions.update(tool["outputSchema"]["$defs"])
    parts: list[str] = []
    for name, schema in sorted(definitions.items()):
        parts += [
            f"### {name}",
            first_line(schema["description"]),
            table(("field", "type", "there"), _answer_rows(schema)),
        ]
    return "\n\n".join(parts)


# --- types --------------------------------------------------------------------------------------------------


def _argument(cls: type, name: str) -> Schema:
    """The schema of one argument of a command."""
    properties: Any = codec.input_schema(cls)["properties"]
    schema: Schema = properties[name]
    return schema


_FORMS: Final = {
    ID_PATTERN: "id",
    _argument(commands.CreateTask, "task_type")["pattern"]: "name",
    _argument(commands.CreateTask, "not_before")["pattern"]: "time",
    _argument(commands.DependencySpec, "lag")["pattern"]: "duration",
}
_OBJECTS: Final = {
    frozenset(field.name for field in attrs.fields(cls)): cls.__name__
    for cls in _ARGUMENT_OBJECTS
}


def _kind(schema: Schema) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "const" in schema:
        return f"`{schema['const']}`"
    if "anyOf" in schema:
        options = [option for option in schema["anyOf"] if option != {"type": "null"}]
        return " or ".join(dict.fromkeys(map(_kind, options)))
    if "enum" in schema:
        return "one of " + code(
            option for option in schema["enum"] if option is not None
        )
    given = schema.get("type", [])
    types = [given] if isinstance(given, str) else given
    return (
        " or ".join(_plain(kind, schema) for kind in types if kind != "null")
        or "any JSON"
    )


def _may_be_null(schema: Schema) -> bool:
    return "null" in schema.get("type", ()) or {"type": "null"} in schema.get(
        "anyOf", ()
    )


def _plain(kind: str, schema: Schema) -> str:
    if kind == "array":
        return f"array of {_kind(schema['items'])}"
    if kind == "object":
        name = _OBJECTS.get(frozenset(schema.get("properties", ())))
        if name is not None:
            return f"[{name}](#{name.lower()})"
        return "payload" if "tool" in schema.get("properties", ()) else "object"
    if kind == "string":
        is_time = schema.get("format") == "date-time"
        return "time" if is_time else _FORMS.get(schema.get("pattern"), "text")
    if kind == "integer" and schema.get("maximum", _SAFE) < _SAFE:
        return f"integer {schema['minimum']:,} to {schema['maximum']:,}"
    return kind


def _check() -> None:
    names = {str(tool["name"]).removeprefix(_PREFIX) for tool in _catalogue()}
    if names != set(_ERRORS):
        raise LookupError(
            f"no errors are known of {', '.join(sorted(names ^ set(_ERRORS)))}"
        )
    for name in {error for errors in _ERRORS.values() for error in errors}:
        getattr(worklattice, name)


_check()
