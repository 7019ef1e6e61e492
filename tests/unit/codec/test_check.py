from datetime import UTC, datetime
from typing import Any

import pytest

from worklattice import codec
from worklattice.errors import ValidationError
from worklattice.model.commands import (
    BatchCreate,
    CreateTask,
    DependencySpec,
    Execute,
    ManageDependencies,
    NewTask,
    TaskUpdates,
    UpdateTask,
)
from worklattice.model.reads import GetTask
from worklattice.query.request import QueryTasks, TaskFilters


def fields(command: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        codec.check(command)
    return [problem.field for problem in caught.value.problems]


@pytest.mark.parametrize(
    "command",
    [
        CreateTask(task_type="a", not_before=datetime(2025, 1, 1, tzinfo=UTC), join=2),
        UpdateTask(task_id="a", updates=TaskUpdates(parent_task_id=None)),
        QueryTasks(filters=TaskFilters(status=("blocked",), parent_task_id=(None, "a"))),
        Execute(commands=(GetTask(task_id="a"), CreateTask(task_type="a"))),
    ],
    ids=lambda command: type(command).__name__,
)
def test_a_command_as_it_should_be(command: Any) -> None:
    """What JSON could have said passes."""
    codec.check(command)


def test_every_fault_of_a_command() -> None:
    """A command built in Python is held to the forms of one from JSON, with the same paths."""
    unchecked: Any = {"when": datetime(2025, 1, 1)}  # noqa: DTZ001 - that is the fault
    command = BatchCreate(
        tasks=(
            NewTask(task_type="", attributes=unchecked),
            NewTask(
                task_type="a",
                task_id="a/b",
                dependencies=(DependencySpec(dependency_task_id="x", lag="1 y"),),
            ),
        ),
        idempotency_key="k" * 201,
    )
    assert fields(command) == [
        "arguments.tasks[0].task_type",
        "arguments.tasks[0].attributes.when",
        "arguments.tasks[1].task_id",
        "arguments.tasks[1].dependencies[0].lag",
        "arguments.idempotency_key",
    ]


def test_a_time_in_python() -> None:
    """Where JSON has a text, Python has an aware `datetime` and nothing else."""
    naive, text = datetime(2025, 1, 1), "2025-01-01T00:00:00Z"  # noqa: DTZ001
    for moment in (naive, text):
        given: Any = moment
        assert fields(CreateTask(task_type="a", not_before=given)) == ["arguments.not_before"]


def test_a_value_of_the_wrong_class() -> None:
    """A dict where a value belongs is told as such; nothing is read into it."""
    given: Any = {"dependency_task_id": "a"}
    command = ManageDependencies(task_id="b", dependencies=(given,))
    assert fields(command) == ["arguments.dependencies[0]"]


def test_commands_inside_a_command() -> None:
    """The commands of an execute are checked each by its own forms."""
    nonsense: Any = "nonsense"
    command = Execute(commands=(GetTask(task_id="a/b"), nonsense))
    assert fields(command) == ["arguments.commands[0].task_id", "arguments.commands[1]"]
