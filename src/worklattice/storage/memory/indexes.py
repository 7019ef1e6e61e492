"""Indexes over the rows of one workspace, kept up to date row by row.

Each index is told of every change as (row before, row after), either of them None, and decides by itself
whether that concerns it.

Not here: the rows themselves (`state`), and which index serves a query best (`planner`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, groupby
from math import inf
from operator import attrgetter, itemgetter
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar

from sortedcontainers import SortedList

from worklattice.model.rows import NEW_TASK, DeliveryRow, EdgeKey, EdgeRow, TaskRow

R = TypeVar("R")
R_contra = TypeVar("R_contra", contravariant=True)
N = TypeVar("N")
"""What a row is found by: a task by its id, an edge by its key."""

TaskChange: TypeAlias = tuple[TaskRow | None, TaskRow | None]
EdgeChange: TypeAlias = tuple[EdgeRow | None, EdgeRow | None]

NOBODY: Final[frozenset[str]] = frozenset()


class Index(Protocol[R_contra]):
    """An index over rows of one kind."""

    def add(self, row: R_contra) -> None:
        """Take notice that a row came."""
        ...

    def remove(self, row: R_contra) -> None:
        """Take notice that a row went."""
        ...

    def move(self, old: R_contra, new: R_contra) -> None:
        """Take notice that a row changed."""
        ...


TaskIndex: TypeAlias = Index[TaskRow]


def note(old: R | None, new: R | None, indexes: Iterable[Index[R]]) -> None:
    """Let each of the indexes take notice that a row came, went or changed."""
    if old is None:
        if new is not None:
            for index in indexes:
                index.add(new)
    elif new is None:
        for index in indexes:
            index.remove(old)
    else:
        for index in indexes:
            index.move(old, new)


class Buckets:
    """Ids by the value of one field; rows without a value are left out."""

    __slots__ = ("_ids", "_place")

    def __init__(self, field: str) -> None:
        self._place = TaskRow._fields.index(field)
        self._ids: dict[str, set[str]] = {}

    def add(self, row: TaskRow) -> None:
        value: Any = row[self._place]
        if value is None:
            return
        ids = self._ids.get(value)
        if ids is None:
            self._ids[value] = {row[0]}
        else:
            ids.add(row[0])

    def remove(self, row: TaskRow) -> None:
        value: Any = row[self._place]
        if value is None:
            return
        ids = self._ids[value]
        ids.remove(row[0])
        if not ids:
            del self._ids[value]

    def move(self, old: TaskRow, new: TaskRow) -> None:
        if old[self._place] != new[self._place]:
            self.remove(old)
            self.add(new)

    def ids(self, value: str) -> set[str] | frozenset[str]:
        """The ids of the rows that have this value. Not a copy."""
        return self._ids.get(value, NOBODY)


SortKey: TypeAlias = tuple[Any, ...]
"""What a row is sorted by; distinct for distinct rows, its last member names the row."""


class Ordered(Generic[R, N]):
    """The keys of those rows that `key` gives one for, in order.

    The last member of a key is what the row is found by, here called its id.
    """

    __slots__ = ("_key", "keys")

    def __init__(self, key: Callable[[R], SortKey | None]) -> None:
        self._key = key
        self.keys: SortedList[SortKey] = SortedList()

    def add(self, row: R) -> None:
        key = self._key(row)
        if key is not None:
            self.keys.add(key)

    def remove(self, row: R) -> None:
        key = self._key(row)
        if key is not None:
            self.keys.remove(key)

    def move(self, old: R, new: R) -> None:
        if self._key(old) != self._key(new):
            self.remove(old)
            self.add(new)

    def ids(self, behind: SortKey | None = None) -> Iterator[N]:
        """The ids in order, only those behind a key where one is given."""
        if behind is None:
            return map(_LAST, self.keys)
        return map(_LAST, self.keys.irange(minimum=behind, inclusive=(False, True)))

    def ids_downwards(self, behind: SortKey | None = None) -> Iterator[N]:
        """The ids by the first member of their keys, an integer, highest first; ties in their order.

        Only those behind a key where one is given.
        """
        keys = self.keys
        if behind is None:
            return _by_first(reversed(keys))
        ties = keys.irange(minimum=behind, maximum=(behind[0] + 1,), inclusive=(False, False))
        lower = keys.irange(maximum=behind[:1], reverse=True)
        return chain(map(_LAST, ties), _by_first(lower))

    def ids_until(self, highest: int) -> Iterator[N]:
        """The ids, in order, whose keys begin with `highest` or less."""
        return map(_LAST, self.keys.irange(maximum=(highest, inf)))

    def count_until(self, highest: int) -> int:
        """How many keys begin with `highest` or less."""
        return self.keys.bisect_right((highest, inf))

    def first_behind(self, number: int) -> int | None:
        """The first member of the first key that begins with more than `number`."""
        return next((key[0] for key in self.keys.irange(minimum=(number, inf))), None)

    def ids_between(self, lowest: SortKey, highest: SortKey) -> Iterator[N]:
        """The ids, in order, whose keys lie between these two, which are none themselves."""
        return map(_LAST, self.keys.irange(minimum=lowest, maximum=highest))

    def ids_led_by(self, first: str) -> Iterator[N]:
        """The ids, in order, whose keys begin with `first`."""
        return map(_LAST, self.keys.irange(minimum=(first,), maximum=(first, inf)))


def _by_first(downwards: Iterable[SortKey]) -> Iterator[Any]:
    """The ids of keys that come in falling order, with those of the same first member turned round."""
    for _, ties in groupby(downwards, key=_FIRST):
        for key in reversed(list(ties)):
            yield key[-1]


_FIRST: Final = itemgetter(0)
_LAST: Final = itemgetter(-1)


def _values_of(*fields: str) -> Callable[[TaskRow], tuple[Any, ...]]:
    return itemgetter(*map(TaskRow._fields.index, fields))


SELDOM_FIELDS: Final = (
    "superseded_by", "moment", "alarm_at", "timed", "next_run_at", "due_at", "breached_at", "completed_at"
)  # fmt: skip
"""What those indexes look at that few rows are in, beside `seq` and id, which stay with a task."""

seldom: Final = _values_of(*SELDOM_FIELDS)
"""The values of these fields."""

IN_NONE: Final = seldom(NEW_TASK)
"""Their values in a row that is in none of these indexes."""

INDEXED_FIELDS: Final = (
    "seq", "task_type", "parent_id", "stage", "created_at", "template_id", "status", "ready", "rank",
    "root_id", "run_of", *SELDOM_FIELDS,
)  # fmt: skip
"""What indexes look at: a row that changes elsewhere only concerns none of them."""

indexed: Final = _values_of(*INDEXED_FIELDS)
"""The values of these fields."""


def created_key(row: TaskRow) -> SortKey:
    """By age; ties by id."""
    return row.created_at, row.task_id


def ready_key(row: TaskRow) -> SortKey | None:
    """By priority, then age, ties by id, where the row is ready."""
    return (row.rank, row.created_at, row.task_id) if row.ready else None


def due_key(row: TaskRow) -> SortKey | None:
    """By the moment at which the row changes by itself, then by creation, where there is one."""
    return None if row.moment is None else (row.moment, row.seq, row.task_id)


def alarm_key(row: TaskRow) -> SortKey | None:
    """By its next alarm, then by creation, where there is one."""
    return None if row.alarm_at is None else (row.alarm_at, row.seq, row.task_id)


def late_key(row: TaskRow) -> SortKey | None:
    """By the time by which it is due, then by creation, where there is one and the task has not ended."""
    if row.due_at is None or row.completed_at is not None:
        return None
    return row.due_at, row.seq, row.task_id


def missed_key(row: TaskRow) -> SortKey | None:
    """By the due time that was missed, then by creation, where one was."""
    return None if row.breached_at is None else (row.breached_at, row.seq, row.task_id)


def timed_key(row: TaskRow) -> SortKey | None:
    """By creation, where the row is timed."""
    return (row.seq, row.task_id) if row.timed else None


def run_key(row: TaskRow) -> SortKey | None:
    """By the next run, then by creation, where one comes."""
    return None if row.next_run_at is None else (row.next_run_at, row.seq, row.task_id)


def replaced_key(row: TaskRow) -> SortKey | None:
    """By the task that superseded this one, then by creation, where there is one."""
    return None if row.superseded_by is None else (row.superseded_by, row.seq, row.task_id)


def edge_due_key(edge: EdgeRow) -> SortKey | None:
    """By the moment at which the edge changes by itself, then as they were added, where there is one."""
    return None if edge.moment is None else (edge.moment, edge.seq, edge.key)


def delivery_due_key(row: DeliveryRow) -> SortKey | None:
    """By consumer, then by the time at which it is to be tried, then by event, where it is not dead."""
    return None if row.next_at is None else (row.consumer, row.next_at, row.position, row.place, row.key)


def dead_key(row: DeliveryRow) -> SortKey | None:
    """By consumer, then by event, where it is dead."""
    return None if row.dead_at is None else (row.consumer, row.position, row.place, row.key)


class Children:
    """The ids of each task's children, in order of creation.

    A child is found in the list of its siblings by its `seq`, which is looked up in `tasks`; so who leaves is
    told before `tasks` changes, and who joins after.
    """

    __slots__ = ("_ids", "_tasks")

    def __init__(self, tasks: Mapping[str, TaskRow]) -> None:
        self._tasks = tasks
        self._ids: dict[str, list[str]] = {}

    def __getitem__(self, parent_id: str) -> list[str]:
        """The children's ids. Not a copy."""
        return self._ids.get(parent_id, [])

    def leave(self, changes: Iterable[TaskChange]) -> None:
        """Take out the rows that go, and those that get another parent."""
        for old, new in changes:
            if old is None or old.parent_id is None or (new is not None and _place(new) == _place(old)):
                continue
            siblings = self._ids[old.parent_id]
            at = bisect_left(siblings, old.seq, key=self._seq)
            del siblings[siblings.index(old.task_id, at)]
            if not siblings:
                del self._ids[old.parent_id]

    def join(self, changes: Iterable[TaskChange]) -> None:
        """Put in the rows that come, and those that got another parent."""
        unsorted: set[str] = set()
        for old, new in changes:
            if new is None or new.parent_id is None or (old is not None and _place(new) == _place(old)):
                continue
            siblings = self._ids.get(new.parent_id)
            if siblings is None:
                self._ids[new.parent_id] = [new.task_id]
                continue
            if self._tasks[siblings[-1]].seq > new.seq:
                unsorted.add(new.parent_id)
            siblings.append(new.task_id)
        for parent_id in unsorted:
            self._ids[parent_id].sort(key=self._seq)

    def _seq(self, task_id: str) -> int:
        return self._tasks[task_id].seq


_place: Final = attrgetter("parent_id", "seq")


EdgeOrder: TypeAlias = tuple[int, EdgeKey]


def edge_order(edge: EdgeRow) -> EdgeOrder:
    """The order in which edges were added."""
    return edge.seq, edge[:3]


class EdgeLists:
    """Edges by one of the tasks that they name, in the order they were added."""

    __slots__ = ("_lists", "_owner")

    def __init__(self, owner: Callable[[EdgeRow], str | None]) -> None:
        self._owner = owner
        self._lists: dict[str, list[EdgeRow]] = {}

    def __getitem__(self, task_id: str) -> list[EdgeRow]:
        """The edges of a task. Not a copy."""
        return self._lists.get(task_id, [])

    def move(self, old: EdgeRow | None, new: EdgeRow | None) -> None:
        """Take notice that an edge came, changed, or went."""
        if old is not None and (owner := self._owner(old)) is not None:
            edges = self._lists[owner]
            at = bisect_left(edges, edge_order(old), key=edge_order)
            if new is not None and new.seq == old.seq and self._owner(new) == owner:
                edges[at] = new
                return
            del edges[at]
            if not edges:
                del self._lists[owner]
        if new is not None and (owner := self._owner(new)) is not None:
            if (edges_there := self._lists.get(owner)) is None:
                self._lists[owner] = [new]
            elif edge_order(edges_there[-1]) < (order := edge_order(new)):
                edges_there.append(new)
            else:
                edges_there.insert(bisect_left(edges_there, order, key=edge_order), new)


dependant_of: Final[Callable[[EdgeRow], str]] = attrgetter("task_id")
awaited_by: Final[Callable[[EdgeRow], str]] = attrgetter("effective_id")


def diverted_from(edge: EdgeRow) -> str | None:
    """The task that the edge names, where it waits for another one in its place."""
    return None if edge.effective_id == edge.dependency_id else edge.dependency_id
