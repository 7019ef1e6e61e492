"""A workspace in which something happened."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.model.asking import make, need
from worklattice import Orchestrator

LETTER: dict[str, Any] = {
    "stages": {
        "written": {"status": "pending", "roles": ["startable"]},
        "sent": {"status": "completed", "roles": ["succeeded"]},
    },
    "transitions": {"written": ["sent"]},
}


@pytest.fixture
def lived(wl: Orchestrator) -> Orchestrator:
    """A workspace with a line of each kind, and tasks that refer to younger ones."""
    wl.register_task_type("letter", lifecycle=LETTER, attributes_schema={"type": "object"})
    wl.define_calendar("office", {"working_hours": {"mon-fri": ["09:00-17:00"]}, "windows": "2025-06-15"})
    wl.create_template("idea", {"root_task": {"task_type": "task"}})
    make(wl, "a", "b", "p")
    wl.create_generic_task("letter", task_id="letter", attributes={"n": 1.5, "text": "\u2028\x85ä\n"})
    wl.update_task("a", parent_task_id="p")
    wl.manage_lifecycle("b", "superseded", superseded_by="letter")
    need(wl, "a", "b", lag="90 minutes")
    wl.manage_dependencies("a", operation="waive", dependency_ids=["b"], reason="so")
    wl.add_artifact("p", "file", content={"x": [1, None]})
    wl.add_comment("a", "one\ntwo", actor="ada")
    return wl
