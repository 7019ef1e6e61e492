"""Hostile and malformed orders and pages: each is refused at its path."""

from pathlib import Path
from typing import Any

import pytest

import worklattice
from worklattice.errors import ValidationError
from worklattice.query.parse import parse_query
from worklattice.query.request import QueryTasks, SortSpec
from worklattice.testing.rows import task_row
from worklattice.types import from_micros

OTHERS_CURSOR = parse_query(QueryTasks(), workspace="b", now=from_micros(0)).cursor_after(task_row("t"))


REFUSED = pytest.mark.parametrize(
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


@REFUSED
def test_refused(arguments: dict[str, Any], path: str) -> None:
    """The message is short, and says at the path what would do."""
    with pytest.raises(ValidationError) as caught:
        parse_query(QueryTasks(**arguments), workspace="a", now=from_micros(0))
    assert caught.value.field == f"arguments.{path}"
    assert len(caught.value.message) <= 500


@REFUSED
@pytest.mark.parametrize("url", ["memory:", "sqlite:///{}/work.db"], ids=["memory", "sqlite"])
def test_refused_when_dispatched(arguments: dict[str, Any], path: str, url: str, tmp_path: Path) -> None:
    """In a payload the path leads to the same place, and the answer says what would do."""
    if "sort" in arguments:
        arguments = {"sort": [{"field": arguments["sort"][0].field}]}
        path = path.replace("sort", "sort[0]")
    with worklattice.open(url.format(tmp_path)) as wl:
        answer: Any = wl.dispatch({"tool": "orchestrator_query_tasks", "arguments": arguments})
    assert answer["error_type"] == "ValidationError"
    assert answer["field"].replace("[0]", "") == f"arguments.{path}".replace("[0]", "")
    assert answer["suggestion"]
    assert len(answer["message"]) <= 500


def test_a_cursor_of_another_workspace(tmp_path: Path) -> None:
    """It is refused as if it had been forged, also where both workspaces hold the same tasks (128)."""
    url = f"sqlite:///{tmp_path}/work.db"
    with worklattice.open(url, workspace="a") as a, worklattice.open(url, workspace="b") as b:
        for wl in (a, b):
            wl.batch_create([{"task_type": "t", "task_id": f"t{number}"} for number in range(3)])
        cursor = a.query_tasks(limit=1).next_cursor
        assert cursor is not None
        assert a.query_tasks(limit=1, cursor=cursor).tasks[0].task_id == "t1"
        payload = {"tool": "orchestrator_query_tasks", "arguments": {"limit": 1, "cursor": cursor}}
        assert a.dispatch(payload)["status"] == "success"
        answer = b.dispatch(payload)
        assert (answer["error_type"], answer["field"]) == ("ValidationError", "arguments.cursor")
