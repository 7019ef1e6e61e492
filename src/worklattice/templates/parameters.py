"""Parameters that are given to a template: judged by its schema, and completed with its defaults.

A parameter that the schema does not name is refused, unless the schema says something about such ones itself
(`additionalProperties: true`, `patternProperties`): JSON Schema would let a mistyped name pass in silence.

Not here: what the schema may say (`worklattice.schema`).
"""

from __future__ import annotations

from itertools import islice

from worklattice.errors import Problem, TemplateParameterError
from worklattice.schema import hint, listed, written
from worklattice.templates.model import Template
from worklattice.types import LIMITS, JsonObject, copied, json_fault


def accepted(template: Template, parameters: JsonObject, base: str) -> JsonObject:
    """The parameters with defaults filled in; those given are neither changed nor shared.

    Raises `TemplateParameterError` with every problem, each with its path under `base`. Values are not
    repeated in messages: a secret may stand in the wrong place.
    """
    if fault := json_fault(parameters):
        raise TemplateParameterError.of(base + written(fault[0]), fault[1])
    applied, faults = template.parameters.completed(copied(parameters))
    problems = [*_unknown(template, parameters, base), *(fault.under(base) for fault in faults)]
    if problems:
        raise TemplateParameterError.all(problems)
    return dict(applied)


def _unknown(template: Template, parameters: JsonObject, base: str) -> list[Problem]:
    place = template.parameters.root
    if place.says_other_keys:
        return []
    unknown = islice((name for name in parameters if name not in place.names), LIMITS.problems)
    takes = f"; it takes {listed(place.names)}" if place.names else ", which takes none"
    return [
        Problem(
            field=base + written((name,)),
            message=f"is no parameter of this template{hint(name, place.names, otherwise=takes)}",
        )
        for name in unknown
    ]
