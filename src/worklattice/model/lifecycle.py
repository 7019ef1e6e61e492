"""Lifecycles: the stages a task goes through, which may follow which, and what each one means.

`lifecycle_stage` is what people and workers say, `status` is what follows from it. The default lifecycle is
one literal below (`STAGES`), which the engine, the error texts, the reference and the picture all read; a
task type may be registered with a lifecycle of its own.

Not here: what a task waits for (`worklattice.model.waiting`) and the guards of a transition
(`worklattice.model.decide.guards`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Final

from attrs import define, field, frozen

from worklattice.errors import Problem, closest, shown
from worklattice.graph import reachable
from worklattice.types import ID_RULE, JsonObject, is_id


class Role(StrEnum):
    """What a stage means to the engine."""

    STARTABLE = "startable"
    """Work may begin: ready, when nothing holds it back."""
    STARTED = "started"
    """Work is going on; guarded by the start dependencies."""
    SUCCEEDED = "succeeded"
    """Ended well: satisfies who depends on it; guarded by children and finish dependencies."""
    FAILED = "failed"
    """Ended badly: satisfies only who waits for a failure."""
    WITHDRAWN = "withdrawn"
    """Ended without an outcome of its own; what is inside it is held back."""
    ENDED = "ended"
    """Nothing more is expected of it. Succeeded, failed and withdrawn stages are ended ones."""


OUTCOMES: Final = {Role.SUCCEEDED: "succeeded", Role.FAILED: "failed", Role.WITHDRAWN: "withdrawn"}
"""The outcome that entering a stage of this role gives a task."""

ENDED_WITHOUT_OUTCOME: Final = "ended"
"""The outcome of a task that was archived before it had another."""

OPEN_STATUSES: Final = ("pending", "active", "blocked")
ENDED_STATUSES: Final = ("completed", "failed", "cancelled", "superseded", "archived")
STATUSES: Final = OPEN_STATUSES + ENDED_STATUSES

BLOCKED: Final = "blocked"
SUPERSEDED: Final = "superseded"
ARCHIVED: Final = "archived"


@frozen(kw_only=True)
class Stage:
    """One stage: its name, the status of a task in it that does not wait, and its roles."""

    name: str
    status: str
    roles: frozenset[Role]
    startable: bool = field(init=False)
    started: bool = field(init=False)
    succeeded: bool = field(init=False)
    ended: bool = field(init=False)
    outcome: str | None = field(init=False)
    """What entering it makes of the task's outcome; None where it leaves it open, or as it was."""
    end: str | None = field(init=False)
    """The outcome of a task that ended in it; None where it is no end."""
    holds_inside: bool = field(init=False)
    """Whether everything inside a task in this stage is held back."""

    def __attrs_post_init__(self) -> None:
        outcomes = [outcome for role, outcome in OUTCOMES.items() if role in self.roles]
        derived = {
            "startable": Role.STARTABLE in self.roles,
            "started": Role.STARTED in self.roles,
            "succeeded": Role.SUCCEEDED in self.roles,
            "ended": Role.ENDED in self.roles,
            "outcome": outcomes[0] if outcomes else None,
            "end": (outcomes or [ENDED_WITHOUT_OUTCOME])[0] if Role.ENDED in self.roles else None,
            "holds_inside": Role.WITHDRAWN in self.roles or self.status == ARCHIVED,
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    def fits(self, outcome: str | None) -> bool:
        """Whether a task in the stage can have ended so; one that is archived keeps the end that it had."""
        return (outcome is not None) if self.status == ARCHIVED else outcome == self.end


@define(frozen=True, kw_only=True, slots=False)
class Lifecycle:
    """Stages and transitions. `initial` is the stage that a task is born in where none is said."""

    initial: str
    stages: Mapping[str, Stage]
    transitions: Mapping[str, tuple[str, ...]]

    def next_stages(self, stage: str) -> tuple[str, ...]:
        """Where a task in `stage` may go, in the order of the table."""
        return self.transitions[stage]

    def allows(self, stage: str, target: str) -> bool:
        """Whether a task in `stage` may go to `target`."""
        return target in self._targets[stage]

    @cached_property
    def _targets(self) -> dict[str, frozenset[str]]:
        return {stage: frozenset(targets) for stage, targets in self.transitions.items()}


# stage: (status, roles, may go to)
STAGES: Final[dict[str, tuple[str, tuple[Role, ...], tuple[str, ...]]]] = {
    "draft": ("pending", (Role.STARTABLE,), ("ready", "active", "cancelled", "superseded", "archived")),
    "ready": (
        "pending",
        (Role.STARTABLE,),
        ("draft", "active", "blocked", "cancelled", "superseded", "archived"),
    ),
    "active": (
        "active",
        (Role.STARTED,),
        ("ready", "blocked", "review", "completed", "failed", "cancelled", "superseded"),
    ),
    "blocked": (
        "blocked",
        (),
        ("ready", "active", "failed", "cancelled", "superseded", "archived"),
    ),
    "review": (
        "active",
        (Role.STARTED,),
        ("active", "completed", "failed", "cancelled", "superseded"),
    ),
    "completed": ("completed", (Role.SUCCEEDED, Role.ENDED), ("active", "superseded", "archived")),
    "failed": (
        "failed",
        (Role.FAILED, Role.ENDED),
        ("ready", "active", "cancelled", "superseded", "archived"),
    ),
    "cancelled": ("cancelled", (Role.WITHDRAWN, Role.ENDED), ("draft", "ready", "archived")),
    "superseded": ("superseded", (Role.WITHDRAWN, Role.ENDED), ("archived",)),
    "archived": ("archived", (Role.ENDED,), ()),
}
"""The default lifecycle."""

DEFAULT: Final = Lifecycle(
    initial="draft",
    stages={
        name: Stage(name=name, status=status, roles=frozenset(roles))
        for name, (status, roles, _) in STAGES.items()
    },
    transitions={name: targets for name, (_, _, targets) in STAGES.items()},
)
"""`STAGES` as a value."""


def read_lifecycle(document: JsonObject, path: str) -> Lifecycle | list[Problem]:
    """The lifecycle that `document` describes, or everything that is wrong with it.

    `document` is `{"initial": name, "stages": {name: {"status": …, "roles": [...]}}, "transitions": {name:
    [names]}}`. `initial` may be left out: then it is the first startable stage. Refused are unknown names,
    stages that `initial` does not reach, and traps: stages from which no ended one can be reached.
    """
    reader = _Reader(path)
    lifecycle = reader.read(document)
    return reader.problems or lifecycle


_HINTED: Final = 20
"""So many problems of a document are told what may have been meant."""


class _Reader:
    """Collects the problems of one document."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []

    def read(self, document: JsonObject) -> Lifecycle:
        known = ("initial", "stages", "transitions")
        for key in document:
            if key not in known:
                self._problem(f".{key}", f"is no part of a lifecycle{self._hint(key, known)}")
        stages = self._stages(document.get("stages"))
        transitions = self._transitions(document.get("transitions"), stages)
        startable = [name for name, stage in stages.items() if stage.startable]
        initial = document.get("initial", startable[0] if startable else None)
        if not isinstance(initial, str) or initial not in stages:
            self._problem(".initial", f"must name a stage, not {shown(initial)}{self._hint(initial, stages)}")
            initial = next(iter(stages), "")
        lifecycle = Lifecycle(initial=initial, stages=stages, transitions=transitions)
        if not self.problems:
            self._lint(lifecycle)
        return lifecycle

    def _stages(self, given: object) -> dict[str, Stage]:
        if not isinstance(given, dict) or not given:
            self._problem(".stages", "must be an object with a stage for each name")
            return {}
        return {name: self._stage(name, body) for name, body in given.items()}

    def _stage(self, name: str, body: object) -> Stage:
        path = f".stages.{name}"
        if not is_id(name):
            self._problem(path, f"a stage's name has {ID_RULE}")
        if not isinstance(body, dict):
            self._problem(path, "must be an object with status and roles")
            body = {}
        for key in body:
            if key not in {"status", "roles"}:
                self._problem(f"{path}.{key}", f"is no part of a stage{self._hint(key, ('status', 'roles'))}")
        status, names = body.get("status"), body.get("roles", [])
        if status not in STATUSES:
            self._problem(f"{path}.status", f"must be one of {', '.join(STATUSES)}")
        roles = self._roles(names, f"{path}.roles")
        stage = Stage(name=name, status=str(status), roles=roles)
        if status in STATUSES and stage.ended != (status in ENDED_STATUSES):
            kind = "an ended" if stage.ended else "an open"
            fitting = ENDED_STATUSES if stage.ended else OPEN_STATUSES
            self._problem(f"{path}.status", f"{kind} stage has one of the statuses {', '.join(fitting)}")
        return stage

    def _roles(self, names: object, path: str) -> frozenset[Role]:
        known = {role.value: role for role in Role}
        if not isinstance(names, list) or not all(isinstance(n, str) and n in known for n in names):
            self._problem(path, f"must be an array of roles: {', '.join(known)}")
            return frozenset()
        roles = {known[str(name)] for name in names}
        outcomes = roles & OUTCOMES.keys()
        if len(outcomes) > 1:
            self._problem(path, "a stage is only one of succeeded, failed and withdrawn")
        if outcomes:
            roles.add(Role.ENDED)
        if Role.ENDED in roles and roles & {Role.STARTABLE, Role.STARTED}:
            self._problem(path, "an ended stage is neither startable nor started")
        return frozenset(roles)

    def _transitions(self, given: object, stages: Mapping[str, Stage]) -> dict[str, tuple[str, ...]]:
        transitions: dict[str, tuple[str, ...]] = dict.fromkeys(stages, ())
        if not isinstance(given, dict):
            self._problem(".transitions", "must be an object: from each stage, an array of stages")
            return transitions
        for name, targets in given.items():
            path = f".transitions.{name}"
            if name not in stages:
                self._problem(path, f"is no stage of this lifecycle{self._hint(name, stages)}")
                continue
            if not isinstance(targets, list):
                self._problem(path, "must be an array of stages")
                continue
            for index, target in enumerate(targets):
                if not isinstance(target, str) or target not in stages:
                    self._problem(
                        f"{path}[{index}]", f"{shown(target)} is no stage{self._hint(target, stages)}"
                    )
                elif target == name:
                    self._problem(f"{path}[{index}]", "a stage does not lead to itself")
            transitions[name] = tuple(dict.fromkeys(t for t in targets if isinstance(t, str)))
        return transitions

    def _lint(self, lifecycle: Lifecycle) -> None:
        stages, path = lifecycle.stages, ".stages"
        reached = reachable([lifecycle.initial], lifecycle.next_stages)
        for name in stages:
            if name not in reached:
                self._problem(f"{path}.{name}", f"cannot be reached from {shown(lifecycle.initial)}")
        coming_from: dict[str, list[str]] = {name: [] for name in stages}
        for name in stages:
            for target in lifecycle.next_stages(name):
                coming_from[target].append(name)
        ended = [name for name, stage in stages.items() if stage.ended]
        ending = reachable(ended, coming_from.__getitem__)
        for name in stages:
            if name not in ending:
                self._problem(f"{path}.{name}", "is a trap: no ended stage can be reached from it")
        for name, stage in stages.items():
            for target in lifecycle.next_stages(name) if stage.status == SUPERSEDED else ():
                if stages[target].status != ARCHIVED:
                    self._problem(f".transitions.{name}", "a superseded task can only be archived")
        if not any(stage.succeeded for stage in stages.values()):
            self._problem(path, "one stage must have the role succeeded, or nothing could depend on it")

    def _problem(self, path: str, message: str) -> None:
        self.problems.append(Problem(field=self.path + path, message=message))

    def _hint(self, name: object, known: Iterable[str]) -> str:
        """The name that was meant, if any is like it; only for the first problems, for it takes long."""
        if not isinstance(name, str) or len(self.problems) >= _HINTED:
            return ""
        near = closest(name, known, count=1)
        return f"; did you mean {shown(near[0])}?" if near else ""
