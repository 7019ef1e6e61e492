"""Conditions, tasks and queries for property tests.

Values are few, so that they meet: numbers that are equal in two types, texts that are times, keys with dots.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from worklattice.lang.condition import (
    And,
    Attribute,
    Between,
    Column,
    Comparator,
    Compare,
    Condition,
    Contains,
    Expression,
    Has,
    In,
    IsNull,
    Like,
    Literal,
    Not,
    Now,
    Or,
    Shift,
    TextSearch,
    Truth,
)
from worklattice.lang.times import UNITS
from worklattice.model.rows import TaskRow
from worklattice.query.ast import COLUMNS, CONDITION_NAMES, Query, SortKey
from worklattice.testing.rows import task_row
from worklattice.types import to_micros

NOW = datetime(2025, 6, 16, 9, 30, tzinfo=UTC)

# --- what there is to ask ---------------------------------------------------------------------------------

texts = st.sampled_from(
    ["", "a", "A", "ab", "aab", "%", "ß", "SS", "2025-06-16", "2025-06-16T09:30:00Z", "\\", "it's"]
)
numbers = st.sampled_from([-1, 0, 1, 1.0, 0.5, 2**53 + 1, 2.0**53])
scalars = st.one_of(texts, numbers, st.booleans())
structures = st.one_of(st.lists(scalars, max_size=2), st.dictionaries(texts, scalars, max_size=2))
json_values = st.one_of(scalars, st.none(), structures)
moments = st.sampled_from(
    [NOW, NOW - timedelta(days=1), NOW.replace(hour=0, minute=0), NOW + timedelta(days=40)]
)

keys = st.sampled_from(["a", "b", "a.b"])
attributes = st.one_of(keys.map(lambda key: Attribute((key,))), keys.map(lambda key: Attribute(("o", key))))
columns = st.sampled_from(sorted(CONDITION_NAMES)).map(Column)
references = st.one_of(attributes, attributes, columns)
literals = st.one_of(scalars, st.none()).map(Literal)
times = st.one_of(
    st.builds(Now, st.booleans()),
    st.sampled_from(["2025-06-16", "2025-01-31T23:00:00Z"]).map(Literal),
    references,
)
shifts = st.builds(Shift, times, st.sampled_from([-1, 0, 1, 13, -9999, 10**12]), st.sampled_from(UNITS))
expressions: st.SearchStrategy[Expression] = st.one_of(
    references, references, literals, st.builds(Now), shifts
)
comparators = st.sampled_from(Comparator)
patterns = st.lists(st.sampled_from(["%", "_", "a", "b", "ß", "\\%", "\\\\", "!%"]), max_size=4).map("".join)

written_predicates: st.SearchStrategy[Condition] = st.one_of(
    st.builds(Compare, comparators, expressions, expressions),
    st.builds(Compare, comparators, references, literals),
    st.builds(In, expressions, st.lists(expressions, min_size=1, max_size=3).map(tuple)),
    st.builds(In, references, st.lists(literals, min_size=1, max_size=4).map(tuple)),
    st.builds(Between, expressions, expressions, expressions),
    st.builds(Like, st.one_of(references, texts.map(Literal)), patterns),
    st.builds(IsNull, expressions),
    st.builds(
        Truth, st.one_of(references, st.sampled_from([Literal(1), Literal(None), Literal(value=True)]))
    ),
)
"""What a custom filter can say."""

predicates: st.SearchStrategy[Condition] = st.one_of(
    written_predicates,
    st.builds(Compare, comparators, attributes, structures.map(Literal)),
    st.builds(In, attributes, st.lists(json_values.map(Literal), max_size=4).map(tuple)),
    st.builds(Compare, comparators, columns, moments.map(Literal)),
    st.builds(Contains, references, texts),
    st.builds(Has, attributes, json_values),
    st.builds(TextSearch, st.lists(texts.filter(bool), min_size=1, max_size=2).map(tuple)),
)
"""What structured filters can say, too."""


def combined(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    return st.recursive(
        parts,
        lambda inner: st.one_of(
            st.builds(Not, inner),
            st.lists(inner, min_size=2, max_size=3).map(tuple).map(And),
            st.lists(inner, min_size=2, max_size=3).map(tuple).map(Or),
        ),
        max_leaves=5,
    )


written_conditions = combined(written_predicates)
conditions = combined(predicates)

# --- what there is to find --------------------------------------------------------------------------------

moments_or_none = st.one_of(st.none(), moments.map(to_micros))


@st.composite
def tasks(draw: st.DrawFn, task_id: str = "t") -> TaskRow:
    return task_row(
        task_id,
        parent_id=draw(st.sampled_from([None, "p", "a"])),
        task_type=draw(st.sampled_from(["a", "ab"])),
        status=draw(st.sampled_from(["active", "blocked"])),
        stage=draw(st.sampled_from(["draft", "ready"])),
        version=draw(st.integers(1, 3)),
        ready=draw(st.booleans()),
        rank=draw(st.sampled_from([0.0, 1.0, 2.5])),
        children=draw(st.integers(0, 2)),
        edges=draw(st.integers(0, 2)),
        template_version=draw(st.sampled_from([None, 1])),
        created_at=to_micros(draw(moments)),
        due_at=draw(moments_or_none),
        completed_at=draw(moments_or_none),
        attributes=draw(
            st.fixed_dictionaries(
                {"a": scalars, "b": json_values},
                optional={
                    "a.b": json_values,
                    "o": st.one_of(json_values, st.dictionaries(keys, json_values, max_size=3)),
                },
            )
        ),
    )


@st.composite
def populations(draw: st.DrawFn, size: int = 6) -> list[TaskRow]:
    ids = draw(st.lists(st.sampled_from([f"t{n}" for n in range(9)]), max_size=size, unique=True))
    return [draw(tasks(task_id)) for task_id in ids]


sort_keys = st.builds(
    SortKey, st.one_of(attributes, st.sampled_from(sorted(COLUMNS)).map(Column)), st.booleans()
)
sorts = st.lists(sort_keys, min_size=1, max_size=3).map(tuple)
ACTIVE = Compare(Comparator.EQ, Column("status"), Literal("active"))
queries = st.builds(
    Query,
    where=st.one_of(st.none(), st.just(ACTIVE), predicates),
    sort=sorts,
    limit=st.one_of(st.none(), st.integers(1, 5)),
    offset=st.integers(0, 4),
)
