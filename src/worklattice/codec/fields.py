"""The fields of commands and answers, with their types resolved: annotations are texts, and JSON recurses."""

from __future__ import annotations

from typing import Any, Final

import attrs

from worklattice.model.answers import Written
from worklattice.model.commands import Write


class AnyJson:
    """Stands for `JsonValue` in resolved types: whatever is inside is one JSON value."""


class AnyJsonObject:
    """Stands for `JsonObject` in resolved types."""


_MEANT: Final = {"JsonValue": AnyJson, "JsonObject": AnyJsonObject}
_SHARED: Final = (Write, Written)


def fields_of(cls: type) -> list[attrs.Attribute[Any]]:
    """The fields of an attrs class: its own first, then what all writes share."""
    attrs.resolve_types(cls, localns=_MEANT)
    shared = {field.name for base in _SHARED if issubclass(cls, base) for field in attrs.fields(base)}
    return sorted(attrs.fields(cls), key=lambda field: field.name in shared)
