"""A workspace in memory that watches what a refused call leaves behind."""

from __future__ import annotations

import builtins
import io
import json
import os
import socket
import urllib.request
from typing import Any, NoReturn, TypeAlias

import pytest

import worklattice

Json: TypeAlias = Any

LONGEST_MESSAGE = 500


class Workspace:
    """Calls tools, and checks that refusals are whole: structured, short, and without a trace."""

    def __init__(self) -> None:
        self._opened = worklattice.open("memory:")

    def call(self, tool: str, **arguments: Json) -> Json:
        """The answer to a call, which can be written as JSON."""
        answer = self._opened.dispatch({"tool": f"orchestrator_{tool}", "arguments": arguments})
        json.dumps(answer, allow_nan=False).encode("utf-8")
        return answer

    def accepted(self, tool: str, **arguments: Json) -> Json:
        """The answer to a call that succeeds."""
        answer = self.call(tool, **arguments)
        assert answer["status"] == "success", answer
        return answer

    def refused(self, tool: str, **arguments: Json) -> Json:
        """The answer to a call that is refused and leaves nothing behind."""
        before = self._opened.dump()
        answer = self.call(tool, **arguments)
        assert answer["status"] == "error", answer
        assert answer["field"]
        problems = answer["details"].get("problems", [])
        for message in (answer["message"], *(problem["message"] for problem in problems)):
            assert 0 < len(message) <= LONGEST_MESSAGE
            assert not any(character < " " and character != "\n" for character in message)
        assert self._opened.dump() == before
        return answer

    def define(self, root: Json, parameters: Json = None, template_id: str = "t") -> Json:
        """Define a template that is sound."""
        return self.accepted("create_template", **_template(root, parameters, template_id))

    def refuse(self, root: Json, parameters: Json = None, template_id: str = "t") -> Json:
        """Define a template that is refused."""
        return self.refused("create_template", **_template(root, parameters, template_id))


def _template(root: Json, schema: Json, template_id: str) -> Json:
    given = {"template_id": template_id, "task_structure": {"root_task": root}}
    return given if schema is None else {**given, "parameters_schema": schema}


def forbid_reaching_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on no socket is opened and no file is read."""

    def refuse(*args: object, **_: object) -> NoReturn:
        raise AssertionError(f"reached out: {args}")

    for module, name in (
        (socket, "socket"),
        (socket, "create_connection"),
        (socket, "getaddrinfo"),
        (urllib.request, "urlopen"),
        (builtins, "open"),
        (io, "open"),
        (os, "open"),
    ):
        monkeypatch.setattr(module, name, refuse)
