"""From a template and its parameters to a plan of tasks.

The tasks are counted before any is made. A dependency on a node in a loop is on all of its instances of the
same turn of the loops around both; a dependency on a node that `when` left out goes with it, and a chain of
`sequential_children` closes over it. Tasks that are chained anyway keep what a dependency of their own says.

Not here: what a definition must look like (`worklattice.templates.parse`). Nothing here knows ids.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from attrs import define, field

from worklattice.errors import ExpansionLimitError, LimitExceededError, TemplateParameterError
from worklattice.lang.diagnostics import LanguageError
from worklattice.lang.durations import parse_duration
from worklattice.lang.times import parse_time
from worklattice.templates.counting import count_tasks
from worklattice.templates.filling import Absent, Filling, Scope
from worklattice.templates.model import Lookup, Loop, Node, NodeDependency, Target, Template
from worklattice.templates.parameters import accepted
from worklattice.templates.plan import Expansion, PlannedDependency, PlannedTask
from worklattice.templates.reading import JOIN_RULE, is_join
from worklattice.templates.turning import Layer, Turning
from worklattice.types import LIMITS, JsonObject, JsonValue

_CHAIN: Final = "completion"
"""The type of the dependencies that chain tasks."""


def expand(
    template: Template,
    parameters: JsonObject,
    *,
    now: datetime,
    include: Lookup,
    limit: int = LIMITS.expansion_tasks,
    at: str = "arguments.parameters",
) -> Expansion:
    """The tasks that the template becomes with these parameters. The same arguments give the same plan.

    `include` finds the templates that it includes; `at` is the path of the parameters, for errors. Raises
    `TemplateParameterError`, `ExpansionLimitError`, `TemplateNotFoundError` (an included template is gone)
    and `LimitExceededError` (dependencies, characters, turns of loops). Cost: linear in what it makes.
    """
    applied = accepted(template, parameters, at)
    turning = Turning(now, include)
    root = Layer(template.root, Scope(applied, at, turning.allowance), template)
    try:
        count_tasks(root, turning, limit)
        tasks = _Builder(turning).planned(root)
    except (ExpansionLimitError, LimitExceededError) as error:
        raise error.at(at) from None
    return Expansion(
        template_id=template.template_id,
        template_version=template.version,
        parameters_applied=applied,
        tasks=tasks,
    )


@define(eq=False)
class _Siblings:
    """The instances of the children of one task, as far as they are made."""

    around: _Siblings | None
    made: list[list[int]]
    """For each child node, the tasks that it became."""
    tail: list[int] = field(factory=list)
    """What the next child hangs on, where the children are chained."""

    def of(self, target: Target) -> list[int]:
        """The tasks that the target became."""
        siblings = self
        for _ in range(target.scope):
            siblings = siblings.around or siblings
        return siblings.made[target.child]


@define(eq=False)
class _Seat:
    """A node that waits to be made, or one turn of its loop."""

    layer: Layer
    parent: _Draft | None
    siblings: _Siblings
    position: int
    """Which child of its parent's node it is."""
    before: Node | None = None
    """The child before it, where the children are chained."""
    turn: int | None = None


@define(eq=False)
class _Draft:
    """A task that was made: all that its plan needs, but for tasks that are made after it."""

    number: int
    parent: int | None
    key: str
    path: str
    layers: list[Layer]
    siblings: _Siblings
    chained: list[int]
    """The tasks that it needs because they come before it in a chain."""


class _Builder:
    """Makes the tasks from the root down, then their dependencies, which may name tasks made later."""

    def __init__(self, turning: Turning) -> None:
        self._turning = turning
        self._drafts: list[_Draft] = []
        self._dependencies = 0

    def planned(self, root: Layer) -> tuple[PlannedTask, ...]:
        """The tasks, with their dependencies."""
        self._make(root)
        return tuple(self._task(draft) for draft in self._drafts)

    def _make(self, root: Layer) -> None:
        """Make the tasks, each before what is inside it, siblings in order."""
        waiting = [_Seat(root, None, _Siblings(None, [[]]), 0)]
        while waiting:
            seat = waiting.pop()
            if seat.turn is None:
                _move_tail(seat)
            if seat.turn is None and seat.layer.node.loop:
                waiting.extend(reversed(list(self._turns(seat, seat.layer.node.loop))))
            elif self._turning.holds(seat.layer.node, seat.layer.scope):
                draft = self._draft(seat)
                if any(layer.node.children for layer in draft.layers):
                    waiting.extend(reversed(list(self._children(draft))))

    def _turns(self, seat: _Seat, loop: Loop) -> Iterator[_Seat]:
        node, scope, template = seat.layer
        items, at = self._turning.items(loop, scope)
        for turn, item in enumerate(items):
            layer = Layer(node, scope.inside(loop.variable, item, (*at, turn)), template)
            yield _Seat(layer, seat.parent, seat.siblings, seat.position, seat.before, turn)

    def _draft(self, seat: _Seat) -> _Draft:
        node, siblings, parent = seat.layer.node, seat.siblings, seat.parent
        made = siblings.made[seat.position]
        chained = siblings.tail if seat.before else []
        if made and node.loop and node.loop.sequential:
            chained = made[-1:]
        key = node.key if seat.turn is None else f"{node.key}[{seat.turn}]"
        draft = _Draft(
            number=len(self._drafts),
            parent=parent.number if parent else None,
            key=key,
            path=f"{parent.path}/{key}" if parent else key,
            layers=self._turning.layers(seat.layer, accepted),
            siblings=siblings,
            chained=chained,
        )
        self._drafts.append(draft)
        made.append(draft.number)
        return draft

    def _children(self, draft: _Draft) -> Iterator[_Seat]:
        """What is inside a task: what an included template has in it first."""
        for layer in reversed(draft.layers):
            around = draft.siblings if layer is draft.layers[0] else _Siblings(None, [[draft.number]])
            siblings = _Siblings(around, [[] for _ in layer.node.children])
            before: Node | None = None
            for position, child in enumerate(layer.node.children):
                seat = Layer(child, layer.scope, layer.template)
                yield _Seat(seat, draft, siblings, position, before)
                before = child if layer.node.sequential_children else None

    def _task(self, draft: _Draft) -> PlannedTask:
        attributes: JsonObject = {}
        stage: str | None = None
        join: str | int | None = None
        not_before: datetime | None = None
        for node, scope, _ in reversed(draft.layers):
            scope.allowance.spend(node.size)
            attributes |= node.attributes.fill(scope)
            stage = _name(node.lifecycle_stage, scope) or stage
            join = _join(node.join, scope) or join
            not_before = _not_before(node.not_before, scope) or not_before
        node, scope, template = draft.layers[-1]
        return PlannedTask(
            parent=draft.parent,
            key=draft.key,
            path=draft.path,
            template_id=template.template_id,
            template_version=template.version,
            task_type=_task_type(node.task_type, scope),
            attributes=attributes,
            lifecycle_stage=stage,
            join=join,
            not_before=not_before,
            dependencies=self._needs(draft),
        )

    def _needs(self, draft: _Draft) -> tuple[PlannedDependency, ...]:
        node, scope, _ = draft.layers[0]
        needs: dict[tuple[int, str], PlannedDependency] = {}
        for dependency in node.dependencies:
            others = draft.siblings.of(dependency.target)
            self._count(len(others))
            says = _says(dependency, scope)
            for other in others:
                needs[other, dependency.type] = PlannedDependency(on=other, **says)
        self._count(len(draft.chained))
        for other in draft.chained:
            needs.setdefault((other, _CHAIN), PlannedDependency(on=other, dependency_type=_CHAIN))
        return tuple(needs.values())

    def _count(self, more: int) -> None:
        self._dependencies += more
        if self._dependencies > LIMITS.dependencies_per_call:
            raise LimitExceededError(
                what="dependencies that one expansion makes", limit=LIMITS.dependencies_per_call
            )


def _move_tail(seat: _Seat) -> None:
    """Where children are chained: the next one hangs on what the one before it became, if on anything."""
    if seat.before and (made := seat.siblings.made[seat.position - 1]):
        loop = seat.before.loop
        seat.siblings.tail = made[-1:] if loop and loop.sequential else made


# --- values that have a form -------------------------------------------------------------------------------


def _says(dependency: NodeDependency, scope: Scope) -> dict[str, Any]:
    return {
        "dependency_type": dependency.type,
        "mandatory": dependency.mandatory,
        "outcome": dependency.outcome,
        "description": _text(dependency.description, scope),
        "lag": _lag(dependency.lag, scope),
        "artifact": _name(dependency.artifact, scope),
        "conditions": dependency.conditions.fill(scope) if dependency.conditions else None,
    }


def _task_type(filling: Filling | None, scope: Scope) -> str:
    name = _name(filling, scope)
    if name is None:
        raise _misfit(filling, scope, "must be text: the template makes a task_type of it")
    return name


def _join(filling: Filling | None, scope: Scope) -> str | int | None:
    value = _filled(filling, scope)
    if value is None or (isinstance(value, str | int) and is_join(value)):
        return value
    raise _misfit(filling, scope, JOIN_RULE)


def _not_before(filling: Filling | None, scope: Scope) -> datetime | None:
    text = _text(filling, scope)
    if text is None:
        return None
    try:
        return parse_time(text)
    except LanguageError:
        raise _misfit(filling, scope, "must be a time, such as 2025-06-16T09:00:00Z") from None


def _lag(filling: Filling | None, scope: Scope) -> str | None:
    text = _text(filling, scope)
    try:
        if text is not None:
            parse_duration(text)
    except LanguageError:
        raise _misfit(filling, scope, "must be a duration, such as 15 minutes or PT2H") from None
    return text


def _name(filling: Filling | None, scope: Scope) -> str | None:
    text = _text(filling, scope)
    if text is not None and not 0 < len(text) <= LIMITS.id_characters:
        raise _misfit(filling, scope, f"must make a text of 1 to {LIMITS.id_characters} characters")
    return text


def _text(filling: Filling | None, scope: Scope) -> str | None:
    value = _filled(filling, scope)
    if value is None or isinstance(value, str):
        return value
    raise _misfit(filling, scope, "must be text where the template uses it")


def _filled(filling: Filling | None, scope: Scope) -> JsonValue:
    if filling is None:
        return None
    value = filling.fill(scope)
    return None if isinstance(value, Absent) else value


def _misfit(filling: Filling | None, scope: Scope, message: str) -> TemplateParameterError:
    """The error of a parameter that does not fit the place where the template puts it."""
    hole = next(filling.holes(), None) if filling else None
    at = scope.find(hole)[1] if hole else ()
    return scope.fault(at, message)
