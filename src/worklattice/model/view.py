"""What a decision may ask of the world: the read side of one transaction, in one workspace.

Stores implement `View`; `worklattice.model.draft.Draft` lays the changes of a transaction over one. All
answers of one view show the same state. Ids that do not exist, or belong to another workspace, are simply
not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from worklattice.model.rows import (
    CalendarRow,
    CommentRow,
    ConsumerRow,
    DeliveryKey,
    DeliveryRow,
    EdgeKey,
    EdgeRow,
    EventRow,
    HoldRow,
    KeyRow,
    Micros,
    TaskRow,
    TemplateRow,
    TypeRow,
    WorkspaceRow,
)


class View(Protocol):
    """One consistent read of one workspace."""

    def workspace(self) -> WorkspaceRow | None:
        """The workspace's own row; None where nothing was ever written to it."""
        ...

    def task(self, task_id: str) -> TaskRow | None:
        """The task, or None."""
        ...

    def tasks(self, task_ids: Sequence[str]) -> dict[str, TaskRow]:
        """Those of the tasks that exist, by id. Fewer round trips than asking one by one."""
        ...

    def children(self, task_id: str) -> Sequence[TaskRow]:
        """The task's children in order of creation (`seq`); empty where there are none."""
        ...

    def edge(self, key: EdgeKey) -> EdgeRow | None:
        """The edge, or None."""
        ...

    def edges_of(self, task_id: str) -> Sequence[EdgeRow]:
        """The dependencies that the task has, in the order they were added (`seq`, then key)."""
        ...

    def edges_on(self, task_id: str) -> Sequence[EdgeRow]:
        """The dependencies of others whose `effective_id` is this task, in the order they were added."""
        ...

    def edges_naming(self, task_id: str) -> Sequence[EdgeRow]:
        """The dependencies of others whose `dependency_id` is this task, whomever they follow."""
        ...

    def holds_on(self, resource: str) -> Sequence[HoldRow]:
        """What the claims of tasks hold of a resource, by the tasks' ids."""
        ...

    def replaced_by(self, task_id: str) -> Sequence[str]:
        """Ids of the tasks whose `superseded_by` is this task, in order of creation."""
        ...

    def due_tasks(self, now: Micros) -> Sequence[TaskRow]:
        """Tasks whose `moment` is at or before `now`, earliest first, then by `seq`."""
        ...

    def due_alarms(self, now: Micros) -> Sequence[TaskRow]:
        """Tasks whose `alarm_at` is at or before `now`, earliest first, then by `seq`."""
        ...

    def due_edges(self, now: Micros) -> Sequence[EdgeRow]:
        """Edges whose `moment` is at or before `now`, earliest first, then by `seq` and key."""
        ...

    def next_moment(self, after: Micros) -> Micros | None:
        """The earliest `moment` or `alarm_at` that lies behind `after`; None where there is none."""
        ...

    def next_runs(self, limit: int, upto: Micros | None = None) -> Sequence[TaskRow]:
        """Up to `limit` tasks that have a `next_run_at`, earliest first, then by `seq`.

        Only those at or before `upto` where that is given.
        """
        ...

    def similar_ids(self, task_id: str, limit: int) -> Sequence[str]:
        """Up to `limit` ids that begin like `task_id`, the most alike first, to offer in its place."""
        ...

    def comments(self, task_id: str) -> Sequence[CommentRow]:
        """The task's comments, oldest first."""
        ...

    def template(self, template_id: str, version: int | None = None) -> TemplateRow | None:
        """That version of the template, deleted or not; without one, the newest; None where there is none."""
        ...

    def templates(self) -> Sequence[TemplateRow]:
        """The newest version of every template, deleted ones too, by id."""
        ...

    def task_type(self, task_type: str) -> TypeRow | None:
        """The registration of a task type; None where it was never registered."""
        ...

    def task_types(self) -> Sequence[TypeRow]:
        """Every registration, by name."""
        ...

    def calendar(self, name: str) -> CalendarRow | None:
        """The calendar of that name; None where there is none."""
        ...

    def calendars(self) -> Sequence[CalendarRow]:
        """Every calendar, by name."""
        ...

    def tasks_of_type(self, task_type: str) -> Iterable[TaskRow]:
        """Every task of the type, in order of creation."""
        ...

    def timed_tasks(self) -> Sequence[TaskRow]:
        """Every task that is `timed`, in order of creation."""
        ...

    def tasks_from_template(self, template_id: str, version: int) -> Iterable[TaskRow]:
        """Every task that was made from this version of the template, in order of creation."""
        ...

    def key(self, key: str) -> KeyRow | None:
        """The use of an idempotency key; None where it was not used."""
        ...

    def keys_used_before(self, moment: Micros, limit: int) -> Sequence[str]:
        """Up to `limit` keys that were used before the moment, those used first in front, then by key."""
        ...

    def delivery(self, key: DeliveryKey) -> DeliveryRow | None:
        """The delivery, dead or not; None where it was delivered, or never created."""
        ...

    def dead_letters(self, consumer: str, after: tuple[int, int], limit: int) -> Sequence[DeliveryRow]:
        """Up to `limit` deliveries that were given up, by position and place, behind such a pair."""
        ...

    def events(self, after: int, limit: int, task_id: str | None = None) -> Sequence[EventRow]:
        """Up to `limit` events behind position `after`, in order; only the task's where one is given."""
        ...

    def undone_by(self, command: int) -> int | None:
        """The last command that undid this one, by its events' `undoes`; None where there is none."""
        ...


class Outbox(View, Protocol):
    """A view that also tells what is to be delivered."""

    def consumer(self, consumer: str) -> ConsumerRow | None:
        """How far a consumer has come; None where it is not known."""
        ...

    def due_deliveries(self, consumer: str, now: Micros, limit: int) -> Sequence[DeliveryRow]:
        """Up to `limit` deliveries whose `next_at` is at or before `now`, earliest first, then by key."""
        ...

    def next_delivery(self, consumer: str) -> Micros | None:
        """The earliest `next_at` of the consumer's deliveries; None where there is none."""
        ...


class Scan(View, Protocol):
    """A view that can also be read whole, for dumps and recounts."""

    def all_tasks(self) -> Iterable[TaskRow]:
        """Every task in order of creation (`seq`), streamed."""
        ...

    def all_edges(self) -> Iterable[EdgeRow]:
        """Every edge in the order they were added (`seq`, then key), streamed."""
        ...

    def all_holds(self) -> Iterable[HoldRow]:
        """Everything that claims hold, by resource and task, streamed."""
        ...

    def all_comments(self) -> Iterable[CommentRow]:
        """Every comment in the order they were made, streamed."""
        ...

    def all_templates(self) -> Iterable[TemplateRow]:
        """Every version of every template, deleted ones too, by id and version."""
        ...
