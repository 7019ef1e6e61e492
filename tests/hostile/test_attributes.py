"""Attributes that no database, picture or query language expects: kept, found, and shown safely."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import worklattice
from worklattice.rendering import dot_tasks, mermaid_tasks, tree
from worklattice.testing import ManualClock, SequentialIds
from worklattice.types import LIMITS

Json = Any


@pytest.fixture(params=["memory:", "sqlite:///{}/work.db"], ids=["memory", "sqlite"])
def wl(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[worklattice.Orchestrator]:
    """A workspace with a task that has no attributes."""
    url = request.param.format(tmp_path)
    with worklattice.open(url, clock=ManualClock(), ids=SequentialIds()) as opened:
        opened.create_generic_task("t", task_id="plain")
        yield opened


def answered(wl: worklattice.Orchestrator, tool: str, **arguments: Json) -> Json:
    answer = wl.dispatch(json.dumps({"tool": f"orchestrator_{tool}", "arguments": arguments}))
    json.dumps(answer, ensure_ascii=False, allow_nan=False).encode()
    return answer


def done(wl: worklattice.Orchestrator, tool: str, **arguments: Json) -> Json:
    answer = answered(wl, tool, **arguments)
    assert answer["status"] == "success", answer
    return answer


def hits(wl: worklattice.Orchestrator, **arguments: Json) -> list[str]:
    return [task["task_id"] for task in done(wl, "query_tasks", **arguments)["tasks"]]


KEYS = [
    pytest.param("", id="31 the empty key"),
    pytest.param('q"z', id="32 a double quote"),
    pytest.param("q'z", id="32 a quote"),
    pytest.param("q`z", id="32 a backquote"),
    pytest.param("q\\z", id="32 a backslash"),
    pytest.param("a.b", id="33 a dot"),
    pytest.param("..", id="33 dots"),
    pytest.param("a[0]", id="33 an index"),
    pytest.param("$.a", id="33 a path of SQLite"),
    pytest.param("status", id="34 the name of a column"),
    pytest.param("attributes", id="34 the name of all attributes"),
    pytest.param("NULL", id="34 a word of the language"),
    pytest.param("__class__", id="35 __class__"),
    pytest.param("__proto__", id="35 __proto__"),
    pytest.param("e\u0301", id="24 a decomposed letter"),
    pytest.param("\u202e", id="24 U+202E"),
    pytest.param("\r\n\x1b", id="38 CR, LF, ESC"),
]


@pytest.mark.parametrize("key", KEYS)
def test_an_unusual_key(wl: worklattice.Orchestrator, key: str) -> None:
    """It is kept, and reached by every way of asking; it is no column, and none of its neighbours."""
    attributes = {key: "here", "neighbour": 1}
    done(wl, "create_generic_task", task_type="t", task_id="x", attributes=attributes)
    assert done(wl, "get_task", task_id="x")["task"]["attributes"] == attributes
    quoted = "`" + key.replace("`", "``") + "`"
    assert hits(wl, custom_filter=f"attributes.{quoted} = 'here'") == ["x"]
    assert hits(wl, custom_filter=f"attributes.{quoted} IS NULL") == ["plain"]
    assert hits(wl, filters={"attributes": {quoted: "here"}}) == ["x"]
    assert hits(wl, filters={"attributes": {quoted: {"ne": "there"}}}) == ["x"]
    assert hits(wl, sort={"field": f"attributes.{quoted}", "direction": "desc"}) == ["x", "plain"]
    done(wl, "update_task", task_id="x", updates={"attributes": {key: None}})
    assert done(wl, "get_task", task_id="x")["task"]["attributes"] == {"neighbour": 1}
    assert wl.check() == []


@pytest.mark.parametrize(
    ("attributes", "field"),
    [
        pytest.param(
            {f"k{n}": 1 for n in range(LIMITS.attribute_keys + 1)},
            "arguments.attributes",
            id="36 10,001 keys",
        ),
        pytest.param(
            {"a": {f"k{n}": 1 for n in range(LIMITS.attribute_keys + 1)}},
            "arguments.attributes.a",
            id="36 10,001 keys inside",
        ),
        pytest.param({"a": [1e308 * 10]}, "arguments.attributes.a[0]", id="37 1e400"),
        pytest.param({"a": -1e308 * 10}, "arguments.attributes.a", id="37 -1e400"),
        pytest.param({"a": {"b": "\x00"}}, "arguments.attributes.a.b", id="10 U+0000"),
    ],
)
def test_attributes_that_are_refused(wl: worklattice.Orchestrator, attributes: Json, field: str) -> None:
    """The path leads to the fault, and the task is not there."""
    before = wl.dump()
    for tool, arguments, prefix in (
        ("create_generic_task", {"task_type": "t", "attributes": attributes}, "arguments.attributes"),
        (
            "update_task",
            {"task_id": "plain", "updates": {"attributes": attributes}},
            "arguments.updates.attributes",
        ),
    ):
        answer: Json = wl.dispatch({"tool": f"orchestrator_{tool}", "arguments": arguments})
        assert answer["error_type"] == "ValidationError"
        assert answer["field"] == field.replace("arguments.attributes", prefix)
    assert wl.dump() == before


def test_a_number_beyond_all_doubles_as_text(wl: worklattice.Orchestrator) -> None:
    """1e400 is no number that could be kept (37)."""
    text = json.dumps({"tool": "orchestrator_create_generic_task", "arguments": {"task_type": "t"}})
    answer = wl.dispatch(text.replace('"t"}', '"t", "attributes": {"a": 1e400}}'))
    assert (answer["status"], answer["field"]) == ("error", "arguments.attributes.a")


def test_more_keys_than_fit_by_updates(wl: worklattice.Orchestrator) -> None:
    """Adding to what is there does not lead beyond the limit either (36)."""
    most = {f"k{n}": 1 for n in range(LIMITS.attribute_keys)}
    done(wl, "update_task", task_id="plain", updates={"attributes": most})
    answer = answered(wl, "update_task", task_id="plain", updates={"attributes": {"one_more": 1}})
    assert (answer["error_type"], answer["field"]) == ("ValidationError", "arguments.updates.attributes")
    done(wl, "update_task", task_id="plain", updates={"attributes": {"k0": None, "one_more": 1}})


@pytest.mark.parametrize(
    "title",
    [
        pytest.param("a\r\nb", id="38 CR, LF"),
        pytest.param("\x1b[31mred\x1b]0;owned\x07", id="38 ESC"),
        pytest.param("\u202egpj.exe", id="24 U+202E"),
        pytest.param("\u2028\u0085\x0b", id="38 other ends of lines"),
        pytest.param("x" * 100_000, id="22 100 KB"),
    ],
)
def test_a_title_that_moves_the_cursor(
    wl: worklattice.Orchestrator, title: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is kept, and escaped in pictures, in messages and in what is logged."""
    done(wl, "create_generic_task", task_type="t", task_id="x", attributes={"title": title})
    assert done(wl, "get_task", task_id="x")["task"]["attributes"]["title"] == title
    root = wl.get_task_hierarchy("x").root_task
    for picture in (tree(root), mermaid_tasks([root]), dot_tasks([root])):
        assert all(line.isprintable() for line in picture.split("\n"))
    for refused in (
        answered(wl, "create_generic_task", task_type="t", task_id=title),
        answered(wl, "query_tasks", custom_filter=f"title = = '{title}'"),
        answered(wl, "manage_lifecycle", task_id="x", lifecycle_stage=title[:200]),
    ):
        assert all(line.isprintable() for line in refused["message"].split("\n"))
        assert len(refused["message"]) <= LIMITS.message_characters

    def fail(_: worklattice.Event) -> None:
        raise RuntimeError

    wl.subscribe(fail)
    with caplog.at_level(logging.DEBUG):
        done(wl, "update_task", task_id="x", updates={"attributes": {"again": title}})
    assert caplog.records
    for record in caplog.records:
        assert record.getMessage().isprintable()


def test_a_key_with_values_of_every_type(tmp_path: Path) -> None:
    """Their order is defined, and the same on every store, whichever way round (39)."""
    values = [None, True, False, 10, 9.5, -1, "10", "9", "", "a", "B", [2], [1], {"a": 1}, 2**53 + 1, 2**53]
    orders: list[Json] = []
    for url in ("memory:", f"sqlite:///{tmp_path}/work.db"):
        with worklattice.open(url, clock=ManualClock()) as wl:
            tasks = [
                {"task_type": "t", "task_id": f"t{number:02}", "attributes": {"x": value}}
                for number, value in enumerate(values)
            ]
            done(wl, "batch_create", tasks=[*tasks, {"task_type": "t", "task_id": "zz"}])
            orders.append(
                [
                    hits(wl, sort={"field": "attributes.x", "direction": direction})
                    for direction in ("asc", "desc")
                ]
            )
            for wrong_type in ("x > 'a'", "x < 100", "x = '10'", "x = TRUE", "x LIKE '1%'"):
                orders[-1].append(hits(wl, custom_filter=wrong_type))
    assert orders[0] == orders[1]
    ascending, _, *found = orders[0]
    assert [values[int(name[1:])] for name in ascending[:-2]] == [
        *(False, True, -1, 9.5, 10, 2**53, 2**53 + 1, "", "10", "9", "B", "a", [2], [1], {"a": 1}),
    ]
    assert ascending[-2:] == ["t00", "zz"]
    assert found == [[], ["t03", "t04", "t05"], ["t06"], ["t01"], ["t06"]]


SCHEDULES: list[Json] = [
    *(None, True, 0, 1.5, [], ["daily"], {}, {"": ""}, {"every": None}, {"every": {"every": "day"}}),
    *("", " ", "\u202e", "daily" * 10_000, "x" * LIMITS.string_characters, "0 0 30 2 *", "* * * * *"),
    *("FREQ=SECONDLY", "2025-02-30T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"),
    *({"every": "day", "missed": []}, {"every": "day", "missed": "skip", "grace": "-1 day"}),
    *({"every": "day", "missed": "skip", "grace": "36525 days"}, {"every": "day", "template_id": {}}),
    *({"every": "day", "template_id": "x", "parameters": {"deep": [[[]]]}}, {"at": "daily", "count": 1_000}),
    *({f"wrong{number}": 1 for number in range(5_000)}, {"every": "day", "time_zone": "../../etc/passwd"}),
]


@pytest.mark.parametrize("number", range(len(SCHEDULES)))
def test_schedules_that_are_none(wl: worklattice.Orchestrator, number: int) -> None:
    """Whatever stands there, the task is kept as it is, with a short warning at most, and time goes on."""
    schedule = SCHEDULES[number]
    made = done(wl, "create_generic_task", task_type="t", task_id="a", attributes={"schedule": schedule})
    assert len(json.dumps(made["warnings"])) < 2_000
    assert done(wl, "get_task", task_id="a")["task"]["attributes"] == {"schedule": schedule}
    done(wl, "update_task", task_id="a", updates={"attributes": {"title": "x"}})
    done(wl, "next_tick_at")
    done(wl, "tick")
    answered(wl, "preview_schedule", schedule=schedule)
    answered(wl, "pause_schedule", task_id="a")
    assert wl.check(replay=True) == []
