"""Malformed payloads and ids: refused with a field, and as if they had never been sent."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import worklattice
from worklattice.testing import ManualClock, SequentialIds
from worklattice.types import LIMITS

LONGEST_MESSAGE = 500


def opened(url: str, workspace: str = "default") -> worklattice.Orchestrator:
    return worklattice.open(url, workspace=workspace, clock=ManualClock(), ids=SequentialIds())


@pytest.fixture(params=["memory:", "sqlite:///{}/work.db"], ids=["memory", "sqlite"])
def wl(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[worklattice.Orchestrator]:
    """A workspace with a parent, its child, and a task on its own."""
    with opened(request.param.format(tmp_path)) as opened_here:
        for task_id, parent in (("parent", None), ("child", "parent"), ("single", None)):
            do(opened_here, "create_generic_task", task_type="t", task_id=task_id, parent_task_id=parent)
        yield opened_here


def do(wl: worklattice.Orchestrator, tool: str, **arguments: object) -> Any:
    answer = wl.dispatch(call(tool, **arguments))
    assert answer["status"] == "success", answer
    return answer


def refused(wl: worklattice.Orchestrator, payload: object) -> dict[str, Any]:
    """The refusal of a payload that left no trace."""
    before, last = wl.dump(), len(list(wl.events()))
    answer: dict[str, Any] = wl.dispatch(payload)
    assert answer["status"] == "error"
    assert len(answer["message"]) <= LONGEST_MESSAGE
    assert answer["field"].isprintable()
    assert json.loads(json.dumps(answer, ensure_ascii=False).encode()) == answer
    assert (wl.dump(), len(list(wl.events()))) == (before, last)
    return answer


def refused_call(wl: worklattice.Orchestrator, tool: str, **arguments: object) -> dict[str, Any]:
    return refused(wl, call(tool, **arguments))


def call(tool: str, **arguments: object) -> dict[str, Any]:
    return {"tool": f"orchestrator_{tool}", "arguments": arguments}


def as_text(value: str) -> str:
    """A call that creates a task, with something spliced into its attributes."""
    return json.dumps(call("create_generic_task", task_type="t", attributes={"x": 0})).replace(
        ": 0", f": {value}"
    )


def nested(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


# --- payloads -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("levels", [LIMITS.json_depth, 1_000, 100_000])
def test_nesting_beyond_the_limit(wl: worklattice.Orchestrator, levels: int) -> None:
    """Attributes 65 deep, or 100,000, are refused, as text and as values (1)."""
    for payload in (
        as_text("[" * levels + "]" * levels),
        as_text('{"a":' * levels + "0" + "}" * levels),
        as_text("[" * levels),
        call("create_generic_task", task_type="t", attributes={"x": nested(levels)}),
        call("get_task", titel=nested(levels)),
        call("get_task", task_id=nested(levels)),
        {"tool": nested(levels)},
        nested(levels),
    ):
        assert refused(wl, payload)["error_type"] == "ValidationError"


def test_nesting_at_the_limit(wl: worklattice.Orchestrator) -> None:
    """Attributes 64 deep are kept."""
    attributes = {"x": nested(LIMITS.json_depth - 1)}
    created = do(wl, "create_generic_task", task_type="t", attributes=attributes)
    assert do(wl, "get_task", task_id=created["task_id"])["task"]["attributes"] == attributes


def test_a_payload_that_contains_itself(wl: worklattice.Orchestrator) -> None:
    """A value that never ends is refused at the limit of nesting."""
    endless: dict[str, Any] = {}
    endless["x"] = endless
    refused_call(wl, "create_generic_task", task_type="t", attributes=endless)
    refused_call(wl, "get_task", titel=endless)
    refused(wl, endless)
    refused_call(wl, "execute", commands=[endless])


def test_a_text_over_one_mebibyte(wl: worklattice.Orchestrator) -> None:
    """A text of more than 1 MiB is refused by its length; values have the limits of texts (2)."""
    text = as_text('"' + "x" * LIMITS.payload_bytes + '"')
    for payload in (text, text.encode()):
        answer = refused(wl, payload)
        assert (answer["error_type"], answer["field"]) == ("LimitExceededError", "payload")
    refused(wl, json.loads(text))


@pytest.mark.parametrize(
    "value",
    [
        pytest.param('{"a": 1, "a": 2}', id="3 a duplicate key"),
        pytest.param('{"a": 1, "\\u0061": 2}', id="3 a duplicate key in another spelling"),
        pytest.param("NaN", id="4 NaN"),
        pytest.param("Infinity", id="5 Infinity"),
        pytest.param("-Infinity", id="5 -Infinity"),
        pytest.param("1e999", id="6 1e999"),
        pytest.param("-1e999", id="6 -1e999"),
        pytest.param("1.0" + "0" * 400 + "e400", id="6 a long way to write it"),
        pytest.param("9" * 4_301, id="7 4,301 digits"),
        pytest.param("-" + "9" * 500_000, id="7 500,000 digits"),
        pytest.param(str(2**63), id="8 2^63"),
        pytest.param(str(-(2**63) - 1), id="8 -2^63-1"),
    ],
)
def test_a_value_that_json_readers_take_differently(wl: worklattice.Orchestrator, value: str) -> None:
    """Keys that stand twice, numbers that are not finite, and integers beyond 64 bits are refused."""
    assert refused(wl, as_text(value))["error_type"] == "ValidationError"
    assert refused(wl, as_text(value).encode())["error_type"] == "ValidationError"


@pytest.mark.parametrize("value", [2**63 - 1, -(2**63), 2**53 + 1, 1e-320, 1.7976931348623157e308, 0.1])
def test_a_number_that_is_kept_exactly(wl: worklattice.Orchestrator, value: float) -> None:
    """Integers of 64 bits and doubles come back as they were (8)."""
    created = do(wl, "create_generic_task", task_type="t", attributes={"x": value})
    kept = do(wl, "get_task", task_id=created["task_id"])["task"]["attributes"]["x"]
    assert (kept, type(kept)) == (value, type(value))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\ud800", id="9 a lone surrogate"),
        pytest.param("a\udfffb", id="9 a lone surrogate inside"),
        pytest.param("a\x00b", id="10 U+0000"),
    ],
)
def test_a_text_that_is_no_unicode(wl: worklattice.Orchestrator, text: str) -> None:
    """A lone surrogate and U+0000 are refused wherever a text may stand."""
    for payload in (
        as_text(json.dumps(text)),
        as_text(json.dumps({text: 1})),
        {"tool": text},
        {text: 1},
        call("get_task", **{text: 1}),
        call("get_task", task_id=text),
        call("create_generic_task", task_type=text),
        call("add_comment", task_id="single", text=text),
        call("query_tasks", custom_filter=f"task_type = '{text}'"),
        call("query_tasks", filters={"attributes": {text: text}}),
        call("query_tasks", cursor=text),
        call("get_template", template_id=text),
    ):
        refused(wl, payload)


@pytest.mark.parametrize(
    "payload",
    [
        *([], None, 0, True, object()),
        *("null", "[]", "", b""),
        *({1: 2}, {"tool": []}, {"tool": "x", "arguments": []}),
    ],
)
def test_a_payload_of_another_kind(wl: worklattice.Orchestrator, payload: object) -> None:
    """A payload is an object of a tool's name and its arguments (11)."""
    assert refused(wl, payload)["error_type"] in {"ValidationError", "UnknownToolError"}


@pytest.mark.parametrize(
    "tool", ["__class__", "orchestrator___init__", "create_generic_task", "", "close", "x" * 10_000]
)
def test_an_unknown_tool(wl: worklattice.Orchestrator, tool: str) -> None:
    """Only names of the catalogue are tools (12)."""
    answer = refused(wl, {"tool": tool, "arguments": {}})
    assert (answer["error_type"], answer["field"]) == ("UnknownToolError", "tool")


def test_an_unknown_argument(wl: worklattice.Orchestrator) -> None:
    """A mistyped argument is refused, not ignored, and the closest is named (13)."""
    answer = refused_call(wl, "create_generic_task", task_type="t", atributes={})
    assert answer["field"] == "arguments.atributes"
    assert '"attributes"' in answer["suggestion"]
    assert "titel" in refused_call(wl, "create_generic_task", task_type="t", titel="x")["message"]


NO_INTEGERS: list[Any] = ["1", 1.5, [1], None, {}, ""]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(True, id="14 true"),
        *(pytest.param(value, id=f"15 {json.dumps(value)}") for value in NO_INTEGERS),
    ],
)
def test_an_integer_that_is_none(wl: worklattice.Orchestrator, value: object) -> None:
    """True and "1" are no integers."""
    assert refused_call(wl, "get_history", limit=value)["field"] == "arguments.limit"


@pytest.mark.parametrize(
    "payload", [b"\xff", b'{"tool": "\xed\xa0\x80"}', "{}".encode("utf-16"), b"\x80" * 1_000]
)
def test_bytes_that_are_not_utf8(wl: worklattice.Orchestrator, payload: bytes) -> None:
    """Bytes are UTF-8 (16)."""
    assert "UTF-8" in refused(wl, payload)["message"]


@pytest.mark.parametrize("payload", ["{} {}", "{}\n{}", "{}x", "{},"])
def test_two_documents(wl: worklattice.Orchestrator, payload: str) -> None:
    """A text holds one document (17)."""
    assert "Extra data" in refused(wl, payload)["message"]


# --- ids ----------------------------------------------------------------------------------------------------

NO_TEXTS: list[Any] = [True, 1.0, [], {}, ["a"]]
NO_IDS = [
    pytest.param("", id="18 empty"),
    pytest.param("a\n", id="19 a newline"),
    pytest.param("../../etc/passwd", id="20 a path"),
    pytest.param("a/b", id="21 a slash"),
    pytest.param("x" * 10_240, id="22 10 KB"),
    pytest.param("x" * 201, id="22 201 characters"),
    pytest.param("%", id="23 %"),
    pytest.param("e\u0301", id="24 a decomposed letter"),
    pytest.param("\u00e9", id="24 its composed twin"),
    pytest.param("\u202eabc", id="24 U+202E"),
    pytest.param("\uff41", id="24 a full-width letter"),
    pytest.param(1, id="26 1"),
    *(pytest.param(value, id=f"26 {json.dumps(value)}") for value in NO_TEXTS),
]


@pytest.mark.parametrize("task_id", NO_IDS)
def test_what_is_no_id(wl: worklattice.Orchestrator, task_id: object) -> None:
    """What is no id is refused in every place where an id may stand, and the field names the place."""
    for tool, arguments, field in (
        ("create_generic_task", {"task_type": "t", "task_id": task_id}, "task_id"),
        ("create_generic_task", {"task_type": "t", "parent_task_id": task_id}, "parent_task_id"),
        ("create_from_template", {"template_id": "user_story_breakdown_v1", "task_id": task_id}, "task_id"),
        ("batch_create", {"tasks": [{"task_type": "t", "task_id": task_id}]}, "tasks[0].task_id"),
        (
            "manage_dependencies",
            {"task_id": "single", "dependencies": [{"dependency_task_id": task_id}]},
            "dependencies[0].dependency_task_id",
        ),
        (
            "manage_dependencies",
            {"task_id": "single", "operation": "remove", "dependency_ids": [task_id]},
            "dependency_ids[0]",
        ),
        ("manage_lifecycle", {"task_id": task_id, "lifecycle_stage": "active"}, "task_id"),
        (
            "update_task",
            {"task_id": "single", "updates": {"parent_task_id": task_id}},
            "updates.parent_task_id",
        ),
        ("delete_task", {"task_id": task_id}, "task_id"),
        ("get_task", {"task_ids": ["single", task_id]}, "task_ids[1]"),
        ("get_task_hierarchy", {"root_task_id": task_id}, "root_task_id"),
        ("get_history", {"task_id": task_id}, "task_id"),
    ):
        answer = refused_call(wl, tool, **arguments)
        assert (answer["error_type"], answer["field"]) == ("ValidationError", f"arguments.{field}")


def test_an_id_of_another_workspace(tmp_path: Path) -> None:
    """An id of another workspace is answered exactly as one that is nowhere (25)."""
    url = f"sqlite:///{tmp_path}/work.db"
    with opened(url, "mine") as mine, opened(url, "theirs") as theirs:
        do(theirs, "create_generic_task", task_type="t", task_id="there_1")
        do(mine, "create_generic_task", task_type="t", task_id="here")
        for tool, arguments in (
            ("get_task", {"task_id": "there_1"}),
            ("create_generic_task", {"task_type": "t", "parent_task_id": "there_1"}),
            ("manage_dependencies", {"task_id": "here", "dependencies": [{"dependency_task_id": "there_1"}]}),
            ("manage_lifecycle", {"task_id": "there_1", "lifecycle_stage": "active"}),
            ("get_task_hierarchy", {"root_task_id": "there_1"}),
            ("get_history", {"task_id": "there_1"}),
        ):
            answer = json.dumps(refused_call(mine, tool, **arguments))
            absent = json.loads(json.dumps(arguments).replace("there_1", "there_2"))
            assert answer.replace("there_1", "there_2") == json.dumps(refused_call(mine, tool, **absent))
        do(mine, "create_generic_task", task_type="t", task_id="there_1")


@pytest.mark.parametrize(
    "parent", [pytest.param("parent", id="27 itself"), pytest.param("child", id="28 its descendant")]
)
def test_a_task_inside_itself(wl: worklattice.Orchestrator, parent: str) -> None:
    """A task cannot be put under itself or under what is inside it."""
    answer = refused_call(wl, "update_task", task_id="parent", updates={"parent_task_id": parent})
    assert answer["field"] == "arguments.updates.parent_task_id"


def test_a_new_task_under_itself(wl: worklattice.Orchestrator) -> None:
    """A task that is not there yet is no parent, not even its own (27)."""
    answer = refused_call(wl, "create_generic_task", task_type="t", task_id="new", parent_task_id="new")
    assert answer["error_type"] == "ParentTaskNotFoundError"
    tasks = [{"task_type": "t", "task_id": "new", "parent_task_id": "new"}]
    assert refused_call(wl, "batch_create", tasks=tasks)["field"] == "arguments.tasks[0].parent_task_id"


def test_a_task_that_depends_on_itself(wl: worklattice.Orchestrator) -> None:
    """A task cannot wait for itself, whether it is there already or new (29)."""
    on_itself = [{"dependency_task_id": "single"}]
    answer = refused_call(wl, "manage_dependencies", task_id="single", dependencies=on_itself)
    assert (answer["error_type"], answer["details"]["cycle"]) == ("CircularDependencyError", ["single"])
    refused_call(
        wl, "create_generic_task", task_type="t", task_id="new", dependencies=[{"dependency_task_id": "new"}]
    )


def test_an_id_that_exists_as_a_template(wl: worklattice.Orchestrator) -> None:
    """Tasks and templates have ids of their own: a template is no task, and a task may have its id (30)."""
    template = "user_story_breakdown_v1"
    assert refused_call(wl, "get_task", task_id=template)["error_type"] == "TaskNotFoundError"
    do(wl, "create_generic_task", task_type="t", task_id=template)
    assert do(wl, "get_task", task_id=template)["task"]["task_type"] == "t"
    assert do(wl, "get_template", template_id=template)["template"]["template_id"] == template


def test_a_fault_inside_of_an_execute(wl: worklattice.Orchestrator) -> None:
    """A command that is refused inside of an execute undoes those before it, and every path leads into it."""
    first = call("create_generic_task", task_type="t", task_id="new")
    for command, error_type, field in (
        (call("get_task"), "ValidationError", "task_id"),
        (call("get_task", task_id="absent"), "TaskNotFoundError", "task_id"),
        (call("query_tasks", custom_filter="status ="), "FilterSyntaxError", "custom_filter"),
        (
            call("create_template", template_id="t", task_structure={}),
            "TemplateValidationError",
            "task_structure",
        ),
    ):
        answer = refused_call(wl, "execute", commands=[first, command])
        assert answer["error_type"] == error_type
        assert answer["field"].startswith(f"arguments.commands[1].arguments.{field}")
        for problem in answer["details"].get("problems", ()):
            assert problem["field"].startswith(f"arguments.commands[1].arguments.{field}")


# --- what is answered ---------------------------------------------------------------------------------------


def test_an_answer_that_is_changed(wl: worklattice.Orchestrator) -> None:
    """Answers and payloads share nothing with the store: whoever changes them changes nothing else."""
    attributes = {"list": [1], "object": {"a": {}}}
    conditions = {"team": {"name": "a"}}
    payload = {"task_type": "t", "task_id": "x", "attributes": attributes}
    edge = {"dependency_task_id": "single", "conditions": conditions}
    answers = [
        do(wl, "create_generic_task", **payload),
        do(wl, "manage_dependencies", task_id="x", dependencies=[edge]),
        do(wl, "get_dependencies", task_id="x"),
        do(wl, "get_task", task_id="x"),
        do(wl, "query_tasks", include_dependencies=True, include_hierarchy=True),
        do(wl, "get_history"),
        do(wl, "get_template", template_id="user_story_breakdown_v1"),
    ]
    template = do(wl, "get_template", template_id="user_story_breakdown_v1")
    before, events = wl.dump(), list(wl.events())
    spoil(attributes)
    spoil(conditions)
    for answer in answers:
        spoil(answer)
    assert (wl.dump(), list(wl.events())) == (before, events)
    assert do(wl, "get_template", template_id="user_story_breakdown_v1") == template


def spoil(value: object) -> None:
    """Change every object and array inside."""
    if isinstance(value, dict):
        for item in value.values():
            spoil(item)
        value["spoilt"] = True
    elif isinstance(value, list):
        for item in value:
            spoil(item)
        value.append("spoilt")
