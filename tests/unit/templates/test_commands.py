"""Templates as they are asked for: by id and version."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import worklattice
from worklattice import Orchestrator, TemplateNotFoundError

ASKING: dict[str, Callable[[Orchestrator], object]] = {
    "arguments.template_version": lambda wl: wl.create_from_template("plan", template_version=9),
    "arguments.version": lambda wl: wl.get_template("plan", version=9),
}


@pytest.mark.parametrize(("field", "ask"), ASKING.items())
def test_version_that_there_is_not(field: str, ask: Callable[[Orchestrator], object]) -> None:
    """The error blames the version, and offers the newest instead of the id that was given."""
    with worklattice.open("memory:") as wl:
        wl.create_template("plan", {"root_task": {"task_type": "t"}})
        with pytest.raises(TemplateNotFoundError) as missing:
            ask(wl)
    assert missing.value.field == field
    assert missing.value.suggestion == "Leave the version out to take the newest."
