"""Filters as SQL: what the database judges, what is left to Python, and that no text becomes SQL."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
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
from worklattice.query.ast import Query
from worklattice.storage.sql.filters import compile_where
from worklattice.storage.sql.ordering import compile_order
from worklattice.storage.sql.sqlite_dialect import SqliteDialect
from worklattice.testing.strategies import TEXTS, conditions, queries

TITLE = Attribute(("title",))
POINTS = Attribute(("estimate", "points"))
STATUS = Column("status")
NOON = datetime(2025, 6, 16, 12, tzinfo=UTC)
DIALECT = SqliteDialect()


def eq(left: Column | Attribute, value: Value) -> Compare:
    return Compare(Comparator.EQ, left, Literal(value))


@pytest.mark.parametrize(
    "condition",
    [
        eq(STATUS, "blocked"),
        eq(TITLE, "x"),
        eq(POINTS, 3),
        eq(POINTS, 2.5),
        eq(Attribute(("done",)), value=True),
        eq(Column("ready"), value=False),
        Compare(Comparator.LT, Column("created_at"), Literal(NOON)),
        Compare(Comparator.LT, Column("created_at"), Literal("2025-06-16")),
        Compare(Comparator.LT, Column("created_at"), Column("due_at")),
        Compare(Comparator.NE, Column("version"), Column("attempt")),
        Between(POINTS, Literal(1), Literal(5)),
        Between(Column("created_at"), Literal(NOON), Literal(NOON)),
        In(STATUS, (Literal("a"), Literal("b"), Literal(None), Literal(1))),
        In(Column("due_at"), (Literal(NOON),)),
        In(TITLE, tuple(Literal(f"t{n}") for n in range(100))),
        Like(TITLE, "a%b_[*]?"),
        Has(Attribute(("tags",)), "urgent"),
        IsNull(TITLE),
        IsNull(Column("due_at")),
        Truth(Column("has_children")),
        Truth(Column("version")),
        Truth(Column("due_at")),
        Truth(TITLE),
        Not(Or((eq(STATUS, "a"), And((eq(TITLE, "b"), eq(POINTS, 3)))))),
        And(()),
        Or(()),
    ],
    ids=str,
)
def test_what_the_database_judges_alone(condition: Condition) -> None:
    """Comparisons of columns and of attributes with constants, and what is made of them."""
    assert compile_where(condition, DIALECT).rest is None


@pytest.mark.parametrize(
    "condition",
    [
        Contains(TITLE, "x"),
        TextSearch(("x",)),
        Compare(Comparator.LT, TITLE, Literal(NOON)),
        Compare(Comparator.LT, Shift(Column("created_at"), 1, "month"), Literal(NOON)),
        Compare(Comparator.EQ, TITLE, POINTS),
        eq(TITLE, {"a": 1}),
        eq(Attribute(('q"z',)), 1),
        eq(Attribute(("",)), 1),
        eq(Attribute(("back\\slash",)), 1),
        eq(TITLE, "\ud800"),
        eq(TITLE, "\x00"),
        eq(POINTS, 1 << 63),
        Like(TITLE, "%" * 9),
        Has(Attribute(("tags",)), 1),
        eq(Attribute(()), 1),
    ],
    ids=repr,
)
def test_what_is_left_to_python(condition: Condition) -> None:
    """Letter case, texts read as times, structures, keys that paths cannot name, values unfit to bind."""
    part = eq(STATUS, "blocked")
    where = compile_where(And((part, condition)), DIALECT)
    assert where.rest == condition
    assert '"status" = ?' in where.sql.text


def test_a_condition_too_large_for_a_statement_is_left_to_python() -> None:
    """By the number of its parts, and by how deeply they nest."""
    wide = Or(tuple(eq(STATUS, str(n)) for n in range(3_000)))
    deep: Condition = eq(STATUS, "a")
    for _ in range(20):
        deep = Not(deep)
    for condition in (wide, deep, In(STATUS, tuple(Literal(str(n)) for n in range(3_000)))):
        assert compile_where(condition, DIALECT).rest is condition


def test_a_search_for_text_reads_few_rows() -> None:
    """The database puts aside what cannot have the words, unless a word is written otherwise in JSON."""
    sql, rest = compile_where(TextSearch(("Login", "100%")), DIALECT)
    assert rest is not None
    assert sql.parameters == ("%login%",) * 3 + (r"%100\%%",) * 3
    for word in ('say "hi"', "back\\slash", "line\nbreak", ""):
        assert compile_where(TextSearch((word,)), DIALECT).sql.text == "TRUE"
    assert "LIKE" not in compile_where(Contains(TITLE, "é"), DIALECT).sql.text
    assert compile_where(Contains(Column("task_id"), "STRASSE"), DIALECT).sql.parameters == ("%strasse%",)


_WORDS = re.compile(
    r"\s+|[(),?=<>*]|->|'\\'|'(?:null|true|false|integer|real|text|array|object)'|\"[a-z_]+\"|\d+|"
    r"\b(?:TRUE|FALSE|NULL|NULLS|LAST|AND|OR|NOT|IN|IS|CASE|WHEN|THEN|ELSE|END|EXISTS|SELECT|FROM|WHERE|AS|CAST|BLOB|"
    r"GLOB|LIKE|ESCAPE|DESC|json_type|json_extract|json_each|coalesce|exact_number|length|attributes|value|"
    r"member\.type|member\.value|member)\b"
)


@given(condition=conditions, query=queries(), text=st.sampled_from(TEXTS))
def test_no_text_becomes_sql(condition: Condition, query: Query, text: str) -> None:
    """Statements are made of a fixed set of words, whatever the filter and the order."""
    where = And((condition, eq(Attribute((text, text)), text), Like(TITLE, text), Has(TITLE, text)))
    order = compile_order(query, DIALECT)
    for sql in (compile_where(where, DIALECT).sql, *([order.by] if order else [])):
        assert _WORDS.sub("", sql.text) == ""
        assert sql.text.count("?") == len(sql.parameters)
