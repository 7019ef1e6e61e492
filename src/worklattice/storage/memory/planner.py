"""How a query finds its rows in memory.

A filter's parts that ask for some values of an indexed field narrow the search to the rows that have them;
the smallest such set is taken, and the other parts are judged row by row. Where rows are wanted in the order
of an index, and a page is likely to be full before the set would be sorted, that index is walked instead.

What the answers mean stands in `worklattice.query.evaluate`, which gives them where nothing better is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import Final, NamedTuple, TypeGuard

import attrs

from worklattice.lang.condition import (
    Column,
    Comparator,
    Compare,
    Condition,
    Expression,
    In,
    IsNull,
    Literal,
    Or,
    Truth,
)
from worklattice.lang.values import Value
from worklattice.model.rows import TaskRow
from worklattice.query import ast
from worklattice.query.ast import BY_AGE, BY_PRIORITY, COLUMNS, Query
from worklattice.query.evaluate import compile_filter, run
from worklattice.storage.conjuncts import conjunction, conjuncts
from worklattice.storage.memory.indexes import Ordered, SortKey
from worklattice.storage.memory.state import WorkspaceState
from worklattice.types import to_micros

_BUCKETS: Final = frozenset(
    {"status", "task_type", "lifecycle_stage", "template_id", "root_task_id", "run_of"}
)
_NEWEST_FIRST: Final = (ast.SortKey(Column("created_at"), descending=True),)
_FEW: Final = 100
"""So few rows are put in order without looking for a better way."""
_STEPS_FOR_ONE_SORTED: Final = 6
"""Rows that an index walks over in the time that it takes to judge one and put it in order."""


def count(state: WorkspaceState, where: Condition | None) -> int:
    """How many rows the condition is true of."""
    parts = list(conjuncts(where))
    narrowings = _narrowings(state, parts)
    if len(narrowings) == len(parts) and all(narrowing.part is not None for narrowing in narrowings):
        if len(parts) <= 1:
            return narrowings[0].size if narrowings else len(state.tasks)
        sets = [narrowing.ids for narrowing in narrowings if isinstance(narrowing.ids, set | frozenset)]
        if len(sets) == len(parts):
            return len(sets[0].intersection(*sets[1:]))
    rows, rest = _candidates(state, parts, narrowings)
    test = compile_filter(rest)
    return sum(1 for row in rows if test(row))


def select(state: WorkspaceState, query: Query) -> list[TaskRow]:
    """The query's page."""
    parts = list(conjuncts(query.where))
    narrowings = _narrowings(state, parts)
    candidates = narrowings[0].size if narrowings else len(state.tasks)
    if candidates > _FEW:
        page = _walked(state, query, parts, candidates)
        if page is not None:
            return page
    rows, rest = _candidates(state, parts, narrowings)
    return run(attrs.evolve(query, where=rest), rows)


def _candidates(
    state: WorkspaceState, parts: Sequence[Condition], narrowings: Sequence[Narrowing]
) -> tuple[Iterable[TaskRow], Condition | None]:
    """The rows that come into question by the best index, and what is left to judge of them."""
    if not narrowings:
        return state.tasks.values(), conjunction(parts)
    best = narrowings[0]
    rows = map(state.tasks.__getitem__, best.ids)
    return rows, conjunction([part for part in parts if part is not best.part])


# --- narrowing ------------------------------------------------------------------------------------------


class Narrowing(NamedTuple):
    """What an index knows of a filter: the ids of the rows that come into question, each once."""

    part: Condition | None
    """The part that need not be judged any more, being true of exactly these; None where all parts must."""
    size: int
    """How many there are at most."""
    ids: Iterable[str]


def _narrowings(state: WorkspaceState, parts: Sequence[Condition]) -> list[Narrowing]:
    """What indexes know of the parts, smallest first."""
    found = [_narrowing(state, part) for part in parts]
    if _HAS_NOT_ENDED in parts:
        found += (_until(state.late, "due_at", part) for part in parts)
    return sorted((each for each in found if each is not None), key=lambda each: each.size)


def _narrowing(state: WorkspaceState, part: Condition) -> Narrowing | None:
    match part:
        case _ if _asks_for_ready(part):
            return Narrowing(part, len(state.ready.keys), state.ready.ids())
        case Compare(Comparator.EQ, Column(name), Literal(str() as value)) | Compare(
            Comparator.EQ, Literal(str() as value), Column(name)
        ):
            ids = _having(state, name, value)
            return None if ids is None else Narrowing(part, len(ids), ids)
        case In(Column(name), members) if _is_plain(members):
            texts = {member.value for member in members if isinstance(member.value, str)}
            sets = [ids for text in texts if (ids := _having(state, name, text)) is not None]
            if len(sets) == len(texts) and name in _INDEXED:
                return Narrowing(part, sum(map(len, sets)), chain.from_iterable(sets))
            return None
        case Or(ways):
            return _by_any(state, ways)
        case _:
            return _until(state.missed, "breached_at", part)


_HAS_NOT_ENDED: Final = IsNull(Column("completed_at"))


def _until(index: Ordered[TaskRow, str], column: str, part: Condition) -> Narrowing | None:
    """The rows whose time in the column is before one, or not after it, where the part asks for that."""
    match part:
        case Compare((Comparator.LT | Comparator.LE) as sign, Column(name), Literal(datetime() as time)):
            if name != column:
                return None
            last = to_micros(time) - (sign is Comparator.LT)
            return Narrowing(part, index.count_until(last), index.ids_until(last))
        case _:
            return None


def _by_any(state: WorkspaceState, ways: Iterable[Condition]) -> Narrowing | None:
    """The rows that one of several conditions may be true of, where indexes know some of each."""
    best = []
    for way in ways:
        narrowings = _narrowings(state, list(conjuncts(way)))
        if not narrowings:
            return None
        best.append(narrowings[0])
    size = sum(narrowing.size for narrowing in best)
    if size * 2 > len(state.tasks):
        return None  # to go through all of them is quicker
    return Narrowing(None, size, _distinct(chain.from_iterable(narrowing.ids for narrowing in best)))


def _distinct(ids: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for task_id in ids:
        if task_id not in seen:
            seen.add(task_id)
            yield task_id


_INDEXED: Final = _BUCKETS | {"task_id", "parent_task_id"}


def _is_plain(members: tuple[Expression, ...]) -> TypeGuard[tuple[Literal, ...]]:
    """Whether the members are constants, none of them a time, which text is compared with in another way."""
    return all(isinstance(each, Literal) and not isinstance(each.value, datetime) for each in members)


def _having(state: WorkspaceState, column: str, value: str) -> set[str] | frozenset[str] | list[str] | None:
    """The ids of the rows that have the value in the column; None where there is no index. Not a copy."""
    if column in _BUCKETS:
        return state.bucket(COLUMNS[column][0], value)
    if column == "parent_task_id":
        return state.children[value]
    if column == "task_id":
        return [value] if value in state.tasks else []
    return None


# --- walking --------------------------------------------------------------------------------------------


def _walked(
    state: WorkspaceState, query: Query, parts: Sequence[Condition], candidates: int
) -> list[TaskRow] | None:
    """The page, found by walking an index in the order wanted; None where that is not the way."""
    if query.limit is None:
        return None
    walk = _walk(state, query, parts)
    if walk is None:
        return None
    wanted = query.offset + query.limit
    worthwhile = candidates * _STEPS_FOR_ONE_SORTED
    if wanted * walk.length // candidates > worthwhile:
        return None
    # Where the likely does not come true, the way over the candidates is still open, at twice its cost.
    steps = min(worthwhile, walk.length)
    test = compile_filter(conjunction([part for part in parts if part is not walk.answered]))
    rows = map(state.tasks.__getitem__, islice(walk.ids, steps))
    page = list(islice(filter(test, rows), wanted))
    if len(page) < wanted and steps < walk.length:
        return None
    return page[query.offset :]


class Walk(NamedTuple):
    """Ids in the order that a query wants."""

    ids: Iterator[str]
    length: int
    """How many there are at most."""
    answered: Condition | None = None
    """The part of the filter that is true of all of them."""


def _walk(state: WorkspaceState, query: Query, parts: Sequence[Condition]) -> Walk | None:
    if query.sort == BY_PRIORITY:
        ready = next((part for part in parts if _asks_for_ready(part)), None)
        if ready is None:
            return None
        index, answered = state.ready, ready
    elif query.sort in (BY_AGE, _NEWEST_FIRST):
        index, answered = state.by_age, None
    else:
        return None
    behind = None
    if query.after is not None:
        behind = _index_key(*query.after)
        if behind is None:
            return None
    ids = index.ids_downwards(behind) if query.sort == _NEWEST_FIRST else index.ids(behind)
    return Walk(ids, len(index.keys), answered)


def _asks_for_ready(part: Condition) -> bool:
    match part:
        case Truth(Column("ready")) | Compare(Comparator.EQ, Column("ready"), Literal(True)):
            return True
        case _:
            return False


def _index_key(values: tuple[Value, ...], task_id: str) -> SortKey | None:
    """The key of the last row of the page before; None where no row can have had such values."""
    parts = [to_micros(value) if isinstance(value, datetime) else value for value in values]
    if type(parts[-1]) is not int or any(type(part) not in {int, float} for part in parts):
        return None
    return (*parts, task_id)
