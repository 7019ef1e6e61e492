import json
from datetime import UTC, datetime
from typing import Any

import pytest

import worklattice
from worklattice.errors import (
    CircularDependencyError,
    FilterSyntaxError,
    PrerequisitesNotMetError,
    StoreError,
    Unmet,
    WorklatticeError,
)
from worklattice.model.answers import DependenciesFound, History
from worklattice.model.commands import AddComment, Command, CreateTask, Execute, TaskUpdates, UpdateTask
from worklattice.model.reads import GetDependencies, GetTask
from worklattice.tools import Toolbox
from worklattice.tools.catalogue import TOOLS

TOOLBOX = Toolbox()


class Recorder:
    """Carries nothing out, answers an empty history, and remembers what it was asked."""

    def __init__(self) -> None:
        self.commands: list[Command[Any]] = []

    def __call__(self, command: Command[Any]) -> object:
        self.commands.append(command)
        return History(events=(), next_after=None)


def asked(tool: str, **arguments: object) -> Command[Any]:
    recorder = Recorder()
    answer = TOOLBOX.answer(recorder, {"tool": f"orchestrator_{tool}", "arguments": arguments})
    assert answer["status"] == "success"
    (command,) = recorder.commands
    return command


def refused(payload: object) -> dict[str, Any]:
    recorder = Recorder()
    answer: dict[str, Any] = TOOLBOX.answer(recorder, payload)
    assert answer["status"] == "error"
    assert list(answer) == ["status", "error_type", "message", "field", "suggestion", "details"]
    assert not recorder.commands
    return answer


def fields(answer: dict[str, Any]) -> list[str]:
    return [problem["field"] for problem in answer["details"]["problems"]]


def test_a_payload_is_carried_out() -> None:
    """The command that the payload describes is run, and what it answers is written as JSON."""
    assert asked("get_dependencies", task_id="a") == GetDependencies(task_id="a")
    found = DependenciesFound(task_id="a", dependencies=())
    payload = {"tool": "orchestrator_get_dependencies", "arguments": {"task_id": "a"}}
    for form in (payload, json.dumps(payload), json.dumps(payload).encode()):
        answer = TOOLBOX.answer(lambda _: found, form)
        assert answer == {"status": "success", "task_id": "a", "dependencies": []}


def test_the_tool_is_unknown() -> None:
    """A mistyped name is answered with the closest ones."""
    answer = refused({"tool": "orchestrator_get_taks"})
    assert (answer["error_type"], answer["field"]) == ("UnknownToolError", "tool")
    assert '"orchestrator_get_task"' in answer["suggestion"]


@pytest.mark.parametrize("tool", ["__class__", "", "x" * 100_000, "\ud800"])
def test_the_tool_is_nonsense(tool: str) -> None:
    """Where no name is close, all are named."""
    assert "orchestrator_get_task" in refused({"tool": tool})["suggestion"]


def test_the_prefix_is_missing() -> None:
    """A name without its prefix is answered with the right one, and not carried out."""
    answer = refused({"tool": "get_task", "arguments": {"task_id": "a"}})
    assert answer["suggestion"] == "Use one of: orchestrator_get_task."


def test_all_problems_of_a_call() -> None:
    """The answer lists every fault of the arguments, and its field is the first one's."""
    answer = refused({"tool": "orchestrator_get_task", "arguments": {"task_id": 1, "titel": 2}})
    assert answer["error_type"] == "ValidationError"
    assert set(fields(answer)) == {"arguments.task_id", "arguments.titel"}
    assert answer["field"] == fields(answer)[0]


def test_a_fault_that_hides_others() -> None:
    """Reading stops at an array that is too long; the published schema tells of the items in it too."""
    answer = refused({"tool": "orchestrator_query_tasks", "arguments": {"fields": ["status"] * 100 + [3]}})
    assert fields(answer) == ["arguments.fields", "arguments.fields[100]"]


def test_no_problem_is_told_twice() -> None:
    """What the codec and the schema both find stands there once."""
    sort = {"feld": "x"}
    answer = refused({"tool": "orchestrator_query_tasks", "arguments": {"sort": sort, "limit": 0}})
    assert sorted(fields(answer)) == ["arguments.limit", "arguments.sort.feld", "arguments.sort.field"]


def test_a_refusal_without_advice_of_its_own() -> None:
    """A suggestion is there where nothing better can be said than where to look."""
    answer = refused({"tool": "orchestrator_get_task", "arguments": {"include_comments": 1}})
    assert answer["suggestion"] == "The inputSchema of orchestrator_get_task in the catalogue says what fits."


@pytest.mark.parametrize(
    "error",
    [
        CircularDependencyError(
            field="arguments.dependencies[0]", cycle=("a", "b"), steps=("needs", "needs")
        ),
        FilterSyntaxError(field="arguments.custom_filter", reason="no", column=3, diagram="x\n^"),
        PrerequisitesNotMetError(task_id="a", action="start", unmet=(Unmet(kind="gate", text="red"),)),
        StoreError(kind="busy", reason="another writer is at it"),
    ],
)
def test_an_error_becomes_an_answer(error: WorklatticeError) -> None:
    """The facts of an error are those of the answer."""

    def run(_: Command[Any]) -> object:
        raise error

    answer = TOOLBOX.answer(run, {"tool": "orchestrator_get_history"})
    assert answer == {
        "status": "error",
        "error_type": type(error).__name__,
        "message": error.message,
        "field": error.field,
        "suggestion": error.suggestion,
        "details": error.details,
    }
    assert json.loads(json.dumps(answer)) == answer


def test_a_bug_is_seen() -> None:
    """What is no refusal is not dressed up as one."""

    def run(_: Command[Any]) -> object:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        TOOLBOX.answer(run, {"tool": "orchestrator_get_history"})


def test_a_warning_of_reading() -> None:
    """What was read with a warning is carried out, and the answer has the warning."""
    payload = {
        "tool": "orchestrator_create_generic_task",
        "arguments": {"task_type": "a", "not_before": "2025-01-01 00:00"},
    }
    recorder = Recorder()
    answer = TOOLBOX.answer(recorder, payload)
    assert answer["warnings"] == ['"2025-01-01 00:00" has no time zone and was read as UTC.']
    assert recorder.commands == [CreateTask(task_type="a", not_before=datetime(2025, 1, 1, tzinfo=UTC))]


def test_an_execute() -> None:
    """The payloads of an execute become commands, reads among them."""
    command = asked(
        "execute",
        commands=[
            {"tool": "orchestrator_get_task", "arguments": {"task_id": "a"}},
            {"tool": "orchestrator_add_comment", "arguments": {"task_id": "a", "text": "hm"}},
        ],
        dry_run=True,
    )
    assert command == Execute(
        commands=(GetTask(task_id="a"), AddComment(task_id="a", text="hm")), dry_run=True
    )


def test_faults_inside_of_an_execute() -> None:
    """Every payload is looked at; paths lead into the one that is to blame."""
    commands = [
        {"tool": "orchestrator_get_task", "arguments": {"task_id": "a/b"}},
        {"tool": "orchestrator_get_history"},
        "nonsense",
        {"tool": "orchestrator_execute", "arguments": {"commands": []}},
        {"tool": "orchestrator_update_task", "arguments": {"task_id": "a", "updates": {"jion": 1}}},
    ]
    answer = refused({"tool": "orchestrator_execute", "arguments": {"commands": commands}})
    assert fields(answer) == [
        "arguments.commands[0].arguments.task_id",
        "arguments.commands[2]",
        "arguments.commands[3].tool",
        "arguments.commands[4].arguments.updates.jion",
    ]


def test_an_unknown_tool_inside_of_an_execute() -> None:
    """A payload of an unknown tool is refused as such."""
    answer = refused(
        {"tool": "orchestrator_execute", "arguments": {"commands": [{"tool": "orchestrator_x"}]}}
    )
    assert (answer["error_type"], answer["field"]) == ("UnknownToolError", "arguments.commands[0].tool")


@pytest.mark.parametrize("commands", [None, {}, "x", [], [{"tool": "orchestrator_list_templates"}] * 10_001])
def test_an_execute_of_nothing_or_too_much(commands: object) -> None:
    """An execute takes 1 to 10,000 payloads."""
    answer = refused({"tool": "orchestrator_execute", "arguments": {"commands": commands}})
    assert answer["field"] == "arguments.commands"


def test_an_execute_with_faults_of_its_own() -> None:
    """The other arguments of an execute are checked too."""
    commands = [{"tool": "orchestrator_list_templates"}]
    answer = refused({"tool": "orchestrator_execute", "arguments": {"commands": commands, "dryrun": True}})
    assert fields(answer) == ["arguments.dryrun"]


def test_values_of_the_caller_are_not_changed() -> None:
    """Reading leaves the payload as it was."""
    payload = {
        "tool": "orchestrator_execute",
        "arguments": {"commands": [{"tool": "orchestrator_get_task", "arguments": {"task_id": "a"}}]},
    }
    before = json.dumps(payload)
    TOOLBOX.answer(Recorder(), payload)
    assert json.dumps(payload) == before


def test_no_value_means_no_change() -> None:
    """An update of nothing keeps what null would take away."""
    assert asked("update_task", task_id="a", updates={}) == UpdateTask(task_id="a", updates=TaskUpdates())


def test_tools_without_arguments() -> None:
    """A tool that requires nothing can be called with nothing."""
    assert asked("list_templates") == TOOLS["orchestrator_list_templates"].command()


@pytest.mark.parametrize(
    ("tool", "arguments", "error_type"),
    [
        (
            "create_template",
            {"task_structure": {"root_task": {"task_type": "\x00"}}},
            "TemplateValidationError",
        ),
        ("create_template", {"task_structure": 3}, "TemplateValidationError"),
        ("create_template", {"task_structure": {}, "parameters_schema": []}, "TemplateValidationError"),
        (
            "create_template",
            {"task_structure": {}, "parameters_schema": {"enum": [2**70]}},
            "TemplateValidationError",
        ),
        ("create_template", {"task_structure": 3, "name": 3}, "ValidationError"),
        ("create_template", {"task_structure_": 3}, "ValidationError"),
        ("create_template", {}, "ValidationError"),
        ("create_from_template", {"parameters": {"a": "\ud800"}}, "TemplateParameterError"),
        ("create_from_template", {"parameters": 3}, "TemplateParameterError"),
        ("create_from_template", {"parameters": 3, "task_id": "a/b"}, "ValidationError"),
    ],
)
def test_the_kind_of_an_error_follows_from_where_it_is(tool: str, arguments: Any, error_type: str) -> None:
    """Faults in a template and in its parameters have errors of their own, also those of a value's form."""
    payload = {"tool": f"orchestrator_{tool}", "arguments": {"template_id": "x", **arguments}}
    with worklattice.open("memory:") as wl:
        assert wl.dispatch(payload)["error_type"] == error_type
        answer = wl.dispatch({"tool": "orchestrator_execute", "arguments": {"commands": [payload, payload]}})
        assert answer["error_type"] == error_type
        odd = {"tool": "orchestrator_execute", "arguments": {"commands": [payload, {"tool": 1}]}}
        assert wl.dispatch(odd)["error_type"] == "ValidationError"
