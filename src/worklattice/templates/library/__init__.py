"""The shipped templates: one JSON file each, named after its id, read when it is first asked for.

Not here: templates of workspaces, which are events and rows like everything else.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from worklattice.types import JsonObject, copied

_SUFFIX = ".json"


@cache
def template_ids() -> tuple[str, ...]:
    """The ids of the shipped templates, sorted."""
    names = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)))


def definition(template_id: str) -> JsonObject | None:
    """The definition of a shipped template, the caller's to keep; None where none has the id."""
    if template_id not in template_ids():
        return None
    document: JsonObject = copied(_read(template_id))
    return document


@cache
def _read(template_id: str) -> Any:  # noqa: ANN401 - what JSON holds
    return json.loads(files(__name__).joinpath(template_id + _SUFFIX).read_text(encoding="utf-8"))
