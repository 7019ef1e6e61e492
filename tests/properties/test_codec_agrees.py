"""Reading arguments and the published schemas are held to one language: both accept, or both refuse.

Payloads are made from the schemas, then spoilt here and there. Texts of the mini-languages are chosen so that
a pattern can judge them; what only the languages know has tests of its own below.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worklattice import codec
from worklattice.errors import ValidationError
from worklattice.lang.diagnostics import LanguageError
from worklattice.lang.durations import parse_duration
from worklattice.lang.times import parse_time
from worklattice.model.commands import CreateTask, DependencySpec, Execute
from worklattice.schema import Schema, compile_schema
from worklattice.tools.catalogue import TOOLS, Tool

TOOLS_READ_HERE = [tool for tool in TOOLS.values() if tool.command is not Execute]
"""The payloads inside an execute are read by `worklattice.tools`."""

SCHEMAS: dict[str, Schema] = {
    tool.name: compile_schema(codec.input_schema(tool.command), node_limit=10_000) for tool in TOOLS_READ_HERE
}

ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(None, True, False, 0, 1, 1.0, 1.5, -1, 64, 65, 1000, 1001, 2**53, 1e300, -0.0),
        *("", "a", "1", "true", "all", "blocked", "completion", "a b", "a/b", "a\n", "ß", "\x7f"),
        *("x" * 200, "x" * 201, "15 minutes", "PT2H", "5", "minutes"),
        *("2025-06-16T09:00:00Z", "2025-06-16T09:00", "2025-06-16", "2025-13-01T00:00Z"),
        *([], {}, [None], ["a"], [[]], {"a": 1}, {"task_id": "a"}, ["a"] * 9),
    ]
)
JSON = st.recursive(
    ODD, lambda inside: st.lists(inside, max_size=2) | st.dictionaries(st.text("ab", max_size=2), inside)
)


def fitting(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that fit a schema of ours."""
    if "anyOf" in schema:
        return st.one_of([fitting(part) for part in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema.get("type", "any")
    if isinstance(kinds, list):
        return st.one_of([fitting(schema | {"type": kind}) for kind in kinds])
    if kinds == "object" and "properties" in schema:
        named = {name: fitting(part) for name, part in schema["properties"].items()}
        required = {name: named.pop(name) for name in schema.get("required", ())}
        return st.fixed_dictionaries(required, optional=named)
    if kinds == "array":
        least = schema.get("minItems", 0)
        return st.lists(fitting(schema["items"]), min_size=least, max_size=least + 2)
    if kinds == "string" and "examples" in schema:
        return st.sampled_from(schema["examples"])
    return {
        "any": JSON,
        "null": st.none(),
        "boolean": st.booleans(),
        "object": st.dictionaries(st.text("ab.", max_size=2), JSON, max_size=2),
        "integer": st.integers(schema.get("minimum"), schema.get("maximum")),
        "string": st.text("aB1_-.:", min_size=1, max_size=3),
    }[kinds]


def spoilt(value: Any, draw: st.DrawFn) -> Any:  # noqa: ANN401
    """The value with something odd put in, added or taken out, somewhere inside."""
    if isinstance(value, dict) and value and draw(st.integers(0, 3)):
        key = draw(st.sampled_from(sorted(value)))
        change = draw(st.sampled_from(["inside", "inside", "out", "more"]))
        if change == "out":
            return {name: item for name, item in value.items() if name != key}
        name = draw(st.sampled_from(["titel", "", "task_id", "tasks"])) if change == "more" else key
        return {**value, name: spoilt(value.get(name), draw)}
    if isinstance(value, list) and value and draw(st.integers(0, 3)):
        index = draw(st.integers(0, len(value) - 1))
        return [*value[:index], spoilt(value[index], draw), *value[index + 1 :]]
    return draw(ODD)


@st.composite
def calls(draw: st.DrawFn) -> tuple[Tool, Any]:
    """A tool and arguments for it, spoilt up to three times."""
    tool = draw(st.sampled_from(TOOLS_READ_HERE))
    arguments = draw(fitting(codec.input_schema(tool.command)))
    for _ in range(draw(st.integers(0, 3))):
        arguments = spoilt(arguments, draw)
    return tool, arguments


def is_read(cls: type, arguments: object) -> bool:
    try:
        codec.structure(cls, arguments)
    except ValidationError:
        return False
    return True


@given(calls())
def test_what_is_read_is_what_is_published(call: tuple[Tool, Any]) -> None:
    """Arguments are read exactly if they fit the published schema."""
    tool, arguments = call
    faults = SCHEMAS[tool.name].faults(arguments)
    assert is_read(tool.command, arguments) == (not faults), faults


@given(
    st.sampled_from(TOOLS_READ_HERE).flatmap(
        lambda tool: st.tuples(st.just(tool), fitting(codec.input_schema(tool.command)))
    )
)
def test_what_fits_the_schema_is_read(call: tuple[Tool, Any]) -> None:
    """Every value that is made to fit a published schema is read."""
    tool, arguments = call
    codec.structure(tool.command, arguments)


@given(st.text("0123456789 _.PTWDHMSdayshour-+\n", max_size=12) | st.text(max_size=8))
def test_a_duration_that_is_read_fits_the_pattern(text: str) -> None:
    """The schema refuses no duration that the language reads."""
    try:
        parse_duration(text)
    except LanguageError:
        return
    assert not _faults(DependencySpec, {"dependency_task_id": "a", "lag": text})


@given(
    st.datetimes().map(str)
    | st.from_regex(r"[0-9]{4}-[01][0-9]-[0-3][0-9][T ][0-9:.]{1,9}[Z+0-9:]{0,6}", fullmatch=True)
)
def test_a_time_that_is_read_fits_the_pattern(text: str) -> None:
    """The schema refuses no time that the language reads."""
    try:
        parse_time(text)
    except LanguageError:
        return
    assert not _faults(CreateTask, {"task_type": "a", "not_before": text})


@pytest.mark.parametrize(
    ("cls", "arguments"),
    [
        (DependencySpec, {"dependency_task_id": "a", "lag": "5 foo"}),
        (DependencySpec, {"dependency_task_id": "a", "lag": "1 month"}),
        (DependencySpec, {"dependency_task_id": "a", "lag": "1 hour 1 day"}),
        (DependencySpec, {"dependency_task_id": "a", "lag": "40000 days"}),
        (CreateTask, {"task_type": "a", "not_before": "2025-02-30T00:00:00Z"}),
        (CreateTask, {"task_type": "a", "not_before": "0001-01-01T00:00:00+14:00"}),
    ],
)
def test_what_only_a_language_knows(cls: type, arguments: object) -> None:
    """Units, the calendar and limits of spans are beyond a pattern: the schema accepts, reading refuses."""
    assert not _faults(cls, arguments)
    assert not is_read(cls, arguments)


def _faults(cls: type, arguments: object) -> list[Any]:
    return list(compile_schema(codec.input_schema(cls), node_limit=10_000).faults(arguments))
