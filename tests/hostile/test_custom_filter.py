"""Hostile and malformed conditions: each is answered with what is wrong, where, and what to do."""

from typing import Any

import pytest

import worklattice
from worklattice.errors import FilterSyntaxError
from worklattice.query.evaluate import matching
from worklattice.query.parse import parse_query
from worklattice.query.request import QueryTasks
from worklattice.testing.rows import task_row
from worklattice.types import from_micros

ROWS = [
    task_row("t1", attributes={"unknown_col": "x", "sqlite_master": 1}),
    task_row("t2", attributes={"unknown_col": "y"}),
]


def hits(text: str) -> list[str]:
    query = parse_query(QueryTasks(custom_filter=text), workspace="w", now=from_micros(0)).query
    return [row.task_id for row in matching(query.where, ROWS)]


REFUSED = pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("1=1; drop table tasks", "no statements", id="70 a second statement"),
        pytest.param("exists(select 1 from tasks)", "no subselects", id="71 a subselect"),
        pytest.param(
            "task_id in (select task_id from tasks)", "no subselects", id="71 a subselect in a list"
        ),
        pytest.param("load_extension('x')", 'no function "load_extension"', id="73 load_extension"),
        pytest.param("randomblob(1e9)", 'no function "randomblob"', id="74 randomblob"),
        pytest.param("pg_sleep(9)", 'no function "pg_sleep"', id="74 pg_sleep"),
        pytest.param(
            "(" * 5_000 + "1=1" + ")" * 5_000, "at most 10,000 characters", id="75 5,000 parentheses"
        ),
        pytest.param("(" * 4_990 + "1=1" + ")" * 4_990, "nests deeper than 64", id="75 4,990 parentheses"),
        pytest.param("(" * 9_990, "ends too early", id="75 parentheses that never close"),
        pytest.param("NOT " * 5_000 + "1=1", "at most 10,000 characters", id="76 5,000 NOT"),
        pytest.param("NOT " * 2_490 + "1=1", "nests deeper than 64", id="76 2,490 NOT"),
        pytest.param("1=1" + " OR 1=1" * 20_000, "at most 10,000 characters", id="77 20,000 OR"),
        pytest.param("1=1" + " OR 1=1" * 1_400, "more than 1,000 conditions", id="77 1,400 OR"),
        pytest.param(r"'\' or 1=1 -- '", "a text is no condition", id="78 an escaped quote"),
        pytest.param("1=1 -- all of it", "no comments", id="79 a comment to the end"),
        pytest.param("1=1 /* all of it */", "no comments", id="79 a comment inside"),
        pytest.param("1=1 # all of it", "no comments", id="79 a comment of MySQL"),
        pytest.param("/*! 1=1 */", "no comments", id="79 an executable comment of MySQL"),
        pytest.param("task_id = ?", "no placeholders", id="80 ?"),
        pytest.param("task_id = :p", "no placeholders", id="80 :p"),
        pytest.param("task_id = $1", "no placeholders", id="80 $1"),
        pytest.param("task_id = @v", "no placeholders", id="80 @v"),
        pytest.param("@@version = 1", "no placeholders", id="80 @@version"),
        pytest.param("1=1) or (workspace='b'", '")" cannot stand here', id="82 breaking out of parentheses"),
        pytest.param(f"title LIKE '{'%a' * 25_000}'", "at most 10,000 characters", id="83 LIKE with 50 KB"),
        pytest.param("title LIKE 'x' ESCAPE ''", "the escape is one character", id="84 ESCAPE ''"),
        pytest.param("title REGEXP '(a+)+$'", "no other patterns", id="85 REGEXP"),
        pytest.param("title RLIKE 'a'", "no other patterns", id="85 RLIKE"),
        pytest.param("CAST(title AS SIGNED) = 1", "no casts", id="85 CAST"),
        pytest.param("title COLLATE nocase = 'x'", "no casts", id="85 COLLATE"),
        pytest.param("BINARY title = 'x'", "no casts", id="85 BINARY"),
        pytest.param("1e999 = 1", "too large", id="86 1e999"),
        pytest.param("x'41' = 'A'", "no prefixed texts", id="86 x'41'"),
        pytest.param("0x41 = 'A'", "no hexadecimal", id="86 0x41"),
        pytest.param("_utf8'A' = 'A'", "no prefixed texts", id="86 a text with a character set"),
        pytest.param("9" * 5_000 + " = 1", "64 bits", id="86 5,000 digits"),
        pytest.param("", "the condition is empty", id="87 empty"),
        pytest.param(" \t\n", "the condition is empty", id="87 blank"),
        pytest.param("a = 'x\x00'", "U+0000", id="10 U+0000"),
        pytest.param("a = 'x\ud800'", "U+D800", id="9 a lone surrogate"),
    ],
)


@REFUSED
def test_refused(text: str, reason: str) -> None:
    """The condition is refused at its path, in a short message with a drawing."""
    with pytest.raises(FilterSyntaxError) as caught:
        hits(text)
    error = caught.value
    assert reason in error.reason
    assert error.field == "arguments.custom_filter"
    assert len(error.message) <= 500
    assert set(error.details) == {"column", "diagram"}
    assert not any(character < " " and character != "\n" for character in error.message)


@REFUSED
def test_refused_when_dispatched(text: str, reason: str) -> None:
    """As an argument it is answered; what is no text for JSON either, before it is read as a condition."""
    with worklattice.open("memory:") as wl:
        payload = {"tool": "orchestrator_query_tasks", "arguments": {"custom_filter": text}}
        answer: Any = wl.dispatch(payload)
    assert answer["error_type"] in {"FilterSyntaxError", "ValidationError"}
    assert answer["field"] == "arguments.custom_filter"
    assert reason in answer["message"]
    if answer["error_type"] == "ValidationError":
        assert reason.startswith("U+")
    else:
        assert answer["suggestion"] or answer["details"]["diagram"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("sqlite_master", ["t1"], id="72 the name of a system table is an attribute's"),
        pytest.param("sqlite_master.sql = 'x'", [], id="72 a column of a system table is an attribute's"),
        pytest.param("\"unknown_col\"='x'", [], id="81 double quotes make a text"),
        pytest.param("unknown_col='x'", ["t1"], id="81 no quotes make a name"),
        pytest.param("workspace='b'", [], id="82 another workspace is an attribute like any other"),
        pytest.param(f"title LIKE '{'%a' * 4_900}'", [], id="83 LIKE with 10 KB"),
        pytest.param("__class__ IS NULL AND attributes.__class__ IS NULL", ["t1", "t2"], id="35 __class__"),
    ],
)
def test_harmless(text: str, expected: list[str]) -> None:
    """What looks dangerous and means something means only that."""
    assert hits(text) == expected
