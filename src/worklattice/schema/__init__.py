"""JSON Schemas that users give: checked when they are defined, bounded when they judge.

A schema describes the parameters of a template or the attributes of a task type. It is Draft 2020-12 without
what reaches beyond it (`definition`), with patterns that cannot run away (`patterns`) and formats that are
checked (`formats`). `judging` is the only module of the library that imports jsonschema, when something is
first judged; a value's faults come as paths and messages that never repeat it (`faults`).

What is left of a schema once it is read (`compiled`) judges by its `keywords`, of which `assertions` look at
a value alone, by the `equality` of JSON values, and within a `budget`. `places` says what it lets one expect
where, and `pattern_syntax` reads patterns.

Not here: what becomes of a fault (an error of `worklattice.errors`, raised by whoever asked), and the schemas
of the tools (`worklattice.tools`).
"""

from worklattice.errors import written
from worklattice.schema.compiled import Schema, compile_schema
from worklattice.schema.faults import FaultySchemaError, Path, SchemaFault, hint, listed
from worklattice.schema.keywords import TYPES
from worklattice.schema.places import Place

__all__ = [
    "TYPES",
    "FaultySchemaError",
    "Path",
    "Place",
    "Schema",
    "SchemaFault",
    "compile_schema",
    "hint",
    "listed",
    "written",
]
