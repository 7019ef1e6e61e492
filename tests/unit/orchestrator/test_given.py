"""What the methods take in place of values, and what would be mistaken for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import pytest

from tests.unit.model.asking import make
from worklattice import Orchestrator, TaskUpdates, ValidationError

Ask: TypeAlias = Callable[[Orchestrator], object]

ASKS: Final[list[tuple[Ask, str]]] = [
    (lambda wl: wl.create_generic_task("t", dependencies="abc"), "arguments.dependencies"),
    (lambda wl: wl.manage_dependencies("a", "abc"), "arguments.dependencies"),
    (
        lambda wl: wl.manage_dependencies("a", operation="remove", dependency_ids="abc"),
        "arguments.dependency_ids",
    ),
    (lambda wl: wl.get_task(task_ids="abc"), "arguments.task_ids"),
    (lambda wl: wl.bulk_update(TaskUpdates(), task_ids="abc"), "arguments.task_ids"),
    (lambda wl: wl.manage_lifecycle("a", "active", notify_channels="abc"), "arguments.notify_channels"),
]


@pytest.mark.parametrize(("ask", "field"), ASKS)
def test_text_in_place_of_a_list_is_refused(wl: Orchestrator, ask: Ask, field: str) -> None:
    """Its letters, which it would give as an iterable, are not what was meant."""
    make(wl, "a", "b", "c")
    with pytest.raises(ValidationError) as caught:
        ask(wl)
    assert (caught.value.field, caught.value.suggestion) == (field, 'Write ["abc"].')
