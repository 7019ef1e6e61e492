import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from worklattice import codec
from worklattice.model.commands import Execute, answer_type
from worklattice.orchestrator.reading import READS
from worklattice.orchestrator.writing import DECISIONS
from worklattice.schema import compile_schema
from worklattice.tools import Toolbox
from worklattice.tools.catalogue import TOOLS, Tool

CATALOGUE: list[Any] = Toolbox().catalogue()

every_entry = pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: str(entry["name"]))
every_tool = pytest.mark.parametrize("tool", TOOLS.values(), ids=lambda tool: tool.name)


@every_entry
def test_what_mcp_clients_read(entry: dict[str, Any]) -> None:
    """Each tool has a name, a description, schemas of objects, and its hints."""
    assert list(entry) == ["name", "description", "inputSchema", "outputSchema", "annotations"]
    assert entry["name"].startswith("orchestrator_")
    assert entry["description"][-1] == "."
    assert entry["inputSchema"]["type"] == entry["outputSchema"]["type"] == "object"
    assert list(entry["annotations"]) == ["readOnlyHint", "destructiveHint", "idempotentHint"]
    assert json.loads(json.dumps(entry)) == entry


@every_entry
def test_schemas_are_json_schema(entry: dict[str, Any]) -> None:
    """Every published schema is one of Draft 2020-12."""
    Draft202012Validator.check_schema(entry["inputSchema"])
    Draft202012Validator.check_schema(entry["outputSchema"])


@every_entry
def test_every_argument_is_explained(entry: dict[str, Any]) -> None:
    """Each argument, and each field of the objects in it, says what it is for."""
    assert not list(_unexplained(entry["inputSchema"]))


def _unexplained(schema: dict[str, Any]) -> list[str]:
    named = schema.get("properties", {})
    missing = [name for name, part in named.items() if "description" not in part]
    inside = [*named.values(), *schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])]
    return missing + [name for part in inside for name in _unexplained(part)]


@every_tool
def test_our_schemas_keep_to_what_is_read_of_schemas(tool: Tool) -> None:
    """The published schemas pass the checks that schemas of callers pass, patterns included."""
    compile_schema(codec.input_schema(tool.command), node_limit=10_000)


@every_tool
def test_what_only_reads_says_so(tool: Tool) -> None:
    """A tool is read-only exactly if its command changes nothing."""
    assert tool.effects.reads_only == (tool.command in READS)
    assert not (tool.effects.reads_only and tool.effects.may_destroy)


def test_every_command_is_a_tool() -> None:
    """What the orchestrator carries out can be asked for by a tool, and answers what the tool says."""
    by_command = {tool.command: tool.answer for tool in TOOLS.values()}
    assert by_command.keys() == READS.keys() | DECISIONS.keys() | {Execute}
    assert by_command == {command: answer_type(command) for command in by_command}


def test_the_catalogue_belongs_to_the_caller() -> None:
    """Whoever changes a catalogue changes it for nobody else."""
    mine: list[Any] = Toolbox().catalogue()
    mine[0]["inputSchema"]["properties"].clear()
    mine[0]["outputSchema"]["oneOf"][1]["properties"].clear()
    assert Toolbox().catalogue() == CATALOGUE
