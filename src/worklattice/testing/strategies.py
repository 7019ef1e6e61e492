"""Hypothesis strategies for what stores keep and are asked: rows, conditions, queries.

Values are drawn from few and awkward ones, so that conditions hit, orders tie, and types meet that must not
compare: 1, 1.0 and true; numbers that differ in the last bit; keys that other languages would quote.

Not here: anything that runs a test (`worklattice.testing.store_contract`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

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
    Or,
    Shift,
    TextSearch,
    Truth,
)
from worklattice.lang.values import Value
from worklattice.model.rows import TaskRow
from worklattice.query.ast import COLUMNS, Query, SortKey
from worklattice.query.order import sort_values
from worklattice.testing.rows import task_row
from worklattice.types import JsonObject, JsonValue, from_micros

HOUR: Final = 3_600_000_000

KEYS: Final[tuple[str, ...]] = (
    "title", "priority", "a.b", 'q"z', "", "$", "ключ", "back\\slash", "status", "a'b", "new\nline", "[0]",
)  # fmt: skip
TEXTS: Final[tuple[str, ...]] = (
    "", "a", "A", "ab", "a%b", "a_b", "*", "[a]", "?", "é", "ß", "SS", "\N{LATIN SMALL LETTER LONG S}", "10",
    "1", "true", "null", "{}", "[]", "critical", "2025-01-01", "2025-01-01T01:00:00Z",
    "1970-01-01T02:00:00+01:00", "line\nbreak", 'say "hi"', "\\", "\N{GRINNING FACE}", "\ue000",
)  # fmt: skip
NUMBERS: Final[tuple[int | float, ...]] = (
    0, 1, -1, 2, 10, 1.0, 0.1, 0.30000000000000004, 0.3, -0.0, 1e22, 1.5e300, 5e-324, 2**53, 2**53 + 1,
    float(2**53), 2**63 - 1, -(2**63), 9.223372036854776e18, 1.0000000000000002,
)  # fmt: skip
TIMES: Final = tuple(HOUR * hours for hours in range(4))

_keys: SearchStrategy[str] = st.sampled_from(KEYS)
_texts: SearchStrategy[str] = st.sampled_from(TEXTS)
_numbers: SearchStrategy[int | float] = st.sampled_from(NUMBERS)


def _structures(parts: SearchStrategy[JsonValue]) -> SearchStrategy[JsonValue]:
    return st.lists(parts, max_size=3) | st.dictionaries(_keys, parts, max_size=3)


json_values: SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | _numbers | _texts, _structures, max_leaves=4
)
"""JSON values, some of them nested."""

attributes: SearchStrategy[JsonObject] = st.dictionaries(_keys, json_values, max_size=4)
"""The attributes of a task."""

Choice = TypeVar("Choice")


class _Choices:
    """Many choices from one draw, which is much faster than a draw for each."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._left = draw(st.integers(0, 1 << 48))

    def among(self, options: Sequence[Choice]) -> Choice:
        """One of the options."""
        self._left, place = divmod(self._left, len(options))
        return options[place]


@st.composite
def tasks(draw: st.DrawFn, *, max_size: int = 12) -> list[TaskRow]:
    """Rows that fit together: ids are distinct, parents exist and come before their children."""
    rows: list[TaskRow] = []
    maybe_times = (None, *TIMES)
    for seq in range(1, draw(st.integers(0, max_size)) + 1):
        among = _Choices(draw).among
        task_id = f"{among('abAB')}{seq}"
        parent = among((None, *rows[-3:]))
        rows.append(
            task_row(
                task_id,
                seq,
                task_type=among(("task", "story", "Story")),
                parent_id=parent and parent.task_id,
                root_id=parent.root_id if parent else task_id,
                depth=parent.depth + 1 if parent else 0,
                stage=among(("draft", "ready", "active", "completed")),
                status=among(("pending", "blocked", "active", "completed")),
                attributes=draw(attributes),
                version=among((1, 2, 3)),
                created_at=among(TIMES),
                updated_at=among(TIMES),
                started_at=among(maybe_times),
                completed_at=among(maybe_times),
                not_before=among(maybe_times),
                due_at=among(maybe_times),
                breached_at=among(maybe_times),
                template_id=among((None, "t", "u")),
                template_version=among((None, 1, 2)),
                ready=among((False, True)),
                rank=among((0.0, 1.0, 2.5, float("inf"))),
                children=among((0, 1, 2)),
                edges=among((0, 1, 2)),
                result=draw(json_values) if among((True, False)) else None,
            )
        )
    return rows


# --- conditions -----------------------------------------------------------------------------------------

columns: SearchStrategy[Column] = st.sampled_from(sorted(COLUMNS)).map(Column)
paths: SearchStrategy[Attribute] = st.lists(_keys, min_size=1, max_size=2).map(tuple).map(Attribute)
references: SearchStrategy[Expression] = columns | paths

_moments: SearchStrategy[Value] = st.sampled_from(TIMES).map(from_micros)
_ids: SearchStrategy[Value] = st.sampled_from(
    ("a1", "b2", "A1", "pending", "blocked", "completed", "draft", "task", "story", "t")
)
constants: SearchStrategy[Literal] = (json_values | _moments | _ids).map(Literal)
"""Values to compare with: JSON, times, and texts that the columns of `tasks` hold."""

_shifts: SearchStrategy[Expression] = st.builds(
    Shift, references, st.integers(-3, 3), st.sampled_from(("hour", "month", "year"))
)
_operands: SearchStrategy[Expression] = references | references | constants | _shifts

_atoms: SearchStrategy[Condition] = st.one_of(
    st.builds(Compare, st.sampled_from(Comparator), references, constants),
    st.builds(Compare, st.sampled_from(Comparator), _operands, _operands),
    st.builds(In, references, st.lists(constants, max_size=4).map(tuple)),
    st.builds(Between, references, _operands, _operands),
    st.builds(
        Like,
        references,
        st.lists(st.sampled_from(("%", "_", "a", "b", "*", "[", "\\", "é", "\n")), max_size=4).map("".join),
        st.sampled_from(("\\", "!", "%")),
    ),
    st.builds(Contains, references, _texts),
    st.builds(Has, references, json_values),
    st.builds(TextSearch, st.lists(_texts, max_size=2).map(tuple)),
    st.builds(IsNull, references | _shifts),
    st.builds(Truth, references | constants),
)

conditions: SearchStrategy[Condition] = st.recursive(
    _atoms,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)
"""Folded conditions: nothing in them depends on the time."""

sorts: SearchStrategy[tuple[SortKey, ...]] = st.lists(
    st.builds(SortKey, references, st.booleans()), max_size=3
).map(tuple)


@st.composite
def queries(draw: st.DrawFn, rows: Sequence[TaskRow] = ()) -> Query:
    """A query; where `rows` are given, its page may begin behind one of them."""
    sort = draw(sorts)
    last = draw(st.none() | st.sampled_from(rows)) if rows else None
    return Query(
        where=draw(st.none() | conditions),
        sort=sort,
        limit=draw(st.none() | st.integers(0, 5)),
        offset=draw(st.integers(0, 3)),
        after=None if last is None else (sort_values(sort, last), last.task_id),
    )
