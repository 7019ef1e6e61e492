"""Reading arguments and the published schemas are held to one language: both accept, or both refuse.

Payloads are made from the schemas, then spoilt here and there. Texts of the mini-languages are chosen so that
a pattern can judge them; what only the languages know has tests of its own below.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.calls import arguments_for
from worklattice import codec
from worklattice.errors import ProblemsError
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

CALLS = st.sampled_from(TOOLS_READ_HERE).flatmap(lambda tool: st.tuples(st.just(tool), arguments_for(tool)))
FITTING_CALLS = st.sampled_from(TOOLS_READ_HERE).flatmap(
    lambda tool: st.tuples(st.just(tool), arguments_for(tool, spoilings=0))
)


def is_read(cls: type, arguments: object) -> bool:
    try:
        codec.structure(cls, arguments)
    except ProblemsError:
        return False
    return True


@given(CALLS)
def test_what_is_read_is_what_is_published(call: tuple[Tool, Any]) -> None:
    """Arguments are read exactly if they fit the published schema."""
    tool, arguments = call
    faults = SCHEMAS[tool.name].faults(arguments)
    assert is_read(tool.command, arguments) == (not faults), faults


@given(FITTING_CALLS)
def test_what_fits_the_schema_is_read(call: tuple[Tool, Any]) -> None:
    """What is made to fit a published schema is read, and the command could be built in Python."""
    tool, arguments = call
    codec.check(codec.structure(tool.command, arguments))


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
