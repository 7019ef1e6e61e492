"""Tables and pictures of the reference, made from the tables of the code.

Not here: the tools (`tool_tables`).
"""

from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from typing import Final

import attrs
from sphinx.pycode import ModuleAnalyzer

import worklattice
from worklattice import DependencySpec, NewTask, errors
from worklattice.lang.judging import State
from worklattice.lang.units import LISTED
from worklattice.model.conventions import CONVENTIONS
from worklattice.model.dependency import DEPENDENCY_TYPES, EdgeState, Point
from worklattice.model.lifecycle import DEFAULT, Role
from worklattice.model.notifications import REQUESTED, TOLD
from worklattice.query.ast import COLUMNS, SORT_NAMES
from worklattice.rendering import mermaid_lifecycle, mermaid_tasks
from worklattice.testing import SequentialIds
from worklattice.types import LIMITS

_POINT_NAMES: Final = {Point.START: "S", Point.FINISH: "F"}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown. Cells may hold inline markup."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def code(words: Iterable[str]) -> str:
    """Words as code, between commas."""
    return ", ".join(f"`{word}`" for word in words)


def first_line(docstring: str | None) -> str:
    """The first paragraph of a docstring."""
    return " ".join((docstring or "").strip().split("\n\n")[0].split())


def attribute_docs(module: str, owner: str) -> dict[str, str]:
    """The docstrings under the attributes of a class, which Python itself does not keep."""
    found = ModuleAnalyzer.for_module(module).find_attr_docs()
    return {
        name: " ".join(lines).strip()
        for (scope, name), lines in found.items()
        if scope == owner
    }


# --- lifecycle ------------------------------------------------------------------------------------------


def lifecycle_table() -> str:
    """The default lifecycle."""
    return table(
        ("stage", "status", "roles", "may go to"),
        (
            (
                f"`{stage.name}`",
                stage.status,
                ", ".join(role.value for role in Role if role in stage.roles) or "–",
                ", ".join(DEFAULT.next_stages(stage.name)) or "–",
            )
            for stage in DEFAULT.stages.values()
        ),
    )


def lifecycle_picture() -> str:
    """The default lifecycle as a picture."""
    return picture(
        mermaid_lifecycle(),
        "The stages of the default lifecycle and the ways between them",
    )


def picture(source: str, alt: str) -> str:
    """A picture in Mermaid, with what it says to who can't see it."""
    return f"```mermaid\n:alt: {alt}\n\n{source.strip()}\n```"


def waiting_picture() -> str:
    """The tasks of the worked example on waiting, drawn by the renderer from a store."""
    tasks: list[NewTask] = [
        _task("design"),
        _task("backend", "design"),
        _task("api", parent="backend"),
        _task("worker", "api", parent="backend"),
        _task("rollout", "backend"),
        _task("canary", parent="rollout"),
        _task(
            "everyone",
            DependencySpec(dependency_task_id="canary", lag="1 day"),
            parent="rollout",
        ),
        _task("repair", DependencySpec(dependency_task_id="canary", outcome="failure")),
    ]
    with worklattice.open("memory:", ids=SequentialIds()) as wl:
        wl.batch_create(tasks)
        for stage in ("active", "completed"):
            wl.manage_lifecycle("design", stage)
        drawn = [wl.get_task(str(task.task_id)).task for task in tasks]
        edges = [
            edge
            for task in tasks
            for edge in wl.get_dependencies(str(task.task_id)).dependencies
        ]
    return picture(
        mermaid_tasks([task for task in drawn if task], edges),
        "Design leads to backend, which holds api and worker; backend leads to rollout, which holds "
        "canary and everyone; canary leads to everyone and to repair.",
    )


def _task(
    task_id: str,
    needs: DependencySpec | str | None = None,
    *,
    parent: str | None = None,
) -> NewTask:
    spec = DependencySpec(dependency_task_id=needs) if isinstance(needs, str) else needs
    return NewTask(
        task_type="task",
        task_id=task_id,
        parent_task_id=parent,
        dependencies=() if spec is None else (spec,),
    )


def roles() -> str:
    """What each role of a stage means to the engine."""
    docs = attribute_docs("worklattice.model.lifecycle", "Role")
    return table(
        ("role", "meaning"), ((f"`{role.value}`", docs[role.name]) for role in Role)
    )


# --- dependencies -----------------------------------------------------------------------------------------


def dependency_types() -> str:
    """The types of dependencies, and the arcs that they put into the event graph."""
    return table(
        ("type", "the dependant …", "waits", "arc"),
        (
            (
                f"`{name}`",
                kind.meaning,
                "nothing" if kind.holds is None else f"its {kind.holds.value}",
                f"{_POINT_NAMES[kind.awaits]}(other) → {_POINT_NAMES[kind.holds]}(task)"
                if kind.holds and kind.awaits
                else "–",
            )
            for name, kind in DEPENDENCY_TYPES.items()
        ),
    )


_STATES: Final = {
    EdgeState.SATISFIED: "The other task has reached what the dependency awaits, and the lag has passed.",
    EdgeState.PENDING: "It has not yet, or the lag runs.",
    EdgeState.WAIVED: "Somebody has waived the dependency, and the waiver has not expired.",
}


def edge_states() -> str:
    """The states of an edge."""
    docs = attribute_docs("worklattice.model.dependency", "EdgeState")
    return table(
        ("state", "meaning"),
        (
            (f"`{state.value}`", _STATES.get(state) or docs[state.name])
            for state in EdgeState
        ),
    )


# --- queries ----------------------------------------------------------------------------------------------


def columns() -> str:
    """The columns that queries know."""
    return table(
        ("column", "type"), ((f"`{name}`", COLUMNS[name][1]) for name in SORT_NAMES)
    )


def grammar() -> str:
    """The grammar of conditions, as the parser reads it."""
    return _grammar("condition.lark")


def gate_grammar() -> str:
    """The grammar of gates, as the parser reads it."""
    return _grammar("gate.lark")


def _grammar(name: str) -> str:
    text = (
        resources.files("worklattice.lang").joinpath(name).read_text(encoding="utf-8")
    )
    return f"```text\n{text.strip()}\n```"


# --- gates ------------------------------------------------------------------------------------------------


def units() -> str:
    """The units that are known, by what they measure."""
    kinds = dict.fromkeys(unit.kind for unit, _ in LISTED)
    return table(
        ("measures", "units, by all their names"),
        (
            (
                kind,
                "; ".join(code(names) for unit, names in LISTED if unit.kind == kind),
            )
            for kind in kinds
        ),
    )


def gate_states() -> str:
    """The states of a verdict."""
    docs = attribute_docs("worklattice.lang.judging", "State")
    return table(
        ("state", "meaning"),
        ((f"`{state.value}`", docs[state.name]) for state in State),
    )


def conventions() -> str:
    """The attributes that mean something, and what."""
    return table(
        ("attribute", "meaning"),
        ((f"`{name}`", says) for name, says in CONVENTIONS.items()),
    )


def told_events() -> str:
    """Which events are told to channels."""
    return f"{code(TOLD)} and `{REQUESTED}` are told to channels."


def gate_limits() -> str:
    """How large a gate may be."""
    docs = attribute_docs("worklattice.types", "Limits")
    return table(
        ("of what", "at most"),
        (
            (docs[field.name], f"{getattr(LIMITS, field.name):,}")
            for field in attrs.fields(type(LIMITS))
            if field.name.startswith("gate_")
        ),
    )


# --- limits, errors, templates ------------------------------------------------------------------------------


def limits() -> str:
    """Every limit, with what it bounds."""
    docs = attribute_docs("worklattice.types", "Limits")
    return table(
        ("limit", "value", "of what"),
        (
            (f"`{field.name}`", f"{getattr(LIMITS, field.name):,}", docs[field.name])
            for field in attrs.fields(type(LIMITS))
        ),
    )


_WHAT_TO_DO: Final = {
    "ValidationError": "Correct what `details.problems` lists; every problem is in it.",
    "UnknownToolError": "Use one of the names in `suggestion`.",
    "TaskNotFoundError": "Look at `details.closest`, or find the task with a query.",
    "ParentTaskNotFoundError": "Create the parent first, or create a root.",
    "DuplicateTaskError": "Choose another id, let one be generated, or update the task that is there.",
    "CircularDependencyError": "Leave out one of the links between the tasks of `details.cycle`.",
    "DependencyNotFoundError": "Create the other task first, or in the same batch; or name a dependency "
    "that is there.",
    "TemplateNotFoundError": "Look at `details.closest`, or list the templates.",
    "TemplateValidationError": "Correct what `details.problems` lists; the paths lead into the definition.",
    "TemplateParameterError": "Correct what `details.problems` lists; the paths lead into the parameters.",
    "ExpansionLimitError": "Give shorter lists, or expand parts under a common parent.",
    "InvalidTransitionError": "Go to one of `details.legal_next_stages`.",
    "PrerequisitesNotMetError": "Do what `details.unmet` names first, or say that you mean it: skip the "
    "guards with `validation_checks: false`, delete with `cascade` or `detach`.",
    "FilterSyntaxError": "Look at the caret in `details.diagram`; `details.column` counts from 1.",
    "ConflictError": "Read again and decide anew: the version is stale, or the idempotency key is used.",
    "ClaimError": "The claim is not held any more: give the work up, or claim the task again.",
    "StoreError": "`details.kind` says what: `busy` may be tried again, `full` needs room, `unavailable` and "
    "`incompatible` need somebody to look at the database, `closed` needs a new store.",
    "LimitExceededError": "Ask for less at a time; `details` has the limit.",
}
"""What to do about each error type."""

_FIELDS_OF_ALL: Final = frozenset({"field", "hint"})


def error_types() -> str:
    """Every error type: when, which facts, what to do."""
    parts: list[str] = []
    for name, what_to_do in _WHAT_TO_DO.items():
        kind: type[errors.WorklatticeError] = getattr(worklattice, name)
        facts = [
            field.name
            for field in attrs.fields(kind)
            if field.name not in _FIELDS_OF_ALL
        ]
        parts += [
            f"### {name}",
            first_line(kind.__doc__),
            f"Facts of the exception: {code(facts)}.",
            what_to_do,
        ]
    missing = {name for name in worklattice.__all__ if name.endswith("Error")} - {
        *_WHAT_TO_DO,
        "WorklatticeError",
    }
    if missing:
        raise LookupError(f"no advice for {', '.join(sorted(missing))}")
    return "\n\n".join(parts)


def shipped_templates() -> str:
    """The templates that come with the package."""
    with worklattice.open("memory:") as wl:
        return table(
            ("template", "for", "parameters"),
            (
                (
                    f"`{summary.template_id}`",
                    summary.description or "",
                    ", ".join(_parameters(wl, summary.template_id)),
                )
                for summary in wl.list_templates().templates
                if summary.shipped
            ),
        )


def _parameters(wl: worklattice.Orchestrator, template_id: str) -> Iterator[str]:
    schema = wl.get_template(template_id).template.parameters_schema
    required, properties = schema.get("required"), schema.get("properties")
    for name in properties if isinstance(properties, dict) else ():
        yield f"`{name}`" + (
            "\\*" if isinstance(required, list) and name in required else ""
        )
