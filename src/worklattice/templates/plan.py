"""What an expansion comes to: tasks without ids, and which needs which.

Not here: how it is made (`worklattice.templates.expand`) and what becomes of it: the tasks get their ids, and
are judged like all others, where commands are decided. Like rows, planned tasks are plain tuples, since there
may be a thousand of them.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from attrs import frozen

from worklattice.types import JsonObject


class PlannedDependency(NamedTuple):
    """A dependency on another planned task; None where the template leaves something out."""

    on: int
    """The index of the other task in the plan."""
    dependency_type: str = "completion"
    mandatory: bool | None = None
    outcome: str | None = None
    description: str | None = None
    lag: str | None = None
    """A duration that can be read."""
    artifact: str | None = None
    conditions: JsonObject | None = None


class PlannedTask(NamedTuple):
    """A task to be made. Its place in `Expansion.tasks` is what others refer to it by."""

    parent: int | None
    """The index of its parent, which comes before it; None for the root."""
    key: str
    """The node's key; in a loop with the number of the turn, `environment[0]`. Unique among its siblings,
    unless they come from an include and from what stands beside it."""
    path: str
    """The keys from the root down to it: `change/environment[0]/upgrade`."""
    template_id: str
    template_version: int
    """The template that says what it is: the included one, where it was included."""
    task_type: str
    attributes: JsonObject
    lifecycle_stage: str | None
    join: str | int | None
    not_before: datetime | None
    dependencies: tuple[PlannedDependency, ...]


@frozen(kw_only=True)
class Expansion:
    """A template, expanded."""

    template_id: str
    template_version: int
    parameters_applied: JsonObject
    """The parameters given, and the defaults."""
    tasks: tuple[PlannedTask, ...]
    """Parents first, in the order of the template."""

    @property
    def dependency_count(self) -> int:
        """How many dependencies there are."""
        return sum(len(task.dependencies) for task in self.tasks)
