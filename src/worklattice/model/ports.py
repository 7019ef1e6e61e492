"""What the model is handed from outside, beside the view of a store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from worklattice.errors import Problem
from worklattice.types import JsonObject


class Schemas(Protocol):
    """Judges by JSON Schema; the model knows no implementation of it."""

    def definition_problems(self, schema: JsonObject, path: str) -> Sequence[Problem]:
        """What is wrong with a schema itself, which stands at `path` of the arguments."""
        ...

    def problems(self, schema: JsonObject, value: JsonObject, path: str) -> Sequence[Problem]:
        """What is wrong with a value, which stands at `path`, by a schema that has no problems itself."""
        ...
