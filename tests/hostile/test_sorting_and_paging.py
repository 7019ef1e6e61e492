"""Hostile and malformed orders and pages: each is refused at its path."""

from typing import Any

import pytest

from worklattice.errors import ValidationError
from worklattice.query.parse import parse_query
from worklattice.query.request import QueryTasks, SortSpec
from worklattice.testing.rows import task_row
from worklattice.types import from_micros

OTHERS_CURSOR = parse_query(QueryTasks(), workspace="b", now=from_micros(0)).cursor_after(task_row("t"))


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        pytest.param({"sort": (SortSpec(field="id; drop"),)}, "sort.field", id="123 id; drop"),
        pytest.param({"sort": (SortSpec(field="1,2"),)}, "sort.field", id="123 1,2"),
        pytest.param({"sort": (SortSpec(field="unknown"),)}, "sort.field", id="124 an unknown field"),
        pytest.param({"sort": (SortSpec(field=""),)}, "sort.field", id="124 an empty field"),
        pytest.param({"sort": (SortSpec(field="__class__"),)}, "sort.field", id="124 __class__"),
        pytest.param({"sort": (SortSpec(field="x" * 100_000),)}, "sort.field", id="124 100 KB"),
        pytest.param({"limit": -1}, "limit", id="125 limit -1"),
        pytest.param({"limit": 0}, "limit", id="126 limit 0"),
        pytest.param({"limit": True}, "limit", id="126 limit true"),
        pytest.param({"limit": 1.5}, "limit", id="126 limit 1.5"),
        pytest.param({"limit": 2**63}, "limit", id="126 limit 2^63"),
        pytest.param({"limit": 1_001}, "limit", id="126 limit 1,001"),
        pytest.param({"offset": -1}, "offset", id="127 offset -1"),
        pytest.param({"offset": 10**9}, "offset", id="127 offset 10^9"),
        pytest.param({"cursor": ""}, "cursor", id="128 an empty cursor"),
        pytest.param({"cursor": "bm9wZQ"}, "cursor", id="128 a forged cursor"),
        pytest.param({"cursor": "[" * 100_000}, "cursor", id="128 a cursor that is none"),
        pytest.param({"cursor": OTHERS_CURSOR}, "cursor", id="128 another workspace's cursor"),
    ],
)
def test_refused(arguments: dict[str, Any], path: str) -> None:
    """The message is short, and says at the path what would do."""
    with pytest.raises(ValidationError) as caught:
        parse_query(QueryTasks(**arguments), workspace="a", now=from_micros(0))
    assert caught.value.field == f"arguments.{path}"
    assert len(caught.value.message) <= 500
