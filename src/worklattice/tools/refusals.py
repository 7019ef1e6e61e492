"""What was wrong with a call, as an answer.

Not here: the errors themselves and what they say (`worklattice.errors`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from worklattice import codec
from worklattice.errors import Problem, ProblemsError, WorklatticeError, written
from worklattice.schema import Schema, compile_schema
from worklattice.tools.catalogue import TOOLS, Tool
from worklattice.types import LIMITS, JsonObject, copied, json_fault

_LONGEST_PATH: Final = 300
_ENOUGH: Final = 100_000
"""Objects and arrays in a schema: ours are not bounded."""


def refusal(error: WorklatticeError) -> JsonObject:
    """The answer to a call that is refused. It shares nothing with the error."""
    details = copied(error.details)
    if "problems" in details:
        del details["problems"][LIMITS.problems :]
    for problem in details.get("problems", ()):
        problem["field"] = _readable(problem["field"])
    return {
        "status": "error",
        "error_type": error.error_type,
        "message": error.message,
        "field": None if error.field is None else _readable(error.field),
        "suggestion": error.suggestion,
        "details": details,
    }


def _readable(path: str) -> str:
    """A path that may hold a caller's keys, escaped and cut."""
    text = path if path.isprintable() else json.dumps(path)[1:-1]
    return text if len(text) <= _LONGEST_PATH else text[: _LONGEST_PATH - 1] + "…"


def explained(tool: Tool, arguments: JsonObject, path: str, found: ProblemsError) -> ProblemsError:
    """The error that says everything that is wrong with arguments which could not be read.

    The codec's own words come first; the published schema adds what it finds elsewhere. Where all of it is
    wrong with a template, or with its parameters, the error is the one that these have.
    """
    hint = found.hint or f"The inputSchema of {tool.name} in the catalogue says what fits."
    if fault := json_fault(arguments, -codec.ENVELOPE):
        where = path + written(fault[0])
        return _kind(arguments, path, [where]).of(where, fault[1], hint=hint)
    published = [fault.under(path) for fault in _schema(tool.name).faults(copied(arguments))]
    more = [problem for problem in published if not _is_said(problem, found)]
    problems = [*found.problems, *more]
    return _kind(arguments, path, [problem.field for problem in problems]).all(problems, hint=hint)


def _kind(arguments: JsonObject, path: str, fields: Iterable[str]) -> type[ProblemsError]:
    """The error for faults at these paths; an argument that is missing is a fault of the call."""
    names = (re.split(r"[.\[]", field.removeprefix(f"{path}."), maxsplit=1)[0] for field in fields)
    return codec.error_of(name if name in arguments else "" for name in names)


def _is_said(problem: Problem, found: ProblemsError) -> bool:
    """Whether a problem was found at the same place or inside of it."""
    inside = (f"{problem.field}.", f"{problem.field}[")
    return any(known.field == problem.field or known.field.startswith(inside) for known in found.problems)


@cache
def _schema(tool_name: str) -> Schema:
    return compile_schema(codec.input_schema(TOOLS[tool_name].command), node_limit=_ENOUGH)
