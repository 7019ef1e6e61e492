"""Whatever is dispatched, there is an answer of the published form, and a refusal changes nothing."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import worklattice
from tests.properties.calls import arguments_for
from worklattice.testing import ManualClock, SequentialIds
from worklattice.tools.catalogue import TOOLS, output_schema

VALIDATORS = {tool.name: Draft202012Validator(output_schema(tool)) for tool in TOOLS.values()}

CONDITIONS = st.sampled_from(
    [
        "status = 'blocked'",
        "created_at < DATE_SUB(NOW(), INTERVAL 2 WEEK)",
        "attributes.x > 3 OR NOT (task_type LIKE 'a%')",
        "x IN (1, 'a', NULL)",
        "1=1; drop table tasks",
        "((((",
        "status =",
        "",
    ]
)
NODES = st.recursive(
    st.fixed_dictionaries({"task_type": st.sampled_from(["a", "b", "{p}", "{"])}),
    lambda inside: st.fixed_dictionaries(  # pyright: ignore[reportUnknownLambdaType]
        {"task_type": st.sampled_from(["a", "b"])},
        optional={
            "children": st.lists(inside, max_size=2),
            "dependencies": st.lists(st.sampled_from(["a", "b", "{p}"]), max_size=2),
            "for_each": st.just("p"),
            "when": CONDITIONS,
            "attributes": st.dictionaries(
                st.sampled_from(["x", "{p}"]), st.sampled_from(["{p}", "{q}", "{{"])
            ),
        },
    ),
    max_leaves=4,
)
STRUCTURES = st.fixed_dictionaries({"root_task": NODES})
PARAMETERS = st.sampled_from(
    [
        {},
        {"type": "object", "properties": {"p": {"type": "string", "default": "x"}}},
        {
            "type": "object",
            "properties": {"p": {"type": "array", "items": {"type": "string"}}},
            "required": ["p"],
        },
        {"type": "objekt"},
        {"$ref": "#"},
        {"pattern": "(a+)+"},
    ]
)
LIFECYCLES = st.sampled_from(
    [
        {},
        {"initial": "a", "stages": {"a": {"status": "pending"}}},
        {"stages": {"open": {"status": "pending", "to": ["done"]}, "done": {"status": "completed"}}},
    ]
)


@st.composite
def payloads(draw: st.DrawFn) -> Any:
    """A payload: of some tool, with arguments that may be spoilt, and meaningful texts here and there."""
    tool = draw(st.sampled_from([tool for tool in TOOLS.values() if tool.name != "orchestrator_execute"]))
    arguments = draw(arguments_for(tool, spoilings=draw(st.sampled_from([0, 0, 0, 1, 2]))))
    if isinstance(arguments, dict):
        for name, meant in (
            ("custom_filter", CONDITIONS),
            ("task_structure", STRUCTURES),
            ("parameters_schema", PARAMETERS),
            ("attributes_schema", PARAMETERS),
            ("lifecycle", LIFECYCLES),
        ):
            if name in arguments and draw(st.booleans()):
                arguments = {**arguments, name: draw(meant)}
    return {"tool": tool.name, "arguments": arguments}


CALLS = payloads() | st.lists(payloads(), max_size=3).map(
    lambda commands: {"tool": "orchestrator_execute", "arguments": {"commands": commands}}
)

NONSENSE: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(
        [None, True, 0, 2**63, 10**4_000, float("nan"), float("-inf"), "", "tool", "\ud800", "\x00"]
    )
    | st.sampled_from([b"", b"\xff", object(), {1}, range(3), 1j, Ellipsis, int])
    | st.text()
    | st.binary(),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(
            st.sampled_from(["tool", "arguments", "commands", 1, None, "\ud800"]), inside, max_size=3
        )
        | st.fixed_dictionaries({"tool": st.sampled_from(list(TOOLS)), "arguments": inside})
    ),
    max_leaves=8,
)

SPLICES = st.sampled_from(["{", "}", '"', ",", "NaN", "1e999", "\\ud800", "[" * 500, "\x00", "ß", " ", "-"])


@st.composite
def texts(draw: st.DrawFn) -> str | bytes:
    """A payload as JSON text or bytes, cut or with something spliced in."""
    text = json.dumps(draw(payloads()), ensure_ascii=draw(st.booleans()))
    at = draw(st.integers(0, len(text)))
    text = text[:at] + draw(SPLICES | st.just("")) + text[at + draw(st.integers(0, 3)) :]
    return text.encode(errors="surrogatepass") if draw(st.booleans()) else text


def play(url: str, calls: list[Any]) -> None:
    """Dispatch the payloads, and look at each answer and at what it left behind."""
    with worklattice.open(url, clock=ManualClock(), ids=SequentialIds()) as wl:
        tasks = [{"task_type": "a", "task_id": task_id} for task_id in "abc"]
        wl.dispatch({"tool": "orchestrator_batch_create", "arguments": {"tasks": tasks}})
        for payload in calls:
            before = wl.dump()
            answer: Any = wl.dispatch(payload)
            text = json.dumps(answer, ensure_ascii=False, allow_nan=False).encode()
            assert json.loads(text) == answer
            if answer["status"] == "error":
                assert wl.dump() == before
                assert len(answer["message"]) <= 500
                assert answer["error_type"] in worklattice.__all__
                tool = "orchestrator_get_task"
            else:
                tool = json.loads(payload)["tool"] if isinstance(payload, str | bytes) else payload["tool"]
            VALIDATORS[tool].validate(answer)
        assert wl.check() == []


@given(st.lists(CALLS, max_size=8))
def test_calls_of_every_tool(calls: list[Any]) -> None:
    """Calls that make sense, nearly, or not at all are answered."""
    play("memory:", calls)


@given(st.lists(NONSENSE, max_size=3))
def test_values_of_every_kind(calls: list[Any]) -> None:
    """Values that no JSON reader gives are answered."""
    play("memory:", calls)


@given(st.lists(texts(), max_size=5))
def test_texts_that_are_spoilt(calls: list[Any]) -> None:
    """Texts that are cut and mangled are answered."""
    play("memory:", calls)


@given(st.lists(CALLS, max_size=5))
def test_calls_on_a_file(tmp_path_factory: pytest.TempPathFactory, calls: list[Any]) -> None:
    """On SQLite, the same."""
    folder = tmp_path_factory.mktemp("fuzz")
    play(f"sqlite:///{folder}/work.db", calls)
