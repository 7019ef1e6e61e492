import pytest

from worklattice.lang.condition import Attribute, Column
from worklattice.query.ast import Query, SortKey
from worklattice.query.evaluate import run
from worklattice.query.order import key_after, order_key, sort_rows, sort_values
from worklattice.testing.rows import task_row
from worklattice.types import JsonValue, from_micros

VALUES: list[JsonValue] = [False, True, -3, 0.5, 2, 10, "", "A", "a", "ä", "\uffff", "\U00010000"]
"""In ascending order."""

BY_X = SortKey(Attribute(("x",)))
BY_X_BACKWARDS = SortKey(Attribute(("x",)), descending=True)


def test_values_of_all_types_have_one_order() -> None:
    """Booleans, numbers, text by code point, then arrays and objects, and what is missing last."""
    rows = [task_row(f"t{place:02}", attributes={"x": value}) for place, value in enumerate(VALUES)]
    rows += [task_row("t50", attributes={"x": [1]}), task_row("t51", attributes={"x": {"a": 0}})]
    nulls = [task_row("t98", attributes={}), task_row("t99", attributes={"x": None})]
    assert sort_rows(reversed([*rows, *nulls]), (BY_X,)) == [*rows, *nulls]
    structures = rows[-2:]
    assert sort_rows([*nulls, *rows], (BY_X_BACKWARDS,)) == [*structures, *reversed(rows[:-2]), *nulls]


def test_ties_go_to_the_next_field_and_then_to_the_id() -> None:
    """What is equal in all fields comes by id, ascending whatever the directions."""
    rows = [
        task_row("b", rank=1.0, created_at=5),
        task_row("a", rank=1.0, created_at=5),
        task_row("c", rank=1.0, created_at=7),
        task_row("d", rank=0.0, created_at=1),
    ]
    sort = (SortKey(Column("priority")), SortKey(Column("created_at"), descending=True))
    assert [row.task_id for row in sort_rows(rows, sort)] == ["d", "c", "a", "b"]


def test_equal_numbers_tie() -> None:
    """1 and 1.0 are the same number, true is none."""
    rows = [task_row("b", attributes={"x": 1}), task_row("a", attributes={"x": 1.0})]
    assert [row.task_id for row in sort_rows(rows, (BY_X,))] == ["a", "b"]


@pytest.mark.parametrize("column", ["has_children", "due_at", "status", "version"])
@pytest.mark.parametrize("descending", [False, True])
def test_columns_sort_by_their_values(column: str, *, descending: bool) -> None:
    """A column sorts as its values do, nulls last both ways."""
    low = task_row("z", children=0, due_at=1, status="active", version=1)
    high = task_row("a", children=1, due_at=2, status="blocked", version=2)
    rows = [high, low] if descending else [low, high]
    assert sort_rows([low, high], (SortKey(Column(column), descending),)) == rows
    if column == "due_at":
        none = task_row("m", due_at=None)
        assert sort_rows([none, low, high], (SortKey(Column(column), descending),)) == [*rows, none]


def test_values_of_a_row_give_its_key_back() -> None:
    """The values that a cursor carries put the next page exactly behind the row."""
    row = task_row("t", created_at=5, due_at=None, attributes={"x": "é"})
    sort = (SortKey(Column("created_at")), SortKey(Column("due_at")), BY_X_BACKWARDS)
    values = sort_values(sort, row)
    assert values == (from_micros(5), None, "é")
    assert key_after(sort, values, "t") == order_key(sort)(row)


def test_page_begins_behind_the_last_hit() -> None:
    """Paging by the last hit goes on behind it, also where it is gone by now."""
    rows = [
        task_row(name, attributes={"x": value})
        for name, value in [("a", 1), ("b", 1), ("c", "x"), ("d", None)]
    ]
    query = Query(sort=(BY_X,), after=((1,), "a"), limit=2)
    assert [row.task_id for row in run(query, rows)] == ["b", "c"]
    assert [row.task_id for row in run(query, rows[1:])] == ["b", "c"]


def test_offset_and_limit() -> None:
    """The first hits are left out, and as many given as asked for."""
    rows = [task_row(f"t{place}", created_at=place) for place in (3, 1, 0, 2, 4)]
    assert [row.task_id for row in run(Query(offset=1, limit=2), rows)] == ["t1", "t2"]
    assert [row.task_id for row in run(Query(offset=3), rows)] == ["t3", "t4"]
    assert run(Query(offset=9, limit=2), rows) == []
