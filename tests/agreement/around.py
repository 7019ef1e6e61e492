"""What a command can be about in a world, and the choice among it.

Ids, times and values are few, so that tasks meet; most ids are those of tasks that are there. All choices of
a step are read from one string of bytes, a byte each: one draw is quicker than thirty, and shrinks as well,
for the first of several is the simplest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, TypeVar

from tests.agreement import values
from tests.agreement.world import World
from worklattice.model.commands import DependencySpec, DependencyTypeName

T = TypeVar("T")

_LIVELY: Final = ("active", "doing", "completed", "completed", "completed", "failed", "ready", "review")
"""Stages in which something happens, for others too; what happens more often stands here more than once."""

_TURNING: Final = frozenset({"active", "blocked", "doing", "parked"})
"""Stages in which clocks stand still, or go on."""

_UNDER_WAY: Final = frozenset({"active", "doing", "review"})


class Around:
    """What is there, and a way to choose from it. Where the bytes are used up, the simplest is chosen."""

    def __init__(self, choices: bytes, world: World, now: datetime) -> None:
        self._choices = iter(choices)
        self.world = world
        self.now = now
        self.there = list(world.tasks)

    def draw(self, values: Sequence[T]) -> T:
        """One of the values."""
        return values[next(self._choices, 0) % len(values)]

    def chance(self, of: int) -> bool:
        """True once in so many times, and not where the bytes are used up."""
        return next(self._choices, 0) % of == of - 1

    def task_id(self) -> str:
        """Mostly that of a task that is there."""
        if self.chance(values.RARELY) or not self.there:
            return self.draw(values.NAMES)
        return self.draw(self.there)

    def busy_id(self) -> str:
        """Half of the time that of a task that may go on: one under way, or open and in need of nothing."""
        needy = {key[0] for key in self.world.edges}
        busy = [
            task_id
            for task_id, task in self.world.tasks.items()
            if task["stage"] in _UNDER_WAY or (task["outcome"] is None and task_id not in needy)
        ]
        return self.draw(busy) if busy and self.chance(values.HALF) else self.task_id()

    def pair(self) -> tuple[str, str]:
        """Two tasks, mostly the younger one first."""
        one, other = self.task_id(), self.task_id()
        if one not in self.there or other not in self.there:
            return one, other
        first, second = self.there.index(one), self.there.index(other)
        if first == second and not self.chance(values.SELDOM):
            second = (first + 1) % len(self.there)
        if first < second and not self.chance(values.SELDOM):
            first, second = second, first
        return self.there[first], self.there[second]

    def new_id(self) -> str | None:
        """Mostly one that is free; None lets one be generated."""
        if self.chance(values.RARELY) and self.there:
            return self.draw(self.there)
        free = [name for name in values.NAMES if name not in self.world.tasks]
        return None if not free or self.chance(values.SOMETIMES) else free[0]

    def moment(self) -> datetime:
        """Around now."""
        return self.now + self.draw(values.OFFSETS)

    def maybe(self, of: int, make: Callable[[], T]) -> T | None:
        """Something, once in so many times."""
        return make() if self.chance(of) else None

    def version(self, task_id: str) -> int | None:
        """Mostly no expectation; else the right version or the one before it."""
        if not self.chance(values.SELDOM) or task_id not in self.world.tasks:
            return None
        version: int = self.world.tasks[task_id]["version"]
        return max(1, version - 1) if self.chance(values.SOMETIMES) else version

    def claimed_id(self) -> str:
        """Mostly that of a task that somebody has claimed, where there is one."""
        claimed = [task_id for task_id, task in self.world.tasks.items() if task["claimed_by"] is not None]
        return self.draw(claimed) if claimed and not self.chance(values.SELDOM) else self.task_id()

    def token(self, task_id: str) -> int | None:
        """Mostly the one that opens the task; else none, or one that does not."""
        task = self.world.tasks.get(task_id)
        if task is None or self.chance(values.SELDOM):
            return self.draw((None, 1, self.world.events + 1))
        last: int | None = task["token"]
        is_shown = task["claimed_by"] is not None or self.chance(values.SELDOM)
        return last if is_shown else None

    def stage(self, task_id: str) -> str:
        """Mostly one that the lifecycle leads to."""
        task = self.world.tasks.get(task_id)
        drawn = self.draw(values.STAGES)
        if task is not None and not self.chance(values.SELDOM):
            leads_to: Sequence[str] = self.world.lifecycle(task["task_type"]).leads_to[task["stage"]]
            lively = [stage for stage in _LIVELY if stage in leads_to]
            leads_to = lively if lively and not self.chance(values.SOMETIMES) else leads_to
            return self.draw(leads_to) if leads_to else drawn
        return drawn

    def next_stage(self, task_id: str) -> str:
        """Mostly one that the lifecycle leads to, half of the time one in which clocks stop or go on."""
        task = self.world.tasks.get(task_id)
        if task is None or self.chance(values.SELDOM):
            return self.draw(values.STAGES)
        leads_to: Sequence[str] = self.world.lifecycle(task["task_type"]).leads_to[task["stage"]]
        turning = [stage for stage in leads_to if stage in _TURNING]
        if turning and self.chance(values.HALF):
            return self.draw(turning)
        return self.draw(leads_to) if leads_to else self.stage(task_id)

    def birth(self, task_type: str) -> str:
        """A stage to be born in, mostly one of the type's, half of the time one that has guards."""
        if self.chance(values.SELDOM):
            return self.draw(values.STAGES)
        stages = self.world.lifecycle(task_type).stages
        guarded = [name for name, stage in stages.items() if stage.roles & {"started", "succeeded"}]
        return self.draw(guarded if self.chance(values.HALF) else list(stages))

    def spec(self, other: str | None = None, kind: DependencyTypeName | None = None) -> DependencySpec:
        """A dependency; of another type than it can be once in a while."""
        draw = self.draw
        named = draw(values.KINDS_OF_EDGES) if kind is None else kind
        any_way = self.chance(values.RARELY)
        awaits_finish = named in {"completion", "data", "finish_to_finish", "blocks"}
        return DependencySpec(
            dependency_task_id=other or self.task_id(),
            dependency_type=named,
            mandatory=draw(values.MANDATORY),
            outcome=draw(values.OUTCOMES) if awaits_finish or any_way else None,
            conditions=draw(values.CONDITIONS),
            lag=draw(values.LAGS),
            artifact="report" if any_way or (named == "data" and self.chance(values.SOMETIMES)) else None,
            description="why" if any_way else None,
        )

    def specs(self, of: int) -> tuple[DependencySpec, ...]:
        """Some dependencies, of which each is followed by another once in so many times."""
        specs: list[DependencySpec] = []
        while self.chance(of) and len(specs) < 3:
            specs.append(self.spec())
        return tuple(specs)
