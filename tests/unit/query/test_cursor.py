import base64
import json
from typing import Any

import attrs
import pytest

from worklattice.errors import ValidationError
from worklattice.lang.condition import Attribute, Column
from worklattice.query.ast import SortKey
from worklattice.query.cursor import _checksum, read_cursor, write_cursor
from worklattice.query.parse import parse_query
from worklattice.query.request import QueryTasks, SortSpec, TaskFilters
from worklattice.testing.rows import task_row
from worklattice.types import JsonValue, from_micros

SORT = (SortKey(Column("created_at")), SortKey(Attribute(("x",))))
NOW = from_micros(0)


def written(x: JsonValue = "é", query: str = "q") -> str:
    cursor = write_cursor(task_row("t", created_at=5, attributes={"x": x}), SORT, query)
    assert cursor is not None
    return cursor


def refused(cursor: str, sort: tuple[SortKey, ...] = SORT, query: str = "q") -> None:
    with pytest.raises(ValidationError) as caught:
        read_cursor(cursor, sort, query, "arguments.cursor")
    assert caught.value.field == "arguments.cursor"
    assert caught.value.suggestion is not None


@pytest.mark.parametrize("x", ["é", "", 1, -0.5, True, None, 2**63 - 1, "\u0000\ud800"])
def test_cursor_reads_back_as_the_position(x: JsonValue) -> None:
    """A cursor means the values of the sort fields, times as times, and the id."""
    assert read_cursor(written(x), SORT, "q", "p") == ((from_micros(5), x), "t")


@pytest.mark.parametrize("x", [[], [1, 2], {"a": 1}])
def test_structures_are_not_carried(x: JsonValue) -> None:
    """Arrays and objects are all equal in the order, so that the cursor needs none of their contents."""
    assert read_cursor(written(x), SORT, "q", "p") == ((from_micros(5), []), "t")


def test_cursor_is_plain_text() -> None:
    """A cursor can stand in a URL and in a log."""
    assert set(written("é ✓ \n")) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_cut_cursor_is_refused() -> None:
    """No beginning of a cursor is a cursor."""
    cursor = written()
    for end in range(len(cursor)):
        refused(cursor[:end])


@pytest.mark.parametrize("more", ["\n", " ", "!!!!", "\n\n\n\n", "A", "AAAA"])
def test_cursor_with_something_added_is_refused(more: str) -> None:
    """A cursor has one spelling."""
    refused(written() + more)
    refused(more + written())


def test_altered_cursor_is_refused() -> None:
    """No character of a cursor can be changed."""
    cursor = written()
    for at in range(len(cursor)):
        refused(cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        "5",
        '"x"',
        "[1]",
        '["x","y"]',
        '["x",5]',
        "[" * 100_000,
        '["\\ud800","[]"]',
        "é",
    ],
)
def test_forged_cursor_is_refused(text: str) -> None:
    """Whatever stands in it, what was not written as a cursor is none."""
    refused(base64.urlsafe_b64encode(text.encode()).decode().rstrip("="))
    refused(text)


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        '["t"]',
        "[1,2,3,4]",
        '[1,2,"x","t"]',
        "{}",
        "5",
        '[99999999999999999999999,"x","t"]',
        '["a","b","t"]',
        '[5,"x",7]',
        '[true,"x","t"]',
        "[" * 10_000,
    ],
)
def test_forged_values_with_a_right_checksum_are_refused(body: str) -> None:
    """The checksum keeps no secret, but what it is of must still fit the sort."""
    text = json.dumps([_checksum("q", body), body])
    refused(base64.urlsafe_b64encode(text.encode()).decode().rstrip("="))


def test_cursor_of_another_query_is_refused() -> None:
    """A cursor belongs to the query that it came from."""
    refused(written(query="other"))


def test_too_long_a_value_gives_no_cursor() -> None:
    """Where a sort value is as long as a payload, there is no cursor to page by."""
    row = task_row("t", attributes={"x": "x" * 300_000})
    assert write_cursor(row, SORT, "q") is None
    refused("A" * 300_000)


def test_cursor_is_tied_to_workspace_filters_and_sort() -> None:
    """The next page must ask the same; how many hits it wants, and what comes with them, is free."""
    row = task_row("t", created_at=5, attributes={"team": "x"})
    asked = QueryTasks(
        filters=TaskFilters(attributes={"team": "x"}),
        custom_filter="a < NOW()",
        sort=(SortSpec(field="created_at"),),
    )
    cursor = parse_query(asked, workspace="w", now=NOW).cursor_after(row)

    def read(workspace: str = "w", **changes: Any) -> object:
        request = attrs.evolve(asked, cursor=cursor, **changes)
        return parse_query(request, workspace=workspace, now=from_micros(10)).query.after

    assert read() == read(limit=3, include_metrics=True) == ((from_micros(5),), "t")
    others: list[tuple[str, dict[str, Any]]] = [
        ("v", {}),
        ("w", {"filters": TaskFilters(attributes={"team": "y"})}),
        ("w", {"filters": None}),
        ("w", {"custom_filter": "a <= NOW()"}),
        ("w", {"sort": (SortSpec(field="created_at", direction="desc"),)}),
        ("w", {"sort": None}),
    ]
    for workspace, changes in others:
        with pytest.raises(ValidationError):
            read(workspace, **changes)
