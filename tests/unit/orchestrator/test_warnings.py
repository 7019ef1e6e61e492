"""Warnings: whichever way a task came, its writer is told what cannot be read, and of which command."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.model.asking import make
from worklattice import Orchestrator
from worklattice.model.commands import CreateFromTemplate, CreateTask
from worklattice.query.request import QueryTasks, TaskFilters

TEMPLATE: Any = {
    "root_task": {
        "task_type": "t",
        "children": [{"task_type": "u", "attributes": {"resources": "{needed}"}}, {"task_type": "v"}],
    }
}
SCHEMA: Any = {"properties": {"needed": {}}}


@pytest.fixture(autouse=True)
def _template(wl: Orchestrator) -> None:
    wl.create_template("own", TEMPLATE, parameters_schema=SCHEMA)


def told(task_id: str) -> str:
    """What is said of a task that needs 5."""
    return (
        f'Task "{task_id}": attributes.resources is kept and holds nothing: '
        "5 is neither a name nor an object of name, units and capacity."
    )


def test_task_from_a_template(wl: Orchestrator) -> None:
    """Each task of the expansion is looked at, not only its root."""
    answer = wl.create_from_template("own", parameters={"needed": 5})
    assert answer.warnings == (told(answer.tasks_created[1].task_id),)
    assert wl.create_from_template("own", parameters={"needed": "lathe"}).warnings == ()


def test_task_expanded_under_a_new_one(wl: Orchestrator) -> None:
    """The new task comes first, then those of the expansion."""
    answer = wl.create_generic_task(
        "t", task_id="a", attributes={"resources": 5}, template_id="own", parameters={"needed": 5}
    )
    assert answer.tasks_created is not None
    assert answer.warnings == (told("a"), told(answer.tasks_created[1].task_id))


def test_commands_of_an_execute(wl: Orchestrator) -> None:
    """The answer has what each command warns of, a read too, with the command's place."""
    make(wl, "a")
    answer = wl.execute(
        [
            CreateTask(task_type="t", task_id="b"),
            CreateTask(task_type="t", task_id="c", attributes={"resources": 5}),
            CreateFromTemplate(template_id="own", parameters={"needed": 5}, task_id="d"),
            QueryTasks(filters=TaskFilters(created_after="2020-01-01T00:00")),
        ]
    )
    created, expanded, found = answer.results[1:]
    assert created.warnings == (told("c"),)
    assert len(expanded.warnings) == len(found.warnings) == 1
    assert answer.warnings == (
        f"arguments.commands[1]: {told('c')}",
        f"arguments.commands[2]: {expanded.warnings[0]}",
        f"arguments.commands[3]: {found.warnings[0]}",
    )


def test_warnings_are_given_again_under_their_key(wl: Orchestrator) -> None:
    """As the rest of the first answer."""
    commands = [CreateTask(task_type="t", task_id="c", attributes={"resources": 5})]
    first = wl.execute(commands, idempotency_key="k")
    assert wl.execute(commands, idempotency_key="k") == first
    assert first.warnings == (f"arguments.commands[0]: {told('c')}",)


def test_no_more_than_are_read(wl: Orchestrator) -> None:
    """An answer does not grow with every command that warns: 100 are listed."""
    commands = [CreateTask(task_type="t", attributes={"resources": 5}) for _ in range(120)]
    answer = wl.execute(commands)
    assert len(answer.warnings) == 100
    assert all(result.warnings for result in answer.results)


def test_times_without_zone_in_dispatched_commands(wl: Orchestrator) -> None:
    """What reading a payload accepts with a warning is said of the command in which it stands."""
    payload = {
        "tool": "orchestrator_create_generic_task",
        "arguments": {"task_type": "t", "not_before": "2025-01-01 00:00", "attributes": {"resources": 5}},
    }
    first = {"tool": "orchestrator_list_templates", "arguments": {}}
    answer = wl.dispatch(
        {"tool": "orchestrator_execute", "arguments": {"commands": [first, payload, payload]}}
    )
    warnings = answer["warnings"]
    assert isinstance(warnings, list)
    zone = '"2025-01-01 00:00" has no time zone and was read as UTC.'
    assert warnings[:2] == [f"arguments.commands[{index}]: {zone}" for index in (1, 2)]
    assert [str(text)[:22] for text in warnings[2:]] == ["arguments.commands[1]:", "arguments.commands[2]:"]
