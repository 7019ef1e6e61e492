"""The fields of values with their types resolved: annotations are written as text, and JSON types recurse."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import attrs


class AnyJson:
    """Stands for `JsonValue` in resolved types: whatever is inside is one JSON value."""


class AnyJsonObject:
    """Stands for `JsonObject` in resolved types."""


_MEANT: Final = {"JsonValue": AnyJson, "JsonObject": AnyJsonObject}


@cache
def fields_of(cls: type) -> tuple[attrs.Attribute[Any], ...]:
    """The fields of an attrs class, those of its bases first."""
    attrs.resolve_types(cls, localns=_MEANT)
    return attrs.fields(cls)
