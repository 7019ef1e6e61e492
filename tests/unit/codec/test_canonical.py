from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worklattice import codec
from worklattice.errors import ValidationError
from worklattice.model.commands import (
    CreateTask,
    DependencySpec,
    Execute,
    TaskUpdates,
    UpdateTask,
)
from worklattice.model.reads import GetTask
from worklattice.types import JsonObject, JsonValue

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(), inside, max_size=4),
    max_leaves=10,
)


def test_one_way_to_write_a_value() -> None:
    """Keys are sorted, nothing is spaced or escaped without need."""
    assert (
        codec.canonical({"b": [1, None, True], "ä": "ß\n", "a": {}})
        == '{"a":{},"b":[1,null,true],"ä":"ß\\n"}'
    )


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (0, -0.0), (2**53, float(2**53)), ([1], (1.0,))])
def test_numbers_that_are_equal_are_written_alike(one: JsonValue, other: JsonValue) -> None:
    """1 and 1.0 are the same JSON number."""
    assert codec.canonical(one) == codec.canonical(other)


@pytest.mark.parametrize(
    ("one", "other"), [(1, True), (0, False), (0, None), ("1", 1), (1e300, 1e301), ([], {})]
)
def test_values_that_differ_are_written_differently(one: JsonValue, other: JsonValue) -> None:
    """Types other than numbers are never mixed up."""
    assert codec.canonical(one) != codec.canonical(other)


def _same(one: object, other: object) -> bool:
    """Equality of JSON values, told from the standard's definition."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return one == other


@given(JSON, JSON)
def test_canonical_texts_are_equal_exactly_if_the_values_are(one: JsonValue, other: JsonValue) -> None:
    """The canonical text decides equality."""
    assert (codec.canonical(one) == codec.canonical(other)) == _same(one, other)
    assert codec.canonical(one) == codec.canonical(one)


TASK = CreateTask(task_type="story", attributes={"points": 3}, idempotency_key="k")


def test_what_a_key_stands_for() -> None:
    """The key itself, a dry run, and defaults that are spelled out do not count."""
    same = CreateTask(
        task_type="story", attributes={"points": 3.0}, dry_run=True, dependencies=(), validation_checks=True
    )
    assert codec.digest(TASK) == codec.digest(same)


@pytest.mark.parametrize(
    "change",
    [
        {"attributes": {"points": "3"}},
        {"task_type": "bug"},
        {"task_id": "a"},
        {"reason": "because"},
        {"dependencies": (DependencySpec(dependency_task_id="a"),)},
    ],
)
def test_what_makes_another_payload(change: dict[str, Any]) -> None:
    """Every other argument counts."""
    assert codec.digest(attrs.evolve(TASK, **change)) != codec.digest(TASK)


def test_null_that_means_something_counts() -> None:
    """Taking the parent away is another update than keeping it."""
    keeping = UpdateTask(task_id="a", updates=TaskUpdates())
    assert codec.digest(keeping) != codec.digest(
        attrs.evolve(keeping, updates=TaskUpdates(parent_task_id=None))
    )


def test_the_same_moment_in_another_zone() -> None:
    """A moment counts, not how it is written."""
    noon = datetime(2025, 1, 1, 12, tzinfo=UTC)
    elsewhere = noon.astimezone(timezone(timedelta(hours=2)))
    assert codec.digest(CreateTask(task_type="a", not_before=noon)) == codec.digest(
        CreateTask(task_type="a", not_before=elsewhere)
    )


def test_commands_inside_of_an_execute_count() -> None:
    """Which commands an execute holds, in which order, with which options, makes the payload."""
    read, write = GetTask(task_id="a"), TASK
    digests = {
        codec.digest(Execute(commands=commands))
        for commands in ((read, write), (write, read), (read,), (read, attrs.evolve(write, dry_run=True)))
    }
    assert len(digests) == 4


def test_a_command_that_holds_no_json() -> None:
    """What JSON does not have is refused with its path."""
    no_json: Any = {1, 2}
    with pytest.raises(ValidationError) as caught:
        codec.digest(CreateTask(task_type="a", attributes={"x": no_json}))
    assert caught.value.field == "arguments.attributes.x"


def test_a_value_as_deep_as_attributes_may_be() -> None:
    """The levels of the command around its attributes do not count against them."""
    value: JsonObject = {}
    for _ in range(63):
        value = {"a": value}
    inner = CreateTask(task_type="a", attributes=value)
    assert codec.digest(Execute(commands=(inner,)))
