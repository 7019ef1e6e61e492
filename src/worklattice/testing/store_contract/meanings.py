"""What values mean to a query: each against each, as `worklattice.query.evaluate` says.

Properties (`queries`) try what nobody thought of; these tables leave nothing out of what is known to be hard:
types that must not compare, numbers that differ in the last bit, patterns of other languages, nulls.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Final

import pytest

from worklattice.lang.condition import (
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
    TextSearch,
    Truth,
)
from worklattice.lang.values import Value
from worklattice.model.rows import TaskRow
from worklattice.query.ast import COLUMNS, Query, SortKey
from worklattice.query.evaluate import matching, run
from worklattice.storage.api import Store
from worklattice.testing.rows import fill, task_row
from worklattice.testing.store_contract.base import Contract
from worklattice.testing.store_contract.queries import by_cursor
from worklattice.testing.strategies import KEYS, NUMBERS, TEXTS, TIMES
from worklattice.types import JsonValue, from_micros

STRUCTURES: Final[tuple[JsonValue, ...]] = (
    [],
    ["a"],
    ["A", 1, True],
    [[]],
    {},
    {"a": 1},
    {"a": 1.0},
    {"a": True},
)
VALUES: Final[tuple[JsonValue, ...]] = (None, True, False, *NUMBERS, *TEXTS, *STRUCTURES)
VALUE: Final = Attribute(("value",))
PATTERNS: Final = (
    "", "%", "_", "%%", "a%", "%b", "a_b", "%_%", "[a]", "[%", "*", "%*%", "?", "A", "é", "_\u0301",
    "line_break", "%\n%", r"a\%b", r"a\_b", "\\\\", "%\\", "%a%b%", '%"%', "%{}", "\N{GRINNING FACE}",
    "%a%a%a%a%a%a%a%a%a%",
)  # fmt: skip


class MeaningContract(Contract):
    """Tables of values, all against all."""

    @pytest.fixture
    def rows(self, store: Store) -> Sequence[TaskRow]:
        """A row for each value, one without any, and each nullable column both ways, in the workspace `w`."""
        rows = [
            task_row(
                f"v{n:02}",
                n + 1,
                attributes={"value": value, "nested": {"value": value}},
                created_at=TIMES[n % 2],
                due_at=(None, *TIMES)[n % 5],
                template_id=(None, "t", "T")[n % 3],
                template_version=(1, None)[n % 2],
                rank=(0.0, float("inf"), 0.5)[n % 3],
                ready=n % 2 == 0,
                children=n % 2,
            )
            for n, value in enumerate(VALUES)
        ]
        rows.append(task_row("without", 99))
        fill(store, tasks=rows)
        return rows

    @pytest.mark.parametrize("comparator", Comparator)
    def test_comparisons(self, store: Store, rows: Sequence[TaskRow], comparator: Comparator) -> None:
        """Each value with each, and with its contrary: equal, ordered, or neither."""
        expect_the_same(store, rows, (Compare(comparator, VALUE, Literal(value)) for value in VALUES))

    def test_comparisons_of_columns(self, store: Store, rows: Sequence[TaskRow]) -> None:
        """Each column with values of each type, with a time, and with columns."""
        times: list[Value] = [from_micros(TIMES[1]), "1970-01-01T01:00:00Z", "1970-01-01", None]
        constants: list[Value] = [*times, True, False, 0, 1, 0.5, float("inf"), "t", "v03", "draft", [], {}]
        columns = [Column(name) for name in COLUMNS]
        others: list[Expression] = [*map(Literal, constants), *columns[::3]]
        expect_the_same(
            store,
            rows,
            (
                Compare(comparator, column, right)
                for comparator in (Comparator.EQ, Comparator.NE, Comparator.LE)
                for column in columns
                for right in others
            ),
        )

    def test_membership(self, store: Store, rows: Sequence[TaskRow]) -> None:
        """One of two values, which may be of different types, null, or a time."""
        few: list[Value] = [None, True, 0, 1.0, 0.3, 2**53 + 1, "1", "a", "A", [], {"a": 1}, from_micros(0)]
        pairs = [(Literal(one), Literal(other)) for one, other in product(few, few)]
        expect_the_same(store, rows, (In(VALUE, members) for members in [(), *pairs]))
        for name in ("template_id", "due_at", "ready", "template_version", "priority"):
            expect_the_same(store, rows, (In(Column(name), members) for members in pairs))

    def test_ranges(self, store: Store, rows: Sequence[TaskRow]) -> None:
        """From one value to another, in order or not, of one type or not."""
        few: list[Value] = [None, False, 0, 0.3, 1.0, 2**53, "", "A", "b", [], from_micros(0)]
        bounds = list(product(map(Literal, few), map(Literal, few)))
        for item in (VALUE, Column("due_at"), Column("template_id"), Column("priority")):
            expect_the_same(store, rows, (Between(item, low, high) for low, high in bounds))

    def test_patterns(self, store: Store, rows: Sequence[TaskRow]) -> None:
        """`%`, `_` and the escape, and nothing else, mean something; letter case counts."""
        for item in (VALUE, Column("template_id"), Column("task_id"), Column("due_at")):
            expect_the_same(store, rows, (Like(item, pattern) for pattern in PATTERNS))
        expect_the_same(store, rows, (Like(VALUE, pattern, "!") for pattern in ("a!%b", "%!", "!!", "a\\%b")))

    def test_searching(self, store: Store, rows: Sequence[TaskRow]) -> None:
        """Letter case does not count, in any script; JSON's own characters are not searched."""
        words = (*TEXTS, "ss", "SAY", "É", "LINE", "value", ":", "without", "V0", "task")
        expect_the_same(store, rows, (TextSearch((word,)) for word in words))
        expect_the_same(store, rows, (Contains(VALUE, word) for word in words))
        expect_the_same(store, rows, (Contains(Column("task_id"), word) for word in words))
        expect_the_same(store, rows, [TextSearch(("a", "b")), TextSearch(())])

    def test_what_is_null_true_or_inside(self, store: Store, rows: Sequence[TaskRow]) -> None:
        """Of attributes, deep ones and missing ones too, and of each column."""
        paths = [VALUE, Attribute(("nested", "value")), Attribute(("value", "a")), Attribute(("absent",))]
        paths += [Attribute((key,)) for key in KEYS]
        items: list[Expression] = [*paths, *map(Column, COLUMNS)]
        for item in items:
            expect_the_same(store, rows, (IsNull(item), Truth(item)))
        expect_the_same(store, rows, (Has(VALUE, member) for member in VALUES))

    @pytest.mark.parametrize("descending", [False, True])
    def test_orders(self, store: Store, rows: Sequence[TaskRow], *, descending: bool) -> None:
        """By type and value, nulls last either way, ties by id; each page begins where the last one ended."""
        fields = (VALUE, Attribute(("nested", "value")), Attribute(("value", "a")), Attribute(("",)))
        sortable: list[Column | Attribute] = [*fields, *map(Column, COLUMNS)]
        orders: list[tuple[SortKey, ...]] = [(SortKey(field, descending),) for field in sortable]
        orders.append((SortKey(Column("due_at"), descending), SortKey(VALUE, not descending)))
        orders.append(
            (SortKey(Column("created_at"), descending), SortKey(Column("template_id"), not descending))
        )
        orders.append((SortKey(Column("priority"), descending), SortKey(Column("created_at"), descending)))
        with store.read("w") as view:
            for sort in orders:
                expected = run(Query(sort=sort), rows)
                assert [row.task_id for row in view.select(Query(sort=sort))] == _ids(expected)
                for limit in (1, 7) if sort[0].field is VALUE else (7,):
                    assert _ids(by_cursor(view, Query(sort=sort, limit=limit))) == _ids(expected)


def expect_the_same(store: Store, rows: Sequence[TaskRow], conditions: Iterable[Condition]) -> None:
    """Each of the conditions, and its contrary, is true of the rows that the reference says."""
    with store.read("w") as view:
        for condition in conditions:
            for where in (condition, Not(condition)):
                found = view.select(Query(where=where, sort=()))
                assert _ids(found) == sorted(_ids(matching(where, rows))), where
                assert view.count(where) == len(found), where


def _ids(rows: Iterable[TaskRow]) -> list[str]:
    return [row.task_id for row in rows]
