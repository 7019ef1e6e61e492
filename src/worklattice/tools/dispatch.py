"""Answering payloads: the only place where errors become answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from worklattice import codec
from worklattice.errors import ProblemsError, UnknownToolError, ValidationError, WorklatticeError
from worklattice.model.commands import Command, Execute
from worklattice.tools.catalogue import PREFIX, TOOLS, catalogue
from worklattice.tools.payloads import opened, parsed, within
from worklattice.tools.refusals import explained, refusal
from worklattice.types import LIMITS, JsonObject

Run: TypeAlias = Callable[[Command[Any]], object]
"""Carries a command out and gives its answer, or raises a `WorklatticeError`."""


class Toolbox:
    """Turns payloads into commands, and what comes of them into answers. Safe to share between threads."""

    def catalogue(self) -> list[JsonObject]:
        """The tools in MCP form: name, description, schemas, annotations."""
        return catalogue()

    def answer(self, run: Run, payload: object) -> JsonObject:
        """The answer to a payload: a `dict`, or JSON text or bytes.

        Whatever the payload is, the answer is a `dict` of JSON values that nobody else holds. Only what is no
        refusal, a bug, is raised.
        """
        warnings: list[str] = []
        try:
            command = _command(parsed(payload), "", warnings)
            answer: dict[str, Any] = {"status": "success", **codec.unstructure(run(command))}
        except WorklatticeError as error:
            return refusal(error)
        if warnings:
            answer["warnings"] = [*warnings, *answer.get("warnings", ())]
        return answer


def _command(payload: object, at: str, warnings: list[str]) -> Command[Any]:
    """The command that a payload asks for; `at` is the path of a payload inside another."""
    name, arguments = opened(payload, at)
    tool = TOOLS.get(name)
    if tool is None:
        candidates = (PREFIX + name,) if PREFIX + name in TOOLS else tuple(TOOLS)
        raise UnknownToolError(field=within(at, "tool"), name=name, candidates=candidates)
    path = within(at, "arguments")
    given = arguments
    if tool.command is Execute:
        if at:
            raise ValidationError.of(within(at, "tool"), "an execute cannot stand inside another")
        given = _with_commands(arguments, path, warnings)
    try:
        return codec.structure(tool.command, given, path, warnings=warnings)
    except ProblemsError as error:
        raise explained(tool, arguments, path, error) from None


def _with_commands(arguments: dict[Any, Any], path: str, warnings: list[str]) -> dict[Any, Any]:
    """The arguments of an execute with commands in place of its payloads; all of them are looked at."""
    payloads = arguments.get("commands")
    if not isinstance(payloads, list | tuple) or len(payloads) > LIMITS.batch_tasks:
        return arguments
    commands: list[Command[Any]] = []
    faulty: list[ProblemsError] = []
    count = 0
    for index, payload in enumerate(payloads):
        at, own = f"{path}.commands[{index}]", list[str]()
        try:
            commands.append(_command(payload, at, own))
            warnings += (f"{at}: {text}" for text in own)
        except ProblemsError as error:
            faulty.append(error)
            count += len(error.problems)
            if count >= LIMITS.problems:
                break
    if faulty:
        raise _together(faulty)
    return {**arguments, "commands": commands}


def _together(faulty: Sequence[ProblemsError]) -> ProblemsError:
    """The error of several payloads, of the kind that all of them have."""
    kinds = {type(error) for error in faulty}
    kind = kinds.pop() if len(kinds) == 1 else ValidationError
    hint = next((error.hint for error in faulty if error.hint), None)
    problems = [problem for error in faulty for problem in error.problems]
    return kind.all(problems[: LIMITS.problems], hint=hint)
