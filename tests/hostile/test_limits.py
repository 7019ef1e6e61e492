"""Every limit of the table: one below it and the limit itself are accepted, one more is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

import worklattice
from worklattice.model.rows import TaskRow
from worklattice.storage.memory.store import MemoryStore
from worklattice.testing import ManualClock, SequentialIds
from worklattice.testing.rows import fill, task_row
from worklattice.types import LIMITS, Limits

Json = Any


@pytest.fixture(scope="module")
def wl() -> Iterator[worklattice.Orchestrator]:
    """A workspace in which nothing is written: every call is a dry run, but for what is set up here."""
    with worklattice.open("memory:", clock=ManualClock(), ids=SequentialIds()) as opened:
        opened.create_generic_task("t", task_id="a")
        opened.create_generic_task("t", task_id="b", dependencies=["a"])
        opened.create_template("t", {"root_task": {"task_type": "r"}})
        for level in range(LIMITS.include_depth):
            include: Json = {"include": f"t{level - 1}" if level else "t"}
            opened.create_template(f"t{level}", {"root_task": {"task_type": "r", "children": [include]}})
        names: Json = {"properties": {"xs": {"type": "array"}}}
        for template_id, more in {"loop": {}, "never": {"when": "x = 1"}}.items():
            node = {"task_type": "c", "for_each": "xs", "as": "x", **more}
            root: Json = {"root_task": {"task_type": "r", "children": [node]}}
            opened.create_template(template_id, root, parameters_schema=names)
        yield opened


def create(**arguments: Json) -> Json:
    return {"tool": "orchestrator_create_generic_task", "arguments": {"task_type": "t", **arguments}}


def query(**arguments: Json) -> Json:
    return {"tool": "orchestrator_query_tasks", "arguments": arguments}


def call(tool: str, **arguments: Json) -> Json:
    return {"tool": f"orchestrator_{tool}", "arguments": arguments}


def template(root: Json, schema: Json | None = None) -> Json:
    more = {} if schema is None else {"parameters_schema": schema}
    return call("create_template", template_id="new", task_structure={"root_task": root}, **more)


def nested(levels: int, innermost: Json = 0) -> Json:
    value = innermost
    for _ in range(levels):
        value = [value]
    return value


def text_of_bytes(size: int) -> str:
    around = json.dumps(create(attributes={"x": [""]}))
    fill = size - len(around)
    long, rest = divmod(fill, 900_000)
    texts = ["x" * 900_000] * long + ["x" * (rest - 4 * long)]
    return json.dumps(create(attributes={"x": texts}))


def schema_of_nodes(count: int) -> Json:
    return {"enum": [[] for _ in range(count - 2)]}


def pattern(text: str) -> Json:
    return template({"task_type": "r"}, {"properties": {"p": {"pattern": text}}})


def of_parts(count: int) -> str:
    """A pattern of so many parts: two for each letter, three for a choice of two, one for the row of them."""
    choices = 1 - count % 2
    return "a" * ((count - 1 - 3 * choices) // 2) + "[ab]" * choices


def in_place(levels: int) -> Json:
    """A schema whose subschemas judge the same value, so many levels down."""
    schema: Json = {}
    for _ in range(levels):
        schema = {"not": schema}
    return schema


def answered(size: int) -> Json:
    """An execute whose answers have so many characters: one large task, read again and again."""
    large = [create(task_id="large", attributes={"x": "x" * 990_000})]
    large += [call("get_task", task_id="large")] * (size // 990_000 - 1)

    def with_a_last_one(characters: int) -> Json:
        last = create(task_id="last", attributes={"x": "x" * characters})
        return call("execute", commands=[*large, last], dry_run=True)

    with worklattice.open("memory:", clock=ManualClock(), ids=SequentialIds()) as wl:
        results: Json = wl.dispatch(with_a_last_one(0))["results"]
    return with_a_last_one(size - sum(len(json.dumps(result)) for result in results))


CASES: dict[str, Callable[[int], Json]] = {
    "payload_bytes": text_of_bytes,
    "json_depth": lambda n: create(attributes={"x": nested(n - 1)}),
    "attribute_keys": lambda n: create(attributes={f"k{i}": 1 for i in range(n)}),
    "string_characters": lambda n: create(attributes={"x": "x" * n}),
    "integer_bits": lambda n: create(attributes={"x": 2**n - 1, "y": -(2**n)}),
    "id_characters": lambda n: create(task_id="x" * n),
    "batch_tasks": lambda n: call("execute", commands=[call("get_task", task_id="a")] * n),
    "answer_characters": answered,
    "claims_per_call": lambda n: call("claim_task", worker="w", count=n),
    "expansion_tasks": lambda n: call(
        "create_from_template", template_id="loop", parameters={"xs": [0] * (n - 1)}
    ),
    "expansion_turns": lambda n: call(
        "create_from_template", template_id="never", parameters={"xs": [0] * (n - 1)}
    ),
    "include_depth": lambda n: template({"task_type": "r", "children": [{"include": f"t{n - 2}"}]}),
    "template_nodes": lambda n: template(
        {"task_type": "r", "children": [{"task_type": f"c{i}"} for i in range(n - 1)]}
    ),
    "dependencies_per_call": lambda n: call(
        "manage_dependencies", task_id="b", operation="waive", dependency_ids=["a"] * n
    ),
    "filter_characters": lambda n: query(custom_filter="a = '" + "x" * (n - 6) + "'"),
    "filter_depth": lambda n: query(custom_filter="(" * n + "a = 1" + ")" * n),
    "filter_terms": lambda n: query(custom_filter=" OR ".join(["a=1"] * n)),
    "page_size": lambda n: query(limit=n),
    "offset": lambda n: query(offset=n),
    "sort_keys": lambda n: query(sort=[{"field": f"attributes.a{i}"} for i in range(n)]),
    "answered_fields": lambda n: query(fields=["task_id"] * n),
    "schema_nodes": lambda n: template({"task_type": "r"}, schema_of_nodes(n)),
    "schema_depth": lambda n: template({"task_type": "r"}, {"enum": nested(n - 1)}),
    "schema_in_place": lambda n: template({"task_type": "r"}, {"allOf": [True] * (n - 1)}),
    "schema_in_place_depth": lambda n: template({"task_type": "r"}, in_place(n - 1)),
    "pattern_characters": lambda n: pattern("[" + "a" * (n - 2) + "]"),
    "pattern_parts": lambda n: pattern(of_parts(n)),
    "pattern_repetitions": lambda n: pattern(f"a{{{n}}}"),
    "patterns_parts": lambda n: template(
        {"task_type": "r"},
        {"properties": {str(size): {"pattern": of_parts(size)} for size in (8_000, 7_999, n - 15_999)}},
    ),
    "duration_days": lambda n: create(dependencies=[{"dependency_task_id": "a", "lag": f"{n} days"}]),
    "duration_characters": lambda n: create(
        dependencies=[{"dependency_task_id": "a", "lag": "1" + " " * (n - 2) + "h"}]
    ),
    "metrics": lambda n: call("record_metrics", task_id="a", metrics={f"m{i}": i for i in range(n)}),
    "metric_characters": lambda n: call("record_metrics", task_id="a", metrics={"m": "x" * n}),
    "runs_per_tick": lambda n: call("tick", limit=n),
    "previewed_occurrences": lambda n: call("preview_schedule", schedule="daily", count=n),
    "time_characters": lambda n: create(not_before="2025-06-16T09:00:00." + "1" * (n - 21) + "Z"),
}

WRITES = {
    "claim_task",
    "create_generic_task",
    "manage_dependencies",
    "create_template",
    "create_from_template",
    "record_metrics",
    "tick",
}

ELSEWHERE = {
    "expansion_characters": "tests/unit/templates/test_filling.py",
    "write_wait_seconds": "tests/unit/test_opening.py",
    "connections": "tests/unit/test_opening.py",
    "idempotency_key_days": "tests/unit/orchestrator/test_idempotency.py",
    "write_tries": "tests/faults/test_postgres_failures.py",
    "schema_steps": "tests/hostile/test_parameter_schemas.py",
    "cursor_characters": "tests/unit/query/test_cursor.py",
    "channels": "tests/unit/model/test_channels.py",
    "channel_characters": "tests/unit/model/test_channels.py",
    "channels_characters": "tests/unit/model/test_channels.py",
    "title_characters": "tests/unit/model/test_notifications.py",
    "gates": "tests/unit/model/test_gates.py",
    "gate_characters": "tests/unit/model/test_gates.py",
    "gate_depth": "tests/unit/model/test_gates.py",
    "gate_terms": "tests/unit/model/test_gates.py",
}
"""Limits of what no single call counts out, and where they are tested."""

CUT = {
    "page_size_default": "test_a_page_of_the_usual_size",
    "hierarchy_levels": "test_levels_of_a_tree",
    "hierarchy_tasks": "test_tasks_of_a_tree",
    "unblocked_ids": "test_released_tasks",
    "problems": "test_problems",
    "message_characters": "test_a_long_message",
}
"""Limits of answers: what is beyond is left out, and the tests of this file that show it."""


def dispatched(wl: worklattice.Orchestrator, payload: Json) -> Json:
    """The answer to a payload, as a dry run where it would write."""
    if isinstance(payload, dict) and payload["tool"].removeprefix("orchestrator_") in WRITES:
        payload["arguments"]["dry_run"] = True
    return wl.dispatch(payload)


def test_every_limit_is_tried() -> None:
    """A new limit needs a case here."""
    named = {field.name for field in attrs.fields(Limits)}
    assert named == CASES.keys() | ELSEWHERE.keys() | CUT.keys()
    assert all(name in globals() for name in CUT.values())


@pytest.mark.parametrize("name", CASES)
def test_a_limit(wl: worklattice.Orchestrator, name: str) -> None:
    """One below and the limit itself are accepted; one more is refused, with the field and what may be."""
    limit = getattr(LIMITS, name)
    for value in (limit - 1, limit):
        assert dispatched(wl, CASES[name](value))["status"] == "success"
    before = wl.dump()
    answer = dispatched(wl, CASES[name](limit + 1))
    assert answer["status"] == "error"
    assert answer["field"].startswith(("arguments.", "payload"))
    assert len(answer["message"]) <= LIMITS.message_characters
    assert wl.dump() == before


# --- answers ------------------------------------------------------------------------------------------------


def stored(*rows: TaskRow) -> worklattice.Orchestrator:
    """A workspace that holds these rows."""
    store = MemoryStore()
    fill(store, "default", tasks=rows)
    return worklattice.open(store)


def inside(parent: str, task_id: str, seq: int, children: int = 0) -> TaskRow:
    return task_row(task_id, seq, parent_id=parent, root_id="root", children=children)


@pytest.mark.parametrize("count", [LIMITS.page_size_default - 1, LIMITS.page_size_default, 51])
def test_a_page_of_the_usual_size(count: int) -> None:
    """Where no limit is given, so many come, and a cursor where there are more."""
    with stored(*(task_row(f"t{n}", n) for n in range(1, count + 1))) as wl:
        answer: Json = wl.dispatch(query())
    assert (answer["total_results"], answer["returned_results"]) == (count, min(count, 50))
    assert (answer["next_cursor"] is not None) == (count > LIMITS.page_size_default)


@pytest.mark.parametrize("levels", [LIMITS.hierarchy_levels + more for more in (-1, 0, 1)])
def test_levels_of_a_tree(levels: int) -> None:
    """What is deeper is left out, and the answer says so."""
    rows = [inside(f"t{n - 1}" if n else "root", f"t{n}", n + 2, int(n + 1 < levels)) for n in range(levels)]
    with stored(task_row("root", 1, root_id="root", children=1), *rows) as wl:
        answer: Json = wl.dispatch(call("get_task_hierarchy", root_task_id="root"))
        assert answer["truncated"] == (levels > LIMITS.hierarchy_levels)
        assert wl.dispatch(call("get_task_hierarchy", root_task_id="root", max_depth=levels))["status"] == (
            "error" if levels > LIMITS.hierarchy_levels else "success"
        )


@pytest.mark.parametrize("count", [LIMITS.hierarchy_tasks + more for more in (-1, 0, 1)])
def test_tasks_of_a_tree(count: int) -> None:
    """What is more is left out, and the answer says so."""
    rows = (inside("root", f"t{n}", n) for n in range(2, count + 1))
    with stored(task_row("root", 1, root_id="root", children=count - 1), *rows) as wl:
        answer: Json = wl.dispatch(call("get_task_hierarchy", root_task_id="root"))
    assert len(answer["root_task"]["children"]) + 1 == min(count, LIMITS.hierarchy_tasks)
    assert answer["truncated"] == (count > LIMITS.hierarchy_tasks)


@pytest.mark.parametrize("count", [LIMITS.unblocked_ids + more for more in (-1, 0, 1)])
def test_released_tasks(count: int) -> None:
    """So many are listed; all are counted."""
    with worklattice.open("memory:") as wl:
        wl.create_generic_task("t", task_id="first", lifecycle_stage="active")
        needs = [{"dependency_task_id": "first"}]
        wl.batch_create([{"task_type": "t", "dependencies": needs} for _ in range(count)])
        arguments = {"task_id": "first", "lifecycle_stage": "completed"}
        answer: Json = wl.dispatch(call("manage_lifecycle", **arguments))
    assert len(answer["unblocked"]) == min(count, LIMITS.unblocked_ids)
    assert answer["unblocked_count"] == count


FAULTY: dict[str, Callable[[int], Json]] = {
    "arguments": lambda n: query(**wrong(n)),
    "filters": lambda n: query(filters={"attributes": {name: {"$nope": 1} for name in wrong(n)}}),
    "items": lambda n: call("get_task", task_ids=["a/b"] * n),
    "commands": lambda n: call("execute", commands=[{"tool": 1}] * n),
    "envelope": lambda n: {"tool": "orchestrator_query_tasks", **wrong(n)},
    "structure": lambda n: template({"task_type": "r", **wrong(n)}),
    "schema": lambda n: template({"task_type": "r"}, wrong(n)),
    "parameters": lambda n: call("create_from_template", template_id="loop", parameters=wrong(n)),
}


def wrong(count: int) -> dict[str, Json]:
    return {f"wrong{number}": 1 for number in range(count)}


@pytest.mark.parametrize("faulty", FAULTY.values(), ids=FAULTY)
def test_problems(wl: worklattice.Orchestrator, faulty: Callable[[int], Json]) -> None:
    """So many are listed, whoever finds them."""
    for count in (LIMITS.problems - 1, LIMITS.problems):
        assert len(dispatched(wl, faulty(count))["details"]["problems"]) == count
    for count in (LIMITS.problems + 1, 900):
        answer = dispatched(wl, faulty(count))
        assert len(answer["details"]["problems"]) == LIMITS.problems
        assert answer["field"] == answer["details"]["problems"][0]["field"]


def test_a_long_message(wl: worklattice.Orchestrator) -> None:
    """It is cut, and ends in a sign that it goes on."""
    wl.batch_create([{"task_type": "t", "task_id": f"{n}{'x' * 190}"} for n in range(9)])
    answer: Json = wl.dispatch(
        call(
            "create_generic_task",
            task_type="t",
            lifecycle_stage="active",
            dependencies=[{"dependency_task_id": f"{n}{'x' * 190}"} for n in range(9)],
        )
    )
    assert len(answer["message"]) == LIMITS.message_characters
    assert answer["message"].endswith("…")
