"""Every way in which worklattice refuses, as one tree under `WorklatticeError`.

An error carries its facts as typed fields and writes its own message from them: what is wrong, where
(`field`, the path of the offending argument) and what to do about it (`suggestion`). Errors are frozen,
compare equal when their facts are equal, and survive pickling.

Not here: how an error becomes a JSON answer (`worklattice.tools.dispatch`), and errors of drivers, which
the stores translate into `StoreError`.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Self

import attrs
from attrs import field, frozen

MESSAGE_LIMIT = 500
"""Characters of a message at most, as answered; whatever is longer is cut."""

SHOWN_LIMIT = 80
"""Characters of a quoted value at most."""

_WRITTEN_BITS = 256
"""Larger integers are described, not written out."""

_LISTED = 60
"""Names that are offered all, where none is like what was given."""

_CYCLE_SHOWN = 8
"""Tasks of a circle that its message names."""


def shown(value: object) -> str:
    """`value` as a message may quote it: as JSON, control and non-ASCII characters escaped, cut short."""
    if isinstance(value, str):
        text = json.dumps(value[: SHOWN_LIMIT + 1])
    elif isinstance(value, int) and value.bit_length() > _WRITTEN_BITS:
        text = f"an integer of about {value.bit_length() * 301 // 1000} digits"
    elif isinstance(value, bool | int | float) or value is None:
        text = json.dumps(value)
    elif isinstance(value, Mapping):
        text = f"an object of {len(value)} keys"
    elif isinstance(value, list | tuple):
        text = f"an array of {len(value)} items"
    else:
        text = type(value).__name__
    return text if len(text) <= SHOWN_LIMIT else text[: SHOWN_LIMIT - 1] + "…"


def worded(text: str, most: int = SHOWN_LIMIT) -> str:
    """`text` as a part of a sentence: as it is where it is short and can be read, else as `shown` has it."""
    return text if text.isprintable() and len(text) <= most else shown(text)


_is_plain = re.compile(r"[^\s.\[\]\"'\\]{1,80}").fullmatch


def written(path: Iterable[str | int]) -> str:
    """A path below an argument as problems spell it: `.name`, `[3]`, quoted where a key is no plain word.

    >>> written(("tasks", 3, "attributes", "due date"))
    '.tasks[3].attributes["due date"]'
    """
    return "".join(f"[{step}]" if isinstance(step, int) else _written_key(step) for step in path)


def _written_key(key: str) -> str:
    return f".{key}" if _is_plain(key) and key.isprintable() else f"[{shown(key)}]"


def closest(name: str, candidates: Iterable[str], *, count: int = 3) -> tuple[str, ...]:
    """The up to `count` candidates most like `name`, best first; none where nothing is like it."""
    return tuple(difflib.get_close_matches(name[:200], list(candidates), n=count, cutoff=0.6))


def did_you_mean(name: str, candidates: Sequence[str], *, otherwise: str | None = None) -> str | None:
    """A suggestion that offers the closest of `candidates`, or all of a few, or `otherwise`."""
    if near := closest(name, candidates):
        return f"Did you mean {_either(near)}?"
    if otherwise is None and 0 < len(candidates) <= _LISTED:
        return f"Use one of: {', '.join(candidates)}."
    return otherwise


def _either(names: Sequence[str]) -> str:
    quoted = [shown(name) for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def cut(text: str) -> str:
    """`text` as a message: cut where it is too long for one."""
    return text if len(text) <= MESSAGE_LIMIT else text[: MESSAGE_LIMIT - 1] + "…"


def _rebuild(cls: type[WorklatticeError], facts: dict[str, Any]) -> WorklatticeError:
    return cls(**facts)


@frozen(kw_only=True)
class Problem:
    """One fault among several: the path of what is wrong, and what is wrong with it."""

    field: str
    message: str


@frozen(kw_only=True)
class WorklatticeError(Exception):
    """The root of the tree. `field` is the path of what is wrong, where one argument is to blame."""

    field: str | None = field(default=None)

    @property
    def error_type(self) -> str:
        """The name that answers carry: the class's own."""
        return type(self).__name__

    @property
    def message(self) -> str:
        """What is wrong, in at most 500 characters."""
        return cut(self._message())

    @property
    def suggestion(self) -> str | None:
        """What to do about it, where something can be said."""
        return None

    @property
    def details(self) -> dict[str, Any]:
        """Facts for programs, JSON-serialisable."""
        return {}

    def at(self, path: str) -> Self:
        """The same error, found at `path`."""
        return attrs.evolve(self, field=path)

    def inside(self, path: str) -> Self:
        """The same error, of a call that stands at `path` of another."""
        return attrs.evolve(self, field=f"{path}.{self.field}" if self.field else path)

    def _message(self) -> str:
        return self.error_type

    def __str__(self) -> str:
        where = f"{self.field}: " if self.field else ""
        hint = f" {self.suggestion}" if self.suggestion else ""
        return f"{where}{self.message}{hint}"

    def _facts(self) -> dict[str, Any]:
        return {a.name: getattr(self, a.name) for a in attrs.fields(type(self))}

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._facts() == other._facts()

    def __hash__(self) -> int:
        return hash((type(self), self.field, self.message))

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self._facts())


@frozen(kw_only=True)
class ProblemsError(WorklatticeError):
    """What the errors share that report every problem of a document at once.

    Not an answer's `error_type` itself; catch the subclass that fits.
    """

    problems: tuple[Problem, ...]
    hint: str | None = None
    _otherwise = "Correct what details.problems lists."

    @classmethod
    def of(cls, path: str, message: str, *, hint: str | None = None) -> Self:
        """The error of one problem."""
        return cls(field=path, problems=(Problem(field=path, message=message),), hint=hint)

    @classmethod
    def all(cls, problems: Sequence[Problem], *, hint: str | None = None) -> Self:
        """The error of several problems; `field` is the first one's."""
        return cls(field=problems[0].field, problems=tuple(problems), hint=hint)

    def inside(self, path: str) -> Self:
        problems = tuple(Problem(field=f"{path}.{p.field}", message=p.message) for p in self.problems)
        return attrs.evolve(self, field=problems[0].field, problems=problems)

    @property
    def suggestion(self) -> str | None:
        return self.hint or self._otherwise

    @property
    def details(self) -> dict[str, Any]:
        return {"problems": [{"field": p.field, "message": cut(p.message)} for p in self.problems]}

    def _message(self) -> str:
        more = len(self.problems) - 1
        plural = "s" if more > 1 else ""
        return self.problems[0].message + (f" (and {more} more problem{plural})" if more else "")


class ValidationError(ProblemsError):
    """An argument is not of the documented form."""


class TemplateValidationError(ProblemsError):
    """A template's `task_structure` or `parameters_schema` is faulty."""

    _otherwise = "Correct what details.problems lists; the paths lead into the definition."


class TemplateParameterError(ProblemsError):
    """The parameters given to a template do not fit its schema."""

    _otherwise = "Correct what details.problems lists; get_template shows what the template takes."


@frozen(kw_only=True)
class FilterSyntaxError(WorklatticeError):
    """A `custom_filter`, or a template's `when`, does not parse or asks for what is not there.

    `column` counts characters from 1; `diagram` shows the line with a caret under the fault.
    """

    reason: str
    column: int = 1
    diagram: str = ""
    hint: str | None = None

    @property
    def suggestion(self) -> str | None:
        return self.hint

    @property
    def details(self) -> dict[str, Any]:
        return {"column": self.column, "diagram": self.diagram}

    def _message(self) -> str:
        return f"{self.reason} (column {self.column})\n{self.diagram}" if self.diagram else self.reason


@frozen(kw_only=True)
class NotFoundError(WorklatticeError):
    """What the errors share that miss something by its name. Catch the subclass that fits."""

    name: str
    candidates: tuple[str, ...] = ()
    _kind = "thing"

    @property
    def suggestion(self) -> str | None:
        return did_you_mean(self.name, self.candidates, otherwise=self._otherwise())

    @property
    def details(self) -> dict[str, Any]:
        return {"closest": list(closest(self.name, self.candidates))}

    def _otherwise(self) -> str | None:
        return None

    def _message(self) -> str:
        return f"There is no {self._kind} {shown(self.name)}."


class UnknownToolError(NotFoundError):
    """A payload names a tool that is not in the catalogue."""

    _kind = "tool"


class TaskNotFoundError(NotFoundError):
    """A task that an argument names does not exist in this workspace."""

    _kind = "task"

    def _otherwise(self) -> str | None:
        return "Check the id, or find the task with query_tasks."


class ParentTaskNotFoundError(TaskNotFoundError):
    """`parent_task_id` names no task of this workspace."""

    def _otherwise(self) -> str | None:
        return "Create the parent first, or leave parent_task_id out to create a root task."


class DependencyNotFoundError(NotFoundError):
    """A dependency names a task, or an edge, that does not exist in this workspace."""

    _kind = "task to depend on,"

    def _otherwise(self) -> str | None:
        return "Create that task first, or in the same batch."


@frozen(kw_only=True)
class EdgeNotFoundError(DependencyNotFoundError):
    """The task has no such dependency, so that it cannot be removed, updated or waived."""

    task_id: str

    @property
    def error_type(self) -> str:
        return "DependencyNotFoundError"

    def _otherwise(self) -> str | None:
        if not self.candidates:
            return f"Task {shown(self.task_id)} has no dependencies."
        return f"Its dependencies are {', '.join(map(shown, self.candidates[:10]))}."

    def _message(self) -> str:
        return f"Task {shown(self.task_id)} has no dependency on {shown(self.name)}."


@frozen(kw_only=True)
class TemplateNotFoundError(NotFoundError):
    """No template has this id, or this version of it."""

    version: int | None = None
    _kind = "template"

    @property
    def suggestion(self) -> str | None:
        if self.version is not None and self.name in self.candidates:
            return "Leave the version out to take the newest."
        return did_you_mean(self.name, self.candidates, otherwise=self._otherwise())

    def _otherwise(self) -> str | None:
        return "List the templates with list_templates, or create it first."

    def _message(self) -> str:
        wanted = f" of version {self.version}" if self.version is not None else ""
        return f"There is no template {shown(self.name)}{wanted}."


@frozen(kw_only=True)
class DuplicateTaskError(WorklatticeError):
    """A task with the given id is there already."""

    task_id: str

    @property
    def suggestion(self) -> str | None:
        return "Choose another task_id, leave it out to have one generated, or update the existing task."

    @property
    def details(self) -> dict[str, Any]:
        return {"task_id": self.task_id}

    def _message(self) -> str:
        return f"A task {shown(self.task_id)} exists already."


@frozen(kw_only=True)
class CircularDependencyError(WorklatticeError):
    """The write would make tasks wait for one another in a circle.

    `cycle` holds the ids in order: each waits for the next, the last for the first. `steps` says of each
    link why ("depends on", "is inside", "contains", "is superseded by").
    """

    cycle: tuple[str, ...]
    steps: tuple[str, ...] = ()

    @property
    def suggestion(self) -> str | None:
        if self.steps and _ITSELF.keys() >= set(self.steps):
            return "Name another task."
        return "Leave out or remove one of these links, or make it of the type information."

    @property
    def details(self) -> dict[str, Any]:
        return {"cycle": list(self.cycle), "steps": list(self.steps)}

    def _message(self) -> str:
        if len(self.cycle) == 1:
            action = _ITSELF.get(self.steps[0], "depend on") if self.steps else "depend on"
            return f"Task {shown(self.cycle[0])} cannot {action} itself."
        names = [shown(task_id) for task_id in self.cycle[:_CYCLE_SHOWN]]
        links = [*self.steps[:_CYCLE_SHOWN], *(["needs"] * len(names))]
        text = "".join(f"{name} {link} " for name, link in zip(names, links, strict=False))
        rest = f"… ({len(self.cycle) - _CYCLE_SHOWN} more) … " if len(self.cycle) > _CYCLE_SHOWN else ""
        return f"These tasks would wait for one another: {text}{rest}{shown(self.cycle[0])}."


_ITSELF = {"is inside": "be inside", "is superseded by": "be superseded by"}
"""What a task cannot do to itself, by the links that no dependency makes."""


@frozen(kw_only=True)
class ExpansionLimitError(WorklatticeError):
    """A template would expand into more tasks than one expansion may make."""

    template_id: str
    limit: int
    count: int

    @property
    def suggestion(self) -> str | None:
        return "Give shorter lists, or expand parts of it under a common parent."

    @property
    def details(self) -> dict[str, Any]:
        return {"template_id": self.template_id, "limit": self.limit, "count": self.count}

    def _message(self) -> str:
        return (
            f"Template {shown(self.template_id)} would make {self.count:,} tasks or more; "
            f"one expansion makes at most {self.limit:,}."
        )


@frozen(kw_only=True)
class InvalidTransitionError(WorklatticeError):
    """The lifecycle has no such transition."""

    task_id: str
    from_stage: str
    to_stage: str
    legal: tuple[str, ...]
    known: tuple[str, ...] = ()

    @property
    def suggestion(self) -> str | None:
        if self.known and self.to_stage not in self.known:
            return did_you_mean(self.to_stage, self.known)
        if not self.legal:
            return f"{shown(self.from_stage)} is final."
        return f"From {shown(self.from_stage)} it may go to: {', '.join(self.legal)}."

    @property
    def details(self) -> dict[str, Any]:
        return {
            "task_id": self.task_id,
            "current_stage": self.from_stage,
            "legal_next_stages": list(self.legal),
        }

    def _message(self) -> str:
        if self.known and self.to_stage not in self.known:
            return f"{shown(self.to_stage)} is no stage of the lifecycle of task {shown(self.task_id)}."
        return (
            f"Task {shown(self.task_id)} cannot go from {shown(self.from_stage)} to {shown(self.to_stage)}."
        )


@frozen(kw_only=True)
class Unmet:
    """One reason why a guard refuses: `kind` for programs, `text` for people, `task_ids` that it is about."""

    kind: Literal[
        "dependency",
        "ancestor",
        "children",
        "finish_dependency",
        "not_before",
        "window",
        "stage",
        "completed_ancestor",
        "has_children",
        "is_needed",
        "gate",
        "schedule",
        "stranded",
    ]
    text: str
    task_ids: tuple[str, ...] = ()


@frozen(kw_only=True)
class PrerequisitesNotMetError(WorklatticeError):
    """A guard refuses what was asked, and says what is unmet."""

    task_id: str
    action: str
    unmet: tuple[Unmet, ...]
    hint: str | None = None

    @property
    def suggestion(self) -> str | None:
        return self.hint

    @property
    def details(self) -> dict[str, Any]:
        return {
            "task_id": self.task_id,
            "unmet": [{"kind": u.kind, "message": u.text, "task_ids": list(u.task_ids)} for u in self.unmet],
        }

    def _message(self) -> str:
        return f"Task {shown(self.task_id)} cannot {self.action}: {'; '.join(u.text for u in self.unmet)}."


@frozen(kw_only=True)
class ConflictError(WorklatticeError):
    """What the caller knew is out of date, or an idempotency key was used for something else."""

    reason: str
    hint: str | None = None
    facts: Mapping[str, Any] = field(factory=dict)

    @property
    def suggestion(self) -> str | None:
        return self.hint

    @property
    def details(self) -> dict[str, Any]:
        return dict(self.facts)

    def _message(self) -> str:
        return self.reason


@frozen(kw_only=True)
class ClaimError(ConflictError):
    """A claim is not held, or its token is stale."""


@frozen(kw_only=True)
class StoreError(WorklatticeError):
    """The database under the store refused (`busy`, `full`, `unavailable`), or its file does not fit."""

    kind: Literal["busy", "full", "unavailable", "incompatible", "closed"]
    reason: str
    hint: str | None = None
    outcome_known: bool = True
    """False where a commit may have come to pass although its answer was lost."""
    outrun: bool = False
    """True where the database could not put the transaction in order with others; the next try may do."""

    @property
    def suggestion(self) -> str | None:
        return self.hint

    @property
    def details(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "retry_helps": self.kind in {"busy", "unavailable"},
            "outcome_known": self.outcome_known,
        }

    def _message(self) -> str:
        return self.reason


@frozen(kw_only=True)
class LimitExceededError(WorklatticeError):
    """Something is larger than the documented limit (`worklattice.types.LIMITS`)."""

    what: str
    limit: int
    actual: int | None = None

    @property
    def suggestion(self) -> str | None:
        return "Give less at once, in several calls."

    @property
    def details(self) -> dict[str, Any]:
        return {"what": self.what, "limit": self.limit, "actual": self.actual}

    def _message(self) -> str:
        is_now = "" if self.actual is None else f" and this is {self.actual:,}"
        return f"The limit of {self.what} is {self.limit:,}{is_now}."
