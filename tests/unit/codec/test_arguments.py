import json
from typing import Any

import attrs
import pytest

from worklattice import codec
from worklattice.errors import Problem, ValidationError
from worklattice.model.commands import (
    CreateTask,
    DependencySpec,
    Execute,
    Keep,
    ManageDependencies,
    UpdateTask,
)
from worklattice.model.reads import GetTask
from worklattice.query.request import QueryTasks


def refusal(cls: type, arguments: object, path: str = "arguments") -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        codec.structure(cls, arguments, path)
    return caught.value


def test_a_whole_command() -> None:
    """Arguments become the command's fields, objects inside become values, what is left out its default."""
    command = codec.structure(
        ManageDependencies,
        {
            "task_id": "b",
            "dependencies": [{"dependency_task_id": "a", "lag": "15 minutes", "mandatory": False}],
            "expected_version": 3,
        },
    )
    assert command == ManageDependencies(
        task_id="b",
        dependencies=(DependencySpec(dependency_task_id="a", lag="15 minutes", mandatory=False),),
        expected_version=3,
    )


def test_null_stands_for_what_was_not_given() -> None:
    """An optional argument may be null, as many programs write what they have not."""
    assert codec.structure(CreateTask, {"task_type": "a", "parent_task_id": None}) == CreateTask(
        task_type="a"
    )


def test_null_where_it_means_something() -> None:
    """In an update, null takes the parent away, and leaving it out keeps it."""
    moved = codec.structure(UpdateTask, {"task_id": "a", "updates": {"parent_task_id": None}}).updates
    kept = codec.structure(UpdateTask, {"task_id": "a", "updates": {}}).updates
    assert (moved.parent_task_id, moved.not_before) == (None, Keep.KEEP)
    assert kept.parent_task_id is Keep.KEEP


def test_a_filter_for_roots() -> None:
    """The parent null, alone or in a list, asks for roots."""
    for given, read in ((None, (None,)), ([None, "a"], (None, "a"))):
        filters = codec.structure(QueryTasks, {"filters": {"parent_task_id": given}}).filters
        assert filters is not None
        assert filters.parent_task_id == read


def test_every_problem_at_once() -> None:
    """All faults are reported, each with its path."""
    error = refusal(
        CreateTask,
        {
            "task_typ": "story",
            "attributes": [],
            "dependencies": [{}, {"dependency_task_id": "a/b", "lag": "3 foo"}, "a"],
            "dry_run": 1,
        },
    )
    assert {problem.field for problem in error.problems} == {
        "arguments.task_typ",
        "arguments.task_type",
        "arguments.attributes",
        "arguments.dependencies[0].dependency_task_id",
        "arguments.dependencies[1].dependency_task_id",
        "arguments.dependencies[1].lag",
        "arguments.dependencies[2]",
        "arguments.dry_run",
    }


def test_an_unknown_argument() -> None:
    """A mistyped argument is refused, and the closest name offered."""
    error = refusal(CreateTask, {"task_type": "story", "atributes": {}})
    assert error.problems == (
        Problem(
            field="arguments.atributes", message='"atributes" is not known here; did you mean "attributes"?'
        ),
    )
    assert error.suggestion == 'Did you mean "attributes"?'


def test_an_unknown_argument_like_no_other() -> None:
    """Where no argument is like it, all of them are named."""
    error = refusal(GetTask, {"titel": "x"})
    assert error.suggestion == "Use one of: task_id, task_ids, include_comments."


@pytest.mark.parametrize("key", ["", "a b", 'q"z', "a.b", "\ud800", "\n", "x" * 10_000])
def test_an_unknown_argument_with_a_strange_name(key: str) -> None:
    """A name that a caller made up is quoted, escaped and cut."""
    error = refusal(GetTask, {key: 1})
    assert str(error.field).startswith("arguments[")
    assert len(str(error.field)) < 120
    assert str(error.field).isprintable()
    assert error.message.isprintable()


def test_a_key_that_is_no_text() -> None:
    """A dict with a number as a key is refused as a whole."""
    assert refusal(GetTask, {1: 2}).problems == (
        Problem(field="arguments", message="has the key 1, which is no text"),
    )


@pytest.mark.parametrize("arguments", [None, [], "task_id", 1, b"{}"])
def test_arguments_that_are_no_object(arguments: object) -> None:
    """Arguments are an object."""
    assert refusal(GetTask, arguments).field == "arguments"


def test_too_many_problems_to_read() -> None:
    """At most a hundred faults are reported."""
    error = refusal(ManageDependencies, {"task_id": "a", "dependencies": [{}] * 10_000})
    assert len(error.problems) == 100


def test_the_path_of_a_value_inside_of_a_call() -> None:
    """Whoever reads a part of a call says where it stands."""
    assert refusal(DependencySpec, {}, "arguments.dependencies[3]").field == (
        "arguments.dependencies[3].dependency_task_id"
    )


def test_a_value_that_looks_like_a_secret_is_cut() -> None:
    """A message shows at most 80 characters of a value."""
    error = refusal(GetTask, {"task_id": "s3cret/" + "x" * 10_000})
    assert len(error.message) < 120


def test_commands_inside_a_command() -> None:
    """The commands of an execute are read by whoever knows the tools; payloads are refused here."""
    command = codec.structure(Execute, {"commands": [GetTask(task_id="a")]})
    assert command.commands == (GetTask(task_id="a"),)
    assert refusal(Execute, {"commands": [{"tool": "get_task"}]}).field == "arguments.commands[0]"


def test_a_bug_in_reading_is_not_taken_for_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception that says nothing about the arguments passes through as it is."""

    @attrs.frozen(kw_only=True)
    class Broken:
        name: str = attrs.field(metadata={"doc": "Anything."})

        def __attrs_post_init__(self) -> None:
            raise LookupError("a bug")

    with pytest.raises(LookupError, match="a bug"):
        codec.structure(Broken, {"name": "x"})


def test_the_published_schema() -> None:
    """A schema says of each argument what it is for, what it defaults to, and which are required."""
    schema: Any = codec.input_schema(CreateTask)
    assert schema["required"] == ["task_type"]
    assert schema["additionalProperties"] is False
    assert next(iter(schema["properties"])) == "task_type"
    assert list(schema["properties"])[-4:] == ["idempotency_key", "dry_run", "actor", "reason"]
    assert schema["properties"]["validation_checks"] == {
        "type": "boolean",
        "description": "False skips the guards of the stage it is born in.",
        "default": True,
    }
    assert schema["properties"]["parent_task_id"]["type"] == ["string", "null"]
    assert schema["properties"]["dependencies"]["items"]["required"] == ["dependency_task_id"]
    assert all("description" in argument for argument in schema["properties"].values())
    assert json.loads(json.dumps(schema)) == schema
